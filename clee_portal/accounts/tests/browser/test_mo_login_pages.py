"""In through MO Login and out again, in a real browser, with the demonstration's provider."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from playwright.sync_api import expect

from clee_portal.accounts.demonstration import ACCOUNTS
from clee_portal.accounts.tests import providers
from clee_portal.tests.browser import PHONE
from training.tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHERIFF = next(account for account in ACCOUNTS if account.key == "sheriff")


def test_in_and_out_by_keyboard(visit, axe, live_server, settings):
    agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
    account = factories.ceo(agency, SHERIFF.email, SHERIFF.name)
    with providers.demonstration(live_server.url) as issuer:
        cache.clear()
        providers.name_in_settings(settings, issuer, **providers.CLIENT)
        SocialAccount.objects.create(user=account, provider=issuer, uid=SHERIFF.subject)
        page = visit("/agencies/cedar-hollow/classes/")
        axe()
        page.get_by_role("button", name="Sign in with MO Login").press("Enter")
        page.wait_for_url(f"{issuer}/authorize?**")
        expect(page.get_by_text("Not the state’s sign-in.")).to_be_visible()
        axe()
        page.get_by_role("button", name=SHERIFF.name).press("Enter")
        page.wait_for_url(f"{live_server.url}/agencies/cedar-hollow/classes/")
        expect(page.locator(".hat")).to_have_text("CEO, Cedar Hollow Police")
        page.goto(f"{live_server.url}/accounts/mo-login/connection/")
        axe()
        page.get_by_role("button", name="Sign out", exact=True).press("Enter")
        page.wait_for_url(f"{live_server.url}/")
        expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
        # Signed out there too: it asks again who one is.
        page.set_viewport_size(PHONE)
        page.goto(f"{live_server.url}/accounts/login/")
        axe()
        page.get_by_role("button", name="Sign in with MO Login").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Who are you?")
        axe()
        page.get_by_role("button", name="Do not sign in").click()
        expect(page.get_by_text("You did not sign in at MO Login.")).to_be_visible()
