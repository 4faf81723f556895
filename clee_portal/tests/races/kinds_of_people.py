"""Who acts for whom: invitations and requests for them, delegates, hand-overs, staff of providers, the state’s people,
and what a person keeps of themself."""

import datetime as dt
import uuid
from types import SimpleNamespace

from allauth.mfa.models import Authenticator

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.accounts.services import contacts, recoveries
from clee_portal.tests.races.kinds import Act, Kind
from compliance.services import medical_readers
from notifications import addresses, preferences
from notifications.models import FailingAddress
from training import invitation_tokens
from training.imports.invitation_list import Given
from training.models import Invitation, InvitationRequest, OfficerBirthDate
from training.services import (
    campaigns,
    feeds,
    invitation_requests,
    invitations,
    memberships,
    people_confirmations,
    provider_people,
    state_people,
)
from training.tests import factories as make

TODAY = clock.today()
BORN = dt.date(1986, 4, 9)


def _address() -> str:
    return f"{uuid.uuid4().hex[:12]}@races.example.org"


def _officer(state) -> SimpleNamespace:
    one = SimpleNamespace(officer=make.officer(state.agency))
    OfficerBirthDate.objects.create(officer=one.officer, born_on=BORN)
    one.email, one.name = _address(), f"Campaign {uuid.uuid4()}"
    return one


def _invited(state) -> SimpleNamespace:
    one = _officer(state)
    one.invitation = invitations.invite_officer(by=state.post[0], officer=one.officer, email=one.email, today=TODAY)
    one.token = invitation_tokens.token_of(one.invitation)
    one.own, one.stranger = make.user(), make.user()
    return one


def _asked(state) -> SimpleNamespace:
    one = _invited(state)
    invitation_requests.ask(by=state.chiefs[0], agency=state.agency, officers=[one.officer.pk], today=TODAY)
    one.request = InvitationRequest.objects.get(officer=one.officer, answered_at=None)
    return one


def _expired(state):
    one = _invited(state)
    Invitation.objects.filter(pk=one.invitation.pk).update(
        invited_at=clock.now() - dt.timedelta(days=60), expires_at=clock.now() - dt.timedelta(days=1)
    )
    one.invitation.refresh_from_db()
    return one


def _connected(state):
    one = _officer(state)
    one.own = make.officer_account(one.officer)
    one.tie = one.own.memberships.get()
    return one


def _to_agency(state):
    """An agency with its CEO, two delegates, and somebody who was invited to be a third."""
    one = SimpleNamespace(agency=make.agency())
    one.ceo = make.ceo(one.agency)
    one.delegate, one.other = make.delegate(one.agency), make.delegate(one.agency)
    one.chiefs = (one.ceo, one.ceo)
    one.tie, one.their_tie = one.delegate.memberships.get(), one.other.memberships.get()
    one.ceo_tie = one.ceo.memberships.get()
    one.email, one.new = _address(), make.user(_address())
    one.invitation = memberships.name_delegate(
        by=one.ceo, agency=one.agency, email=one.email, name="Nora Next", today=TODAY
    ).invitation
    one.token = invitation_tokens.token_of(one.invitation)
    return one


def _handed_over(state):
    one = _to_agency(state)
    memberships.hand_over(
        by=one.ceo, agency=one.agency, email=one.new.email, last_day=TODAY + dt.timedelta(days=9), today=TODAY
    )
    return one


def _school(state):
    one = SimpleNamespace(school=make.provider())
    one.head, one.second, one.staff_member = (make.provider_staff(one.school) for _ in range(3))
    one.heads = (one.head, one.second)
    one.ties = [person.memberships.get() for person in (one.head, one.second, one.staff_member)]
    for tie in one.ties[:2]:
        tie.is_head = True
        tie.save()
    one.email, one.new = _address(), make.user(_address())
    return one


def _of_the_state(state):
    one = SimpleNamespace(new=make.user(_address()), email=_address(), person=make.post_staff())
    one.role = one.person.state_roles.get()
    return one


def _reader(state):
    one = _of_the_state(state)
    one.reader = make.post_staff()
    one.held = StateRole.objects.create(user=one.reader, role="medical_reader", starts_on=make.LONG_AGO)
    return one


INVITE = Act(invitations.invite_officer, "post", lambda o: {"officer": o.officer, "email": o.email, "today": TODAY})
CAMPAIGN = Act(
    campaigns.send,
    "post",
    lambda o: {"name": o.name, "given": [Given(1, o.officer.license_number, o.email)], "today": TODAY},
)
AGAIN = Act(invitations.send_again, "post", lambda o: {"invitation": o.invitation, "today": TODAY})
WITHDRAW = Act(invitations.withdraw, "post", lambda o: {"invitation": o.invitation})
ASK = Act(invitation_requests.ask, "chiefs", lambda o: {"agency": o.agency, "officers": [o.officer.pk], "today": TODAY})


def _accept(who: str, named: str, answer=BORN) -> Act:
    return Act(
        invitations.accept,
        who,
        lambda o: {"token": o.token, "answer": answer, "now": clock.now(), "today": TODAY},
        named,
    )


INVITED = (
    INVITE,
    CAMPAIGN,
    AGAIN,
    WITHDRAW,
    ASK,
    _accept("own", "by whom it is for"),
    _accept("stranger", "by another"),
    _accept("stranger", "a wrong answer", dt.date(1990, 1, 1)),
    Act(
        invitations.make_account,
        None,
        lambda o: {"token": o.token, "name": "Renee", "password": uuid.uuid4().hex, "now": clock.now()},
    ),
    Act(invitations.opened, None, lambda o: {"token": o.token, "now": clock.now()}),
)
REQUESTED = (
    Act(invitation_requests.send, "post", lambda o: {"request": o.request, "email": o.email, "today": TODAY}),
    Act(invitation_requests.decline, "post", lambda o: {"request": o.request, "answer": "By letter"}),
    *INVITED[:6],
)
EXPIRED = (
    Act(invitations.ask_again, None, lambda o: {"token": o.token, "now": clock.now()}),
    INVITE,
    AGAIN,
    WITHDRAW,
    ASK,
    CAMPAIGN,
)
CONNECTED = (
    Act(invitations.disconnect, "post", lambda o: {"membership": o.tie}),
    INVITE,
    ASK,
)
AGENCY = (
    Act(
        memberships.name_delegate,
        "chiefs",
        lambda o: {"agency": o.agency, "email": o.new.email, "today": TODAY},
        "an account",
    ),
    Act(
        memberships.name_delegate,
        "chiefs",
        lambda o: {
            "agency": o.agency,
            "email": o.email,
            "name": "Nora Next",
            "rights": {"may_correct": False},
            "today": TODAY,
        },
        "the one invited",
    ),
    Act(memberships.change_rights, "chiefs", lambda o: {"membership": o.tie, "rights": {}}),
    Act(memberships.revoke, "chiefs", lambda o: {"membership": o.tie, "today": TODAY}),
    Act(memberships.revoke, "post", lambda o: {"membership": o.ceo_tie, "today": TODAY}, "the CEO"),
    Act(memberships.revoke, "post", lambda o: {"membership": o.their_tie, "today": TODAY}, "another"),
    Act(
        memberships.hand_over,
        "chiefs",
        lambda o: {"agency": o.agency, "email": o.new.email, "last_day": TODAY + dt.timedelta(days=9), "today": TODAY},
    ),
    Act(
        memberships.hand_over,
        "post",
        lambda o: {"agency": o.agency, "email": o.delegate.email, "last_day": TODAY, "today": TODAY},
        "to a delegate",
    ),
    Act(memberships.take_back, "chiefs", lambda o: {"agency": o.agency, "today": TODAY}),
    Act(people_confirmations.confirm, "chiefs", lambda o: {"agency": o.agency, "today": TODAY}),
    AGAIN,
    WITHDRAW,
    _accept("new", "the invitation", None),
)
PROVIDER = (
    Act(provider_people.name, "heads", lambda o: {"provider": o.school, "email": o.new.email, "today": TODAY}),
    Act(
        provider_people.name,
        "post",
        lambda o: {"provider": o.school, "email": o.email, "name": "Nora Next", "today": TODAY},
        "invites",
    ),
    Act(
        provider_people.name,
        "post",
        lambda o: {"provider": o.school, "email": o.head.email, "is_head": False, "today": TODAY},
        "no head any more",
    ),
    Act(
        provider_people.name,
        "post",
        lambda o: {"provider": o.school, "email": o.second.email, "is_head": False, "today": TODAY},
        "nor the other",
    ),
    Act(provider_people.revoke, "post", lambda o: {"membership": o.ties[0], "today": TODAY}),
    Act(provider_people.revoke, "heads", lambda o: {"membership": o.ties[1], "today": TODAY}, "the other head"),
    Act(provider_people.revoke, "heads", lambda o: {"membership": o.ties[2], "today": TODAY}, "staff"),
    Act(people_confirmations.confirm, "heads", lambda o: {"provider": o.school, "today": TODAY}),
)
STATE = (
    Act(state_people.name, "agents", lambda o: {"role": "post_staff", "email": o.new.email, "today": TODAY}),
    Act(
        state_people.name,
        "agents",
        lambda o: {"role": "post_staff", "email": o.email, "name": "Nora Next", "today": TODAY},
        "invites",
    ),
    Act(state_people.end, "agents", lambda o: {"held": o.role, "today": TODAY}),
)
READER = (
    Act(medical_readers.name, "agents", lambda o: {"user": o.person, "today": TODAY}),
    Act(medical_readers.end, "agents", lambda o: {"held": o.held, "today": TODAY}),
    Act(state_people.end, "agents", lambda o: {"held": o.role, "today": TODAY}),
)


def _person(state):
    one = SimpleNamespace(own=make.user(), email=_address())
    FailingAddress.objects.create(address=one.own.email, reason="No such mailbox")
    feeds.make(by=one.own)
    _, one.code = contacts.ask(by=one.own, email=one.email, seen=0)
    return one


PERSON = (
    Act(contacts.ask, "own", lambda o: {"email": f"x{o.email}", "seen": 1}),
    Act(contacts.confirm, "own", lambda o: {"code": o.code}),
    Act(contacts.remove, "own", lambda o: {"seen": 1}),
    Act(
        contacts.keep,
        "own",
        lambda o: {"phone": "573 555 0107", "mail_to": "sign_in", "is_open_to_agency": True, "seen": 1},
    ),
    Act(feeds.make, "own", lambda o: {}),
    Act(feeds.revoke, "own", lambda o: {}),
    Act(addresses.confirm, "own", lambda o: {}),
    Act(preferences.choose, "own", lambda o: {"wanted": dict.fromkeys(list(preferences.optional())[:2], False)}),
)


def _locked_out(state):
    one = SimpleNamespace(own=make.post_staff())
    Authenticator.objects.create(user=one.own, type=Authenticator.Type.TOTP, data={})
    one.recovery, _ = recoveries.open_for(by=state.post[0], user=one.own, identified_by="Called back")
    return one


def _approved(state):
    one = _locked_out(state)
    one.recovery, one.token = recoveries.approve(by=state.post[1], recovery=one.recovery)
    return one


RECOVERY = (
    Act(recoveries.open_for, "post", lambda o: {"user": o.own, "identified_by": "Called back"}),
    Act(recoveries.approve, "seconds", lambda o: {"recovery": o.recovery}),
    Act(recoveries.withdraw, "post", lambda o: {"recovery": o.recovery}),
)
APPROVED = (*RECOVERY, Act(recoveries.use, None, lambda o: {"token": o.token}))

KINDS = (
    Kind("officer who is not connected", _officer, (INVITE, CAMPAIGN, ASK), is_grave=True),
    Kind("invitation of an officer", _invited, INVITED, is_grave=True),
    Kind("request for an invitation", _asked, REQUESTED),
    Kind("invitation that has expired", _expired, EXPIRED),
    Kind("license that is connected", _connected, CONNECTED),
    Kind("people of an agency", _to_agency, AGENCY, is_grave=True),
    Kind("agency that is handed over", _handed_over, (*AGENCY[2:10], AGENCY[0])),
    Kind("people of a provider", _school, PROVIDER),
    Kind("people of the state", _of_the_state, STATE),
    Kind("who reads medical documents", _reader, READER),
    Kind("what a person keeps", _person, PERSON),
    Kind("lost second step", _locked_out, RECOVERY),
    Kind("lost second step, approved", _approved, APPROVED),
)
