"""Credit given in a class: each officer's record and its lines, counted or not, new or in place of an older one."""

from collections.abc import Mapping, Sequence

from clee_portal.accounts.models import User
from training import access, hours
from training.hours import Line
from training.models import CreditLine, TrainingClass, TrainingRecord
from training.services import duplicates
from training.services.duplicates import Entry, NotCounted, Twin


def give(
    *,
    by: User | None,
    held: TrainingClass,
    attendances: Sequence,
    lines: Sequence[Line],
    old: Mapping[int, TrainingRecord] | None = None,
) -> list[TrainingRecord]:
    """Record everyone of `attendances` in the class, with `lines` where they have none of their own; return that.

    `old` are records, by officer id, that these stand for: one kept as other training stays so, and one that made up an
    earlier year still does, if it was completed no later. The caller has locked the officers and voided the old ones.
    A constant number of statements for each credited year.
    """
    old = old or {}
    years = {one.officer.pk: _year(held, old.get(one.officer.pk)) for one in attendances}
    credit = {
        one.officer.pk: Entry(one.role, hours.total(lines if one.lines is None else one.lines)) for one in attendances
    }
    twins: dict[int, Twin] = {}
    for year in sorted(set(years.values())):
        entries = {pk: entry for pk, entry in credit.items() if years[pk] == year}
        twins |= duplicates.found(held.course, held.course.title, held.ends_on, entries, year, besides=held)
    records = TrainingRecord.objects.bulk_create(
        TrainingRecord(
            officer=one.officer,
            training_class=held,
            completed_on=held.ends_on,
            credited_year=years[one.officer.pk],
            role=one.role,
            source_kind=held.course.source_kind,
            delivery=held.delivery,
            recorded_by=by,
            replaces=old.get(one.officer.pk),
            **_counted(by, twins.get(one.officer.pk), one.kept_because, old.get(one.officer.pk)),
        )
        for one in attendances
    )
    CreditLine.objects.bulk_create(
        CreditLine(record=given, area=line.area, topic=line.topic, hours=line.hours)
        for given, one in zip(records, attendances, strict=True)
        for line in (lines if one.lines is None else one.lines)
    )
    return records


def _year(held: TrainingClass, old: TrainingRecord | None) -> int:
    own = held.ends_on.year
    if old is None or old.credited_year == old.completed_on.year or old.completed_on.year != own:
        return own
    return old.credited_year if held.ends_on <= old.completed_on else own


def _counted(by: User | None, twin: Twin | None, kept_because: str, old: TrainingRecord | None) -> dict:
    """The fields that say whether a record counts. That a course counts twice in a period is POST's alone to say."""
    why = " ".join(kept_because.split())
    if twin and twin.why is NotCounted.REPEAT and not access.can_review_courses(by):
        why = ""
    why = why or (old.kept_because if old else "")
    if twin and why:
        return {"kept_because": why}
    return duplicates.not_counted_for(twin)
