"""Mail about seats in classes to come: a reminder to whoever is registered, and a seat offered from the wait-list.

Where registrations and offers are kept is not known here: whoever keeps them says what stands (`read_from`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from clee_portal import clock
from notifications.models import Message
from notifications.occasions import Occasion
from training import hours, telling
from training.models import Officer, TrainingRecord

REMINDER, OFFER = "class_reminder", "seat_offered"
# Stands in the place of a seat where POST reads what a mail would say.
AS_IF = "as-if"


class Seat(NamedTuple):
    """A seat somebody has, or is offered, in a class to come.

    `thing` names the registration or the offer and holds no colon. `gives` says what the class gives ("4 hours of
    legal studies"), `contact` whom to ask. `answer_by`, of an offer alone: the moment after which the next on the
    wait-list is asked. `path`: the page on which to see the class, take the seat or give it back. `registered_by`: the
    account that did it for the officer, which is told too while it acts for one of the officer's agencies.
    """

    thing: str
    officer: int
    course: str
    begins_at: dt.datetime
    ends_at: dt.datetime
    place: str
    held_by: str
    gives: str
    contact: str
    path: str
    answer_by: dt.datetime | None = None
    registered_by: int | None = None


class Key(NamedTuple):
    """What a message is about: an officer, a seat, and for whom."""

    officer: int
    thing: str
    user: int

    def __str__(self) -> str:
        return f"{self.officer}:{self.thing}:{self.user}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        officer, thing, user = key.split(":")
        return cls(int(officer), thing, int(user))


Find = Callable[[str, Collection[str]], Mapping[str, Seat]]
_found: list[Find] = []


def read_from(find: Find) -> None:
    """From now on `find(occasion, things)` says what stands: `thing` -> seat, of registrations that hold, of offers not
    answered, in classes not called off. What is left out is not written about."""
    _found[:] = [find]


def people(seat: Seat, day: dt.date) -> dict[int, str]:
    """User id -> address of everybody who is told: the officer, and whoever registered the officer."""
    told = dict(telling.accounts_of([seat.officer], day).get(seat.officer, []))
    if seat.registered_by and seat.registered_by not in told:
        agencies = Officer.objects.get(pk=seat.officer).commissions.in_force(day).values_list("agency", flat=True)
        for together in telling.people_of(list(agencies), day).values():
            told |= {user: address for user, address in together if user == seat.registered_by}
    return told


def lapses_at(occasion: str, seat: Seat) -> dt.datetime:
    """The moment after which it is of no use: an offer's last moment to answer, else the beginning of the class."""
    return seat.answer_by if occasion == OFFER and seat.answer_by else seat.begins_at


def contexts_of(occasion: str, keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the mail says, of seats that stand and whose reader is still told."""
    now = clock.now()
    read = {key: Key.read(key) for key in keys}
    found: dict[str, Seat] = {}
    for find in _found:
        found |= find(occasion, {one.thing for one in read.values()})
    day = clock.day_of(now)
    told = {thing: people(seat, day) for thing, seat in found.items() if lapses_at(occasion, seat) > now}
    return _said(
        {key: (found[one.thing], one.user) for key, one in read.items() if one.user in told.get(one.thing, ())}
    )


def _said(seats: Mapping[str, tuple[Seat, int]]) -> dict[str, dict]:
    ids = {seat.officer for seat, _ in seats.values()}
    officers = Officer.objects.in_bulk(ids)
    own = telling.accounts_of(ids, clock.today())
    return {
        key: _context(
            seat, officers[seat.officer], user == 0 or user in {one.user for one in own.get(seat.officer, ())}
        )
        for key, (seat, user) in seats.items()
    }


def _context(seat: Seat, officer: Officer, is_own: bool) -> dict:
    return {
        "name": " ".join(officer.full_name.split()) if is_own else "",
        "officer": " ".join(officer.full_name.split()),
        "license_number": officer.license_number,
        "course": seat.course,
        "when": when(seat.begins_at, seat.ends_at),
        "day": _day(seat.begins_at),
        "place": seat.place,
        "held_by": seat.held_by,
        "gives": seat.gives,
        "contact": seat.contact,
        "answer_by": f"{_day(seat.answer_by)}, {_hour(seat.answer_by)}" if seat.answer_by else "",
        "stop": "." if seat.answer_by and _hour(seat.answer_by) == "noon" else "",  # "5:00 p.m." has one
        "url": f"{settings.PORTAL_URL}{seat.path}",
        "is_own": is_own,
    }


def when(begins_at: dt.datetime, ends_at: dt.datetime) -> str:
    """From when to when, in Missouri's time: "Wednesday, November 18, 2026, 8:00 a.m. to 5:00 p.m."."""
    if begins_at.astimezone(clock.CHICAGO).date() == ends_at.astimezone(clock.CHICAGO).date():
        return f"{_day(begins_at)}, {_hour(begins_at)} to {_hour(ends_at)}"
    return f"{_day(begins_at)}, {_hour(begins_at)}, to {_day(ends_at)}, {_hour(ends_at)}"


def _day(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%A}, {local:%B} {local.day}, {local.year}"


def _hour(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.CHICAGO)
    if (local.hour, local.minute) == (12, 0):
        return "noon"
    return f"{local.hour % 12 or 12}:{local:%M} {'a.m.' if local.hour < 12 else 'p.m.'}"


# For POST to read beforehand -----------------------------------------------------------------------------------------


def _sample(occasion: str):
    def find(officer: int) -> str | None:
        """The latest such mail about an officer; else one as if the officer had a seat in the latest class."""
        latest = Message.objects.filter(occasion=occasion, key__startswith=f"{officer}:").order_by("-put_at", "-pk")
        key = latest.values_list("key", flat=True).first()
        return key or (str(Key(officer, AS_IF, 0)) if _as_if(officer) else None)

    return find


def _as_if(officer: int) -> Seat | None:
    """A seat in a class like the latest on the officer's record, three days from now."""
    record = TrainingRecord.objects.live().filter(officer=officer).select_related("training_class__course")
    latest = record.order_by("-completed_on", "-pk").first()
    if latest is None:
        return None
    held, morning = latest.training_class, dt.datetime.combine(clock.today(), dt.time(8), clock.CHICAGO)
    begins = morning + dt.timedelta(days=3)
    given = hours.total(held.lines.all())
    return Seat(
        AS_IF,
        officer,
        held.course.title,
        begins,
        begins + dt.timedelta(hours=9),
        held.place or "(its place)",
        held.course.source_name,
        f"{given.normalize():f} hour{'' if given == 1 else 's'}",
        "(its contact)",
        reverse("home"),
        morning + dt.timedelta(days=1, hours=4),
    )


def _preview(occasion: str):
    def said(key: str) -> dict | None:
        """What the mail of a key says; of `AS_IF` to the officer."""
        one = Key.read(key)
        if one.thing != AS_IF:
            return contexts_of(occasion, [key]).get(key)
        seat = _as_if(one.officer)
        return _said({key: (seat, 0)})[key] if seat else None

    return said


def _occasion(code: str, title: str, purpose: str) -> Occasion:
    return Occasion(
        code=code,
        title=title,
        contexts=lambda keys: contexts_of(code, keys),
        purpose=purpose,
        audience="The officer, and whoever registered the officer for an agency, if connected. To read it beforehand "
        "give an officer with a class on record.",
        about="officer",
        sample=_sample(code),
        preview=_preview(code),
    )


OCCASIONS = (
    _occasion(
        REMINDER, "Class you are registered for", "A class begins soon: when, where, and how to give the seat back."
    ),
    _occasion(
        OFFER, "Seat offered from the wait-list", "A seat became free: until when it is kept, and how to take it."
    ),
)
