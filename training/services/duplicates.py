"""Entries that are kept but give no hours: duplicates of another entry, and repeats of a course in one period."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Sum

from clee_portal import clock, history
from clee_portal.accounts.models import User
from training.models import Course, TrainingClass, TrainingRecord
from training.repeats import is_same_credit, rank, title_key
from training.services.renewal import renew

NotCounted = TrainingRecord.NotCounted
Role = TrainingRecord.Role


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


def found(
    course: Course | None, title: str, completed_on: dt.date, entries: Mapping[int, Entry], year: int | None = None
) -> dict[int, Twin]:
    """Officer id -> the counted record that an entry of this course on this day repeats. One statement.

    A duplicate is the same officer, day, and course or title, with credit differing by at most an hour: it is counted
    once, and in-service yields to the entry that is there. A repeat is a student's second record of one course in one
    period (`year`, else the year of completion); an instructor's count each time.
    """
    year = year or completed_on.year
    again = Q(pk=None)
    if course is not None:
        again = Q(training_class__course=course, credited_year=year, role=Role.STUDENT)
    records = (
        TrainingRecord.objects.live()
        .filter(Q(completed_on=completed_on) | again, officer__in=list(entries), not_counted="")
        .exclude(training_class__course__in=Course.objects.refused_as_of(clock.END_OF_TIME))
        .select_related("training_class__course__agency", "training_class__course__provider")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    key, twins = title_key(title), {}
    for record in records:
        entry, held_course = entries[record.officer_id], record.training_class.course
        is_same_course = course is not None and held_course.pk == course.pk
        is_same = is_same_course or title_key(held_course.title) == key
        is_same_day = is_same and record.completed_on == completed_on
        if is_same_day and is_same_credit(record.credit or Decimal(0), entry.hours):
            why = NotCounted.DUPLICATE
        elif is_same_course and record.credited_year == year and _repeats(record, entry):
            why = NotCounted.REPEAT
        else:
            continue
        twin = Twin(why, record)
        if record.officer_id not in twins or _place(twin) < _place(twins[record.officer_id]):
            twins[record.officer_id] = twin
    return twins


def _place(twin: Twin) -> tuple[bool, int]:
    """Duplicates before repeats, and among them the source that goes first."""
    return twin.why is not NotCounted.DUPLICATE, rank(twin.record.source_kind)


def _repeats(record: TrainingRecord, entry: Entry) -> bool:
    return record.role == Role.STUDENT and entry.role == Role.STUDENT


def count_again(*, by: User | None, voided: TrainingClass) -> int:
    """After `voided` was undone: count the records that gave no hours only because they repeated it. Returns how many.

    Each is voided and recorded anew; one that repeats yet another record stays as it is, its note renewed. Constant
    number of statements for each class concerned.
    """
    waiting = list(
        TrainingRecord.objects.live()
        .filter(twin__training_class=voided)
        .select_related("training_class__course")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    by_class: dict[tuple[int, int], list[TrainingRecord]] = {}
    for record in waiting:
        by_class.setdefault((record.training_class_id, record.credited_year), []).append(record)
    with history.because(f"{voided.reference} was undone, of which these were repeats"):
        for records in by_class.values():
            _record_anew(by, records, reason=f"{voided.reference} was undone: this entry is judged again")
    return len(waiting)


def _record_anew(by: User | None, records: list[TrainingRecord], reason: str) -> None:
    course = records[0].training_class.course
    entries = {record.officer_id: Entry(record.role, record.credit or Decimal(0)) for record in records}
    twins = found(course, course.title, records[0].completed_on, entries, records[0].credited_year)
    changes = {}
    for old in records:
        twin = twins.get(old.officer_id)
        changes[old.pk] = {
            "not_counted": twin.why if twin else "",
            "not_counted_note": twin.note if twin else "",
            "twin_id": twin.record.pk if twin else None,
        }
    renew(by=by, records=records, reason=reason, changes=changes)
