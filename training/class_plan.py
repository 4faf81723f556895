"""What is said of a class that is planned: when it meets, where, and on what terms. Values, checked before they are
written."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from clee_portal.refusal import Refused
from training.models import Delivery, ScheduledClass
from training.models.calendar import MOST_SEATS
from training.moments import span_words
from training.places import place_of

MOST_MEETINGS = 60
LONGEST = dt.timedelta(hours=16)
# A year typed wrong by one digit is nearly always farther off.
FARTHEST = dt.timedelta(days=3 * 366)


class Meeting(NamedTuple):
    """From when to when a class meets once."""

    begins_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Site:
    """Where a class meets, and how many fit in. On-line it may say nothing but the seats."""

    capacity: int
    place: str = ""
    address: str = ""
    city: str = ""
    zip_code: str = ""

    @property
    def columns(self) -> dict:
        """The columns of a scheduled class that say so, with the middle of the ZIP code. Raises `Refused` where there
        is no such ZIP code."""
        found = place_of(self.zip_code) if self.zip_code else None
        if self.zip_code and found is None:
            raise Refused(
                f"The post office knows no ZIP code {self.zip_code}. Check its five digits.", field="zip_code"
            )
        return {
            "place": self.place,
            "address": self.address,
            "city": self.city or (found.city if found else ""),
            "zip_code": self.zip_code,
            "latitude": found.latitude if found else None,
            "longitude": found.longitude if found else None,
        }

    @classmethod
    def of(cls, held: ScheduledClass) -> "Site":
        """That of a class."""
        return cls(held.capacity, held.place, held.address, held.city, held.zip_code)


@dataclass(frozen=True, slots=True)
class Terms:
    """What else a class says. An empty moment means: as soon as it is published, until it begins."""

    delivery: str = Delivery.CLASSROOM
    fee: Decimal = Decimal(0)
    instructors: str = ""
    administrator: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    note: str = ""
    directions: str = ""
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    cancel_hours: int = 24
    offer_hours: int = 24

    @property
    def columns(self) -> dict:
        """The columns of a scheduled class that say so."""
        return {name: getattr(self, name) for name in TERMS}

    @classmethod
    def of(cls, held: ScheduledClass) -> "Terms":
        """Those of a class."""
        return cls(**{name: getattr(held, name) for name in TERMS})


TERMS = tuple(Terms.__dataclass_fields__)
WHERE = ("place", "address", "city", "zip_code")
# Changes of these are to be seen in calendar programs; the others concern the registration alone.
SHOWN = frozenset({"delivery", "fee", "instructors", "contact_name", "contact_email", "contact_phone", "note"})


def meetings_of(held: ScheduledClass) -> list[Meeting]:
    """The meetings of a class, the first first."""
    return [Meeting(one.begins_at, one.ends_at) for one in held.meetings.all()]


def in_words(meetings: Sequence[Meeting]) -> str:
    """The meetings, a line each."""
    return "\n".join(span_words(*one) for one in meetings)


def in_order(meetings: Sequence[Meeting], now: dt.datetime) -> list[Meeting]:
    """The meetings, the first first. Raises `Refused` (field `meetings`) where there is none, one ends before it begins
    or is too long, two overlap, or a year is plainly a slip."""
    given = sorted(meetings)
    if not given:
        raise Refused("Say when the class meets: at least one day, with its hours.", field="meetings")
    if len(given) > MOST_MEETINGS:
        raise Refused(f"A class has at most {MOST_MEETINGS} meetings. Plan the rest as another.", field="meetings")
    for one in given:
        if one.ends_at <= one.begins_at:
            raise Refused(f"{span_words(*one)}: it ends before it begins.", field="meetings")
        if one.ends_at - one.begins_at > LONGEST:
            raise Refused(
                f"{span_words(*one)}: longer than {LONGEST.seconds // 3600} hours. Give a meeting for each day.",
                field="meetings",
            )
        if one.begins_at > now + FARTHEST:
            raise Refused(f"{span_words(*one)}: that is more than three years ahead. Check the year.", field="meetings")
    for first, second in itertools.pairwise(given):
        if second.begins_at < first.ends_at:
            raise Refused(
                f"Two meetings overlap: {span_words(*first)}, and {span_words(*second)}. Mend one of them.",
                field="meetings",
            )
    return given


def check_capacity(capacity: int) -> int:
    """The number of seats, 1 to `MOST_SEATS`. Raises `Refused`."""
    if not 1 <= capacity <= MOST_SEATS:
        raise Refused(f"Give the number of seats, 1 to {MOST_SEATS:,}.", field="capacity")
    return capacity
