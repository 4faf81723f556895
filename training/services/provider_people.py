"""Who acts for a provider: its staff named and revoked, one of them its head, who names the others."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts import sessions
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.models import Invitation, Membership, Provider
from training.services import invitation_mail, invitations
from training.services.memberships import Named, account

Role = Membership.Role
NOT_YOURS = "Only the provider’s head, or POST, names who acts for it."


@transaction.atomic
def name(
    *, by: User | None, provider: Provider, email: str, name: str = "", is_head: bool = False, today: dt.date
) -> Named:
    """Name somebody staff of a provider, or its head. An account that exists acts at once; others are invited.

    Raises `Refused`.
    """
    _lock(by, provider)
    user = account(email)
    if user is None:
        return _invite(by, provider, email, name, is_head)
    held = Membership.objects.filter(user=user, provider=provider, role=Role.PROVIDER_STAFF).current(today).first()
    if held and held.is_head == is_head:
        return Named(held, None, False)
    if held:
        with history.because("Made head" if is_head else "No longer head"):
            _keep_a_head(provider, held, today, still=is_head)
            Membership.objects.filter(pk=held.pk).update(is_head=is_head)
        held.refresh_from_db()
        return Named(held, None, True)
    with history.because("Named provider staff"):
        made = Membership.objects.create(
            user=user, role=Role.PROVIDER_STAFF, provider=provider, starts_on=today, named_by=by, is_head=is_head
        )
    invitation_mail.tell_named(made)
    return Named(made, None, True)


@transaction.atomic
def revoke(*, by: User | None, membership: Membership, leaves_nobody: bool = False, today: dt.date) -> Membership:
    """Take somebody's right to act for a provider away at once; their open sessions end. That nobody is left who names
    people has to be meant, and POST alone may mean it. Raises `Refused`."""
    _lock(by, membership.provider)
    held = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if held.revoked_at:
        return held
    if not (leaves_nobody and access.can_invite(by)):
        _keep_a_head(held.provider, held, today, still=False)
    with history.because("Provider staff revoked"):
        Membership.objects.filter(pk=held.pk).update(revoked_at=Now())
    sessions.end_all(held.user)
    held.refresh_from_db(fields=["revoked_at"])
    invitation_mail.tell_ended(held)
    return held


def _keep_a_head(provider: Provider, held: Membership, today: dt.date, *, still: bool) -> None:
    if still or not held.is_head:
        return
    heads = Membership.objects.filter(provider=provider, is_head=True).current(today)
    if not heads.exclude(pk=held.pk).exists():
        raise Refused(
            "Nobody would be left who names people for the provider. Make somebody else the head first.",
            field="leaves_nobody",
        )


def _invite(by: User | None, provider: Provider, email: str, name: str, is_head: bool) -> Named:
    name = invitations.tidy(name)
    if not name:
        raise Refused("There is no account with this address yet. Give the person’s name too.", field="name")
    made = invitations.draft(role=Role.PROVIDER_STAFF, provider=provider, email=email, name=name, is_head=is_head)
    same = Invitation.objects.usable(clock.now()).filter(provider=provider, email__iexact=made.email, is_head=is_head)
    if held := same.first():
        return Named(None, held, False)
    return Named(
        None, invitations.send(by=by, instead_of=Q(provider=provider, email__iexact=made.email), made=made), True
    )


def _lock(by: User | None, provider: Provider) -> None:
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if not access.can_name_provider_people(by, provider):
        raise Refused(NOT_YOURS)
