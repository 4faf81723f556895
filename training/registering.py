"""What is looked at before somebody is registered for a class in the calendar: what keeps them out, and what they are
warned of and may accept. Also by when an offered seat is to be answered. A constant number of statements, however many
officers.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models import F, Q

from clee_portal import clock
from clee_portal.refusal import Refused
from training import licensing
from training.licensing import LicenseState, LicenseStatus
from training.models import Officer, ProviderLicense, Registration, ScheduledClass, ScheduledMeeting, TrainingRecord
from training.moments import day_words, span_words, stop
from training.repeats import title_key

# An offer leaves at least so long to answer; where the class begins too soon for that nobody is asked any more, and a
# free seat is whose who takes it.
HOUR = dt.timedelta(hours=1)
SHORTEST_OFFER = HOUR
# Nobody has to answer at night: an offer that would end in these hours of Missouri ends in the morning.
NIGHT_FROM, NIGHT_UNTIL = dt.time(21), dt.time(8)


class Look(NamedTuple):
    """What was found: officer id -> why they cannot be registered, and what they are warned of."""

    refused: dict[int, str]
    warned: dict[int, list[str]]

    @property
    def key(self) -> str:
        """Names exactly these warnings: a tick under them accepts no others. Empty without any."""
        lines = [f"{pk}:{text}" for pk in sorted(self.warned) for text in self.warned[pk]]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""

    def of(self, officers: Collection[int]) -> "Look":
        """What was found of these officers alone."""
        return Look(
            {pk: text for pk, text in self.refused.items() if pk in officers},
            {pk: texts for pk, texts in self.warned.items() if pk in officers},
        )


class NeedsAccepting(Refused):
    """There is something to know before: shown with a tick, and accepted it is no hindrance."""

    def __init__(self, found: Look):
        super().__init__("Read what is noted below, and tick that you register all the same.", field="accepts")
        self.found = found


def offer_ends(now: dt.datetime, begins_at: dt.datetime, hours: int) -> dt.datetime | None:
    """Until when (inclusive) a seat that became free at `now` is kept for the next: `hours`, but no longer than half of
    the time left until the class begins, and not ending at night. None where less than two hours are left: then nobody
    is asked, and the seat is whose who takes it."""
    half = (begins_at - now) / 2
    if half < SHORTEST_OFFER:
        return None
    until = min(now + dt.timedelta(hours=hours), now + half)
    local = until.astimezone(clock.CHICAGO)
    if NIGHT_UNTIL <= local.time() < NIGHT_FROM:
        return until
    morning_of = local.date() if local.time() < NIGHT_UNTIL else local.date() + dt.timedelta(days=1)
    morning = dt.datetime.combine(morning_of, NIGHT_UNTIL, clock.CHICAGO)
    return morning if morning + SHORTEST_OFFER <= begins_at else until


def closed_because(held: ScheduledClass, now: dt.datetime, *, by_provider: bool = False) -> str:
    """Why nobody can be registered for a class at a moment, in words; empty where they can. The provider takes callers
    until the class begins, whatever window it set for others."""
    if held.state == ScheduledClass.State.CALLED_OFF:
        return f"This class was called off: {held.called_off_because}"
    if held.state == ScheduledClass.State.DRAFT:
        return "This class is not published yet."
    if now >= held.begins_at:
        return "This class has begun. Whoever stands at the door is entered there."
    if not by_provider:
        if held.opens_at and now < held.opens_at:
            return f"Registration opens on {day_words(held.opens_at)}."
        if held.closes_at and now >= held.closes_at:
            return f"Registration closed on {day_words(held.closes_at)}. {_call(held)}"
    return _unlicensed(held, now)


def _call(held: ScheduledClass) -> str:
    reached = held.contact_phone or held.provider.phone
    return f"Call {held.provider} at {reached}." if reached else f"Ask {held.provider}."


def _unlicensed(held: ScheduledClass, now: dt.datetime) -> str:
    today, last = clock.day_of(now), clock.day_of(held.ends_at)
    worth_nothing = (ProviderLicense.Standing.SUSPENDED, ProviderLicense.Standing.REVOKED)
    rows = list(
        ProviderLicense.objects.live()
        .filter(Q(valid_until=None) | Q(valid_until__gte=today), provider=held.provider_id)
        .values_list("standing", "valid_from", "valid_until")
    )
    for standing, first, until in rows:
        if standing in worth_nothing and first <= last and (until is None or until >= last):
            word = ProviderLicense.Standing(standing).label.lower()
            return f"The license of {held.provider} is {word}: the class may give no credit, so nobody is registered."
    if not any(first <= today and standing not in worth_nothing for standing, first, _ in rows):
        return f"{held.provider} holds no valid license today: the class may give no credit, so nobody is registered."
    return ""


def look(held: ScheduledClass, officers: Sequence[Officer], *, is_outsider: bool = False) -> Look:
    """What stands against registering `officers` for a class, and what they are warned of, whatever seats there are.

    `is_outsider`: the reader is the provider, who is told of other classes only that there is one.
    """
    refused: dict[int, str] = {}
    warned: dict[int, list[str]] = {}
    last = clock.day_of(held.ends_at)
    ids = [one.pk for one in officers]
    for pk, state in licensing.states_of(ids, last, clock.END_OF_TIME).items():
        if not state.is_held:
            refused[pk] = _not_held(state, is_outsider)
        elif state.status is not LicenseStatus.ACTIVE:
            warned.setdefault(pk, []).append(_not_active(state, is_outsider))
    for found in (_at_the_same_hours(held, ids, is_outsider), _taken(held, ids, is_outsider)):
        for pk, text in found:
            if text not in warned.setdefault(pk, []):
                warned[pk].append(text)
    return Look(refused, {pk: texts for pk, texts in warned.items() if pk not in refused})


def _not_held(state: LicenseState, is_outsider: bool) -> str:
    if is_outsider or state.since is None:
        return "No license is in force on the day of the class, so nothing could be credited."
    return f"The license was {state.status} on {_day(state.since)}, so nothing could be credited."


def _not_active(state: LicenseState, is_outsider: bool) -> str:
    since = "" if is_outsider or state.since is None else f", since {_day(state.since)}"
    return f"The license is {state.status}{since}. The hours are credited all the same; they give no commission back."


def _at_the_same_hours(held: ScheduledClass, ids: list[int], is_outsider: bool) -> Iterable[tuple[int, str]]:
    """Other classes these officers have a seat in, or wait for, that meet while this one does."""
    mine = list(held.meetings.values_list("begins_at", "ends_at"))
    if not mine or not ids:
        return
    overlapping = Q()
    for begins_at, ends_at in mine:
        overlapping |= Q(begins_at__lt=ends_at, ends_at__gt=begins_at)
    rows = (
        ScheduledMeeting.objects.filter(
            overlapping,
            scheduled_class__state=ScheduledClass.State.PUBLISHED,
            scheduled_class__registrations__officer__in=ids,
            scheduled_class__registrations__state__in=Registration.LIVE,
        )
        .exclude(scheduled_class=held.pk)
        .order_by("begins_at", "pk")
        .values_list(
            "scheduled_class__registrations__officer",
            "scheduled_class__registrations__state",
            "scheduled_class",
            "scheduled_class__course__title",
            "begins_at",
            "ends_at",
        )
    )
    told = set()
    for pk, state, other, title, begins_at, ends_at in rows:
        if pk not in ids or state not in Registration.LIVE or (pk, other) in told:
            continue
        told.add((pk, other))
        if is_outsider:
            yield pk, "Another class at the same hours."
        else:
            where = "Registered for" if state == Registration.State.REGISTERED else "On the wait-list of"
            yield pk, f"{where} another class at the same hours: “{title}”, {stop(span_words(begins_at, ends_at))}"


def _taken(held: ScheduledClass, ids: list[int], is_outsider: bool) -> Iterable[tuple[int, str]]:
    """The same course on the record of the year already, or another class of it that these officers are to take.

    A course counts once in a period (rulebook 20); by title, as entries are compared (`repeats`).
    """
    year, key = clock.day_of(held.ends_at).year, title_key(held.course.title)
    records = TrainingRecord.objects.live().filter(officer__in=ids, credited_year=year, not_counted="")
    rows = records.order_by("completed_on", "pk").values_list(
        "officer", "training_class__course", "training_class__course__title", "completed_on"
    )
    for pk, course, title, completed_on in rows:
        if course == held.course_id or title_key(title) == key:
            when = "" if is_outsider else f", completed on {_day(completed_on)}"
            yield pk, f"The same course is on the record for {year} already{when}. A second time it gives no hours."
    begins, ends = (dt.datetime(one, 1, 1, tzinfo=clock.CHICAGO) for one in (year, year + 1))
    others = (
        Registration.objects.live()
        .filter(officer__in=ids, scheduled_class__state=ScheduledClass.State.PUBLISHED)
        .filter(scheduled_class__ends_at__gte=begins, scheduled_class__ends_at__lt=ends)
        .filter(scheduled_class__training_class=None)
        .exclude(scheduled_class=held.pk)
        .annotate(title=F("scheduled_class__course__title"), at=F("scheduled_class__begins_at"))
        .order_by("at", "pk")
        .values_list("officer", "scheduled_class__course", "title", "at")
    )
    for pk, course, title, at in others:
        if course == held.course_id or title_key(title) == key:
            when = "another day" if is_outsider else day_words(at)
            yield pk, f"Registered for the same course on {when} as well. It counts once in {year}."


def _day(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
