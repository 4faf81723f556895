"""The one place that asks what time it is.

Every other module is handed a date or a moment. Dates are days in Missouri (America/Chicago); a date used as a moment
means the end of that day (`../docs/architecture.md`, Two clocks).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

CHICAGO = ZoneInfo("America/Chicago")
# A moment after everything recorded: "as of all that is known".
END_OF_TIME = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


_turned: ContextVar[dt.datetime | None] = ContextVar("turned", default=None)


@contextmanager
def turned_to(moment: dt.datetime) -> Iterator[None]:
    """Inside, it is `moment`: a file of the register reads as it would have then. For comparing, never for acts."""
    token = _turned.set(moment)
    try:
        yield
    finally:
        _turned.reset(token)


def now() -> dt.datetime:
    """The present moment, time zone aware; under test it may be turned (`CLOCK_OFFSET_FILE`, refused elsewhere)."""
    if moment := _turned.get():
        return moment
    if settings.CLOCK_OFFSET_FILE:
        return timezone.now() + dt.timedelta(seconds=float(Path(settings.CLOCK_OFFSET_FILE).read_text()))
    return timezone.now()


def of_the_machine() -> dt.datetime:
    """The present moment, never turned: what Django itself stamps its rows with is compared with this."""
    return timezone.now()


def today() -> dt.date:
    """Today's date in Missouri."""
    return now().astimezone(CHICAGO).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """The last microsecond of `day` in Missouri: what a date means when it is used as a moment."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=CHICAGO)


def midday(day: dt.date) -> dt.datetime:
    """Noon of `day` in Missouri: the moment given to facts of which only the day is known."""
    return dt.datetime.combine(day, dt.time(12), tzinfo=CHICAGO)


def day_of(moment: dt.datetime) -> dt.date:
    """The Missouri day on which `moment` falls."""
    return moment.astimezone(CHICAGO).date()


def last_day(ends_at: dt.datetime) -> dt.date:
    """The last Missouri day of what ends at a moment: after midnight the next one, at midnight sharp the one that is
    over."""
    return day_of(ends_at - dt.timedelta(microseconds=1))


def midnight_after(day: dt.date) -> dt.datetime:
    """Where `day` is over in Missouri. What ends by then, or at it, has `day` as its `last_day` at the latest."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=CHICAGO)
