"""The pages on which a CEO says who acts for the agency: named, invited by mail, revoked at once, handed over."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clee_portal.accounts import interrupted
from clee_portal.accounts.models import User
from notifications import sending
from training.models import Invitation, Membership, PeopleConfirmation
from training.models.memberships import RIGHTS
from training.services import memberships
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
PEOPLE = "/agencies/harlan/people/"
WORD = "a long pass phrase nobody knows 7"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency, "chief@example.org", "Dana Whitlock")
    client.force_login(account)
    return account


def text(response) -> str:
    return " ".join(response.content.decode().split())


def name(client, email="lena@example.org", called="Lena Macklin"):
    return client.post(f"{PEOPLE}name/", {"email": email, "name": called, "rights": RIGHTS}, follow=True)


def link_in(mail) -> str:
    """The path of the link."""
    return re.search(r"https?://[^/]+(/invitation/\S+)", mail.body).group(1)


def test_delegate_follows_the_link_and_works(client, chief, agency, mailoutbox):
    page = name(client)
    assert "Lena Macklin is invited: a mail with a link goes to lena@example.org." in text(page)
    assert "Invited, not connected yet" in text(page)
    sending.send_waiting(5, ahead=False)
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (
        ["lena@example.org"], "You are invited to Harlan County Sheriff, as a delegate of its CEO",
    )  # fmt: skip
    assert "Dana Whitlock invites you" in mail.body
    theirs, path = Client(), link_in(mail)
    assert "make one with a password" in text(theirs.get(path))
    page = theirs.post(path, {"step": "account", "name": "Lena Macklin", "password": WORD}, follow=True)
    assert page.redirect_chain == [("/invitation/", 302)]
    page = theirs.post("/invitation/", {}, follow=True)
    assert page.status_code == 200
    assert "You are connected to Harlan County Sheriff, as a delegate of its CEO." in text(page)
    assert User.objects.get(email="lena@example.org").check_password(WORD)
    assert theirs.get("/agencies/harlan/roster/add/").status_code == 200
    assert theirs.get(f"{PEOPLE}name/").status_code == 403
    assert "This link was used already." in text(Client().get(path))


def test_delegate_with_an_account_is_told_without_a_link(client, chief, agency, mailoutbox):
    make.user("lena@example.org", "Lena Macklin", password=WORD)
    assert "is told by mail" in text(name(client, called=""))
    sending.send_waiting(5, ahead=False)
    [mail] = mailoutbox
    assert "/invitation/" not in mail.body
    assert "Dana Whitlock named you Delegate of the agency CEO of Harlan County Sheriff" in mail.body
    assert "is a delegate already" in text(name(client, called=""))
    sending.send_waiting(5, ahead=False)
    assert len(mailoutbox) == 1


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, chief, mailoutbox):
    for given, told in (
        ({"email": "lena", "name": "Lena"}, "This is no e-mail address."),
        ({"email": "", "name": "Lena"}, "Give the person’s e-mail address."),
        ({"email": "new@example.org", "name": ""}, "Give the person’s name too."),
        ({"email": "chief@example.org", "name": "Lena"}, "needs no delegation"),
    ):
        page = client.post(f"{PEOPLE}name/", given)
        assert told in text(page)
        assert f'value="{given["email"] or given["name"]}"' in text(page)
    assert (mailoutbox, Membership.objects.count(), Invitation.objects.count()) == ([], 1, 0)


def test_invitation_is_sent_again_and_taken_back(client, chief, mailoutbox):
    name(client)
    first = Invitation.objects.get()
    assert "is invited again" in text(client.post(f"/invitations/{first.pk}/again/", {"step": "again"}, follow=True))
    second = Invitation.objects.standing().get()
    assert second != first
    page = client.post(f"/invitations/{second.pk}/again/", {"step": "withdraw"}, follow=True)
    assert "was taken back" in text(page)
    assert not Invitation.objects.standing().exists()
    sending.send_waiting(5, ahead=False)
    assert mailoutbox == []


def test_ceo_chooses_and_changes_what_a_delegate_may_do(client, chief, agency):
    make.user("lena@example.org", "Lena Macklin")
    page = client.get(f"{PEOPLE}name/")
    assert text(page).count("checked") == 4
    given = {"email": "lena@example.org", "name": "", "rights": ["may_keep_roster"]}
    assert "keep the roster" in text(client.post(f"{PEOPLE}name/", given, follow=True))
    tie = Membership.objects.get(role="delegate")
    assert [name for name, may in tie.rights.items() if may] == ["may_keep_roster"]
    theirs = Client()
    theirs.force_login(tie.user)
    assert theirs.get("/agencies/harlan/roster/add/").status_code == 200
    assert theirs.get("/agencies/harlan/classes/enter/").status_code == 403
    path = f"/people/{tie.pk}/rights/"
    assert text(client.get(path)).count("checked") == 1
    sent = {"save": "1", "seen": client.get(path).context["seen"]}
    assert "see only" in text(client.post(path, sent, follow=True))
    assert theirs.get("/agencies/harlan/roster/add/").status_code == 403
    assert theirs.get("/agencies/harlan/roster/").status_code == 200
    sent["seen"] = client.get(path).context["seen"]
    client.post(path, sent | {"rights": ["may_enter_classes", "may_correct"]})
    assert theirs.get("/agencies/harlan/classes/enter/").status_code == 200
    assert theirs.get(path).status_code == 403


def test_ceo_says_once_a_quarter_that_the_people_are_right(client, chief, agency):
    assert "Are these still the right people?" in text(client.get(PEOPLE))
    waits = "Say for the fourth quarter of 2026 whether those who act are still the right people"
    assert waits in text(client.get("/agencies/harlan/waiting/"))
    deputy = Client()
    deputy.force_login(make.delegate(agency))
    assert waits not in text(deputy.get("/agencies/harlan/waiting/"))
    assert deputy.post(PEOPLE, {"step": "confirm"}).status_code == 403
    page = client.post(PEOPLE, {"step": "confirm"}, follow=True)
    assert "Confirmed for the fourth quarter of 2026" in text(page)
    one = PeopleConfirmation.objects.get()
    assert (one.agency, one.quarter_on, one.people, one.confirmed_by) == (agency, dt.date(2026, 10, 1), 2, chief)
    client.post(PEOPLE, {"step": "confirm"})
    assert PeopleConfirmation.objects.count() == 1
    assert waits not in text(client.get("/agencies/harlan/waiting/"))


def test_delegate_is_revoked_at_once_wherever_they_are_signed_in(client, chief, agency):
    theirs = Client()
    delegate = make.delegate(agency, "lena@example.org", "Lena Macklin")
    theirs.force_login(delegate)
    assert theirs.get("/agencies/harlan/roster/").status_code == 200
    path = f"/people/{delegate.memberships.get().pk}/revoke/"
    assert "Take the right to act for the agency from Lena Macklin" in text(client.get(path))
    client.post(path, {})
    assert theirs.get("/agencies/harlan/roster/").status_code == 200
    page = client.post(path, {"step": "revoke"}, follow=True)
    assert "can no longer act for Harlan County Sheriff" in text(page)
    assert theirs.get("/agencies/harlan/roster/").status_code == 302
    theirs.force_login(User.objects.get(pk=delegate.pk))
    assert theirs.get("/agencies/harlan/roster/").status_code == 404
    assert "can no longer act" in text(client.get(path))


def test_agency_is_left_without_anybody_only_where_it_is_meant(client, agency):
    chief = make.ceo(agency)
    client.force_login(make.post_staff())
    path = f"/people/{chief.memberships.get().pk}/revoke/"
    assert "Nobody would be left" in text(client.post(path, {"step": "revoke"}))
    assert Membership.objects.get(user=chief).revoked_at is None
    client.post(path, {"step": "revoke", "leaves_nobody": "1"})
    assert Membership.objects.get(user=chief).revoked_at is not None
    page = text(client.get(PEOPLE))
    assert "Nobody acts for the agency." in page
    page = client.post(
        f"{PEOPLE}hand-over/", {"email": "next@example.org", "name": "Next", "last_day": "2026-11-20"}, follow=True
    )
    assert "Next is invited" in text(page)
    assert Invitation.objects.get().starts_on == TODAY


def test_ceo_hands_over_and_takes_it_back(client, chief, agency, mailoutbox):
    make.user("next@example.org", "Next Chief")
    given = {"email": "next@example.org", "name": "Next Chief", "last_day": "2026-12-31"}
    page = text(client.post(f"{PEOPLE}hand-over/", given, follow=True))
    assert "is Agency CEO from January 1, 2027" in page
    assert "until December 31, 2026" in page
    sending.send_waiting(5, ahead=False)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(["next@example.org", chief.email])
    assert "takes over on January 1, 2027" in text(client.get(f"{PEOPLE}hand-over/"))
    assert "handed over to" in text(client.post(f"{PEOPLE}hand-over/", {**given, "email": "x@example.org"}))
    page = text(client.post(f"{PEOPLE}hand-over/", {"step": "take_back"}, follow=True))
    assert "The hand-over was taken back. Nothing changes." in page
    assert [one.user for one in memberships.ceos(agency, TODAY)] == [chief]
    assert Membership.objects.get(user=chief).ends_on is None


def test_delegate_and_director_read_and_change_nothing(client, chief, agency):
    for account in (make.delegate(agency), make.director()):
        client.force_login(account)
        page = text(client.get(PEOPLE))
        assert "Dana Whitlock" in page
        for act in ("Name a delegate", "Revoke", "Hand over to"):
            assert act not in page


def test_people_take_a_constant_number_of_statements(client, chief, agency):
    counts = []
    for number in (1, 29):
        for one in range(number):
            memberships.name_delegate(
                by=chief, agency=agency, email=f"d{number}.{one}@example.org", name="Lena Macklin", today=TODAY
            )
        client.get(PEOPLE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PEOPLE)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_person_typed_when_the_session_ended_is_shown_again_and_not_named(client, chief, mailoutbox):
    client.logout()
    typed = {"email": "lena@example.org", "name": "Lena Macklin"}
    client.post(f"{PEOPLE}name/", {**typed, "signed_in_as": interrupted.token(chief)})
    client.force_login(chief)
    page = text(client.get(f"{PEOPLE}name/"))
    assert 'value="lena@example.org"' in page
    assert (mailoutbox, Membership.objects.count(), Invitation.objects.count()) == ([], 1, 0)
