"""Evidence past its time: listed, and removed only by two people, under a signed tombstone.

No program removes evidence. What is past six years (EVIDENCE_DAYS) after the last day of a class may be removed, a
class at a time with all that was recorded of it, where nothing else rests on it: a decision, a correction, a file or a
class of the calendar that points to it keeps it. Evidence of every other kind is counted, and kept for good.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history import events_of
from clee_portal.history.models import Tombstone
from clee_portal.history.sealing import tombstones
from clee_portal.refusal import Refused
from training import access
from training.models import Certificate, ClassLine, CreditLine, NotCompleted, TrainingClass, TrainingRecord

# What goes with a class, by the field that leads there: (model, field, of what).
PARTS = (
    (ClassLine, "training_class", TrainingClass),
    (NotCompleted, "training_class", TrainingClass),
    (TrainingRecord, "training_class", TrainingClass),
    (Certificate, "first_class", TrainingClass),
    (CreditLine, "record", TrainingRecord),
)


def last_day_of_the_past(today: dt.date) -> dt.date:
    """The last day of a class that is past its time on `today`."""
    return today - dt.timedelta(days=settings.EVIDENCE_DAYS)


def classes(today: dt.date) -> QuerySet[TrainingClass]:
    """Classes past their time, the oldest first."""
    past = TrainingClass.objects.filter(ends_on__lt=last_day_of_the_past(today))
    return past.select_related("course").order_by("ends_on", "pk")


def what_keeps(past: Iterable[TrainingClass]) -> dict[int, list[str]]:
    """Class -> what else rests on it (plural names of models), for each that cannot go. All are looked at together:
    what goes too keeps nothing."""
    goes = _gathered([one.pk for one in past])
    class_of = {TrainingClass: {pk: pk for pk in goes[TrainingClass]}}
    for model, field, of in PARTS:
        rows = model.objects.filter(pk__in=goes[model]).values_list("pk", f"{field}_id")
        class_of[model] = {pk: class_of[of][parent] for pk, parent in rows}
    kept: dict[int, set[str]] = {}
    for model, parent, label in _resting_on(goes):
        kept.setdefault(class_of[model][parent], set()).add(label)
    return {pk: sorted(labels) for pk, labels in kept.items()}


def others(today: dt.date) -> list[tuple[str, int]]:
    """(plural name, how many) of each other kind of evidence of which rows were last written before the day from which
    on classes are kept. It is kept for good, and some of it still holds: an officer, a license."""
    with_classes = {TrainingClass, *(model for model, _, _ in PARTS)}
    since = clock.midnight_after(last_day_of_the_past(today) - dt.timedelta(days=1))
    found = []
    for model in apps.get_models():
        if getattr(model, "is_evidence", False) and model not in with_classes:
            written = events_of(model)._base_manager.filter(pgh_obj_id=OuterRef("pk"), pgh_created_at__gte=since)
            count = model._base_manager.filter(~Exists(written)).count()
            found += [(str(model._meta.verbose_name_plural), count)] if count else []
    return sorted(found)


def remove(*, by: User, approved_by: User, reason: str, chosen: Iterable[TrainingClass], today: dt.date) -> Tombstone:
    """Remove classes past their time with all that was recorded of them, and lay the tombstone, in one transaction.

    As the owner of the tables (CLEE_AS_OWNER=1). `by` is of POST staff and asks; `approved_by`, another person, is the
    Director or a designated agent. Raises `Refused` for others, for a class that is not past its time, or on which
    something rests; then nothing is removed.
    """
    if not access.can_keep_register(by):
        raise Refused("A removal is asked for by POST staff.")
    if not access.can_approve_removal(approved_by):
        raise Refused("A removal is approved by the Director or a designated agent.")
    with transaction.atomic():
        locked = list(
            TrainingClass.objects.select_for_update().filter(pk__in=[one.pk for one in chosen]).order_by("pk")
        )
        if young := [one for one in locked if one.ends_on >= last_day_of_the_past(today)]:
            raise Refused(f"{young[0].reference} is not past its time: it ended on {young[0].ends_on}.")
        if kept := what_keeps(locked):
            one = next(one for one in locked if one.pk in kept)
            raise Refused(f"{one.reference} is kept: {', '.join(kept[one.pk])} rest on it.")
        goes = _gathered([one.pk for one in locked])
        removes = [(model, sorted(pks)) for model, pks in goes.items() if pks]
        stone = tombstones.lay(by=by, approved_by=approved_by, reason=reason, removes=removes)
        with pgtrigger.ignore(*_guards(model for model, _ in removes)), connection.cursor() as cursor:
            for model, pks in removes:
                for table, column in ((events_of(model), "pgh_obj_id"), (model, model._meta.pk.column)):
                    name = connection.ops.quote_name(table._meta.db_table)
                    cursor.execute(f"DELETE FROM {name} WHERE {column} = ANY(%s)", [pks])  # noqa: S608 - our own names  # nosec B608
        return stone


def _gathered(pks: list[int]) -> dict[type[Model], set[int]]:
    """Model -> the rows that belong to those classes."""
    goes: dict[type[Model], set[int]] = {TrainingClass: set(pks)}
    for model, field, of in PARTS:
        found = model.objects.filter(**{f"{field}__in": goes[of]}).values_list("pk", flat=True)
        goes.setdefault(model, set()).update(found)
    return goes


def _resting_on(goes: dict[type[Model], set[int]]) -> Iterator[tuple[type[Model], int, str]]:
    """(model, row, what rests on it) for every row that something points to which does not go with it."""
    for model, pks in goes.items():
        for relation in model._meta.get_fields(include_hidden=True):
            points_here = relation.auto_created and not relation.concrete and not relation.many_to_many
            if not points_here or hasattr(relation.related_model, "pgh_tracked_model"):
                continue
            other, field = relation.related_model, relation.field.name
            pointing = other._base_manager.filter(**{f"{field}__in": pks}).exclude(pk__in=goes.get(other, ()))
            for parent in set(pointing.values_list(f"{field}_id", flat=True)):
                yield model, parent, str(other._meta.verbose_name_plural)


def _guards(models: Iterable[type[Model]]) -> list[str]:
    """The triggers that refuse to lose rows of those models and of their histories."""
    guarded = {one for model in models for one in (model, events_of(model))}
    return [f"{model._meta.label}:{trigger.name}" for model, trigger in pgtrigger.registered() if model in guarded]
