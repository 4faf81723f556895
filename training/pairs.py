"""Entries that look like one training: the same officer, day, and course or title, within an hour. Rulebook 11, 19."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from clee_portal import clock
from training.models import Agency, Course, Officer, TrainingRecord
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


def concerning(agency: Agency, day: dt.date) -> Q:
    """Records of officers commissioned at `agency` on `day`, and of classes it reported."""
    return Q(officer__in=Officer.ids_at_agencies([agency.pk], day)) | Q(training_class__reported_by_agency=agency)


def both_counted(
    *, agency: Agency | None = None, day: dt.date | None = None, since: dt.date | None = None, of_course=None
) -> list[Pair]:
    """Pairs of which both are counted and neither was kept as other training, the latest first. Two statements.

    Of one agency (as of `day`), or with an entry of the course `of_course`; completed on `since` or later.
    """
    refused = Course.objects.refused_as_of(clock.END_OF_TIME).values("pk")
    counted = TrainingRecord.objects.live().filter(not_counted="", kept_because="")
    counted = counted.exclude(training_class__course__in=refused)
    if since:
        counted = counted.filter(completed_on__gte=since)
    same_day = counted.filter(officer=OuterRef("officer"), completed_on=OuterRef("completed_on")).exclude(
        pk=OuterRef("pk")
    )
    concerned = Q()
    if agency:
        concerned &= concerning(agency, day or clock.today())
    if of_course:
        concerned &= Q(training_class__course=of_course)
    those = list(counted.filter(concerned).filter(Exists(same_day)).values_list("pk", "officer", "completed_on"))
    if not those:
        return []
    mine = {pk for pk, *_ in those}
    days: dict[tuple, list[TrainingRecord]] = {}
    candidates = entries().filter(pk__in=counted.values("pk"), officer__in={officer for _, officer, _ in those})
    for one in candidates.filter(completed_on__in={day for *_, day in those}):
        days.setdefault((one.officer_id, one.completed_on), []).append(one)
    found = []
    for together in days.values():
        together.sort(key=_place)
        for number, second in enumerate(together):
            first = next((one for one in together[:number] if are_alike(one, second)), None)
            if first and mine & {first.pk, second.pk}:
                found.append(Pair(first, second))
    return sorted(found, key=lambda pair: (pair.second.completed_on, pair.second.pk), reverse=True)


def _place(one: TrainingRecord) -> tuple[int, int]:
    """Who goes first: the source, then the class that was recorded first."""
    return rank(one.source_kind), one.training_class_id


def are_alike(one: TrainingRecord, other: TrainingRecord) -> bool:
    """Whether two entries (with `credit`) of one officer and day are one training."""
    mine, its = one.training_class.course, other.training_class.course
    is_same = mine.pk == its.pk or title_key(mine.title) == title_key(its.title)
    return is_same and is_same_credit(one.credit or Decimal(0), other.credit or Decimal(0))


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
