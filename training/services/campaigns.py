"""Campaigns: thousands of officers invited at once. A constant number of statements, however many they are."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, invitation_tokens
from training.imports import invitation_list
from training.imports.invitation_list import Given
from training.models import Campaign, Invitation, InvitationRequest, Officer
from training.models.memberships import RIGHTS
from training.services import bulk, invitation_mail, invitations

_FIELDS = (
    "id", "campaign", "role", "officer", "email", "name", "nonce", "token_hash", "invited_by", "invited_at",
    "expires_at", "used_email", "is_superseded", "wrong_facts", *RIGHTS, "is_head",
)  # fmt: skip


@transaction.atomic
def send(*, by: User | None, name: str, given: Sequence[Given], today: dt.date) -> Campaign:
    """Invite every officer of a list who can be; rows with a problem are left out and counted. Raises `Refused`."""
    if not access.can_invite(by):
        raise Refused(invitations.NOT_YOURS)
    name = invitations.tidy(name)
    if not name:
        raise Refused("Give the campaign a name.", field="name")
    numbers = {one.license_number.upper() for one in given}
    # Locked in one order, so that two lists at the same moment wait for each other and an officer is invited once.
    list(Officer.objects.select_for_update(no_key=True).filter(license_number__in=numbers).order_by("pk").values("pk"))
    now = bulk.database_now()
    checked = invitation_list.check(given, today, now)
    if not checked.invitees:
        raise Refused("Nobody of this list can be invited.", field="text")
    try:
        with transaction.atomic(), history.because(f"Campaign {name}"):
            made = Campaign.objects.create(name=name, created_by=by, rows_left_out=len(checked.problems))
    except IntegrityError:
        raise Refused("There is a campaign of this name already. Choose another.", field="name") from None
    officers = [one.officer.pk for one in checked.invitees]
    with history.because(f"Campaign {name}"):
        Invitation.objects.standing().filter(role=Invitation.Role.OFFICER, officer__in=officers).update(
            withdrawn_at=Now(), withdrawn_by=by, is_superseded=True
        )
        _copy(made, by, checked.invitees, now)
        asked = InvitationRequest.objects.filter(officer__in=officers)
        invitations.answer_requests(by=by, which=Q(pk__in=asked.values("pk")))
    invitation_mail.queue(made.invitations.all())
    return made


def _copy(campaign: Campaign, by: User | None, invitees, now: dt.datetime) -> None:
    expires_at = now + dt.timedelta(days=settings.INVITATION_DAYS)
    rows = []
    for pk, one in zip(bulk.reserve_ids(Invitation, len(invitees)), invitees, strict=True):
        nonce = uuid.uuid4()
        hashed = invitation_tokens.hash_of(invitation_tokens.token_of_nonce(nonce))
        rows.append((
            pk, campaign.pk, Invitation.Role.OFFICER, one.officer.pk, one.email, "", nonce, hashed,
            by.pk if by else None, now, expires_at, "", False, 0, True, True, True, True, False,
        ))  # fmt: skip
    bulk.copy_rows(Invitation, _FIELDS, rows)
