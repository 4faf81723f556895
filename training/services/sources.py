"""The Director's list of recognized out-of-state, federal and other sources, by period. Source: 11 CSR 75-15.050."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.models import RecognizedSource
from training.models.names import ImmutableUnaccent
from training.services.officers import NOT_YOURS, said
from training.services.register_lock import one_at_a_time


@transaction.atomic
def add(
    *,
    by: User | None,
    name: str,
    kind: str,
    first_year: int,
    last_year: int | None,
    decided_on: dt.date,
    conditions: str = "",
    source: str,
    today: dt.date,
) -> RecognizedSource:
    """Put a source on the list, for whole reporting periods. Raises `Refused`."""
    _check_right(by)
    source = said(source)
    one_at_a_time()
    name = " ".join(name.split())
    if decided_on > today:
        raise Refused("This day is in the future.", field="decided_on")
    if last_year and last_year < first_year:
        raise Refused("The last year cannot lie before the first.", field="last_year")
    same = RecognizedSource.objects.live().filter(search_name=Lower(ImmutableUnaccent(Value(name))))
    same = same.filter(Q(last_year=None) | Q(last_year__gte=first_year))
    if last_year:
        same = same.filter(first_year__lte=last_year)
    if held := same.first():
        until = f" to {held.last_year}" if held.last_year else " on"
        raise Refused(f"{held} is on the list already, from {held.first_year}{until}.", field="first_year")
    with history.because(f"Recognized source: {source}"):
        return RecognizedSource.objects.create(
            name=name,
            kind=kind,
            first_year=first_year,
            last_year=last_year,
            decided_on=decided_on,
            conditions=" ".join(conditions.split()),
            recorded_by=by,
        )


@transaction.atomic
def end(*, by: User | None, recognized: RecognizedSource, last_year: int, source: str) -> RecognizedSource:
    """Take a source off the list after `last_year`: voided and recorded anew. Raises `Refused`."""
    _check_right(by)
    source = said(source)
    one_at_a_time()
    held = _live(recognized)
    if last_year < held.first_year:
        raise Refused(
            f"It is on the list from {held.first_year} on. Take it back if it never belonged there.", field="last_year"
        )
    if held.last_year == last_year:
        return held
    later = RecognizedSource.objects.live().filter(search_name=held.search_name, first_year__gt=held.first_year)
    if next_one := later.filter(first_year__lte=last_year).first():
        raise Refused(f"It is on the list again from {next_one.first_year} on.", field="last_year")
    with history.because(f"Recognized until {last_year}: {source}"):
        RecognizedSource.objects.filter(pk=held.pk).update(voided_at=Now(), voided_by=by, void_reason=source)
        return RecognizedSource.objects.create(
            name=held.name,
            kind=held.kind,
            first_year=held.first_year,
            last_year=last_year,
            decided_on=held.decided_on,
            conditions=held.conditions,
            recorded_by=by,
        )


@transaction.atomic
def void(*, by: User | None, recognized: RecognizedSource, source: str) -> None:
    """Take back an entry that was put on the list wrongly; it stays in the history. Raises `Refused`."""
    _check_right(by)
    source = said(source)
    held = _live(recognized)
    with history.because(f"Recognized source taken back: {source}"):
        RecognizedSource.objects.filter(pk=held.pk).update(voided_at=Now(), voided_by=by, void_reason=source)


def _live(recognized: RecognizedSource) -> RecognizedSource:
    held = RecognizedSource.objects.select_for_update(no_key=True).get(pk=recognized.pk)
    if held.voided_at:
        live = RecognizedSource.objects.live().filter(search_name=held.search_name).order_by("first_year").last()
        until = f"until {live.last_year}" if live and live.last_year else "on"
        now = f"it is on the list {until} now" if live else "it is taken back"
        raise Refused(
            f"{held.voided_by or 'Somebody'} has changed this entry meanwhile ({held.void_reason}): {now}. Look at the "
            "list again."
        )
    return held


def _check_right(by: User | None) -> None:
    if not access.can_keep_register(by):
        raise Refused(NOT_YOURS)
