"""What is looked at before somebody is registered for a class in the calendar: what keeps them out, and what they are
warned of and may accept. Also by when an offered seat is to be answered. A constant number of statements, however many
officers.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext

from clee_portal import clock, compiled
from clee_portal.refusal import Refused
from training import licensing
from training.licensing import LicenseState, LicenseStatus
from training.models import Officer, ProviderLicense, Registration, ScheduledClass, TrainingRecord
from training.moments import day_words, span_words
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
        super().__init__(gettext("Read what is noted below, and tick that you register all the same."), field="accepts")
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
        return gettext("This class was called off: %(why)s") % {"why": held.called_off_because}
    if held.state == ScheduledClass.State.DRAFT:
        return gettext("This class is not published yet.")
    if now >= held.begins_at:
        return gettext("This class has begun. Whoever stands at the door is entered there.")
    if not by_provider:
        if held.opens_at and now < held.opens_at:
            return gettext("Registration opens on %(day)s.") % {"day": day_words(held.opens_at)}
        if held.closes_at and now >= held.closes_at:
            return gettext("Registration closed on %(day)s. %(call)s") % {
                "day": day_words(held.closes_at),
                "call": _call(held),
            }
    return unlicensed(held, now)


def _call(held: ScheduledClass) -> str:
    reached = held.contact_phone or held.provider.phone
    if reached:
        return gettext("Call %(provider)s at %(phone)s.") % {"provider": held.provider, "phone": reached}
    return gettext("Ask %(provider)s.") % {"provider": held.provider}


def unlicensed(held: ScheduledClass, now: dt.datetime) -> str:
    """Why nobody takes a seat for the provider's license, in words; empty where it is valid. One statement."""
    today, last = clock.day_of(now), clock.last_day(held.ends_at)
    worth_nothing = (ProviderLicense.Standing.SUSPENDED, ProviderLicense.Standing.REVOKED)
    rows = list(
        ProviderLicense.objects.live()
        .filter(Q(valid_until=None) | Q(valid_until__gte=today), provider=held.provider_id)
        .values_list("standing", "valid_from", "valid_until")
    )
    for standing, first, until in rows:
        if standing in worth_nothing and first <= last and (until is None or until >= last):
            word = gettext(ProviderLicense.Standing(standing).label).lower()
            return gettext(
                "The license of %(provider)s is %(word)s: the class may give no credit, so nobody is registered."
            ) % {"provider": held.provider, "word": word}
    if not any(first <= today and standing not in worth_nothing for standing, first, _ in rows):
        return gettext(
            "%(provider)s holds no valid license today: the class may give no credit, so nobody is registered."
        ) % {"provider": held.provider}
    return ""


def look(held: ScheduledClass, officers: Sequence[Officer], *, is_outsider: bool = False) -> Look:
    """What stands against registering `officers` for a class, and what they are warned of, whatever seats there are.

    `is_outsider`: the reader is the provider, who is told of other classes only that there is one.
    """
    refused: dict[int, str] = {}
    warned: dict[int, list[str]] = {}
    last = clock.last_day(held.ends_at)
    ids = [one.pk for one in officers]
    for pk, state in licensing.states_of(ids, last, clock.END_OF_TIME).items():
        if not state.is_held:
            refused[pk] = _not_held(state, is_outsider)
        elif state.status is not LicenseStatus.ACTIVE:
            warned.setdefault(pk, []).append(_not_active(state, is_outsider))
    booked = list(_booked_elsewhere(held, ids))
    for found in (_at_the_same_hours(held, booked, is_outsider), _taken(held, ids, booked, is_outsider)):
        for pk, text in found:
            if text not in warned.setdefault(pk, []):
                warned[pk].append(text)
    return Look(refused, {pk: texts for pk, texts in warned.items() if pk not in refused})


def _not_held(state: LicenseState, is_outsider: bool) -> str:
    if is_outsider or state.since is None:
        return gettext("No license is in force on the day of the class, so nothing could be credited.")
    said = gettext("The license was %(status)s on %(day)s, so nothing could be credited.")
    return said % {"status": _status(state), "day": _day(state.since)}


def _not_active(state: LicenseState, is_outsider: bool) -> str:
    if is_outsider or state.since is None:
        said = gettext("The license is %(status)s.") % {"status": _status(state)}
    else:
        said = gettext("The license is %(status)s, since %(day)s.")
        said %= {"status": _status(state), "day": _day(state.since)}
    return f"{said} {gettext('The hours are credited all the same; they give no commission back.')}"


class _Booked(NamedTuple):
    """A meeting of another class in which an officer has a seat, or for which they wait."""

    officer: int
    state: str
    held: int
    course: int
    title: str
    first: dt.datetime
    last: dt.datetime
    begins_at: dt.datetime
    ends_at: dt.datetime


def _booked_elsewhere(held: ScheduledClass, ids: list[int]) -> Iterable[_Booked]:
    """Every meeting of the other classes these officers are on the list of."""
    for row in _others().rows(officers=ids, held=held.pk) if ids else ():
        yield _Booked(*row)


@compiled.written(officers=compiled.SOME, held=compiled.NUMBER)
def _others(officers, held) -> QuerySet:
    found = Registration.objects.live().filter(
        officer__in=officers,
        scheduled_class__state=ScheduledClass.State.PUBLISHED,
        scheduled_class__training_class=None,
        scheduled_class__meetings__isnull=False,
    )
    of = "scheduled_class__"
    rows = found.exclude(scheduled_class=held).order_by(f"{of}begins_at", f"{of}meetings__begins_at", "pk")
    return rows.values_list(
        "officer", "state", "scheduled_class", f"{of}course", f"{of}course__title", f"{of}begins_at", f"{of}ends_at",
        f"{of}meetings__begins_at", f"{of}meetings__ends_at",
    )  # fmt: skip


def _at_the_same_hours(
    held: ScheduledClass, booked: Collection[_Booked], is_outsider: bool
) -> Iterable[tuple[int, str]]:
    """Other classes these officers have a seat in, or wait for, that meet while this one does."""
    near = [one for one in booked if one.first < held.ends_at and one.last > held.begins_at]
    mine = list(held.meetings.values_list("begins_at", "ends_at")) if near else []
    told = set()
    for one in near:
        meets = any(one.begins_at < ends_at and one.ends_at > begins_at for begins_at, ends_at in mine)
        if not meets or (one.officer, one.held) in told:
            continue
        told.add((one.officer, one.held))
        if is_outsider:
            yield one.officer, gettext("Another class at the same hours.")
        else:
            if one.state == Registration.State.REGISTERED:
                said = gettext("Registered for another class at the same hours: “%(title)s”, %(when)s.")
            else:
                said = gettext("On the wait-list of another class at the same hours: “%(title)s”, %(when)s.")
            yield one.officer, said % {"title": one.title, "when": span_words(one.begins_at, one.ends_at)}


def _taken(
    held: ScheduledClass, ids: list[int], booked: Collection[_Booked], is_outsider: bool
) -> Iterable[tuple[int, str]]:
    """The same course on the record of the year already, or another class of it that these officers are to take.

    A course counts once in a period (rulebook 20); by title, as entries are compared (`repeats`).
    """
    year, key = clock.last_day(held.ends_at).year, title_key(held.course.title)
    for pk, course, title, completed_on in _counted().rows(officers=ids, year=year) if ids else ():
        if course == held.course_id or title_key(title) == key:
            if is_outsider:
                said = gettext("The same course is on the record for %(year)s already.") % {"year": year}
            else:
                said = gettext("The same course is on the record for %(year)s already, completed on %(day)s.")
                said %= {"year": year, "day": _day(completed_on)}
            yield pk, f"{said} {gettext('A second time it gives no hours.')}"
    for one in booked:
        is_same = one.course == held.course_id or title_key(one.title) == key
        if is_same and clock.day_of(one.last).year == year:
            if is_outsider:
                said = gettext("Registered for the same course on another day as well.")
            else:
                said = gettext("Registered for the same course on %(day)s as well.") % {"day": day_words(one.first)}
            yield one.officer, f"{said} {gettext('It counts once in %(year)s.') % {'year': year}}"


@compiled.written(officers=compiled.SOME, year=compiled.YEAR)
def _counted(officers, year) -> QuerySet:
    records = TrainingRecord.objects.live().filter(officer__in=officers, credited_year=year, not_counted="")
    return records.order_by("completed_on", "pk").values_list(
        "officer", "training_class__course", "training_class__course__title", "completed_on"
    )


def _status(state: LicenseState) -> str:
    return gettext(state.status.value.capitalize()).lower()


def _day(day: dt.date) -> str:
    return date_format(day, "DATE_FORMAT")
