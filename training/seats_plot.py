"""The chart of seats by month: how many there were, how many were taken, how many people were left waiting. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.formats import date_format

from clee_portal import clock
from training.provider_overview import Held

HEIGHT, TOP, BASE = 250, 22, 214  # pixels down; across everything is percent, so that words keep their size
MOST_MONTHS = 24  # a longer span is drawn by years
A_COLUMN_FILLS = 0.62


class Column(NamedTuple):
    """A month, or a year of a long span."""

    label: str
    classes: int
    capacity: int
    taken: int
    waiting: int

    @property
    def share(self) -> int | None:
        """Seats taken, in percent."""
        return self.taken * 100 // self.capacity if self.capacity else None


class Bar(NamedTuple):
    """One rectangle of the chart and what it says when it is pointed at; across in percent, down in pixels."""

    kind: str
    x: str
    width: str
    y: int
    height: int
    words: str


class Label(NamedTuple):
    """The name of a column; one that is `is_extra` is left out on a phone."""

    x: str
    text: str
    is_extra: bool


class Plot(NamedTuple):
    """The chart with the table behind it."""

    columns: list[Column]
    bars: list[Bar]
    labels: list[Label]
    most: int
    has_waiting: bool
    by: str  # month or year
    height: int = HEIGHT
    top: int = TOP
    base: int = BASE


def columns(classes: Sequence[Held], since: dt.date, until: dt.date) -> list[Column]:
    """A column for each month of the span (inclusive), or for each year where there are too many months."""
    months = [(at // 12, at % 12 + 1) for at in range(_month(since), _month(until) + 1)]
    by_year = len(months) > MOST_MONTHS
    keys = sorted({year for year, _ in months}) if by_year else months
    several = len({year for year, _ in months}) > 1
    found = {key: [0, 0, 0, 0] for key in keys}
    for one in classes:
        day = clock.day_of(one.scheduled.begins_at)
        counted = found[day.year if by_year else (day.year, day.month)]
        numbers = (1, one.scheduled.capacity, one.scheduled.seats_taken, one.waiting)
        counted[:] = [before + more for before, more in zip(counted, numbers, strict=True)]
    return [Column(_name(key, several), *counted) for key, counted in found.items()]


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _name(key: int | tuple[int, int], several: bool) -> str:
    if isinstance(key, int):
        return str(key)
    year, month = key
    return date_format(dt.date(year, month, 1), "M ’y" if several else "M")


def plot(classes: Sequence[Held], since: dt.date, until: dt.date) -> Plot | None:
    """The chart; None where there was no class."""
    if not classes:
        return None
    found = columns(classes, since, until)
    most = max(one.capacity + one.waiting for one in found)
    by = "year" if _month(until) - _month(since) >= MOST_MONTHS else "month"
    whole = 100 / len(found)
    bars, labels = [], []
    for at, one in enumerate(found):
        x, width = f"{at * whole + whole * (1 - A_COLUMN_FILLS) / 2:.2f}%", f"{whole * A_COLUMN_FILLS:.2f}%"
        seats, taken, waiting = (_pixels(count, most) for count in (one.capacity, one.taken, one.waiting))
        if seats:
            words = f"{one.label}: {one.taken:,} of {one.capacity:,} seats taken, {one.share} %"
            bars.append(Bar("seats", x, width, BASE - seats, seats, words))
            if taken:
                bars.append(Bar("taken", x, width, BASE - taken, taken, words))
        if waiting:
            bars.append(
                Bar("waiting", x, width, BASE - seats - waiting, waiting, f"{one.label}: {one.waiting:,} waiting")
            )
        labels.append(Label(f"{(at + 0.5) * whole:.2f}%", one.label, at % 2 == 1))
    return Plot(found, bars, labels, most, any(one.waiting for one in found), by)


def _pixels(count: int, most: int) -> int:
    return max(round(count * (BASE - TOP) / most), 2) if count else 0
