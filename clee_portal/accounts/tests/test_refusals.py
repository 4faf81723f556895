"""Sign-ins that fail are in the record of access, and those that are begun at MO Login and not finished are counted."""

import json
from dataclasses import replace

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clee_portal.accounts import limits
from clee_portal.accounts.limits import Rate
from clee_portal.accounts.mo_login import fetching
from clee_portal.accounts.models import Attempt
from clee_portal.accounts.tests.factors import app_of, give_password, with_password
from clee_portal.history.models import Access
from training.tests import factories

pytestmark = pytest.mark.django_db
CALLBACK = "/accounts/mo-login/callback/"
PASSKEY = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "eA"},
}


@pytest.fixture
def ada(provider):
    """Somebody who could sign in if all were well."""
    user = factories.user("ada@agency.example.org")
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid="ada")
    return user


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def failures() -> list:
    """What the record of access says of failed sign-ins."""
    return list(Access.objects.filter(kind=Access.Kind.FAILED).order_by("pk").values_list("what", "by"))


def test_refusals_are_in_the_record_of_access(client, provider, ada):
    provider.told(sign="other key")
    provider.sign_in(client, "ada")
    assert failures() == [("What MO Login said was refused", None)]
    provider.told()
    client.get(CALLBACK, {"state": "nobody's", "code": "x"})
    assert failures()[1:] == [("What came back from MO Login belongs to no sign-in of this browser", None)]
    client.force_login(ada)
    provider.told(sign="none")
    provider.back(client, provider.answer(client.post(reverse("account_mo_login_connection")).url, "ada"))
    assert failures()[2:] == [("What MO Login said was refused", ada.pk)]


def test_nobody_fills_the_record_of_access_from_one_address(client, provider, monkeypatch):
    monkeypatch.setattr(limits, "MO_LOGIN", replace(limits.MO_LOGIN, per_address=(Rate(2, 300),)))
    for _ in range(4):
        assert client.get(CALLBACK, {"state": "nobody's", "code": "x"}).url == reverse("account_login")
    assert len(failures()) == 2


def test_who_gave_up_or_found_mo_login_silent_has_failed_at_nothing(client, provider, ada):
    provider.told(callback={"error": "access_denied", "code": None})
    provider.sign_in(client, "ada")
    cache.clear()
    provider.told(large=fetching.MOST_BYTES)
    assert client.post(reverse("account_mo_login")).status_code == 503
    assert failures() == []


def test_too_many_unfinished_sign_ins_of_one_address_wait_and_finished_ones_are_not_counted(
    client, provider, ada, monkeypatch
):
    monkeypatch.setattr(limits, "MO_LOGIN", replace(limits.MO_LOGIN, per_address=(Rate(2, 300),)))
    for _ in range(3):
        provider.sign_in(browser := Client(), "ada")
        assert is_signed_in(browser)
    assert Attempt.objects.count() == 0
    provider.begin(client)
    begun = provider.begin(client)
    refused = client.post(reverse("account_mo_login"))
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    text = " ".join(refused.content.decode().split())
    assert "Too many sign-ins were begun at MO Login and not finished. Wait 5 minutes, then try again." in text
    assert Client(REMOTE_ADDR="203.0.113.9").post(reverse("account_mo_login")).status_code == 302
    # What was begun before still ends well, and takes its count away.
    provider.back(client, provider.answer(begun, "ada"))
    assert (is_signed_in(client), Attempt.objects.count()) == (True, 1)


def test_two_windows_of_one_browser_are_not_counted_once_one_is_finished(client, provider, ada):
    provider.begin(client)
    provider.sign_in(client, "ada")
    assert (is_signed_in(client), Attempt.objects.count()) == (True, 0)


@pytest.mark.parametrize(
    "credential", [{"id": "AAAA"}, [1], "text", PASSKEY], ids=["half", "a list", "a text", "nobody's"]
)
def test_passkey_that_does_not_hold_is_in_the_record_of_access(client, credential):
    client.get(reverse("mfa_login_webauthn"))
    client.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(credential)})
    assert (failures(), is_signed_in(client)) == ([("A passkey that does not hold", None)], False)


def test_passkey_that_does_not_hold_after_the_password_names_the_account(client):
    post = with_password(factories.post_staff("post@example.org", "Grace Lindqvist"))
    app_of(post)
    give_password(client, post)
    client.post(reverse("mfa_authenticate"), {"credential": json.dumps(PASSKEY)})
    assert (failures(), is_signed_in(client)) == ([("A passkey that does not hold", post.pk)], False)
