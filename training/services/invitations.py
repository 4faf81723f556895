"""Invitations: sent, sent again, withdrawn; followed, confirmed by a fact, and used to connect somebody."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from clee_portal import clock, history
from clee_portal.accounts import sessions
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from training import access, facts_confirmed, invitation_tokens, licensing
from training.invitation_states import State, state_of
from training.models import Agency, Campaign, Invitation, InvitationRequest, Membership, Officer, Provider
from training.services import invitation_mail

Role = Invitation.Role
NOT_YOURS = "Only POST staff invite."


def draft(**of) -> Invitation:
    """An invitation not yet stored, with its token's hash and the day it expires."""
    invitation = Invitation(expires_at=clock.now() + dt.timedelta(days=settings.INVITATION_DAYS), **of)
    invitation.email = invitation.email.strip().lower()
    invitation.token_hash = invitation_tokens.hash_of(invitation_tokens.token_of_nonce(invitation.nonce))
    return invitation


@transaction.atomic
def invite_officer(
    *, by: User | None, officer: Officer, email: str, campaign: Campaign | None = None, today: dt.date
) -> Invitation:
    """Invite an officer to their license number; an invitation still standing ends by it. Raises `Refused`."""
    _needs_right(by)
    locked = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
    if Membership.objects.filter(officer=locked, role=Role.OFFICER).current(today).exists():
        raise Refused(f"License {locked.license_number} is connected to an account already.", field="license_number")
    if not licensing.states_of([locked.pk], today, clock.now())[locked.pk].is_held:
        raise Refused(
            f"License {locked.license_number} is not held today (expired, revoked, surrendered or never issued).",
            field="license_number",
        )
    made = draft(role=Role.OFFICER, officer=locked, email=email, campaign=campaign)
    return send(by=by, instead_of=Q(officer=locked), made=made)


def send(*, by: User | None, instead_of: Q, made: Invitation) -> Invitation:
    """Store an invitation, end those of the same thing that still stand, and hand its mail to the outbox. The caller
    has locked what it is for, and asked whether `by` may."""
    with history.because("Invitation sent"):
        standing = Invitation.objects.standing().filter(instead_of, role=made.role)
        standing.update(withdrawn_at=Now(), withdrawn_by=by, is_superseded=True)
        made.invited_by = by
        made.save()
        asked = Q(officer__isnull=False, officer=made.officer_id) | Q(invitation__in=_same(made))
        answer_requests(by=by, which=asked)
    invitation_mail.queue([made])
    made.refresh_from_db()
    return made


def answer_requests(*, by: User | None, which: Q, answer: str = "An invitation was sent.") -> int:
    """Answer what was asked and is open; returns how many."""
    return InvitationRequest.objects.filter(which, answered_at=None).update(
        answered_at=Now(), answered_by=by, answer=answer
    )


def _same(made: Invitation):
    same = Invitation.objects.filter(role=made.role, email__iexact=made.email)
    return same.filter(officer=made.officer_id, agency=made.agency_id, provider=made.provider_id).values("pk")


@transaction.atomic
def send_again(*, by: User | None, invitation: Invitation, email: str = "", today: dt.date) -> Invitation:
    """A new invitation for the same thing, to the same address or another; the old link ends. Raises `Refused`."""
    held = _locked(invitation)
    if not may_send_again(by=by, invitation=held):
        raise Refused(NOT_YOURS)
    if held.used_at:
        raise Refused("This invitation was used: the account is connected.")
    email = email.strip().lower() or held.email
    if held.role == Role.OFFICER:
        return invite_officer(by=by, officer=held.officer, email=email, campaign=held.campaign, today=today)
    same = {name: getattr(held, name) for name in ("role", "agency", "provider", "name", "starts_on", "is_head")}
    instead = Q(email__iexact=held.email, agency=held.agency_id, provider=held.provider_id)
    return send(by=by, instead_of=instead, made=draft(email=email, **same, **held.rights))


@transaction.atomic
def withdraw(*, by: User | None, invitation: Invitation) -> Invitation:
    """End an invitation nobody has used: its link connects nobody any more. Raises `Refused`."""
    held = _locked(invitation)
    if not may_send_again(by=by, invitation=held):
        raise Refused(NOT_YOURS)
    if held.used_at:
        raise Refused("It was used already. Revoke the connection instead.")
    if held.role == Role.AGENCY_CEO and held.agency_id and held.starts_on:
        raise Refused("This is a hand-over. Take the hand-over back instead.")
    if not held.withdrawn_at:
        with history.because("Invitation withdrawn"):
            Invitation.objects.filter(pk=held.pk).update(withdrawn_at=Now(), withdrawn_by=by)
            answer_requests(by=by, which=Q(invitation=held), answer="The invitation was withdrawn.")
        held.refresh_from_db()
    return held


def may_send_again(*, by: User | None, invitation: Invitation) -> bool:
    """Whether `by` may send an invitation again and withdraw it: whoever may name the person, and POST staff; of the
    state's own people the Director and designated agents."""
    if invitation.role in (Role.POST_STAFF, Role.DIRECTOR_AGENT):
        return access.can_name_state_people(by)
    if access.can_invite(by):
        return True
    if invitation.agency_id:
        return access.can_name_people(by, invitation.agency)
    return bool(invitation.provider_id and access.can_name_provider_people(by, invitation.provider))


@transaction.atomic
def opened(*, token: str, now: dt.datetime) -> None:
    """Note that somebody went on from the link, the first time it happens."""
    Invitation.objects.filter(token_hash=invitation_tokens.hash_of(token), opened_at=None).usable(now).update(
        opened_at=Now()
    )


@transaction.atomic
def make_account(*, token: str, name: str, password: str, now: dt.datetime) -> User:
    """An account with a password for the address an invitation went to. It is connected to nothing by it. Raises
    `Refused` where the link is worth nothing any more or the address has an account."""
    found = Invitation.objects.select_for_update().usable(now)
    found = found.filter(token_hash=invitation_tokens.hash_of(token)).first()
    if found is None:
        raise Refused("This link no longer works.")
    if User.objects.filter(email__iexact=found.email).exists():
        raise Refused(f"{found.email} has an account already. Sign in with it.")
    try:
        with transaction.atomic():
            return User.objects.create_user(found.email, password, name=tidy(name))
    except IntegrityError:
        raise Refused(f"{found.email} has an account already. Sign in with it.") from None


class WrongFact(Refused):
    """The fact was answered wrongly; `left` attempts are left."""

    def __init__(self, left: int):
        self.left = left
        tries = "1 attempt is" if left == 1 else f"{left} attempts are"
        super().__init__(f"That is not what POST has. Check it; {tries} left.", field="answer")


def accept(*, by: User, token: str, answer, now: dt.datetime, today: dt.date) -> Membership | StateRole:
    """Connect `by` to what the invitation is for, once the fact is confirmed. A wrong answer is counted.

    Raises `WrongFact`, and `Refused` where the link connects nobody any more or not this person.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        found = _of_token(token)
        if refusal := why_not(found, by=by, now=now, today=today):
            raise Refused(refusal)
        fact = facts_confirmed.fact_of(found)
        left = None
        if fact is not None and not fact.is_answered_by(answer):
            left = _count_wrong(found)
        else:
            made = _connect(found, by, today)
    if left is not None:
        raise WrongFact(left) if left else Refused("The invitation is locked. POST has been told.")
    return made


def why_not(found: Invitation | None, *, by: User, now: dt.datetime, today: dt.date) -> str:
    """Why the link does not connect this person, in words; empty where it does."""
    state = state_of(found, now, by, today)
    return "" if state == State.OPEN else state.label


def _of_token(token: str) -> Invitation | None:
    """The invitation of a token, locked together with what it is for: one account a license."""
    found = Invitation.objects.filter(token_hash=invitation_tokens.hash_of(token)).first()
    if found is None:
        raise Refused("There is no such invitation.")
    return _locked(found)


def _count_wrong(found: Invitation) -> int:
    with history.because("The fact was answered wrongly"):
        Invitation.objects.filter(pk=found.pk).update(wrong_facts=F("wrong_facts") + 1)
        left = max(0, facts_confirmed.MOST_WRONG - found.wrong_facts - 1)
        if not left:
            Invitation.objects.filter(pk=found.pk).update(locked_at=Now())
            ask(found, InvitationRequest.Reason.LOCKED)
    return left


def ask(found: Invitation, reason: str) -> None:
    """Put what became of an invitation before POST; asked again it stays one question."""
    about = {"officer_id": found.officer_id} if found.officer_id else {"invitation": found}
    repeated = InvitationRequest.objects.filter(**about, answered_at=None)
    if not repeated.update(
        times=F("times") + 1, last_asked_at=Now(), reason=reason, invitation=Coalesce(F("invitation"), found.pk)
    ):
        InvitationRequest.objects.create(officer=found.officer, invitation=found, reason=reason)


def _connect(found: Invitation, by: User, today: dt.date) -> Membership | StateRole:
    starts_on = max(today, found.starts_on or today)
    with history.because("Connected by invitation"):
        Invitation.objects.filter(pk=found.pk).update(
            used_at=Now(),
            used_by=by,
            used_email="" if by.email.lower() == found.email.lower() else by.email,
            opened_at=Coalesce(F("opened_at"), Now()),
        )
        asked = Q(invitation=found) | Q(officer__isnull=False, officer=found.officer_id)
        answer_requests(by=by, which=asked, answer="Connected.")
        if found.role in (Role.POST_STAFF, Role.DIRECTOR_AGENT):
            made = StateRole(user=by, role=found.role, starts_on=starts_on, named_by=found.invited_by)
        else:
            made = Membership(
                user=by, role=found.role, officer=found.officer, agency=found.agency, provider=found.provider,
                starts_on=starts_on, named_by=found.invited_by, is_head=found.is_head, **found.rights,
            )  # fmt: skip
        made.save()
    return made


def tidy(name: str) -> str:
    """A name without blanks too many."""
    return " ".join(name.split())


def _needs_right(by: User | None) -> None:
    if not access.can_invite(by):
        raise Refused(NOT_YOURS)


def _locked(invitation: Invitation) -> Invitation:
    """The invitation, locked after what it is for: in the order of whoever sends another for the same."""
    lock_subject(invitation)
    held = Invitation.objects.select_for_update(of=("self",)).select_related("officer", "agency", "provider")
    held = held.get(pk=invitation.pk)
    if held.officer_id != invitation.officer_id:
        raise Refused("The record it is for was joined with another just now. Look at it again.")
    return held


def lock_subject(invitation: Invitation) -> None:
    """Lock what an invitation is for. It comes before the lock of any invitation or request of it."""
    of = ((Officer, invitation.officer_id), (Agency, invitation.agency_id), (Provider, invitation.provider_id))
    for model, pk in of:
        if pk:
            model.objects.select_for_update(no_key=True).get(pk=pk)


@transaction.atomic
def disconnect(*, by: User | None, membership: Membership) -> Membership:
    """Take an account off a license at once; its open sessions end. Raises `Refused`."""
    _needs_right(by)
    Officer.objects.select_for_update(no_key=True).get(pk=membership.officer_id)
    held = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if not held.revoked_at:
        with history.because("Account taken off the license"):
            Membership.objects.filter(pk=held.pk).update(revoked_at=Now())
        sessions.end_all(held.user)
        held.refresh_from_db(fields=["revoked_at"])
        invitation_mail.tell_ended(held)
    return held


@transaction.atomic
def ask_again(*, token: str, now: dt.datetime) -> bool:
    """Whoever holds an expired link asks POST for a new one. Returns whether the link was one that has expired."""
    found = Invitation.objects.filter(token_hash=invitation_tokens.hash_of(token)).first()
    if found is None:
        return False
    found = _locked(found)
    if found.used_at or found.withdrawn_at or found.locked_at or found.expires_at > now:
        return False
    with history.because("A new invitation was asked for"):
        ask(found, InvitationRequest.Reason.EXPIRED)
    return True
