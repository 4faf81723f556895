"""Signing in through MO Login, against a provider in a process of its own: who comes in, who does not, and out."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal.accounts.mo_login import identities
from clee_portal.accounts.mo_login.identities import Identity
from clee_portal.accounts.models import User
from clee_portal.accounts.tests.factors import app_of
from clee_portal.refusal import Refused
from training.tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


def connected(provider, subject="ada", email="ada@agency.example.org", **more) -> User:
    """An account with its MO Login."""
    user = factories.user(email, "Ada Brandt", **more)
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid=subject)
    return user


def signed_in(client) -> int | None:
    found = client.session.get("_auth_user_id")
    return None if found is None else int(found)


def invited(client) -> None:
    session = client.session
    session["invitation"] = "a-token"
    session.save()


def said(client, response) -> str:
    """The text of the page a response leads to."""
    return client.get(response.url).content.decode() if response.status_code == 302 else response.content.decode()


def test_connected_person_signs_in_and_lands_at_home(client, provider):
    user = connected(provider)
    response = provider.sign_in(client, "ada")
    assert (response.status_code, response.url) == (302, "/")
    assert signed_in(client) == user.pk


def test_sign_in_leads_to_the_page_that_was_asked_for_and_never_to_another_site(client, provider):
    connected(provider)
    assert provider.sign_in(client, "ada", next="/standing/?period=2025").url == "/standing/?period=2025"
    client = Client()
    assert provider.sign_in(client, "ada", next="https://example.com/").url == "/"


def test_the_way_there_carries_pkce_state_and_nonce_anew_each_time(client, provider):
    first, second = (parse_qs(urlsplit(provider.begin(client)).query) for _ in range(2))
    assert first["code_challenge_method"] == ["S256"]
    assert first["response_type"] == ["code"]
    assert set(first["scope"][0].split()) == {"openid", "profile", "email"}
    assert first["redirect_uri"] == ["http://testserver/accounts/mo-login/callback/"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 16
        assert first[name] != second[name]


def test_nothing_of_the_address_bends_the_way_there(client, provider):
    path = reverse("account_mo_login") + "?scope=admin&auth_params=nonce%3Dmine&process=connect"
    query = parse_qs(urlsplit(client.post(path).url).query)
    assert query["nonce"] != ["mine"]
    assert "admin" not in query["scope"][0]


def test_sign_in_begins_with_a_post_only(client, provider):
    assert client.get(reverse("account_mo_login")).url == reverse("account_login")
    assert provider.asked() == []
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("account_mo_login")).status_code == 403


def test_description_and_keys_are_asked_for_once(client, provider):
    connected(provider)
    provider.sign_in(client, "ada")
    provider.sign_in(Client(), "ada")
    assert sorted(provider.asked()) == sorted(
        ["/.well-known/openid-configuration", "/keys"] + ["/authorize", "/token", "/userinfo"] * 2
    )


def test_user_information_is_not_asked_for_where_the_token_says_it(client, provider):
    connected(provider)
    provider.told(claims={"email": "ada@example.org"})
    provider.sign_in(client, "ada")
    assert "/userinfo" not in provider.asked()


def test_tokens_of_mo_login_are_not_kept_in_the_database(client, provider):
    connected(provider)
    provider.sign_in(client, "ada")
    assert SocialToken.objects.count() == 0


def test_stranger_is_told_what_to_do_and_gets_no_account(client, provider):
    before = User.objects.count()
    response = provider.sign_in(client, "stranger")
    assert response.url == reverse("account_mo_login_stranger")
    page = client.get(response.url)
    assert page.status_code == 403
    assert "You are signed in at MO Login, but not connected to the portal yet." in page.content.decode()
    assert "stranger@example.org" in page.content.decode()
    assert (User.objects.count(), SocialAccount.objects.count(), signed_in(client)) == (before, 0, None)


def test_stranger_is_nobody_on_every_other_page(client, provider):
    provider.sign_in(client, "stranger")
    assert client.get("/standing/").url.startswith(reverse("account_login"))


def test_page_of_strangers_is_for_strangers(client, provider):
    assert client.get(reverse("account_mo_login_stranger")).url == reverse("account_login")
    provider.sign_in(client, "stranger")
    client.force_login(factories.user())
    assert client.get(reverse("account_mo_login_stranger")).url == "/"


def test_stranger_can_sign_out_at_mo_login(client, provider):
    provider.sign_in(client, "stranger")
    away = client.post(reverse("account_logout")).url
    assert away.startswith(f"{provider.issuer}/end?id_token_hint=ey")


def test_invited_person_gets_an_account_and_comes_back_to_the_invitation(client, provider):
    invited(client)
    response = provider.sign_in(client, "newcomer", next="/help/")
    assert response.url == "/help/"
    account = SocialAccount.objects.get()
    assert (account.provider, account.uid) == (provider.issuer, "newcomer")
    assert (account.user.email, account.user.name) == ("newcomer@example.org", "Newcomer")
    assert signed_in(client) == account.user.pk
    assert account.user.has_usable_password() is False
    assert client.session["invitation"] == "a-token"
    assert EmailAddress.objects.exclude(email="newcomer@example.org").count() == 0


def test_invited_person_with_the_address_of_an_account_is_not_joined_to_it(client, provider):
    """An address changes hands, and who runs the sign-in page of a mailbox is not who owns a police record."""
    user = factories.user("newcomer@example.org", password=PASSWORD)
    invited(client)
    response = provider.sign_in(client, "newcomer")
    assert response.url == reverse("account_mo_login_stranger")
    assert "has an account with newcomer@example.org already" in said(client, response)
    assert (SocialAccount.objects.count(), signed_in(client)) == (0, None)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("userinfo", "words"),
    [
        ({"email": None}, "MO Login gave no e-mail address for you."),
        ({"email": "not an address"}, "MO Login gave no e-mail address for you."),
        ({"email_verified": False}, "MO Login has not confirmed that newcomer@example.org is yours."),
    ],
)
def test_invited_person_without_a_usable_address_is_told_so(client, provider, userinfo, words):
    invited(client)
    provider.told(userinfo=userinfo)
    assert words in said(client, provider.sign_in(client, "newcomer"))
    assert User.objects.count() == 0


def test_name_of_mo_login_is_cut_and_cleaned(client, provider):
    invited(client)
    provider.told(userinfo={"name": "  Ada\u202e\n " + "x" * 300})
    provider.sign_in(client, "newcomer")
    assert User.objects.get().name == "Ada " + "x" * 146


def test_two_windows_make_one_account(db):
    identity = Identity("https://login.example.org", "ada", "ada@example.org", "Ada")
    first = identities.admit(identity)
    assert identities.admit(identity) == first
    assert User.objects.count() == 1


def test_same_subject_of_another_issuer_is_another_person(client, provider):
    user = factories.user("ada@agency.example.org")
    SocialAccount.objects.create(user=user, provider="https://another.example.org", uid="ada")
    assert provider.sign_in(client, "ada").url == reverse("account_mo_login_stranger")


def test_admit_refuses_an_address_that_is_taken(db):
    factories.user("ada@example.org")
    with pytest.raises(Refused, match=r"has an account with ada@example\.org already"):
        identities.admit(Identity("https://login.example.org", "ada", "ada@example.org"))


def test_address_changed_at_mo_login_changes_nothing_here_and_keeps_the_connection(client, provider):
    user = connected(provider, email="ada@agency.example.org")
    provider.told(userinfo={"email": "new@example.org", "name": "Somebody Else"})
    provider.sign_in(client, "ada")
    user.refresh_from_db()
    assert (signed_in(client), user.email, user.name) == (user.pk, "ada@agency.example.org", "Ada Brandt")
    assert EmailAddress.objects.filter(email="new@example.org").count() == 0
    page = client.get(reverse("account_mo_login_connection")).content.decode()
    assert "MO Login knows you as <b>new@example.org</b>" in page
    assert "Mail of the portal goes to <b>ada@agency.example.org</b>" in page


def test_address_of_another_account_at_mo_login_opens_only_the_own(client, provider):
    user = connected(provider)
    factories.user("chief@example.org")
    provider.told(userinfo={"email": "chief@example.org"})
    provider.sign_in(client, "ada")
    assert signed_in(client) == user.pk


def test_inactive_account_stays_out(client, provider):
    user = connected(provider)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert provider.sign_in(client, "ada").url == reverse("account_inactive")
    assert signed_in(client) is None


def test_sign_out_ends_the_session_here_and_leads_to_mo_login(client, provider):
    connected(provider)
    provider.sign_in(client, "ada")
    token = client.session["mo_login_id_token"]
    away = urlsplit(client.post(reverse("account_logout")).url)
    assert signed_in(client) is None
    assert f"{away.scheme}://{away.netloc}{away.path}" == f"{provider.issuer}/end"
    assert parse_qs(away.query) == {
        "id_token_hint": [token],
        "client_id": ["clee portal"],
        "post_logout_redirect_uri": ["http://testserver/"],
    }


def test_sign_out_of_a_session_with_a_password_leads_home(client, provider):
    factories.user("dana@example.org", password=PASSWORD)
    client.post(reverse("account_login"), {"login": "dana@example.org", "password": PASSWORD})
    assert signed_in(client)
    assert client.post(reverse("account_logout")).url == "/"


def test_sign_out_where_mo_login_has_no_page_for_it_says_so(client, provider):
    connected(provider)
    provider.told(discovery={"end_session_endpoint": None})
    provider.sign_in(client, "ada")
    response = client.post(reverse("account_logout"))
    assert response.url == "/"
    assert "may still be signed in at MO Login" in said(client, response)


def confirm(client) -> None:
    """Write the password once more, as is asked before an account's ways in are changed."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_signed_in_person_connects_mo_login(client, provider, settings):
    user = factories.user("dana@example.org", password=PASSWORD)
    client.post(reverse("account_login"), {"login": "dana@example.org", "password": PASSWORD})
    page = reverse("account_mo_login_connection")
    assert client.post(page).url.startswith(f"{provider.issuer}/authorize?")  # has just signed in
    minutes, settings.STEP_UP_MINUTES = settings.STEP_UP_MINUTES, 0  # was that long ago
    asked = client.post(page)
    assert asked.url == f"{reverse('account_reauthenticate')}?{urlencode({'next': page})}"
    settings.STEP_UP_MINUTES = minutes
    assert client.post(asked.url, {"password": PASSWORD}).url == page
    away = client.post(page)
    response = provider.back(client, provider.answer(away.url, "dana"))
    assert response.url == page
    assert "MO Login is connected to your account." in said(client, response)
    account = SocialAccount.objects.get()
    assert (account.user, account.uid) == (user, "dana")
    user.refresh_from_db()
    assert user.email == "dana@example.org"
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["dana@example.org"], "MO Login was connected to your CLEE Portal account")
    ]
    assert "Whoever signs in with that MO Login signs in to this account." in mail.outbox[0].body
    other = Client()
    provider.sign_in(other, "dana")
    assert signed_in(other) == user.pk


@pytest.mark.parametrize("data", [{}, {"disconnect": "1"}])
def test_connection_is_changed_by_the_second_step_where_there_is_one(client, provider, data):
    """The password of a session that never proved the second step is not enough."""
    user = factories.user("dana@example.org", password=PASSWORD)
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid="dana")
    app_of(user)
    client.force_login(user)
    confirm(client)
    page = reverse("account_mo_login_connection")
    assert client.post(page, data).url == f"{reverse('account_step_up')}?{urlencode({'next': page})}"
    assert user.socialaccount_set.count() == 1


def test_mo_login_of_another_account_is_not_connected(client, provider):
    ada = connected(provider)
    factories.user("dana@example.org", password=PASSWORD)
    client.post(reverse("account_login"), {"login": "dana@example.org", "password": PASSWORD})
    confirm(client)
    away = client.post(reverse("account_mo_login_connection")).url
    response = provider.back(client, provider.answer(away, "ada"))
    assert "This MO Login belongs to another account of the portal." in said(client, response)
    assert SocialAccount.objects.get().user == ada


def test_a_second_mo_login_is_not_connected(client, provider):
    ada = connected(provider, password=PASSWORD)
    provider.sign_in(client, "ada")
    confirm(client)
    away = client.post(reverse("account_mo_login_connection")).url
    response = provider.back(client, provider.answer(away, "another"))
    assert "Another MO Login is connected to this account." in said(client, response)
    assert list(ada.socialaccount_set.values_list("uid", flat=True)) == ["ada"]


def test_mo_login_is_disconnected_where_a_password_is_left(client, provider):
    ada = connected(provider, password=PASSWORD)
    provider.sign_in(client, "ada")
    confirm(client)
    client.post(reverse("account_mo_login_connection"), {"disconnect": "1"})
    assert ada.socialaccount_set.count() == 0
    assert [one.subject for one in mail.outbox] == ["MO Login was disconnected from your CLEE Portal account"]


def test_mo_login_is_not_disconnected_where_it_is_the_only_way_in(client, provider):
    ada = connected(provider)
    provider.sign_in(client, "ada")
    response = client.post(reverse("account_mo_login_connection"), {"disconnect": "1"})
    assert "Without MO Login nobody could sign in to this account." in said(client, response)
    assert ada.socialaccount_set.count() == 1


def test_who_is_signed_in_is_not_sent_away_again(client, provider):
    client.force_login(factories.user())
    assert provider.begin(client) == "/"
    assert provider.begin(client, next="/help/") == "/help/"


def test_cancelled_at_mo_login(client, provider):
    query = parse_qs(urlsplit(provider.begin(client)).query)
    response = client.get(reverse("account_mo_login_callback"), {"error": "access_denied", "state": query["state"][0]})
    assert response.url == reverse("account_login")
    assert "You did not sign in at MO Login." in said(client, response)


def test_sign_in_page_offers_mo_login_first(client, provider):
    page = client.get(reverse("account_login"), {"next": "/help/"})
    text = page.content.decode()
    assert text.index("Sign in with MO Login") < text.index('name="password"')
    assert text.count("btn-primary") == 1
    assert text.count('name="next" value="/help/"') == 3
    assert f"form-action 'self' {provider.issuer}" in page["Content-Security-Policy"]


def test_without_mo_login_there_is_nothing_of_it(client):
    assert "MO Login" not in client.get(reverse("account_login")).content.decode()
    assert client.post(reverse("account_mo_login")).status_code == 404
    assert client.get(reverse("account_mo_login_callback"), {"state": "x"}).url == reverse("account_login")
    client.force_login(factories.user())
    assert "MO Login is not set up here." in client.get(reverse("account_mo_login_connection")).content.decode()
    assert client.post(reverse("account_logout")).url == "/"
    assert mail.outbox == []


def test_sign_in_takes_as_many_statements_among_many_accounts_as_among_few(provider):
    def statements() -> int:
        client = Client()
        with CaptureQueriesContext(connection) as there:
            address = provider.begin(client)
        location = provider.answer(address, "ada")
        with CaptureQueriesContext(connection) as back:
            provider.back(client, location)
        assert signed_in(client)
        return len(there) + len(back)

    connected(provider)
    provider.sign_in(Client(), "ada")  # what is kept of the provider
    few = statements()
    SocialAccount.objects.bulk_create(
        SocialAccount(user=factories.user(), provider=provider.issuer, uid=f"u{number}") for number in range(100)
    )
    assert statements() == few
