"""Where a ZIP code lies: the middle of its area, from the data that the package `zipcodes` brings.

Distances in the portal are straight lines between such middles; nothing is asked of a service outside.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import zipcodes

_ZIP = re.compile(r"[0-9]{5}")


class Place(NamedTuple):
    """The middle of a ZIP code, in degrees north and east, and the city the post office names it by."""

    latitude: float
    longitude: float
    city: str


@lru_cache(maxsize=4096)
def place_of(zip_code: str) -> Place | None:
    """Where the five digits of a ZIP code lie; None where there is no such ZIP code, or what is given is none."""
    if not _ZIP.fullmatch(zip_code):
        return None
    found = zipcodes.matching(zip_code)
    if not found:
        return None
    return Place(float(found[0]["lat"]), float(found[0]["long"]), found[0]["city"])
