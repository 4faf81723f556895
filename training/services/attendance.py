"""Attendance at the door: who came in and left, when; walk-ins, and people of the wait-list who came.

A mark has a key that the door made: the same mark sent twice, at once or days later, is one. What is sent late keeps
the moment at the door. A mark is evidence: a wrong one is voided with the reason, and made anew.
"""

import datetime as dt
import uuid
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from training import access, licensing, names_shown, presence, selectors
from training.models import AttendanceMark, Officer, Registration, ScheduledClass, ScheduledMeeting
from training.models.calendar import MOST_SEATS
from training.presence import IN, OUT, clock_words

State = Registration.State
NOT_YOURS = "Only the provider’s staff, or POST, keep the attendance of this class."


class Full(Refused):
    """Nobody has a seat for somebody who came: a chair can be added, which raises how many can take part."""


class Moment(NamedTuple):
    """When something happened at the door, and the key by which it is known."""

    key: uuid.UUID
    at: dt.datetime
    meeting: ScheduledMeeting | None = None
    by_code: bool = False
    ahead: int = 0  # seconds by which the clock at the door was ahead; taken off `at` already


class Taken(NamedTuple):
    """What became of a mark: whether it is new, the mark that stands for it, and that in words."""

    registration: Registration
    mark: AttendanceMark
    is_new: bool
    words: str


@transaction.atomic
def mark(
    *,
    by: User | None,
    registration: Registration,
    kind: str,
    moment: Moment,
    add_chair: bool = False,
    now: dt.datetime,
) -> Taken:
    """Note that somebody came in or left. Who is in already stays in since then, and nothing is noted twice.

    Whoever waits and comes takes a seat; where none is left `add_chair` adds one, else raises `Full`. A moment in the
    future, by a clock at the door that is ahead, is now. Raises `Refused`.
    """
    held = _locked(by, registration.scheduled_class_id)
    if before := AttendanceMark.objects.filter(key=moment.key).select_related("registration__officer").first():
        return _sent_before(by, before, held)
    one = locked(Registration.objects.select_related("officer").filter(pk=registration.pk)).get()
    at = min(moment.at, now)
    meeting = _meeting(held, moment.meeting, at)
    if one.state not in Registration.LIVE:
        who, number = _name(by, one.officer), names_shown.number_for(by, one.officer)
        raise Refused(
            f"{who} gave the seat back or lost it: {one.get_state_display().lower()}. Let them in as a walk-in, by "
            f"license number{f' {number}' if number else ''}."
        )
    if one.state != State.REGISTERED:
        if kind == OUT:
            raise Refused(f"{_name(by, one.officer)} has no seat yet: sign them in first.")
        _seat(by, held, one, add_chair)
    return _noted(by, one, kind, meeting, moment._replace(at=at))


def _noted(by: User | None, one: Registration, kind: str, meeting: ScheduledMeeting, moment: Moment) -> Taken:
    """Write the mark, unless the last one before it says the same."""
    earlier = one.marks.live().filter(meeting=meeting, at__lte=moment.at).order_by("-at", "-pk").first()
    if earlier and earlier.kind == kind:
        said = "already in since" if kind == IN else "already out since"
        return Taken(one, earlier, False, f"{_name(by, one.officer)}: {said} {clock_words(earlier.at)}.")
    with history.because("Marked at the door"):
        made = AttendanceMark.objects.create(
            key=moment.key,
            registration=one,
            meeting=meeting,
            kind=kind,
            at=moment.at,
            ahead=moment.ahead,
            by_code=moment.by_code,
            recorded_by=by,
        )
    words = f"{_name(by, one.officer)}: {'in' if kind == IN else 'out'} at {clock_words(made.at)}."
    if kind == OUT and earlier is None:
        words += " No sign-in is noted: add it, or the time counts for nothing."
    return Taken(one, made, True, words)


def _sent_before(by: User | None, before: AttendanceMark, held: ScheduledClass) -> Taken:
    if before.registration.scheduled_class_id != held.pk:
        raise Refused("This mark was sent before, for another class.")
    words = (
        f"{_name(by, before.registration.officer)}: {'in' if before.kind == IN else 'out'} at {clock_words(before.at)}."
    )
    return Taken(before.registration, before, False, words)


@transaction.atomic
def walk_in(
    *,
    by: User | None,
    scheduled_class: ScheduledClass,
    license_number: str,
    moment: Moment,
    add_chair: bool = False,
    now: dt.datetime,
) -> Taken:
    """Let somebody in who came without a registration, by license number: registered and marked in one step.

    Whoever is registered, or waits, is marked as such. Raises `Full` where no seat is left and no chair is to be added,
    and `Refused` where no license is in force on the day the class ends.
    """
    held = _locked(by, scheduled_class.pk)
    if before := AttendanceMark.objects.filter(key=moment.key).select_related("registration__officer").first():
        return _sent_before(by, before, held)
    officer = _officer(license_number)
    if there := held.registrations.live().filter(officer=officer).first():
        return mark(by=by, registration=there, kind=IN, moment=moment, add_chair=add_chair, now=now)
    last = clock.last_day(held.ends_at)
    state = licensing.states_of([officer.pk], last, clock.END_OF_TIME)[officer.pk]
    if not state.is_held:
        who = _name(by, officer)
        raise Refused(
            f"{who}: no license is in force on {last:%B} {last.day}, {last.year}, the last day of the class. "
            "Nothing could be credited, so they are not let in here. POST can say more: (573) 751-3409.",
            field="license_number",
        )
    at = min(moment.at, now)
    meeting = _meeting(held, moment.meeting, at)
    _make_room(held, add_chair, f"{_name(by, officer)} came without a registration")
    with history.because("Came to the door without a registration"):
        made = Registration.objects.create(
            scheduled_class=held,
            officer=officer,
            state=State.REGISTERED,
            turn=(held.registrations.aggregate(last=Max("turn"))["last"] or 0) + 1,
            registered_by=by,
            is_walk_in=True,
            seated_at=at,
        )
    made.officer = officer
    taken = _noted(by, made, IN, meeting, moment._replace(at=at))
    return taken._replace(words=f"{taken.words} Walk-in: registered now.")


def by_code(scheduled_class: ScheduledClass, code: str) -> Registration:
    """The registration whose code was read or typed. Raises `Refused` where it is none of this class."""
    code = "".join(code.split()).upper().replace("-", "")
    found = Registration.objects.filter(scheduled_class=scheduled_class, code=code).select_related("officer").first()
    if found is None:
        raise Refused("This code is none of this class. Look which class it is for, or search the name.", field="code")
    if found.state not in Registration.LIVE:
        # Given back and registered again: the code of the mail before lets in all the same.
        again = scheduled_class.registrations.live().filter(officer=found.officer_id).select_related("officer").first()
        return again or found
    return found


@transaction.atomic
def void(*, by: User | None, attendance_mark: AttendanceMark, reason: str) -> AttendanceMark:
    """Take back a mark that is wrong, with the reason; it stays on record. Raises `Refused`."""
    _locked(by, attendance_mark.registration.scheduled_class_id)
    one = AttendanceMark.objects.select_for_update().get(pk=attendance_mark.pk)
    if one.voided_at:
        return one
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise Refused("Say why the mark is wrong.", field="reason")
    with history.because(reason):
        AttendanceMark.objects.filter(pk=one.pk).update(voided_at=Now(), voided_by=by, void_reason=reason)
    one.refresh_from_db()
    return one


@transaction.atomic
def correct(
    *, by: User | None, attendance_mark: AttendanceMark, at: dt.datetime, reason: str, key: uuid.UUID, now: dt.datetime
) -> AttendanceMark:
    """Another time for a mark: it is voided with the reason, and made anew at `at`. Raises `Refused`."""
    held = _locked(by, attendance_mark.registration.scheduled_class_id)
    if before := AttendanceMark.objects.filter(key=key).first():
        return before
    if at > now:
        raise Refused("That is in the future. Give the time it happened.", field="at")
    _meeting(held, attendance_mark.meeting, at)
    old = AttendanceMark.objects.select_for_update().get(pk=attendance_mark.pk)
    if old.voided_at:
        raise Refused("This mark was taken back meanwhile. Look at the list again.")
    void(by=by, attendance_mark=old, reason=reason)
    with history.because(reason):
        return AttendanceMark.objects.create(
            key=key, registration=old.registration, meeting=old.meeting, kind=old.kind, at=at, recorded_by=by
        )


def _name(by: User | None, officer: Officer) -> str:
    """The officer, as `by` may be told who that is."""
    return names_shown.CLOSED if names_shown.closed_to(by, [officer]) else str(officer)


def _locked(by: User | None, pk: int) -> ScheduledClass:
    """The class, locked before anything of it: seats are given one after the other."""
    held = ScheduledClass.objects.select_for_update(of=("self",), no_key=True).select_related("provider").get(pk=pk)
    if not access.can_enter_provider_class(by, held.provider):
        raise Refused(NOT_YOURS)
    if held.state == ScheduledClass.State.CALLED_OFF:
        raise Refused(f"{held.reference} was called off: {held.called_off_because}")
    if held.state == ScheduledClass.State.DRAFT:
        raise Refused(f"{held.reference} is not published yet: nobody can be registered for it.")
    return held


def _meeting(held: ScheduledClass, wanted: ScheduledMeeting | None, at: dt.datetime) -> ScheduledMeeting:
    meetings = list(held.meetings.all())
    if wanted and wanted.scheduled_class_id == held.pk and presence.belongs(wanted, at):
        return wanted
    if found := presence.near(meetings, at):
        return found
    local = at.astimezone(clock.CHICAGO)
    raise Refused(
        f"{clock_words(at)} on {local:%B} {local.day}, {local.year} is far from every meeting of this class. Is the "
        "clock of this device right? Give the time it happened.",
        field="at",
    )


def _officer(license_number: str) -> Officer:
    number = "".join(license_number.split()).upper()
    if not number:
        raise Refused("Type the license number.", field="license_number")
    officer = Officer.objects.filter(license_number=number, merged_into=None).first()
    if officer is None:
        raise Refused(selectors.nobody_has(number), field="license_number")
    return officer


def _seat(by: User | None, held: ScheduledClass, one: Registration, add_chair: bool) -> None:
    """Give somebody who waits, or was offered a seat, that seat."""
    if one.state == State.WAITING:
        _make_room(held, add_chair, f"{_name(by, one.officer)} waited for a seat, and came")
    one.state, one.seated_at = State.REGISTERED, Now()
    one.offered_until = None
    with history.because("Came to the door from the wait-list"):
        one.save(update_fields=["state", "seated_at", "offered_until"])
    one.refresh_from_db(fields=["seated_at"])


def _make_room(held: ScheduledClass, add_chair: bool, why: str) -> None:
    if held.seats_left >= 1:
        return
    if not add_chair:
        raise Full(
            f"The class is full: {held.seats_taken} of {held.capacity} seats are taken. {why}. Add a chair, or send "
            "them home.",
            field="add_chair",
        )
    if held.capacity >= MOST_SEATS:
        raise Refused(f"A class has no more than {MOST_SEATS:,} seats.")
    with history.because(f"A chair was added at the door: {why}"):
        ScheduledClass.objects.filter(pk=held.pk).update(capacity=held.seats_taken + 1, changed_at=Now())
    held.refresh_from_db(fields=["capacity", "seats_taken"])
