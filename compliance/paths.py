"""The shortest way to compliant: the best sets of classes that give the hours somebody lacks. Pure: no database, no
clock.

What each class gives to each requirement is handed in, counted by `compliance.counting`; here it is chosen. A set is
*enough* if its classes together give every requirement at least what is missing; no two of its classes meet at once,
and no two are of one course, since a course counts once in a period (rulebook 20). Of all that are enough the one that
costs least is the best, exactly: nothing is estimated, and `is_proved` says so.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import heappop, heappush
from math import gcd, inf

from compliance.path_solver import Row, Solved, SolverFailed, bound, solve

# What the weights weigh against each other, in two-thousandths of an hour of class: at equal weights an hour is worth
# 20 miles one way, 20 dollars, or 4 days of waiting. Each class costs six minutes more, so that of two sets that cost
# the same the one with fewer classes is better.
HOUR, MILE, DOLLAR, DAY, ONE_MORE = 2000, 100, 100, 500, 200
HUNDRED = 100  # hours are counted in hundredths
OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Lack:
    """A requirement, by its code, and the hours of it that are missing: more than 0."""

    code: str
    missing: Decimal


@dataclass(frozen=True, slots=True)
class Offered:
    """A class somebody could take.

    `gives` are its hours for each lack, in their order; `miles` one way in a straight line (0: online); `days` from
    today until it is over; `meetings` from and to, the end not included. Two of one `course` count once.
    """

    key: int
    course: Hashable
    gives: tuple[Decimal, ...]
    hours: Decimal
    days: int
    meetings: tuple[tuple[dt.datetime, dt.datetime], ...]
    miles: float = 0
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each thing matters, 0 (not at all) to 3."""

    hours: int = 3
    near: int = 1
    soon: int = 0
    fee: int = 1

    def cost(self, one: Offered) -> int:
        """What a class costs by these weights, whatever else is taken."""
        way = round(one.miles * MILE) * len(one.meetings)
        return ONE_MORE + self.hours * int(one.hours * HOUR) + self.near * way + self.fee * int(one.fee * DOLLAR)

    def of(self, taken: Iterable[Offered]) -> int:
        """What a set costs: its classes, and the wait until the last of them is over."""
        taken = list(taken)
        wait = max((one.days for one in taken), default=0)
        return sum(map(self.cost, taken)) + self.soon * DAY * wait


@dataclass(frozen=True, slots=True)
class Step:
    """A class of a path, and why it is in it: the hours of each requirement that would be missing without it."""

    offered: Offered
    needed_for: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A set of classes in the order of their first meetings. `left` is what it leaves missing: nothing, unless the
    calendar has no set that is enough. `bound`: no set costs less than this."""

    steps: tuple[Step, ...]
    cost: int
    bound: int
    left: tuple[Lack, ...] = ()

    @property
    def keys(self) -> frozenset[int]:
        """Its classes."""
        return frozenset(step.offered.key for step in self.steps)

    @property
    def courses(self) -> frozenset:
        """The courses of its classes."""
        return frozenset(step.offered.course for step in self.steps)

    @property
    def hours(self) -> Decimal:
        """All hours of its classes."""
        return sum((step.offered.hours for step in self.steps), Decimal(0))

    @property
    def fee(self) -> Decimal:
        """All fees of it, in dollars."""
        return sum((step.offered.fee for step in self.steps), Decimal(0))

    @property
    def is_proved(self) -> bool:
        """Whether it is known that nothing better exists."""
        return self.bound >= self.cost


@dataclass(frozen=True, slots=True)
class Found:
    """The best set, and others: each leaves out at least one course of every set before it, and is the best that does.

    Where nothing is enough there is at most one path, which leaves as few hours missing as can be; `left` are these.
    """

    paths: tuple[Path, ...] = ()
    left: tuple[Lack, ...] = ()


def find(
    lacks: Sequence[Lack],
    offered: Sequence[Offered],
    weights: Weights,
    *,
    options: int = OPTIONS,
    seconds: float = 10,
) -> Found:
    """The best sets of `offered` for `lacks`. Each is looked for at most so many seconds; what could not be proved by
    then says so. Raises `SolverFailed` where nothing was found by then."""
    if not lacks:
        return Found()
    paths: list[Path] = []
    while len(paths) < options:
        try:
            path = _best(lacks, offered, weights, [path.courses for path in paths], seconds)
        except SolverFailed:
            if not paths:
                raise
            break
        if path is None:
            break
        paths.append(path)
    return Found(tuple(paths)) if paths else _Problem(lacks, offered, weights, is_enough=False).nearest(seconds)


def _best(
    lacks: Sequence[Lack], offered: Sequence[Offered], weights: Weights, besides: Sequence[frozenset], seconds: float
) -> Path | None:
    """The cheapest set that is enough and leaves out a course of each of `besides`; None where there is none.

    Where waiting costs, the wait is fixed to each day in turn, with the classes over by then. A span of days for which
    not even fractions of its classes, with the wait of its first day, cost less than what was found is left out whole.
    """
    if not weights.soon:
        return _Problem(lacks, offered, weights).best(besides, seconds)
    ends = time.monotonic() + seconds
    days = sorted({one.days for one in offered})
    still, price = replace(weights, soon=0), weights.soon * DAY

    def until(day: int) -> "_Problem":
        return _Problem(lacks, [one for one in offered if one.days <= day], still)

    def span(first: int, last: int, problem: "_Problem") -> list[tuple[int, int, int]]:
        at_least = problem.bound(besides, seconds)
        return [] if at_least is None else [(at_least + price * days[first], first, last)]

    waiting = span(0, len(days) - 1, until(days[-1])) if days else []
    best: Path | None = None
    floor = inf  # of what was looked at and not proved
    while waiting and (best is None or waiting[0][0] < best.cost):
        left = ends - time.monotonic()
        if left <= 0:
            floor = min(floor, waiting[0][0])
            break
        at_least, first, last = heappop(waiting)
        if first < last:
            middle = (first + last) // 2
            heappush(waiting, (at_least + price * (days[middle + 1] - days[first]), middle + 1, last))
            for one in span(first, middle, until(days[middle])):
                heappush(waiting, one)
            continue
        wait = price * days[first]
        try:
            found = until(days[first]).best(besides, left, best.cost - wait if best else None)
        except SolverFailed:
            floor = min(floor, at_least)
            continue
        if found is None:
            continue
        if not found.is_proved:
            floor = min(floor, found.bound + wait)
        if best is None or found.cost + wait < best.cost:
            best = replace(found, cost=weights.of(step.offered for step in found.steps))
    if best is None and floor < inf:
        raise SolverFailed("No answer in time.")
    return best and replace(best, bound=int(min(best.cost, floor)))


class _Problem:
    """The question as rows of whole numbers; `is_enough`: only sets that are enough are looked for. Classes that cannot
    matter are left out beforehand (`_pruned`).

    Columns: one for each class (taken or not), one for the days until the last is over, one for each requirement with
    what is left missing of it, in steps of that requirement.
    """

    def __init__(self, lacks: Sequence[Lack], offered: Sequence[Offered], weights: Weights, *, is_enough: bool = True):
        self.lacks, self.weights = lacks, weights
        self.missing = [_hundredths(one.missing) for one in lacks]
        given = {one.key: tuple(map(_hundredths, one.gives)) for one in offered}
        # Where every class gives whole hours, whoever lacks 20.75 needs 21: the program is tighter by it.
        whole = [gcd(*column) or 1 for column in zip(*given.values(), strict=True)] or [1] * len(lacks)
        self.goal = [
            -(-most // each) * each if is_enough else most for most, each in zip(self.missing, whole, strict=True)
        ]
        # More than is missing helps no more than what is missing: smaller numbers, and tighter again.
        gives = {key: tuple(map(min, each, self.goal)) for key, each in given.items()}
        useful = [one for one in sorted(offered, key=lambda one: one.key) if any(gives[one.key])]
        self.classes = _pruned(useful, gives, weights)
        self.gives = [gives[one.key] for one in self.classes]
        self.steps = [gcd(most, *(each[need] for each in self.gives)) for need, most in enumerate(self.goal)]
        self.rows = [*self._covers(), *self._once(), *self._waits()]

    @property
    def _wait(self) -> int:
        return len(self.classes)

    def _left(self, need: int) -> int:
        return len(self.classes) + 1 + need

    def _covers(self) -> Iterable[Row]:
        """Of every requirement at least what is missing is given, or left."""
        for need, (most, step) in enumerate(zip(self.goal, self.steps, strict=True)):
            terms = [(at, each[need] // step) for at, each in enumerate(self.gives) if each[need]]
            yield Row((*terms, (self._left(need), 1)), least=most // step)

    def _once(self) -> Iterable[Row]:
        """Of classes of one course, and of classes that meet at once, at most one is taken."""
        for group in {*map(tuple, self._courses().values()), *meeting_at_once(self.classes)}:
            if len(group) > 1:
                yield Row(tuple((at, 1) for at in group), most=1)

    def _waits(self) -> Iterable[Row]:
        """The wait is at least that for every class taken; of a course at most one is, so it has one row."""
        if self.weights.soon:
            for group in self._courses().values():
                yield Row(((self._wait, 1), *((at, -self.classes[at].days) for at in group)), least=0)

    def _courses(self) -> dict[Hashable, list[int]]:
        of_course: dict[Hashable, list[int]] = defaultdict(list)
        for at, one in enumerate(self.classes):
            of_course[one.course].append(at)
        return of_course

    def _besides(self, besides: Sequence[frozenset]) -> list[Row]:
        """At least one course of each is left out."""
        return [
            Row(tuple((at, 1) for at, one in enumerate(self.classes) if one.course in courses), most=len(courses) - 1)
            for courses in besides
        ]

    def best(self, besides: Sequence[frozenset], seconds: float, below: int | None = None) -> Path | None:
        """The cheapest set that is enough, leaves out a course of each of `besides` and costs less than `below`; None
        where there is none."""
        if not self._may_be_enough():
            return None
        solved = self._solved(self._cost(), [0] * len(self.lacks), self._besides(besides), seconds, below)
        return self._path(solved.values, solved.bound) if solved else None

    def bound(self, besides: Sequence[frozenset], seconds: float) -> int | None:
        """What no set that `best` could find costs less than; None where there is none."""
        if not self._may_be_enough():
            return None
        return bound(
            self._cost(), self._most([0] * len(self.lacks)), [*self.rows, *self._besides(besides)], seconds=seconds
        )

    def nearest(self, seconds: float) -> Found:
        """Where nothing is enough: the set that leaves fewest hours missing, and of those the cheapest."""
        if not self.classes:
            return Found(left=tuple(self.lacks))
        all_left = [most // step for most, step in zip(self.missing, self.steps, strict=True)]
        fewest = self._solved([0] * (len(self.classes) + 1) + self.steps, all_left, (), seconds)
        terms = tuple((self._left(need), step) for need, step in enumerate(self.steps))
        solved = self._solved(self._cost(), all_left, [Row(terms, most=fewest.cost)], seconds)
        path = self._path(solved.values, solved.bound if fewest.is_proved else 0)
        return Found((path,), path.left)

    def _may_be_enough(self) -> bool:
        return bool(self.classes) and all(
            sum(column) >= most for column, most in zip(zip(*self.gives, strict=True), self.missing, strict=True)
        )

    def _cost(self) -> list[int]:
        costs = [self.weights.cost(one) for one in self.classes]
        return [*costs, self.weights.soon * DAY, *[0] * len(self.lacks)]

    def _most(self, most_left: list[int]) -> list[int]:
        return [1] * len(self.classes) + [max((one.days for one in self.classes), default=0)] + most_left

    def _solved(
        self, costs: list[int], most_left: list[int], more: Sequence[Row], seconds: float, below: int | None = None
    ) -> Solved | None:
        most, rows = self._most(most_left), [*self.rows, *more]
        return solve(costs, most, rows, seconds=seconds, below=inf if below is None else below)

    def _path(self, values: Sequence[int], bound: int) -> Path:
        taken = [at for at in range(len(self.classes)) if values[at]]
        sums = [sum(self.gives[at][need] for at in taken) for need in range(len(self.lacks))]
        steps = []
        for at in sorted(taken, key=lambda at: (self.classes[at].meetings[:1], self.classes[at].key)):
            needed = []
            for lack, most, whole, own in zip(self.lacks, self.missing, sums, self.gives[at], strict=True):
                more = max(0, most - whole + own) - max(0, most - whole)
                if more:
                    needed.append(Lack(lack.code, _hours(more)))
            steps.append(Step(self.classes[at], tuple(needed)))
        left = tuple(
            Lack(lack.code, _hours(most - whole))
            for lack, most, whole in zip(self.lacks, self.missing, sums, strict=True)
            if whole < most
        )
        cost = self.weights.of(self.classes[at] for at in taken)
        return Path(tuple(steps), cost, min(bound, cost), left)


def meeting_at_once(classes: Sequence[Offered]) -> set[tuple[int, ...]]:
    """The largest groups of classes, by their places, that all meet at some moment. Two that touch do not meet."""
    moments = sorted(
        moment
        for at, one in enumerate(classes)
        for begins_at, ends_at in one.meetings
        for moment in ((begins_at, 1, at), (ends_at, 0, at))
    )
    found: set[tuple[int, ...]] = set()
    now: set[int] = set()
    has_grown = False
    for _, begins, at in moments:
        if begins:
            now.add(at)
        else:
            if has_grown and len(now) > 1:
                found.add(tuple(sorted(now)))
            now.discard(at)
        has_grown = bool(begins)
    return found


def _pruned(classes: list[Offered], gives: dict[int, tuple[int, ...]], weights: Weights) -> list[Offered]:
    """Without the classes for which another of the same course can always stand: it gives as much of everything that
    is missing, costs no more, is over no later where that matters, and meets with nothing else that they do not meet
    with. Any set with one of them is as good with the other instead, so no best set is lost."""
    near = [1 << at for at in range(len(classes))]
    for group in meeting_at_once(classes):
        mask = sum(1 << at for at in group)
        for at in group:
            near[at] |= mask
    of_course: dict[Hashable, list[int]] = defaultdict(list)
    for at, one in enumerate(classes):
        of_course[one.course].append(at)
    kept = []
    for group in of_course.values():
        others = ~sum(1 << at for at in group)
        stays: list[int] = []
        for at in sorted(group, key=lambda at: (weights.cost(classes[at]), classes[at].days, classes[at].key)):
            if not any(_stands_for(classes, gives, weights, near, others, one, at) for one in stays):
                stays.append(at)
        kept += stays
    return [classes[at] for at in sorted(kept)]


def _stands_for(classes, gives, weights: Weights, near: list[int], others: int, one: int, other: int) -> bool:
    a, b = classes[one], classes[other]
    return (
        all(more >= less for more, less in zip(gives[a.key], gives[b.key], strict=True))
        and weights.cost(a) <= weights.cost(b)
        and (not weights.soon or a.days <= b.days)
        and not near[one] & ~near[other] & others
    )


def _hundredths(hours: Decimal) -> int:
    return int(hours * HUNDRED)


def _hours(hundredths: int) -> Decimal:
    return Decimal(hundredths) / HUNDRED
