"""The pages of onboarding: the link in each of its states, POST's lists, the agency's list of who is not connected."""

import csv
import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts import limits
from clee_portal.accounts.models import Attempt
from clee_portal.tests import world
from training import invitation_tokens
from training.models import Campaign, Invitation, InvitationRequest, Membership, OfficerBirthDate
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


@pytest.fixture
def invitation(post, officer):
    return invitations.invite_officer(by=post, officer=officer, email="marcus@example.org", today=clock.today())


def path(invitation) -> str:
    return f"/invitation/{invitation_tokens.token_of(invitation)}/"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def later(monkeypatch, invitation):
    moment = invitation.expires_at + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_link_leads_over_the_sign_in_to_the_fact_and_to_the_standing(client, invitation, officer):
    person = make.user("marcus@example.org", "Marcus Calloway", password="a long pass phrase 7")
    page = client.get(path(invitation))
    assert "Connect your account to your peace officer license ending in 33." in text(page)
    assert "Sign in as marcus@example.org" in text(page)
    for private in ("41733", "Calloway", "1986", "Harlan"):
        assert private not in text(page)
    invitation.refresh_from_db()
    assert invitation.opened_at is None
    page = client.post(path(invitation), {"step": "go"})
    assert client.session["invitation"] == invitation_tokens.token_of(invitation)
    invitation.refresh_from_db()
    assert invitation.opened_at is not None
    page = client.get(page.url)
    assert page.url == "/accounts/login/?next=/invitation/"
    client.post(page.url, {"login": "marcus@example.org", "password": "a long pass phrase 7"})
    page = client.get("/invitation/")
    assert "Your date of birth" in text(page)
    page = client.post("/invitation/", {"answer": "1986-04-10"})
    assert "That is not what POST has. Check it; 4 attempts are left." in text(page)
    assert 'value="1986-04-10"' in text(page)
    page = client.post("/invitation/", {"answer": "1986-04-09"}, follow=True)
    assert page.redirect_chain == [("/standing/", 302)]
    assert "You are connected to your peace officer license ending in 33." in text(page)
    assert Membership.objects.get().user == person
    assert "invitation" not in client.session
    page = client.post(path(invitation), {"step": "go"}, follow=True)
    assert page.redirect_chain[-1] == ("/standing/", 302)


def _at_the_fact(client, invitation):
    client.force_login(make.user("marcus@example.org", "Marcus Calloway"))
    client.post(path(invitation), {"step": "go"})


def _answered_wrongly(times, account, address):
    for _ in range(times):
        request = RequestFactory().post("/", REMOTE_ADDR=address)
        limits.begin(limits.INVITATION_FACT, request, account=account)


@pytest.mark.parametrize(
    ("times", "account", "address"),
    [(5, "invitation {}", "203.0.113.9"), (30, "", "127.0.0.1")],
    ids=["link", "network"],
)
def test_too_many_answers_wait_and_keep_what_was_typed(client, invitation, times, account, address):
    _at_the_fact(client, invitation)
    _answered_wrongly(times, account.format(invitation.pk), address)
    for answer in ("1986-04-10", "1986-04-09"):
        page = client.post("/invitation/", {"answer": answer})
        assert (page.status_code, 0 < int(page["Retry-After"]) <= 900) == (429, True)
        assert "Too many answers that do not fit. Wait 15 minutes, then try again." in text(page)
        assert f'value="{answer}"' in text(page)
    invitation.refresh_from_db()
    assert (invitation.wrong_facts, Membership.objects.count()) == (0, 0)


def test_right_answer_is_not_counted_and_a_wrong_one_is(client, invitation):
    _at_the_fact(client, invitation)
    client.post("/invitation/", {"answer": "1986-04-10"})
    assert Attempt.objects.count() == 2  # of the link, and of the address
    client.post("/invitation/", {"answer": "1986-04-09"})
    assert (Attempt.objects.count(), Membership.objects.count()) == (2, 1)


def test_account_is_not_made_where_passwords_are_not_allowed(client, invitation, settings):
    settings.INVITATION_PASSWORDS = False
    assert "make one with a password" not in text(client.get(path(invitation)))
    given = {"step": "account", "name": "M", "password": "a long pass phrase 7"}
    assert client.post(path(invitation), given).url == "/invitation/"
    assert client.get("/invitation/").status_code == 302


def test_account_with_a_weak_password_says_so_and_keeps_the_name(client, invitation):
    page = client.post(path(invitation), {"step": "account", "name": "Marcus Calloway", "password": "short"})
    assert "at least 12 characters" in text(page)
    assert 'value="Marcus Calloway"' in text(page)


def test_guessed_link_looks_like_any_page_that_is_not_there(client, invitation):
    for method in (client.get, client.post):
        guessed, nothing = method(f"/invitation/{'x' * 43}/"), method("/nowhere/")
        assert guessed.status_code == nothing.status_code == 404
        assert world.body(guessed) == world.body(nothing)


def test_signed_in_without_an_invitation_is_told_to_open_the_mail(client):
    client.force_login(make.user())
    assert "Open the link in the mail once more." in text(client.get("/invitation/"))


def test_expired_link_asks_for_a_new_one(client, invitation):
    with time_machine.travel(invitation.expires_at + dt.timedelta(minutes=1), tick=False):
        assert "This link has expired." in text(client.get(path(invitation)))
        page = client.post(path(invitation), {"step": "ask"}, follow=True)
        assert "POST was asked for a new invitation." in text(page)
        client.post(path(invitation), {"step": "ask"})
    assert (InvitationRequest.objects.get().times, Invitation.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: invitations.withdraw(by=None, invitation=one), "This invitation was withdrawn."),
        (
            lambda one: invitations.send_again(by=None, invitation=one, today=clock.today()),
            "A newer invitation was sent.",
        ),
        (lambda one: make.officer_account(one.officer), "This license is connected to another account already."),
        (lambda one: make.license_event(one.officer, "revoked", clock.today()), "This license is not held today."),
        (
            lambda one: Invitation.objects.filter(pk=one.pk).update(locked_at=clock.now(), wrong_facts=5),
            "This invitation is locked.",
        ),
    ],
)
def test_link_that_is_worth_nothing_says_why_and_what_to_do(client, invitation, spoil, told):
    spoil(invitation)
    for who in (None, make.user()):
        if who:
            client.force_login(who)
        page = client.get(path(invitation))
        assert told in text(page)
        assert "(573) 751-3409" in text(page)
        assert told in text(client.post(path(invitation), {"step": "go"}))
    session = client.session
    session["invitation"] = invitation_tokens.token_of(invitation)
    session.save()
    assert told in text(client.get("/invitation/"))


def test_wrong_person_is_told_and_signs_out_to_the_link(client, invitation, agency):
    colleague = make.officer_account(make.officer(agency), "col@example.org")
    client.force_login(colleague)
    page = client.get(path(invitation))
    assert "You are signed in as somebody with another license." in text(page)
    assert f'name="next" value="{path(invitation)}"' in text(page)
    assert client.post("/accounts/logout/", {"next": path(invitation)}).url == path(invitation)


def test_other_address_is_said_before_it_is_connected(client, invitation):
    client.force_login(make.user("m.calloway@state.example"))
    client.post(path(invitation), {"step": "go"})
    page = text(client.get("/invitation/"))
    assert "The invitation went to marcus@example.org; you are signed in as m.calloway@state.example." in page
    client.post("/invitation/", {"answer": "1986-04-09"})
    invitation.refresh_from_db()
    assert invitation.used_email == "m.calloway@state.example"


def test_post_invites_one_from_the_standing_page(client, post, officer):
    client.force_login(post)
    assert "/officers/41733/access/" in text(client.get(reverse("compliance:officer_standing", args=["41733"])))
    assert "Not connected, and never invited." in text(client.get("/officers/41733/access/"))
    page = client.get("/invitations/new/?license=41733")
    assert 'value="41733"' in text(page)
    page = client.post("/invitations/new/", {"license_number": " #41733", "email": "m@example.org"}, follow=True)
    assert "Marcus Calloway was invited: the mail goes to m@example.org." in text(page)
    first = Invitation.objects.get()
    page = client.post(f"/invitations/{first.pk}/", {"step": "again", "email": "n@example.org"}, follow=True)
    assert "A new invitation goes to n@example.org" in text(page)
    second = Invitation.objects.standing().get()
    assert "Withdrawn: the link connects nobody" in text(
        client.post(f"/invitations/{second.pk}/", {"step": "withdraw"}, follow=True)
    )
    for given, told in (
        ({"license_number": "99999", "email": "m@example.org"}, "No officer in the register has this license number."),
        ({"license_number": "41733", "email": "nothing"}, "This is no e-mail address."),
    ):
        assert told in text(client.post("/invitations/new/", given))


def test_post_takes_a_wrong_account_off_a_license(client, post, officer):
    person = make.officer_account(officer, "wrong@example.org")
    client.force_login(post)
    assert "Connected as wrong@example.org." in text(client.get("/officers/41733/access/"))
    page = client.post("/officers/41733/access/", {"step": "disconnect"}, follow=True)
    assert "wrong@example.org is off the license" in text(page)
    assert person.memberships.get().revoked_at is not None


def test_campaign_is_checked_first_and_sent_by_its_button(client, post, agency):
    make.officer(agency, license_number="10001", name="Ada Abbott")
    client.force_login(post)
    file = SimpleUploadedFile("list.csv", b"License,Email\n10001,ada@example.org\n99999,who@example.org\n")
    page = client.post("/campaigns/new/", {"name": "January", "text": "", "file": file})
    assert "1 of 2 rows can be invited." in text(page)
    assert "No officer in the register has this license number." in text(page)
    assert not Invitation.objects.exists()
    lines = page.context["lines"]
    page = client.post("/campaigns/new/", {"step": "send", "name": "January", "text": lines}, follow=True)
    assert "1 officer invited." in text(page)
    assert "0 of 1 officer is connected" in text(page)
    made = Campaign.objects.get()
    assert (made.rows_left_out, made.invitations.get().email) == (1, "ada@example.org")
    rows = b"".join(client.get(f"/campaigns/{made.pk}/days.csv")).decode().splitlines()
    assert rows[1:] == [f"{clock.today().isoformat()},1,0,0,0,0"]
    assert "January" in text(client.get("/campaigns/"))
    page = client.post("/campaigns/new/", {"step": "send", "name": "January", "text": lines})
    assert "There is a campaign of this name already." in text(page)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "", "text": "1,a@example.org"}, "Give the campaign a name."),
        ({"name": "January", "text": " "}, "Paste the list, or choose a file."),
        ({"name": "January", "text": "no numbers here"}, "There is no row with a license number"),
    ],
)
def test_list_that_cannot_be_read_says_why_and_is_kept(client, post, given, told):
    client.force_login(post)
    page = text(client.post("/campaigns/new/", given))
    assert told in page
    assert given["text"].strip() in page


def test_list_of_invitations_is_narrowed_by_its_address(client, post, officer, invitation, agency):
    other = make.officer(make.agency("birch", "Birch Police"), license_number="50001", name="Alma Vance")
    invitations.withdraw(
        by=post,
        invitation=invitations.invite_officer(by=post, officer=other, email="alma@example.org", today=clock.today()),
    )
    client.force_login(post)
    for query, found in (
        ("", {"Calloway", "Vance"}),
        ("q=41733", {"Calloway"}),
        ("q=vance", {"Vance"}),
        ("q=alma@", {"Vance"}),
        ("progress=withdrawn", {"Vance"}),
        ("progress=waiting&role=officer", {"Calloway"}),
        ("agency=birch", {"Vance"}),
        ("role=delegate", set()),
        ("progress=nonsense&campaign=x", {"Calloway", "Vance"}),
    ):
        page = text(client.get(f"/invitations/?{query}"))
        assert (query, {name for name in ("Calloway", "Vance") if name in page}) == (query, found)
        rows = b"".join(client.get(f"/invitations/invitations.csv?{query}")).decode()
        assert (query, {name for name in ("Calloway", "Vance") if name in rows}) == (query, found)


def test_lists_take_the_same_number_of_statements_for_one_and_for_forty(client, post, agency):
    client.force_login(post)
    lists = ("/invitations/", "/invitations/requests/", "/agencies/harlan/not-connected/", "/campaigns/")
    for page in (*lists, "/invitations/requests/requests.csv", "/campaigns/campaigns.csv"):
        counts = []
        for size, first in ((1, 20000 + len(page) * 100), (39, 30000 + len(page) * 100)):
            for one in make.roster(agency, size, first_number=first):
                made = invitations.draft(
                    role="officer", officer=one, email=f"{one.pk}@example.org",
                    campaign=Campaign.objects.create(name=f"{page} {one.pk}"),
                )  # fmt: skip
                made.save()
                InvitationRequest.objects.create(officer=one, reason="agency", agency=agency)
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                client.get(page)
            counts.append(len(captured))
        assert (page, counts[0]) == (page, counts[1])


def _rows(client, address) -> list[list[str]]:
    page = client.get(address)
    assert page["Content-Type"].startswith("text/csv"), page.status_code
    return list(csv.reader(page.getvalue().decode("utf-8-sig").splitlines()))


def test_campaigns_requests_and_bodies_leave_as_files(client, post, agency, officer):
    client.force_login(post)
    campaign = Campaign.objects.create(name="January", created_by=post)
    made = invitations.draft(role="officer", officer=officer, email="m@example.org", campaign=campaign)
    made.save()
    of_ceo = invitations.draft(role="agency_ceo", agency=agency, email="wade@example.org", name="Wade Corrigan")
    of_ceo.save()
    chief = make.ceo(agency, "chief@example.org", "Dana Whitlock")
    InvitationRequest.objects.create(officer=officer, reason="agency", agency=agency, asked_by=chief)
    InvitationRequest.objects.create(invitation=of_ceo, reason="expired")
    header, *rows = _rows(client, "/campaigns/campaigns.csv")
    assert header == ["Campaign", "Sent", "Sent by", "Invited", "Connected"]
    assert [row[:1] + row[2:] for row in rows] == [["January", "Grace Lindqvist", "1", "0"]]
    _, *rows = _rows(client, "/invitations/requests/requests.csv")
    assert [(row[0], row[1], row[2], row[3], row[5], row[6], row[10]) for row in rows] == [
        ("41733", "Calloway, Marcus", "", "", str(agency), "Dana Whitlock", "m@example.org"),
        ("", "Wade Corrigan", "Agency CEO", str(agency), "", "", "wade@example.org"),
    ]
    make.agency("nobody", "Nobody's Police")
    _, *rows = _rows(client, "/people/people.csv?without=1")
    assert [row[:5] for row in rows] == [["agency", "Nobody's Police", "0", "no", ""]]
    for page, address in (
        ("/campaigns/", "/campaigns/campaigns.xlsx"),
        ("/invitations/requests/", "/invitations/requests/requests.csv"),
        ("/people/?without=1", "/people/people.csv?without=1"),
    ):
        assert f'href="{address}"' in client.get(page).content.decode()


def test_agency_asks_for_one_and_for_all_and_asking_again_is_one_question(client, agency, officer, post):
    other = make.officer(agency, license_number="41734", name="Alma Vance")
    connected = make.officer(agency, license_number="41735", name="Theo Yates")
    make.officer_account(connected)
    deputy = make.delegate(agency)
    client.force_login(deputy)
    page = text(client.get("/agencies/harlan/not-connected/"))
    assert "2 of 3 officers are not connected." in page
    assert "Yates" not in page
    page = text(client.post("/agencies/harlan/not-connected/", {"officer": officer.pk}, follow=True))
    assert "POST sees that 1 officer should be invited." in page
    page = text(client.post("/agencies/harlan/not-connected/", {"step": "all"}, follow=True))
    assert "POST sees that 2 officers should be invited. 1 of them had been asked for before" in page
    assert {(one.officer, one.times) for one in InvitationRequest.objects.all()} == {(officer, 2), (other, 1)}
    foreign = make.officer(make.agency())
    for given in (foreign.pk, connected.pk, 0):
        client.post("/agencies/harlan/not-connected/", {"officer": given})
    assert InvitationRequest.objects.count() == 2
    staff = Client()
    staff.force_login(post)
    page = text(staff.get("/invitations/requests/"))
    assert "2 people wait for an invitation." in page
    asked = InvitationRequest.objects.get(officer=officer)
    given = {"request": asked.pk, "step": "send", "email": "marcus@example.org"}
    assert "An invitation goes to marcus@example.org." in text(staff.post("/invitations/requests/", given, follow=True))
    asked = InvitationRequest.objects.get(officer=other)
    given = {"request": asked.pk, "step": "decline", "answer": ""}
    assert "Say in a few words why" in text(staff.post("/invitations/requests/", given, follow=True))
    given["answer"] = "On leave until May"
    assert "Nobody waits for an invitation." in text(staff.post("/invitations/requests/", given, follow=True))
    assert Invitation.objects.get().officer == officer
    rows = b"".join(client.get("/agencies/harlan/not-connected.csv")).decode()
    assert "marcus@example.org" not in rows
    assert "41733,Calloway,Marcus" in rows


@pytest.mark.parametrize("is_demonstration", [True, False])
@pytest.mark.parametrize("email", ["newcomer@demo.example.org", "marcus@example.org"])
def test_answer_is_told_in_the_demonstration_alone(client, settings, post, officer, email, is_demonstration):
    settings.IS_DEMONSTRATION = is_demonstration
    invitation = invitations.invite_officer(by=post, officer=officer, email=email, today=clock.today())
    client.force_login(make.user())
    client.post(path(invitation), {"step": "go"})
    page = text(client.get("/invitation/"))
    assert "One question, and you are connected." in page
    assert (BORN.isoformat() in page) is (is_demonstration and email == "newcomer@demo.example.org")
