"""Entries that look like one training: the same officer, day, and course or title, within an hour. Rulebook 11, 19."""

import datetime as dt
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum, Window

from clee_portal import clock, compiled
from clee_portal.history import versions
from training.bodies import Body, is_provider
from training.models import Course, CourseReview, CreditLine, Officer, TrainingClass, TrainingRecord
from training.repeats import is_same_credit, rank, title_key

Role = TrainingRecord.Role


class Pair(NamedTuple):
    """Two entries of one officer. `second` is the one to settle: it gives way to `first`, or is kept beside it."""

    first: TrainingRecord | None
    second: TrainingRecord


def entries() -> QuerySet[TrainingRecord]:
    """Records with what a page of pairs says of them."""
    return TrainingRecord.objects.select_related(
        "officer",
        "training_class__reported_by_agency",
        "training_class__course__agency",
        "training_class__course__provider",
    ).annotate(credit=Sum("lines__hours"))


def concerning(body: Body, day: dt.date) -> Q:
    """Records of classes the body reported, and of officers commissioned at it on `day` where it is an agency."""
    if is_provider(body):
        return Q(training_class__reported_by_agency=None, training_class__course__provider=body)
    agency = body
    return Q(officer__in=Officer.ids_at_agencies([agency.pk], day)) | Q(training_class__reported_by_agency=agency)


def both_counted(
    *, body: Body | None = None, day: dt.date | None = None, since: dt.date | None = None, of_course=None
) -> list[Pair]:
    """Pairs of which both are counted and neither was kept as other training, the latest first. Seven statements
    at most.

    Of one body (as of `day`), or with an entry of the course `of_course`; completed on `since` or later.
    """
    day = day or clock.today()
    counted = _counted(since)
    found = keys(since, _officers(counted, body, day, of_course))
    entered = {pk for key in found for pk in (key.first, key.second)}
    concerned = Q(training_class__course=of_course) if of_course else concerning(body, day) if body else Q()
    mine = set(counted.filter(concerned, pk__in=entered).values_list("pk", flat=True)) if entered else set()
    return list(Keyed([key for key in found if mine & {key.first, key.second}]))


def _officers(counted: QuerySet[TrainingRecord], body: Body | None, day: dt.date, of_course) -> set[int] | None:
    """Ids of whoever may have such a pair; None is everybody. By their ids PostgreSQL finds their records by an index,
    each in a statement of its own: asked for together it would read those of the whole state."""
    if of_course:
        return set(counted.filter(training_class__course=of_course).values_list("officer", flat=True))
    if body is None:
        return None
    if is_provider(body):
        return set(counted.filter(concerning(body, day)).values_list("officer", flat=True))
    reported = counted.filter(training_class__reported_by_agency=body).order_by().distinct()
    here = Officer.ids_at_agencies([body.pk], day).values_list("officer", flat=True)
    return set(here) | set(reported.values_list("officer", flat=True))


class Key(NamedTuple):
    """A pair that counts twice, by the ids of its entries; of which officer, when the second was recorded."""

    first: int
    second: int
    officer: int
    completed_on: dt.date
    recorded_at: dt.datetime


class Keyed:
    """Pairs of which only those that are asked for are read: something that can be counted and sliced."""

    def __init__(self, keys: Sequence[Key]):
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, part: slice) -> list[Pair]:
        asked = self.keys[part]
        found = entries().in_bulk({pk for key in asked for pk in (key.first, key.second)})
        return [Pair(found[key.first], found[key.second]) for key in asked if {key.first, key.second} <= set(found)]

    def __iter__(self) -> Iterator[Pair]:
        for start in range(0, len(self.keys), 500):
            yield from self[start : start + 500]

    def of(self, officers: Container[int]) -> "Keyed":
        """Those of some officers."""
        return Keyed([key for key in self.keys if key.officer in officers])


def of_state(since: dt.date, *, every: int = 0) -> Keyed:
    """What `both_counted` finds in the whole state, completed on `since` or later; looked for once for each version of
    the facts, or once in so many seconds (`every`)."""
    watched = (TrainingRecord, CreditLine, TrainingClass, Course, CourseReview)
    return Keyed(versions.kept(f"pairs:1:{since.isoformat()}", watched, lambda: keys(since), every=every))


def keys(since: dt.date | None, officers: Collection[int] | None = None) -> list[Key]:
    """The pairs of some officers, or of the whole state, the latest first. Three statements."""
    if officers is None:
        rows = _same_day(since).iterator(chunk_size=20_000)
    else:
        rows = _same_day_of().rows(officers=officers, since=since or dt.date.min) if officers else ()
    days: dict[tuple, list[tuple]] = {}
    for row in rows:
        days.setdefault((row[1], row[2]), []).append(row)
    titles = _titles({row[6] for many in days.values() for row in many})
    same = [[row for row in many if _has_its_like(row, many, titles)] for many in days.values()]
    credit = _credit([row[0] for many in same for row in many])
    found = []
    for many in same:
        many.sort(key=lambda row: (rank(row[4]), row[5]))
        for number, second in enumerate(many):
            first = next((one for one in many[:number] if _is_one_training(one, second, titles, credit)), None)
            if first:
                found.append(Key(first[0], second[0], second[1], second[2], second[3]))
    return sorted(found, key=lambda key: (key.completed_on, key.second), reverse=True)


def _same_day(since: dt.date | None, officers: Collection[int] | None = None) -> QuerySet:
    """Counted records beside which the officer has another of the same day."""
    counted = _counted(since) if officers is None else _counted(since).filter(officer__in=officers)
    of_the_day = Window(Count("pk"), partition_by=[F("officer"), F("completed_on")])
    found = counted.annotate(of_the_day=of_the_day).filter(of_the_day__gt=1).order_by()
    return found.values_list("pk", "officer", "completed_on", "recorded_at", "source_kind", "training_class", "course")


@compiled.written(officers=compiled.SOME, since=compiled.FIRST_DAY)
def _same_day_of(officers, since) -> QuerySet:
    return _same_day(since, officers)


def _titles(courses: Collection[int]) -> dict[int, str]:
    """What the titles of courses are compared by."""
    rows = Course.objects.filter(pk__in=courses).values_list("pk", "title") if courses else ()
    return {pk: title_key(title) for pk, title in rows}


def _has_its_like(row: tuple, many: Sequence[tuple], titles: dict[int, str]) -> bool:
    """Whether another of the day has the same title, whatever the hours."""
    return any(titles[row[6]] == titles[one[6]] for one in many if one[0] != row[0])


def _is_one_training(one: tuple, other: tuple, titles: dict[int, str], credit: dict[int, Decimal]) -> bool:
    return titles[one[6]] == titles[other[6]] and is_same_credit(credit[one[0]], credit[other[0]])


def _credit(pks: Collection[int]) -> dict[int, Decimal]:
    """The hours of records."""
    rows = CreditLine.objects.filter(record__in=pks).order_by().values("record").annotate(credit=Sum("hours"))
    return dict.fromkeys(pks, Decimal(0)) | dict(rows.values_list("record", "credit")) if pks else {}


def _counted(since: dt.date | None):
    counted = TrainingRecord.objects.live().filter(not_counted="", kept_because="").of_no_refused_course()
    return counted.filter(completed_on__gte=since) if since else counted


def _place(one: TrainingRecord) -> tuple[int, int]:
    """Who goes first: the source, then the class that was recorded first."""
    return rank(one.source_kind), one.training_class_id


def are_alike(one: TrainingRecord, other: TrainingRecord) -> bool:
    """Whether two entries (with `credit`) of one officer and day are one training."""
    mine, its = one.training_class.course, other.training_class.course
    is_same_course = mine.pk == its.pk or title_key(mine.title) == title_key(its.title)
    return is_same_course and is_same_credit(one.credit or Decimal(0), other.credit or Decimal(0))


def with_the_other(records: Iterable[TrainingRecord]) -> list[Pair]:
    """Each settled record (of `entries`) beside the one counted instead, or beside which it is kept. One statement.

    The one counted instead is also told where it was voided since.
    """
    records = list(records)
    if not records:
        return []
    kept = [one for one in records if one.kept_because]
    near = Q(voided_at=None, not_counted="", officer__in=[one.officer_id for one in kept]) & (
        Q(completed_on__in=[one.completed_on for one in kept])
        | Q(training_class__course__in=[one.training_class.course_id for one in kept])
    )
    twins = Q(pk__in=[one.twin_id for one in records if one.twin_id])
    others = {one.pk: one for one in entries().filter(twins | near)}
    by_officer: dict[int, list[TrainingRecord]] = {}
    for one in others.values():
        by_officer.setdefault(one.officer_id, []).append(one)
    return [Pair(_other(one, others, by_officer), one) for one in records]


def _other(one: TrainingRecord, others: dict, by_officer: dict) -> TrainingRecord | None:
    if one.twin_id:
        return others.get(one.twin_id)
    near = [other for other in by_officer.get(one.officer_id, ()) if other.pk != one.pk and other.voided_at is None]
    same_day = [other for other in near if other.completed_on == one.completed_on and are_alike(other, one)]
    course = one.training_class.course_id
    again = [
        other for other in near if other.training_class.course_id == course and other.credited_year == one.credited_year
    ]
    return min(same_day or again, key=_place, default=None)
