"""The fewest class-hours that bring a whole agency to compliance: which classes of the calendar it sends whom to, and
which classes it hosts itself. Pure: no database, no clock.

A class counts once with all its hours, whether one officer of the agency sits in it or fifty. What the agency hosts has
hours of chosen areas and topics, room for all, and no hours of the day yet; an officer sits only through the hosted
classes they need. Hours that stay missing cost far more than any class, so as few as can be do.

Officers alike are one *kind*. First a relaxed question gives what no plan can cost less than; a plan is built from its
answer; then the whole question is asked, officer by officer, of the classes that could still better it. What is proved
is said: `least`.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd, inf

from compliance import path_solver
from compliance.agency_building import LEFT, Assigned
from compliance.agency_seating import Seating
from compliance.agency_seats import Seats
from compliance.agency_ways import Ways, prove
from compliance.path_solver import SolverFailed
from compliance.paths import Offered, meeting_at_once

HUNDRED = 100
# A hosted class has so many hours at least, unless less is hosted in all.
SHORTEST = Decimal(2)
# With more seconds than that the larger of the relaxed questions is asked.
AT_LENGTH = 30
# So much of the time is for the question of the ways officers go: where at most so many requirements can be met by the
# calendar alone, and where there are more.
PLAIN, WAYS_SHARE, BOUND_SHARE = 2, 0.8, 0.2
# The whole question is asked of so many pairs of an officer and a class, of the most promising classes first. Where the
# last does not take all classes in nothing is proved by it. Of officers alike, taken together, so many.
PAIRS, MOST_GROUPED = (3_000, 20_000, 60_000), 6_000


@dataclass(frozen=True, slots=True)
class Kind:
    """Officers alike: what they lack of each requirement, in its order, and the classes, by key, they cannot take."""

    officers: tuple[int, ...]
    missing: tuple[Decimal, ...]
    barred: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Open:
    """A class of the calendar and the seats left in it."""

    offered: Offered
    seats: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What an hour of a hosted class may be about, and whether it serves each requirement."""

    key: Hashable
    serves: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Hosted:
    """A class to host: the hours of each cell, and who sits in it."""

    parts: tuple[tuple[Hashable, Decimal], ...]
    officers: tuple[int, ...]

    @property
    def hours(self) -> Decimal:
        """All its hours."""
        return sum((hours for _, hours in self.parts), Decimal(0))


@dataclass(frozen=True, slots=True)
class AgencyPath:
    """A plan: who goes to which class of the calendar, what is hosted for whom, and what stays missing for whom (hours
    of each requirement). `least`: no plan costs less, in class-hours; an hour left missing costs `LEFT` of them."""

    seated: tuple[tuple[Offered, tuple[int, ...]], ...]
    hosted: tuple[Hosted, ...]
    left: tuple[tuple[int, tuple[Decimal, ...]], ...]
    least: Decimal

    @property
    def class_hours(self) -> Decimal:
        """The hours of its classes, each once."""
        taken = sum((one.hours for one, _ in self.seated), Decimal(0))
        return taken + sum((one.hours for one in self.hosted), Decimal(0))

    @property
    def hours_left(self) -> Decimal:
        """All hours that stay missing."""
        return sum((hours for _, each in self.left for hours in each), Decimal(0))

    @property
    def cost(self) -> Decimal:
        """What the search makes as small as can be."""
        return self.class_hours + LEFT * self.hours_left

    @property
    def officer_hours(self) -> Decimal:
        """The hours its officers sit in class, all together."""
        taken = sum((one.hours * len(who) for one, who in self.seated), Decimal(0))
        return taken + sum((one.hours * len(one.officers) for one in self.hosted), Decimal(0))

    @property
    def is_proved(self) -> bool:
        """Whether nothing better exists."""
        return self.least >= self.cost

    @property
    def least_hours(self) -> Decimal:
        """The class-hours without which it cannot be done, as far as that is proved, with as much left missing."""
        return max(Decimal(0), min(self.class_hours, self.least - LEFT * self.hours_left))


Told = Callable[[Decimal, Decimal], None]


def find(
    kinds: Sequence[Kind],
    classes: Sequence[Open],
    cells: Sequence[Cell],
    *,
    seconds: float,
    told: Told | None = None,
    known: AgencyPath | None = None,
) -> AgencyPath:
    """The best plan found in `seconds`; `told` hears now and then what the best costs and the least anything could.

    `known`, a plan found before for the same question, is bettered or given back.
    """
    lacking = [one for one in kinds if one.officers and any(one.missing)]
    if not lacking:
        return AgencyPath((), (), (), Decimal(0))
    return _Search(lacking, classes, cells, seconds, told, known).run()


class _Search:
    """One question in whole steps of an hour."""

    def __init__(self, kinds, classes, cells, seconds: float, told: Told | None, known: AgencyPath | None):
        self.ends = time.monotonic() + seconds
        self.told, self.known = told, known
        self.kinds = list(kinds)
        most = [max(map(_hundredths, column)) for column in zip(*(one.missing for one in kinds), strict=True)]
        self.cells = _distinct([one for one in cells if any(s and m for s, m in zip(one.serves, most, strict=True))])
        keys = [
            one
            for one in classes
            if one.seats > 0 and any(g and m for g, m in zip(one.offered.gives, most, strict=True))
        ]
        self.classes = sorted(keys, key=lambda one: one.offered.key)
        amounts = [_hundredths(hours) for one in self.kinds for hours in one.missing]
        amounts += [_hundredths(hours) for one in self.classes for hours in (*one.offered.gives, one.offered.hours)]
        self.step = gcd(*amounts) or HUNDRED
        self.seats = Seats(
            missing=[tuple(_hundredths(hours) // self.step for hours in one.missing) for one in self.kinds],
            many=[len(one.officers) for one in self.kinds],
            gives=[tuple(_hundredths(hours) // self.step for hours in one.offered.gives) for one in self.classes],
            hours=[_hundredths(one.offered.hours) // self.step for one in self.classes],
            seats=[one.seats for one in self.classes],
            barred=[
                frozenset(at for at, held in enumerate(self.classes) if held.offered.key in one.barred)
                for one in self.kinds
            ],
            groups=_groups(self.classes),
            serves=[one.serves for one in self.cells],
        )

    def run(self) -> AgencyPath:
        """Relaxed and built; then by the ways officers go; then, if that does not prove it, the whole question."""
        model = self.seats.relaxed()
        lp = path_solver.relaxed(*model, seconds=max(1.0, self._left))
        if lp is None:
            raise SolverFailed("The relaxed question has no answer.")
        least, opened = lp.least, [at for at in range(len(self.classes)) if lp.values[at] > 1e-6]
        hard = [need for need in self.seats.needs if self.seats.most[need] and not self.seats.hostable[need]]
        # With little that only the calendar gives a plan is made of the ways; with more they give a bound alone.
        is_plain = len(hard) <= PLAIN
        if not is_plain:
            low, whole = self._relaxed()
            least, opened = max(least, low), whole or opened
        best = self.seats.built(opened, self.ends)
        if self.known is not None:
            least = max(least, self._steps(self.known.least))
        self._say(best, least)
        held: list[int] = []
        if is_plain or self._left > AT_LENGTH:
            best, least, held = self._by_ways(best, least, WAYS_SHARE if is_plain else BOUND_SHARE)
        if self._cost(best) > least:
            best, least = self._at_length(best, least, lp, held)
        found = self._path(best, min(least, best.cost))
        if self.known is not None and self.known.cost <= found.cost:
            least_now = min(self.known.cost, self._hours(least))
            return AgencyPath(self.known.seated, self.known.hosted, self.known.left, least_now)
        return found

    @property
    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _cost(self, best: Assigned) -> int:
        return min(best.cost, self._steps(self.known.cost)) if self.known else best.cost

    def _by_ways(self, best: Assigned, least: int, share: float) -> tuple[Assigned, int, list[int]]:
        """The question of the ways officers go, of more and more requirements while that proves more; the classes of
        the last plan made of its answers too."""
        ends = time.monotonic() + share * self._left
        seating = Seating(self.seats, ends)
        for kept in self._kept():
            if self._cost(best) <= least or time.monotonic() > ends:
                break
            before, ways = least, Ways(self.seats, kept, self._cost(best), ends)
            best, proved = prove(
                ways,
                best,
                ends,
                seating.made,
                lambda now, low, before=before: self._say(now, max(low, before)),
            )
            least = max(least, min(proved, self._cost(best)))
            self._say(best, least)
            if ways.is_too_much:
                break
        return best, least, seating.held

    def _kept(self) -> Iterator[list[int]]:
        """Requirements to look at: the one of most hours with those that cannot be hosted, and then one more each time
        of which somebody lacks something."""
        by_hours = sorted(self.seats.needs, key=lambda need: (-self.seats.most[need], need))
        by_hours = [need for need in by_hours if self.seats.most[need]]
        hard = [need for need in by_hours if not self.seats.hostable[need]]
        kept = by_hours[:1] + [need for need in hard if need != by_hours[0]][:1]
        yield kept
        for need in [*hard, *by_hours]:
            if need not in kept:
                kept = [*kept, need]
                yield kept

    def _at_length(self, best: Assigned, least: int, lp: path_solver.Relaxed, held: list[int]):
        """The whole question, officer by officer, and before it what is tighter than the relaxed one."""
        if held:
            low, opened = self._relaxed()
            best, least = self._bettered(best, opened), max(least, low)
        if self._cost(best) > least:
            grouped = self._grouped()
            best = self._bettered(best, grouped)
            held = held or grouped
        self._say(best, least)
        for pairs in PAIRS:
            cost = self._cost(best)
            if cost <= least or time.monotonic() > self.ends:
                break
            # Costs are whole: a class that cannot be in anything that costs less by one is not looked at.
            could = [at for at in range(len(self.classes)) if lp.cost + lp.adds[at] <= cost - 1 + 0.01]
            best, least, is_all = self._whole(could, held, best, least, cost, pairs)
            if is_all:
                break
        return best, least

    def _bettered(self, best: Assigned, opened: list[int]) -> Assigned:
        """The better of a plan and the one that is built of some classes."""
        if not opened or self._left < 0:
            return best
        return min(best, self.seats.built(opened, self.ends), key=lambda one: one.cost)

    def _relaxed(self) -> tuple[int, list[int]]:
        """What nothing costs less than by the relaxed question in whole numbers, and the classes of its answer."""
        model = self.seats.relaxed(grouped=self._left > AT_LENGTH)
        try:
            whole = path_solver.search(*model, seconds=max(0.5, 0.35 * self._left))
        except SolverFailed:
            whole = None
        if whole is None:
            return 0, []
        return whole.bound, [at for at in range(len(self.classes)) if whole.values[at]]

    def _grouped(self) -> list[int]:
        """The classes that have seats enough for all who lack the same, taken together."""
        alike = {tuple(self.seats.hard(missing)) for missing in self.seats.missing}
        could = self.seats.promising(range(len(self.classes)), None, MOST_GROUPED // max(1, len(alike)))
        left = self.ends - time.monotonic()
        try:
            found = path_solver.search(*self.seats.grouped(could), seconds=max(0.5, 0.5 * left))
        except SolverFailed:
            return []
        return [at for place, at in enumerate(could) if found and found.values[place]]

    def _whole(self, could: list[int], grouped: list[int], best: Assigned, least: int, cost: int, pairs: int):
        """The question officer by officer, of the classes that could better what is known, or of the most promising:
        what is best then, what is proved, and whether it was of all classes."""
        people = sum(self.seats.many)
        is_all = len(could) * people <= pairs
        if not is_all:
            could = self.seats.promising(could, best, max(len(grouped), pairs // max(1, people)), grouped)
        left = self.ends - time.monotonic()
        seconds = max(0.5, left if is_all or pairs == PAIRS[-1] else left * 0.4)
        model, read = self.seats.whole(could)
        proved = least

        def hear(primal: float, dual: float) -> None:
            nonlocal proved
            now = min(cost, int(primal + 0.5)) if primal < inf else cost
            if is_all and -inf < dual < inf:
                proved = max(proved, min(now, _up(dual)))
            self._say_steps(now, proved)

        try:
            found = path_solver.search(*model, seconds=seconds, told=hear)
        except SolverFailed:
            return best, proved, is_all
        better = read(found.values) if found else best
        if is_all and found:
            proved = max(proved, min(found.bound, cost))
        return min(best, better, key=lambda one: one.cost), proved, is_all

    def _say(self, best, least: int) -> None:
        self._say_steps(best.cost, min(best.cost, least))

    def _say_steps(self, cost: int, least: int) -> None:
        if self.told:
            self.told(self._hours(cost), self._hours(least))

    def _steps(self, hours: Decimal) -> int:
        return _hundredths(hours) // self.step

    def _hours(self, steps: int) -> Decimal:
        return Decimal(steps * self.step) / HUNDRED

    def _path(self, best: Assigned, least: int) -> AgencyPath:
        """The plan with its people: of officers alike the first by number go to the first of what their kind takes."""
        taken: dict[int, list[int]] = defaultdict(list)
        left, sits = [], []
        for kind, bundles in zip(self.kinds, best.bundles, strict=True):
            waiting = iter(kind.officers)
            for bundle in bundles:
                officer = next(waiting)
                for at in bundle.classes:
                    taken[at].append(officer)
                if any(bundle.left):
                    left.append((officer, tuple(map(self._hours, bundle.left))))
                sits.append((officer, bundle.hosted))
        seated = tuple((self.classes[at].offered, tuple(sorted(who))) for at, who in sorted(taken.items()))
        return AgencyPath(seated, tuple(self._hosted(sits)), tuple(sorted(left)), self._hours(least))

    def _hosted(self, sits: Sequence[tuple[int, tuple[int, ...]]]) -> list[Hosted]:
        """The hosted classes: hours of a cell through which the same people sit are one class, whatever their cells."""
        of: dict[tuple[int, ...], list[tuple[Hashable, Decimal]]] = defaultdict(list)
        for at, cell in enumerate(self.cells):
            before = 0
            for level in sorted({each[at] for _, each in sits if each[at]}):
                who = tuple(sorted(officer for officer, each in sits if each[at] >= level))
                of[who].append((cell.key, self._hours(level - before)))
                before = level
        found = [Hosted(tuple(parts), who) for who, parts in of.items()]
        return sorted(_long_enough(found), key=lambda one: (-len(one.officers), one.officers))


def _long_enough(found: list[Hosted]) -> list[Hosted]:
    """Nobody is called in for half an hour: a short class is held together with the one with which officers sit through
    the fewest hours they do not need."""
    while len(found) > 1:
        short = min(found, key=lambda one: (one.hours, len(one.officers), one.officers))
        if short.hours >= SHORTEST:
            break
        rest = [one for one in found if one is not short]
        beside = min(rest, key=lambda one: (_more(one, short), one.hours, one.officers))
        found = [one for one in rest if one is not beside] + [_held_together(beside, short)]
    return found


def _held_together(one: Hosted, other: Hosted) -> Hosted:
    hours: dict[Hashable, Decimal] = defaultdict(Decimal)
    for key, more in (*one.parts, *other.parts):
        hours[key] += more
    return Hosted(tuple(hours.items()), tuple(sorted({*one.officers, *other.officers})))


def _more(one: Hosted, other: Hosted) -> Decimal:
    """The officer-hours that holding two classes together adds."""
    both = len({*one.officers, *other.officers})
    return (both - len(one.officers)) * one.hours + (both - len(other.officers)) * other.hours


def _distinct(cells: Sequence[Cell]) -> list[Cell]:
    """Of cells that serve the same the first."""
    return list({one.serves: one for one in reversed(cells)}.values())[::-1]


def _groups(classes: Sequence[Open]) -> list[tuple[int, ...]]:
    """Of each group of classes an officer takes one at most: those of one course, those that meet at once."""
    courses: dict[Hashable, list[int]] = defaultdict(list)
    for at, one in enumerate(classes):
        courses[one.offered.course].append(at)
    met = meeting_at_once([one.offered for one in classes])
    return sorted(group for group in {*map(tuple, courses.values()), *met} if len(group) > 1)


def _up(cost: float) -> int:
    """The next whole number, not misled by the solver's rounding."""
    return max(0, int(-((-(cost - 0.01)) // 1)))


def _hundredths(hours: Decimal) -> int:
    return int(hours * HUNDRED)
