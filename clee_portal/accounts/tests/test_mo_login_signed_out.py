"""Signed out at MO Login: its server says so, and the sessions that began there end here; nobody else can say so."""

import base64
import time

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clee_portal.accounts.mo_login import discovery
from clee_portal.accounts.models import Session
from clee_portal.accounts.tests.provider_process import CLIENT_ID
from training.tests import factories

pytestmark = pytest.mark.django_db
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def ada(provider):
    """Somebody with MO Login."""
    user = factories.user("ada@agency.example.org")
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid="ada")
    return user


def signed_in(provider, subject="ada", **claims) -> Client:
    """A browser in which somebody has signed in at MO Login."""
    client = Client()
    provider.told(claims=claims)
    provider.sign_in(client, subject)
    provider.told()
    assert is_in(client)
    return client


def is_in(client) -> bool:
    return client.get("/accounts/sessions/").status_code == 200


def tell(token, client=None):
    """As MO Login's server sends it: without a cookie and without a token of a form."""
    sender = client or Client(enforce_csrf_checks=True)
    return sender.post(reverse("mo_login_signed_out"), {"logout_token": token})


def test_every_session_of_the_person_that_began_there_ends(provider, ada):
    first, second = signed_in(provider), signed_in(provider)
    bert = factories.user("bert@agency.example.org")
    SocialAccount.objects.create(user=bert, provider=provider.issuer, uid="bert")
    other, by_password = signed_in(provider, "bert"), Client()
    by_password.force_login(ada)
    answer = tell(provider.logout_token(sub="ada"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert "no-store" in answer["Cache-Control"]
    assert [is_in(one) for one in (first, second, other, by_password)] == [False, False, True, True]


def test_of_a_session_that_is_named_that_one_alone_ends(provider, ada):
    first, second = signed_in(provider, sid="s-1"), signed_in(provider, sid="s-2")
    assert tell(provider.logout_token(sub="ada", sid="s-1")).status_code == 200
    assert [is_in(one) for one in (first, second)] == [False, True]
    assert tell(provider.logout_token(sid="s-2")).status_code == 200
    assert not is_in(second)


def test_whom_nobody_knows_is_answered_alike_and_nothing_ends(provider, ada):
    mine = signed_in(provider)
    assert tell(provider.logout_token(sub="nobody")).status_code == 200
    assert tell(provider.logout_token(sid="never")).status_code == 200
    assert is_in(mine)


def test_said_again_later_it_ends_no_session_that_began_since(provider, ada):
    token = provider.logout_token(sub="ada")
    later = signed_in(provider)
    session = Session.objects.get(user=ada)
    store = Session.get_session_store_class()(session.session_key)
    store["signed_in_at"] += 61  # the clocks of both may differ by a minute
    store.save()
    assert tell(token).status_code == 200
    assert is_in(later)


BAD = {
    "signed by another key": {"sign": "other key"},
    "not signed": {"sign": "none"},
    "HS256 with the public key": {"sign": "hs256"},
    "a key nobody knows": {"sign": "unknown kid"},
    "another issuer": {"claims": {"iss": "https://evil.example.org"}},
    "another audience": {"claims": {"aud": "somebody else"}},
    "several audiences, made for another": {"claims": {"aud": [CLIENT_ID, "other"], "azp": "other"}},
    "expired": {"claims": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3700}},
    "made long ago": {"claims": {"iat": int(time.time()) - 3600}},
    "no time": {"claims": {"iat": None}},
    "no end": {"claims": {"exp": None}},
    "no number": {"claims": {"jti": None}},
    "no event": {"claims": {"events": None}},
    "another event": {"claims": {"events": {"http://schemas.openid.net/event/other": {}}}},
    "an event that is no object": {"claims": {"events": {EVENT: "yes"}}},
    "a list of events": {"claims": {"events": [EVENT]}},
    "a nonce": {"claims": {"nonce": "n"}},
    "nobody": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a session that is no text": {"claims": {"sid": 7}},
}


@pytest.mark.parametrize("how", BAD)
def test_what_does_not_hold_ends_nothing(provider, ada, how):
    mine = signed_in(provider)
    provider.told(**BAD[how])
    answer = tell(provider.logout_token(sub="ada"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert is_in(mine)


NESTED = base64.urlsafe_b64encode(b'{"a":' + b"[" * 9_000).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "x" * 20_000, "\x00", f"{NESTED}.{NESTED}.x"],
    ids=["", "x", "abc", "long", "nul", "deep"],
)
def test_what_is_no_token_is_refused(provider, ada, token):
    assert tell(token).status_code == 400
    assert Client().post(reverse("mo_login_signed_out")).status_code == 400


def test_id_token_is_no_logout_token_and_the_reverse(provider, ada):
    mine = signed_in(provider)
    assert tell(mine.session["mo_login_id_token"]).status_code == 400
    assert is_in(mine)
    provider.told(claims={"events": {EVENT: {}}, "nonce": None, "jti": "1"})
    client = Client()
    assert provider.sign_in(client, "ada").status_code == 401


def test_keys_that_were_changed_are_asked_for_once_whoever_asks(provider, ada):
    mine = signed_in(provider)
    provider.told(rotate=True)
    assert tell(provider.logout_token(sub="ada")).status_code == 200
    assert not is_in(mine)
    provider.told(sign="unknown kid")
    for _ in range(3):
        assert tell(provider.logout_token(sub="ada")).status_code == 400
    assert "/keys" not in provider.asked()


def test_failures_are_counted_by_the_address_they_come_from(provider, ada, settings):
    token = provider.logout_token(sub="ada")
    for _ in range(60):
        assert tell("x").status_code == 400
    stopped = tell(token)
    assert (stopped.status_code, 240 < int(stopped["Retry-After"]) <= 300) == (429, True)
    assert tell(token, Client(REMOTE_ADDR="203.0.113.9")).status_code == 200


def test_provider_that_is_away_is_said_so(provider, ada, settings, monkeypatch):
    mine, token = signed_in(provider), provider.logout_token(sub="ada")
    cache.clear()
    monkeypatch.setattr(discovery, "WELL_KNOWN", "/nowhere")
    assert tell(token).status_code == 503
    assert is_in(mine)


def test_without_mo_login_there_is_no_such_page(client, settings):
    settings.MO_LOGIN_ISSUER = ""
    assert tell("x", client).status_code == 404
    assert client.get(reverse("mo_login_signed_out")).status_code == 405
