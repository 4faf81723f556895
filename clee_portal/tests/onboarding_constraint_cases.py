"""What the database must refuse of onboarding; registered beside the cases of constraint_cases.py."""

import datetime as dt

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.tests.constraint_cases import DAY, LATER, insert, refused
from training.models import Campaign, Invitation, InvitationRequest, Membership, PeopleConfirmation, Provider
from training.services import invitations
from training.tests import factories


def an_invitation(**values) -> Invitation:
    if "role" not in values:
        values = {"role": "officer", "officer": factories.officer(), **values}
    return Invitation.objects.bulk_create([invitations.draft(**{"email": "a@example.org", **values})])[0]


def change(invitation: Invitation, **values) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**values)


@refused("state_role_once")
def _():
    user = factories.user()
    insert(StateRole, user=user, role="post_staff", starts_on=DAY)
    insert(StateRole, user=user, role="post_staff", starts_on=LATER)


@refused("membership_rights_of_delegates")
def _():
    insert(
        Membership,
        user=factories.user(),
        role="agency_ceo",
        agency=factories.agency(),
        starts_on=DAY,
        may_correct=False,
    )


@refused("membership_head_of_provider")
def _():
    insert(Membership, user=factories.user(), role="delegate", agency=factories.agency(), starts_on=DAY, is_head=True)


@refused("invitation_rights_of_delegates")
def _():
    an_invitation(may_keep_roster=False)


@refused("invitation_head_of_provider")
def _():
    an_invitation(is_head=True)


@refused("campaign_named_once")
def _():
    insert(Campaign, name="January")
    insert(Campaign, name="JANUARY")


@refused("invitation_role_fits_its_object")
def _():
    an_invitation(role="post_staff", officer=factories.officer())


@refused("invitation_once_per_license")
def _():
    officer = factories.officer()
    an_invitation(officer=officer)
    an_invitation(officer=officer, email="b@example.org")


@refused("invitation_once_per_agency")
def _():
    agency = factories.agency()
    an_invitation(role="delegate", agency=agency)
    insert(Invitation, **_as(role="delegate", agency=agency, email="A@example.org"))


@refused("invitation_one_ceo_to_come")
def _():
    agency = factories.agency()
    an_invitation(role="agency_ceo", agency=agency)
    an_invitation(role="agency_ceo", agency=agency, email="b@example.org")


@refused("invitation_once_per_provider")
def _():
    provider = Provider.objects.create(name="Academy of the Ozarks")
    an_invitation(role="provider_staff", provider=provider)
    an_invitation(role="provider_staff", provider=provider)


@refused("invitation_once_per_state_role")
def _():
    an_invitation(role="post_staff")
    an_invitation(role="post_staff")


def _as(**values) -> dict:
    made = invitations.draft(**values)
    return {**values, "token_hash": made.token_hash, "expires_at": made.expires_at}


@refused("invitation_used_by_somebody")
def _():
    change(an_invitation(), used_at=clock.now())


@refused("invitation_ends_once")
def _():
    change(an_invitation(), used_at=clock.now(), used_by=factories.user(), withdrawn_at=clock.now())


@refused("invitation_superseded_is_over")
def _():
    change(an_invitation(), is_superseded=True)


@refused("invitation_expires_after_it_is_sent")
def _():
    change(an_invitation(), expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


@refused("invitation_request_is_about_something")
def _():
    insert(InvitationRequest, reason="agency")


@refused("invitation_request_once_per_officer")
def _():
    officer = factories.officer()
    insert(InvitationRequest, officer=officer, reason="agency")
    insert(InvitationRequest, officer=officer, reason="expired")


@refused("invitation_request_once_per_invitation")
def _():
    one = an_invitation(role="post_staff")
    insert(InvitationRequest, invitation=one, reason="expired")
    insert(InvitationRequest, invitation=one, reason="expired")


@refused("invitation_request_answer_whole")
def _():
    insert(InvitationRequest, officer=factories.officer(), reason="agency", answer="Sent")


@refused("people_confirmation_of_one_body")
def _():
    insert(
        PeopleConfirmation,
        agency=factories.agency(),
        provider=Provider.objects.create(name="Academy of the Ozarks"),
        quarter_on=dt.date(2026, 1, 1),
        people=1,
    )


@refused("people_confirmation_of_a_quarter")
def _():
    insert(PeopleConfirmation, agency=factories.agency(), quarter_on=dt.date(2026, 2, 1), people=1)


@refused("people_confirmed_once_a_quarter")
def _():
    insert(PeopleConfirmation, quarter_on=dt.date(2026, 1, 1), people=1)
    insert(PeopleConfirmation, quarter_on=dt.date(2026, 1, 1), people=2)
