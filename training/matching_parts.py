"""One pasted line, or a part of one: the license numbers in it, words that may be names, and every other word."""

import re

from training.matching_words import JOBS, OF_PLACES, OF_SENTENCES, RANKS
from training.names import SUFFIXES

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\b\.?),?\s*"
_TIME = r"[0-2]?\d:[0-5]\d(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?"
_STRIPPED = (  # numbers that are something else: badges and the like, dates, times, telephones, addresses
    r"\b(?:badge|shield|dsn|unit|car|ext|extension|radio|room|suite|employee|emp)\b[\s.:#]*(?:no\b|number\b)?[\s.:#]*"
    r"\w*\d\w*",
    r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+",
    r"\(?\b\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}\b",
    rf"(?:\b{_WEEKDAY})?\b\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b",
    rf"(?:\b{_WEEKDAY})?\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s*\d{{4}}\b)?|"
    rf"\b\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}\b",
    # From one time to another, or a time of day; a time alone, such as 1:30, may be hours.
    rf"\b[0-2]?\d:?[0-5]\d\s*(?:-|–|to)\s*[0-2]?\d:?[0-5]\d\b|\b{_TIME}[\s,;-]+{_TIME}"
    r"|\b\d{1,2}:\d{2}(?::\d{2}|(?::\d{2})?\s*[ap]\.?m\b\.?)",
    r"(?-i:\b(?:A[LKZR]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    r"W[AIVY])\s+\d{5}(?:-\d{4})?\b)",
)
_OTHERWISE = re.compile("|".join(_STRIPPED), re.IGNORECASE)
_LABELLED = re.compile(
    r"\b(?:post|lic(?:en[sc]e)?)(?![a-z])[\s.:#]*(?:lic(?:en[sc]e)?[\s.:#]*)?(?:(?:no|num|number|nr|id)\b[\s.:#]*)?"
    r"(?P<number>\d(?: ?\d){2,8}|[A-Z]{1,3}-?\d{3,9})(?!\w)|#\s*(?P<hash>\d{3,9})(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w.,#-])(?P<number>[A-Z]{1,3}-?\d{4,9}|\d{4,9})(?:\.0+)?(?![\w-]|\.\d)")
_ALONE = re.compile(r"\W*((?=[A-Z-]*\d)[0-9A-Z][0-9A-Z-]{0,11})\W*", re.IGNORECASE)  # a line of its own
THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])")
BULLET = re.compile(r"^\s*(?:[-*•·>+]+\s*|\(?\d{1,3}[.)]\s+)+")
_A_SENTENCE = "a sentence or a heading, not a name"
A_PLACE = "an agency, a rank or a unit"
# What may hold the name of an officer all the same.
OF_WORDS = (_A_SENTENCE, A_PLACE, "too many words for a name")


def numbers_in(text: str, *, is_all: bool = False) -> tuple[list[str], str]:
    """The license numbers in a text, in order, and the text without them; `is_all`: it is a whole line."""
    text = _OTHERWISE.sub(" ", text)
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
    alone = None if found else _ALONE.fullmatch(rest)
    if alone and (is_all or len(alone[1]) > 2):
        found, rest = [(0, alone[1].upper())], ""
    return list(dict.fromkeys(number for _, number in sorted(found))), rest


def words_in(rest: str) -> tuple[tuple[str, ...], ...]:
    """Every word that is left, by the cells it stood in."""
    cells = re.split(r"[\t,|;()\[\]]|\s[-–—/]+\s|:\s", re.sub(r"\[ ?\]", " ☐ ", rest))
    return tuple(words for cell in cells if (words := tuple(cell.split())))


def names_in(rest: str) -> list[str]:
    """Words that may be names, as they stood apart: by tabs, commas, or a dash between blanks."""
    rest = re.sub(r"\([^)]*\)", " ", rest)
    cells = []
    for cell in re.split(r"[\t,|]|\s[-–—]+\s|:\s", rest):
        words = [word.strip("()[]{}<>*_:;!?=#/\\") for word in cell.split()]
        words = [word for word in words if re.search(r"[^\W\d_]", word)]
        while words and words[0].strip(".").casefold() in RANKS:
            words.pop(0)
        while len(words) > 2 and words[-1].strip(".").casefold() in RANKS | JOBS:
            words.pop()
        if cells and len(words) == 1 and words[0].strip(".").casefold() in SUFFIXES:
            cells[-1] += f" {words[0]}"
        elif words and not any(word.strip(".").casefold() in OF_PLACES for word in words):
            cells.append(" ".join(words))
    return cells


def why_nobody(rest: str, names: list[str]) -> str:
    """Why words are nobody’s name; nothing where they may be one."""
    words = [word.strip(".,!?:").casefold() for word in re.findall(r"[^\s\t]+", rest)]
    if not any(re.search(r"[^\W\d_]", word) for word in words):
        return "no name and no license number"
    if not names:
        return A_PLACE
    if any(re.split(r"['’]", word)[0] in OF_SENTENCES for word in words):
        return _A_SENTENCE
    if max(len(cell.split()) for cell in names) > 5 or len(words) > 16:
        return "too many words for a name"
    return ""
