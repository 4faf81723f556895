"""A lost second step: POST lets the person set it up anew, without ever knowing a secret.

What stands against somebody who only pretends to be the person: they are called back at the number on file; for
whoever acts for the state a second member of POST staff says yes; the link goes to the person's own mail, works once
and for half an hour; it asks for the password where there is one; all sessions end, and the person is told.
docs/decisions/ has the attacks that were thought through.
"""

import datetime as dt
import hashlib
import secrets

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts import access, second_factor, sessions
from clee_portal.accounts.models import FactorRecovery, User
from clee_portal.refusal import Refused

# How long a second member of POST staff has, and then how long the link works.
TO_APPROVE = dt.timedelta(hours=24)
TO_USE = dt.timedelta(minutes=30)
NOT_YOURS = "Only POST staff let others set up their second step anew."


@transaction.atomic
def open_for(*, by: User | None, user: User, identified_by: str) -> tuple[FactorRecovery, str | None]:
    """Open a recovery for `user`, who has called. Returns it with the token of its link, or None where a second member
    of POST staff has to approve it first. An earlier one that was not used is withdrawn.

    Whoever calls sends the link by mail once this is committed. Raises `Refused`.
    """
    one = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not access.can_recover(by):
        raise Refused(NOT_YOURS)
    if one.pk == by.pk:
        raise Refused("Nobody opens a recovery for themself. Ask another member of POST staff.", field="email")
    if not one.is_active:
        raise Refused("This account is closed.", field="email")
    if not second_factor.has(one):
        raise Refused("This account has no second step. The person signs in with the password alone.", field="email")
    identified_by = identified_by.strip()
    if not identified_by:
        raise Refused("Say how you made sure who calls.", field="identified_by")
    with history.because("Recovery opened anew"):
        FactorRecovery.objects.filter(user=one, used_at=None, withdrawn_at=None).update(
            withdrawn_at=Now(), withdrawn_by=by
        )
    needs_approval = second_factor.is_required_of(one)
    token = None if needs_approval else secrets.token_urlsafe(32)
    with history.because("Recovery of the second step opened"):
        made = FactorRecovery.objects.create(
            user=one,
            opened_by=by,
            identified_by=identified_by,
            needs_approval=needs_approval,
            token_digest=_digest(token) if token else "",
            expires_at=clock.now() + (TO_USE if token else TO_APPROVE),
        )
    return made, token


@transaction.atomic
def approve(*, by: User | None, recovery: FactorRecovery) -> tuple[FactorRecovery, str]:
    """A second member of POST staff says yes. Returns it with the token of its link. Raises `Refused`."""
    one = _locked(recovery)
    if not access.can_recover(by):
        raise Refused(NOT_YOURS)
    if by.pk == one.opened_by_id:
        raise Refused("You opened it. Another member of POST staff approves it.")
    if by.pk == one.user_id:
        raise Refused("It is for your own account. Another member of POST staff approves it.")
    if not one.needs_approval or one.approved_at:
        raise Refused("It needs no approval any more.")
    _check_open(one)
    token = secrets.token_urlsafe(32)
    with history.because("Recovery of the second step approved"):
        one.approved_by, one.approved_at = by, clock.now()
        one.token_digest, one.expires_at = _digest(token), clock.now() + TO_USE
        one.save(update_fields=["approved_by", "approved_at", "token_digest", "expires_at"])
    return one, token


@transaction.atomic
def withdraw(*, by: User | None, recovery: FactorRecovery) -> FactorRecovery:
    """Take it back: its link works no more. The person whose it is may do so too. Raises `Refused`."""
    one = _locked(recovery)
    if not (access.can_recover(by) or (by and by.pk == one.user_id)):
        raise Refused(NOT_YOURS)
    if one.withdrawn_at:
        return one
    _check_open(one)
    with history.because("Recovery of the second step withdrawn"):
        one.withdrawn_at, one.withdrawn_by = clock.now(), by
        one.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return one


def of_token(token: str) -> FactorRecovery | None:
    """The recovery whose link this is, while it works."""
    found = FactorRecovery.objects.unfinished(clock.now()).select_related("user")
    return found.filter(token_digest=_digest(token), user__is_active=True).first() if token else None


@transaction.atomic
def use(*, token: str) -> FactorRecovery:
    """The person confirms by the link: their second steps and recovery codes are removed, all their sessions end, and
    at the next sign-in they set up a new one before anything else opens. Raises `Refused`."""
    known = of_token(token)
    if known:  # whoever opens another for the same person at the same moment waits, or has withdrawn this one
        User.objects.select_for_update(no_key=True).get(pk=known.user_id)
    one = _locked(known) if known else None
    if one is None or one.token_digest != _digest(token) or one.used_at or one.withdrawn_at:
        raise Refused("This link no longer works.")
    with history.because("Second step removed by the person’s link"):
        one.used_at = clock.now()
        one.save(update_fields=["used_at"])
    Authenticator.objects.filter(user=one.user_id).delete()
    sessions.end_all(one.user)
    return one


def _check_open(one: FactorRecovery) -> None:
    if one.used_at:
        raise Refused("It was used already.")
    if one.withdrawn_at:
        raise Refused("It was withdrawn.")
    if one.expires_at <= clock.now():
        raise Refused("Its time has run out. Open a new one.")


def _locked(recovery: FactorRecovery) -> FactorRecovery:
    found = FactorRecovery.objects.select_for_update(of=("self",)).select_related("user", "opened_by")
    return found.get(pk=recovery.pk)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
