"""Where officers stand, as a mail says it: the answer of their own page and the missing hours by requirement."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from clee_portal import clock
from compliance import answers, selectors, standings, wording
from compliance.standings import Question
from compliance.verdict import Finding
from training import licensing, telling
from training.licensing import EventFact
from training.models import LicenseEvent, Officer
from training.telling import Contact


class Missing(NamedTuple):
    """One requirement with hours missing."""

    name: str
    missing: str
    earned: str
    minimum: str


class Said(NamedTuple):
    """Where an officer stands in one period, in words addressed to them."""

    year: int
    finding: Finding
    answer: answers.Answer
    needed: str
    last_day: dt.date
    missing: list[Missing]
    chip: wording.Chip


def missing(asked: Question, finding: Finding) -> list[Missing]:
    """The requirements with hours missing, in the order of the rule; none where nothing is owed."""
    short, earned = wording.owed(finding), finding.earned
    return [
        Missing(
            one.name,
            wording.hours_words(short[one.code]),
            wording.hours_number(earned[one.code]),
            wording.hours_number(one.minimum),
        )
        for one in asked.requirements
        if one.code in short
    ]


def last_day(asked: Question, finding: Finding, day: dt.date) -> dt.date:
    """The last day on which hours for the period can be completed or shown, as things are on `day`."""
    period = asked.period
    return finding.due_on or (period.ends_on if day <= period.ends_on else period.show_by)


def said(years: Collection[int], officers: Collection[int], now: dt.datetime) -> dict[tuple[int, int], Said]:
    """(Year, officer id) -> where the officer stands. A constant number of statements, one more for each year."""
    day = clock.day_of(now)
    asked = selectors.questions(now, years)
    if not asked or not officers:
        return {}
    found = standings.of_periods(list(asked.values()), Officer.objects.filter(pk__in=officers))
    events = _events(officers, now)
    return {
        (year, pk): in_words(asked[year], finding, events.get(pk, []), day)
        for year, findings in found.items()
        for pk, finding in findings.items()
    }


def in_words(asked: Question, finding: Finding, events: list[EventFact], day: dt.date) -> Said:
    """A finding in words addressed to the officer."""
    state = licensing.state_on(events, day)
    case = answers.Case(wording.Person(), finding, asked.requirements, asked.facts, day, state, events)
    return Said(
        asked.period.year,
        finding,
        answers.answer(case),
        wording.hours_words(case.needed),
        last_day(asked, finding, day),
        missing(asked, finding),
        wording.standing_chip(finding, state),
    )


def _events(officers: Collection[int], now: dt.datetime) -> dict[int, list[EventFact]]:
    found: dict[int, list[EventFact]] = {}
    rows = LicenseEvent.objects.known(now).filter(officer__in=officers).order_by("occurred_on", "recorded_at", "pk")
    for pk, *event in rows.values_list("officer", "kind", "occurred_on", "period_year"):
        found.setdefault(pk, []).append(EventFact(*event))
    return found


def officers_and_contacts(ids: Collection[int], day: dt.date) -> dict[int, tuple[Officer, list[Contact]]]:
    """Officer id -> the officer and whom to ask at each agency of today."""
    officers = selectors.officers_with_places(day).in_bulk(list(ids))
    contacts = telling.contacts({place["id"] for one in officers.values() for place in one.places}, day)
    return {pk: (one, [contacts[place["id"]] for place in one.places]) for pk, one in officers.items()}
