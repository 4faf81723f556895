"""Building a plan for an agency without asking the solver who sits where: good in a second, and no proof. Pure."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from compliance import path_solver
from compliance.path_solver import Row

# What an hour that stays missing costs, in class-hours.
LEFT = 1000


class Bundle(NamedTuple):
    """What one officer takes: classes by place, steps of each cell, and what of each requirement stays missing."""

    classes: tuple[int, ...]
    hosted: tuple[int, ...]
    left: tuple[int, ...]


class Assigned(NamedTuple):
    """A plan: for each kind a bundle for each of its officers, the hosted steps of each cell, and what it costs."""

    bundles: tuple[tuple[Bundle, ...], ...]
    hosted: tuple[int, ...]
    cost: int


class Building:
    """What `Seats` builds of its question."""

    def built(self, opened: Iterable[int], ends: float) -> Assigned:
        """A plan that begins with some classes, opens more while somebody lacks what cannot be hosted, and closes those
        that are not needed after all."""
        return self.completed(set(opened), [[] for _ in self.kind_of], ends)

    def completed(self, now: set[int], taken: list[list[int]], ends: float) -> Assigned:
        """The plan that begins with some classes open and some officers in them already; if that and the seats left in
        them do, it is the plan."""
        is_begun = any(taken)
        free = list(self.seats)
        for classes in taken:
            for at in classes:
                free[at] -= 1
        lacks = [self.hard(self.rest(kind, classes)) for kind, classes in zip(self.kind_of, taken, strict=True)]
        order = sorted(range(len(taken)), key=lambda person: -sum(lacks[person]))
        for person in order:
            self.seat(person, now, free, taken, lacks)
        if is_begun and not any(map(any, lacks)):
            return self.finished(taken)
        while waiting := [person for person in order if any(lacks[person])]:
            at = self._best_to_open(waiting, now, lacks)
            if at is None:
                break
            now.add(at)
            for person in waiting:
                self.seat(person, {at}, free, taken, lacks)
        for at in sorted(now, key=lambda at: (self.seats[at] - free[at], -self.hours[at])):
            if time.monotonic() > ends:
                break
            self._close(at, now, free, taken, lacks)
        return self.finished(taken)

    def hard(self, missing: Sequence[int]) -> list[int]:
        """Of what is missing what cannot be hosted."""
        return [0 if can else hours for hours, can in zip(missing, self.hostable, strict=True)]

    def seat(self, person: int, classes: Iterable[int], free: list[int], taken, lacks) -> None:
        """Seat somebody in what gives most of what they lack, until nothing does."""
        kind = self.kind_of[person]
        able = [
            at for at in classes if free[at] > 0 and at not in self.barred[kind] and at not in taken[person]
            and not self.neighbours[at] & set(taken[person])
        ]  # fmt: skip
        while any(lacks[person]) and able:
            given = {at: sum(map(min, self.gives[at], lacks[person])) for at in able}
            at = min(able, key=lambda one: (-given[one], self.hours[one], -free[one], one))
            if not given[at]:
                return
            free[at] -= 1
            taken[person].append(at)
            lacks[person] = [max(0, hours - more) for hours, more in zip(lacks[person], self.gives[at], strict=True)]
            able = [one for one in able if one != at and one not in self.neighbours[at]]

    def _best_to_open(self, waiting: Sequence[int], now: set[int], lacks) -> int | None:
        """The class whose seats would give most to those waiting, for its hours."""
        import numpy as np  # it takes a while to import, which no other page needs

        alike = Counter((self.kind_of[person], tuple(lacks[person])) for person in waiting)
        lack = np.array([each for _, each in alike])
        many = np.array(list(alike.values()))
        closed = [at for at in range(len(self.hours)) if at not in now]
        if not closed:
            return None
        gives = np.array(self.gives)[closed]
        seats, hours = np.array(self.seats)[closed], np.maximum(1, np.array(self.hours)[closed])
        # No seat gives more than to somebody who lacks the most of everything: most need not be looked at closely.
        upto = np.minimum(many.sum(), seats) * np.minimum(gives, lack.max(axis=0)).sum(axis=1) / hours
        best, at_best = 0.0, None
        for place in np.argsort(-upto, kind="stable"):
            if upto[place] <= best:
                break
            given = np.minimum(gives[place], lack).sum(axis=1)
            at = closed[place]
            given[[at in self.barred[kind] for kind, _ in alike]] = 0
            order = np.argsort(-given)
            sit = np.minimum(many[order], np.maximum(0, seats[place] - np.cumsum(many[order]) + many[order]))
            worth = float(given[order] @ sit / hours[place])
            if worth > best:
                best, at_best = worth, at
        return at_best

    def _close(self, at: int, now: set[int], free: list[int], taken, lacks) -> None:
        """Close a class if everyone in it finds what it gave them in the others, as it was before if not."""
        inside = [person for person, classes in enumerate(taken) if at in classes]
        kept = {person: (list(taken[person]), list(lacks[person])) for person in inside}
        seats = list(free)
        before = sum(sum(lacks[person]) for person in inside)
        rest = now - {at}
        for person in inside:
            for one in taken[person]:
                free[one] += 1
            taken[person], lacks[person] = [], self.hard(self.missing[self.kind_of[person]])
            self.seat(person, rest, free, taken, lacks)
        if sum(sum(lacks[person]) for person in inside) <= before:
            now.discard(at)
            return
        free[:] = seats
        for person, (classes, lack) in kept.items():
            taken[person], lacks[person] = classes, lack

    def finished(self, taken: Sequence[Sequence[int]]) -> Assigned:
        """The plan in which these officers take these classes: what has to be hosted beside them, as little as can be,
        seats nobody needs given up, and everyone sits through as little of what is hosted as they can."""
        rests = [self.rest(self.kind_of[person], classes) for person, classes in enumerate(taken)]
        hosted = self._hosted(rests)
        given = self._given(hosted)
        bundles: list[list[int]] = []
        for person, classes in enumerate(taken):
            kept = list(classes)
            for at in sorted(classes, key=lambda at: -self.hours[at]):
                less = [one for one in kept if one != at]
                rest = self.rest(self.kind_of[person], less)
                now = self.rest(self.kind_of[person], kept)
                if all(
                    max(0, hours - more) <= max(0, before - more)
                    for hours, before, more in zip(rest, now, given, strict=True)
                ):
                    kept = less
            bundles.append(kept)
        rests = [tuple(self.rest(self.kind_of[person], classes)) for person, classes in enumerate(bundles)]
        sit = self._sits(sorted({self._soft(rest) for rest in rests}), hosted)
        made: list[list[Bundle]] = [[] for _ in self.many]
        for person, (classes, rest) in enumerate(zip(bundles, rests, strict=True)):
            left = tuple(max(0, hours - more) for hours, more in zip(rest, given, strict=True))
            made[self.kind_of[person]].append(Bundle(tuple(sorted(classes)), sit[self._soft(rest)], left))
        everyone = [bundle for each in made for bundle in each]
        held = tuple(max((bundle.hosted[at] for bundle in everyone), default=0) for at in range(len(self.serves)))
        open_now = {at for bundle in everyone for at in bundle.classes}
        lost = sum(sum(bundle.left) for bundle in everyone)
        cost = sum(self.hours[at] for at in open_now) + sum(held) + LEFT * lost
        return Assigned(tuple(map(tuple, made)), held, cost)

    def rest(self, kind: int, classes: Iterable[int]) -> list[int]:
        rest = list(self.missing[kind])
        for at in classes:
            rest = [max(0, hours - more) for hours, more in zip(rest, self.gives[at], strict=True)]
        return rest

    def _soft(self, rest: Sequence[int]) -> tuple[int, ...]:
        return tuple(hours if can else 0 for hours, can in zip(rest, self.hostable, strict=True))

    def _given(self, hosted: Sequence[int]) -> list[int]:
        return [sum(h for h, each in zip(hosted, self.serves, strict=True) if each[need]) for need in self.needs]

    def _hosted(self, rests: Sequence[Sequence[int]]) -> tuple[int, ...]:
        """The fewest hosted steps that give the most anybody still lacks of each requirement that can be hosted."""
        most = self._soft(list(map(max, zip(*rests, strict=True))))
        if not any(most):
            return (0,) * len(self.serves)
        rows = [
            Row(tuple((at, 1) for at, each in enumerate(self.serves) if each[need]), least=most[need])
            for need in self.needs
            if most[need]
        ]
        found = path_solver.search(*self._few(rows, [max(most)] * len(self.serves)), seconds=5)
        return tuple(found.values)

    def _sits(self, rests: Sequence[tuple[int, ...]], hosted: Sequence[int]) -> dict[tuple[int, ...], tuple[int, ...]]:
        """What is left -> the fewest steps of what is hosted that give it."""
        width = len(self.serves)
        if not width or not any(hosted):
            return dict.fromkeys(rests, (0,) * width)
        rows = [
            Row(tuple((place * width + at, 1) for at, each in enumerate(self.serves) if each[need]), least=rest[need])
            for place, rest in enumerate(rests)
            for need in self.needs
            if rest[need]
        ]
        found = path_solver.search(*self._few(rows, list(hosted) * len(rests)), seconds=10)
        return {rest: tuple(found.values[place * width : (place + 1) * width]) for place, rest in enumerate(rests)}

    def _few(self, rows: list[Row], most: list[int]) -> tuple[list[int], list[int], list[Row]]:
        """Every step costs the same; of steps that serve as well those that serve fewer requirements come first."""
        ahead = [100_000 + sum(each) for each in self.serves]
        return [ahead[at % len(ahead)] for at in range(len(most))], most, rows
