"""The chart of a campaign: a line for each thing that happens to an invitation, named where it ends. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from training.invitation_lists import KINDS, Day

HEIGHT, TOP, BASE = 240, 16, 208  # pixels down; across everything is percent, so that words keep their size
RIGHT = 72  # percent of the width: the names of the lines stand beyond
APART = 17  # pixels between two names
WORDS = {"invited": "invited", "sent": "sent", "opened": "opened", "connected": "connected", "lost": "failed"}


class Line(NamedTuple):
    """One line: which, its points in a square of 100 by 100, its name and where that stands."""

    kind: str
    points: str
    label: str
    y: int


class Plot(NamedTuple):
    """The lines, the number at the top, and the first and last day."""

    lines: list[Line]
    most: int
    first: object
    last: object
    height: int = HEIGHT
    top: int = TOP
    base: int = BASE
    span: int = BASE - TOP
    right: int = RIGHT


def plot(days: Sequence[Day]) -> Plot | None:
    """The chart; None where nothing has happened."""
    if not days:
        return None
    most = max(max(day[1:]) for day in days) or 1
    steps = max(len(days) - 1, 1)
    lines = []
    for kind in KINDS:
        values = [getattr(day, kind) for day in days]
        if kind == "lost" and not values[-1]:
            continue
        values = values if len(values) > 1 else values * 2
        points = " ".join(f"{100 * at / steps:.2f},{100 - 100 * value / most:.2f}" for at, value in enumerate(values))
        lines.append((kind, points, values[-1]))
    return Plot(_named(lines, most), most, days[0].day, days[-1].day)


def _named(lines, most: int) -> list[Line]:
    """Names beside the ends of the lines, moved apart where they would lie on each other."""
    wished = sorted(
        ((BASE - (BASE - TOP) * value / most, order, kind, points, value)
         for order, (kind, points, value) in enumerate(lines)),
        key=lambda one: (one[0], one[1]),
    )  # fmt: skip
    at, placed = TOP - APART, []
    for y, _, kind, points, value in wished:
        at = max(y, at + APART)
        placed.append([at, kind, points, value])
    limit = BASE + 4
    for one in reversed(placed):  # nothing runs off the bottom
        one[0] = min(one[0], limit)
        limit = one[0] - APART
    return [Line(kind, points, f"{value:,} {WORDS[kind]}", round(y)) for y, kind, points, value in placed]
