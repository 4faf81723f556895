"""Credit given in a class: each officer's record and its lines, counted or not, new or in place of an older one."""

from collections.abc import Mapping, Sequence

from clee_portal.accounts.models import User
from training import access, hours, making_up
from training.hours import Line
from training.models import CreditLine, TrainingClass, TrainingRecord
from training.services import duplicates, news
from training.services.duplicates import Entry, Kept, NotCounted, Twin


def give(
    *,
    by: User | None,
    held: TrainingClass,
    attendances: Sequence,
    lines: Sequence[Line],
    old: Mapping[int, TrainingRecord] | None = None,
    is_told: bool = True,
) -> list[TrainingRecord]:
    """Record everyone of `attendances` in the class, with `lines` where they have none of their own; return that.

    `old` are records of one class, by officer id, that these stand for: one kept as other training stays so beside the
    same kind of thing, and one that made up an earlier year still does where the day allows it (`making_up`). The
    caller has locked the officers and voided the old ones. A constant number of statements for each credited year.
    `is_told` is false where it is tried and taken back: nobody is written to, and nobody waits for the outbox.
    """
    old = old or {}
    made_up = making_up.stays(old.values(), held.ends_on)
    years = {one.officer.pk: made_up.get(one.officer.pk, held.ends_on.year) for one in attendances}
    credit = {
        one.officer.pk: Entry(one.role, hours.total(lines if one.lines is None else one.lines)) for one in attendances
    }
    twins: dict[int, Twin] = {}
    for year in sorted(set(years.values())):
        entries = {pk: entry for pk, entry in credit.items() if years[pk] == year}
        twins |= duplicates.found(held.course, held.course.title, held.ends_on, entries, year, besides=held)
    # What is the same training and goes after this class gives way, its year taken over (rulebook 19).
    ahead = {
        one.officer.pk: twin.record
        for one in attendances
        if (twin := twins.get(one.officer.pk)) and not one.kept_because and twin.yields_to(held.course.source_kind)
    }
    twins = {pk: twin for pk, twin in twins.items() if pk not in ahead}
    years |= {pk: record.credited_year for pk, record in ahead.items()}
    kept = duplicates.kept_beside([one for pk, one in old.items() if pk in twins])
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
            **_counted(by, twins.get(one.officer.pk), one.kept_because, kept.get(one.officer.pk)),
        )
        for one in attendances
    )
    CreditLine.objects.bulk_create(
        CreditLine(record=given, area=line.area, topic=line.topic, hours=line.hours)
        for given, one in zip(records, attendances, strict=True)
        for line in (lines if one.lines is None else one.lines)
    )
    anew = {one.officer_id: one for one in records}
    duplicates.give_way(by=by, to={old: anew[pk] for pk, old in ahead.items()}, reference=held.reference)
    if is_told:
        news.recorded(records)
    return records


def _counted(by: User | None, twin: Twin | None, kept_because: str, kept: Kept | None) -> dict:
    """The fields that say whether a record counts. That a course counts twice in a period is POST's alone to say.

    A reason that was given before (`kept`) holds beside the same kind of thing only: what an agency said of a duplicate
    says nothing of a repeat.
    """
    why = " ".join(kept_because.split())
    if twin and twin.why is NotCounted.REPEAT and not access.can_review_courses(by):
        why = ""
    if twin and kept and kept.why is twin.why:
        why = why or kept.reason
    if twin and why:
        return {"kept_because": why}
    return duplicates.not_counted_for(twin)
