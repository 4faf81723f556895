"""Pasted text taken apart: which lines name people, by what, and what is said of them; which name nobody, and why."""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from training import said
from training.matching_parts import BULLET, THOUSANDS, names_in, numbers_in, why_nobody, words_in
from training.matching_words import NEGATIONS, OF_SENTENCES, RANKS, is_of_a_heading, word_of
from training.names import tidy
from training.said import Said
from training.said_columns import Holds, are_headers, holds, row_as_said

_COUNTER = re.compile(r"^\s*(\d{1,3})[ \t]\s*(?=[^\d\s])")
_QUOTED_CELL = re.compile(r'(?:^|[,;])\s*"[^"]*,[^"]*"\s*(?:[,;]|$)')
_LABEL = re.compile(r"^([^:\t]{2,70}?)\s*(?::|\s[-–—]\s)\s*(?=\S)")
_HEADER = re.compile(r"^(?:from|to|cc|bcc|sent|date|subject|reply-to)\s*:", re.IGNORECASE)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^:;\d]{0,40}[,!:.]?$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"^(?:(?:many |kind |best |warm )?(?:thanks|thank you|thx|regards|sincerely|respectfully|cheers|best)\b[^0-9]{0,30}"
    r"|--+)$",
    re.IGNORECASE,
)
# What makes a part of all: "attended until noon".
_LIMITS = frozenset(("only", "until", "till", "before", "after", "from", "to", "most", "some", "during"))
LONGEST = 3_000  # characters of a line
TOO_LONG = f"The line is longer than {LONGEST:,} characters."
_SIGNATURE = 6  # this many lines below a closing are the signature


class Piece(NamedTuple):
    """What names one person in a line; or a line that names nobody, and why."""

    line: int  # counted from 1
    at: int  # which one in its line
    text: str
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # words that may be names, as they stood apart; of an ignored line one that could be
    said: Said = Said()
    is_of_all: bool = False  # said in front of everybody in the line, so of each
    cells: tuple[tuple[str, ...], ...] = ()  # every word that was not read otherwise, as they stood apart
    quoted: tuple[str, ...] = ()
    below: str = ""  # the heading it stands below
    doubt: str = ""  # why it is not clear what is said
    ignored: str = ""

    @property
    def how(self) -> str:
        """How the person attended: taught it, left, partly (without hours), or completed."""
        return self.said.how

    @property
    def hours(self) -> Decimal | None:
        """The hours that are given."""
        return self.said.hours


class _Section(NamedTuple):
    """What a heading says of the lines below it."""

    text: str
    said: Said
    is_clear: bool = True
    has_ended: bool = False
    is_used: bool = False


def read(text: str) -> list[Piece]:
    """Every line that is not blank, in order; a line that names several people in several pieces."""
    return list(_Reader(text).pieces())


class _Reader:
    """Goes through the lines once: remembers the columns, the heading, and whether a letter has come to its end."""

    def __init__(self, text: str):
        self.lines = text.splitlines()
        self.columns: list[tuple[Holds, str]] = []
        self.delimiter = ""
        self.section: _Section | None = None
        self.has_headings = False  # a heading stood where nobody could be above it
        self.last_was_person = False
        self.goes_on = ""  # a line that says something and ends with a comma: it may hold for the next one
        self.counted = _counters(self.lines)

    def pieces(self) -> Iterator[Piece]:
        """Every line, read."""
        found: list[Piece] = []
        below = closing = None
        for number, raw in enumerate(self.lines, 1):
            line = tidy(raw)
            if not line:
                self._blank()
                continue
            if _HEADER.match(line):
                closing, below = None, None
                self.section = None
                found.append(Piece(number, 0, line, ignored="the head of an e-mail"))
                continue
            if _CLOSING.match(line):
                closing, below = line.rstrip(",.! "), 0
                found.append(Piece(number, 0, line, ignored="the end of a letter"))
                continue
            if len(line) > LONGEST:
                found.append(Piece(number, 0, line, ignored=TOO_LONG))
                continue
            if not self.columns:
                raw = raw[self.counted.get(number, 0) :]
            if (cells := self._take_columns(raw)) is None:
                found.append(Piece(number, 0, line, ignored="names of columns"))
                continue
            pieces = list(_pieces(number, line, cells))
            if closing and below is not None and below < _SIGNATURE and not any(one.numbers for one in pieces):
                below += 1
                found.append(Piece(number, 0, line, ignored=f"below “{closing}”: taken for a signature"))
                continue
            closing = None
            if (why := self._heading(line, pieces, found)) is not None:
                found.append(Piece(number, 0, line, ignored=why))
                self.last_was_person = False
                continue
            found += [self._below(one) for one in pieces]
            goes_on = re.search(r"(?:[,&]|\band)\s*$", line) and any(one.said.is_anything for one in pieces)
            self.goes_on = line if goes_on else ""
            self.last_was_person = any(not one.ignored for one in pieces)
        yield from found

    def _take_columns(self, raw: str) -> list[str] | None:
        """The cells of a line, each in words of its column; None where they are names of columns."""
        for delimiter in dict.fromkeys((self.delimiter or "\t", "\t", ",", ";", "|")):
            if delimiter not in raw:
                continue
            cells = _split(raw, delimiter)
            if are_headers(cells) or (delimiter == "\t" and _is_heading_row(cells)):
                self.columns, self.delimiter = [(holds(cell), cell) for cell in cells], delimiter
                return None
            if delimiter == self.delimiter and 1 < len(cells) <= len(self.columns):
                cells += [""] * (len(self.columns) - len(cells))
                return row_as_said(self.columns, cells)
        if "\t" not in raw and _QUOTED_CELL.search(raw.translate(_STRAIGHT)):
            return _split(raw.translate(_STRAIGHT), ",")
        return [tidy(cell) for cell in raw.split("\t")]

    # What headings say

    def _blank(self) -> None:
        self.last_was_person, self.goes_on = False, ""
        if self.section and self.section.is_used:
            is_said = self.section.said.is_anything or not self.section.is_clear
            self.section = self.section._replace(has_ended=True) if is_said else None

    def _heading(self, line: str, pieces: list[Piece], found: list[Piece]) -> str | None:
        """Take a heading in: why it is ignored. None where the line is something else."""
        if any(one.numbers for one in pieces) or _GREETING.match(line):
            return None
        text = line.rstrip(" :-–—")
        heard, rest = said.read(line)
        words = [word for word in re.split(r"[\s,:;()]+", rest) if word]
        is_colon = line.endswith(":")
        if heard.words and _only_carries(words, heard, is_colon) and not _negates(words):
            is_clear = not self.last_was_person or self.has_headings or is_colon or not heard.is_anything
            if not is_clear:
                # Directly below a name, without a colon: it may be said of that one, or of those that follow.
                found[-1] = found[-1]._replace(doubt=f"The line below it says “{text}”.")
            self.has_headings = self.has_headings or not self.last_was_person or is_colon
            self.section = _Section(text, heard, is_clear)
            return "a heading: it holds for the lines below"
        nobody = all(one.ignored for one in pieces)
        if is_colon and (nobody or not any(is_of_a_heading(word) for word in words)):
            is_plain = all(is_of_a_heading(word) for word in words) and not heard.is_anything and not _negates(words)
            if not is_plain:
                self.section = _Section(text, heard, is_clear=False)
                return "a heading"
            if self.section and (self.section.said.is_anything or not self.section.is_clear):
                self.section = self.section._replace(has_ended=True)
            return pieces[0].ignored or "a heading"
        return None

    def _below(self, piece: Piece) -> Piece:
        """A line with what the heading above it says."""
        if self.goes_on:
            piece = piece._replace(doubt=f"The line above it, “{self.goes_on}”, goes on here.")
        if not (section := self.section):
            return piece
        self.section = section._replace(is_used=section.is_used or not piece.ignored)
        if not section.is_clear or section.has_ended:
            where = f"The line stands below “{section.text}”."
            return piece._replace(below=section.text, doubt=piece.doubt or where)
        if not section.said.is_anything and not section.said.words:
            return piece
        both = said.within(section.said, piece.said)
        piece = piece._replace(is_of_all=piece.is_of_all or not piece.said.is_anything)
        # Nobody needs to be told that those below "Attended" attended.
        return piece._replace(said=both, below=section.text if section.said.is_anything else "")


_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"'})


def _split(raw: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return [tidy(cell) for cell in raw.split("\t")]
    row = next(csv.reader([raw.translate(_STRAIGHT)], delimiter=delimiter, skipinitialspace=True), [])
    return [tidy(cell) for cell in row]


def _is_heading_row(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    words = [word for cell in filled for word in re.findall(r"[a-z]+", cell.casefold())]
    is_made_of_them = bool(words) and all(word in OF_SENTENCES or word in RANKS for word in words)
    return len(filled) > 1 and is_made_of_them and any(holds(cell) is not Holds.UNKNOWN for cell in filled)


def _counters(lines: list[str]) -> dict[int, int]:
    """Lines that begin with a number that only counts them, one after the other: where their text begins."""
    given = [(at, match) for at, line in enumerate(lines, 1) if (match := _COUNTER.match(line))]
    values = [int(match[1]) for _, match in given]
    found = {}
    for at, (number, match) in enumerate(given):
        before = values[at - 1] if at else 0
        after = values[at + 1] if at + 1 < len(values) else None
        if values[at] == before + 1 or after == values[at] + 1:
            found[number] = match.end()
    return found


def _only_carries(words: list[str], heard: Said, is_colon: bool) -> bool:
    """Whether the words of a heading only carry what it says: "These completed Winter driving", too."""
    others = [at for at, word in enumerate(words) if not is_of_a_heading(word)]
    if not others or heard.is_anything or not is_colon:
        return not others
    is_one_run = others == list(range(others[0], others[-1] + 1))
    return is_one_run and words[others[0]][:1].isupper() and not _LIMITS & {word_of(word) for word in words}


def _negates(words: list[str]) -> bool:
    return any(word_of(word) in NEGATIONS for word in words)


# One line


def _pieces(line_number: int, line: str, cells: list[str]) -> Iterator[Piece]:
    given = "\t".join(cells) if len(cells) > 1 else cells[0]
    given = BULLET.sub("", re.sub(r"(?<!\w)(\*{1,2}|_{1,2})(?=\S)([^*_]+)(?<=\S)\1", r"\2", given))
    quoted = tuple(phrase for one in re.findall(r'"([^"]*)"', given) if (phrase := one.strip()))
    given = re.sub(r'"[^"]*"|"', " ", given)
    given = said.with_hours_in_figures(THOUSANDS.sub(lambda found: found[0].replace(",", ""), given))
    of_all, given = _said_in_front(given)
    groups = _segments(given)
    segments = [one for group in groups for one in group]
    heard = [one for group in groups for one in _heard(group)]
    several = len(segments) > 1
    at = 0
    for segment, (own, rest) in zip(segments, heard, strict=True):
        numbers, rest = numbers_in(rest, is_all=not several and not own.words)
        names = names_in(re.sub(r"\S*\d\S*", " ", rest))
        both = said.within(of_all, own) if of_all.words else own
        of_each = bool(of_all.words) and not own.is_anything
        if len(numbers) > 1 and not names:
            both = both if of_each or not both.is_anything else Said(unclear=", ".join(both.words), words=both.words)
            for number in numbers:
                yield Piece(line_number, at, number, (number,), (), both, of_each, words_in(rest), quoted)
                at += 1
            continue
        words = re.sub(r"\S*\d\S*", " ", rest)
        ignored = "" if numbers else why_nobody(words, names)
        if ignored and tidy(words) != " ".join(names):
            names = []
        text = tidy(segment) if several else line
        yield Piece(
            line_number, at, text, tuple(numbers), tuple(names), both, of_each, words_in(rest), quoted, ignored=ignored
        )  # fmt: skip
        at += 1


def _said_in_front(given: str) -> tuple[Said, str]:
    """What stands before a colon or a dash and says something of everybody behind it, and the text behind it."""
    if match := _LABEL.match(given):
        heard, rest = said.read(match[1])
        words = [word for word in re.split(r"[\s,:;()]+", rest) if word]
        if heard.words and all(is_of_a_heading(word) for word in words) and not _negates(words):
            return heard, given[match.end() :]
    return Said(), given


def _segments(given: str) -> list[list[str]]:
    """The parts of a line that each name somebody, those together that a word may be said of; all of it where not."""
    groups = [one for one in re.split(r"[;|]", given) if one.strip()] or [given]
    groups = [[one for one in re.split(r"\s&\s|\s/\s|\band\b", group) if one.strip()] for group in groups]
    segments = [one for group in groups for one in group]
    having = [bool(numbers_in(said.read(one)[1])[0]) for one in segments]
    is_named = any(having) or all(names_in(said.read(one)[1]) for one in segments)
    if 0 < sum(having) < len(segments) or not is_named:
        groups = [[given]]
    if "\t" in given:
        return groups
    parted = [[part for one in group for part in one.split(",")] for group in groups]
    parts = [part for group in parted for part in group]
    if len(parts) > 1 and all(len(numbers_in(part)[0]) == 1 for part in parts):
        return parted
    if any("(" in part for part in parts) and all(_is_full_name(part) for part in parts):
        return parted
    return groups


def _is_full_name(part: str) -> bool:
    names = names_in(said.read(part)[1])
    return len(names) == 1 and len(names[0].split()) > 1


def _heard(segments: list[str]) -> list[tuple[Said, str]]:
    """What is said in each part. "One and another left early" may be said of both: unclear, but for one in brackets."""
    heard = [said.read(one) for one in segments]
    is_open = [
        bool(one.words and said.read(re.sub(r"\([^)]*\)", " ", segment))[0].words)
        for (one, _), segment in zip(heard, segments, strict=True)
    ]
    if all(is_open) or not any(one.is_anything and told for (one, _), told in zip(heard, is_open, strict=True)):
        return heard
    words = tuple(word for one, _ in heard for word in one.words)
    return [(Said(unclear=", ".join(words), words=words), rest) for _, rest in heard]
