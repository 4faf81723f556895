"""Hours as people state them: at, just under and just over every number, and that no hour is lost or made by placing
topics. Without a database: areas and topics are only asked for their numbers and names."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clee_portal.refusal import Refused
from training import hours
from training.hours import Line
from training.models import Area, Topic

LEGAL = Area(pk=1, code="legal", name="Legal Studies", order=1)
SKILL = Area(pk=2, code="skill", name="Skill Development", order=2)
FIREARMS = Topic(pk=1, code="firearms", name="Firearms", order=1, usual_area=SKILL, only_area=SKILL)
BIAS = Topic(pk=2, code="bias", name="Implicit Bias", order=2, usual_area=LEGAL)


@pytest.mark.parametrize(
    ("given_as", "read"),
    [
        ("", "0.00"), ("  2 ", "2.00"), ("+2", "2.00"), ("1,25", "1.25"), (".5", "0.50"), ("2.", "2.00"),
        ("2000", "2000.00"), (2000, "2000.00"), (0, "0.00"), (Decimal("0.01"), "0.01"), (1.1, "1.10"),
        (2.675, None), (1.2300001, "1.23"), (1.2300011, None), (1.000001, None), (1.234, None), ("1,234", None),
        ("1.234", None), ("1.2.3", None), ("two", None), ("1e2", None), ("-0.01", None), (-1, None), ("2000.01", None),
        ("12,345", None),
        (float("nan"), None), (float("inf"), None), (Decimal("sNaN"), None),
    ],
)  # fmt: skip
def test_number_of_hours(given_as, read):
    if read is None:
        with pytest.raises(Refused):
            hours.parse_hours(given_as)
    else:
        assert str(hours.parse_hours(given_as)) == read


@pytest.mark.parametrize(
    ("given_as", "words"),
    [
        ("two", "“two” is not a number of hours. Write it like 1.5."),
        (float("nan"), "“nan” is not a number of hours. Write it like 1.5."),
        (Decimal("NaN"), "“NaN” is not a number of hours. Write it like 1.5."),
        ("-1", "Hours cannot be negative."),
        ("2000.01", "2000.01 hours is more than one class can give."),
        ("1.005", "1.005 has more than two decimals. Round it to hundredths of an hour."),
    ],
)
def test_why_it_is_none(given_as, words):
    with pytest.raises(Refused) as refused:
        hours.parse_hours(given_as)
    assert refused.value.message == words


def test_days_hold_twenty_four_hours_each():
    hours.check_days(Decimal(24), 1)
    hours.check_days(Decimal(48), 2)
    for given_as, days, held in ((Decimal("24.01"), 1, "1 day holds"), (Decimal("48.01"), 2, "2 days hold")):
        with pytest.raises(Refused) as refused:
            hours.check_days(given_as, days)
        assert refused.value.message == f"{given_as} hours is more than {held}. Check the hours and the dates."
        assert refused.value.field == "hours"


def test_total_of_nothing_is_none_and_of_lines_their_sum():
    assert repr(hours.total([])) == "Decimal('0')"
    assert hours.total([Line(LEGAL, None, Decimal("1.5")), Line(SKILL, None, Decimal(2))]) == Decimal("3.5")


def test_topics_lie_inside_their_areas():
    placed = hours.lines_with_topics_placed(
        {SKILL: Decimal(3), LEGAL: Decimal(2)}, {(SKILL, FIREARMS): Decimal(1), (LEGAL, BIAS): Decimal(2)}
    )
    assert placed == (
        Line(LEGAL, BIAS, Decimal(2)), Line(SKILL, None, Decimal(2)), Line(SKILL, FIREARMS, Decimal(1)),
    )  # fmt: skip
    assert hours.lines_with_topics_placed({LEGAL: Decimal(1)}, {(LEGAL, BIAS): Decimal(0)}) == (
        Line(LEGAL, None, Decimal(1)),
    )


@pytest.mark.parametrize(
    ("by_area", "in_areas", "field", "words"),
    [
        ({}, {}, "hours", "Give the hours of at least one area."),
        ({LEGAL: Decimal(0)}, {}, "hours", "Give the hours of at least one area."),
        (
            {LEGAL: Decimal(2)}, {(LEGAL, FIREARMS): Decimal(1)}, "topic:firearms",
            "Firearms can only lie in Skill Development.",
        ),
        (
            {LEGAL: Decimal(2)}, {(SKILL, FIREARMS): Decimal(1)}, "topic:firearms",
            "Firearms lies in Skill Development, which has no hours.",
        ),
        (
            {LEGAL: Decimal("2.00")}, {(LEGAL, BIAS): Decimal("2.01")}, "area:legal",
            "The topics inside Legal Studies come to 2.01 hours, but Legal Studies has only 2. Topics lie inside the "
            "hours of their area, never on top.",
        ),
    ],
)  # fmt: skip
def test_topics_that_do_not_fit_their_areas(by_area, in_areas, field, words):
    with pytest.raises(Refused) as refused:
        hours.lines_with_topics_placed(by_area, in_areas)
    assert (refused.value.field, refused.value.message) == (field, words)


@pytest.mark.parametrize(
    ("by_area", "topics", "words"),
    [
        (
            {LEGAL: Decimal(9)}, {FIREARMS: Decimal(1)},
            "1 hour of Firearms does not fit into the hours of Skill Development.",
        ),
        (
            {LEGAL: Decimal(1), SKILL: Decimal(1)}, {BIAS: Decimal(3)},
            "3 hours of Implicit Bias do not fit into the hours left in any area.",
        ),
        (
            {SKILL: Decimal(2)}, {FIREARMS: Decimal(1), BIAS: Decimal("1.5")},
            "1.5 hours of Implicit Bias do not fit into the hours left in any area.",
        ),
    ],
)  # fmt: skip
def test_topics_that_fit_nowhere(by_area, topics, words):
    with pytest.raises(Refused) as refused:
        hours.lines_with_topics_anywhere(by_area, topics)
    assert refused.value.message == f"{words} Topics lie inside the hours, never on top."
    assert refused.value.field == f"topic:{list(topics)[-1].code}"


def test_topic_goes_to_its_usual_area_first_and_then_wherever_there_is_room():
    placed = hours.lines_with_topics_anywhere({SKILL: Decimal(4), LEGAL: Decimal(1)}, {BIAS: Decimal(3)})
    assert placed == (Line(LEGAL, BIAS, Decimal(1)), Line(SKILL, None, Decimal(2)), Line(SKILL, BIAS, Decimal(2)))


def test_topic_bound_to_an_area_is_placed_before_any_other():
    both = {BIAS: Decimal(2), FIREARMS: Decimal(2)}
    placed = hours.lines_with_topics_anywhere({SKILL: Decimal(3), LEGAL: Decimal(1)}, both)
    assert placed == (Line(LEGAL, BIAS, Decimal(1)), Line(SKILL, FIREARMS, Decimal(2)), Line(SKILL, BIAS, Decimal(1)))


SOME_HOURS = some.decimals(0, 10, places=2)


@given(some.dictionaries(some.sampled_from([LEGAL, SKILL]), SOME_HOURS), SOME_HOURS, SOME_HOURS)
def test_no_hour_is_lost_or_made(by_area, firearms, bias):
    whole = sum(by_area.values(), Decimal(0))
    fits = firearms <= by_area.get(SKILL, 0) and firearms + bias <= whole and whole > 0
    try:
        placed = hours.lines_with_topics_anywhere(by_area, {FIREARMS: firearms, BIAS: bias})
    except Refused:
        assert not fits
        return
    assert fits
    assert hours.total(placed) == whole
    assert all(line.hours > 0 for line in placed)
    for topic, wanted in ((FIREARMS, firearms), (BIAS, bias)):
        assert hours.total([line for line in placed if line.topic is topic]) == wanted
    for area, wanted in by_area.items():
        assert hours.total([line for line in placed if line.area is area]) == wanted
