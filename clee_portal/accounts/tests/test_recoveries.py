"""A lost second step: POST lets the person set it up anew and never knows a secret."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from clee_portal.accounts.models import FactorRecovery, Session
from clee_portal.accounts.services import recoveries
from clee_portal.accounts.tests.factors import PASSWORD, app_of, give_password, with_password
from clee_portal.refusal import Refused
from training.tests import factories

pytestmark = pytest.mark.django_db

START = "2026-03-02 08:00:10-06:00"
HOW = "Called back at the number on file"


@pytest.fixture
def chief():
    """An agency's CEO who has lost the phone with the app."""
    user = with_password(factories.ceo(factories.agency("cedar-hollow"), "chief@example.org", "Dana Whitlock"))
    app_of(user)
    RecoveryCodes.activate(user)
    return user


@pytest.fixture
def post():
    return factories.post_staff("post@example.org", "Grace Lindqvist")


@pytest.fixture
def colleague():
    """Another member of POST staff, who has lost theirs."""
    user = with_password(factories.post_staff("colleague@example.org", "Petra Vance"))
    app_of(user)
    return user


def open_for(by, user):
    return recoveries.open_for(by=by, user=user, identified_by=HOW)


def link_in(message) -> str:
    return re.search(r"http://testserver(/accounts/recover/\S+)", message.body)[1]


def follow(client, path):
    """The page behind the link."""
    answer = client.get(path)
    assert answer.url == "/accounts/recover/"
    return client.get(answer.url)


def test_the_whole_way(client, post, chief):
    lost = Client()
    lost.force_login(chief)
    client.force_login(post)
    opened = client.post("/accounts/recoveries/open/", {"email": "Chief@example.org", "identified_by": HOW})
    one = FactorRecovery.objects.get()
    assert opened.url == f"/accounts/recoveries/{one.pk}/"
    page = client.get(opened.url).content.decode()
    assert "Dana Whitlock has a link to confirm." in page
    assert "A link was sent to chief@example.org." in page
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["chief@example.org"], "Set up your second step anew for the CLEE Portal")
    ]
    path = link_in(mail.outbox[0])
    token = path.rstrip("/").rsplit("/", 1)[1]
    assert token not in page

    person = Client()
    shown = follow(person, path).content.decode()
    assert "Remove the lost second step of chief@example.org?" in shown
    assert Authenticator.objects.filter(user=chief).count() == 2
    wrong = person.post("/accounts/recover/", {"password": "not-it"})
    assert "This is not the password of the account." in wrong.content.decode()
    done = person.post("/accounts/recover/", {"password": PASSWORD})
    assert done.url == "/accounts/login/"
    assert Authenticator.objects.filter(user=chief).count() == 0
    assert lost.get("/agencies/cedar-hollow/").url.startswith("/accounts/login/")
    assert mail.outbox[1].subject == "The second step of your CLEE Portal sign-in was removed"
    assert mail.outbox[1].to == ["chief@example.org"]

    give_password(person, chief)
    assert person.get("/agencies/cedar-hollow/").url.startswith("/accounts/security/?next=")
    assert "Your old second step was removed because it was lost." in person.get("/accounts/security/").content.decode()
    assert person.get("/accounts/security/app/set-up/").status_code == 200
    assert client.get(path).status_code == 404
    assert Client().get(path).status_code == 404
    assert "sets the second step up anew." in client.get(opened.url).content.decode()


def test_for_whoever_acts_for_the_state_a_second_one_says_yes(client, post, colleague):
    client.force_login(post)
    client.post("/accounts/recoveries/open/", {"email": colleague.email, "identified_by": HOW})
    one = FactorRecovery.objects.get()
    assert (mail.outbox, one.token_digest, one.needs_approval) == ([], "", True)
    assert "It waits for a second member of POST." in client.get(f"/accounts/recoveries/{one.pk}/").content.decode()
    client.post(f"/accounts/recoveries/{one.pk}/", {"step": "approve"})
    assert FactorRecovery.objects.get().approved_by is None
    third = Client()
    third.force_login(factories.post_staff("third@example.org", "Third Person"))
    assert "1 recovery waits for a second member of POST." in third.get("/accounts/recoveries/").content.decode()
    third.post(f"/accounts/recoveries/{one.pk}/", {"step": "approve"})
    assert FactorRecovery.objects.get().approved_by.name == "Third Person"
    assert [m.to for m in mail.outbox] == [["colleague@example.org"]]
    person = Client()
    follow(person, link_in(mail.outbox[0]))
    person.post("/accounts/recover/", {"password": PASSWORD})
    assert Authenticator.objects.filter(user=colleague).count() == 0
    give_password(person, colleague)
    assert person.get("/officers/").url.startswith("/accounts/security/")


@pytest.mark.parametrize("who", ["the one who opened it", "the person", "the Director", "an agency"])
def test_nobody_else_approves(post, colleague, who):
    one, token = open_for(post, colleague)
    assert token is None
    by = {
        "the one who opened it": post,
        "the person": colleague,
        "the Director": factories.director(),
        "an agency": factories.ceo(factories.agency()),
    }[who]
    with pytest.raises(Refused):
        recoveries.approve(by=by, recovery=one)
    one.refresh_from_db()
    assert (one.approved_by, one.token_digest) == (None, "")


def test_nobody_opens_one_for_themself(post):
    app_of(post)
    with pytest.raises(Refused, match="Nobody opens a recovery for themself"):
        open_for(post, post)


@pytest.mark.parametrize("by", [None, "director", "ceo", "inactive"])
def test_post_staff_alone_open_one(chief, by):
    make = {
        "director": factories.director,
        "ceo": lambda: factories.ceo(factories.agency()),
        "inactive": factories.post_staff,
    }
    user = make[by]() if by else None
    if by == "inactive":
        user.is_active = False
        user.save()
    with pytest.raises(Refused, match="Only POST staff"):
        open_for(user, chief)
    assert FactorRecovery.objects.count() == 0


def test_what_is_not_needed_or_not_explained_is_refused(post, chief):
    with pytest.raises(Refused, match="has no second step"):
        open_for(post, factories.user())
    with pytest.raises(Refused, match="Say how you made sure") as refusal:
        recoveries.open_for(by=post, user=chief, identified_by="  ")
    assert refusal.value.field == "identified_by"
    chief.is_active = False
    chief.save()
    with pytest.raises(Refused, match="closed"):
        open_for(post, chief)


def test_link_works_for_half_an_hour(client, post, chief, time_machine):
    time_machine.move_to(START, tick=False)
    _, token = open_for(post, chief)
    time_machine.shift(30 * 60 - 1)
    assert recoveries.of_token(token).user == chief
    time_machine.shift(1)
    assert recoveries.of_token(token) is None
    with pytest.raises(Refused, match="no longer works"):
        recoveries.use(token=token)
    assert Authenticator.objects.filter(user=chief).count() == 2


def test_approval_has_a_day(post, colleague, time_machine):
    time_machine.move_to(START, tick=False)
    one, _ = open_for(post, colleague)
    time_machine.shift(24 * 3600)
    with pytest.raises(Refused, match="time has run out"):
        recoveries.approve(by=factories.post_staff(), recovery=one)


def test_only_the_latest_link_works_and_a_withdrawn_one_does_not(post, chief):
    first, old = open_for(post, chief)
    second, new = open_for(post, chief)
    first.refresh_from_db()
    assert (first.withdrawn_at is not None, first.withdrawn_by) == (True, post)
    assert (recoveries.of_token(old), recoveries.of_token(new)) == (None, second)
    recoveries.withdraw(by=post, recovery=second)
    with pytest.raises(Refused):
        recoveries.use(token=new)
    with pytest.raises(Refused):
        recoveries.use(token="")


def test_link_works_once(post, chief):
    _, token = open_for(post, chief)
    recoveries.use(token=token)
    with pytest.raises(Refused, match="no longer works"):
        recoveries.use(token=token)


def test_the_token_is_kept_nowhere(post, chief):
    _, token = open_for(post, chief)
    with connection.cursor() as cursor:
        for table in ("accounts_factorrecovery", "accounts_factorrecoveryevent"):
            cursor.execute(f"SELECT string_agg({table}::text, ' ') FROM {table}")  # noqa: S608 - names of this test
            assert token not in cursor.fetchone()[0]


def test_history_says_who_and_why(post, colleague):
    one, _ = open_for(post, colleague)
    _, token = recoveries.approve(by=factories.post_staff(), recovery=one)
    recoveries.use(token=token)
    told = [event.pgh_context["reason"] for event in one.events.order_by("pgh_id")]
    assert told == [
        "Recovery of the second step opened",
        "Recovery of the second step approved",
        "Second step removed by the person’s link",
    ]


def test_guessing_links_is_slow_and_leaves_no_session(client):
    for _ in range(10):
        assert client.get("/accounts/recover/not-a-token/").status_code == 404
    stopped = client.get("/accounts/recover/not-a-token/")
    assert stopped.status_code == 429
    assert "Too many links that do not work. Wait 10 minutes" in stopped.content.decode()
    assert Session.objects.count() == 0


def test_password_cannot_be_guessed_by_the_link(client, post, chief):
    _, token = open_for(post, chief)
    follow(client, reverse("recovery_link", args=[token]))
    for _ in range(5):
        assert client.post("/accounts/recover/", {"password": "not-it"}).status_code == 200
    assert client.post("/accounts/recover/", {"password": PASSWORD}).status_code == 429
    assert Authenticator.objects.filter(user=chief).count() == 2


def test_account_without_a_password_confirms_by_the_link_alone(client, post, chief):
    """The state's sign-in asks for the password at the sign-in that follows."""
    chief.set_unusable_password()
    chief.save()
    _, token = open_for(post, chief)
    assert "Your password" not in follow(client, reverse("recovery_link", args=[token])).content.decode()
    assert client.post("/accounts/recover/", {}).url == "/accounts/login/"
    assert Authenticator.objects.filter(user=chief).count() == 0


def test_unknown_address_is_said_at_the_field(client, post):
    client.force_login(post)
    answer = client.post("/accounts/recoveries/open/", {"email": "nobody@example.org", "identified_by": HOW})
    assert "No account has this address." in answer.content.decode()


def test_list_costs_the_same_with_one_and_with_twenty(client, post, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            user = factories.user()
            app_of(user)
            open_for(post, user)

    client.force_login(post)
    make(1)
    client.get("/accounts/recoveries/")
    with django_assert_num_queries(7):
        client.get("/accounts/recoveries/")
    make(19)
    with django_assert_num_queries(7):
        client.get("/accounts/recoveries/")
