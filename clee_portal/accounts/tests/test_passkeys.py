"""Answers of passkeys that no browser gives: half of one, or something else. They add, prove and break nothing."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from clee_portal.accounts.tests.factors import app_of
from training.tests import factories

pytestmark = pytest.mark.django_db


def answer(response) -> str:
    """As a browser wraps what an authenticator says."""
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})


HALVES = {
    "nothing": "",
    "no JSON": "{",
    "null": "null",
    "a list": "[]",
    "a number": "7",
    "a text": '"x"',
    "empty": "{}",
    "an id of another kind": '{"id": 1}',
    "no response": json.dumps({"id": "AA", "rawId": "AA", "type": "public-key"}),
    "a list as response": answer([]),
    "null as response": answer(None),
    "an empty response": answer({}),
    "other kinds inside": answer({"clientDataJSON": 7, "attestationObject": []}),
    "no attestation": answer({"clientDataJSON": "e30", "attestationObject": ""}),
    "an empty map as attestation": answer({"clientDataJSON": "e30", "attestationObject": "oA"}),
    "no base64": answer({"clientDataJSON": "!", "attestationObject": "__8"}),
    "no CBOR": answer({"clientDataJSON": "e30", "attestationObject": "__8"}),
    "CBOR without an end": answer({"clientDataJSON": "e30", "attestationObject": "gYGB" * 2000}),
    "half an assertion": answer({"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}),
    "an assertion of nobody": answer(
        {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}
    ),
}


@pytest.fixture(params=HALVES)
def half(request) -> str:
    """One of them."""
    return HALVES[request.param]


@pytest.mark.parametrize("begun", [True, False])
def test_it_adds_nothing_and_the_page_says_so(client, half, begun):
    chief = factories.ceo(factories.agency("cedar-hollow"))
    client.force_login(chief)
    if begun:
        client.get(reverse("mfa_add_webauthn"))
    answered = client.post(reverse("mfa_add_webauthn"), {"name": "Work phone", "credential": half})
    page = answered.content.decode()
    assert (answered.status_code, Authenticator.objects.count()) == (200, 0)
    assert 'role="alert"' in page
    assert 'value="Work phone"' in page


@pytest.mark.parametrize("page", ["mfa_login_webauthn", "account_step_up"])
def test_it_proves_nothing(client, half, page):
    post = factories.post_staff()
    app_of(post)
    if page == "account_step_up":
        client.force_login(post, second_step=False)
    client.get(reverse(page), headers={"X-Requested-With": "XMLHttpRequest"})
    answered = client.post(reverse(page), {"credential": half, "next": "/officers/"})
    if page == "account_step_up":
        assert answered.status_code == 200
        assert client.get("/officers/").url.startswith("/accounts/confirm/")
    else:
        assert answered.url == "/accounts/login/"
        assert "_auth_user_id" not in client.session
