"""Onboarding of the demonstration: a campaign that is under way, an invitation that waits to be followed, one expired.

The campaign's past is written as it would have come about; the newcomer's invitation is sent by the services, so that
its mail stands among the mail of the demonstration and can be followed, by the demonstration of MO Login or with a new
account. What the link asks stands on the officer's connection page, for POST staff.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random

from clee_portal import clock
from clee_portal.accounts.demonstration import NOT_CONNECTED
from clee_portal.accounts.models import User
from notifications.models import Message
from training.models import Agency, Campaign, Commission, Invitation, Membership, Officer
from training.occasions import INVITATION
from training.services import invitation_requests, invitations

NAME = "The largest department, this fall"
INVITED, CONNECTED, OPENED, REFUSED, LOCKED = 60, 27, 34, 2, 1
AGO = 11  # days since the campaign; its links work for fourteen


def lay_out(users: Mapping[str, User], sheriff: Agency, largest: Agency, today: dt.date, seed: int) -> None:
    """Write it. Runs inside the transaction that writes the state."""
    rng = Random(f"{seed} onboarding")  # noqa: S311 - believable, not secret
    by = users["post_staff"]
    _campaign(by, _unconnected(largest, today)[:INVITED], today, rng)
    officers = _unconnected(sheriff, today)
    newcomer, late, asked = officers[3:6]
    _expired(by, late, today)
    invitation_requests.ask(by=users["sheriff"], agency=sheriff, officers=[asked.pk], today=today)
    invitations.invite_officer(by=by, officer=newcomer, email=NOT_CONNECTED.email, today=today)


def _unconnected(agency: Agency, today: dt.date) -> list[Officer]:
    """Officers of an agency with an active license that no account is connected to, by license number."""
    here = Commission.objects.in_force(today).filter(agency=agency).values("officer")
    known = Membership.objects.filter(officer__isnull=False).values("officer")
    ended = ("expired", "revoked", "surrendered")
    found = Officer.objects.filter(pk__in=here).exclude(pk__in=known).exclude(license_events__kind__in=ended)
    return list(found.order_by("license_number"))


def _campaign(by: User, officers: Sequence[Officer], today: dt.date, rng: Random) -> None:
    began = clock.midday(today - dt.timedelta(days=AGO))
    campaign = Campaign.objects.create(name=NAME, created_by=by, created_at=began, rows_left_out=3)
    rows = [_invitation(by, officer, began, campaign) for officer in officers]
    for number, one in enumerate(rows):
        if number < OPENED:
            one.opened_at = began + _some_days(rng)
        elif number < OPENED + LOCKED:
            one.opened_at = began + _some_days(rng)
            one.locked_at, one.wrong_facts = one.opened_at + dt.timedelta(minutes=9), 5
    people = User.objects.bulk_create(_account(one) for one in rows[:CONNECTED])
    for one, person in zip(rows, people, strict=False):
        one.used_at, one.used_by = one.opened_at + dt.timedelta(minutes=4), person
    Invitation.objects.bulk_create(rows)
    Membership.objects.bulk_create(
        Membership(
            user=one.used_by, role=Membership.Role.OFFICER, officer=one.officer, named_by=by,
            starts_on=clock.day_of(one.used_at),
        )
        for one in rows
        if one.used_at
    )  # fmt: skip
    _mailed(rows[:-REFUSED], Message.State.SENT, rng)
    _mailed(rows[-REFUSED:], Message.State.REFUSED, rng, "550 5.1.1 The mailbox does not exist.")


def _account(one: Invitation) -> User:
    return User(email=one.email, name=f"{one.officer.first_name} {one.officer.last_name}", password="!")  # noqa: S106 - no password at all


def _some_days(rng: Random) -> dt.timedelta:
    """When people follow a link: half within two days."""
    return dt.timedelta(hours=min(rng.expovariate(1 / 50) + 1, AGO * 24 - 20))


def _expired(by: User, officer: Officer, today: dt.date) -> None:
    one = _invitation(by, officer, clock.midday(today - dt.timedelta(days=40)))
    one.save()
    _mailed([one], Message.State.SENT, Random(0))  # noqa: S311 - as above


def _address(officer: Officer) -> str:
    """The register's address of an officer, else one that cannot exist."""
    return officer.email or f"officer.{officer.license_number}@demo.example.org"


def _invitation(by: User, officer: Officer, at: dt.datetime, campaign: Campaign | None = None) -> Invitation:
    one = invitations.draft(role=Invitation.Role.OFFICER, officer=officer, email=_address(officer), campaign=campaign)
    one.invited_by, one.invited_at, one.expires_at = by, at, at + dt.timedelta(days=14)
    return one


def _mailed(rows: Sequence[Invitation], state: str, rng: Random, note: str = "") -> None:
    Message.objects.bulk_create(
        Message(
            occasion=INVITATION, key=str(one.pk), address=one.email, priority=0, state=state, next_try_at=None,
            put_at=one.invited_at, attempts=1, first_tried_at=one.invited_at, note=note,
            settled_at=one.invited_at + dt.timedelta(seconds=rng.randint(2, 900)),
        )
        for one in rows
    )  # fmt: skip
