"""What is pasted on the entry page, judged beside the hours of the class: who is credited, and which lines are held."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clee_portal.templatetags.look import hours_words
from training import hours
from training.hours import Line
from training.matching_lines import Fate, LineMatch
from training.services.imports import HeldLine

MOST = 50_000  # characters


@dataclass(frozen=True)
class Pasted:
    """The lines of the paste box, in order."""

    lines: list[LineMatch]

    @classmethod
    def judged(cls, lines: Iterable[LineMatch], whole: tuple[Line, ...], explicit: Iterable[int]) -> "Pasted":
        """With hours that cannot be given held; `explicit` are the officers whose exception was set on the page."""
        explicit = set(explicit)
        return cls([one if one.person and one.person.pk in explicit else _judged(one, whole) for one in lines])

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
        """Everybody who was found, also where the line will be held for its hours."""
        return {one.person.pk for one in self.lines if one.person}

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
            yield HeldLine(one.text, one.wrong, one.fix, one.is_for_post)


def part_of(line: LineMatch, whole: tuple[Line, ...]) -> tuple[Line, ...] | None:
    """The own hours a line gives; None where they are those of the class."""
    if line.hours is None or line.how in ("taught", "left") or line.hours == hours.total(whole):
        return None
    return (Line(whole[0].area, whole[0].topic, line.hours),)


def _judged(line: LineMatch, whole: tuple[Line, ...]) -> LineMatch:
    if line.fate is not Fate.CREDITED or line.how in ("taught", "left"):
        return line
    name = line.person.name
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
