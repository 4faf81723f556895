"""Two acts on a thing: after each other in both orders, then at once with each of them first."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings

from clee_portal.tests.races import holds, left
from clee_portal.tests.races.at_once import BEFORE, Couple, Ending, points
from clee_portal.tests.races.kinds import Act, Kind, known
from clee_portal.tests.races.undone import Before

# One line for each kind that was run, with the commit, and what was wrong.
WRITTEN_DOWN = settings.BASE_DIR / "var" / "races.txt"
FEWEST_LETTERS = 10  # of what is said to whoever is refused
Placed = tuple[Act, int]  # an act, and whether the first or the second person does it


@dataclass
class Report:
    """What was tried, and what went wrong."""

    pairs: int = 0
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    meanwhile: set[str] = field(default_factory=set)  # pairs of which one is refused who, a moment later, would not be

    def add(self, words: Iterable[str]) -> None:
        """Something is wrong: kept for the end, and written down at once, since a long form takes long."""
        new = [one for one in words if one not in self.wrong]
        self.wrong += new
        write_down(*new)


def write_down(*lines: str) -> None:
    """Add lines to what has been run and found on this machine."""
    with WRITTEN_DOWN.open("a") as file:
        file.writelines(f"{one}\n" for one in lines)


class Race:
    """Each pair of acts ends as one of the two orders would have ended, or that is written into the report."""

    def __init__(self, kind: Kind, state, couple: Couple, report: Report):
        self.kind, self.state, self.couple, self.report = kind, state, couple, report
        self.thing, self.before = None, None
        self.tables: set[str] = set()  # that the pair of now writes to
        self.misfits: set[str] = set()  # that one of its orders brings about too

    def pair(self, one: Act, other: Act, *, deep: bool = True) -> None:
        """Race two acts. Not `deep`, each is stopped after its first lock, and before it where that shows more."""
        self.report.pairs += 1
        a, b = (one, 0), (other, 1)
        name = f"{self.kind.name}: {one.name} and {other.name}"
        serial, locks, self.tables, self.misfits = [], {}, set(), set()
        for first, second in ((a, b), (b, a)):
            endings, rows = self._in_turn(first, second)
            locks[first] = self.couple.first.locks
            self._must_be_told(f"{name}, one after the other", endings)
            done = [act.name for (act, _), end in zip((first, second), endings, strict=True) if end.how == "done"]
            self.report.done.update(done)
            serial.append((_by_act(endings, in_order=first is a), rows))
        self.before.keep(self.tables)
        for first, second in ((a, b), (b, a)):
            has_waited_first = False
            for stop in points(locks[first])[: None if deep else 1]:
                self._at_once(name, first, second, stop, serial, in_order=first is a)
                has_waited_first = self.couple.waits_first
                if self.couple.has_waited:
                    break
            if not has_waited_first:  # else the second has read before the first acted already
                self._at_once(name, second, first, BEFORE, serial, in_order=first is not a)

    def prepare(self) -> None:
        """See to it that there is a thing that nobody has touched yet."""
        if self.thing is None:
            self.thing, self.before = self.kind.anew(self.state), Before()

    def _acts(self, one: Placed, other: Placed) -> list:
        """Both, on a thing that nobody has touched yet."""
        self.prepare()
        return [act.of(self.thing, place) for act, place in (one, other)]

    def _left(self, moment: int, *, is_looked_for: bool) -> Counter:
        """The rows written since; tables that no statement names are looked for (triggers and COPY write to them)."""
        statements = [*self.couple.first.written, *self.couple.second.written]
        self.tables |= left.touched(moment, statements) if is_looked_for else left.written(statements)
        return left.since(moment, self.tables, known(self.thing))

    def _in_turn(self, one: Placed, other: Placed) -> tuple[tuple[Ending, ...], Counter]:
        acts, moment = self._acts(one, other), left.now()
        self.couple.second.written = []
        *endings, (rows, wrong, misfits) = self.couple.one_after_the_other(
            *acts,
            lambda: (self._left(moment, is_looked_for=True), holds.wrong(self.thing), holds.misfits(self.thing)),
        )
        self.report.runs += 1
        self.misfits.update(misfits)
        here = f"{self.kind.name}: {one[0].name}, then {other[0].name}"
        self.report.add(f"{here}: {words}" for words in wrong)
        return tuple(endings), rows

    def _at_once(self, name: str, first: Placed, second: Placed, stop: int, serial: list, *, in_order: bool) -> None:
        acts, moment = self._acts(first, second), left.now()
        endings = self.couple.at_once(*acts, stop)
        got = (_by_act(endings, in_order=in_order), self._left(moment, is_looked_for=False))
        wrong = holds.wrong(self.thing) + holds.misfits(self.thing, but_for=self.misfits)
        self.report.runs += 1
        if not self.before.bring_back(moment, self.tables):
            self.thing = None
        here = f"{name}; {first[0].name} first, stopped at {stop}"
        self.report.add(f"{here}: {words}" for words in wrong)
        self._must_be_told(here, endings)
        if got not in serial and self._is_refused_meanwhile(first, second, endings, got[1]):
            self.report.meanwhile.add(name.partition(": ")[2])
        elif got not in serial:
            near = min(serial, key=lambda one: (one[0] != got[0], _apart(one[1], got[1])))
            orders = " or ".join(str(one[0]) for one in serial)
            told = left.difference(got[1], near[1])
            self.report.add([f"{here}: ended {got[0]}, one after the other {orders}\n{told}"])

    def _is_refused_meanwhile(self, first: Placed, second: Placed, endings: tuple[Ending, ...], rows: Counter) -> bool:
        """Whether one was refused because the other was at it just then, and everything is as the other alone leaves
        it: whoever tries again is taken, and nothing wrong stands."""
        done = [who for who, end in zip((first, second), endings, strict=True) if end.how == "done"]
        if len(done) != 1 or {end.how for end in endings} != {"done", "refused"}:
            return False
        (act, place), moment = done[0], left.now()
        self.prepare()
        self.couple.first.begin(act.of(self.thing, place))
        ending, alone = self.couple.first.end(), self._left(moment, is_looked_for=False)
        if not self.before.bring_back(moment, self.tables):
            self.thing = None
        return ending.how == "done" and alone == rows

    def _must_be_told(self, where: str, endings: tuple[Ending, ...]) -> None:
        for one in endings:
            if one.how == "wrong" or (one.how == "refused" and len(one.words) < FEWEST_LETTERS):
                self.report.add([f"{where}: {one}"])


def _by_act(endings: tuple[Ending, ...], *, in_order: bool) -> tuple[str, ...]:
    hows = tuple(one.how for one in endings)
    return hows if in_order else hows[::-1]


def _apart(one: Counter, other: Counter) -> int:
    return (one - other).total() + (other - one).total()
