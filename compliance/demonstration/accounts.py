"""The demonstration accounts: users with one password, connected to officers, agencies and a provider of the state."""

import datetime as dt

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.hashers import make_password

from clee_portal.accounts import encryption
from clee_portal.accounts.demonstration import ACCOUNTS, PASSWORD
from clee_portal.accounts.models import StateRole, User
from compliance.demonstration.agencies import LARGEST, SHERIFF, SMALL_CITY
from training.models import Membership

AGENCY_ROLES = {
    "chief": (Membership.Role.AGENCY_CEO, SMALL_CITY),
    "hats": (Membership.Role.DELEGATE, SMALL_CITY),
    "sheriff": (Membership.Role.AGENCY_CEO, SHERIFF),
    "coordinator": (Membership.Role.DELEGATE, LARGEST),
}
OFFICERS = ("near_miss", "compliant", "candidate", "hats")
ENTERED_BY = {SMALL_CITY: "chief", SHERIFF: "sheriff", LARGEST: "coordinator"}


def make() -> dict[str, User]:
    """The users, by key. The password is hashed once: a hash takes a fifth of a second."""
    hashed = make_password(PASSWORD)
    users = [User(email=account.email, name=account.name, password=hashed) for account in ACCOUNTS]
    User.objects.bulk_create(users)
    return {account.key: user for account, user in zip(ACCOUNTS, users, strict=True)}


def connect(users: dict[str, User], today: dt.date, officers: dict[str, int], agency: int, provider: int) -> None:
    """Memberships and state roles, since about two years. `agency` and `provider` are the ids of the first of each."""
    since = today - dt.timedelta(days=700)
    memberships = [
        Membership(user=users[key], role=role, agency_id=agency + number, starts_on=since)
        for key, (role, number) in AGENCY_ROLES.items()
    ]
    memberships += [
        Membership(user=users[key], role=Membership.Role.OFFICER, officer_id=officers[key], starts_on=since)
        for key in OFFICERS
    ]
    memberships.append(
        Membership(
            user=users["provider"],
            role=Membership.Role.PROVIDER_STAFF,
            provider_id=provider,
            starts_on=since,
            is_head=True,
        )
    )
    Membership.objects.bulk_create(memberships)
    StateRole.objects.bulk_create(
        StateRole(user=users[account.key], role=account.state_role, starts_on=since)
        for account in ACCOUNTS
        if account.state_role
    )
    StateRole.objects.create(user=users["post_staff"], role=StateRole.Role.MEDICAL_READER, starts_on=since)
    # Whoever acts for the state needs a second step; the demonstration shows its codes (accounts.demonstration).
    Authenticator.objects.bulk_create(
        Authenticator(
            user=users[account.key],
            type=Authenticator.Type.TOTP,
            data={"secret": encryption.encrypt(generate_totp_secret())},
        )
        for account in ACCOUNTS
        if account.state_role
    )
