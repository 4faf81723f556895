"""What is pasted on the entry page, judged beside the hours of the class: who is credited, and which lines are held."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clee_portal.templatetags.look import hours_words
from training import hours
from training.hours import Line
from training.matched_line import Fate, LineMatch
from training.models import ImportRow
from training.services.imports import HeldLine

MOST = 50_000  # characters


@dataclass(frozen=True)
class Pasted:
    """The lines of the paste box, in order; of the officers in `settled` the page itself says how they attended."""

    lines: list[LineMatch]
    settled: frozenset[int] = frozenset()

    @classmethod
    def judged(cls, lines: Iterable[LineMatch], whole: tuple[Line, ...], explicit: Iterable[int]) -> "Pasted":
        """With lines held whose hours cannot be given, and those that contradict each other.

        `explicit` are the officers whose exception was set on the page: that decides every line that names them.
        """
        explicit = set(explicit)
        judged = [_settled(one, explicit) or _judged(_with_all(one, whole), whole) for one in lines]
        return cls(_agreeing(judged, whole, explicit), frozenset(explicit))

    @property
    def questioned(self) -> dict[int, LineMatch]:
        """Officer id -> the first held line that says something of them: a tick gives them no credit before."""
        found: dict[int, LineMatch] = {}
        for one in self.held:
            for pk in one.about:
                found.setdefault(pk, one)
        return {pk: one for pk, one in found.items() if pk not in self.settled}

    @property
    def credited(self) -> dict[int, LineMatch]:
        """Officer id -> the line that names them first."""
        found: dict[int, LineMatch] = {}
        for one in self.lines:
            if one.fate is Fate.CREDITED:
                found.setdefault(one.person.pk, one)
        return found

    @property
    def named(self) -> set[int]:
        """Everybody who was found, also where the line will be held for what it says."""
        return {who.pk for one in self.lines if (who := one.person or one.named)}

    @property
    def found(self) -> list[LineMatch]:
        """Lines of one certain person, once each."""
        return [one for one in self.lines if one.fate is Fate.CREDITED and not one.candidates and not one.is_again]

    @property
    def to_decide(self) -> list[LineMatch]:
        """Lines that may be one of several, decided or not."""
        return [one for one in self.lines if one.candidates]

    @property
    def without(self) -> list[LineMatch]:
        """Lines that will be held and of which there is nobody to choose."""
        return [one for one in self.lines if one.fate is Fate.HELD and not one.candidates]

    @property
    def held(self) -> list[LineMatch]:
        """Every line that will be held as things are."""
        return [one for one in self.lines if one.fate is Fate.HELD]

    @property
    def ignored(self) -> list[LineMatch]:
        """Lines that name nobody."""
        return [one for one in self.lines if one.fate is Fate.IGNORED]

    @property
    def again(self) -> list[LineMatch]:
        """Lines that name somebody who was named before."""
        return [one for one in self.lines if one.is_again]

    def to_hold(self) -> Iterator[HeldLine]:
        """What is kept in the agency's basket."""
        for one in self.held:
            text = f"{one.below}: {one.text}" if one.below else one.text
            how = ImportRow.How.OPEN if one.doubt else one.how
            yield HeldLine(text, one.wrong, one.fix, one.is_for_post, how, one.hours)


def part_of(line: LineMatch, whole: tuple[Line, ...]) -> tuple[Line, ...] | None:
    """The own hours a line gives; None where they are those of the class."""
    if line.hours is None or line.how in ("taught", "left") or line.hours == hours.total(whole):
        return None
    return (Line(whole[0].area, whole[0].topic, line.hours),)


def _settled(line: LineMatch, explicit: set[int]) -> LineMatch | None:
    """The line where the page itself says how they attended; None where it does not."""
    who = line.person or line.named
    if who is None or who.pk not in explicit:
        return None
    return line._replace(fate=Fate.CREDITED, person=who, named=None, candidates=(), doubt="", wrong="", fix="")


def _with_all(line: LineMatch, whole: tuple[Line, ...]) -> LineMatch:
    """A bare number that is just the hours of the class leaves nothing open: whatever it means, they got them all."""
    if line.fate is not Fate.HELD or not line.is_only_number or line.number != hours.total(whole):
        return line
    return line._replace(
        fate=Fate.CREDITED, person=line.named, named=None, candidates=(), hours=line.number, doubt="", wrong="", fix=""
    )


def _agreeing(lines: list[LineMatch], whole: tuple[Line, ...], explicit: set[int]) -> list[LineMatch]:
    """With every line held that names somebody of whom another line says something else."""
    said: dict[int, list[LineMatch]] = {}
    for one in lines:
        for pk in one.about - explicit if one.fate is not Fate.IGNORED else ():
            said.setdefault(pk, []).append(one)
    against = {pk: found for pk, found in said.items() if len({_statement(one, whole) for one in found}) > 1}
    return [_against(one, against.get(one.person.pk, ()), whole) if one.fate is Fate.CREDITED else one for one in lines]


def _statement(line: LineMatch, whole: tuple[Line, ...]) -> tuple:
    """What a line says, as it is compared with another; one that is not decided is like no other."""
    if line.fate is Fate.HELD:
        return "held", line.key
    is_all = line.hours is None or line.how in ("taught", "left") or line.hours == hours.total(whole)
    return line.how, None if is_all else line.hours


def _against(line: LineMatch, others: Iterable[LineMatch], whole: tuple[Line, ...]) -> LineMatch:
    """The line held because of others that name the same officer and say something else."""
    others = [one for one in others if _statement(one, whole) != _statement(line, whole)]
    if not others:
        return line
    listed = "; ".join(f"line {one.line}, “{one.text}”" for one in others)
    wrong = f"{line.person.name} is also named in {listed}, which says something else or is not decided."
    fix = "Take out the line that is wrong, or set the exception of this officer on the page."
    return line._replace(fate=Fate.HELD, wrong=wrong, fix=fix)


def _judged(line: LineMatch, whole: tuple[Line, ...]) -> LineMatch:
    if line.fate is not Fate.CREDITED or line.how == "left":
        return line
    name = line.person.name
    if line.how == "taught":
        if line.hours is None or not whole or line.hours == hours.total(whole):
            return line
        wrong = f"The line says that {name} taught {line.hours.normalize():f} of {hours.total(whole).normalize():f}."
        return line._replace(fate=Fate.HELD, wrong=wrong, fix="Take the hours out of the line, or correct them.")
    if line.hours == 0:
        wrong = f"The line gives {name} no hours."
        return line._replace(fate=Fate.HELD, wrong=wrong, fix="Write “did not complete” in it, or the hours.")
    if line.hours is None:
        if line.how != "partly":
            return line
        wrong = f"The line does not say how many hours {name} completed."
        return line._replace(fate=Fate.HELD, wrong=wrong, fix="Write the hours in the line, such as 2 h.")
    given = f"{line.hours.normalize():f}"
    if not whole or line.hours == (most := hours.total(whole)):
        return line
    if line.hours > most:
        are = "is" if line.hours == 1 else "are"
        wrong = f"{hours_words(line.hours)} {are} more than the class gives, {most.normalize():f}."
        return line._replace(fate=Fate.HELD, wrong=wrong, fix="Correct the hours in the line, or those of the class.")
    if len(whole) > 1 or not line.hours:
        wrong = f"The line gives {name} {given} of {hours_words(most)}, but not in which area they lie."
        fix = "Take the hours out of the line, and give the own hours at “Exception”."
        return line._replace(fate=Fate.HELD, wrong=wrong, fix=fix)
    return line
