"""Golden cases as text: one to begin with, and one carried to another year with all its days."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import yaml

from compliance.models import Requirement

_YEARS = ("period",)


def text_of(data: dict) -> str:
    """A case as it stands in a file, a list of one."""
    return yaml.safe_dump([_plain(data)], sort_keys=False, allow_unicode=True, width=110)


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def moved(data: dict, years: int) -> dict:
    """A case with all its days, and the periods it speaks of, `years` later. February 29 becomes the 28th."""
    found = {}
    for key, value in data.items():
        if key in _YEARS and isinstance(value, int):
            found[key] = value + years
        elif key == "licensed_on":
            found[key] = value  # how long ago somebody was licensed says nothing of the year judged
        else:
            found[key] = _moved(value, years)
    return found


def _moved(value, years: int):
    if isinstance(value, dt.date):
        day = 28 if (value.month, value.day) == (2, 29) else value.day
        return value.replace(year=value.year + years, day=day)
    if isinstance(value, dict):
        return moved(value, years)
    if isinstance(value, list):
        return [_moved(item, years) for item in value]
    return value


def to_begin_with(year: int, requirements: Sequence[Requirement]) -> str:
    """A case that is right as it stands: nothing was completed, so every requirement is missing whole. It shows every
    key a first case needs."""
    data = {
        "name": f"{year}: nothing was completed, so all of it is missing",
        "period": year,
        "as_of": dt.date(year, 12, 31),
        "officer": {"licensed_on": dt.date(year - 8, 5, 1)},
        "expect": {"standing": "in_progress", "short": {one.code: one.minimum for one in requirements}},
    }
    return text_of(data)
