"""Signing in, the way back in, and the menu, in a real browser."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from clee_portal.tests.world import LONG_AGO
from training.models import Membership, Provider
from training.tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"


@pytest.fixture
def chief():
    agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
    account = factories.ceo(agency, "chief@example.org", "Dana Whitlock")
    account.set_password(PASSWORD)
    account.save()
    return account


def test_sign_in_by_keyboard_leads_to_the_page_asked_for(visit, axe, chief):
    page = visit("/agencies/cedar-hollow/classes/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    axe()
    page.get_by_label("Email").focus()
    page.keyboard.type("chief@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/agencies/cedar-hollow/classes/")
    expect(page.locator(".hat")).to_have_text("CEO, Cedar Hollow Police")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.go_back()  # as who comes next to this computer might
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_forgotten_password_by_the_mail_of_the_demonstration(visit, axe, chief, settings, live_server):
    settings.IS_DEMONSTRATION = True
    settings.EMAIL_BACKEND = "notifications.demonstration.DemonstrationBackend"
    page = visit("/demonstration/mail/")
    expect(page.get_by_role("heading", level=1)).to_have_text("The demonstration has sent no mail yet")
    axe()
    page.get_by_role("link", name="Set a new password").click()
    page.get_by_label("Email").fill("chief@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.locator("main").get_by_role("link", name="Mail of the demonstration").click()
    axe()
    page.locator("main a[href*='/password/reset/key/']").click()
    axe()
    for field in page.locator("input[type=password]").all():
        field.fill("another-long-secret")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/password/reset/key/done/")
    axe()
    page.goto(live_server.url + "/accounts/login/")
    page.get_by_label("Email").fill("chief@example.org")
    page.locator("input[name=password]").fill("another-long-secret")
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you like to do?")
    axe()


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_menu_of_many_hats_stays_usable(visit, page, axe, chief, width):
    if width == "phone":
        page.set_viewport_size(PHONE)
    for code, name in (("birch-county", "Birch County Sheriff"), ("elm-fork", "Elm Fork Marshal")):
        Membership.objects.create(user=chief, role="delegate", agency=factories.agency(code, name), starts_on=LONG_AGO)
    Membership.objects.create(user=chief, role="officer", officer=factories.officer(), starts_on=LONG_AGO)
    Membership.objects.create(
        user=chief, role="provider_staff", provider=Provider.objects.create(name="Ozark Academy"), starts_on=LONG_AGO
    )
    visit("/agencies/cedar-hollow/classes/", as_=chief)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.locator("nav[aria-label=Main] a[aria-current=page]")).to_be_in_viewport()
    page.locator("details.hats summary").press("Enter")
    hats = page.locator("details.hats li")
    expect(hats).to_have_count(5)
    on = hats.locator("a[aria-current]")
    expect(on).to_have_text("CEO, Cedar Hollow Police, the role this page is seen with")
    axe()
    hats.get_by_role("link", name="Delegate, Birch County Sheriff").press("Enter")
    page.wait_for_url("**/agencies/birch-county/")
    expect(page.locator(".hat").first).to_contain_text("Delegate, Birch County Sheriff")
    page.goto(page.url.split("/agencies/")[0] + "/")
    expect(page.locator(".hat").first).to_have_text("Your 5 roles")
    page.locator("details.hats summary").press("Enter")
    expect(on).to_have_count(0)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
