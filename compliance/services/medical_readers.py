"""Who of the state's people may read medical documents: named by the Director or a designated agent (rulebook 8)."""

import datetime as dt

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from compliance import access

ROLE = StateRole.Role.MEDICAL_READER


@transaction.atomic
def name(*, by: User, user: User, today: dt.date) -> StateRole:
    """Let `user` read medical documents from today on. Raises `Refused` where `by` does not name people, or `user`
    does not act for the state or is named already."""
    one = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _check_names(by)
    if not (one.is_active and one.sees_the_state):
        raise Refused("Only somebody who acts for the state today can be named.", field="user")
    if one.state_roles.current(today).filter(role=ROLE).exists():
        raise Refused(f"{one} is named already.", field="user")
    with history.because(f"May read medical documents, named by {by}"):
        return StateRole.objects.create(user=one, role=ROLE, starts_on=today, named_by=by)


@transaction.atomic
def end(*, by: User, held: StateRole, today: dt.date) -> StateRole:
    """End it at once. Raises `Refused` where it has ended, or `by` does not name people."""
    _check_names(by)
    one = StateRole.objects.select_for_update().get(pk=held.pk)
    if one.role != ROLE or one.revoked_at or (one.ends_on and one.ends_on < today):
        raise Refused("That has ended already.")
    one.revoked_at = clock.now()
    with history.because(f"May no longer read medical documents, ended by {by}"):
        one.save(update_fields=["revoked_at"])
    return one


def _check_names(by: User) -> None:
    if not access.can_name_medical_readers(by):
        raise Refused("Only the Director or a designated agent says who may read medical documents.")
