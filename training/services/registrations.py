"""Registering officers for classes in the calendar: the officer, their agency for several, the provider for a caller.

The class's row is locked for as long as a seat is decided, and the turn is given out under the lock: capacity is never
exceeded, and the wait-list is in the order in which the lock was granted.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, registering
from training.models import Agency, Officer, Registration, ScheduledClass
from training.registering import NeedsAccepting
from training.services import seat_messages, seats

State = Registration.State
MOST_AT_ONCE = 200


class Group(StrEnum):
    """What an agency wants that registers several at once, where there are not seats for all."""

    FILL = "fill"  # as many as there are seats, in the order given; the rest on the wait-list
    TOGETHER = "together"  # all of them or nobody: wait together until there are seats for all
    NOBODY = "nobody"  # all of them or nobody: register nobody


@dataclass(frozen=True)
class Answer:
    """What became of a request: who has what, and whether it is new."""

    registrations: tuple[Registration, ...]
    is_new: bool
    seats_left: int = 0

    @property
    def seated(self) -> list[Registration]:
        """Those with a seat."""
        return [one for one in self.registrations if one.state == State.REGISTERED]

    @property
    def waiting(self) -> list[Registration]:
        """Those on the wait-list."""
        return [one for one in self.registrations if one.state == State.WAITING]


def register(
    *, by: User, held: ScheduledClass, officer: Officer, submission_key: uuid.UUID | None = None, accepts: str = ""
) -> Answer:
    """Register one officer: a seat while there is one, else a turn on the wait-list.

    The officer does it themself; the provider's staff and POST do for a caller. `accepts` is the key of the warnings
    that were read (`registering.Look.key`). The same form sent twice, and a second form while the first stands, is one
    registration. Raises `Refused`; `NeedsAccepting` where there is something to know before.
    """
    is_caller = not access.can_register_own(by, officer)
    if is_caller and not access.can_keep_registrations(by, held.provider):
        raise Refused(gettext("You cannot register this officer. Officers register themselves, or their agency does."))
    found = _looked(held, [officer], accepts, is_outsider=is_caller and not access.can_find_officers(by))
    with transaction.atomic():
        locked = seats.lock(held)
        if before := _before(locked, officer, submission_key):
            return Answer((before,), is_new=False)
        _check_open(locked, by_provider=is_caller)
        seats.settle(locked)
        one = _made(locked, officer, seats.next_turn(locked), by=by, found=found, submission_key=submission_key)
        _tell([one])
        return Answer((one,), is_new=True, seats_left=locked.seats_left)


def register_group(
    *,
    by: User,
    held: ScheduledClass,
    agency: Agency,
    officers: Sequence[Officer],
    submission_key: uuid.UUID,
    group: Group = Group.FILL,
    accepts: str = "",
) -> Answer:
    """Register officers of an agency at once, in the order given. Whoever has a seat or a turn already keeps it and is
    left out of the count. The same form sent twice is one request. Raises `Refused`, and then nobody is registered.
    """
    if not access.can_register_officers(by, agency):
        raise Refused(gettext("You cannot register officers of this agency."))
    officers = list({one.pk: one for one in officers}.values())
    if not officers:
        raise Refused(gettext("Tick at least one officer."), field="officers")
    if len(officers) > MOST_AT_ONCE:
        raise Refused(
            gettext("Register at most %(number)s officers at once.") % {"number": MOST_AT_ONCE}, field="officers"
        )
    _check_commissions(held, agency, officers)
    known = _sent_before(agency, submission_key)
    if known:
        return Answer(tuple(known), is_new=False)
    found = _looked(held, officers, accepts)
    with transaction.atomic():
        locked = seats.lock(held)
        if known := _sent_before(agency, submission_key):
            return Answer(tuple(known), is_new=False)
        _check_open(locked)
        seats.settle(locked)
        have = {
            one.officer_id: one
            for one in locked.registrations.live().filter(officer__in=officers).select_related("officer")
        }
        wanted = [one for one in officers if one.pk not in have]
        if group != Group.FILL and len(wanted) > locked.seats_left:
            if group == Group.NOBODY:
                raise Refused(_too_few(locked, len(wanted)), field="group")
            if len(wanted) > locked.capacity:
                raise Refused(
                    gettext("The class has %(capacity)s seats in all, and you want %(number)s together.")
                    % {"capacity": locked.capacity, "number": len(wanted)},
                    field="group",
                )
        together = group == Group.TOGETHER and len(wanted) > max(locked.seats_left, 1)
        turn = seats.next_turn(locked)
        made = [
            _asked(
                locked, one, seats.Turn(turn.number + at, turn.at), by=by, found=found, submission_key=submission_key,
                agency=agency, group=submission_key, waits_together=together,
            )
            for at, one in enumerate(wanted)
        ]  # fmt: skip
        with history.because("Registered with others by the agency"):
            made = Registration.objects.bulk_create(made)
        _tell(made)
        return Answer((*have.values(), *made), is_new=True, seats_left=locked.seats_left)


def hand_over(
    *, by: User, registration: Registration, agency: Agency, officer: Officer, accepts: str = ""
) -> Registration:
    """Hand a seat to a colleague of the same agency: theirs from now on, whoever waits. Its fee stays paid.

    A colleague who waits for the class gives that turn back. Raises `Refused`.
    """
    if not access.can_register_officers(by, agency):
        raise Refused(gettext("You cannot hand over seats of this agency’s officers."))
    _check_commissions(registration.scheduled_class, agency, [officer])
    _check_commissions(registration.scheduled_class, agency, [registration.officer], on=clock.today())
    found = _looked(registration.scheduled_class, [officer], accepts)
    with transaction.atomic():
        held = seats.lock(registration.scheduled_class)
        one = Registration.objects.select_related("officer").get(pk=registration.pk)
        one.scheduled_class = held
        if one.state != State.REGISTERED:
            raise Refused(gettext("There is no seat to hand over any more."))
        if clock.now() >= held.begins_at:
            raise Refused(gettext("The class has begun."))
        theirs = held.registrations.live().filter(officer=officer).select_related("officer").first()
        if theirs and theirs.state == State.REGISTERED:
            raise Refused(
                gettext("%(full_name)s has a seat in this class already.") % {"full_name": officer.full_name},
                field="officer",
            )
        if theirs:
            seats.end_for(by=by, registration=theirs, because=_("Took over the seat of a colleague"))
        seats.end_for(by=by, registration=one, because=_("Handed over to a colleague"))
        made = _made(
            held, officer, seats.next_turn(held), by=by, found=found, agency=agency, seat=True,
            took_over_from=one, paid_on=one.paid_on,
        )  # fmt: skip
        _tell([made])
        seat_messages.ended([one])
        if theirs and theirs.offered_until:
            held.refresh_from_db(fields=["seats_taken"])
            seats.settle(held)
        return made


def _looked(held: ScheduledClass, officers: Sequence[Officer], accepts: str, **more) -> registering.Look:
    """What there is to know of these officers, accepted; refused or not accepted it is raised."""
    found = registering.look(held, officers, **more)
    for one in officers:
        if why := found.refused.get(one.pk):
            raise Refused(f"{one.full_name}: {why}" if len(officers) > 1 else why, field="officers")
    if found.key and accepts != found.key:
        raise NeedsAccepting(found)
    return found


def _check_open(held: ScheduledClass, *, by_provider: bool = False) -> None:
    if why := registering.closed_because(held, clock.now(), by_provider=by_provider):
        raise Refused(why)


def _check_commissions(held: ScheduledClass, agency: Agency, officers: Sequence[Officer], on: dt.date | None = None):
    """All of them hold a commission at the agency, today and on the last day of the class."""
    ids = [one.pk for one in officers]
    for day in [on] if on else [clock.today(), clock.last_day(held.ends_at)]:
        here = set(Officer.objects.commissioned_at(agency, day).filter(pk__in=ids).values_list("pk", flat=True))
        for one in officers:
            if one.pk not in here:
                said = gettext("%(name)s holds no commission at %(agency)s today.")
                if day != clock.today():
                    said = gettext("%(name)s holds no commission at %(agency)s on %(day)s.")
                told = {"name": one.full_name, "agency": agency, "day": date_format(day, "DATE_FORMAT")}
                raise Refused(said % told, field="officers")


def _before(held: ScheduledClass, officer: Officer, key: uuid.UUID | None) -> Registration | None:
    """The registration this form made, or the one that stands."""
    mine = list(held.registrations.filter(officer=officer))
    sent = next((one for one in mine if key and one.submission_key == key), None)
    return sent or next((one for one in mine if one.is_live), None)


def _sent_before(agency: Agency, key: uuid.UUID) -> list[Registration]:
    return list(
        Registration.objects.filter(agency=agency, group=key).select_related("officer", "scheduled_class__course")
    )


def _made(held: ScheduledClass, officer: Officer, turn: seats.Turn, **how) -> Registration:
    """One registration of a locked class, kept."""
    one = _asked(held, officer, turn, **how)
    with history.because("Registered" if one.state == State.REGISTERED else "On the wait-list"):
        one.save(force_insert=True)
    return one


def _asked(
    held: ScheduledClass,
    officer: Officer,
    turn: seats.Turn,
    *,
    by: User,
    found: registering.Look,
    seat: bool = False,
    **more,
) -> Registration:
    """A registration of a locked class, not kept yet: a seat while there is one, unless the group waits together."""
    has_seat = seat or (held.seats_left > 0 and not more.get("waits_together"))
    held.seats_taken += has_seat
    return Registration(
        scheduled_class=held,
        officer=officer,
        state=State.REGISTERED if has_seat else State.WAITING,
        seated_at=turn.at if has_seat else None,
        turn=turn.number,
        asked_at=turn.at,
        registered_by=by,
        accepted="\n".join(found.warned.get(officer.pk, ())),
        **more,
    )


def _tell(made: Sequence[Registration]) -> None:
    seat_messages.seated([one for one in made if one.state == State.REGISTERED])
    seat_messages.waits([one for one in made if one.state == State.WAITING])


def _too_few(held: ScheduledClass, wanted: int) -> str:
    left = held.seats_left
    if not left:
        return gettext("No seat is free, and you want %(wanted)s. Nobody was registered.") % {"wanted": wanted}
    said = ngettext(
        "%(left)s seat is free, and you want %(wanted)s. Nobody was registered.",
        "%(left)s seats are free, and you want %(wanted)s. Nobody was registered.",
        left,
    )
    return said % {"left": left, "wanted": wanted}
