"""The sentence at the top, of every golden case: judged against what the case itself expects to be missing."""

import datetime as dt
import itertools
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from clee_portal import clock
from compliance import answers, explanation, periods, standings, wording
from compliance.cases import checking, reading
from compliance.tests import reading_grade
from training import licensing
from training.models import CreditLine

pytestmark = pytest.mark.django_db

CASES = [*reading.read([Path(__file__).parent / "cases"])]
AREAS = {"legal": "legal studies", "technical": "technical studies", "interpersonal": "interpersonal perspectives"}
TOPICS = {
    "firearms": "firearms (in person)",
    "racial_profiling": "racial profiling",
    "implicit_bias": "implicit bias",
    "de_escalation": "de-escalation",
}
NAMES = {**AREAS, **TOPICS, "approved_provider": "an approved provider"}
MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
OWING = {"in_progress", "extended", "grace", "extension_pending", "candidate", "inactive"}


def told(case):
    """The answer of a case and its explanation, from rows that are taken back."""
    with transaction.atomic():
        period = periods.by_year(case.data["period"])
        officer = checking._write(case, period)
        as_of = clock.end_of_day(case.data["as_of"])
        asked = standings.question(period, as_of)
        finding = standings.of_officer(asked, officer)
        events = licensing.events_of(officer, as_of)
        state = licensing.state_on(events, asked.day)
        said = answers.answer(
            answers.Case(wording.Person(), finding, asked.requirements, asked.facts, asked.day, state, events)
        )
        why = explanation.explain(asked, officer, finding)
        lines = list(
            CreditLine.objects.filter(record__officer=officer).select_related("record", "area", "topic").order_by("pk")
        )
        transaction.set_rollback(True)
    return said, why, lines


def number(hours) -> str:
    """Hours as they are written."""
    return f"{Decimal(hours).normalize():f}"


def written(day: dt.date, seen_on: dt.date) -> str:
    """A day as the sentence says it."""
    plain = f"{MONTHS[day.month - 1]} {day.day}"
    return plain if -100 < (day - seen_on).days < 366 else f"{plain}, {day.year}"


def fewest(short: dict) -> Decimal:
    """The fewest hours that can make up what is missing: a second reading of what one hour may serve.

    Topics that may lie in any area are laid into hours of the missing areas first; firearms are hours of skill.
    """
    of_areas = sum((short.get(code, Decimal(0)) for code in AREAS), Decimal(0))
    of_topics = sum((short.get(code, Decimal(0)) for code in TOPICS if code != "firearms"), Decimal(0))
    laid = short.get("firearms", Decimal(0)) + max(of_areas, of_topics)
    return max(laid, short.get("total", Decimal(0)), short.get("approved_provider", Decimal(0)))


def named(sentence: str) -> dict[str, Decimal]:
    """What a sentence says is missing of each area, topic and source, read from its words alone."""
    found = {}
    whole = re.search(r"([\d.]+)(?: more)? hours?", sentence)
    pattern = re.compile(r"(?:(all) of them|(?:at least )?([\d.]+)(?: of (?:them|it))?(?: each)?) (?=in|on|from)")
    inside = sentence[whole.end() :] if whole else ""
    starts = [*pattern.finditer(inside)]
    pieces = [(None, inside[: starts[0].start() if starts else len(inside)])]
    for at, start in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else len(inside)
        pieces.append((start, inside[start.end() : end]))
    for start, text in pieces:
        hours = Decimal(whole[1]) if whole and (start is None or start[1]) else Decimal(start[2]) if start else None
        for code, name in NAMES.items():
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
                assert code not in found
                found[code] = hours
    return found


def read(said, why) -> list[str]:
    """Everything the page says of a case in sentences: the answer, every rule, every reason."""
    entries = [entry for one in why.requirements for entry in one.not_counted]
    rules = [one.requirement.wording for one in why.requirements]
    return [said.headline, said.grounds, *said.steps, *rules, *dict.fromkeys(entry.reason for entry in entries)]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("The cat sat on the mat.", -1.45),
        ("The Director may make a license inactive. It never happens by itself.", 6.42),
    ],
)
def test_grade_is_that_of_flesch_and_kincaid(text, years):
    assert round(reading_grade.grade([text]), 2) == years


def test_there_is_a_case_of_every_standing():
    found = {case.data["expect"]["standing"] for case in CASES}
    assert len(found) == 10
    assert len(CASES) >= 174


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path.stem}: {case.name}")
def test_the_sentence_says_what_the_case_expects(case):
    said, why, lines = told(case)
    expect, period, day = case.data["expect"], case.data["period"], case.data["as_of"]
    # A case that names no shortfall tests the standing alone: what is missing is the finding's then.
    standing, short = expect["standing"], expect.get("short", why.finding.short)
    sentence = said.headline
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert str(period) in sentence or standing == "in_progress"
    if standing not in OWING:
        assert named(sentence) == {}
        assert {
            "compliant": "You are compliant for" in sentence or "until you are reinstated" in sentence,
            "exempt": "You are exempt for" in sentence,
            "waived": "You are excused for" in sentence,
            "not_applicable": "Nothing is asked of you for" in sentence,
        }[standing]
    elif day < dt.date(period, 1, 1):
        assert f"begins on {written(dt.date(period, 1, 1), day)} and will ask {number(fewest(short))} hours" in sentence
    else:
        needed = fewest(short)
        more = "" if standing in ("candidate", "inactive") else " more"
        assert f" need {number(needed)}{more} hour{'' if needed == 1 else 's'}" in sentence
        assert named(sentence) == {code: hours for code, hours in short.items() if code != "total"}
        due = max((r["due_on"] for r in case.data.get("relief", []) if "due_on" in r), default=None)
        last = {
            "in_progress": written(dt.date(period, 12, 31), day),
            "grace": written(dt.date(period + 1, 3, 15), day),
            "candidate": written(dt.date(period + 1, 3, 15), day),
            "extended": written(due, day) if due else "no last day",
        }.get(standing, "")
        assert last in sentence
    _every_line_once(why, lines, period)
    assert reading_grade.grade(read(said, why)) <= 8


def _every_line_once(why, lines, year):
    """Each requirement lists every line it speaks of exactly once, counted or not, and the bar is what counted."""
    mine = [line for line in lines if year in (line.record.credited_year, line.record.completed_on.year)]
    for one in why.requirements:
        asked = one.requirement
        subject = [
            line for line in mine if asked.area_id in (None, line.area_id) and asked.topic_id in (None, line.topic_id)
        ]
        listed = sorted((entry.record.pk, entry.hours) for entry in [*one.counted, *one.not_counted])
        by_record = itertools.groupby(sorted(subject, key=lambda line: line.record_id), key=lambda line: line.record_id)
        assert listed == [(pk, sum(line.hours for line in rows)) for pk, rows in by_record]
        assert sum((entry.hours for entry in one.counted), Decimal(0)) == one.hours
        assert all(entry.reason and not entry.counts for entry in one.not_counted)
