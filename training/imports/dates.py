"""Dates as people and programs write them, read to a day or refused by name."""

import calendar
import datetime as dt
import re
from functools import lru_cache

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from training.imports.cells import as_text
from training.wrong import Wrong

HOW = "Write it like 2025-03-14 or 3/14/2025."
EARLIEST = 1900
_MONTHS = {name.casefold(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): i for i, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = "|".join(f"{name}|{name[:3]}" for name in calendar.day_name)
_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_FORMS = tuple(
    re.compile(rf"(?:(?:{_DAYS})\.?,?\s+)?{form}{_TIME}", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s]+(?P<name>{_NAMES})\.?,?[-\s]+(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<name>{_NAMES})\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
    )
)
_RANGE = re.compile(
    rf"(?:\d|{_NAMES}|{_DAYS}).*(?:\s(?:to|thru|through|and|&|-)\s|\d\s*[-–—]\s*(?:\d{{1,2}}\b|(?:{_NAMES})\b)).*", re.I
)
_NO_YEAR = re.compile(
    rf"(?:(?:{_DAYS})\.?,?\s+)?(?:(?:{_NAMES})\.?\s*\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}[/-]\d{{1,2}}|\d{{1,2}}\s+(?:{_NAMES}))",
    re.I,
)
_PLACEHOLDERS = {"tbd", "tba", "n/a", "na", "none", "unknown", "pending", "?", "-", "--"}


def read_date(raw, *, today: dt.date, epoch: dt.datetime = WINDOWS_EPOCH) -> dt.date:
    """The day a cell means. Raises `Wrong`.

    Takes spreadsheet dates, serial numbers (counted from `epoch`: the 1900 or the 1904 system) and text, month before
    day. `today` decides the century of two-digit years: none lies more than a year ahead.
    """
    if isinstance(raw, dt.datetime):
        return _plausible(raw.date())
    if isinstance(raw, dt.date):
        return _plausible(raw)
    if isinstance(raw, (bool, dt.time | dt.timedelta)):
        raise Wrong(f"“{raw}” is not a date.", HOW)
    if isinstance(raw, int | float):
        if not 19_000_101 <= raw <= 20_991_231:  # written like 20250314
            return _from_serial(raw, epoch)
        raw = int(raw)
    return _from_text(str(raw).strip(), today.year, epoch)


@lru_cache(maxsize=20_000)
def _from_text(text: str, this_year: int, epoch: dt.datetime) -> dt.date:
    text = " ".join(text.replace("\u2013", "-").replace("\u2014", "-").split())
    for form in _FORMS:
        if match := form.fullmatch(text):
            parts = match.groupdict()
            month = _MONTHS[parts["name"].casefold()] if parts.get("name") else int(parts["month"])
            return _plausible(_existing(_full_year(parts["year"], this_year), month, int(parts["day"]), text))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _from_serial(float(text), epoch)
    if text.casefold() in _PLACEHOLDERS:
        raise Wrong(f"“{text}” stands where the date should be.", f"Enter the date. {HOW}")
    if _NO_YEAR.fullmatch(text):
        raise Wrong(f"“{text}” has no year.", HOW)
    if _RANGE.fullmatch(text):
        raise Wrong(
            f"“{text}” is more than one day.", f"Put the first and the last day into columns of their own. {HOW}"
        )
    raise Wrong(f"“{text[:60]}” is not a date.", HOW)


def _full_year(text: str, this_year: int) -> int:
    if len(text) == 4:
        return int(text)
    year = this_year // 100 * 100 + int(text)
    return year if year <= this_year + 1 else year - 100


def _existing(year: int, month: int, day: int, text: str) -> dt.date:
    if not 1 <= month <= 12:
        hint = " The month comes first: write 3/14/2025 for March 14." if day <= 12 else ""
        raise Wrong(f"“{text}” has a month {month}.", f"Correct the date.{hint}")
    if year < 1:
        raise Wrong(f"“{text}” has no year.", HOW)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        why = (
            f"{year} is not a leap year" if (month, day) == (2, 29) else f"{calendar.month_name[month]} has {last} days"
        )
        raise Wrong(f"{day} {calendar.month_name[month]} {year} does not exist: {why}.", "Correct the date.")
    return dt.date(year, month, day)


def _plausible(day: dt.date) -> dt.date:
    if not EARLIEST <= day.year < 2100:
        raise Wrong(f"The year {day.year} looks misprinted.", "Correct the year.")
    return day


def _from_serial(number: float, epoch: dt.datetime) -> dt.date:
    """The day of a spreadsheet's serial number. In the 1900 system there was no day 60 (February 29, 1900)."""
    if not 3_650 <= number < 73_051:
        raise Wrong(f"“{as_text(number)[:60]}” is not a date.", HOW)
    start = dt.date(1904, 1, 1) if epoch == MAC_EPOCH else dt.date(1899, 12, 30)
    return _plausible(start + dt.timedelta(days=int(number)))
