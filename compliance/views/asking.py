"""Which period and which day a page is asked about: `?period=2025`, `?as_of=2026-03-01`."""

import datetime as dt
from typing import NamedTuple

from django.http import Http404, HttpRequest

from clee_portal import clock
from compliance.seed import FIRST_YEAR
from compliance.wording import full_date


class Asking(NamedTuple):
    """What a page is asked: the period's year (None: the one the day lies in) and the day, today unless one is given.

    `trouble` says why another day could not be shown.
    """

    today: dt.date
    day: dt.date
    as_of: dt.datetime
    period: int | None
    trouble: str = ""

    @property
    def is_replay(self) -> bool:
        """Whether another day than today is shown."""
        return self.day != self.today

    @property
    def year(self) -> int:
        """The calendar year of the period asked about."""
        return self.period or self.day.year


def asking(request: HttpRequest) -> Asking:
    """What `request` asks. A period that is no year is 404; a day that cannot be shown is today, with the reason."""
    today = clock.today()
    now = clock.end_of_day(today)
    period = request.GET.get("period") or None
    if period is not None and not (period.isascii() and period.isdigit() and len(period) == 4):
        raise Http404
    year = int(period) if period else None
    if not (typed := request.GET.get("as_of", "").strip()):
        return Asking(today, today, now, year)
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        return Asking(today, today, now, year, f"“{typed[:40]}” is not a date. Write it like 2026-03-01.")
    if day > today:
        return Asking(today, today, now, year, f"{full_date(day)} is still to come. This is today’s standing.")
    if day.year < FIRST_YEAR:
        return Asking(today, today, now, year, f"The periods kept here begin with {FIRST_YEAR}.")
    return Asking(today, day, clock.end_of_day(day), year)
