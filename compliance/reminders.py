"""Reminders to officers who are short: whom they are for, whether they are still due, and what they say.

A reminder is due on its day or any later one, until its time is over: one for before the period's end lapses with the
period, one of the make-up time with the last day to show hours. Of several that are due at once the latest goes.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from clee_portal import clock
from compliance import answers, selectors, standings, wording
from compliance.models import ReminderDate, ReportingPeriod
from compliance.standings import Question
from compliance.verdict import Finding, Standing
from notifications.models import Message
from notifications.occasions import Occasion
from training import licensing
from training.models import Membership, Officer

CODE = "reminder"
# Hours are missing and may still be shown in time. Past March 15 other letters are written.
REMINDED = (Standing.IN_PROGRESS, Standing.GRACE, Standing.EXTENDED, Standing.EXTENSION_PENDING)


class Key(NamedTuple):
    """What a reminder is about: no date, so that a moved day sends nothing twice."""

    year: int
    number: int
    officer: int

    def __str__(self) -> str:
        return f"{self.year}:{self.number}:{self.officer}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        return cls(*map(int, key.split(":")))


def series(year: int, officer: int) -> str:
    """All reminders of one officer for one period."""
    return f"{CODE}:{year}:{officer}"


def last_day(reminder: ReminderDate, period: ReportingPeriod) -> dt.date:
    """The last day on which a reminder makes sense (inclusive)."""
    return period.ends_on if reminder.due_on <= period.ends_on else period.show_by


def due(day: dt.date) -> dict[ReportingPeriod, list[ReminderDate]]:
    """Period -> its reminders that are due on `day` and not over yet; periods without any are left out."""
    found: dict[ReportingPeriod, list[ReminderDate]] = {}
    begun = ReminderDate.objects.filter(due_on__lte=day, period__show_by__gte=day).select_related("period")
    for reminder in begun.order_by("due_on"):
        if day <= last_day(reminder, reminder.period):
            found.setdefault(reminder.period, []).append(reminder)
    return found


def is_reminded(finding: Finding) -> bool:
    """Whether somebody of this finding is reminded: hours are missing, and can still be shown in time."""
    return finding.standing in REMINDED and bool(finding.short)


def connected_officers(day: dt.date) -> dict[int, tuple[int, str]]:
    """Officer id -> the account connected to the license on `day`, and its address."""
    ties = Membership.objects.current(day).filter(role=Membership.Role.OFFICER, user__is_active=True)
    rows = ties.order_by("-starts_on", "-pk").values_list("officer", "user", "user__email")
    return {officer: (user, address) for officer, user, address in reversed(rows)}


def short_officers(asked: Question, officers: Collection[int]) -> dict[int, Finding]:
    """Officer id -> finding, of those of `officers` who are to be reminded."""
    findings = standings.of_officers(asked, Officer.objects.filter(pk__in=officers))
    return {pk: finding for pk, finding in findings.items() if is_reminded(finding)}


def all_still_due(keys: Collection[str]) -> set[str]:
    """Those of `keys` whose officer is still short, whose account is still the one connected to the license, and after
    which no later reminder of the period has become due."""
    now = clock.now()
    read = {key: Key.read(key) for key in keys}
    accounts = connected_officers_of({one.officer for one in read.values()}, clock.day_of(now))
    to = dict(Message.objects.filter(occasion=CODE, key__in=read).values_list("key", "user"))
    short = _short(read.values(), now)
    over = _earlier_than_due(clock.day_of(now))
    return {
        key
        for key, one in read.items()
        if (one.year, one.officer) in short
        and to.get(key) in accounts.get(one.officer, ())
        and (one.year, one.number) not in over
    }


def _earlier_than_due(day: dt.date) -> set[tuple[int, int]]:
    """(Year, number) of the reminders after which a later one of their period is due on `day`."""
    periods = due(day)
    return {
        (reminder.period.year, reminder.number)
        for reminder in ReminderDate.objects.filter(period__in=periods).select_related("period")
        if reminder.due_on < periods[reminder.period][-1].due_on
    }


def connected_officers_of(officers: Collection[int], day: dt.date) -> dict[int, set[int]]:
    """Officer id -> the accounts connected to the license on `day`."""
    found: dict[int, set[int]] = {}
    ties = Membership.objects.current(day).filter(role=Membership.Role.OFFICER, officer__in=officers)
    for officer, user in ties.values_list("officer", "user"):
        found.setdefault(officer, set()).add(user)
    return found


def _short(keys: Iterable[Key], now: dt.datetime) -> dict[tuple[int, int], tuple[Question, Finding]]:
    """(Year, officer id) -> question and finding, of those who are to be reminded."""
    by_year: dict[int, set[int]] = {}
    for one in keys:
        by_year.setdefault(one.year, set()).add(one.officer)
    asked = selectors.questions(now, by_year)
    return {
        (year, pk): (asked[year], finding)
        for year, officers in by_year.items()
        for pk, finding in short_officers(asked[year], officers).items()
    }


class Missing(NamedTuple):
    """One requirement with hours missing."""

    name: str
    missing: str
    earned: str
    minimum: str


def contexts(keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the reminder says: the answer of the officer's own page, and the missing hours by requirement."""
    now = clock.now()
    day = clock.day_of(now)
    read = {key: Key.read(key) for key in keys}
    short = _short(read.values(), now)
    ids = {one.officer for one in read.values()}
    officers = selectors.officers_with_places(day).in_bulk(ids)
    states = licensing.states_of(ids, day, now)
    found = {}
    for key, one in read.items():
        if (one.year, one.officer) not in short:
            continue
        asked, finding = short[one.year, one.officer]
        officer = officers[one.officer]
        case = answers.Case(wording.Person(), finding, asked.requirements, asked.facts, day, states[officer.pk], ())
        last = finding.due_on or (asked.period.ends_on if day <= asked.period.ends_on else asked.period.show_by)
        found[key] = {
            "name": officer.full_name,
            "year": one.year,
            "answer": answers.answer(case),
            "needed": wording.hours_words(case.needed),
            "last_day": wording.full_date(last),
            "missing": missing(asked, finding),
            "places": officer.places,
            "url": f"{settings.PORTAL_URL}{reverse('compliance:my_standing')}",
        }
    return found


def missing(asked: Question, finding: Finding) -> list[Missing]:
    """The requirements with hours missing, in the order of the rule."""
    short, earned = finding.short, finding.earned
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


OCCASION = Occasion(
    code=CODE,
    title="Reminder of missing hours",
    contexts=contexts,
    all_still_due=all_still_due,
    in_bulk=True,
)
