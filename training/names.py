"""Names of people: taken apart as they are written, and compared as they are meant."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from training.wrong import Wrong

SUFFIXES = {"jr": "Jr.", "junior": "Jr.", "sr": "Sr.", "senior": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
_GLUED = re.compile(r"^(?P<name>.*[a-zà-ÿ])(?P<suffix>JR|SR|II|III|IV)\.?$")
_WITHHELD = {
    "police officer", "officer", "deputy", "deputy sheriff", "withheld", "name withheld", "redacted", "confidential",
    "unknown", "undercover", "n a", "na", "none", "tbd", "vacant", "test",
}  # fmt: skip
_PARTICLES = {"de", "del", "della", "der", "di", "da", "dos", "du", "la", "las", "le", "los", "mac", "mc", "st", "st.",
              "san", "saint", "santa", "van", "vander", "von", "ter", "ten", "el", "al", "bin", "ibn", "o"}  # fmt: skip
HOW = "Write it like “Calloway, Marcus J.” or put first and last name into columns of their own."


class Name(NamedTuple):
    """A person's name in its parts."""

    first: str
    middle: str
    last: str
    suffix: str


def tidy(text: str) -> str:
    """Text without control characters, double blanks and curly quotation marks."""
    text = str(text)
    if text.isascii() and text.isprintable() and "`" not in text:  # most cells of most files
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    text = text.translate(_STRAIGHT)
    return " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in text).split())


_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"',
                           "\u00a0": " ", "\ufeff": " ", "\u200b": " "})  # fmt: skip


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Lower-case letters and digits alone, as names are compared: accents, blanks and hyphens do not matter."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "o"))
    return "".join(c for c in decomposed.casefold() if c.isalnum())


def as_written(text: str) -> str:
    """A part of a name in mixed case where it was all capitals: MCDONALD-O'HARA is McDonald-O'Hara."""
    if not text.isupper() or len(plain(text)) < 2:
        return text
    cased = re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), text)
    cased = re.sub(r"\bMc([a-z])", lambda m: f"Mc{m[1].upper()}", cased)
    return re.sub(r"(?<=[A-Za-zÀ-ÿ]{2})'S\b", "'s", cased)


def split_suffix(text: str) -> tuple[str, str]:
    """A name and the suffix at its end, also one glued to a surname: ("Calloway", "Jr.")."""
    words = text.replace(",", " ").split()
    if len(words) > 1 and (suffix := SUFFIXES.get(words[-1].strip(".").casefold())):
        return " ".join(words[:-1]), suffix
    if match := _GLUED.match(text):
        return match["name"], SUFFIXES[match["suffix"].casefold()]
    return " ".join(words), ""


def read_suffix(text: str) -> str:
    """A suffix that stands in a column of its own. Raises `Wrong`."""
    if not (given := tidy(text)):
        return ""
    if suffix := SUFFIXES.get(given.strip(".").casefold()):
        return suffix
    raise Wrong(f"“{given[:20]}” is not a suffix.", "Use Jr., Sr., II, III, IV or V, or leave it empty.")


@lru_cache(maxsize=50_000)
def read_full_name(text: str) -> Name:
    """A whole name, "Last, First M" or "First M Last", with or without a suffix. Raises `Wrong`."""
    given = tidy(text)
    _check(given)
    pieces = [piece.strip() for piece in given.split(",") if piece.strip()]
    suffix = ""
    if len(pieces) > 1 and (found := SUFFIXES.get(pieces[-1].strip(".").casefold())):
        suffix, pieces = found, pieces[:-1]
    elif len(pieces) > 2 and (found := SUFFIXES.get(pieces[1].strip(".").casefold())):
        suffix, pieces = found, [pieces[0], *pieces[2:]]
    if len(pieces) > 2:
        raise Wrong(f"“{given[:60]}” has too many commas for one name.", HOW)
    if len(pieces) == 2:
        last, of_last = split_suffix(pieces[0])
        rest, of_rest = split_suffix(pieces[1])
        first, *middle = rest.split()
        return _named(first, " ".join(middle), last, suffix or of_last or of_rest)
    whole, of_whole = split_suffix(pieces[0])
    words = whole.split()
    if len(words) < 2:
        raise Wrong(f"“{given[:60]}” is only one part of a name.", HOW)
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in _PARTICLES and len(words[at - 1]) > 1:
        at -= 1
    return _named(words[0], " ".join(words[1:at]), " ".join(words[at:]), suffix or of_whole)


@lru_cache(maxsize=50_000)
def read_lone(text: str) -> Name | None:
    """A name of which one word is given, kept as the last name; None where there are several. Raises `Wrong`."""
    word, suffix = split_suffix(tidy(text))
    if "," in text or len(word.split()) != 1:
        return None
    _check(word)
    return Name("", "", word, suffix)


def read_parts(first: str, middle: str, last: str, suffix: str) -> Name:
    """A name from columns of its parts; a suffix may also stand behind the last name. Raises `Wrong`."""
    first, middle, last = tidy(first), tidy(middle), tidy(last)
    for part in (f"{first} {last}", last):
        _check(part)
    if not first or not last:
        raise Wrong("The first name is empty." if last else "The last name is empty.", "Give first and last name.")
    last, of_last = split_suffix(last)
    if not middle and len(words := first.split()) == 2 and len(words[1].strip(".")) == 1:
        first, middle = words
    return _named(first, middle, last, read_suffix(suffix) or of_last)


def _check(text: str) -> None:
    if not plain(text):
        raise Wrong("The name is empty.", HOW)
    if " ".join(re.findall(r"[a-z]+", text.casefold())) in _WITHHELD:
        raise Wrong(f"“{text[:60]}” is not a name: it seems withheld.", "Ask the agency for the officer’s name.")
    if any(c.isdigit() for c in text):
        raise Wrong(f"“{text[:60]}” has digits in it.", "Take the number out of the name.")


def _named(first: str, middle: str, last: str, suffix: str) -> Name:
    name = Name(as_written(first), as_written(middle), as_written(last), suffix)
    for what, part in (("first", name.first), ("middle", name.middle), ("last", name.last)):
        if len(part) > 80:
            raise Wrong(f"The {what} name is longer than 80 characters.", "Shorten it.")
    if not plain(name.first) or not plain(name.last):
        raise Wrong("A part of the name is empty.", HOW)
    return name


def may_be_same(one: Name, other: Name) -> bool:
    """Whether two names may be one person's: last or first names equal (a marriage), or first and last swapped."""
    return (
        plain(one.last) == plain(other.last)
        or plain(one.first) == plain(other.first)
        or (plain(one.first), plain(one.last)) == (plain(other.last), plain(other.first))
    )


def is_same(one: Name, other: Name) -> bool:
    """Whether two names agree in all that both of them give: last and first name, middle initial, suffix."""
    if plain(one.last) != plain(other.last) or plain(one.first) != plain(other.first):
        return False
    if one.middle and other.middle and plain(one.middle)[:1] != plain(other.middle)[:1]:
        return False
    return not (one.suffix and other.suffix and plain(one.suffix) != plain(other.suffix))
