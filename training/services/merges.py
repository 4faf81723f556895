"""Two records of one person joined, and parted again. Every row that names the officer is moved and remembered.

Nothing is deleted. The record that was joined stays, empty, under a number of the portal's own; the number it had
becomes a former number of the record that is kept, which it finds and for which it never stands by itself.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from pghistory.models import Event

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, licensing
from training.models import (
    Commission,
    LicenseEvent,
    Membership,
    NotCompleted,
    Officer,
    OfficerFormerNumber,
    OfficerMerge,
    OfficerMergeRow,
    TrainingRecord,
)
from training.repeats import goes_before
from training.services import duplicates
from training.services.officers import NOT_YOURS, said
from training.services.register_lock import one_at_a_time

# Without these the officer's standing would be another: a merge that cannot move them all is refused.
_MUST_MOVE = (TrainingRecord, NotCompleted, LicenseEvent, Commission)
_NAMES_OFFICERS_ITSELF = (Officer, OfficerMerge)


def obstacles(kept: Officer, merged: Officer, today: dt.date) -> list[str]:
    """What has to be settled by hand before the two can be joined, in words."""
    found = []
    tied = Membership.objects.filter(officer__in=[kept, merged], role=Membership.Role.OFFICER).current(today)
    if tied.values("officer").distinct().count() == 2:
        found.append("Both records are connected to an account. Take one account off first.")
    decided = LicenseEvent.objects.filter(officer=merged, kind__in=licensing.BY_THE_DIRECTOR)
    if decided.exists():
        found.append(
            f"The Director decided on license {merged.license_number}, and a decision stays with its license. Keep "
            "that record, and join the other one to it."
        )
    of_kept = TrainingRecord.objects.live().filter(officer=kept).values("training_class")
    of_kept_left = NotCompleted.objects.live().filter(officer=kept).values("training_class")
    both = Q(training_class__in=of_kept) | Q(training_class__in=of_kept_left)
    references: set[str] = set()
    for model in (TrainingRecord, NotCompleted):
        rows = model.objects.live().filter(both, officer=merged).select_related("training_class")
        references |= {one.training_class.reference for one in rows}
    found += [f"Both are in class {one}. Take one of them out of it first." for one in sorted(references)]
    for one, held in _overlapping(kept, merged):
        if one.started_on < held.started_on or (
            held.ended_on and (one.ended_on is None or one.ended_on > held.ended_on)
        ):
            found.append(
                f"Both are commissioned at {held.agency} in the same days, and license {merged.license_number} for "
                f"days that license {kept.license_number} is not. Correct the commission of {kept.license_number} to "
                "cover them first."
            )
    return found


def hold_licenses(kept: Officer, merged: Officer, today: dt.date) -> bool:
    """Whether both hold a license today: then it takes a second look to call them one person."""
    states = licensing.states_of([kept.pk, merged.pk], today, clock.END_OF_TIME)
    return all(one.is_held for one in states.values())


@transaction.atomic
def merge(
    *, by: User | None, kept: Officer, merged: Officer, both_valid: bool, source: str, today: dt.date
) -> OfficerMerge:
    """Move everything of `merged` to `kept`. `both_valid` confirms that two valid licenses are of one person.

    What both records say of one training counts once. Raises `Refused`, and then nothing was moved.
    """
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
    if kept.pk == merged.pk:
        raise Refused("This is the same record. Give the number of the other one.")
    kept, merged = _both_locked(kept, merged)
    source = said(source)
    for one in (kept, merged):
        if one.merged_into_id:
            raise Refused(f"The record of {one.sorted_name} was joined with another meanwhile. Look at it again.")
    are_valid = hold_licenses(kept, merged, today)
    if are_valid and not both_valid:
        raise Refused(
            "Both hold a valid license. If the license files say that it is one person, confirm it; if not, do not "
            "join them.",
            field="both_valid",
        )
    if found := obstacles(kept, merged, today):
        raise Refused(" ".join(found))
    with history.because(f"Record {merged.license_number} joined with {kept.license_number}: {source}"):
        made = OfficerMerge.objects.create(
            kept=kept, merged=merged, license_number=merged.license_number, both_valid=are_valid, reason=source, by=by
        )
        _count_once(by, kept, merged)
        aside = [one.pk for one, _ in _overlapping(kept, merged)]
        Commission.objects.filter(pk__in=aside).update(set_aside_by=made)
        for model, field in _ties():
            _move(made, model, field, merged, kept)
        merged.license_number, merged.merged_into = f"M-{merged.pk}", kept
        merged.save(update_fields=["license_number", "merged_into"])
        OfficerFormerNumber.objects.create(
            officer=kept, license_number=made.license_number, used_until=today, recorded_by=by
        )
    return made


@transaction.atomic
def undo(*, by: User | None, merge: OfficerMerge, source: str) -> OfficerMerge:
    """Part two records again: every row goes back where it was, and what was counted once is judged anew.

    What was recorded since stays with the record that was kept, except corrections of rows that go back. Raises
    `Refused`.
    """
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
    one_at_a_time()  # it takes a number back, which somebody may be giving to another just now
    kept, merged = _both_locked(merge.kept, merge.merged)
    source = said(source)
    held = OfficerMerge.objects.select_for_update(no_key=True).get(pk=merge.pk)
    if held.undone_at:
        raise Refused("The records were parted meanwhile.")
    if kept.merged_into_id:
        raise Refused(f"{kept.sorted_name} was joined with another record since. Part those first.")
    if other := Officer.objects.filter(license_number=held.license_number).first():
        raise Refused(f"{held.license_number} is the license of {other.sorted_name} by now. Correct that number first.")
    with history.because(f"Record {held.license_number} parted again from {kept.license_number}: {source}"):
        former = OfficerFormerNumber.objects.live().filter(officer=kept, license_number=held.license_number)
        former.update(voided_at=Now(), voided_by=by, void_reason=source)
        merged.license_number, merged.merged_into = held.license_number, None
        merged.save(update_fields=["license_number", "merged_into"])
        for model, field in _ties():
            rows = held.rows.filter(model=model._meta.label, field=field).values_list("row", flat=True)
            _move_back(model, field, list(rows), kept, merged)
        Commission.objects.filter(set_aside_by=held).update(set_aside_by=None)
        OfficerMerge.objects.filter(pk=held.pk).update(undone_at=Now(), undone_by=by, undo_reason=source)
        apart = TrainingRecord.objects.live().filter(officer__in=[kept, merged], twin__isnull=False)
        duplicates.judge_again(
            by=by, records=apart.exclude(twin__officer=F("officer")), reason="Two records were parted: judged again"
        )
    held.refresh_from_db()
    return held


def _both_locked(kept: Officer, merged: Officer) -> tuple[Officer, Officer]:
    both = Officer.objects.select_for_update(no_key=True).filter(pk__in=[kept.pk, merged.pk]).order_by("pk")
    by_pk = {one.pk: one for one in both}
    return by_pk[kept.pk], by_pk[merged.pk]


def _ties() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of the database that names an officer, of whatever app; not the versions in the history."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, Event) or issubclass(model, _NAMES_OFFICERS_ITSELF):
            continue
        for field in model._meta.concrete_fields:
            if field.remote_field and field.remote_field.model is Officer:
                yield model, field.name


def _move(made: OfficerMerge, model: type[models.Model], field: str, source: Officer, to: Officer) -> None:
    """Move the rows of one table, and remember each. One that would stand twice stays, unless it has to move."""
    rows = model._base_manager.filter(**{field: source})
    pks = list(rows.values_list("pk", flat=True))
    moved = pks
    try:
        with transaction.atomic():
            rows.update(**{field: to})
    except IntegrityError:
        if issubclass(model, _MUST_MOVE):
            raise Refused(
                f"Both records have a {model._meta.verbose_name} that cannot stand twice. Settle that one first."
            ) from None
        moved = [pk for pk in pks if _moved_alone(model, field, pk, to)]
    OfficerMergeRow.objects.bulk_create(
        OfficerMergeRow(merge=made, model=model._meta.label, field=field, row=pk) for pk in moved
    )


def _moved_alone(model: type[models.Model], field: str, pk: int, to: Officer) -> bool:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**{field: to})
    except IntegrityError:
        return False
    return True


def _move_back(model: type[models.Model], field: str, rows: list[int], kept: Officer, merged: Officer) -> None:
    if model._meta.pk.name == field:  # the row is numbered by its officer: the birth date
        if rows:
            model._base_manager.filter(**{field: kept}).update(**{field: merged})
        return
    if model is TrainingRecord:
        rows = _with_what_replaced_them(rows)
    model._base_manager.filter(pk__in=rows, **{field: kept}).update(**{field: merged})


def _with_what_replaced_them(rows: list[int]) -> list[int]:
    """Records, and what was recorded anew in their place since."""
    found, latest = set(rows), set(rows)
    while latest:
        anew = TrainingRecord.objects.filter(replaces__in=latest).values_list("pk", flat=True)
        latest = set(anew) - found
        found |= latest
    return sorted(found)


def _overlapping(kept: Officer, merged: Officer) -> list[tuple[Commission, Commission]]:
    """Commissions of `merged` at an agency where `kept` holds one in the same days, each with that one."""
    held = list(Commission.objects.filter(officer=kept, set_aside_by=None).select_related("agency"))
    return [
        (one, other)
        for one in Commission.objects.filter(officer=merged, set_aside_by=None)
        for other in held
        if one.agency_id == other.agency_id
        and (one.ended_on is None or one.ended_on >= other.started_on)
        and (other.ended_on is None or other.ended_on >= one.started_on)
    ]


def _count_once(by: User | None, kept: Officer, merged: Officer) -> None:
    """What both have of one training is counted once, before the rows stand beside each other."""
    live = TrainingRecord.objects.live().filter(officer=merged, not_counted="", kept_because="")
    records = live.select_related("training_class__course").annotate(credit=Sum("lines__hours")).order_by("pk")
    for one in records:
        held = one.training_class
        entry = {kept.pk: duplicates.Entry(one.role, one.credit or Decimal(0))}
        found = duplicates.found(
            held.course, held.course.title, one.completed_on, entry, one.credited_year, besides=held
        )
        twin = found.get(kept.pk)
        if twin is None:
            continue
        if twin.why is duplicates.NotCounted.DUPLICATE and goes_before(one.source_kind, twin.record.source_kind):
            duplicates.give_way(by=by, to={twin.record: one}, reference=held.reference)
        else:
            duplicates.renew(
                by=by,
                records=[one],
                reason="Two records of one person joined: one training counts once",
                changes={one.pk: duplicates.not_counted_for(twin)},
            )
