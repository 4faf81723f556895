"""A plan made of an answer about types of classes (`agency_ways`): which classes of each type are held, who of those
alike goes which way, and who sits where. Pure."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from compliance import path_solver
from compliance.agency_building import Assigned
from compliance.agency_seats import Seats
from compliance.agency_ways import Chosen, Way, Ways
from compliance.path_solver import Row, SolverFailed

# Two classes that cannot be taken together are held only where nothing else will do.
CLASH = 100_000
# A seat that somebody's way needs and that they do not get, in steps of what was not looked at that they lack.
MISSED = 100


class Seating:
    """Makes plans for one question until its time is over; `held` are the classes of the last."""

    def __init__(self, seats: Seats, ends: float):
        self.seats, self.ends = seats, ends
        self.held: list[int] = []

    def made(self, ways: Ways, hosted: int, chosen: Chosen) -> Assigned | None:
        """The plan, or as near to it as could be found; None: no time."""
        try:
            held = self._held(ways, chosen)
            taken = held and self._taken(ways, hosted, chosen, held)
        except SolverFailed:
            return None
        if not taken:
            return None
        self.held = sorted(at for of_type in held for at in of_type)
        return self.seats.completed(set(self.held), taken, self.ends)

    @property
    def _left(self) -> float:
        return max(0.5, 0.7 * (self.ends - time.monotonic()))

    def _held(self, ways: Ways, chosen: Chosen) -> list[list[int]] | None:
        """Which classes of each type: as many as were asked for, with the seats that are needed, as few of them as can
        be that cannot be taken together, and those that give most of what was not looked at."""
        seats, hours = self.seats.seats, self.seats.hours
        needed = self._needed(chosen)
        costs, rows = [], []
        place: dict[int, int] = {}
        for one, many, seated in zip(chosen.types, chosen.held, needed, strict=True):
            if not many:
                continue
            columns = []
            for at in one.classes:
                place[at] = len(costs)
                columns.append(len(costs))
                costs.append(self._dear(ways, at))
            rows.append(Row(tuple((column, 1) for column in columns), least=many, most=many))
            rows.append(Row(tuple((place[at], seats[at]) for at in one.classes), least=seated))
        rows.append(Row(tuple((column, hours[at]) for at, column in place.items()), most=chosen.hours))
        for group in self.seats.groups:
            if len(inside := [(place[at], 1) for at in group if at in place]) > 1:
                rows.append(Row((*inside, (len(costs), -len(inside))), most=1))
                costs.append(CLASH)
        found = path_solver.search(costs, [1] * len(costs), rows, seconds=self._left)
        if found is None:
            return None
        return [[at for at in one.classes if at in place and found.values[place[at]]] for one in chosen.types]

    @staticmethod
    def _needed(chosen: Chosen) -> list[int]:
        """How many seats are taken of each type."""
        needed = [0] * len(chosen.types)
        for going in chosen.ways.values():
            for (sits, _), many in going.items():
                for place, times in sits:
                    needed[place] += times * many
        return needed

    def _dear(self, ways: Ways, at: int) -> int:
        """What to choose a class costs: the less, the more it gives of what was not looked at and the more seats."""
        others = [need for need in self.seats.needs if need not in ways.kept]
        gives = sum(min(self.seats.gives[at][need], self.seats.most[need]) for need in others)
        all_of_it = sum(self.seats.most[need] for need in others)
        most = max(self.seats.seats)
        return 1 + 10 * (all_of_it - gives) + 10 * (most - self.seats.seats[at]) // most

    def _taken(self, ways: Ways, hosted: int, chosen: Chosen, held: Sequence[Sequence[int]]) -> list[list[int]] | None:
        """The classes of each officer: everybody goes one of the ways of their need, as many each as was asked for, to
        classes that they can take; as few seats as can be are not found, and of what was not looked at as little as can
        be is missing."""
        asks = _Rows()
        of_need = {need: needs for needs in chosen.ways for need in needs}
        going: dict[tuple, list[int]] = defaultdict(list)
        sits: dict[int, list[int]] = defaultdict(list)
        seat_of: list[dict[int, int]] = []
        for kind in self.seats.kind_of:
            own: dict[int, int] = {}
            seat_of.append(own)
            needs = of_need.get(ways.need_of(kind, hosted))
            if needs is None:
                continue
            goes: dict[Way, int] = {}
            for way in chosen.ways[needs]:
                goes[way] = asks.column(0)
                going[needs, way].append(goes[way])
            asks.rows.append(Row(tuple((column, 1) for column in goes.values()), least=1, most=1))
            for place in {place for (types, _) in goes for place, _ in types}:
                times = [(column, -dict(way[0]).get(place, 0)) for way, column in goes.items()]
                for at in held[place]:
                    if at not in self.seats.barred[kind]:
                        own[at] = asks.column(0)
                        sits[at].append(own[at])
                seats = [(own[at], 1) for at in held[place] if at in own]
                misses = asks.column(MISSED, max(-each for _, each in times))
                asks.rows.append(Row((*seats, (misses, 1), *times), least=0, most=0))
            for group in self.seats.groups:
                if len(inside := [(own[at], 1) for at in group if at in own]) > 1:
                    asks.rows.append(Row(tuple(inside), most=1))
            for need, missing in enumerate(self.seats.hard(self.seats.missing[kind])):
                if missing and need not in ways.kept:
                    given = [(own[at], self.seats.useful(kind, at, need)) for at in own]
                    given = [(column, hours) for column, hours in given if hours]
                    asks.rows.append(Row((*given, (asks.column(1, missing), 1)), least=missing))
        for (needs, way), columns in going.items():
            many = chosen.ways[needs][way]
            asks.rows.append(Row(tuple((column, 1) for column in columns), least=many, most=many))
        for at, columns in sits.items():
            asks.rows.append(Row(tuple((column, 1) for column in columns), most=self.seats.seats[at]))
        if not asks.costs:
            return [[] for _ in seat_of]
        found = path_solver.search(asks.costs, asks.most, asks.rows, seconds=self._left)
        return found and [[at for at, column in own.items() if found.values[column]] for own in seat_of]


@dataclass
class _Rows:
    """A question while it is put together."""

    costs: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def column(self, cost: int, most: int = 1) -> int:
        """A column more."""
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1
