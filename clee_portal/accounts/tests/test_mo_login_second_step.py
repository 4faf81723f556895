"""MO Login and the second step: it exempts nobody, unless its ID token says what the settings name."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from clee_portal.accounts.models import Session
from clee_portal.accounts.tests.factors import app_of, code_now, give_code
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(provider):
    """A member of POST staff who signs in with MO Login alone."""
    user = factories.post_staff("ada@statehouse.example", "Ada Brandt")
    user.set_unusable_password()
    user.save()
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid="ada")
    return user


def test_it_exempts_nobody(client, provider, post):
    provider.told(claims={"amr": ["pwd", "otp"], "acr": "urn:mo:2fa"})
    assert provider.sign_in(client, "ada").url == "/"
    assert Session.objects.get(user=post).get_decoded()["idle_seconds"] == 15 * 60
    assert client.get("/officers/").url.startswith("/accounts/security/?next=")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_second_step_is_asked_for_after_it(client, provider, post):
    app = app_of(post)
    assert provider.sign_in(client, "ada", next="/officers/").url == "/accounts/login/second-step/"
    assert client.get("/officers/").url.startswith("/accounts/login/")
    assert give_code(client, code_now(app)).url == "/officers/"
    assert client.get("/officers/").status_code == 200


@pytest.mark.parametrize("has_app", [True, False])
def test_what_the_settings_name_is_the_second_step(client, provider, post, settings, has_app):
    settings.STRONG_SIGN_IN_AMR = ["otp"]
    if has_app:
        app_of(post)
    provider.told(claims={"amr": ["pwd", "otp"]})
    assert provider.sign_in(client, "ada").url == "/"
    assert client.get("/officers/").status_code == 200


@pytest.mark.parametrize("claims", [{"amr": ["pwd"]}, {"amr": []}, {}])
def test_anything_else_is_not(client, provider, post, settings, claims):
    settings.STRONG_SIGN_IN_AMR = ["otp"]
    provider.told(claims=claims)
    provider.sign_in(client, "ada")
    assert client.get("/officers/").url.startswith("/accounts/security/?next=")
