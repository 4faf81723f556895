"""What is asked of POST: send an invitation (again). Asked by agencies for their officers; answered from the queue."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, Commission, Invitation, InvitationRequest, Membership, Officer
from training.services import invitations

Reason = InvitationRequest.Reason

# An officer who is asked for already keeps the one question, with a note that it was asked again.
_ASK = """
INSERT INTO training_invitationrequest (officer_id, agency_id, reason, asked_by_id, times, answer)
SELECT id, %(agency)s, 'agency', %(by)s, 1, '' FROM training_officer WHERE id = ANY(%(officers)s)
ON CONFLICT (officer_id) WHERE (answered_at IS NULL AND officer_id IS NOT NULL)
DO UPDATE SET times = training_invitationrequest.times + 1, last_asked_at = statement_timestamp(),
    agency_id = coalesce(training_invitationrequest.agency_id, excluded.agency_id)
RETURNING times
"""


@transaction.atomic
def ask(*, by: User | None, agency: Agency, officers: Sequence[int] | None = None, today: dt.date) -> tuple[int, int]:
    """Ask POST to invite officers of `agency` who are not connected: those of the ids given, or all. Returns for how
    many it was asked, and of how many of them it had been asked before. A constant number of statements. Raises
    `Refused`."""
    if not access.can_ask_for_invitation(by, agency):
        raise Refused("Only the agency’s people, or POST, ask for an invitation of its officers.")
    wanted = not_connected(agency, today)
    if officers is not None:
        wanted = wanted.filter(pk__in=officers)
    # Whoever connects or invites one of them at the same moment waits, or is seen to have.
    asked = Officer.objects.filter(pk__in=list(wanted.values_list("pk", flat=True)))
    list(asked.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    ids = list(wanted.order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise Refused("None of them is without a connection here today.")
    with history.because("Invitation asked for"), connection.cursor() as cursor:
        cursor.execute(_ASK, {"agency": agency.pk, "by": by.pk if by else None, "officers": ids})
        times = [row[0] for row in cursor.fetchall()]
    return len(times), sum(one > 1 for one in times)


def not_connected(agency: Agency, today: dt.date):
    """The officers commissioned at `agency` today whose license is connected to no account."""
    members = Membership.objects.filter(role=Membership.Role.OFFICER).current(today).values("officer")
    here = Commission.objects.in_force(today).filter(agency=agency).values("officer")
    return Officer.objects.filter(pk__in=here).exclude(pk__in=members)


@transaction.atomic
def send(*, by: User | None, request: InvitationRequest, email: str = "", today: dt.date) -> Invitation:
    """Answer a request by sending an invitation, to the address given, else the last one used or the register's.

    Raises `Refused`.
    """
    held = _locked(by, request)
    email = email.strip() or address_of(held)
    if not email:
        raise Refused("There is no e-mail address of this officer. Give one.", field="email")
    if held.officer_id:
        return invitations.invite_officer(by=by, officer=held.officer, email=email, today=today)
    return invitations.send_again(by=by, invitation=held.invitation, email=email, today=today)


@transaction.atomic
def decline(*, by: User | None, request: InvitationRequest, answer: str) -> InvitationRequest:
    """Answer a request without sending anything. Raises `Refused`."""
    held = _locked(by, request)
    answer = " ".join(answer.split())
    if not answer:
        raise Refused("Say in a few words why nothing is sent: the agency reads it.", field="answer")
    with history.because("Request for an invitation answered"):
        InvitationRequest.objects.filter(pk=held.pk).update(answered_at=Now(), answered_by=by, answer=answer)
    held.refresh_from_db()
    return held


def open_requests():
    """What waits for POST, the oldest first, each with the `address` that would be used."""
    last = Invitation.objects.filter(officer=OuterRef("officer")).order_by("-invited_at", "-pk").values("email")[:1]
    return (
        InvitationRequest.objects.filter(answered_at=None)
        .select_related("officer", "agency", "invitation__agency", "invitation__provider", "asked_by")
        .annotate(last_email=Subquery(last))
        .order_by("asked_at", "pk")
    )


def address_used(request: InvitationRequest) -> str:
    """The same as `address_of`, of a row of `open_requests`, which knows the last address already."""
    return request.last_email or (request.officer.email if request.officer else request.invitation.email)


def address_of(request: InvitationRequest) -> str:
    """Where an invitation would go: the last address used, else the register's; empty where neither is known."""
    if request.officer_id is None:
        return request.invitation.email
    last = Invitation.objects.filter(officer=request.officer_id).order_by("-invited_at", "-pk")
    return last.values_list("email", flat=True).first() or request.officer.email


def _locked(by: User | None, request: InvitationRequest) -> InvitationRequest:
    if not access.can_invite(by):
        raise Refused(invitations.NOT_YOURS)
    about = request.invitation if request.officer_id is None else Invitation(officer_id=request.officer_id)
    invitations.lock_subject(about)
    held = InvitationRequest.objects.select_for_update(of=("self",))
    held = held.select_related("officer", "invitation__agency", "invitation__provider").get(pk=request.pk)
    if held.answered_at:
        raise Refused(f"This was answered already, on {clock.day_of(held.answered_at):%B %d}: {held.answer}")
    return held
