"""Who acts for the state: POST staff and designated agents, named and ended by the Director or an agent.

The Director, and the first of all, are named on the command line (`name_state_role`): see docs/decisions.
"""

import datetime as dt
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts import sessions
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from training import access
from training.models import Invitation
from training.services import invitation_mail, invitations
from training.services.memberships import account

Role = StateRole.Role
NOT_YOURS = "Only the Director or a designated agent names who acts for the state."
# Named here; the Director is appointed, and named on the command line.
NAMED_HERE = (Role.POST_STAFF, Role.DIRECTOR_AGENT)
_LOCK = 0x57A7E


class NamedForState(NamedTuple):
    """Somebody who was named: at once, or by an invitation."""

    role: StateRole | None
    invitation: Invitation | None
    is_new: bool
    ended: tuple[StateRole, ...] = ()


@transaction.atomic
def name(*, by: User | None, role: str, email: str, name: str = "", today: dt.date) -> NamedForState:
    """Give somebody a role of the state from today. An account that exists has it at once; others are invited. There
    is one Director: naming the next ends the role of the one before.

    Raises `Refused`.
    """
    _lock(by)
    if role not in NAMED_HERE and by is not None:
        raise Refused("The Director is named on the command line.", field="role")
    user = account(email)
    if user is None:
        return _invite(by, role, email, name)
    if held := user.state_roles.current(today).filter(role=role).first():
        return NamedForState(held, None, False)
    with history.because(f"Named {Role(role).label}"):
        made = StateRole.objects.create(user=user, role=role, starts_on=today, named_by=by)
    invitation_mail.tell_state_role(made)
    before = StateRole.objects.current(today).filter(role=Role.DIRECTOR).exclude(pk=made.pk)
    ended = [end(by=by, held=one, today=today) for one in before] if role == Role.DIRECTOR else []
    return NamedForState(made, None, True, tuple(ended))


@transaction.atomic
def end(*, by: User | None, held: StateRole, today: dt.date) -> StateRole:
    """End a role at once; open sessions end. Nobody ends their own, nor the Director's here; and somebody must be left
    who names people. Raises `Refused`."""
    _lock(by)
    held = StateRole.objects.select_for_update(of=("self",)).select_related("user").get(pk=held.pk)
    if held.revoked_at:
        return held
    if by is not None:
        if held.user_id == by.pk:
            raise Refused("Nobody ends their own role: the Director or another agent does it.")
        if held.role == Role.DIRECTOR:
            raise Refused("The Director’s role is ended on the command line, when the next Director is named.")
    naming = StateRole.objects.current(today).filter(role__in=(Role.DIRECTOR, Role.DIRECTOR_AGENT))
    if by is not None and held.role in (Role.DIRECTOR, Role.DIRECTOR_AGENT) and not naming.exclude(pk=held.pk).exists():
        raise Refused("Nobody would be left who names people for the state.")
    with history.because(f"{held.get_role_display()} ended"):
        StateRole.objects.filter(pk=held.pk).update(revoked_at=Now())
    sessions.end_all(held.user)
    held.refresh_from_db(fields=["revoked_at"])
    invitation_mail.tell_ended(held)
    return held


def _invite(by: User | None, role: str, email: str, name: str) -> NamedForState:
    name = invitations.tidy(name)
    if not name:
        raise Refused("There is no account with this address yet. Give the person’s name too.", field="name")
    if role not in NAMED_HERE:
        raise Refused("The Director needs an account first.", field="email")
    made = invitations.draft(role=role, email=email, name=name)
    same = Invitation.objects.usable(clock.now()).filter(role=role, email__iexact=made.email)
    if held := same.first():
        return NamedForState(None, held, False)
    return NamedForState(None, invitations.send(by=by, instead_of=Q(email__iexact=made.email), made=made), True)


def _lock(by: User | None) -> None:
    with connection.cursor() as cursor:  # there is no row of the state to lock
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if not access.can_name_state_people(by):
        raise Refused(NOT_YOURS)
