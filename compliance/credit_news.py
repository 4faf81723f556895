"""What a day changed of an officer's hours, compared at its beginning and at its end: what was entered and mended in
between is nobody's news.

Credited hours may be switched off; hours that were taken out, changed, or do not count may not.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, Sum
from django.urls import reverse

from clee_portal import clock
from compliance import stands
from compliance.wording import date_words, full_date, hours_words, list_words
from notifications.occasions import Occasion
from training import telling
from training.models import CourseReview, TrainingRecord
from training.telling import HOURS_CHANGED, HOURS_CREDITED

COUNTED_ELSEWHERE = "another entry of the same class is counted"
REPEATED = "the course was counted once in this period already"


class Key(NamedTuple):
    """What a mail is about: an officer, the account that is told, and the day."""

    officer: int
    user: int
    day: dt.date

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        officer, user, day = key.split(":")
        return cls(int(officer), int(user), dt.date.fromisoformat(day))


class Entry(NamedTuple):
    """One class in the news: what it is, and what became of its hours."""

    title: str
    source: str
    day: str
    what: str
    why: str = ""


class News(NamedTuple):
    """What a day changed of an officer's hours, and the years concerned."""

    credited: list[Entry]
    changed: list[Entry]
    years: frozenset[int]


class _State(NamedTuple):
    """A record at a moment: does it count, how much, to which year."""

    counts: bool
    hours: Decimal
    year: int


def news(asked: Collection[tuple[int, dt.date]]) -> dict[tuple[int, dt.date], News]:
    """(Officer id, day) -> what the day changed. Four statements, however many officers; days without news too."""
    if not asked:
        return {}
    begins = {day: _beginning(day) for _, day in asked}
    touched, refusals = _touched(asked, begins)
    return {
        (officer, day): _compare(touched[officer], refusals, begins[day], clock.end_of_day(day), day)
        for officer, day in asked
    }


def _beginning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, clock.CHICAGO)


def _touched(asked, begins):
    """Officer id -> records written, voided or decided about in the span of the days; course id -> its decisions."""
    span = (min(begins.values()), max(clock.end_of_day(day) for _, day in asked))
    officers = {officer for officer, _ in asked}
    decided = CourseReview.objects.filter(Q(recorded_at__range=span) | Q(voided_at__range=span)).values("course")
    records = (
        TrainingRecord.objects.filter(officer__in=officers)
        .filter(Q(recorded_at__range=span) | Q(voided_at__range=span) | Q(course__in=decided))
        .select_related("training_class__course__agency", "training_class__course__provider")
        .annotate(credit=Sum("lines__hours"))
        .order_by("completed_on", "pk")
    )
    found: dict[int, list[TrainingRecord]] = defaultdict(list)
    for one in records:
        found[one.officer_id].append(one)
    courses = {one.training_class.course_id for together in found.values() for one in together}
    refusals: dict[int, list[CourseReview]] = defaultdict(list)
    for review in CourseReview.objects.filter(course__in=courses).order_by("recorded_at", "pk"):
        refusals[review.course_id].append(review)
    return found, refusals


def _refusal(reviews: Iterable[CourseReview], moment: dt.datetime) -> CourseReview | None:
    """The refusal in force at a moment, if the latest decision known then is one."""
    known = [one for one in reviews if one.recorded_at <= moment and (one.voided_at is None or one.voided_at > moment)]
    return known[-1] if known and known[-1].decision == CourseReview.Decision.REFUSED else None


def _compare(records: list[TrainingRecord], refusals, begin: dt.datetime, end: dt.datetime, day: dt.date) -> News:
    credited, changed, years = [], [], set()
    by_pk = {one.pk: one for one in records}
    before = {pk: one for pk, one in by_pk.items() if one.recorded_at < begin and not _gone_by(one, begin)}
    after = [one for one in records if one.recorded_at <= end and not _gone_by(one, end)]

    def state(one: TrainingRecord, moment: dt.datetime) -> _State:
        refused = _refusal(refusals[one.training_class.course_id], moment)
        return _State(not one.not_counted and refused is None, one.credit or Decimal(0), one.credited_year)

    followed = {}
    for one in after:
        first = one
        while first.pk not in before and first.replaces_id in by_pk:
            first = by_pk[first.replaces_id]
        now = state(one, end)
        if first.pk in before:
            followed[first.pk] = one
            was = state(first, begin)
            if was != now and (was.counts or now.counts):
                changed.append(_entry(one, day, *_difference(first, was, one, now, refusals, end)))
                years |= {was.year, now.year}
        elif one.recorded_at >= begin and now.counts:
            credited.append(_entry(one, day, _content(one, now)))
            years.add(now.year)
        elif one.recorded_at >= begin:
            why = _why_not(one, refusals, end)
            changed.append(_entry(one, day, f"entered, and gives no hours: {why}"))
            years.add(now.year)
    for pk, one in before.items():
        if pk not in followed and state(one, begin).counts:
            changed.append(_entry(one, day, f"{hours_words(one.credit or 0)} taken out", one.void_reason))
            years.add(one.credited_year)
    return News(credited, changed, frozenset(years))


def _gone_by(one: TrainingRecord, moment: dt.datetime) -> bool:
    return one.voided_at is not None and one.voided_at <= moment


def _entry(one: TrainingRecord, day: dt.date, what: str, why: str = "") -> Entry:
    course = one.training_class.course
    return Entry(course.title, course.source_name, date_words(one.completed_on, day), what, why.rstrip("."))


def _content(one: TrainingRecord, now: _State) -> str:
    """What a record gives: "4 hours", with its year where that is another than it was completed in."""
    make_up = "" if now.year == one.completed_on.year else f", as make-up credit for {now.year}"
    return f"{hours_words(now.hours)}{make_up}"


def _why_not(one: TrainingRecord, refusals, end: dt.datetime) -> str:
    if one.not_counted == TrainingRecord.NotCounted.REPEAT:
        return REPEATED
    if one.not_counted:
        return COUNTED_ELSEWHERE
    refused = _refusal(refusals[one.training_class.course_id], end)
    return f"POST refused the course on {full_date(refused.decided_on)}"


def _difference(first, was: _State, one, now: _State, refusals, end) -> tuple[str, str]:
    """What became of a record that was there before, and the reason given."""
    why = first.void_reason
    if was.counts and not now.counts:
        refused = None if one.not_counted else _refusal(refusals[one.training_class.course_id], end)
        reason = refused.reason if refused else ""
        return f"{hours_words(was.hours)} no longer count: {_why_not(one, refusals, end)}", reason
    if now.counts and not was.counts:
        return f"{hours_words(now.hours)} count now", why
    parts = []
    if was.hours != now.hours:
        parts.append(f"{hours_words(now.hours)} instead of {hours_words(was.hours)}")
    if was.year != now.year:
        make_up = " as make-up credit" if now.year < one.completed_on.year else ""
        parts.append(f"counted to {now.year}{make_up}, no longer to {was.year}")
    return list_words(parts), why


# The two occasions ---------------------------------------------------------------------------------------------------


def _due(keys: Collection[str], part: str) -> dict[str, tuple[Key, News]]:
    """Those of `keys` with something to say, whose account is still connected to the license."""
    today = clock.today()
    read = {key: Key.read(key) for key in keys}
    found = news({(one.officer, one.day) for one in read.values() if one.day <= today})
    accounts = telling.accounts_of({one.officer for one in read.values()}, today)
    return {
        key: (one, found[one.officer, one.day])
        for key, one in read.items()
        if (one.officer, one.day) in found
        and getattr(found[one.officer, one.day], part)
        and any(reader.user == one.user for reader in accounts.get(one.officer, ()))
    }


def _contexts(keys: Collection[str], part: str) -> dict[str, dict]:
    now = clock.now()
    day = clock.day_of(now)
    due = _due(keys, part)
    officers = {one.officer for one, _ in due.values()}
    years = {year for _, told in due.values() for year in told.years}
    where = stands.said(years, officers, now)
    people = stands.officers_and_contacts(officers, day)
    found = {}
    for key, (one, told) in due.items():
        officer, contacts = people[one.officer]
        found[key] = {
            "name": " ".join(officer.full_name.split()),
            "day": full_date(one.day),
            "entries": getattr(told, part),
            "stands": [where[year, one.officer] for year in sorted(told.years) if (year, one.officer) in where],
            "contacts": contacts,
            "url": f"{settings.PORTAL_URL}{reverse('compliance:officer_standing', args=[officer.license_number])}",
        }
    return found


def sample(part: str):
    """What finds the latest day with such news for an officer, as a key: for POST to read what would be said."""

    def find(officer: int) -> str | None:
        latest = TrainingRecord.objects.filter(officer=officer).order_by("-recorded_at")
        if part == "changed":
            latest = TrainingRecord.objects.filter(officer=officer, voided_at__isnull=False).order_by("-voided_at")
        moments = latest.values_list("voided_at" if part == "changed" else "recorded_at", flat=True)[:20]
        accounts = telling.accounts_of([officer], clock.today()).get(officer)
        if not accounts:
            return None
        days = dict.fromkeys((officer, clock.day_of(moment)) for moment in moments)
        found = news(list(days))
        day = next((day for _, day in days if getattr(found[officer, day], part)), None)
        return f"{officer}:{accounts[0].user}:{day.isoformat()}" if day else None

    return find


CREDITED = Occasion(
    code=HOURS_CREDITED,
    title="Hours credited",
    contexts=lambda keys: _contexts(keys, "credited"),
    is_optional=True,
    in_bulk=True,
    purpose="A class was entered for the officer. Told the next morning, once for all classes of a day.",
    audience="The officer, if connected.",
    about="officer",
    sample=sample("credited"),
)
CHANGED = Occasion(
    code=HOURS_CHANGED,
    title="Hours taken out or changed",
    contexts=lambda keys: _contexts(keys, "changed"),
    purpose="Hours were taken out, corrected, moved to another year, or do not count: because another entry of the "
    "class is counted, or because POST refused the course. Told the next morning, as it stood at the end of the day.",
    audience="The officer, if connected.",
    about="officer",
    sample=sample("changed"),
)
