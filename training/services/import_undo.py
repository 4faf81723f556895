"""A whole import undone: its credit is voided with a reason, and the file may be sent anew. Nothing is deleted."""

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.bodies import field_of
from training.models import ImportRow, Officer, TrainingClass, TrainingImport, TrainingRecord
from training.services import classes, duplicates, news

State = TrainingImport.State


def credit_of(training_import: TrainingImport) -> list[int]:
    """Ids of the live records an import gave, also where they were recorded anew since. A few statements."""
    found: set[int] = set()
    given = ImportRow.objects.filter(training_import=training_import, fate=ImportRow.Fate.CREDITED)
    latest = {pk for pk in given.values_list("record", flat=True) if pk}
    while latest:
        found |= latest
        latest = set(TrainingRecord.objects.filter(replaces__in=latest).values_list("pk", flat=True)) - found
    return sorted(TrainingRecord.objects.live().filter(pk__in=found).values_list("pk", flat=True))


def _locked_credit(held: TrainingImport) -> list[int]:
    """`credit_of` an import, with its classes and then their officers locked, as whoever corrects a class does it: they
    wait, and then see that this credit is gone. What they were faster with is looked at once more."""
    gone = credit_of(held)
    while True:
        given = TrainingRecord.objects.filter(pk__in=gone)
        theirs = TrainingClass.objects.filter(pk__in=given.values("training_class")).order_by("pk")
        list(theirs.select_for_update(of=("self",)).values_list("pk"))
        people = Officer.objects.filter(pk__in=given.values("officer")).order_by("pk")
        list(people.select_for_update(no_key=True).values_list("pk"))
        now = credit_of(held)
        if now == gone:
            return gone
        gone = now


@transaction.atomic
def undo(*, by: User | None, training_import: TrainingImport, reason: str) -> TrainingImport:
    """Void everything an import credited, and the classes nobody is left in. Undone once it stays undone.

    Entries that gave no hours only because they repeated one of these are judged again. Rows it still holds leave the
    basket with it. Raises `Refused`; then nothing is changed.
    """
    locked = (
        TrainingImport.objects.select_for_update(of=("self",)).select_related("agency", "provider").defer("content")
    )
    held = locked.get(pk=training_import.pk)
    if not access.may_report_class(by, held.body):
        raise Refused(f"Only the {field_of(held.body)} that sent this file, or POST, can undo it.")
    if held.state == State.UNDONE:
        return held
    if held.state != State.DONE:
        raise Refused("The file is not done yet. Undo it once every row has been worked on.")
    if held.kind != TrainingImport.Kind.FILE:
        raise Refused("Pasted lines belong to their class: take officers out there, or undo the class.")
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise Refused("Say why the file is undone.", field="reason")
    gone = _locked_credit(held)
    given = TrainingRecord.objects.filter(pk__in=gone)
    concerned = TrainingClass.objects.live().filter(records__in=given).distinct()
    if other := next((one for one in concerned if not access.can_void_class(by, one)), None):
        raise Refused(f"{other.reference} was placed by POST with somebody else’s class: only POST can undo this file.")
    with history.because(f"{held.reference} undone: {reason}"):
        left = list(concerned.values_list("pk", flat=True))
        given.update(voided_at=Now(), voided_by=by, void_reason=reason)
        news.changed(given.values_list("officer", flat=True))
        empty = TrainingClass.objects.filter(pk__in=left).exclude(records__in=TrainingRecord.objects.live())
        gone_too = list(empty.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        classes.take_all_away(by=by, held=gone_too, reason=reason)
        duplicates.let_go(by=by, records=gone, reason=f"{held.reference} was undone: this entry is judged again")
        TrainingImport.objects.filter(pk=held.pk).update(
            state=State.UNDONE, undone_at=clock.now(), undone_by=by, undo_reason=reason
        )
    held.refresh_from_db(fields=["state", "undone_at", "undone_by", "undo_reason"])
    return held
