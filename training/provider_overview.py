"""A provider's own view of a span of its calendar: seats and who took them, who stayed away, what people thought of it,
who has no credit yet. A constant number of statements, whatever the number of classes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Avg, Count, DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from clee_portal import clock
from training.models import (
    AttendanceMark,
    ClassEvaluation,
    Course,
    Delivery,
    NotCompleted,
    Provider,
    Registration,
    ScheduledClass,
    ScheduledLine,
    TrainingRecord,
)

# From so many answers on it cannot be told who said what: fewer are shown to nobody.
ENOUGH_ANSWERS = 5
State = Registration.State


class Grades(NamedTuple):
    """How many people evaluated a class, and what they gave on average, 1 to 5; None while they are too few."""

    answers: int = 0
    content: float | None = None
    instruction: float | None = None
    usefulness: float | None = None

    @property
    def is_shown(self) -> bool:
        """Whether enough people answered."""
        return self.content is not None

    @property
    def overall(self) -> float | None:
        """All three questions together."""
        return (self.content + self.instruction + self.usefulness) / 3 if self.is_shown else None


class Held(NamedTuple):
    """One class of the span: its seats, who did not come, and what is left to do."""

    scheduled: ScheduledClass
    hours: Decimal
    is_over: bool
    late: int = 0  # seats given back late
    waiting: int = 0  # on the wait-list, or left on it
    no_shows: int = 0
    uncredited: int = 0  # came by the marks of the door, with neither credit nor “not completed”
    grades: Grades = Grades()

    @property
    def is_confirmed(self) -> bool:
        """Whether it was said who completed it."""
        return self.scheduled.training_class_id is not None

    @property
    def share(self) -> int:
        """Seats taken, in percent."""
        return self.scheduled.seats_taken * 100 // self.scheduled.capacity


class Whole(NamedTuple):
    """Classes added up."""

    classes: int
    capacity: int
    taken: int
    late: int
    waiting: int
    no_shows: int
    confirmed: int
    grades: Grades

    @property
    def share(self) -> int | None:
        """Seats taken, in percent; None without a seat."""
        return self.taken * 100 // self.capacity if self.capacity else None


class OfCourse(NamedTuple):
    """A course and its classes in the span, added up."""

    course: Course
    whole: Whole


def classes_of(provider: Provider, since: dt.date, until: dt.date, course: Course | None = None) -> QuerySet:
    """The classes of a provider that begin in a span of days (inclusive) and were published, called-off ones too."""
    found = ScheduledClass.objects.published().filter(
        provider=provider,
        begins_at__gte=dt.datetime.combine(since, dt.time(), clock.CHICAGO),
        begins_at__lte=clock.end_of_day(until),
    )
    return found.filter(course=course) if course else found


def held(classes: QuerySet[ScheduledClass], now: dt.datetime) -> list[Held]:
    """Those of `classes` that were not called off, the last first. Three statements."""
    lines = ScheduledLine.objects.filter(scheduled_class=OuterRef("pk")).order_by().values("scheduled_class")
    credit = Coalesce(
        Subquery(lines.annotate(whole=Sum("hours")).values("whole")), Value(0), output_field=DecimalField()
    )
    rows = list(
        classes.filter(state=ScheduledClass.State.PUBLISHED)
        .select_related("course", "training_class")
        .annotate(credit=credit)
        .order_by("-begins_at", "-pk")
    )
    counted, graded = _registrations(rows), _grades(rows)
    return [
        Held(one, one.credit, one.ends_at <= now, *counted.get(one.pk, ()), grades=graded.get(one.pk, Grades()))
        for one in rows
    ]


def _registrations(classes: Sequence[ScheduledClass]) -> dict[int, tuple[int, int, int, int]]:
    """Class -> given back late, waiting, no-shows, came and without credit. One statement."""
    of = {"training_class": OuterRef("scheduled_class__training_class"), "officer": OuterRef("officer")}
    told = Exists(TrainingRecord.objects.live().filter(**of)) | Exists(NotCompleted.objects.live().filter(**of))
    came = Exists(AttendanceMark.objects.live().filter(registration=OuterRef("pk"), kind=AttendanceMark.Kind.IN))
    untold = Q(state=State.REGISTERED, scheduled_class__training_class__isnull=False, is_told=False)
    rows = (
        Registration.objects.filter(scheduled_class__in=[one.pk for one in classes])
        .order_by()
        .annotate(is_told=told, came=came)
        .values("scheduled_class")
        .annotate(
            late=Count("pk", filter=Q(state=State.CANCELLED, was_late=True)),
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            no_shows=Count("pk", filter=untold & Q(came=False)),
            uncredited=Count("pk", filter=untold & Q(came=True)),
        )
    )
    return {row["scheduled_class"]: (row["late"], row["waiting"], row["no_shows"], row["uncredited"]) for row in rows}


def _grades(classes: Sequence[ScheduledClass]) -> dict[int, Grades]:
    """Class -> what people thought of it; averages only where enough answered. One statement."""
    rows = (
        ClassEvaluation.objects.filter(scheduled_class__in=[one.pk for one in classes])
        .order_by()
        .values("scheduled_class")
        .annotate(
            answers=Count("pk"),
            content_=Avg("content"),
            instruction_=Avg("instruction"),
            usefulness_=Avg("usefulness"),
        )
    )
    found = {}
    for row in rows:
        averages = (float(row["content_"]), float(row["instruction_"]), float(row["usefulness_"]))
        found[row["scheduled_class"]] = Grades(row["answers"], *(averages if row["answers"] >= ENOUGH_ANSWERS else ()))
    return found


def comments(classes: Iterable[Held]) -> list[tuple[Held, list[str]]]:
    """Classes that enough people evaluated, with what they wrote, in no order. One statement."""
    shown = {one.scheduled.pk: one for one in classes if one.grades.is_shown}
    said: dict[int, list[str]] = defaultdict(list)
    rows = ClassEvaluation.objects.filter(scheduled_class__in=shown).exclude(comment="").order_by("key")
    for pk, comment in rows.values_list("scheduled_class", "comment"):
        said[pk].append(comment)
    return [(one, said[pk]) for pk, one in shown.items()]


def together(classes: Sequence[Held]) -> Whole:
    """Classes added up. Answers of a class that too few evaluated are in no average: nothing can be worked out by
    taking one from another."""
    shown = [one.grades for one in classes if one.grades.is_shown]
    answers = sum(one.answers for one in shown)

    def average(name: str) -> float:
        return sum(getattr(one, name) * one.answers for one in shown) / answers

    averages = [average(name) for name in ("content", "instruction", "usefulness")] if answers else []
    return Whole(
        len(classes),
        sum(one.scheduled.capacity for one in classes),
        sum(one.scheduled.seats_taken for one in classes),
        sum(one.late for one in classes),
        sum(one.waiting for one in classes),
        sum(one.no_shows for one in classes),
        sum(one.is_confirmed for one in classes),
        Grades(sum(one.grades.answers for one in classes), *averages),
    )


def by_course(classes: Sequence[Held]) -> list[OfCourse]:
    """The courses of the span, the least filled first."""
    found: dict[int, list[Held]] = defaultdict(list)
    for one in classes:
        found[one.scheduled.course_id].append(one)
    rows = [OfCourse(each[0].scheduled.course, together(each)) for each in found.values()]
    return sorted(rows, key=lambda row: (row.whole.share, row.course.title, row.course.pk))


def away(classes: Iterable[Held], provider: Provider) -> tuple[Decimal, Decimal, bool]:
    """Live hours of the span, those of them away from the provider's main center, and whether any class was computer-
    based. Away is a city that the provider's address does not name; 11 CSR 75-15.030."""
    address = f" {' '.join(''.join(sign if sign.isalnum() else ' ' for sign in provider.address).lower().split())} "
    live = elsewhere = Decimal(0)
    is_online = False
    for one in classes:
        if one.scheduled.delivery != Delivery.CLASSROOM:
            is_online = True
            continue
        live += one.hours
        city = " ".join("".join(sign if sign.isalnum() else " " for sign in one.scheduled.city).lower().split())
        if city and f" {city} " not in address:
            elsewhere += one.hours
    return live, elsewhere, is_online
