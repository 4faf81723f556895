"""What the link of an invitation is worth just now, to whoever holds it."""

import datetime as dt

from django.db import models
from django.db.models import Case, Q, Value, When

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from training import licensing
from training.models import Invitation, Membership


class State(models.TextChoices):
    """What the holder of a link is shown; `OPEN` is the one that goes on."""

    OPEN = "open", "This invitation is open."
    USED = "used", "This link was used already."
    SUPERSEDED = "superseded", "A newer invitation was sent; this link no longer works."
    WITHDRAWN = "withdrawn", "This invitation was withdrawn."
    LOCKED = "locked", "This invitation is locked."
    EXPIRED = "expired", "This link has expired."
    NOT_HELD = "not_held", "This license is not held today."
    CONNECTED = "connected", "Your account is connected already."
    TAKEN = "taken", "This license is connected to another account."
    WRONG_PERSON = "wrong_person", "Your account is connected to another license."
    WRONG_ADDRESS = "wrong_address", "This invitation is for another e-mail address."


def state_of(found: Invitation, now: dt.datetime, by: User | None, today: dt.date) -> State:
    """What the link is worth to `by`, or to somebody not signed in yet (None)."""
    person = by if by is not None and by.is_authenticated else None
    if person and _holds(found, person, today):
        return State.CONNECTED
    if found.used_at:
        return State.USED
    if found.withdrawn_at:
        return State.SUPERSEDED if found.is_superseded else State.WITHDRAWN
    if found.locked_at:
        return State.LOCKED
    if found.expires_at <= now:
        return State.EXPIRED
    if found.officer_id:
        return _of_officer(found, person, now, today)
    if person and found.role in StateRole.Role and person.email.lower() != found.email.lower():
        return State.WRONG_ADDRESS
    return State.OPEN


def _holds(found: Invitation, person: User, today: dt.date) -> bool:
    if found.role in StateRole.Role:
        return person.state_roles.current(today).filter(role=found.role).exists()
    of = {"officer": found.officer_id, "agency": found.agency_id, "provider": found.provider_id}
    lasting = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), revoked_at=None)
    return lasting.filter(user=person, role=found.role, **of).exists()


def _of_officer(found: Invitation, person: User | None, now: dt.datetime, today: dt.date) -> State:
    if not licensing.states_of([found.officer_id], today, now)[found.officer_id].is_held:
        return State.NOT_HELD
    connected = Membership.objects.filter(role=Membership.Role.OFFICER).current(today)
    if connected.filter(officer=found.officer_id).exists():
        return State.TAKEN
    if person and connected.filter(user=person).exists():
        return State.WRONG_PERSON
    return State.OPEN


class Progress(models.TextChoices):
    """What became of an invitation, as POST's lists say it."""

    CONNECTED = "connected", "Connected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Sent again"
    LOCKED = "locked", "Locked"
    EXPIRED = "expired", "Expired"
    FAILED = "failed", "Mail failed"
    OPENED = "opened", "Opened"
    SENT = "sent", "Sent"
    WAITING = "waiting", "Waiting to be sent"


def progress(now: dt.datetime) -> Case:
    """What became of an invitation, as an expression over rows with `mail_state` and `sent_at` (see `with_mail`)."""
    return Case(
        When(used_at__isnull=False, then=Value(Progress.CONNECTED)),
        When(is_superseded=True, then=Value(Progress.SUPERSEDED)),
        When(withdrawn_at__isnull=False, then=Value(Progress.WITHDRAWN)),
        When(locked_at__isnull=False, then=Value(Progress.LOCKED)),
        When(expires_at__lte=now, then=Value(Progress.EXPIRED)),
        When(opened_at__isnull=False, then=Value(Progress.OPENED)),
        When(Q(mail_failed=True), then=Value(Progress.FAILED)),
        When(Q(sent_at__isnull=False), then=Value(Progress.SENT)),
        default=Value(Progress.WAITING),
        output_field=models.CharField(),
    )


TONES = {
    Progress.CONNECTED: ("met", "check-lg"),
    Progress.WITHDRAWN: ("quiet", "slash-circle"),
    Progress.SUPERSEDED: ("quiet", "arrow-clockwise"),
    Progress.LOCKED: ("short", "lock"),
    Progress.EXPIRED: ("due", "hourglass-split"),
    Progress.FAILED: ("short", "exclamation-triangle-fill"),
    Progress.OPENED: ("info", "eye"),
    Progress.SENT: ("info", "envelope"),
    Progress.WAITING: ("quiet", "clock"),
}


def until(found: Invitation) -> dt.date:
    """The last whole day on which the link works."""
    return clock.day_of(found.expires_at)
