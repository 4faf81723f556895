"""What no plan for an agency can cost less than, tight enough to prove a plan the best: the ways officers reach their
hours. Pure.

Classes that give the same are one *type*, and a *way* is how often somebody sits in a class of each type so that
nothing of it could be left out. Officers who need the same choose among the same ways; only how many go each way is
asked, so nobody is told from anybody and half a seat is no help: it is that which makes the bound tight. Who has had
which course and what meets at once is left out, and so are requirements that are not `kept`: each makes the question
easier, so what it costs is still a bound. The hours hosted in all are gone through, from the most promising on.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from compliance import path_solver
from compliance.agency_building import LEFT, Assigned
from compliance.agency_seats import Seats
from compliance.path_solver import Row, SolverFailed

Need = tuple[int, ...]
# How often each type is sat in, as pairs of its place and the times; and what stays missing after all.
Way = tuple[tuple[tuple[int, int], ...], int]
# More types, more ways and more steps to find them are not gone through: the bound is a weaker one then.
MOST_TYPES, MOST_WAYS, STEPS_A_SECOND = 60, 40_000, 40_000
# So many plans are tried to be made of answers that were not possible after all.
MOST_TRIED = 6


class TooMany(Exception):
    """There are more ways than can be gone through."""


class Type(NamedTuple):
    """Classes that give the same of what is looked at, those with most seats first among those of the same hours."""

    gives: Need
    classes: tuple[int, ...]


class Chosen(NamedTuple):
    """An answer: how many classes of each type are held, their hours in all, and of officers of some needs how many go
    each way."""

    types: tuple[Type, ...]
    held: tuple[int, ...]
    hours: int
    ways: dict[tuple[Need, ...], dict[Way, int]]


class Asked(NamedTuple):
    """The question with some hosted hours: its columns and rows for the solver, the types, the columns of the classes
    of each and those of the ways."""

    model: tuple[list[int], list[int], list[Row]]
    types: tuple[Type, ...]
    held: list[list[int]]
    going: dict[int, tuple[tuple[Need, ...], Way]]


class Ways:
    """The question of which only some requirements are kept. `below`: only plans that cost less are looked for; `ends`:
    when its time is over."""

    def __init__(self, seats: Seats, kept: Sequence[int], below: int, ends: float):
        self.seats, self.kept, self.below = seats, tuple(kept), below
        # Where a plan is known that costs less than one step missing, nothing stays missing in a better one.
        self.is_whole = below <= LEFT
        self._steps = iter(range(int(STEPS_A_SECOND * max(1, ends - time.monotonic()))))
        # Whether there were too many ways where it mattered.
        self.is_too_much = False
        self._too_many: set[int] = set()
        self._asked: dict[int, Asked | None] = {}
        self._least: dict[int, float] = {}

    @cached_property
    def longest(self) -> int:
        """With so much hosted nothing that is kept and can be hosted is missing any more."""
        return max((self.seats.most[need] for need in self.kept if self.seats.hostable[need]), default=0)

    def need_of(self, kind: int, hosted: int) -> Need:
        """What officers of a kind need of what is kept when so much is hosted, all of it of use to them."""
        missing, hostable = self.seats.missing[kind], self.seats.hostable
        return tuple(max(0, missing[need] - hosted) if hostable[need] else missing[need] for need in self.kept)

    def types(self, hosted: int) -> tuple[Type, ...]:
        """The types of classes that give something then; what nobody needs of them does not tell them apart."""
        most = [max(column) for column in zip(*(self.need_of(at, hosted) for at in self._kinds), strict=True)]
        of: dict[Need, list[int]] = defaultdict(list)
        for at, each in enumerate(self.seats.gives):
            gives = tuple(min(each[need], upto) for need, upto in zip(self.kept, most, strict=True))
            if any(gives):
                of[gives].append(at)
        seats, hours = self.seats.seats, self.seats.hours
        return tuple(
            Type(gives, tuple(sorted(classes, key=lambda at: (hours[at], -seats[at], at))))
            for gives, classes in sorted(of.items(), reverse=True)
        )

    @property
    def _kinds(self) -> range:
        return range(len(self.seats.missing))

    def asked(self, hosted: int) -> Asked | None:
        """The question with so much hosted; None where somebody could not be brought there. Raises `TooMany`."""
        if hosted in self._too_many:
            raise TooMany
        if hosted not in self._asked:
            try:
                self._asked[hosted] = self._ask(hosted)
            except TooMany:
                self._too_many.add(hosted)
                raise
        return self._asked[hosted]

    def _ask(self, hosted: int) -> Asked | None:
        types = self.types(hosted)
        if len(types) > MOST_TYPES:
            raise TooMany
        needs = Counter()
        for kind, many in enumerate(self.seats.many):
            needs[self.need_of(kind, hosted)] += many
        # Whoever has the same ways is alike, whatever they need.
        alike: dict[tuple[Way, ...], list[Need]] = defaultdict(list)
        in_all = 0
        for need in sorted(needs):
            if not any(need):
                continue
            ways = tuple(self._ways(need, types))
            in_all += 0 if ways in alike else len(ways)
            if in_all > MOST_WAYS:
                raise TooMany
            if not ways:
                return None
            alike[ways].append(need)
        costs, most, rows = [], [], []
        held: list[list[int]] = []
        in_type: list[list[tuple[int, int]]] = []
        for one in types:
            columns = self._held(one, costs, most, rows)
            held.append(list(columns))
            in_type.append([(column, -self.seats.seats[at]) for column, at in columns.items()])
        going: dict[int, tuple[tuple[Need, ...], Way]] = {}
        for ways, of in alike.items():
            many = sum(needs[need] for need in of)
            often: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
            everyone = []
            for way in ways:
                column = len(costs)
                going[column] = (tuple(of), way)
                costs.append(LEFT * way[1])
                most.append(many)
                everyone.append((column, 1))
                for place, times in way[0]:
                    in_type[place].append((column, times))
                    for each in range(1, times + 1):
                        often[place, each].append((column, 1))
            # Whoever goes no way costs as much as what is known: so there always is an answer, and a solver that says
            # there is none is wrong.
            everyone.append((len(costs), 1))
            costs.append(self.below)
            most.append(many)
            rows.append(Row(tuple(everyone), least=many, most=many))
            rows += [self._often(types[at], held[at], each, terms, many) for (at, each), terms in often.items()]
        rows += [Row(tuple(terms), most=0) for terms in in_type]
        return Asked((costs, most, rows), types, held, going)

    def _held(self, one: Type, costs: list[int], most: list[int], rows: list[Row]) -> dict[int, int]:
        """Adds the classes of a type: of those of the same hours the ones with more seats are held first."""
        hours, columns, of_hours = self.seats.hours, {}, Counter()
        before = None
        for at in one.classes:
            of_hours[hours[at]] += 1
            if of_hours[hours[at]] * hours[at] >= self.below:
                continue  # so many of them alone cost more than what is known
            columns[len(costs)] = at
            if before is not None and hours[at] == hours[columns[before]]:
                rows.append(Row(((before, 1), (len(costs), -1)), least=0))
            before = len(costs)
            costs.append(hours[at])
            most.append(1)
        return columns

    def _often(self, one: Type, held: Sequence[int], times: int, terms: list[tuple[int, int]], many: int) -> Row:
        """Nobody sits in a class twice: whoever is so often in a type needs so many classes of it."""
        if len({self.seats.hours[at] for at in one.classes}) == 1:
            enough = ((held[times - 1], -many),) if len(held) >= times else ()
            return Row((*terms, *enough), most=0)
        return Row((*((column, times) for column, _ in terms), *((column, -many) for column in held)), most=0)

    def _ways(self, need: Need, types: Sequence[Type]) -> Iterator[Way]:
        """Every way to a need of which nothing could be left out; with something missing too where that may be."""
        places = range(len(need))

        def grow(first: int, taken: tuple[int, ...], got: Need) -> Iterator[Way]:
            if next(self._steps, None) is None:
                raise TooMany
            rest = [max(0, need[at] - got[at]) for at in places]
            if not (any(rest) and self.is_whole):
                yield tuple(sorted(Counter(taken).items())), sum(rest)
            if not any(rest):
                return
            for place in range(first, len(types)):
                gives = types[place].gives
                if not any(gives[at] and rest[at] for at in places) or taken.count(place) == len(types[place].classes):
                    continue
                now = tuple(got[at] + gives[at] for at in places)
                more = (*taken, place)
                if not any(
                    all(not types[one].gives[at] or now[at] - types[one].gives[at] >= need[at] for at in places)
                    for one in set(more)
                ):
                    yield from grow(place, more, now)

        return grow(0, (), (0,) * len(need))

    def least(self, hosted: int, upto: int, seconds: float) -> float:
        """What no plan costs less than in which from `hosted` to `upto` is hosted, by the relaxed question."""
        try:
            if upto not in self._least:
                asked = self.asked(upto)
                relaxed = asked and path_solver.relaxed(*asked.model, seconds=seconds)
                self._least[upto] = inf if asked is None else relaxed.least if relaxed else 0
            return hosted + self._least[upto]
        except TooMany:
            costs, most, rows = self.seats.relaxed()
            cells = [(len(self.seats.hours) + at, 1) for at in range(len(self.seats.serves))]
            rows = [*rows, Row(tuple(cells), least=hosted, most=upto)] if cells else rows
            relaxed = path_solver.relaxed(costs, most, rows, seconds=seconds)
            return relaxed.least if relaxed else 0

    def answer(self, hosted: int, low: float, seconds: float) -> tuple[int, int, Chosen] | None:
        """The best with exactly so much hosted: what it costs, what is proved of that, and the answer; None: there is
        none. What is proved beyond `low` the solver has to prove twice. Raises `TooMany`, `SolverFailed`."""
        asked = self.asked(hosted)
        if asked is None:
            return None
        found = path_solver.search(*asked.model, seconds=seconds)
        bound = found.bound if found else 0
        if found is None or hosted + bound > low:
            try:
                again = path_solver.search(*asked.model, seconds=seconds, as_it_is=True)
            except SolverFailed:
                again = None
            bound = min(bound, again.bound) if again else 0
            found = min((one for one in (found, again) if one), key=lambda one: one.cost, default=None)
        if found is None:
            raise SolverFailed("The solver finds no answer where there is one.")
        ways: dict[tuple[Need, ...], dict[Way, int]] = defaultdict(dict)
        for column, (needs, way) in asked.going.items():
            if found.values[column]:
                ways[needs][way] = found.values[column]
        held = tuple(sum(found.values[column] for column in columns) for columns in asked.held)
        costs = asked.model[0]
        hours = sum(costs[column] * found.values[column] for columns in asked.held for column in columns)
        return hosted + found.cost, hosted + bound, Chosen(asked.types, held, hours, dict(ways))


def prove(
    ways: Ways,
    best: Assigned,
    ends: float,
    made: Callable[[Ways, int, Chosen], Assigned | None],
    told: Callable[[Assigned, int], None],
) -> tuple[Assigned, int]:
    """The best plan known after going through all hours that could be hosted, and what none costs less than, as far as
    plans that cost less than `ways.below` go. `made` makes a plan of an answer; what is proved meanwhile is `told`.

    Spans of hosted hours by what they cost at least: the cheapest is halved, down to one number of hours, of which the
    whole question is asked.
    """
    spans: list[tuple[float, int, int]] = [(0, 0, ways.longest)]
    stays, tried, cost = inf, 0, min(best.cost, ways.below)
    while spans:
        low, first, last = heappop(spans)
        if low >= cost:
            break
        left = ends - time.monotonic()
        if left <= 0 or tried >= MOST_TRIED:
            stays = min(stays, low)
            break
        told(best, int(min(low, stays)))
        if first < last:
            middle = (first + last) // 2
            for span in ((first, middle), (middle + 1, last)):
                heappush(spans, (max(low, _least(ways, span, left)), *span))
            continue
        low = max(low, _least(ways, (first, last), left))
        if low >= cost:
            continue
        try:
            found = ways.answer(first, low, left)
        except TooMany:
            ways.is_too_much = True
            stays = min(stays, low)
            continue
        except SolverFailed:
            stays = min(stays, low)
            continue
        if found is None:
            continue
        would_cost, proved, chosen = found
        if would_cost < cost and (plan := made(ways, first, chosen)):
            best = min(best, plan, key=lambda one: one.cost)
            cost = min(cost, best.cost)
        if max(low, proved) < cost:
            stays, tried = min(stays, max(low, proved)), tried + 1
    return best, int(min(stays, cost))


def _least(ways: Ways, span: tuple[int, int], seconds: float) -> float:
    try:
        return ways.least(*span, seconds)
    except SolverFailed:
        return 0
