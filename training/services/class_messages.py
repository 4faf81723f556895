"""Putting mail about seats in classes to come into the outbox, in the transaction of its cause."""

import datetime as dt
from collections.abc import Iterable

from notifications import outbox
from notifications.outbox import Mail
from training import class_mail
from training.class_mail import OFFER, REMINDER, Key, Seat


def remind(seats: Iterable[Seat], *, day: dt.date) -> int:
    """Remind whoever is registered of classes that begin soon; returns how many messages were put. Run twice, or late,
    it makes nothing twice, and nothing is sent once the class has begun."""
    return put(REMINDER, seats, day=day)


def offer(seat: Seat, *, day: dt.date) -> int:
    """Offer a seat to the next on the wait-list, until `answer_by`; returns how many messages were put."""
    return put(OFFER, [seat], day=day)


def put(occasion: str, seats: Iterable[Seat], *, day: dt.date) -> int:
    """Put the mail of an occasion about these seats; returns how many. A constant number of statements."""
    seats = list(seats)
    told = class_mail.people(occasion, seats, day)
    mails = [
        Mail(str(Key(seat.officer, seat.thing, user)), address, user, lapses_at=class_mail.lapses_at(occasion, seat))
        for seat in seats
        for user, address in told[seat.thing].items()
    ]
    return len(outbox.put_many(occasion=occasion, mails=mails, are_connected=True)) if mails else 0
