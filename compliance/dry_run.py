"""A dry run: one list of requirements against another over the whole state, by the engine that judges it (decision 2).

Hours are tallied once for both lists, in one statement; every officer is judged by each. Nothing is written: topics
that a draft only proposes are taken back (`compliance.trial`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from compliance import rules, standings, trial, wording
from compliance.models import ReportingPeriod, Requirement, RequirementSet
from compliance.standings import Question
from compliance.verdict import ZERO, Finding, Standing
from training.models import Commission, Officer


class Move(NamedTuple):
    """How the finding of an officer differs between the two lists. Officers with equal findings share one.

    `more` and `less`: requirement code -> hours missing after, where they are more than before; and before, where they
    are fewer after, or none. `shown`: by which choices of `SHOWN` it is listed; by none where nothing is different.
    """

    before: Finding
    after: Finding
    more: dict[str, Decimal]
    less: dict[str, Decimal]
    shown: frozenset[str]


# What of a dry run is listed: code, words.
SHOWN = (
    ("standing", "Whose standing changes"),
    ("loses", "No longer compliant"),
    ("gains", "Become compliant"),
    ("more", "Lack more hours"),
    ("less", "Lack fewer hours"),
    ("all", "Everything that changes"),
)


def _move(before: Finding, after: Finding) -> Move:
    """The move from one finding to another."""
    was, now = wording.owed(before), wording.owed(after)
    more = {code: hours for code, hours in now.items() if hours > was.get(code, ZERO)}
    less = {code: hours for code, hours in was.items() if hours > now.get(code, ZERO)}
    is_other = before.standing != after.standing
    holds = {
        "standing": is_other,
        "loses": is_other and before.standing == Standing.COMPLIANT,
        "gains": is_other and after.standing == Standing.COMPLIANT,
        "more": more,
        "less": less,
        "all": is_other or more or less,
    }
    return Move(before, after, more, less, frozenset(code for code, held in holds.items() if held))


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
        return sum(n for move, n in self.counted if shown in move.shown)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The same for every choice."""
        return {code: self.count(code) for code, _ in SHOWN}

    @cached_property
    def between(self) -> list[tuple[Standing, Standing, int]]:
        """From which standing to which, and how many; the most first."""
        found: Counter[tuple[Standing, Standing]] = Counter()
        for move, n in self.counted:
            if "standing" in move.shown:
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
            shown = self.moves[officer].shown
            for place in places:
                counts = found.setdefault(place, [0, 0, 0, 0])
                for at, code in enumerate(("standing", "loses", "gains", "more")):
                    counts[at] += code in shown
        rows = [ByAgency(*place, *counts) for place, counts in found.items()]
        return sorted(rows, key=lambda one: (-one.loses, -one.standing, -one.more, one.name))

    def chosen(self, shown: str = "standing", requirement: str = "", agency: str = "") -> list[int]:
        """The officers of a choice: of one requirement they lack more or less of, of one agency (by code)."""
        fits = {
            id(move)
            for move, _ in self.counted
            if shown in move.shown and (not requirement or requirement in move.more or requirement in move.less)
        }
        found = [pk for pk, move in self.moves.items() if id(move) in fits]
        if agency:
            found = [pk for pk in found if any(code == agency for _, _, code in self.places.get(pk, ()))]
        return found

    def in_order(self, ids: Collection[int]) -> list[int]:
        """Officers by name. The whole register is read in its order: faster than asking for thousands by their ids."""
        wanted = set(ids)
        everyone = Officer.objects.order_by("search_name", "license_number").values_list("pk", flat=True)
        return [pk for pk in everyone.iterator(chunk_size=20_000) if pk in wanted] if wanted else []


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
    shared: dict[tuple[int, int], Move] = {}
    moves: dict[int, Move] = {}
    for pk, was in first.items():
        now = last[pk]
        key = (id(was), id(now))
        if (move := shared.get(key)) is None:
            move = shared[key] = _move(was, now)
        if move.shown:
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
