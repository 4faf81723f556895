"""What is asked about an agency and what is answered: who lacks what, which classes there are, what could be hosted;
and a plan, in hours and with the names of its officers. Pure.

A class counts once with all its hours, whether one officer of the agency sits in it or fifty. What the agency hosts has
hours of chosen areas and topics, room for all, and no hours of the day yet; an officer sits only through the hosted
classes they need. Hours that stay missing cost far more than any class, so as few as can be do.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

from compliance.agency_building import LEFT, Assigned
from compliance.agency_seats import Seats
from compliance.paths import Offered, meeting_at_once

HUNDRED = 100
# A hosted class has so many hours at least, unless less is hosted in all.
SHORTEST = Decimal(2)


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


class Question:
    """One question in whole `step`s, hundredths of an hour: what was asked, without what is of no use, and as `seats`
    without names and hours."""

    def __init__(self, kinds: Sequence[Kind], classes: Sequence[Open], cells: Sequence[Cell]):
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

    def steps(self, hours: Decimal) -> int:
        """Hours in steps."""
        return _hundredths(hours) // self.step

    def hours(self, steps: int) -> Decimal:
        """Steps in hours."""
        return Decimal(steps * self.step) / HUNDRED

    def path(self, best: Assigned, least: int) -> AgencyPath:
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
                    left.append((officer, tuple(map(self.hours, bundle.left))))
                sits.append((officer, bundle.hosted))
        seated = tuple((self.classes[at].offered, tuple(sorted(who))) for at, who in sorted(taken.items()))
        return AgencyPath(seated, tuple(self._hosted(sits)), tuple(sorted(left)), self.hours(least))

    def _hosted(self, sits: Sequence[tuple[int, tuple[int, ...]]]) -> list[Hosted]:
        """The hosted classes: hours of a cell through which the same people sit are one class, whatever their cells."""
        of: dict[tuple[int, ...], list[tuple[Hashable, Decimal]]] = defaultdict(list)
        for at, cell in enumerate(self.cells):
            before = 0
            for level in sorted({each[at] for _, each in sits if each[at]}):
                who = tuple(sorted(officer for officer, each in sits if each[at] >= level))
                of[who].append((cell.key, self.hours(level - before)))
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


def _hundredths(hours: Decimal) -> int:
    return int(hours * HUNDRED)
