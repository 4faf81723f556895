"""Entries that are kept but give no hours: duplicates of another entry, and repeats of a course in one period."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from training.models import Course, CreditLine, TrainingClass, TrainingRecord

NotCounted = TrainingRecord.NotCounted
Role = TrainingRecord.Role

# Two entries are one class where their credit differs by at most this (rulebook: duplicates).
SAME_WITHIN = Decimal(1)


class Entry(NamedTuple):
    """What is about to be recorded for one officer."""

    role: str
    hours: Decimal


class Twin(NamedTuple):
    """A record that an entry repeats, and why the entry then gives no hours."""

    why: NotCounted
    record: TrainingRecord

    @property
    def note(self) -> str:
        """What is written on the record that is not counted."""
        return f"Counted once, as {self.record.training_class.reference}"


def found(course: Course | None, title: str, completed_on: dt.date, entries: Mapping[int, Entry]) -> dict[int, Twin]:
    """Officer id -> the counted record that an entry of this course on this day repeats. One statement.

    A duplicate is the same officer, day, and course or title, with credit differing by at most an hour: it is counted
    once, and in-service yields to the entry that is there. A repeat is a student's second record of one course in one
    period; an instructor's count each time.
    """
    same_day = Q(completed_on=completed_on) & Q(training_class__course__title__iexact=title)
    again = Q(pk=None)
    if course is not None:
        same_day |= Q(completed_on=completed_on, training_class__course=course)
        again = Q(training_class__course=course, credited_year=completed_on.year, role=Role.STUDENT)
    records = (
        TrainingRecord.objects.live()
        .filter(same_day | again, officer__in=list(entries), not_counted="")
        .exclude(training_class__course__in=Course.objects.refused_as_of(clock.END_OF_TIME))
        .select_related("training_class__course__agency", "training_class__course__provider")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    twins: dict[int, Twin] = {}
    for record in records:
        entry = entries[record.officer_id]
        if record.completed_on == completed_on and abs((record.credit or 0) - entry.hours) <= SAME_WITHIN:
            why = NotCounted.DUPLICATE
        elif course is not None and record.training_class.course_id == course.pk and _repeats(record, entry):
            why = NotCounted.REPEAT
        else:
            continue
        if record.officer_id not in twins or why is NotCounted.DUPLICATE:
            twins[record.officer_id] = Twin(why, record)
    return twins


def _repeats(record: TrainingRecord, entry: Entry) -> bool:
    return record.role == Role.STUDENT and entry.role == Role.STUDENT


def count_again(*, by: User | None, voided: TrainingClass) -> int:
    """After `voided` was undone: count the records that gave no hours only because they repeated it. Returns how many.

    Each is voided and recorded anew; one that repeats yet another record stays as it is, its note renewed. Constant
    number of statements for each class concerned.
    """
    note = f"Counted once, as {voided.reference}"
    waiting = list(
        TrainingRecord.objects.live()
        .filter(not_counted__in=NotCounted.values, not_counted_note=note)
        .select_related("training_class__course")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    by_class: dict[int, list[TrainingRecord]] = {}
    for record in waiting:
        by_class.setdefault(record.training_class_id, []).append(record)
    with history.because(f"{voided.reference} was undone, of which these were repeats"):
        for records in by_class.values():
            _record_anew(by, records, reason=f"{voided.reference} was undone: this entry is judged again")
    return len(waiting)


def _record_anew(by: User | None, records: list[TrainingRecord], reason: str) -> None:
    course = records[0].training_class.course
    entries = {record.officer_id: Entry(record.role, record.credit or Decimal(0)) for record in records}
    twins = found(course, course.title, records[0].completed_on, entries)
    TrainingRecord.objects.filter(pk__in=[record.pk for record in records]).update(
        voided_at=Now(), voided_by=by, void_reason=reason
    )
    anew = TrainingRecord.objects.bulk_create(
        TrainingRecord(
            officer_id=old.officer_id,
            training_class_id=old.training_class_id,
            completed_on=old.completed_on,
            credited_year=old.credited_year,
            role=old.role,
            source_kind=old.source_kind,
            delivery=old.delivery,
            recorded_by=by,
            replaces=old,
            not_counted=twins[old.officer_id].why if old.officer_id in twins else "",
            not_counted_note=twins[old.officer_id].note if old.officer_id in twins else "",
        )
        for old in records
    )
    new_of = {record.replaces_id: record.pk for record in anew}
    lines = CreditLine.objects.filter(record__in=[record.pk for record in records])
    CreditLine.objects.bulk_create(
        CreditLine(record_id=new_of[old], area_id=area, topic_id=topic, hours=hours)
        for old, area, topic, hours in lines.values_list("record", "area", "topic", "hours").order_by(F("pk"))
    )
