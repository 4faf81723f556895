"""What happens to an officer's license, as POST records it. Sources: RSMo 590.030, 590.080, 11 CSR 75-13.

What the Director alone decides for missing hours (11 CSR 75-15.080) is not among the kinds that can be recorded here.
"""

import datetime as dt

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, licensing
from training.licensing import EventFact
from training.models import LicenseClass, LicenseEvent, Officer
from training.services import officers

Kind = LicenseEvent.Kind
# All that can be recorded or taken back in the register.
RECORDED_HERE = (
    Kind.ISSUED,
    Kind.UPGRADED,
    Kind.BASIC_TRAINING_COMPLETED,
    Kind.EXPIRED,
    Kind.SUSPENDED,
    Kind.SUSPENSION_ENDED,
    Kind.SURRENDERED,
    Kind.REVOKED,
)
# Acts of discipline: who decided, and the number of the decision, belong to them.
DISCIPLINE = (Kind.SUSPENDED, Kind.SUSPENSION_ENDED, Kind.REVOKED)
OF_A_CLASS = (Kind.ISSUED, Kind.UPGRADED)


@transaction.atomic
def record(
    *,
    by: User | None,
    officer: Officer,
    kind: str,
    occurred_on: dt.date,
    license_class: LicenseClass | None = None,
    decided_by: str = "",
    reference: str = "",
    source: str,
    today: dt.date,
) -> tuple[LicenseEvent, bool]:
    """Record an event of a license. Returns it, and whether it is new: the same sent twice is one.

    Raises `Refused` where it does not fit what is known of the license, or where it is the Director's to decide.
    """
    held = officers.locked(officer)
    _check_right(by)
    source = officers.said(source)
    decided_by, reference = " ".join(decided_by.split()), " ".join(reference.split())
    if kind not in RECORDED_HERE:
        raise Refused("This is the Director’s decision: it is recorded with the case, never here.", field="kind")
    if occurred_on > today:
        raise Refused("This day is in the future.", field="occurred_on")
    if same := held.license_events.live().filter(kind=kind, occurred_on=occurred_on).first():
        return same, False
    if kind == Kind.UPGRADED and license_class is None:
        raise Refused("Give the class it was upgraded to.", field="license_class")
    if kind in DISCIPLINE and not decided_by:
        raise Refused("Name who decided it.", field="decided_by")
    if kind in DISCIPLINE and not reference:
        raise Refused("Give the number or file of the decision.", field="reference")
    events = licensing.events_of(held, clock.END_OF_TIME)
    # Of one day it comes last: it is the latest to be recorded.
    after = sorted([*events, EventFact(kind, occurred_on)], key=lambda one: one.occurred_on)
    _check_course(events, after, "occurred_on")
    if kind not in OF_A_CLASS:
        license_class = None
    with history.because(f"License: {Kind(kind).label.lower()}: {source}"):
        made = LicenseEvent.objects.create(
            officer=held,
            kind=kind,
            occurred_on=occurred_on,
            license_class=license_class,
            decided_by=decided_by,
            reference=reference,
            recorded_by=by,
        )
        _write_class(held)
    return made, True


@transaction.atomic
def void(*, by: User | None, event: LicenseEvent, source: str) -> LicenseEvent:
    """Take back an event that was recorded wrongly; it stays in the history, and so does why. Raises `Refused`."""
    held = officers.locked(event.officer)
    _check_right(by)
    source = officers.said(source)
    one = LicenseEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
    if one.kind not in RECORDED_HERE:
        raise Refused("This is the Director’s decision: only the Director, or a designated agent, takes it back.")
    if one.voided_at:
        return one
    events = licensing.events_of(held, clock.END_OF_TIME)
    after = list(events)
    after.remove(EventFact(one.kind, one.occurred_on, one.period_year))
    _check_course(events, after, None)
    with history.because(f"License event taken back: {source}"):
        LicenseEvent.objects.filter(pk=one.pk).update(voided_at=Now(), voided_by=by, void_reason=source)
        _write_class(held)
    one.refresh_from_db()
    return one


def _check_right(by: User | None) -> None:
    if not access.can_keep_register(by):
        raise Refused(officers.NOT_YOURS)


def _check_course(before: list[EventFact], after: list[EventFact], field: str | None) -> None:
    """Refuse what would not fit; what did not fit before stands in nobody's way."""
    old = licensing.misfits(before)
    if new := [one for one in licensing.misfits(after) if one not in old]:
        raise Refused(" ".join(new), field=field)


def _write_class(officer: Officer) -> None:
    """The class of the license is that of the latest event which names one."""
    named = officer.license_events.live().filter(kind__in=OF_A_CLASS, license_class__isnull=False)
    latest = named.order_by("occurred_on", "recorded_at", "pk").last()
    if latest and latest.license_class_id != officer.license_class_id:
        officer.license_class_id = latest.license_class_id
        officer.save(update_fields=["license_class"])
