"""Whom a provider finds by what it writes: its own people by name or number, anybody else by both together."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from training import attendees
from training.matched_line import Fate
from training.matching import Certainty, People
from training.matching_lines import match_lines
from training.names import Name
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 2, 10)
C, H, IGNORED = Fate.CREDITED, Fate.HELD, Fate.IGNORED


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy")


@pytest.fixture
def own(academy, agency):
    """Somebody who was in a class of the academy."""
    officer = make.officer(agency, name="Renee Abbott", license_number="38120")
    make.record(officer, DAY, course=make.provider_course(academy, "Report writing"))
    return officer


@pytest.fixture
def stranger(agency):
    """Somebody the academy never saw."""
    return make.officer(agency, name="Marcus Calloway", license_number="40218")


def fates(academy, text: str) -> list[tuple]:
    lines = match_lines(text, body=academy, day=DAY)
    return [(one.fate, one.person.license_number if one.person else "") for one in lines]


def test_its_own_people_are_found_by_name_and_by_number(academy, own):
    assert fates(academy, "Abbott, Renee\n") == [(C, "38120")]
    assert fates(academy, "38120") == [(C, "38120")]
    assert fates(academy, "38120 Abbott") == [(C, "38120")]


@pytest.mark.parametrize(
    "text", ["40218 Marcus Calloway", "Calloway, Marcus\t40218", "Marcus Calloway, 40218", "40218 M. Calloway"]
)
def test_somebody_else_is_found_by_number_and_name(academy, own, stranger, text):
    assert fates(academy, text) == [(C, "40218")]


@pytest.mark.parametrize("text", ["{}", "{} Calloway", "{} Renata Moss", "Number {}, Renata Moss", "{} {}"])
def test_a_number_that_somebody_has_is_told_no_more_of_than_one_nobody_has(academy, own, stranger, text):
    """Neither who has it, nor that anybody has: the same words, by as many statements."""

    def told(number):
        with CaptureQueriesContext(connection) as asked:
            lines = match_lines(text.format(number, number), body=academy, day=DAY)
        shown = [
            (one.fate, one.wrong, one.fix, one.candidates, one.person, one.named, one.is_for_post) for one in lines
        ]
        return repr(shown).replace(number, "N"), len(asked)

    assert told("40218") == told("40219")
    assert "Calloway" not in told("40218")[0].replace("Calloway’s", "") or "Calloway" in text
    assert "Marcus" not in told("40218")[0]


def test_a_name_alone_finds_nobody_else(academy, own, stranger):
    [one] = match_lines("Marcus Calloway", body=academy, day=DAY)
    assert (one.fate, one.candidates, one.is_for_post) == (H, (), False)
    assert one.wrong == "Nobody in earlier classes of Lakeland Academy is called Marcus Calloway."


def test_where_a_stranger_serves_is_not_told(academy, stranger, agency):
    [one] = match_lines("40218 Marcus Calloway", body=academy, day=DAY)
    assert one.person.agencies == ()
    assert agency.name not in repr(one)


def test_a_former_number_is_a_hint_only_beside_the_name(academy, stranger):
    stranger.former_numbers.create(license_number="10001", used_until=DAY)
    [bare] = match_lines("10001", body=academy, day=DAY)
    [named] = match_lines("10001 Marcus Calloway", body=academy, day=DAY)
    assert (bare.candidates, [one.license_number for one in named.candidates]) == ((), ["40218"])


def test_post_placing_a_row_of_a_provider_sees_the_register(academy, stranger):
    people = People.of(academy, DAY, is_closed=False)
    people.know(["40218"])
    assert people.match(number="40218").certainty is Certainty.CERTAIN
    closed = People.of(academy, DAY)
    closed.know(["40218"])
    assert closed.match(number="40218").certainty is Certainty.NOBODY
    assert closed.match(number="40218", name=Name("Marcus", "", "Calloway", "")).certainty is Certainty.CERTAIN


def test_its_people_are_those_of_its_classes_and_seats(academy, own, stranger, agency):
    other = make.provider("Other Academy")
    make.record(stranger, DAY, course=make.provider_course(other))
    assert set(attendees.of(academy)) == {own}
    assert set(attendees.of(other)) == {stranger}
    held = make.scheduled_class(make.provider_course(academy))
    waiting, seated = make.officer(agency), make.officer(agency)
    make.registration(held, waiting, state="waiting")
    make.registration(held, seated)
    assert set(attendees.of(academy)) == {own, seated}
    assert [row.pk for row in attendees.roster(academy)] == [own.pk]
    assert {row.pk for row in attendees.roster(academy, also=[seated.pk, stranger.pk])} == {own.pk, seated.pk}
