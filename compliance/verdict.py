"""The verdict: from tallied hours and an officer's situation to a standing. Pure: no database, no clock, no settings.

The ten standings and their order are the whole law of the portal; sources: 11 CSR 75-15.010 and 75-15.080.
"""

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices

from training.licensing import ENDINGS, EventFact, Kind, state_on

ZERO = Decimal(0)
EXEMPTING = (Kind.ISSUED, Kind.UPGRADED, Kind.BASIC_TRAINING_COMPLETED)


class Standing(TextChoices):
    """Where an officer stands in a reporting period on a day; the first that fits, in this order."""

    NOT_APPLICABLE = "not_applicable", "Not applicable"
    EXEMPT = "exempt", "Exempt"
    WAIVED = "waived", "Waived"
    COMPLIANT = "compliant", "Compliant"
    INACTIVE = "inactive", "License inactive"
    IN_PROGRESS = "in_progress", "In progress"
    EXTENDED = "extended", "Extended"
    GRACE = "grace", "Make-up time"
    EXTENSION_PENDING = "extension_pending", "Request undecided"
    CANDIDATE = "candidate", "Past March 15"


class PeriodFacts(NamedTuple):
    """A reporting period's dates, all inclusive: it ends, and hours may be made up and shown until `show_by`."""

    year: int
    starts_on: dt.date
    ends_on: dt.date
    show_by: dt.date


class Asked(NamedTuple):
    """What one requirement asks: at least `minimum` hours."""

    code: str
    minimum: Decimal


class ReliefFact(NamedTuple):
    """A request for relief and the latest decision on it; `decision` is None while it is undecided."""

    kind: str
    decision: str | None = None
    due_on: dt.date | None = None


class Situation(NamedTuple):
    """What an officer's license and relief say on a day, before hours are looked at.

    `settled` is the standing where hours do not matter. `due_on` is the last day of an extension; `is_extended` and
    `is_pending` may both be true (a request to prolong).
    """

    settled: Standing | None = None
    is_inactive: bool = False
    is_extended: bool = False
    due_on: dt.date | None = None
    is_pending: bool = False


ORDINARY = Situation()
NOT_APPLICABLE = Situation(settled=Standing.NOT_APPLICABLE)


class Finding(NamedTuple):
    """The verdict on one officer for one period on one day. Equal findings are one shared object.

    A named tuple rather than a frozen dataclass: a whole state makes thousands of them, and it is cheaper to make.
    """

    standing: Standing
    asked: tuple[Asked, ...]
    hours: tuple[Decimal, ...]
    situation: Situation

    @property
    def earned(self) -> dict[str, Decimal]:
        """Requirement code -> hours that count to it."""
        return {asked.code: hours for asked, hours in zip(self.asked, self.hours, strict=True)}

    @property
    def short(self) -> dict[str, Decimal]:
        """Requirement code -> hours missing; only the requirements not met, {} where all are."""
        return {
            asked.code: asked.minimum - hours
            for asked, hours in zip(self.asked, self.hours, strict=True)
            if hours < asked.minimum
        }

    @property
    def due_on(self) -> dt.date | None:
        """The last day of the extension in force, if there is one."""
        return self.situation.due_on


def situation_of(
    period: PeriodFacts, day: dt.date, events: Sequence[EventFact], relief: Iterable[ReliefFact] = ()
) -> Situation:
    """What the license events (in order of their dates) and relief of one officer say about `period` on `day`."""
    happened = [event for event in events if event.occurred_on <= day]
    issued = [event.occurred_on for event in happened if event.kind == Kind.ISSUED]
    license_now = state_on(happened, day)
    if not license_now.is_held or min(issued) > period.ends_on or not _held_in_period(happened, period):
        return NOT_APPLICABLE
    if any(e.kind in EXEMPTING and period.starts_on <= e.occurred_on <= period.ends_on for e in happened):
        return Situation(settled=Standing.EXEMPT)
    granted = [r for r in relief if r.decision == "granted"]
    if any(r.kind == "waiver" for r in granted):
        return Situation(settled=Standing.WAIVED)
    extensions = [r for r in granted if r.due_on is None or r.due_on >= day]
    return Situation(
        is_inactive=_made_inactive(happened, period.year),
        is_extended=bool(extensions),
        due_on=max((r.due_on for r in extensions if r.due_on), default=None),
        is_pending=any(r.decision is None for r in relief),
    )


def _made_inactive(events: Sequence[EventFact], year: int) -> bool:
    """Whether the license was made inactive for a period and not reinstated: a license issued anew does not cure it."""
    concerning = [e.kind for e in events if e.period_year == year and e.kind in (Kind.MADE_INACTIVE, Kind.REINSTATED)]
    return bool(concerning) and concerning[-1] == Kind.MADE_INACTIVE


def _held_in_period(events: Sequence[EventFact], period: PeriodFacts) -> bool:
    """Whether there was a license on any day of the period: expired before it and issued anew after it owes nothing."""
    if state_on(events, period.starts_on).is_held:
        return True
    return any(e.kind == Kind.ISSUED and period.starts_on <= e.occurred_on <= period.ends_on for e in events)


def judge(
    period: PeriodFacts, day: dt.date, asked: tuple[Asked, ...], situation: Situation, hours: tuple[Decimal, ...]
) -> Finding:
    """The finding for one officer: the first standing that fits. `hours` are in the order of `asked`."""
    return judging(period, day, asked)(situation, hours)


def judging(
    period: PeriodFacts, day: dt.date, asked: tuple[Asked, ...]
) -> Callable[[Situation, tuple[Decimal, ...]], Finding]:
    """`judge` for many officers of one question: what is the same for all of them is looked at once."""
    minimums = tuple(need.minimum for need in asked)
    is_over, is_grace = day > period.ends_on, day <= period.show_by

    def finding(situation: Situation, hours: tuple[Decimal, ...]) -> Finding:
        if situation.settled is not None:
            standing = situation.settled
        elif all(map(operator.ge, hours, minimums)):
            standing = Standing.COMPLIANT
        elif situation.is_inactive:
            standing = Standing.INACTIVE
        elif not is_over:
            standing = Standing.IN_PROGRESS
        elif situation.is_extended:
            standing = Standing.EXTENDED
        elif is_grace:
            standing = Standing.GRACE
        elif situation.is_pending:
            standing = Standing.EXTENSION_PENDING
        else:
            standing = Standing.CANDIDATE
        return Finding(standing, asked, hours, situation)

    return finding


SPECIAL_KINDS = (*ENDINGS, Kind.MADE_INACTIVE, Kind.REINSTATED)
