"""The seats of a class in the calendar: who takes one decides the class's row lock. What lapsed and what became free is
settled whenever the class is locked, so that a late beat changes nothing but when people are told.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, registering, wait_list
from training.models import Registration, ScheduledClass
from training.services import seat_messages

State = Registration.State
LATE = "Given back late"


class Turn(NamedTuple):
    """The next place in the order in which a class was asked, and the moment of it: never before the one before."""

    number: int
    at: dt.datetime


def lock(held: ScheduledClass) -> ScheduledClass:
    """The class, its row locked until the transaction ends: whoever comes meanwhile waits, and comes after. Its course
    and provider are those that were read already. Raises `Refused` where it was a draft that is thrown away by now."""
    locked = ScheduledClass.objects.select_for_update().filter(pk=held.pk).first()
    if locked is None:
        raise Refused(f"{held.reference} was thrown away meanwhile.")
    for name in ("course", "provider"):
        field = ScheduledClass._meta.get_field(name)
        if field.is_cached(held) and getattr(held, field.attname) == getattr(locked, field.attname):
            setattr(locked, name, getattr(held, name))
    return locked


def next_turn(held: ScheduledClass) -> Turn:
    """The next turn of a locked class."""
    last = Registration.objects.filter(scheduled_class=held).aggregate(turn=Max("turn"), at=Max("asked_at"))
    now = clock.now()
    return Turn((last["turn"] or 0) + 1, max(now, last["at"] or now))


def settle(held: ScheduledClass) -> list[Registration]:
    """Let offers lapse whose time is over, and offer free seats to whoever waits, in order; returns what was offered.

    A group that waits together is offered seats once there are enough for all of it; until then those behind it who
    fit are asked, and it keeps its place. While the provider holds no valid license nobody can take a seat: nobody is
    asked, and who was asked before has the seat kept for longer. The class is locked and as it stands (`lock`);
    `seats_left` is right afterwards.
    """
    now = clock.now()
    over = list(held.registrations.filter(state=State.OFFERED, offered_until__lt=now))
    if over and now < held.begins_at and registering.unlicensed(held, now):
        _keep_longer(held, over, now)
        return []
    for one in over:
        _end(one, State.LAPSED, by=None, now=now, because=_("The offer was not answered in time"))
    if over:
        seat_messages.ended(over)
        held.refresh_from_db(fields=["seats_taken"])
    until = registering.offer_ends(now, held.begins_at, held.offer_hours)
    if held.seats_left < 1 or until is None or held.state != ScheduledClass.State.PUBLISHED:
        return []
    free, offered = held.seats_left, []
    for group in wait_list.in_order(held):
        if len(group) <= free:
            offered += group
            free -= len(group)
        if not free:
            break
    if offered and registering.unlicensed(held, now):
        return []
    for one in offered:
        one.state, one.offered_at, one.offered_until = State.OFFERED, now, until
        with history.because("A seat became free"):
            one.save(update_fields=["state", "offered_at", "offered_until"])
    if offered:
        seat_messages.offered(offered)
        held.refresh_from_db(fields=["seats_taken"])
    return offered


def _keep_longer(held: ScheduledClass, offered: Iterable[Registration], now: dt.datetime) -> None:
    """Nobody could take what they were offered, so it is no answer that they did not."""
    until = registering.offer_ends(now, held.begins_at, held.offer_hours) or held.begins_at
    for one in offered:
        one.offered_until = until
        with history.because("The provider holds no valid license: nobody could take the seat"):
            one.save(update_fields=["offered_until"])


def changed(held: ScheduledClass) -> list[Registration]:
    """The capacity was raised, or the class moved: offers end before it begins, and free seats are offered. Inside the
    transaction of its cause; returns what was offered."""
    held = lock(held)
    now = clock.now()
    for one in held.registrations.filter(state=State.OFFERED, offered_until__gt=held.begins_at):
        one.offered_until = max(now, held.begins_at)
        one.save(update_fields=["offered_until"])
    return settle(held)


@transaction.atomic
def answer(*, by: User, registration: Registration, takes: bool) -> Registration:
    """Take a seat that is offered, or let it go; where the class begins too soon for offers, take a free one from the
    wait-list. Raises `Refused` where it is not offered any more."""
    held, one = _locked_with(registration)
    if not access.can_give_back(by, one):
        raise Refused(gettext("This seat is not yours to take."))
    settle(held)
    one.refresh_from_db()
    if one.state == State.REGISTERED:
        return one  # the same button pressed twice
    if not takes and not one.is_live:
        return one
    if not takes:
        return _given_back(held, one, by=by, reason=_("The seat offered was let go"))
    now = clock.now()
    is_free = one.state == State.WAITING and held.seats_left > 0 and not one.waits_together
    last_hours = registering.offer_ends(now, held.begins_at, held.offer_hours) is None
    if one.state == State.LAPSED:
        raise Refused(gettext("The time to answer is over, and the seat went to the next person. You can ask again."))
    if one.state != State.OFFERED and not (is_free and last_hours):
        raise Refused(gettext("There is no seat to take just now."))
    if why := registering.closed_because(held, now, by_provider=True):
        raise Refused(why)
    one.state, one.seated_at = State.REGISTERED, now
    with history.because("The seat offered was taken"):
        one.save(update_fields=["state", "seated_at"])
    seat_messages.seated([one])
    return one


@transaction.atomic
def give_back(*, by: User, registration: Registration, reason: str = "") -> Registration:
    """Give a seat, an offer or a turn back: the officer, the agency that registered the officer or commissions them
    today, the provider, POST. The next on the wait-list is offered it.

    Later than the class's last hours for it a seat is marked as given back late, and may be until the class begins.
    Given back twice is once. Raises `Refused` once the class has begun.
    """
    held, one = _locked_with(registration)
    if not access.can_give_back(by, one):
        raise Refused(gettext("This registration is not yours to give back."))
    if not one.is_live:
        return one
    if clock.now() >= held.begins_at:
        raise Refused(
            gettext("The class has begun. Who came is noted at the door; call the provider if that is wrong.")
        )
    return _given_back(held, one, by=by, reason=reason)


def _given_back(held: ScheduledClass, one: Registration, *, by: User, reason: str) -> Registration:
    now = clock.now()
    one.was_late = is_late(held, one, now)
    _end(one, State.CANCELLED, by=by, now=now, because=" ".join(reason.split())[:300])
    seat_messages.ended([one])
    held.refresh_from_db(fields=["seats_taken"])
    settle(held)
    return one


def is_late(held: ScheduledClass, one: Registration, now: dt.datetime) -> bool:
    """Whether a seat given back at `now` is late: after the last hour for it, unless the class was changed since then,
    which nobody can know beforehand."""
    last = held.begins_at - dt.timedelta(hours=held.cancel_hours)
    is_changed = one.seated_at is not None and held.changed_at > max(last, one.seated_at)
    return one.state == State.REGISTERED and now > last and not is_changed


def end_for(*, by: User, registration: Registration, because: str) -> None:
    """End a registration whose seat somebody else takes over; the class is locked, and nothing is offered."""
    _end(registration, State.CANCELLED, by=by, now=clock.now(), because=because)


def call_off_all(*, by: User, held: ScheduledClass) -> int:
    """The class was called off: every registration ends, and everybody is told; returns how many. Inside the
    transaction of its cause, the class being locked there."""
    now, ended = clock.now(), list(held.registrations.live().select_related("officer"))
    with history.because(f"Class called off: {held.called_off_because}"):
        Registration.objects.filter(pk__in=[one.pk for one in ended]).update(
            state=State.CALLED_OFF, ended_at=now, ended_by=by, end_reason=held.called_off_because[:300]
        )
    seat_messages.called_off(ended)
    return len(ended)


def tell_moved(held: ScheduledClass) -> int:
    """The class meets at other hours or elsewhere: everybody with a seat, an offer or a turn is told, once for each
    `sequence` of the class. Inside the transaction of its cause; returns how many mails."""
    changed(held)
    return seat_messages.moved(held, list(held.registrations.live().select_related("officer")))


def _end(one: Registration, state: str, *, by: User | None, now: dt.datetime, because: str) -> None:
    one.state, one.ended_at, one.ended_by, one.end_reason = state, now, by, because
    with history.because(because or one.get_state_display()):
        one.save(update_fields=["state", "ended_at", "ended_by", "end_reason", "was_late"])


def _locked_with(registration: Registration) -> tuple[ScheduledClass, Registration]:
    held = lock(registration.scheduled_class)
    one = Registration.objects.select_related("officer").get(pk=registration.pk)
    one.scheduled_class = held
    return held, one


def to_settle(now: dt.datetime):
    """Classes in which an offer is over, or a seat is free while somebody waits."""
    live = Registration.objects.filter(scheduled_class=OuterRef("pk"))
    over = Exists(live.filter(state=State.OFFERED, offered_until__lt=now))
    waiting = Exists(live.filter(state=State.WAITING))
    return ScheduledClass.objects.filter(
        over | (waiting & Q(seats_taken__lt=F("capacity"))), state=ScheduledClass.State.PUBLISHED, begins_at__gt=now
    )


def settle_all() -> int:
    """Look at every class that may have something to settle; returns in how many there was. Run twice, or late, or by
    two at once, nothing is offered twice."""
    count = 0
    for pk in to_settle(clock.now()).values_list("pk", flat=True):
        with transaction.atomic():
            held = ScheduledClass.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk)
            if (one := held.select_related("course", "provider").first()) is not None:
                settle(one)
                count += 1
    return count


def mark_paid(*, by: User, held: ScheduledClass, registrations: Collection[int], on: dt.date | None) -> int:
    """The provider notes that the fee of these registrations was paid on a day, or (None) that it was not; returns how
    many. The fee stays with the seat: of one that was handed over meanwhile it is noted for who has it now. Nothing
    hangs on it: a seat and credit are given all the same."""
    if not access.can_keep_registrations(by, held.provider):
        raise Refused(gettext("Only the provider notes who has paid."))
    if on and on > clock.today():
        raise Refused(gettext("This day is in the future."), field="on")
    with transaction.atomic(), history.because("Fee paid" if on else "Fee not paid"):
        held = lock(held)
        return held.registrations.filter(pk__in=_with_the_seat(held, registrations)).update(paid_on=on)


def _with_the_seat(held: ScheduledClass, registrations: Iterable[int]) -> set[int]:
    """The ids of these registrations, of each handed over that of who has the seat now."""
    to = dict(held.registrations.exclude(took_over_from=None).values_list("took_over_from", "pk"))
    found = set(registrations)
    while handed_over := found & to.keys():
        found = (found - handed_over) | {to[pk] for pk in handed_over}
    return found
