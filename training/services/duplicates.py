"""Entries that are kept but give no hours: duplicates of another entry, and repeats of a course in one period."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, Q, Sum, Value, When

from clee_portal import clock, compiled
from clee_portal.accounts.models import User
from clee_portal.compiled import Statement
from clee_portal.refusal import Refused
from training import access
from training.models import Course, CreditLine, Officer, TrainingClass, TrainingRecord
from training.repeats import goes_before, is_same_credit, rank, title_key
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

    def yields_to(self, source_kind: str) -> bool:
        """Whether it is the same training, and an entry of this source is the one that counts."""
        return self.why is NotCounted.DUPLICATE and goes_before(source_kind, self.record.source_kind)


class Kept(NamedTuple):
    """Beside which kind of thing a record is kept as other training, and why."""

    why: NotCounted
    reason: str


def found(
    course: Course | None,
    title: str,
    completed_on: dt.date,
    entries: Mapping[int, Entry],
    year: int | None = None,
    besides: TrainingClass | None = None,
    whys: Collection[NotCounted] = tuple(NotCounted),
) -> dict[int, Twin]:
    """Officer id -> the counted record that an entry of this course on this day repeats. One statement.

    A duplicate is the same officer, day, and course or title, with credit differing by at most an hour: it is counted
    once, and in-service yields to the entry that is there. What was refused takes no credit from another course, but of
    one course, refused or not, one entry a day is counted, as the database demands. A repeat is a student's second
    record of one course in one period (`year`, else the year of completion); an instructor's count each time. Records
    of the class `besides` are left out: those that are judged again. Only what is one of `whys` is looked for.
    """
    if not entries:
        return {}
    year = year or completed_on.year
    values = {"officers": entries, "completed_on": completed_on}
    if course is not None:
        values |= {"course": course.pk, "year": year}
    if besides is not None:
        values["besides"] = besides.pk
    records = _near(is_of_course=course is not None, is_beside=besides is not None).objects(**values)
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
        if why not in whys:
            continue
        twin = Twin(why, record)
        if record.officer_id not in twins or _place(twin) < _place(twins[record.officer_id]):
            twins[record.officer_id] = twin
    return twins


@lru_cache(maxsize=4)
def _near(*, is_of_course: bool, is_beside: bool) -> Statement:
    """Counted records of some officers, completed on a day or of a course in a year: what an entry may repeat."""
    places = {"officers": compiled.SOME, "completed_on": compiled.FIRST_DAY}
    if is_of_course:
        places |= {"course": compiled.NUMBER, "year": compiled.YEAR}
    if is_beside:
        places["besides"] = compiled.ANOTHER
    refused = Course.objects.refused_as_of(clock.END_OF_TIME)
    again = Q(course=compiled.NUMBER, credited_year=compiled.YEAR, role=Role.STUDENT) if is_of_course else Q(pk=None)
    records = (
        TrainingRecord.objects.live()
        .filter(Q(completed_on=compiled.FIRST_DAY) | again, officer__in=[compiled.SOME], not_counted="")
        .exclude(Q(course__in=refused) & ~Q(course=places.get("course")))
        .exclude(training_class=places.get("besides"))
        .select_related("training_class__course__agency", "training_class__course__provider")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    return Statement(records, places)


def kept_beside(records: Iterable[TrainingRecord]) -> dict[int, Kept]:
    """Officer id -> what each of `records` that is kept with a reason is kept beside, as things are.

    The records are of one class and officer by officer. Nothing where there is no such thing any more. A constant
    number of statements for each credited year.
    """
    kept = [one for one in records if one.kept_because]
    credit = (
        dict(
            CreditLine.objects.filter(record__in=[one.pk for one in kept])
            .values("record")
            .annotate(total=Sum("hours"))
            .values_list("record", "total")
        )
        if kept
        else {}
    )
    beside: dict[int, Kept] = {}
    for year in sorted({one.credited_year for one in kept}):
        together = {one.officer_id: one for one in kept if one.credited_year == year}
        held, day = kept[0].training_class, kept[0].completed_on
        entries = {pk: Entry(one.role, credit.get(one.pk, Decimal(0))) for pk, one in together.items()}
        for pk, twin in found(held.course, held.course.title, day, entries, year, besides=held).items():
            beside[pk] = Kept(twin.why, together[pk].kept_because)
    return beside


def _place(twin: Twin) -> tuple[bool, int, bool]:
    """Duplicates before repeats, among them the source that goes first, and what was kept as other training last."""
    return twin.why is not NotCounted.DUPLICATE, rank(twin.record.source_kind), bool(twin.record.kept_because)


def _repeats(record: TrainingRecord, entry: Entry) -> bool:
    return record.role == Role.STUDENT and entry.role == Role.STUDENT


def count_again(*, by: User | None, voided: TrainingClass) -> int:
    """After `voided` was undone: judge again the records that gave no hours only because they repeated it.

    Each is voided and recorded anew; one that repeats yet another record stays as it is, its note renewed. Returns how
    many. Constant number of statements for each class concerned.
    """
    waiting = TrainingRecord.objects.filter(twin__training_class=voided)
    return judge_again(by=by, records=waiting, reason=f"{voided.reference} was undone: this entry is judged again")


def let_go(*, by: User | None, records: Iterable[int], reason: str) -> int:
    """After `records` (ids) were voided: judge again what gave no hours only because it repeated one of them."""
    return judge_again(by=by, records=TrainingRecord.objects.filter(twin__in=list(records)), reason=reason)


def judge_again(*, by: User | None, records, reason: str) -> int:
    """Judge the live records among `records` (a QuerySet) as if they were entered now, each beside what is counted.

    A record that is kept as a real repeat is judged like any other. An entry that goes before the one counted so far
    takes its place. Returns how many were judged. The caller has locked the officers.
    """
    waiting = list(
        records.live()
        .select_related("training_class__course", "twin")
        .annotate(credit=Sum("lines__hours"))
        .order_by("pk")
    )
    by_class: dict[tuple[int, int], list[TrainingRecord]] = {}
    for record in waiting:
        by_class.setdefault((record.training_class_id, _year_of_credit(record)), []).append(record)
    for (_, year), together in by_class.items():
        _judge(by, together, year, reason)
    return len(waiting)


def _year_of_credit(record: TrainingRecord) -> int:
    """The year its hours count in: that of the entry that was counted for it, whose make-up credit it takes over."""
    is_for_another = record.not_counted == NotCounted.DUPLICATE and record.twin_id
    return record.twin.credited_year if is_for_another else record.credited_year


def _judge(by: User | None, records: list[TrainingRecord], year: int, reason: str) -> None:
    held = records[0].training_class
    entries = {record.officer_id: Entry(record.role, record.credit or Decimal(0)) for record in records}
    twins = found(held.course, held.course.title, records[0].completed_on, entries, year, besides=held)
    changes, ahead = {}, {}
    for old in records:
        twin, credited = twins.get(old.officer_id), year
        if twin and twin.yields_to(old.source_kind):
            ahead[old.pk], twin, credited = twin.record, None, twin.record.credited_year
        changes[old.pk] = not_counted_for(twin) | {"kept_because": "", "credited_year": credited}
    anew = renew(by=by, records=records, reason=reason, changes=changes)
    give_way(by=by, to={record: anew[pk] for pk, record in ahead.items()}, reference=held.reference)


def not_counted_for(twin: Twin | None) -> dict:
    """The fields of a record that is not counted because of `twin`; of a counted one where there is none."""
    return {
        "not_counted": twin.why if twin else "",
        "not_counted_note": twin.note if twin else "",
        "twin_id": twin.record.pk if twin else None,
    }


def give_way(*, by: User | None, to: Mapping[TrainingRecord, TrainingRecord], reference: str) -> None:
    """Counted records give way to entries (of the class `reference`) that go before them: kept, no longer counted."""
    if not to:
        return
    note = f"Counted once, as {reference}"
    anew = renew(
        by=by,
        records=list(to),
        reason="An entry that goes before it was recorded: that one is counted, this one is kept beside it",
        changes={
            one.pk: {
                "not_counted": NotCounted.DUPLICATE,
                "not_counted_note": note,
                "twin_id": first.pk,
                "kept_because": "",
            }
            for one, first in to.items()
        },
    )
    # What yielded to those that gave way yields to the same entry now.
    places = {anew[one.pk].pk: first.pk for one, first in to.items()}
    TrainingRecord.objects.live().filter(twin__in=list(places)).update(
        twin=Case(*(When(twin=old, then=Value(new)) for old, new in places.items())), not_counted_note=note
    )


def _locked(by: User | None, record: TrainingRecord) -> TrainingRecord:
    """The live record with its officer locked, if `by` may settle it. Raises `Refused`."""
    Officer.objects.select_for_update(no_key=True).get(pk=record.officer_id)
    one = TrainingRecord.objects.select_related("training_class__course").get(pk=record.pk)
    if one.voided_at:
        raise Refused("This entry was changed meanwhile. Look at the list again.")
    if not access.can_settle(by, one):
        raise Refused(
            "Only POST can count a course twice in one period."
            if one.not_counted == NotCounted.REPEAT
            else "Only the agency that reported this entry, or POST, can settle it."
        )
    return one


@transaction.atomic
def keep(*, by: User | None, record: TrainingRecord, reason: str) -> TrainingRecord:
    """Count `record` although another is like it: a real repeat, kept with the reason. Returns the record anew.

    Raises `Refused`.
    """
    one = _locked(by, record)
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why both count.", field="reason")
    if one.kept_because == reason:
        return one
    change = not_counted_for(None) | {"kept_because": reason}
    return renew(by=by, records=[one], reason=f"Kept as other training: {reason}", changes={one.pk: change})[one.pk]


def standing_for(record: TrainingRecord) -> TrainingRecord | None:
    """The entry that stands for `record` now: itself, or the one it was recorded anew as; None where it is gone."""
    while record is not None and record.voided_at:
        record = record.replaced_by.select_related("training_class__course").first()
    return record


def twin_of(record: TrainingRecord) -> TrainingRecord | None:
    """The counted record that `record` repeats, whether it is settled or not; None where there is none."""
    credit = record.lines.aggregate(credit=Sum("hours"))["credit"] or Decimal(0)
    held, entries = record.training_class, {record.officer_id: Entry(record.role, credit)}
    twins = found(held.course, held.course.title, record.completed_on, entries, record.credited_year, besides=held)
    return twins[record.officer_id].record if twins else None


@transaction.atomic
def count_once(*, by: User | None, record: TrainingRecord) -> TrainingRecord:
    """Count `record` and its twin once, the entry that goes first; takes back that it was kept. Returns it anew.

    Raises `Refused` where there is nothing it repeats.
    """
    one = _locked(by, record)
    if one.not_counted:
        return one
    if not twin_of(one):
        raise Refused("There is no other entry of this training any more: it counts.")
    judge_again(by=by, records=TrainingRecord.objects.filter(pk=one.pk), reason="Another entry of it: counted once")
    return TrainingRecord.objects.get(replaces=one.pk)
