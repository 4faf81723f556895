"""Make-up credit that a correction finds: whether hours still make up the earlier year they are credited to.

What happened is kept here; up to which day a period may be made up is judged elsewhere, and asked of whoever judges it
(`ask`, as that part of the house gets ready).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from training.models import TrainingRecord


class MadeUp(NamedTuple):
    """Hours of an officer, completed on `was_on`, that are credited to the earlier `year`."""

    officer: int
    year: int
    was_on: dt.date


Judge = Callable[[Sequence[MadeUp], dt.date], set[int]]
_judges: list[Judge] = []


def ask(judge: Judge) -> None:
    """From now on `judge` says for which officers hours, completed on another day instead, still make up the year."""
    _judges[:] = [judge]


def stays(records: Iterable[TrainingRecord], completed_on: dt.date) -> dict[int, int]:
    """Officer id -> the earlier year, of those whose make-up credit stands although the class was on `completed_on`.

    It stands where the class was no later than it was thought to be, and where the judge says so. A class of another
    year makes up nothing any more: it counts there.
    """
    made_up = [
        MadeUp(one.officer_id, one.credited_year, one.completed_on)
        for one in records
        if one.credited_year < one.completed_on.year == completed_on.year
    ]
    later = [one for one in made_up if one.was_on < completed_on]
    allowed = {one.officer for one in made_up if one.was_on >= completed_on}
    if later:
        allowed = allowed.union(*(judge(later, completed_on) for judge in _judges))
    return {one.officer: one.year for one in made_up if one.officer in allowed}
