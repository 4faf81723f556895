"""Pasted lines matched to officers: each line with who is meant, who may be meant, or why it will be held."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from training.matching import Candidate, Certainty, Match, People, Person
from training.matching_names import agrees, readings
from training.matching_text import Piece, read
from training.models import Agency
from training.names import Name, read_full_name, split_suffix
from training.wrong import Wrong


class Fate(StrEnum):
    """What becomes of a line."""

    CREDITED = "credited"
    HELD = "held"
    IGNORED = "ignored"


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

    @property
    def is_picked(self) -> bool:
        """Whether a person said who is meant."""
        return self.person is not None and bool(self.candidates)


def match_lines(text: str, *, agency: Agency, day: dt.date, picks: Mapping[str, str] | None = None) -> list[LineMatch]:
    """Every line of a pasted text, in order. `picks` are the candidates chosen, primary keys by the key of the line.

    None are guessed. A constant number of statements, however many lines.
    """
    pieces = list(read(text))
    if not pieces:
        return []
    people = People.of(agency, day)
    people.know(number for one in pieces for number in one.numbers)
    found: list[LineMatch] = []
    seen: set[int] = set()
    memo: dict[tuple, list[tuple[str, Match]]] = {}
    for piece in pieces:
        if piece.ignored and not _is_somebody(piece, people, day):
            found.append(LineMatch(piece.line, piece.text, _key(piece.text, 0), Fate.IGNORED, why=piece.ignored))
            continue
        asked = piece.numbers, piece.cells
        if asked not in memo:
            memo[asked] = list(_matches(piece, people, day))
        several = len(memo[asked]) > 1
        for at, (part, match) in enumerate(memo[asked]):
            one = _line(piece, part if several else piece.text, _key(piece.text, piece.at + at), match, picks or {})
            if one.person and one.person.pk in seen:
                one = one._replace(is_again=True)
            if one.person:
                seen.add(one.person.pk)
            found.append(one)
    return found


def _is_somebody(piece: Piece, people: People, day: dt.date) -> bool:
    """Whether a line that reads like a heading is exactly the name of an officer here, such as June Carter."""
    return len(piece.cells) == 1 and _match(piece.cells[0], people, day).certainty is Certainty.CERTAIN


def _key(text: str, at: int) -> str:
    return hashlib.sha256(f"{at}\x1f{text}".encode()).hexdigest()[:16]


def _line(piece: Piece, text: str, key: str, match: Match, picks: Mapping[str, str]) -> LineMatch:
    how, hours = piece.how, piece.hours
    base = LineMatch(piece.line, text, key, Fate.HELD, how=how, hours=hours)
    person = match.person
    if match.certainty is Certainty.POSSIBLE:
        chosen = picks.get(key, "")
        person = next((one for one in match.candidates if str(one.pk) == chosen), None)
    if person:
        return base._replace(fate=Fate.CREDITED, person=person, candidates=match.candidates)
    if not match.candidates and not piece.numbers and len(text.split()) == 1:
        return base._replace(fate=Fate.IGNORED, why="one word, and nobody’s last name here")
    return base._replace(candidates=match.candidates, wrong=match.wrong, fix=match.fix, is_for_post=match.is_for_post)


def _matches(piece: Piece, people: People, day: dt.date) -> Iterator[tuple[str, Match]]:
    """(the part of the line, who is meant by it)."""
    if piece.numbers:
        yield piece.text, _numbered(piece, people, day)
    else:
        yield from _named(piece, people, day)


def _numbered(piece: Piece, people: People, day: dt.date) -> Match:
    known = [one for number in piece.numbers if (one := people.person(number))]
    ways = list(_ways(piece.cells))
    if len(known) > 1:
        fitting = [one for one in known if any(_agrees(words, one) for words in ways)]
        if len(fitting) != 1:
            offered = tuple(one.candidate(day, "has one of the license numbers") for one in known)
            wrong, fix = "The line has more than one license number.", "Put each person on a line of their own."
            return Match(piece.text, Certainty.POSSIBLE, None, offered, wrong, fix)
        known = fitting
    one = known[0] if known else None
    number = one.number if one else piece.numbers[0]
    words = next((words for words in ways if one and _agrees(words, one)), ways[0] if ways else "")
    words, _ = split_suffix(words)
    if one and len(words.split()) == 1:
        return _beside_one_word(one, words, piece.text, day)
    return people.match(number=number, words=words if len(words.split()) > 1 else "", text=piece.text)


def _beside_one_word(one: Person, word: str, text: str, day: dt.date) -> Match:
    """A license number beside one word, which has to be a part of that officer's name."""
    if any(
        agrees(given, held)
        for held in one.names
        for given in (Name(held.first, "", word, ""), Name(word, "", held.last, ""))
    ):
        return Match(text, Certainty.CERTAIN, one.candidate(day))
    offered = (one.candidate(day, "has this license number"),)
    wrong = f"The license number {one.number} is {offered[0].name}’s, not {word}’s."
    return Match(
        text,
        Certainty.POSSIBLE,
        None,
        offered,
        wrong,
        "Correct the license number or the name, so that they agree.",
    )


def _ways(cells: tuple[str, ...]) -> Iterator[str]:
    """What may be the name: two cells side by side, or a cell of two words or more, or one of one."""
    yield from (f"{one} {other}" for one, other in pairwise(cells))
    yield from sorted(cells, key=lambda cell: -min(2, len(cell.split())))


def _agrees(words: str, person: Person) -> bool:
    rest, _ = split_suffix(words)
    if len(rest.split()) == 1:
        return _beside_one_word(person, rest, "", None).certainty is Certainty.CERTAIN
    return any(agrees(given, held) for given in readings(rest.split()) for held in person.names)


def _named(piece: Piece, people: People, day: dt.date) -> Iterator[tuple[str, Match]]:
    cells = list(piece.cells)
    while cells:
        taken, part, match = _first_of(cells, people, day)
        yield part, match
        del cells[:taken]


def _first_of(cells: list[str], people: People, day: dt.date) -> tuple[int, str, Match]:
    """The person at the beginning of the cells: how many cells name them, those cells, who it is."""
    alone = _match(cells[0], people, day)
    if len(cells) == 1 or alone.certainty is Certainty.CERTAIN:
        return 1, cells[0], alone
    pair = f"{cells[0]}, {cells[1]}"
    both = _match(pair, people, day)
    if both.certainty is Certainty.CERTAIN or len(cells[0].split()) == 1 or alone.certainty is Certainty.NOBODY:
        # Several full names with commas between, of which the first is nobody here, stay several.
        if both.certainty is Certainty.NOBODY and all(len(cell.split()) > 1 for cell in cells):
            return 1, cells[0], alone
        return 2, pair, both
    return 1, cells[0], alone


def _match(words: str, people: People, day: dt.date) -> Match:
    rest, suffix = split_suffix(words.replace(",", " , ")) if "," not in words else (words, "")
    if "," in words or suffix:
        try:
            named = people.match(name=read_full_name(words), day=day, text=words)
        except Wrong:
            named = None
        if named and (named.candidates or named.person):
            return named
        rest = rest.replace(",", " ")
    return people.match(words=rest, day=day, text=words)
