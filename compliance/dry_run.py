"""A dry run: one list of requirements against another over the whole state, by the engine that judges it (decision 2).

Hours are tallied once for both lists, in one statement; every officer is judged by each. Nothing is written: topics
that a draft only proposes are taken back (`compliance.trial`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from compliance import rules, standings, trial, wording
from compliance.models import ReportingPeriod, Requirement, RequirementSet
from compliance.standings import Question
from compliance.verdict import Finding, Standing
from training.models import Commission


class Move(NamedTuple):
    """How the finding of an officer differs between the two lists. Officers with equal findings share one."""

    before: Finding
    after: Finding

    @property
    def is_other_standing(self) -> bool:
        """Whether the standing is another."""
        return self.before.standing != self.after.standing

    @property
    def loses(self) -> bool:
        """Whether somebody who was compliant is not."""
        return self.is_other_standing and self.before.standing == Standing.COMPLIANT

    @property
    def gains(self) -> bool:
        """Whether somebody who was not compliant is."""
        return self.is_other_standing and self.after.standing == Standing.COMPLIANT

    @property
    def more(self) -> dict[str, Decimal]:
        """Requirement code -> hours missing now, where they are more than before."""
        was = wording.owed(self.before)
        return {code: hours for code, hours in wording.owed(self.after).items() if hours > was.get(code, 0)}

    @property
    def less(self) -> dict[str, Decimal]:
        """Requirement code -> hours that were missing, where fewer are now, or none."""
        now = wording.owed(self.after)
        return {code: hours for code, hours in wording.owed(self.before).items() if hours > now.get(code, 0)}

    @property
    def is_any(self) -> bool:
        """Whether anything an officer would read is different."""
        return self.is_other_standing or wording.owed(self.before) != wording.owed(self.after)


class ByRequirement(NamedTuple):
    """How many lack more of one requirement than before, and how many lack less."""

    code: str
    name: str
    more: int
    less: int


class ByAgency(NamedTuple):
    """Of one agency: how many change standing, lose compliance, become compliant, and lack more than before."""

    pk: int
    name: str
    code: str
    standing: int
    loses: int
    gains: int
    more: int


# What of a dry run is listed: code, words.
SHOWN = (
    ("standing", "Whose standing changes"),
    ("loses", "No longer compliant"),
    ("gains", "Become compliant"),
    ("more", "Lack more hours"),
    ("less", "Lack fewer hours"),
    ("all", "Everything that changes"),
)


@dataclass
class DryRun:
    """What came of one: officer id -> move, for every officer for whom something is different."""

    asked: Question
    before: Sequence[Requirement]
    after: Sequence[Requirement]
    officers: int
    moves: dict[int, Move]
    standings_before: dict[Standing, int]
    standings_after: dict[Standing, int]

    @cached_property
    def counted(self) -> list[tuple[Move, int]]:
        """Each kind of move, and how many officers make it."""
        shared = {id(one): one for one in self.moves.values()}
        return [(shared[key], n) for key, n in Counter(map(id, self.moves.values())).items()]

    def count(self, shown: str) -> int:
        """How many officers `shown` lists."""
        return sum(n for move, n in self.counted if shows(move, shown))

    @cached_property
    def counts(self) -> dict[str, int]:
        """The same for every choice."""
        return {code: self.count(code) for code, _ in SHOWN}

    @cached_property
    def between(self) -> list[tuple[Standing, Standing, int]]:
        """From which standing to which, and how many; the most first."""
        found: Counter[tuple[Standing, Standing]] = Counter()
        for move, n in self.counted:
            if move.is_other_standing:
                found[move.before.standing, move.after.standing] += n
        return [(*pair, n) for pair, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]

    @cached_property
    def names(self) -> dict[str, str]:
        """Requirement code -> name, of both lists."""
        return {one.code: one.name for one in (*self.after, *self.before)}

    @cached_property
    def by_requirement(self) -> list[ByRequirement]:
        """Every requirement for which somebody lacks more, or less."""
        more: Counter[str] = Counter()
        less: Counter[str] = Counter()
        for move, n in self.counted:
            more.update(dict.fromkeys(move.more, n))
            less.update(dict.fromkeys(move.less, n))
        return [
            ByRequirement(code, name, more[code], less[code])
            for code, name in self.names.items()
            if more[code] or less[code]
        ]

    @cached_property
    def places(self) -> dict[int, list[tuple[int, str, str]]]:
        """Officer id -> the agencies of their commissions today (id, name, code), for those in `moves`."""
        rows = Commission.objects.in_force(self.asked.day).order_by("agency__search_name", "pk")
        found: dict[int, list[tuple[int, str, str]]] = {}
        for officer, *place in rows.values_list("officer", "agency", "agency__name", "agency__code"):
            if officer in self.moves:
                found.setdefault(officer, []).append(tuple(place))
        return found

    @cached_property
    def by_agency(self) -> list[ByAgency]:
        """Every agency with somebody for whom something is different, those with the most losses first. An officer with
        two commissions stands at both."""
        found: dict[tuple[int, str, str], list[int]] = {}
        for officer, places in self.places.items():
            move = self.moves[officer]
            flags = (move.is_other_standing, move.loses, move.gains, bool(move.more))
            for place in places:
                counts = found.setdefault(place, [0, 0, 0, 0])
                for at, flag in enumerate(flags):
                    counts[at] += flag
        rows = [ByAgency(*place, *counts) for place, counts in found.items()]
        return sorted(rows, key=lambda one: (-one.loses, -one.standing, -one.more, one.name))

    def chosen(self, shown: str = "standing", requirement: str = "", agency: str = "") -> list[int]:
        """The officers of a choice: of one requirement they lack more or less of, of one agency (by code)."""
        fits = {
            id(move)
            for move, _ in self.counted
            if shows(move, shown) and (not requirement or requirement in move.more or requirement in move.less)
        }
        found = [pk for pk, move in self.moves.items() if id(move) in fits]
        if agency:
            found = [pk for pk in found if any(code == agency for _, _, code in self.places.get(pk, ()))]
        return found


def shows(move: Move, shown: str) -> bool:
    """Whether a choice lists a move."""
    return {
        "standing": move.is_other_standing,
        "loses": move.loses,
        "gains": move.gains,
        "more": bool(move.more),
        "less": bool(move.less),
        "all": move.is_any,
    }[shown]


def run(one: RequirementSet, period: ReportingPeriod, as_of: dt.datetime) -> DryRun | None:
    """A set against the version it is compared with (`rules.compared_with`), over the records of `period`; None where
    there is no such version, or the list is empty.

    `period` is the set's own, or another whose records are judged by both lists: next year's list on this year's.
    """
    other = rules.compared_with(one)
    if other is None:
        return None
    with trial.in_being(one) as after:
        return against(period, tuple(rules.rows_of(other)), after, as_of) if after else None


def against(
    period: ReportingPeriod, before: Sequence[Requirement], after: Sequence[Requirement], as_of: dt.datetime
) -> DryRun:
    """One list against another, over the whole state."""
    asked = Question(period, tuple(after), as_of)
    first, last = standings.of_lists(asked, [before, after])
    shared: dict[tuple[int, int], Move | None] = {}
    moves: dict[int, Move] = {}
    for pk, was in first.items():
        now = last[pk]
        key = (id(was), id(now))
        if key not in shared:
            move = Move(was, now)
            shared[key] = move if move.is_any else None
        if (move := shared[key]) is not None:
            moves[pk] = move
    return DryRun(
        asked, before, after, len(first), moves, standings.counts(first.values()), standings.counts(last.values())
    )


def periods_to_try(one: RequirementSet, today: dt.date) -> list[ReportingPeriod]:
    """The periods whose records a set can be tried on, its own first if it has begun: those that follow it where it
    carries on, and the two before."""
    year = min(one.period.year, today.year)
    found = ReportingPeriod.objects.filter(year__gte=year - 2, starts_on__lte=today).order_by("-year")
    last = one.period.year
    if one.carries_on and (later := rules.later_alike(one.period)):
        last = later[-1].year
    return sorted((p for p in found if p.year <= max(last, year)), key=lambda p: (p.year != one.period.year, -p.year))
