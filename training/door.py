"""What the page at the door shows of a class: everybody who may come, by name, with the times of one meeting.

The page keeps this with it while the connection is gone, so it holds no more than the list needs: no code of a
registration (what is read from a QR code is compared by its digest), nobody of another class.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from clee_portal import clock
from clee_portal.accounts.models import User
from training import names_shown, presence
from training.models import AttendanceMark, Registration, ScheduledClass, ScheduledMeeting
from training.presence import IN, clock_words

State = Registration.State


class Row(NamedTuple):
    """One person of the list."""

    registration: Registration
    marks: list[AttendanceMark]  # live ones of the meeting, in order
    is_closed: bool = False  # the name is not shown to whoever looks

    @property
    def name(self) -> str:
        """The name as lists sort it, or that it is closed."""
        return names_shown.CLOSED if self.is_closed else self.registration.officer.sorted_name

    @property
    def number(self) -> str:
        """The license number; nothing where the name is closed."""
        return "" if self.is_closed else self.registration.officer.license_number

    @property
    def is_in(self) -> bool:
        """Whether they are in the room."""
        return bool(self.marks) and self.marks[-1].kind == IN

    @property
    def is_out(self) -> bool:
        """Whether they came and left."""
        return bool(self.marks) and not self.is_in

    @property
    def waits(self) -> bool:
        """Whether they have no seat: on the wait-list, or asked whether they take one."""
        return self.registration.state != State.REGISTERED

    @property
    def words(self) -> str:
        """Their times: in 8:02 AM, out 12:00 PM."""
        return ", ".join(f"{one.kind} {clock_words(one.at)}" for one in self.marks)

    @property
    def data(self) -> dict:
        """What the page keeps of the row."""
        one = self.registration
        return {
            "id": one.pk,
            "name": self.name,
            "number": self.number,
            "code": digest(one.code),
            "waits": self.waits,
            "walk_in": one.is_walk_in,
            "marks": [{"id": mark.pk, "kind": mark.kind, "at": mark.at.isoformat()} for mark in self.marks],
        }


def digest(code: str) -> str:
    """What stands on the page for a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def meeting_of(held: ScheduledClass, wanted: str, now: dt.datetime) -> ScheduledMeeting | None:
    """The meeting the page is of: the one asked for by its number, else that of today or the next, else the last. None
    of a draft that has no meeting yet.
    """
    meetings = list(held.meetings.all())
    asked = next((one for one in meetings if str(one.pk) == wanted), None)
    coming = next((one for one in meetings if now <= one.ends_at + presence.AFTER / 4), None)
    return asked or coming or (meetings[-1] if meetings else None)


def rows(held: ScheduledClass, meeting: ScheduledMeeting, user: User) -> list[Row]:
    """Everybody with a seat or on the wait-list, and who has a mark, as `user` sees them; by name. Two statements, and
    one where a name is closed.
    """
    marks: dict[int, list[AttendanceMark]] = {}
    for one in AttendanceMark.objects.live().filter(registration__scheduled_class=held).order_by("at", "pk"):
        marks.setdefault(one.registration_id, []).append(one)
    people = list(
        Registration.objects.filter(scheduled_class=held)
        .select_related("officer")
        .order_by("officer__search_name", "officer__license_number", "turn")
    )
    closed = names_shown.closed_to(user, [one.officer for one in people])
    return [
        Row(
            one,
            [mark for mark in marks.get(one.pk, ()) if mark.meeting_id in (meeting.pk, None)],
            one.officer_id in closed,
        )
        for one in people
        if one.is_live or one.pk in marks
    ]


class Counts(NamedTuple):
    """How many are in, came, and are expected."""

    inside: int
    came: int
    seats: int
    waiting: int

    @classmethod
    def of(cls, found: Iterable[Row]) -> "Counts":
        """Those of the rows."""
        found = list(found)
        seated = [one for one in found if not one.waits]
        return cls(
            sum(one.is_in for one in found),
            sum(bool(one.marks) for one in found),
            len(seated),
            len(found) - len(seated),
        )


def state(held: ScheduledClass, meeting: ScheduledMeeting, user: User, now: dt.datetime) -> dict:
    """What the page asks for again and again, and keeps for when the connection is gone."""
    return {
        "now": now.isoformat(),
        "meeting": meeting.pk,
        "capacity": held.capacity,
        "taken": held.seats_taken,
        "people": [one.data for one in rows(held, meeting, user)],
    }


def moment_of(meeting: ScheduledMeeting, typed: dt.time) -> dt.datetime:
    """The moment of a time of day at a meeting: on the day it begins, or after midnight where it passes that.

    Where clocks are set back an hour happens twice: the one that lies in the meeting is meant, else the first.
    """
    first, last = clock.day_of(meeting.begins_at), clock.day_of(meeting.ends_at)
    may = [
        dt.datetime.combine(day, typed.replace(fold=fold), clock.CHICAGO)
        for day in sorted({first, last})
        for fold in (0, 1)
    ]
    inside = [one for one in may if meeting.begins_at <= one <= meeting.ends_at]
    near = min(may, key=lambda one: max(meeting.begins_at - one, one - meeting.ends_at, dt.timedelta()))
    return inside[0] if inside else near
