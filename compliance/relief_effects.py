"""What a decision on a request changes: rehearsed and taken back, as the day is today and once March 15 is past.

`effects` looks at acts on records of many; here it is one officer, one period, and two days, because before the
period's end an extension changes nothing yet, and afterwards everything.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from clee_portal import clock
from compliance import standings, wording
from compliance.models import ReliefRequest
from compliance.verdict import Finding
from training.services import bulk


class Look(NamedTuple):
    """Where the officer stands on a day, without the decision and with it."""

    day: dt.date
    is_today: bool
    before: wording.Chip
    after: wording.Chip

    @property
    def changes(self) -> bool:
        """Whether the decision changes the standing of that day."""
        return self.before != self.after


def rehearse(request: ReliefRequest, act: Callable[[], object]) -> list[Look]:
    """The standing today, and on the day after the last day to show hours where that is to come, without `act` and
    with it. `act` is done and taken back. Raises what `act` raises."""
    today = clock.today()
    days = [today]
    if today <= request.period.show_by:
        days.append(request.period.show_by + dt.timedelta(days=1))
    with transaction.atomic():
        before = _on(request, days)
        act()
        after = _on(request, days)
        transaction.set_rollback(True)
    return [
        Look(day, day == today, wording.standing_chip(one), wording.standing_chip(other))
        for day, one, other in zip(days, before, after, strict=True)
    ]


def now(request: ReliefRequest) -> wording.Chip:
    """The officer's standing today."""
    return wording.standing_chip(_on(request, [clock.today()])[0])


def _on(request: ReliefRequest, days: list[dt.date]) -> list[Finding]:
    moments = [max(clock.end_of_day(day), bulk.database_now()) for day in days]
    return [standings.of_officer(standings.question(request.period, moment), request.officer) for moment in moments]
