"""Who is invited, and who once had rights, in the state of `world.py`: `a` and `b` are its agencies, `p` and `q` its
providers."""

import datetime as dt

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from clee_portal.tests.register_of_world import register_of
from training.models import Campaign, Invitation, InvitationRequest, Membership
from training.services import invitations
from training.tests import factories

LONG_AGO = dt.date(2015, 3, 2)
# What every name in `World.people` is; the parametrised tests need it before there is a database.
PEOPLE = (
    "anonymous",
    "nobody",
    "officer of A",
    "CEO of A",
    "delegate of A",
    "officer of B",
    "CEO of B",
    "delegate of B",
    "staff of P",
    "head of P",
    "staff of Q",
    "POST staff",
    "Director",
    "agent of the Director",
    "CEO of A until yesterday",
    "CEO of A from tomorrow",
    "CEO of A, revoked",
    "delegate of A, revoked",
    "officer of A, revoked",
    "staff of P until yesterday",
    "former officer of A",
    "POST staff until yesterday",
    "Director until yesterday",
)

# Whose rows are those of somebody who is walked in full (test_isolation.py proves it): they open what stands first.
SEE_ALIKE = {
    "head of P": "staff of P",
    "delegate of A": "CEO of A",
    "delegate of B": "CEO of B",
    "agent of the Director": "Director",
}


def invited(by: User | None, **of) -> Invitation:
    """An invitation that stands, without a mail."""
    made = invitations.draft(invited_by=by, **of)
    made.save()
    return made


def onboarding(a, b, p, q, people: dict[str, User | None]) -> None:
    """A campaign to two officers, both asked for by their agencies; somebody invited to a role of the state."""
    campaign, post = Campaign.objects.create(name="Statehouse campaign"), people["POST staff"]
    for house, school in ((a, p), (b, q)):
        email = f"colleague@{house.colleague.last_name.lower()}.example"
        held = invited(post, role="officer", officer=house.colleague, campaign=campaign, email=email)
        InvitationRequest.objects.create(
            officer=house.colleague, invitation=held, agency=house.agency, reason="agency", asked_by=house.ceo
        )
        house.school = school
    asked = invited(people["Director"], role="post_staff", email="next@statehouse.example", name="Ned Statehouse")
    for house in (a, b):
        house.of_state = {"campaign": [campaign], "state_role": [post.state_roles.get()], "state_invitation": [asked]}
        house.of_state |= register_of(house, house.school, post)


def former_people(a, p) -> dict[str, User]:
    """People who once had, will have, or had taken from them, what others have today."""
    today = clock.today()
    once = {"starts_on": LONG_AGO, "ends_on": today - dt.timedelta(days=1)}
    soon = {"starts_on": today + dt.timedelta(days=1)}
    revoked = {"starts_on": LONG_AGO, "revoked_at": clock.now()}
    ties = {
        "CEO of A until yesterday": {"role": "agency_ceo", "agency": a.agency, **once},
        "CEO of A from tomorrow": {"role": "agency_ceo", "agency": a.agency, **soon},
        "CEO of A, revoked": {"role": "agency_ceo", "agency": a.agency, **revoked},
        "delegate of A, revoked": {"role": "delegate", "agency": a.agency, **revoked},
        "officer of A, revoked": {"role": "officer", "officer": a.colleague, **revoked},
        "staff of P until yesterday": {"role": "provider_staff", "provider": p.provider, **once},
    }
    people = {name: factories.user(f"once{number}@else.example") for number, name in enumerate(ties)}
    for name, tie in ties.items():
        Membership.objects.create(user=people[name], **tie)
    people["former officer of A"] = factories.officer_account(a.former, "ona@else.example")
    for name, role in (("POST staff until yesterday", "post_staff"), ("Director until yesterday", "director")):
        people[name] = factories.user(f"{role}@else.example")
        StateRole.objects.create(user=people[name], role=role, **once)
    return people
