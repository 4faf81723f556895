"""Who is on the list of those still short after the last day to show hours: whom a day's list holds, and why a name
leaves it. Reads only; no path leads from here to a license."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import NamedTuple

from clee_portal import clock
from compliance import standings
from compliance.models import Listing, ListMade, ReliefRequest, ReportingPeriod
from compliance.standings import Question
from compliance.verdict import ENDINGS, EXEMPTING, Finding, Kind, Standing
from training.models import LicenseEvent, TrainingRecord

Left = Listing.Left
# How many ended periods are looked at: an extension of the one before last may end now.
YEARS_BACK = 2

BECAUSE = {
    Standing.COMPLIANT: Left.COMPLIANT,
    Standing.EXTENSION_PENDING: Left.REQUESTED,
    Standing.EXTENDED: Left.GRANTED,
    Standing.WAIVED: Left.GRANTED,
    Standing.NOT_APPLICABLE: Left.LICENSE,
    Standing.EXEMPT: Left.EXEMPT,
    Standing.INACTIVE: Left.DECIDED,
    Standing.GRACE: Left.TIME,
    Standing.IN_PROGRESS: Left.TIME,
}
# The license events that take a name off the list.
EVENTS = {
    Left.LICENSE: (*ENDINGS, Kind.ISSUED),
    Left.EXEMPT: EXEMPTING,
    Left.DECIDED: (Kind.MADE_INACTIVE,),
}


def periods_listed(day: dt.date) -> list[ReportingPeriod]:
    """The periods whose last day to show hours is past on `day` and of which training is on record. Of a year of which
    nothing was ever kept here nobody can be called short."""
    past = ReportingPeriod.objects.filter(show_by__lt=day, year__gte=day.year - YEARS_BACK).order_by("year")
    return [one for one in past if TrainingRecord.objects.filter(credited_year=one.year).exists()]


def days_to_list(period: ReportingPeriod, today: dt.date) -> list[dt.date]:
    """The days of which the list is still to be made, the earliest first; today's may be made again and again.

    A day that was missed is made up for, with what was known at its end. The first list of a period is the one of the
    day after its last day; of a period that was over long before, today's.
    """
    last = period.lists_made.order_by("-day").values_list("day", flat=True).first()
    first = period.show_by + dt.timedelta(days=1) if period.year == today.year - 1 else today
    if last is not None:
        first = min(last + dt.timedelta(days=1), today)
    return [first + dt.timedelta(days=n) for n in range((today - first).days + 1)]


def was_made(period: ReportingPeriod, day: dt.date) -> bool:
    """Whether a list of a day was made."""
    return ListMade.objects.filter(period=period, day=day).exists()


def listed(findings: Mapping[int, Finding]) -> set[int]:
    """Officer ids of those the list holds: past the last day, hours missing, no relief asked for or granted."""
    return {pk for pk, one in findings.items() if one.standing == Standing.CANDIDATE}


def last_days(asked: Question, officers: Collection[int]) -> dict[int, dt.date]:
    """Officer id -> the last day to show the hours where it was not the usual one: that of an extension which ended."""
    granted = standings.relief_requests(asked.as_of).filter(period=asked.period, officer__in=officers)
    ended = granted.filter(kind=ReliefRequest.Kind.EXTENSION, latest="granted", latest_due_on__lt=asked.day)
    found: dict[int, dt.date] = {}
    for officer, day in ended.values_list("officer", "latest_due_on"):
        found[officer] = max(day, found.get(officer, asked.period.show_by))
    return found


class Leaving(NamedTuple):
    """Why one name leaves the list, and by which record or act where one can be named."""

    officer: int
    because: str
    record: int | None = None
    request: int | None = None
    event: int | None = None


def leaving(asked: Question, findings: Mapping[int, Finding], since: Mapping[int, dt.datetime]) -> list[Leaving]:
    """Why the officers of `since` (id -> when they were listed) leave the list. Three statements, however many."""
    because = {pk: _because(findings.get(pk)) for pk in since}
    compliant = [pk for pk, why in because.items() if why is Left.COMPLIANT]
    relieved = [pk for pk, why in because.items() if why in (Left.REQUESTED, Left.GRANTED)]
    by_event = [pk for pk, why in because.items() if why in EVENTS]
    records = _records(asked, compliant, since)
    asked_for = _latest(
        ReliefRequest.objects.known(asked.as_of).filter(period=asked.period, officer__in=relieved), "officer"
    )
    events = _events(asked, by_event, because)
    found = sorted(because.items())
    return [Leaving(pk, why.value, records.get(pk), asked_for.get(pk), events.get(pk)) for pk, why in found]


def _because(finding: Finding | None) -> Left:
    return BECAUSE[finding.standing] if finding else Left.LICENSE


def _records(asked: Question, officers: Collection[int], since: Mapping[int, dt.datetime]) -> dict[int, int]:
    """Officer id -> the latest record that came in after they were listed. Where there is none, something else changed
    what counts: a review, a duplicate, the requirements."""
    known = TrainingRecord.objects.known(asked.as_of).filter(
        credited_year=asked.period.year, officer__in=officers, not_counted=""
    )
    rows = known.order_by("officer", "recorded_at", "pk").values_list("officer", "pk", "recorded_at")
    return {officer: pk for officer, pk, at in rows if at > since[officer]}


def _events(asked: Question, officers: Collection[int], because: Mapping[int, Left]) -> dict[int, int]:
    known = LicenseEvent.objects.known(asked.as_of).filter(officer__in=officers, occurred_on__lte=asked.day)
    rows = known.order_by("officer", "recorded_at", "pk").values_list("officer", "pk", "kind")
    return {officer: pk for officer, pk, kind in rows if kind in EVENTS[because[officer]]}


def _latest(rows, of: str) -> dict[int, int]:
    return dict(rows.order_by(of, "recorded_at", "pk").values_list(of, "pk"))


def moment_of(day: dt.date, now: dt.datetime) -> dt.datetime:
    """The moment the list of a day is made as of: its end, or now while it lasts."""
    return min(clock.end_of_day(day), now)
