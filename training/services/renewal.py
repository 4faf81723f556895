"""Records are corrected by voiding them and recording them anew: what changes changes, everything else is kept."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from training.models import CreditLine, TrainingRecord
from training.services import news

# What a record anew has from the one it replaces. When and by whom it is recorded is its own.
KEPT = (
    "officer_id",
    "training_class_id",
    "completed_on",
    "credited_year",
    "role",
    "source_kind",
    "delivery",
    "not_counted",
    "not_counted_note",
    "twin_id",
    "kept_because",
)


@transaction.atomic
def renew(
    *, by: User | None, records: Sequence[TrainingRecord], reason: str, changes: Mapping[int, Mapping] | None = None
) -> dict[int, TrainingRecord]:
    """Void `records` with the reason and record each anew with its lines. Returns the old id -> the new record.

    `changes` gives, by the id of a record, the fields that are to differ. Records that are not counted because of one
    of these name the new one. A constant number of statements. The caller has locked the officers and checked the
    right; a record that is voided already is left alone.
    """
    changes = changes or {}
    old = list(
        TrainingRecord.objects.live()
        .select_for_update(no_key=True)
        .filter(pk__in=[one.pk for one in records])
        .order_by("pk")
    )
    if not old:
        return {}
    ids = [one.pk for one in old]
    with history.because(reason):
        TrainingRecord.objects.filter(pk__in=ids).update(voided_at=Now(), voided_by=by, void_reason=reason)
        made = TrainingRecord.objects.bulk_create(
            TrainingRecord(
                **{name: getattr(one, name) for name in KEPT}
                | {"recorded_by": by, "replaces": one}
                | dict(changes.get(one.pk, {}))
            )
            for one in old
        )
        anew = {one.replaces_id: one for one in made}
        lines = CreditLine.objects.filter(record__in=ids).order_by(F("pk"))
        CreditLine.objects.bulk_create(
            CreditLine(record=anew[pk], area_id=area, topic_id=topic, hours=hours)
            for pk, area, topic, hours in lines.values_list("record", "area", "topic", "hours")
        )
        pointing = TrainingRecord.objects.live().filter(twin__in=ids)
        pointing.update(twin=Case(*(When(twin=pk, then=Value(one.pk)) for pk, one in anew.items())))
        news.changed(one.officer_id for one in old)
    return anew
