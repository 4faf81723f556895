"""The state of a license on a day, from its events. Pure: events in, state out.

Sources: 11 CSR 75-13, 11 CSR 75-15.080, RSMo 590.030.
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from django.db.models import QuerySet

from clee_portal import compiled
from training.models import LicenseEvent

Kind = LicenseEvent.Kind
# The Director's own acts: nobody else records them, and the database lets nobody rewrite them.
BY_THE_DIRECTOR = (Kind.MADE_INACTIVE, Kind.REINSTATED)


class LicenseStatus(StrEnum):
    """What a license is on a day."""

    NONE = "no license"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"


class EventFact(NamedTuple):
    """A license event as the rules need it: what, on which day, and for which period (inactive and reinstated only)."""

    kind: str
    occurred_on: dt.date
    period_year: int | None = None


class LicenseState(NamedTuple):
    """The license on a day: its status, since when, and the periods it is inactive for."""

    status: LicenseStatus
    since: dt.date | None
    inactive_for: tuple[int, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether there is a license at all: suspended and inactive ones are still owed CLEE."""
        return self.status in (LicenseStatus.ACTIVE, LicenseStatus.SUSPENDED, LicenseStatus.INACTIVE)

    @property
    def may_hold_commission(self) -> bool:
        """Whether the officer may hold a commission: not while inactive (75-15.080), suspended or without a license."""
        return self.status is LicenseStatus.ACTIVE


ENDINGS = {
    Kind.EXPIRED: LicenseStatus.EXPIRED,
    Kind.REVOKED: LicenseStatus.REVOKED,
    Kind.SURRENDERED: LicenseStatus.SURRENDERED,
}


def state_on(events: Iterable[EventFact], day: dt.date) -> LicenseState:
    """The state of a license at the end of `day`. `events` are in order of their dates; later ones are left out."""
    held_since: dt.date | None = None
    ended: tuple[LicenseStatus, dt.date] | None = None
    suspended_since: dt.date | None = None
    inactive: dict[int, dt.date] = {}
    for kind, occurred_on, period_year in events:
        if occurred_on > day:
            continue
        if kind == Kind.ISSUED:
            if held_since is None or ended:
                held_since, ended, suspended_since, inactive = occurred_on, None, None, {}
        elif kind in ENDINGS:
            ended = (ENDINGS[kind], occurred_on)
        elif kind == Kind.SUSPENDED:
            suspended_since = occurred_on
        elif kind == Kind.SUSPENSION_ENDED:
            suspended_since = None
        elif kind == Kind.MADE_INACTIVE:
            inactive[period_year] = occurred_on
        elif kind == Kind.REINSTATED:
            inactive.pop(period_year, None)
    periods = tuple(sorted(inactive))
    if held_since is None:
        return LicenseState(LicenseStatus.NONE, None)
    if ended:
        return LicenseState(*ended)
    if suspended_since:
        return LicenseState(LicenseStatus.SUSPENDED, suspended_since, periods)
    if inactive:
        return LicenseState(LicenseStatus.INACTIVE, min(inactive.values()), periods)
    return LicenseState(LicenseStatus.ACTIVE, held_since)


def misfits(events: Iterable[EventFact]) -> list[str]:
    """What does not fit in the course of a license, in words, in the order of the events; empty where all of it does.

    Surrender and revocation are for good (RSMo 590.080); an expired license comes back by a new one (RSMo 590.030).
    """
    found, before = [], []
    for event in events:
        state = state_on(before, event.occurred_on)
        before.append(event)
        day = f"{event.occurred_on:%B} {event.occurred_on.day}, {event.occurred_on.year}"
        if event.kind == Kind.ISSUED:
            if state.is_held:
                found.append(f"A license was held already on {day}, so none was issued.")
            elif state.status in (LicenseStatus.REVOKED, LicenseStatus.SURRENDERED):
                found.append(f"The license was {state.status} before {day}, for good: no new one follows it.")
        elif event.kind == Kind.BASIC_TRAINING_COMPLETED:
            continue
        elif not state.is_held:
            found.append(f"No license was held on {day}, so nothing could happen to it.")
        elif event.kind == Kind.SUSPENDED and state.status is LicenseStatus.SUSPENDED:
            found.append(f"The license was suspended already on {day}.")
        elif event.kind == Kind.SUSPENSION_ENDED and state.status is not LicenseStatus.SUSPENDED:
            found.append(f"The license was not suspended on {day}, so no suspension ended.")
    return found


def states_of(officer_ids: Iterable[int], day: dt.date, as_of: dt.datetime) -> dict[int, LicenseState]:
    """Id of an officer -> the license on `day`, from what was known at `as_of`; one statement."""
    events: dict[int, list[EventFact]] = {pk: [] for pk in officer_ids}
    for pk, *row in _events_of_some().rows(officers=events, as_of=as_of) if events else ():
        events[pk].append(EventFact(*row))
    return {pk: state_on(one, day) for pk, one in events.items()}


def events_of(officer, as_of: dt.datetime) -> list[EventFact]:
    """The events of one officer's license known at `as_of`, in order."""
    return [EventFact(*row) for row in _events().rows(officer=officer.pk, as_of=as_of)]


@compiled.written(officer=compiled.NUMBER, as_of=compiled.MOMENT)
def _events(officer, as_of) -> QuerySet:
    """Every page about an officer asks for them."""
    known = LicenseEvent.objects.known(as_of).filter(officer=officer)
    return known.order_by("occurred_on", "recorded_at", "pk").values_list("kind", "occurred_on", "period_year")


@compiled.written(officers=compiled.SOME, as_of=compiled.MOMENT)
def _events_of_some(officers, as_of) -> QuerySet:
    known = LicenseEvent.objects.known(as_of).filter(officer__in=officers)
    known = known.order_by("occurred_on", "recorded_at", "pk")
    return known.values_list("officer", "kind", "occurred_on", "period_year")
