"""Where a ZIP code lies: the middle of its area, from the data that the package `zipcodes` brings.

Distances in the portal are straight lines between such middles; nothing is asked of a service outside.
"""

import re
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
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


EARTH_MILES = 3958.8


def place_in(address: str) -> Place | None:
    """Where an address lies by its ZIP code, the last five digits that are one; None where it names none."""
    return place_of(zip_in(address))


def zip_in(address: str) -> str:
    """The ZIP code of an address; empty where it names none."""
    found = re.findall(r"(?<![0-9])[0-9]{5}(?![0-9])", address)
    return next((one for one in reversed(found) if place_of(one)), "")


def place_of_city(city: str) -> Place | None:
    """The middle of a Missouri city's first ZIP code; None where no city is called so."""
    return _cities().get(_plain(city))


@cache
def _cities() -> dict[str, Place]:
    """Every Missouri city the package knows. Read once, in the first second somebody asks."""
    found: dict[str, Place] = {}
    for one in zipcodes.filter_by(state="MO"):
        found.setdefault(_plain(one["city"]), Place(float(one["lat"]), float(one["long"]), one["city"]))
    return found


def _plain(city: str) -> str:
    words = re.sub(r"[^a-z ]", "", city.lower()).split()
    return " ".join({"st": "saint", "ste": "sainte", "mt": "mount"}.get(word, word) for word in words)


def miles_between(one: Place, other: Place) -> float:
    """Miles between two places, in a straight line over the globe."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    chord = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_MILES * asin(sqrt(chord))
