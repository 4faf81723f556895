"""Make-up credit: for which of two years hours count that were earned after a period had ended. Rulebook 11, 8.

A record belongs to one year, whole. It counts in the year it was completed until somebody credits it to an earlier,
ended period in which the officer is short: completed by that period's show-by date (March 15), inside a granted
extension, or while the officer was past both. Whoever reported the class decides as long as that date has not passed;
POST decides at any time. What was decided can be taken back by the same people as long, also once the earlier year is
met otherwise. An hour never counts twice.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import add, sub
from typing import NamedTuple

from compliance import gaps, verdict
from compliance.models import Requirement
from compliance.verdict import ZERO, Asked, Finding, PeriodFacts, Situation, Standing

# Standings of an ended period in which hours are still owed.
SHORT = (
    Standing.EXTENDED,
    Standing.GRACE,
    Standing.EXTENSION_PENDING,
    Standing.CANDIDATE,
    Standing.INACTIVE,
)


class Year(NamedTuple):
    """A period as asked about on a day: its dates, what it asks, and the requirements behind that."""

    period: PeriodFacts
    asked: tuple[Asked, ...]
    requirements: tuple[Requirement, ...]
    day: dt.date

    @property
    def is_over(self) -> bool:
        """Whether the period has ended."""
        return self.day > self.period.ends_on


class Side(NamedTuple):
    """An officer in one of the two years: where they stand as it is, and the hours the record gives there."""

    year: Year
    finding: Finding
    given: tuple[Decimal, ...]

    def moved(self, by) -> Finding:
        """Where they would stand with the hours of the record added, or taken away."""
        hours = tuple(map(by, self.finding.hours, self.given))
        return verdict.judge(self.year.period, self.year.day, self.year.asked, self.finding.situation, hours)


class Choice(NamedTuple):
    """One of the two years for the hours: what each year is then, and how good that is (less is better)."""

    year: int
    findings: Mapping[int, Finding]
    cost: tuple
    is_now: bool


class Options(NamedTuple):
    """Both choices for one record, the earlier year first, and which is better."""

    earlier: Choice
    own: Choice

    @property
    def better(self) -> Choice:
        """The one that leaves fewer ended periods short, then fewer hours missing in them, then fewer in both years.

        Where both are alike, the hours stay in their own year.
        """
        return self.earlier if self.earlier.cost < self.own.cost else self.own


def options(earlier: Side, own: Side, credited_year: int) -> Options:
    """What either choice makes of both years; the record is credited to `credited_year` now."""
    is_earlier = credited_year == earlier.year.period.year
    years = (earlier.year, own.year)
    if is_earlier:
        both = (earlier.finding, own.finding), (earlier.moved(sub), own.moved(add))
    else:
        both = (earlier.moved(add), own.moved(sub)), (earlier.finding, own.finding)
    choices = [
        Choice(
            side.period.year,
            {year.period.year: finding for year, finding in zip(years, findings, strict=True)},
            _cost(years, findings),
            (side is earlier.year) == is_earlier,
        )
        for side, findings in zip(years, both, strict=True)
    ]
    return Options(*choices)


def _cost(years: Sequence[Year], findings: Sequence[Finding]) -> tuple:
    missing = [_missing(year, finding) for year, finding in zip(years, findings, strict=True)]
    ended = [hours for year, hours in zip(years, missing, strict=True) if year.is_over]
    return sum(1 for hours in ended if hours), sum(ended, ZERO), sum(missing, ZERO)


def _missing(year: Year, finding: Finding) -> Decimal:
    owes = finding.standing in (*SHORT, Standing.IN_PROGRESS)
    return gaps.fewest_hours(year.requirements, finding.short) if owes else ZERO


def open_until(period: PeriodFacts, situation: Situation, completed_on: dt.date) -> dt.date | None:
    """The last day on which whoever reported the class decides, and takes back what was decided; None: only POST may.

    It is the show-by date, or the last day of an extension in force, where the class was completed by then; one without
    a day of its own does not end.
    """
    days = [period.show_by, *([situation.due_on or dt.date.max] if situation.is_extended else [])]
    return max((day for day in days if completed_on <= day), default=None)
