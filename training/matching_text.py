"""Pasted text taken apart: which lines name people, by what, and what is said of them; which name nobody, and why."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from training.names import SUFFIXES, tidy

_STRIPPED = (  # numbers that are something else: badges and the like, dates, times, telephones, addresses
    r"\b(?:badge|shield|dsn|unit|car|ext|extension|radio|room|suite|employee|emp)\b[\s.:#]*(?:no\b|number\b)?[\s.:#]*"
    r"\w*\d\w*",
    r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+",
    r"\(?\b\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}\b",
    r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b",
    r"\b[0-2]?\d:?[0-5]\d\s*(?:-|–|to)\s*[0-2]?\d:?[0-5]\d\b|\b\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?",
    r"\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b",
)
_OTHERWISE = re.compile("|".join(_STRIPPED), re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:post|lic(?:en[sc]e)?)(?![a-z])[\s.:#]*(?:lic(?:en[sc]e)?[\s.:#]*)?(?:(?:no|num|number|nr|id)\b[\s.:#]*)?"
    r"(?P<number>\d(?: ?\d){2,8}|[A-Z]{1,3}-?\d{3,9})(?!\w)|#\s*(?P<hash>\d{3,9})(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w.,#-])(?P<number>[A-Z]{1,3}-?\d{4,9}|\d{4,9})(?:\.0+)?(?![\w-]|\.\d)")
_ALONE = re.compile(r"\W*((?=[A-Z-]*\d)[0-9A-Z][0-9A-Z-]{0,11})\W*", re.IGNORECASE)  # a line of its own
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])")
_HOURS = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s*-?(?:h|hr|hrs|hour|hours)\b\.?", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•·>+]+\s*|\(?\d{1,3}[.)]\s+)+")
_TAUGHT = re.compile(r"\b(?:(?:lead |adjunct )?instructors?|instr\b\.?|instructed|taught|teacher|presenter)\b:?", re.I)
_LEFT = re.compile(
    r"\b(?:(?:did not|didn'?t|has not|hasn'?t|not) (?:complete[d]?|finish(?:ed)?|attend(?:ed)?|show(?: up)?|present|"
    r"pass(?:ed)?)|not present|incomplete|dnf|no[ -]shows?|absent|excused|withdrew|dropped out|failed)\b:?",
    re.IGNORECASE,
)
_PARTLY = re.compile(r"\b(?:left early|partial(?:ly)?|part of it|came late|late|half(?: day)?)\b:?", re.IGNORECASE)
_WELL = re.compile(r"\b(?:attended|completed?|present|passed|pass|yes|student|full credit|ok)\b:?", re.IGNORECASE)
_RANKS = """
officer ofc deputy dep sgt sergeant cpl corporal lt lieutenant capt captain chief major maj col colonel sheriff det
detective tpr trooper ptl patrolman po mr mrs ms dr asst sro inv investigator reserve off pfc master
"""
_OF_PLACES = """
county sheriff's sheriffs police department dept pd so office division patrol academy city town squad shift precinct
district bureau unit missouri
"""
_OF_SENTENCES = """
hi hello hey dear good morning afternoon evening all everyone the a an who was were is are be been for of from to in
on at by with here below above attached attendance attendees attended roster list class course training session
please see let me know my our your you we i it this that these those following names name license number last first
hours date today yesterday monday tuesday wednesday thursday friday saturday sunday january february march june july
august september october november december subject sent phone cell fax email mail records clerk coordinator room re
fwd fw cc bcc iphone title completed officers students total rank signature print and or regards thanks thank
sincerely best respectfully cheers also plus there people forward forwarded message original agency hour role status
line no post
"""
_RANKS, _OF_PLACES, _OF_SENTENCES = (frozenset(words.split()) for words in (_RANKS, _OF_PLACES, _OF_SENTENCES))
_HEADER = re.compile(r"^(?:from|to|cc|bcc|sent|date|subject|reply-to)\s*:", re.IGNORECASE)
_CLOSING = re.compile(
    r"^(?:(?:many |kind |best |warm )?(?:thanks|thank you|thx|regards|sincerely|respectfully|cheers|best)\b[^0-9]{0,30}"
    r"|--+)$",
    re.IGNORECASE,
)
_SIGNATURE = 6  # this many lines below a closing are the signature


class Piece(NamedTuple):
    """What names one person in a line; or a line that names nobody, and why."""

    line: int  # counted from 1
    at: int  # which one in its line
    text: str
    numbers: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()  # words that may be names, as they stood apart; of an ignored line one that could be
    how: str = ""  # "taught", "left", "partly" (without hours), or "" (completed)
    hours: Decimal | None = None
    ignored: str = ""


def read(text: str) -> Iterator[Piece]:
    """Every line that is not blank, in order; a line that names several people in several pieces."""
    below = closing = None
    hours_at: int | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = tidy(raw)
        if not line:
            continue
        if _HEADER.match(line):
            closing, below = None, None
            yield Piece(number, 0, line, ignored="the head of an e-mail")
            continue
        if _CLOSING.match(line):
            closing, below = line.rstrip(",.! "), 0
            yield Piece(number, 0, line, ignored="the end of a letter")
            continue
        cells = [tidy(cell) for cell in raw.split("\t")]
        if (found := _hours_column(cells)) is not None or _is_header(cells):
            hours_at = found
            yield Piece(number, 0, line, ignored="names of columns")
            continue
        pieces = list(_pieces(number, line, cells, hours_at))
        if closing and below is not None and below < _SIGNATURE and not any(one.numbers for one in pieces):
            below += 1
            yield Piece(number, 0, line, ignored=f"below “{closing}”: taken for a signature")
            continue
        closing = None
        yield from pieces


def _hours_column(cells: list[str]) -> int | None:
    names = [cell.casefold().strip(".: ") for cell in cells]
    if len(names) < 2 or any(c.isdigit() for cell in cells for c in cell):
        return None
    return next(
        (at for at, name in enumerate(names) if name in ("hours", "hrs", "credit hours", "hours credited")), None
    )


def _is_header(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    words = [word for cell in filled for word in re.findall(r"[a-z]+", cell.casefold())]
    return len(filled) > 1 and bool(words) and all(word in _OF_SENTENCES or word in _RANKS for word in words)


def _pieces(line_number: int, line: str, cells: list[str], hours_at: int | None) -> Iterator[Piece]:
    hours = None
    if hours_at is not None and len(cells) > hours_at and re.fullmatch(r"\d{1,2}([.,]\d{1,2})?", cells[hours_at]):
        hours, cells[hours_at] = Decimal(cells[hours_at].replace(",", ".")), ""
    given = "\t".join(cells) if len(cells) > 1 else line
    given = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), given)
    segments = [one for one in re.split(r"[;|]|\s&\s|\s/\s|\band\b", given) if one.strip()]
    if 0 < sum(bool(_numbers(one)[0]) for one in segments) < len(segments):
        segments = [given]
    by_comma = [part for one in segments for part in one.split(",")] if "\t" not in given else segments
    if len(by_comma) > 1 and all(len(_numbers(part)[0]) == 1 for part in by_comma):
        segments = by_comma
    roles = [_role(one) for one in segments]
    of_all = roles[0][0] if ":" in given and roles else ""  # "Instructors: one, another"
    at = 0
    for segment, (how, own_hours, rest) in zip(segments, roles, strict=True):
        numbers, rest = _numbers(rest)
        several = len(segments) > 1
        text = tidy(segment) if several else line
        names = _cells(rest)
        if len(numbers) > 1 and not names:
            for number in numbers:
                yield Piece(line_number, at, number, (number,), (), how or of_all, own_hours or hours)
                at += 1
            continue
        ignored = "" if numbers else _why_nobody(rest, names)
        if ignored and tidy(rest) != " ".join(names):
            names = []
        yield Piece(line_number, at, text, tuple(numbers), tuple(names), how or of_all, own_hours or hours, ignored)
        at += 1


def _role(text: str) -> tuple[str, Decimal | None, str]:
    """What is said of the person, hours with their unit, and the text without it."""
    hours = None
    if found := _HOURS.search(text):
        hours, text = Decimal(found[1].replace(",", ".")), _HOURS.sub(" ", text)
    for how, pattern in (("left", _LEFT), ("taught", _TAUGHT), ("partly", _PARTLY)):
        if pattern.search(text):
            return how, hours, pattern.sub(" ", text)
    return "", hours, _WELL.sub(" ", text)


def _numbers(text: str) -> tuple[list[str], str]:
    """The license numbers in a text, in order, and the text without any number."""
    text = _OTHERWISE.sub(" ", _BULLET.sub("", text))
    found: list[tuple[int, str]] = []

    def take(match: re.Match) -> str:
        parts = match.groupdict()
        found.append((match.start(), (parts.get("number") or parts.get("hash")).replace(" ", "").upper()))
        return "\t" if "\t" in match[0] else " " * len(match[0])

    rest = _LABELLED.sub(take, text)
    has_words = re.search(r"[^\W\d_]{2,}", rest) is not None

    def take_bare(match: re.Match) -> str:
        is_year = re.fullmatch(r"(?:19[5-9]|20[0-4])\d", match["number"])
        return match[0] if is_year and has_words else take(match)

    rest = _BARE.sub(take_bare, rest)
    if not found and (alone := _ALONE.fullmatch(rest)):
        found, rest = [(0, alone[1].upper())], ""
    return list(dict.fromkeys(number for _, number in sorted(found))), re.sub(r"\S*\d\S*", " ", rest)


def _cells(rest: str) -> list[str]:
    """Words that may be names, as they stood apart: by tabs, commas, or a dash between blanks."""
    rest = re.sub(r"\([^)]*\)|“[^”]*”|\"[^\"]*\"", " ", rest)
    cells = []
    for cell in re.split(r"[\t,|]|\s[-–—]+\s|:\s", rest):
        words = [word.strip("()[]{}<>*_:;!?=#/\\") for word in cell.split()]
        words = [word for word in words if re.search(r"[^\W\d_]", word)]
        while words and words[0].strip(".").casefold() in _RANKS:
            words.pop(0)
        if words and words[-1].strip(".").casefold() in _RANKS and len(words) > 2:
            words.pop()
        if cells and len(words) == 1 and words[0].strip(".").casefold() in SUFFIXES:
            cells[-1] += f" {words[0]}"
        elif words and not any(word.strip(".").casefold() in _OF_PLACES for word in words):
            cells.append(" ".join(words))
    return cells


def _why_nobody(rest: str, names: list[str]) -> str:
    words = [word.strip(".,!?:").casefold() for word in re.findall(r"[^\s\t]+", rest)]
    if not any(re.search(r"[^\W\d_]", word) for word in words):
        return "no name and no license number"
    if not names:
        return "an agency, a rank or a unit"
    if any(re.split(r"['’]", word)[0] in _OF_SENTENCES for word in words):
        return "a sentence or a heading, not a name"
    if max(len(cell.split()) for cell in names) > 5 or len(words) > 16:
        return "too many words for a name"
    return ""
