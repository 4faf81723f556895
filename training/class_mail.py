"""Mail about seats in classes to come: registered, on the wait-list, a seat offered, given back, the class moved or
called off, its provider without a license, and a reminder.

Where registrations and offers are kept is not known here: whoever keeps them says what stands (`read_from`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from notifications.models import Message
from notifications.occasions import Occasion
from training import hours, telling
from training.models import Commission, Officer, TrainingRecord
from training.moments import day_words, moment_words, span_words

REMINDER, OFFER = "class_reminder", "seat_offered"
SEATED, WAITS, ENDED = "seat_registered", "seat_waiting", "seat_ended"
MOVED, CALLED_OFF, UNLICENSED = "class_moved", "class_called_off", "class_unlicensed"
# What whoever did it has just read on the page, so that thirty officers registered are not thirty mails to one desk.
TO_THE_OFFICER_ALONE = frozenset({SEATED, WAITS, ENDED})
# Stands in the place of a seat where POST reads what a mail would say.
AS_IF = "as-if"


class Seat(NamedTuple):
    """A seat somebody has, or is offered, in a class to come.

    `thing` names the registration or the offer and holds no colon. `gives` says what the class gives ("4 hours of
    legal studies"), `contact` whom to ask. `answer_by`, of an offer alone: the moment after which the next on the
    wait-list is asked. `path`: the page on which to see the class, take the seat or give it back. `registered_by`: the
    account that did it for the officer, which is told while it acts for one of the officer's agencies, of an offer
    always, of other things where the officer has no account. `turn` is the place on the wait-list in words, `why` the
    reason of that place, or of what happened.
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
    turn: str = ""
    why: str = ""
    meetings: tuple[str, ...] = ()
    directions: str = ""
    is_handed_over: bool = False
    is_taken_over: bool = False


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


def people(occasion: str, seats: Iterable[Seat], day: dt.date) -> dict[str, dict[int, str]]:
    """Thing -> user id -> address of everybody who is told. A constant number of statements, however many seats."""
    seats = list(seats)
    own = telling.accounts_of({seat.officer for seat in seats}, day)
    told = {seat.thing: dict(own.get(seat.officer, [])) for seat in seats}
    if occasion in TO_THE_OFFICER_ALONE:
        return told
    of_desks = [seat for seat in seats if seat.registered_by and (occasion == OFFER or not told[seat.thing])]
    if not of_desks:
        return told
    agencies: dict[int, list[int]] = {}
    serving = Commission.objects.in_force(day).filter(officer__in={seat.officer for seat in of_desks})
    for officer, agency in serving.values_list("officer", "agency"):
        agencies.setdefault(officer, []).append(agency)
    desks = telling.people_of({one for places in agencies.values() for one in places}, day)
    for seat in of_desks:
        for agency in agencies.get(seat.officer, ()):
            told[seat.thing] |= {user: address for user, address in desks.get(agency, ()) if user == seat.registered_by}
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
    told = people(occasion, [seat for seat in found.values() if lapses_at(occasion, seat) > now], day)
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
        "when": span_words(seat.begins_at, seat.ends_at),
        "meetings": seat.meetings if len(seat.meetings) > 1 else (),
        "day": day_words(seat.begins_at),
        "place": seat.place,
        "held_by": seat.held_by,
        "gives": seat.gives,
        "contact": seat.contact,
        "answer_by": moment_words(seat.answer_by) if seat.answer_by else "",
        "turn": seat.turn,
        "why": seat.why,
        "directions": seat.directions,
        "is_handed_over": seat.is_handed_over,
        "is_taken_over": seat.is_taken_over,
        "url": f"{settings.PORTAL_URL}{seat.path}",
        "is_own": is_own,
    }


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
        turn="2nd",
        why="(why)",
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
    audience = _(
        "The officer if connected; else, and of an offer always, whoever registered the officer for an agency. "
        "To read it beforehand give an officer with a class on record."
    )
    if code in TO_THE_OFFICER_ALONE:
        audience = _("The officer if connected. To read it beforehand give an officer with a class on record.")
    return Occasion(
        code=code,
        title=title,
        contexts=lambda keys: contexts_of(code, keys),
        purpose=purpose,
        audience=audience,
        about="officer",
        sample=_sample(code),
        preview=_preview(code),
    )


OCCASIONS = (
    _occasion(SEATED, _("Registered for a class"), _("A seat is the officer’s: when, where, and how to give it back.")),
    _occasion(
        WAITS, _("On the wait-list of a class"), _("No seat was free: which place on the wait-list, and why that one.")
    ),
    _occasion(
        OFFER, _("Seat offered from the wait-list"), _("A seat became free: until when it is kept, and how to take it.")
    ),
    _occasion(
        ENDED, _("Seat given back or gone"), _("A seat or a turn was given back, handed over, or an offer lapsed.")
    ),
    _occasion(
        MOVED, _("Class moved"), _("A class meets at other hours or elsewhere: the new ones, and how to give it back.")
    ),
    _occasion(CALLED_OFF, _("Class called off"), _("A class will not be held, and why.")),
    _occasion(
        UNLICENSED,
        _("Provider of a class without a license"),
        _("The license of a provider was suspended or revoked: the class may give no credit."),
    ),
    _occasion(
        REMINDER,
        _("Class you are registered for"),
        _("A class begins soon: when, where, and how to give the seat back."),
    ),
)
