"""A pasted line as it was matched: who is meant, what it says, what is open, and what somebody decided of it."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from clee_portal.templatetags.look import hours_words
from training import said
from training.matching import Candidate


class Fate(StrEnum):
    """What becomes of a line."""

    CREDITED = "credited"
    HELD = "held"
    IGNORED = "ignored"


class Choice(NamedTuple):
    """What somebody may decide of a line: who is meant, and where that is open how they attended."""

    value: str
    person: Candidate
    what: str  # "" where the line itself says it


class LineMatch(NamedTuple):
    """A pasted line, or the part of one that names one person."""

    line: int
    text: str
    key: str  # stays the same while the text does
    fate: Fate
    person: Candidate | None = None  # certain, or picked among the candidates
    candidates: tuple[Candidate, ...] = ()
    wrong: str = ""
    fix: str = ""
    is_for_post: bool = False
    why: str = ""  # why it is ignored
    how: str = ""
    hours: Decimal | None = None
    is_again: bool = False  # named before; counts once
    below: str = ""  # the heading that says how they attended
    doubt: str = ""  # what it says besides, that is not understood
    named: Candidate | None = None  # who is meant for certain, where it is open how they attended
    number: Decimal | None = None  # hours that may be meant
    is_only_number: bool = False  # nothing else is not understood
    words: tuple[str, ...] = ()  # what was understood of how they attended
    pick: str = ""  # the value of the choice that was made
    is_declined: bool = False  # somebody said that it is none of the candidates

    @property
    def is_picked(self) -> bool:
        """Whether a person said who is meant."""
        return self.person is not None and bool(self.candidates)

    @property
    def said(self) -> str:
        """How they attended, in words; nothing where they completed all of it."""
        return said_of(self.how, self.hours)

    @property
    def about(self) -> frozenset[int]:
        """Ids of those of whom it says something, or may, that nobody decided yet."""
        if who := self.person or self.named:
            return frozenset((who.pk,))
        return frozenset(one.pk for one in self.candidates if self.says_something and not self.is_declined)

    @property
    def says_something(self) -> bool:
        """Whether it says, or may say, that somebody did not complete the class as everybody."""
        return bool(self.how or self.hours is not None or self.doubt)

    @property
    def choices(self) -> list[Choice]:
        """What can be decided of it."""
        return [
            Choice(f"{one.pk}{code}", one, what)
            for one in self.candidates
            for code, what in (self._ways() if self.doubt else [("", "")])
        ]

    def _ways(self) -> Iterator[tuple[str, str]]:
        is_read = bool(self.how or self.hours is not None)
        if is_read and (self.how != said.PARTLY or self.hours is not None):
            yield "", said_of(self.how, self.hours)
        if self.number:
            yield f"-h{self.number.normalize():f}", said_of("", self.number)
        if self.hours is None and self.how in (said.COMPLETED, said.PARTLY):
            yield "-all", "completed all of it"
        if self.how != said.LEFT:
            yield "-left", "did not complete: no credit"
        if self.how != said.TAUGHT and any(said.read(word)[0].how == said.TAUGHT for word in self.words):
            yield "-taught", "taught it"


def said_of(how: str, hours: Decimal | None) -> str:
    """How somebody attended, in words for the page; nothing where they completed all of it."""
    if how == said.LEFT:
        return "did not complete"
    given = f"{hours_words(hours)}" if hours is not None else ""
    if how == said.TAUGHT:
        return f"taught it, {given}" if given else "taught it"
    if given:
        return f"completed {given}"
    return "completed a part" if how == said.PARTLY else ""
