"""What officers in reach of a provider still lack this period, beside the seats to come that give such hours.

It is for providers, who see counts and never people: numbers of officers are rounded down to fives, nothing is shown
of fewer than five, nor where fewer than three agencies are in reach. So nobody of a small agency can be told from them,
nor by moving the circle a little and taking one count from another.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q

from clee_portal import clock
from compliance import glance, periods, standings
from compliance.glance import Need, Tally
from compliance.models import Requirement
from compliance.verdict import ZERO
from training import calendar_search
from training.models import Agency, Course, CourseLine, Delivery, Provider, ScheduledClass, ScheduledLine, SourceKind
from training.places import Place, miles_between, place_in, place_of_city

STEP = 5
FEWEST_AGENCIES = 3


class Reach(NamedTuple):
    """The officers in reach: how many agencies, of how many agencies nobody knows where they lie, and the tally; None
    where too few agencies are in it to show anything."""

    agencies: int
    unplaced: int
    tally: Tally | None


class Offer(NamedTuple):
    """Classes to come that give hours of one requirement: how many, the seats left in them, and the hours of these."""

    classes: int = 0
    seats: int = 0
    hours: Decimal = ZERO


class Own(NamedTuple):
    """The provider's course that serves a requirement best: the hours it gives of it, and all its hours."""

    pk: int
    title: str
    hours: Decimal
    whole: Decimal


class Row(NamedTuple):
    """One requirement: how many officers lack hours of it and how many hours, rounded down to fives (None: fewer than
    five officers), what is on offer, and what the provider could plan."""

    requirement: Requirement
    short: int | None
    missing: int | None
    offer: Offer
    own: Own | None


class Line(NamedTuple):
    """Hours of a class or a course, as a requirement looks at them."""

    area: int
    topic: int | None
    delivery: str
    hours: Decimal


def reach(state: glance.Glance, near: Place | None, miles: int) -> Reach:
    """The officers of the agencies within `miles` of a place; of the whole state, each officer once, without one."""
    if near is None:
        return Reach(len(state.places), 0, state.whole if len(state.places) >= FEWEST_AGENCIES else None)
    where = {
        pk: place_in(address) or place_of_city(city)
        for pk, city, address in Agency.objects.order_by().values_list("pk", "city", "address")
    }
    inside, unplaced = [], 0
    for one in state.places:
        if (there := where.get(one.pk)) is None:
            unplaced += 1
        elif miles_between(near, there) <= miles:
            inside.append(one)
    tally = glance.together(one.tally for one in inside) if len(inside) >= FEWEST_AGENCIES else None
    return Reach(len(inside), unplaced, tally)


def rounded(count: int | Decimal) -> int:
    """A count rounded down to fives."""
    return int(count) // STEP * STEP


def rows(provider: Provider, near: Place | None, miles: int, now: dt.datetime) -> tuple[Reach, list[Row]]:
    """Who is in reach, and the requirements of this period, the one most officers lack first.

    A constant number of statements; where everybody stands comes from `glance`, which keeps it until something changes.
    """
    today = clock.day_of(now)
    period = periods.by_year(today.year)
    requirements = standings.question(period, clock.end_of_day(today)).requirements
    found = reach(glance.state(today), near, miles)
    offers = _offers(requirements, near, miles, now, period.ends_on)
    own = _own(requirements, provider)
    told = []
    for one in requirements:
        need = found.tally.needs.get(one.code, Need()) if found.tally else Need()
        is_shown = need.short >= STEP
        told.append(
            Row(
                one,
                rounded(need.short) if is_shown else None,
                rounded(need.missing) if is_shown else None,
                offers[one.code],
                own.get(one.code),
            )
        )
    return found, sorted(told, key=lambda row: (-(row.short or 0), row.requirement.order))


def gives(requirement: Requirement, lines: Iterable[Line]) -> Decimal:
    """How many hours of a licensed provider's lines count to a requirement."""
    if requirement.source_kinds and SourceKind.APPROVED_PROVIDER not in requirement.source_kinds:
        return ZERO
    return sum(
        (
            one.hours
            for one in lines
            if requirement.area_id in (None, one.area)
            and requirement.topic_id in (None, one.topic)
            and not (requirement.in_person_only and one.delivery != Delivery.CLASSROOM)
        ),
        ZERO,
    )


def _offers(
    requirements: Sequence[Requirement], near: Place | None, miles: int, now: dt.datetime, last: dt.date
) -> dict[str, Offer]:
    """Requirement -> what all providers offer in reach from now to the last day of the period, online classes included.
    One statement."""
    classes = (
        ScheduledClass.objects.open_to_all(clock.day_of(now))
        .filter(
            Q(closes_at=None) | Q(closes_at__gt=now),
            begins_at__gt=now,
            ends_at__lte=clock.midnight_after(last),
            seats_taken__lt=F("capacity"),
        )
        .exclude(course__in=Course.objects.refused_as_of(now).values("pk"))
    )
    if near is not None:
        classes = classes.annotate(miles=calendar_search.distance(near)).filter(
            Q(delivery=Delivery.ONLINE) | Q(miles__lte=miles)
        )
    lines: dict[int, list[Line]] = defaultdict(list)
    seats: dict[int, int] = {}
    found = ScheduledLine.objects.filter(scheduled_class__in=classes.order_by().values("pk")).order_by()
    of = ("scheduled_class__delivery", "hours", "scheduled_class__capacity", "scheduled_class__seats_taken")
    for pk, area, topic, delivery, hours, capacity, taken in found.values_list("scheduled_class", "area", "topic", *of):
        lines[pk].append(Line(area, topic, delivery, hours))
        seats[pk] = capacity - taken
    offers = {}
    for one in requirements:
        giving = {pk: hours for pk, each in lines.items() if (hours := gives(one, each))}
        offers[one.code] = Offer(
            len(giving), sum(seats[pk] for pk in giving), sum((seats[pk] * giving[pk] for pk in giving), ZERO)
        )
    return offers


def _own(requirements: Sequence[Requirement], provider: Provider) -> dict[str, Own]:
    """Requirement -> the provider's shortest course that gives all that is asked, else the one that gives most of it;
    those that none gives are left out. One statement."""
    lines: dict[tuple[int, str], list[Line]] = defaultdict(list)
    found = CourseLine.objects.filter(course__in=Course.objects.current().filter(provider=provider).values("pk"))
    of = ("course", "course__title", "area", "topic", "course__delivery", "hours")
    for pk, title, *line in found.order_by("course__title", "course").values_list(*of):
        lines[pk, title].append(Line(*line))
    best: dict[str, Own] = {}
    for one in requirements:
        able = [
            Own(pk, title, hours, sum((line.hours for line in each), ZERO))
            for (pk, title), each in lines.items()
            if (hours := gives(one, each))
        ]
        if able:
            best[one.code] = max(able, key=lambda own: (min(own.hours, one.minimum), -own.whole))
    return best
