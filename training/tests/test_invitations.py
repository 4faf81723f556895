"""Invitations: sent, followed, confirmed by a fact, used once; and every way in which a link is worth nothing."""

import datetime as dt
import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from notifications import sending
from notifications.models import Message
from training import facts_confirmed, invitation_tokens
from training.invitation_states import State, state_of
from training.models import Invitation, InvitationRequest, Membership, OfficerBirthDate
from training.models.memberships import scope_of
from training.services import invitations
from training.tests import factories as make

pytestmark = pytest.mark.django_db
BORN = dt.date(1986, 4, 9)


@pytest.fixture
def post():
    return make.post_staff("grace@example.org", "Grace Lindqvist")


@pytest.fixture
def officer(agency):
    made = make.officer(agency, license_number="41733", name="Marcus Calloway")
    OfficerBirthDate.objects.create(officer=made, born_on=BORN)
    return made


def invite(by, officer, email="marcus@example.org") -> Invitation:
    return invitations.invite_officer(by=by, officer=officer, email=email, today=clock.today())


def token(invitation) -> str:
    return invitation_tokens.token_of(invitation)


def accept(by, invitation, answer=BORN):
    return invitations.accept(by=by, token=token(invitation), answer=answer, now=clock.now(), today=clock.today())


def state(invitation, by=None) -> State:
    invitation = invitation_tokens.find(token(invitation))
    return state_of(invitation, clock.now(), by, clock.today())


def why(row) -> str:
    return row.events.order_by("-pgh_id").first().pgh_context["reason"]


def test_token_is_not_kept_and_reaches_the_mail(officer, post):
    made = invite(post, officer, " Marcus@Example.org ")
    assert made.email == "marcus@example.org"
    assert made.token_hash == invitation_tokens.hash_of(token(made))
    assert len(token(made)) == invitation_tokens.LENGTH
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i::text FROM training_invitation i UNION ALL SELECT m::text FROM notifications_message m "
            "UNION ALL SELECT e::text FROM training_invitationevent e"
        )
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert token(made) not in kept
    assert why(made) == "Invitation sent"
    sending.send_waiting(5, ahead=False)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["marcus@example.org"], "Connect your account to your peace officer license")
    assert f"/invitation/{token(made)}/" in sent.body
    assert "license ending in 33" in sent.body
    for private in ("41733", "Calloway", "1986"):
        assert private not in sent.body + sent.subject + sent.alternatives[0][0]
    assert Message.objects.get().state == Message.State.SENT


def test_token_made_with_an_older_secret_still_works_while_that_is_known(officer, post, settings):
    made = invite(post, officer)
    before, plain = settings.SECRET_KEY, token(made)
    settings.SECRET_KEY = "another-secret-for-this-test-0123456789"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert token(made) == plain
    settings.SECRET_KEY_FALLBACKS = []
    assert token(made) is None
    sending.send_waiting(5, ahead=False)
    assert (mail.outbox, Message.objects.get().state) == ([], Message.State.OVERTAKEN)


def test_officer_is_connected_after_the_fact_is_confirmed(officer, post):
    made = invite(post, officer)
    person = make.user("marcus@example.org", "Marcus Calloway")
    tie = accept(person, made)
    made.refresh_from_db()
    assert (tie.user, tie.officer, tie.role, tie.starts_on, tie.named_by) == (
        person, officer, "officer", clock.today(), post,
    )  # fmt: skip
    assert (made.used_by, made.used_email, made.used_at is not None) == (person, "", True)
    assert why(made) == "Connected by invitation"
    assert scope_of(User.objects.get(pk=person.pk)).officer_ids == {officer.pk}
    assert state(made, person) == State.CONNECTED
    assert state(made) == State.USED
    assert state(made, make.user()) == State.USED
    with pytest.raises(Refused, match="used already"):
        accept(make.user(), made)


def test_another_address_is_allowed_and_noted(officer, post):
    made = invite(post, officer)
    accept(make.user("m.calloway@state.example"), made)
    made.refresh_from_db()
    assert (made.email, made.used_email) == ("marcus@example.org", "m.calloway@state.example")


def test_five_wrong_facts_lock_it_and_post_is_told(officer, post):
    made, person = invite(post, officer), make.user()
    for left in (4, 3, 2, 1):
        with pytest.raises(invitations.WrongFact) as wrong:
            accept(person, made, dt.date(1990, 1, 1))
        assert wrong.value.left == left
    with pytest.raises(Refused, match="locked"):
        accept(person, made, dt.date(1990, 1, 1))
    with pytest.raises(Refused, match="locked"):
        accept(person, made, BORN)
    made.refresh_from_db()
    assert (made.wrong_facts, made.locked_at is not None, state(made)) == (5, True, State.LOCKED)
    asked = InvitationRequest.objects.get()
    assert (asked.officer, asked.invitation, asked.reason, asked.times) == (officer, made, "locked", 1)
    again = invitations.send_again(by=post, invitation=made, today=clock.today())
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by, state(made), state(again)) == (
        "An invitation was sent.", post, State.SUPERSEDED, State.OPEN,
    )  # fmt: skip
    assert accept(person, again).officer == officer


def test_fact_is_the_date_of_birth_else_the_issue_of_the_license_else_the_number(agency, post):
    issued = make.officer(agency, issued_on=dt.date(2019, 5, 6))
    fact = facts_confirmed.fact_of(invite(post, issued))
    assert (fact.label, fact.is_answered_by(dt.date(2019, 5, 6))) == ("The day your license was issued", True)
    never = make.officer(agency, license_number="AB-123", issued_on=None)
    fact = facts_confirmed.fact_of(invitations.draft(role="officer", officer=never, email="x@example.org"))
    assert [fact.is_answered_by(said) for said in ("ab123", "#AB-123", "AB124", "", None)] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_new_invitation_supersedes_the_old(officer, post):
    first = invite(post, officer)
    second = invite(post, officer, "new@example.org")
    first.refresh_from_db()
    assert (first.is_superseded, first.withdrawn_by, state(first), state(second)) == (
        True, post, State.SUPERSEDED, State.OPEN,
    )  # fmt: skip
    with pytest.raises(Refused, match="newer invitation"):
        accept(make.user(), first)
    sending.send_waiting(5, ahead=False)
    assert [one.to for one in mail.outbox] == [["new@example.org"]]


def test_expired_link_asks_for_a_new_one_once(officer, post, monkeypatch):
    made = invite(post, officer)
    later = made.expires_at + dt.timedelta(seconds=1)
    assert not invitations.ask_again(token=token(made), now=clock.now())
    assert invitations.ask_again(token=token(made), now=later)
    assert invitations.ask_again(token=token(made), now=later)
    asked = InvitationRequest.objects.get()
    assert (asked.reason, asked.times, asked.officer) == ("expired", 2, officer)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert state(made) == State.EXPIRED
    with pytest.raises(Refused, match="expired"):
        accept(make.user(), made)


def test_withdrawn_connects_nobody(officer, post):
    made = invitations.withdraw(by=post, invitation=invite(post, officer))
    assert (made.is_superseded, made.withdrawn_by, state(made)) == (False, post, State.WITHDRAWN)
    with pytest.raises(Refused, match="withdrawn"):
        accept(make.user(), made)
    sending.send_waiting(5, ahead=False)
    assert mail.outbox == []


def test_license_connected_to_another_account_is_not_connected_again(officer, post):
    made = invite(post, officer)
    make.officer_account(officer, "other@example.org")
    person = make.user()
    assert state(made, person) == State.TAKEN
    with pytest.raises(Refused, match="another account"):
        accept(person, made)
    with pytest.raises(Refused, match="connected to an account already"):
        invite(post, officer)


def test_account_of_another_license_is_the_wrong_person(officer, agency, post):
    colleague = make.officer_account(make.officer(agency))
    made = invite(post, officer)
    assert state(made, colleague) == State.WRONG_PERSON
    with pytest.raises(Refused, match="another license"):
        accept(colleague, made)


@pytest.mark.parametrize("kind", ["revoked", "expired", "surrendered"])
def test_license_that_is_not_held_is_not_connected(officer, post, kind):
    made = invite(post, officer)
    make.license_event(officer, kind, clock.today())
    assert state(made) == State.NOT_HELD
    with pytest.raises(Refused, match="not held today"):
        accept(make.user(), made)
    with pytest.raises(Refused, match="not held today") as refused:
        invite(post, officer)
    assert refused.value.field == "license_number"


def test_guessed_token_is_nothing(officer, post):
    invite(post, officer)
    assert invitation_tokens.find("x" * invitation_tokens.LENGTH) is None
    with pytest.raises(Refused, match="no such invitation"):
        invitations.accept(by=make.user(), token="x", answer=BORN, now=clock.now(), today=clock.today())


def test_only_post_invites_officers(officer, agency, post):
    made = invite(post, officer)
    for by in (make.ceo(agency), make.delegate(agency), make.director(), make.user()):
        for act in (
            lambda by=by: invite(by, officer),
            lambda by=by: invitations.send_again(by=by, invitation=made, today=clock.today()),
            lambda by=by: invitations.withdraw(by=by, invitation=made),
        ):
            with pytest.raises(Refused, match="Only POST staff invite"):
                act()
    assert state(made) == State.OPEN


def test_disconnected_at_once_and_invited_anew(officer, post, client):
    person = make.officer_account(officer, "wrong@example.org")
    client.force_login(person)
    tie = person.memberships.get()
    with pytest.raises(Refused):
        invitations.disconnect(by=make.director(), membership=tie)
    held = invitations.disconnect(by=post, membership=tie)
    assert held.revoked_at is not None
    assert client.get("/standing/").status_code == 302
    assert accept(make.user(), invite(post, officer)).officer == officer


def test_account_made_by_the_link_is_for_the_address_invited_alone(officer, post):
    made = invite(post, officer)
    given = {"token": token(made), "name": " Marcus  Calloway ", "password": "a long pass phrase 7", "now": clock.now()}
    user = invitations.make_account(**given)
    assert (user.email, user.name, user.check_password("a long pass phrase 7")) == (
        "marcus@example.org", "Marcus Calloway", True,
    )  # fmt: skip
    assert not Membership.objects.exists()
    with pytest.raises(Refused, match="has an account already"):
        invitations.make_account(**given)


def test_invitation_to_a_role_of_the_state_is_for_its_address_alone():
    director = make.director()
    made = invitations.send(
        by=director,
        instead_of=invitations.Q(pk=None),
        made=invitations.draft(role="post_staff", email="new@post.example", name="Nell"),
    )
    other = make.user("else@post.example")
    assert state(made, other) == State.WRONG_ADDRESS
    with pytest.raises(Refused, match="another e-mail address"):
        accept(other, made, None)
    role = accept(make.user("new@post.example"), made, None)
    assert (role.role, role.named_by, role.user.is_post_staff) == ("post_staff", director, True)
    assert StateRole.objects.filter(role="post_staff").count() == 1


def test_invitation_is_looked_up_by_one_statement(officer, post):
    made = invite(post, officer)
    for given in (token(made), "x"):
        with CaptureQueriesContext(connection) as captured:
            invitation_tokens.find(given)
        assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_at_the_same_moment_are_one_connection():
    officer = make.officer(make.agency(), license_number="41733")
    OfficerBirthDate.objects.create(officer=officer, born_on=BORN)
    made = invite(None, officer)
    people, told = [make.user(), make.user()], []
    together = threading.Barrier(2)

    def go(person):
        together.wait()
        try:
            accept(person, made)
            told.append("connected")
        except Refused as refusal:
            told.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told)[-1] == "connected"
    assert len(told) == 2
    assert Membership.objects.count() == 1


def test_link_in_the_mail_is_no_more_than_a_path(officer, post):
    invite(post, officer)
    sending.send_waiting(5, ahead=False)
    [link] = set(re.findall(r"https?://\S+/invitation/\S+", mail.outbox[0].body))
    assert re.fullmatch(r"https?://[^/]+/invitation/[A-Za-z0-9_-]{43}/", link)
