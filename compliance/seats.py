"""Seats on offer: classes of the calendar to come, against the hours officers still lack. Reads only."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q, Sum

from clee_portal import clock
from compliance import counting
from compliance.models import Requirement
from compliance.verdict import ZERO
from training.models import ScheduledClass, ScheduledLine


class Offer(NamedTuple):
    """Of one requirement: the classes that serve it, the seats nobody has in them, and the hours these seats give."""

    classes: int = 0
    seats: int = 0
    hours: Decimal = ZERO


def on_offer(requirements: Sequence[Requirement], now: dt.datetime, until: dt.date) -> dict[str, Offer]:
    """Requirement code -> what is on offer: published classes that take registrations, end by `until` (inclusive), and
    have seats left, of providers whose license is valid. One statement."""
    classes = ScheduledClass.objects.open_to_all(clock.day_of(now)).filter(
        Q(closes_at=None) | Q(closes_at__gt=now),
        begins_at__gt=now,
        ends_at__lte=clock.midnight_after(until),
        seats_taken__lt=F("capacity"),
    )
    sums = {f"r{at}": Sum("hours", filter=counting.offered_to(one)) for at, one in enumerate(requirements)}
    rows = (
        ScheduledLine.objects.filter(scheduled_class__in=classes)
        .order_by()
        .values("scheduled_class")
        .annotate(left=F("scheduled_class__capacity") - F("scheduled_class__seats_taken"), **sums)
        .values_list("left", *sums)
    )
    found = dict.fromkeys((one.code for one in requirements), Offer())
    for left, *hours in rows:
        for one, given in zip(requirements, hours, strict=True):
            if given:
                held = found[one.code]
                found[one.code] = Offer(held.classes + 1, held.seats + left, held.hours + left * given)
    return found
