"""The fewest class-hours that bring a whole agency to compliance: which classes of the calendar it sends whom to, and
which classes it hosts itself. Pure: no database, no clock.

Officers alike are one *kind*. First a relaxed question gives what no plan can cost less than, and a plan is built from
its answer; then the ways officers reach their hours give a tight bound and mostly the plan that costs it
(`agency_ways`); where they do not, the whole question is asked, officer by officer, of the classes that could still
better it. What is proved is said: `least`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from math import inf

from compliance import path_solver
from compliance.agency_building import Assigned
from compliance.agency_question import AgencyPath, Cell, Kind, Open, Question
from compliance.agency_seating import Seating
from compliance.agency_ways import Ways, prove
from compliance.path_solver import SolverFailed

# With more seconds than that the larger of the relaxed questions is asked.
AT_LENGTH = 30
# So much of the time is for the question of the ways officers go: where at most so many requirements can be met by the
# calendar alone, and where there are more.
PLAIN, WAYS_SHARE, BOUND_SHARE = 2, 0.8, 0.2
# The whole question is asked of so many pairs of an officer and a class, of the most promising classes first. Where the
# last does not take all classes in nothing is proved by it. Of officers alike, taken together, so many.
PAIRS, MOST_GROUPED = (3_000, 20_000, 60_000), 6_000


Told = Callable[[Decimal, Decimal], None]
Better = Callable[[AgencyPath], None]


def find(
    kinds: Sequence[Kind],
    classes: Sequence[Open],
    cells: Sequence[Cell],
    *,
    seconds: float,
    told: Told | None = None,
    better: Better | None = None,
    known: AgencyPath | None = None,
) -> AgencyPath:
    """The best plan found in `seconds`; `told` hears now and then what the best costs and the least anything could.

    `known`, a plan found before for the same question, is bettered or given back; `better` hears of each plan that
    betters it while the search goes on.
    """
    lacking = [one for one in kinds if one.officers and any(one.missing)]
    if not lacking:
        return AgencyPath((), (), (), Decimal(0))
    return _Search(Question(lacking, classes, cells), seconds, told, better, known).run()


class _Search:
    """The search for the best answer to one question."""

    def __init__(
        self, asked: Question, seconds: float, told: Told | None, better: Better | None, known: AgencyPath | None
    ):
        self.ends = time.monotonic() + seconds
        self.asked, self.seats = asked, asked.seats
        self.told, self.better, self.known = told, better, known
        self.shown = asked.steps(known.cost) if known else None

    def run(self) -> AgencyPath:
        """Relaxed and built; then by the ways officers go; then, if that does not prove it, the whole question."""
        model = self.seats.relaxed()
        lp = path_solver.relaxed(*model, seconds=max(1.0, self._left))
        if lp is None:
            raise SolverFailed("The relaxed question has no answer.")
        least, opened = lp.least, [at for at in range(len(self.seats.hours)) if lp.values[at] > 1e-6]
        hard = [need for need in self.seats.needs if self.seats.most[need] and not self.seats.hostable[need]]
        # With little that only the calendar gives a plan is made of the ways; with more they give a bound alone.
        is_plain = len(hard) <= PLAIN
        if not is_plain:
            low, whole = self._relaxed()
            least, opened = max(least, low), whole or opened
        best = self.seats.built(opened, self.ends)
        if self.known is not None:
            least = max(least, self.asked.steps(self.known.least))
        self._say(best, least)
        held: list[int] = []
        if is_plain or self._left > AT_LENGTH:
            best, least, held = self._by_ways(best, least, WAYS_SHARE if is_plain else BOUND_SHARE)
        if self._cost(best) > least:
            best, least = self._at_length(best, least, lp, held)
        found = self.asked.path(best, min(least, best.cost))
        if self.known is not None and self.known.cost <= found.cost:
            least_now = min(self.known.cost, self.asked.hours(least))
            return AgencyPath(self.known.seated, self.known.hosted, self.known.left, least_now)
        return found

    @property
    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _cost(self, best: Assigned) -> int:
        return min(best.cost, self.asked.steps(self.known.cost)) if self.known else best.cost

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
            could = [at for at in range(len(self.seats.hours)) if lp.cost + lp.adds[at] <= cost - 1 + 0.01]
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
        return whole.bound, [at for at in range(len(self.seats.hours)) if whole.values[at]]

    def _grouped(self) -> list[int]:
        """The classes that have seats enough for all who lack the same, taken together."""
        alike = {tuple(self.seats.hard(missing)) for missing in self.seats.missing}
        could = self.seats.promising(range(len(self.seats.hours)), None, MOST_GROUPED // max(1, len(alike)))
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

    def _say(self, best: Assigned, least: int) -> None:
        if self.better and self.shown is not None and best.cost < self.shown:
            self.shown = best.cost
            self.better(self.asked.path(best, min(best.cost, least)))
        self._say_steps(self._cost(best), min(self._cost(best), least))

    def _say_steps(self, cost: int, least: int) -> None:
        if self.told:
            self.told(self.asked.hours(cost), self.asked.hours(least))


def _up(cost: float) -> int:
    """The next whole number, not misled by the solver's rounding."""
    return max(0, int(-((-(cost - 0.01)) // 1)))
