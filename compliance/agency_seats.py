"""The question of an agency's plan in whole steps of an hour, for `agency_paths`: as rows for the solver, relaxed and
whole. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from compliance.agency_building import LEFT, Assigned, Building
from compliance.path_solver import Row


@dataclass(frozen=True)
class Seats(Building):
    """Kinds (`missing`, `many`, `barred`), classes (`gives`, `hours`, `seats`, `groups` of which one is taken at most)
    and cells (`serves`), all by place."""

    missing: list[tuple[int, ...]]
    many: list[int]
    gives: list[tuple[int, ...]]
    hours: list[int]
    seats: list[int]
    barred: list[frozenset[int]]
    groups: list[tuple[int, ...]]
    serves: list[tuple[bool, ...]]
    kind_of: list[int] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "kind_of", [kind for kind, many in enumerate(self.many) for _ in range(many)])

    @property
    def needs(self) -> range:
        """The requirements, by place."""
        return range(len(self.missing[0]))

    @cached_property
    def hostable(self) -> tuple[bool, ...]:
        """Of each requirement whether a hosted hour serves it."""
        return tuple(any(each[need] for each in self.serves) for need in self.needs)

    @cached_property
    def most(self) -> tuple[int, ...]:
        """The most anybody lacks of each requirement."""
        return tuple(map(max, zip(*self.missing, strict=True)))

    @cached_property
    def neighbours(self) -> list[set[int]]:
        """Of each class those that are not taken beside it."""
        found: list[set[int]] = [set() for _ in self.hours]
        for group in self.groups:
            for at in group:
                found[at].update(group)
        for at, near in enumerate(found):
            near.discard(at)
        return found

    def useful(self, kind: int, at: int, need: int) -> int:
        """What a class gives a kind of a requirement it lacks."""
        return min(self.gives[at][need], self.missing[kind][need])

    # The relaxed question ---------------------------------------------------------------------------------------------

    def relaxed(self, *, grouped: bool = False) -> tuple[list[int], list[int], list[Row]]:
        """Costs, most and rows of a question every plan answers, whoever sits where: each level of what is
        missing is given by the open classes and the hosted hours together, and all seats together give as much as all
        officers lack. `grouped`, much larger and tighter: also who sits where, those who lack the same together."""
        costs, most, rows = list(self.hours), [1] * len(self.hours), []
        of_group = self._group(range(len(self.hours)), costs, most, rows) if grouped else {}
        for columns in of_group.values():
            for column_of in columns:
                costs[column_of] = 0  # what is left is paid for below
        first = len(costs)
        costs += [1] * len(self.serves)
        most += [max(self.most)] * len(self.serves)

        def column(cost: int, upto: int) -> int:
            costs.append(cost)
            most.append(upto)
            return len(costs) - 1

        for need in self.needs:
            levels = Counter()
            for kind, missing in enumerate(self.missing):
                if missing[need]:
                    levels[missing[need]] += self.many[kind]
            if not levels:
                continue
            hosted = [(first + at, 1) for at, each in enumerate(self.serves) if each[need]]
            all_missing = sum(level * many for level, many in levels.items())
            left = None if hosted else column(LEFT, all_missing)
            together: list[tuple[int, int]] = []
            lefts: list[tuple[int, int]] = []
            for level, many in sorted(levels.items()):
                terms = [(at, min(each[need], level)) for at, each in enumerate(self.gives) if each[need]]
                if hosted:
                    rows.append(Row((*terms, *hosted), least=level))
                    given = column(0, level)
                    rows.append(Row((*hosted, (given, -1)), least=0))
                    together.append((given, many))
                else:
                    stays = column(0, level)
                    rows.append(Row((*terms, (stays, 1)), least=level))
                    lefts.append((stays, -many))
            falling = sorted(levels.items(), reverse=True)
            for at, each in enumerate(self.gives):
                if each[need]:
                    together.append((at, self._all_seats(each[need], self.seats[at], falling)))
            if left is not None:
                together.append((left, 1))
                rows.append(Row(((left, 1), *lefts), least=0))
                if of_group.get(need):
                    rows.append(Row(((left, 1), *((one, -1) for one in of_group[need])), least=0))
            rows.append(Row(tuple(together), least=all_missing))
        return costs, most, rows

    @staticmethod
    def _all_seats(gives: int, seats: int, falling: Sequence[tuple[int, int]]) -> int:
        """The most all seats of a class can give of a requirement, whoever takes them."""
        whole = 0
        for level, many in falling:
            taken = min(seats, many)
            whole += taken * min(gives, level)
            seats -= taken
        return whole

    def grouped(self, could: Sequence[int]) -> tuple[list[int], list[int], list[Row]]:
        """Costs, most and rows of the question with all who lack the same of what cannot be hosted together: which of
        some classes have seats enough. What it says of the classes, its first columns, a plan is built from."""
        costs, most, rows = [self.hours[at] for at in could], [1] * len(could), []
        self._group(could, costs, most, rows)
        return costs, most, rows

    def _group(self, could: Sequence[int], costs: list[int], most: list[int], rows: list[Row]) -> dict[int, list[int]]:
        """Adds who sits where, all who lack the same of what cannot be hosted together, to a question whose first
        columns are these classes; gives the columns of what is left of each requirement."""
        many = Counter()
        for kind, missing in enumerate(self.missing):
            if any(hard := tuple(self.hard(missing))):
                many[hard] += self.many[kind]
        in_class: dict[int, list[int]] = defaultdict(list)
        left: dict[int, list[int]] = defaultdict(list)
        for hard, count in sorted(many.items()):
            own: dict[int, int] = {}
            for place, at in enumerate(could):
                if any(map(min, self.gives[at], hard)):
                    own[at] = len(costs)
                    in_class[place].append(len(costs))
                    costs.append(0)
                    most.append(min(count, self.seats[at]))
                    if count < self.seats[at]:
                        rows.append(Row(((own[at], 1), (place, -count)), most=0))
            for need, missing in enumerate(hard):
                if missing:
                    terms = [(column, min(self.gives[at][need], missing)) for at, column in own.items()]
                    rows.append(Row((*((c, g) for c, g in terms if g), (len(costs), 1)), least=missing * count))
                    left[need].append(len(costs))
                    costs.append(LEFT)
                    most.append(missing * count)
        for place, columns in in_class.items():
            rows.append(Row((*((one, 1) for one in columns), (place, -self.seats[could[place]])), most=0))
        return left

    # The whole question -----------------------------------------------------------------------------------------------

    def whole(self, could: Sequence[int]):
        """Costs, most and rows officer by officer, of some of the classes; and how its values are read."""
        costs = [self.hours[at] for at in could] + [1] * len(self.serves)
        most = [1] * len(could) + [max(self.most)] * len(self.serves)
        hosted_from = len(could)
        rows: list[Row] = []
        sits: dict[tuple[int, int], int] = {}
        in_class: dict[int, list[int]] = defaultdict(list)
        groups = [inside for group in self.groups if len(inside := [at for at in group if at in set(could)]) > 1]
        for person, kind in enumerate(self.kind_of):
            own: dict[int, int] = {}
            for at in could:
                if at in self.barred[kind] or not any(self.useful(kind, at, need) for need in self.needs):
                    continue
                own[at] = sits[person, at] = len(costs)
                in_class[at].append(len(costs))
                costs.append(0)
                most.append(1)
            for need in self.needs:
                if not (missing := self.missing[kind][need]):
                    continue
                terms = [(column, given) for at, column in own.items() if (given := self.useful(kind, at, need))]
                if self.hostable[need]:
                    terms += [(hosted_from + at, 1) for at, each in enumerate(self.serves) if each[need]]
                else:
                    terms.append((len(costs), 1))
                    costs.append(LEFT)
                    most.append(missing)
                rows.append(Row(tuple(terms), least=missing))
            for group in groups:
                if len(taken := [own[at] for at in group if at in own]) > 1:
                    rows.append(Row(tuple((column, 1) for column in taken), most=1))
        for place, at in enumerate(could):
            if columns := in_class[at]:
                rows.append(Row((*((one, 1) for one in columns), (place, -self.seats[at])), most=0))
                if self.seats[at] > 1:
                    rows += [Row(((one, 1), (place, -1)), most=0) for one in columns]

        def read(values: Sequence[int]) -> Assigned:
            taken: list[list[int]] = [[] for _ in self.kind_of]
            for (person, at), column in sits.items():
                if values[column]:
                    taken[person].append(at)
            return self.finished(taken)

        return (costs, most, rows), read

    def promising(self, could: Sequence[int], best: Assigned | None, many: int, also: Sequence[int] = ()) -> list[int]:
        """So many of the classes: `also`, those of a plan, and those whose seats give most for their hours."""
        used = {at for each in best.bundles for bundle in each for at in bundle.classes} if best else set()
        used |= set(also)
        everyone = sum(self.many)

        def worth(at: int) -> float:
            given = sum(min(hours, most) for hours, most in zip(self.gives[at], self.most, strict=True))
            return given * min(self.seats[at], everyone) / max(1, self.hours[at])

        return sorted(sorted(could, key=lambda at: (at not in used, -worth(at), at))[: max(many, 1)])
