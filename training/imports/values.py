"""What stands in a cell, read as what the field means. Every reader takes a raw cell and raises `Wrong`."""

import ast
import re
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from training.imports.cells import as_text
from training.names import plain, tidy
from training.wrong import Wrong

_LICENSE = re.compile(r"[0-9A-Z][0-9A-Z-]{0,11}")
_YES = {"yes", "y", "true", "1", "x", "reserve", "r"}
_NO = {"no", "n", "false", "0", "fulltime", "regular", "full", "parttime", "f", ""}
_SAME_WORDS = {
    "saint": "st",
    "sainte": "ste",
    "fort": "ft",
    "mount": "mt",
    "dept": "department",
    "pd": "police",
    "so": "sheriff",
    "sheriffs": "sheriff",
    "co": "county",
    "univ": "university",
    "twp": "township",
}
_EMPTY_WORDS = {"office", "department", "of", "the", "and", "mo", "missouri", "s"}


def read_text(raw, *, most: int) -> str:
    """Text of at most `most` characters, tidied."""
    text = tidy(as_text(raw))
    if len(text) > most:
        raise Wrong(f"It is {len(text)} characters long; at most {most} fit.", "Shorten it.")
    return text


@lru_cache(maxsize=50_000, typed=True)
def read_license_number(raw) -> str:
    """A POST license number: digits, or capitals and digits. A number of a spreadsheet loses its .0."""
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
        raise Wrong(f"“{raw}” is not a license number.", "Enter the POST license number as text.")
    text = re.sub(r"^#\s*", "", tidy(as_text(raw)).upper())
    if match := re.fullmatch(r"(\d+)\.0+", text):
        text = match[1]
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        text = text.replace(",", "")
    if not _LICENSE.fullmatch(text):
        raise Wrong(
            f"“{text[:40]}” is not a license number." if text else "There is no license number.",
            "Enter the POST license number: digits, or capital letters and digits, without blanks.",
        )
    return text


def read_email(raw) -> str:
    """An e-mail address, or nothing."""
    text = tidy(as_text(raw)).removeprefix("mailto:")
    if not text:
        return ""
    try:
        validate_email(text)
    except ValidationError:
        raise Wrong(f"“{text[:60]}” is not an e-mail address.", "Correct it, or leave it empty.") from None
    return text if len(text) <= 254 else ""


def read_yes_no(raw) -> bool:
    """Yes or no; empty is no."""
    text = plain(as_text(raw))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Wrong(f"“{as_text(raw)[:40]}” is neither yes nor no.", "Write yes or no.")


def read_year(raw) -> int:
    """A calendar year."""
    text = tidy(as_text(raw))
    if not re.fullmatch(r"(19|20)\d\d", text):
        raise Wrong(f"“{text[:40]}” is not a year.", "Write it with four digits, like 2025.")
    return int(text)


def read_county(raw) -> str:
    """A county's name. Where a program wrote a list of one, such as ['Larkfield'], its one name; without "County"."""
    text = read_text(raw, most=200)
    if text.startswith("["):
        try:
            listed = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            listed = None
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise Wrong(f"“{text[:60]}” is not a county.", "Write the county’s name.")
        if len(listed) > 1:
            raise Wrong(f"There are {len(listed)} counties.", "Leave the one in which the agency has its seat.")
        text = tidy(listed[0]) if listed else ""
    text = re.sub(r"\s+(county|co\.?)$", "", text, flags=re.IGNORECASE)
    if len(text) > 60:
        raise Wrong("The county’s name is too long.", "Write the county’s name.")
    return text


@lru_cache(maxsize=20_000)
def agency_key(name: str) -> str:
    """An agency's name without its spelling: St. or Saint, Office or Department, case and a period do not matter."""
    name = re.sub(r"\s*(-|,|\()\s*(mo|missouri)\.?\)?\s*$", "", tidy(name), flags=re.IGNORECASE)
    words = re.findall(r"[^\W_]+", name.casefold().replace("'", "").replace("’", ""))
    words = [_SAME_WORDS.get(word, word) for word in words]
    kept = [word for word in words if word not in _EMPTY_WORDS]
    if kept[:1] == ["city"] and len(kept) > 2:
        kept = kept[1:]
    return plain(" ".join(kept) or name)


def choose(raw, words: dict[str, str], what: str, how: str) -> str:
    """One of the things `words` (compared plain) stand for."""
    text = tidy(as_text(raw))
    if (found := words.get(plain(text))) is not None:
        return found
    raise Wrong(f"“{text[:40]}” is not {what}.", how)
