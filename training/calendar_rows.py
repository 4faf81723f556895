"""The rows of the calendar's list: all that a class says there, and nothing else.

Everybody is shown the same classes: a row that says what one said before is not written again (`look.written`). So a
row holds values alone, and its template sees nothing but the row.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from clee_portal import compiled
from training.class_states import Stage, stage_of
from training.models import ScheduledClass, ScheduledLine, ScheduledMeeting
from training.models.sources import Delivery


class Row(NamedTuple):
    """A class as the list shows it; `lines` are its hours with the area or topic, `fee` is in dollars."""

    reference: str
    title: str
    provider: str
    begins_at: dt.datetime
    meetings: int
    lines: tuple[tuple[Decimal, str], ...]
    is_online: bool
    city: str
    place: str
    miles: float | None
    fee: Decimal
    stage: Stage
    seats_left: int
    opens_at: dt.datetime | None


def rows(found: Iterable[ScheduledClass], now: dt.datetime) -> list[Row]:
    """The rows of these classes, which have their course and provider. Two statements, however many they are."""
    found = list(found)
    pks = [one.pk for one in found]
    lines, meetings = defaultdict(list), {}
    if pks:
        for pk, *line in _lines().rows(classes=pks):
            lines[pk].append(tuple(line))
        meetings = dict(_meetings().rows(classes=pks))
    return [
        Row(
            one.reference,
            one.course.title,
            str(one.provider),
            one.begins_at,
            meetings.get(one.pk, 0),
            tuple(lines[one.pk]),
            one.delivery == Delivery.ONLINE,
            one.city,
            one.place,
            getattr(one, "miles", None),
            one.fee,
            stage_of(one, now),
            one.seats_left,
            one.opens_at,
        )
        for one in found
    ]


@compiled.written(classes=compiled.SOME)
def _lines(classes) -> QuerySet:
    found = ScheduledLine.objects.filter(scheduled_class__in=classes)
    found = found.order_by("area__order", F("topic__order").asc(nulls_last=True))
    return found.values_list("scheduled_class", "hours", Coalesce("topic__name", "area__name"))


@compiled.written(classes=compiled.SOME)
def _meetings(classes) -> QuerySet:
    found = ScheduledMeeting.objects.filter(scheduled_class__in=classes).order_by().values("scheduled_class")
    return found.annotate(many=Count("pk")).values_list("scheduled_class", "many")
