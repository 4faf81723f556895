"""Reminders to officers who are short: whom they are for, whether they are still due, and what they say.

A reminder is due on its day or any later one, until its time is over: one for before the period's end lapses with the
period, one of the make-up time with the last day to show hours. Of several that are due at once the latest goes.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance import selectors, standings, stands, wording
from compliance.models import ReminderDate, ReportingPeriod
from compliance.standings import Question
from compliance.verdict import Finding, Standing
from notifications.models import Message
from notifications.occasions import Occasion
from training import telling
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


def wave(year: int, number: int) -> str:
    """The key of the campaign in which one reminder of a period goes to everybody."""
    return f"{year}:{number}"


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
    ties = _ties(day).annotate(address=telling.address_of_tie())
    rows = ties.order_by("-starts_on", "-pk").values_list("officer", "user", "address")
    return {officer: (user, address) for officer, user, address in reversed(rows)}


def _ties(day: dt.date) -> QuerySet[Membership]:
    return Membership.objects.current(day).filter(role=Membership.Role.OFFICER, user__is_active=True)


def officers_connected(day: dt.date) -> QuerySet[Officer]:
    """The officers whose license is connected to an account on `day`."""
    return Officer.objects.filter(pk__in=_ties(day).order_by().values("officer"))


def short_officers(asked: Question, officers: QuerySet[Officer]) -> dict[int, Finding]:
    """Officer id -> finding, of those of `officers` who are to be reminded."""
    findings = standings.of_officers(asked, officers)
    return {pk: finding for pk, finding in findings.items() if is_reminded(finding)}


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


def contexts(keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the reminder says: the answer of the officer's own page, the missing hours by requirement, and how
    late it is: an early reminder, the last before the period ends, or one of the make-up time.

    Left out are those no longer due: the officer is not short any more, the account is no longer the one connected to
    the license, or a later reminder of the period has become due.
    """
    now = clock.now()
    day = clock.day_of(now)
    read = {key: Key.read(key) for key in keys}
    over = _earlier_than_due(day)
    accounts = connected_officers_of({one.officer for one in read.values()}, day)
    to = dict(Message.objects.filter(occasion=CODE, key__in=read).values_list("key", "user"))
    return said(
        key
        for key, one in read.items()
        if (one.year, one.number) not in over and to.get(key) in accounts.get(one.officer, ())
    )


def preview(key: str) -> dict | None:
    """What the reminder of a key would say, whether or not it was put; None where no hours are missing."""
    return said([key]).get(key)


def said(keys: Iterable[str]) -> dict[str, dict]:
    """Key -> what the reminder says now, whether it was put or not; whoever is not short is left out."""
    now = clock.now()
    day = clock.day_of(now)
    read = {key: Key.read(key) for key in keys}
    asked = selectors.questions(now, {one.year for one in read.values()})
    ids = {one.officer for one in read.values()}
    found_stands = stands.said(asked, ids, now)
    short = {about: stand for about, stand in found_stands.items() if is_reminded(stand.finding)}
    people = stands.officers_and_contacts({officer for _, officer in short}, day)
    last_waves = _last_before_the_end({one.year for one in read.values()})
    found = {}
    for key, one in read.items():
        if (one.year, one.officer) not in short:
            continue
        officer, contacts = people[one.officer]
        stand, period = short[one.year, one.officer], asked[one.year].period
        page = reverse("compliance:officer_standing", args=[officer.license_number])
        found[key] = {
            "name": " ".join(officer.full_name.split()),
            "year": one.year,
            "answer": stand.answer,
            "needed": stand.needed,
            "last_day": wording.full_date(stand.last_day),
            "ends_on": wording.full_date(period.ends_on),
            "wave": lateness(period, stand, day, is_last=one.number == last_waves[one.year]),
            "missing": stand.missing,
            "contacts": contacts,
            "url": f"{settings.PORTAL_URL}{page}?period={one.year}",
        }
    return found


def lateness(period: ReportingPeriod, stand: stands.Said, day: dt.date, *, is_last: bool) -> str:
    """How late it is: "extended", "grace", "last" or "early"; the templates say what that means."""
    if stand.finding.due_on:
        return "extended"
    if day > period.ends_on:
        return "grace"
    return "last" if is_last else "early"


def _last_before_the_end(years: Collection[int]) -> dict[int, int]:
    """Year -> the number of the last reminder before its period ends (0 where there is none)."""
    found = dict.fromkeys(years, 0)
    before = ReminderDate.objects.filter(period__year__in=years, due_on__lte=F("period__ends_on")).order_by("due_on")
    found |= dict(before.values_list("period__year", "number"))
    return found


def sample(officer: int) -> str | None:
    """The key of the reminder an officer would get now, or of the next one; None where no hours are missing."""
    now = clock.now()
    day = clock.day_of(now)
    for year in (day.year - 1, day.year):
        asked = selectors.questions(now, [year]).get(year)
        if asked and day <= asked.period.show_by and short_officers(asked, Officer.objects.filter(pk=officer)):
            dates = list(ReminderDate.objects.filter(period=asked.period).order_by("due_on"))
            begun = [one for one in dates if one.due_on <= day] or dates[:1]
            return str(Key(year, begun[-1].number, officer)) if begun else None
    return None


OCCASION = Occasion(
    code=CODE,
    title=_("Reminder of missing hours"),
    contexts=contexts,
    in_bulk=True,
    purpose=_(
        "Hours are missing, and there is time to complete or show them. Seven times for each period on days that "
        "POST may move; of several that are due the latest goes. Worded by how late it is."
    ),
    audience=_("Every connected officer who is short. Whoever has become compliant is not written to."),
    about="officer",
    sample=sample,
    preview=preview,
)
