"""The second step in a real browser: an app and a passkey are set up, each signs in; and the warning before the end.

The passkey is one of Chromium's own virtual authenticators: real cryptography, without a key to touch.
"""

import re
from contextlib import suppress

import pytest
from django.conf import settings
from playwright.sync_api import expect

from clee_portal.accounts import sessions, totp
from clee_portal.accounts.models import Session
from clee_portal.accounts.tests.factors import PASSWORD, with_password
from clee_portal.tests.browser import PHONE
from training.models import TrainingClass
from training.tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def passkeys(page):
    """A virtual authenticator: a phone or computer that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in_by_keyboard(page, email):
    page.get_by_label("Email").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_app_and_passkey_are_set_up_and_each_signs_in(page, live_server, axe, page_errors, passkeys):
    at = live_server.url.replace("127.0.0.1", "localhost")
    user = with_password(factories.post_staff("post@example.org", "Grace Lindqvist"))
    page.goto(at + "/officers/")
    axe()
    sign_in_by_keyboard(page, user.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second step to go on.")
    axe()

    page.get_by_role("link", name="Set up an app").press("Enter")
    axe()
    secret = page.locator("code.secret").inner_text()
    code = totp.code_of(secret, totp.now_counter() - 1)
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("ul.codes li")).to_have_count(10)
    axe()
    page.get_by_role("link", name="I have kept them: go on").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Find an officer")

    page.get_by_role("link", name="Sign-in and security").press("Enter")
    page.get_by_role("link", name="Add a passkey").press("Enter")
    axe()
    page.get_by_label("What to call it").fill("Work phone")
    page.get_by_role("button", name="Add a passkey").press("Enter")
    expect(page.get_by_text("Signs you in without a password")).to_be_visible()
    expect(page.get_by_role("term").filter(has_text="Work phone")).to_be_visible()
    axe()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    axe()

    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.goto(at + "/accounts/login/?next=/officers/")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Find an officer")

    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.goto(at + "/accounts/login/?next=/officers/")
    sign_in_by_keyboard(page, user.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Now the code of your app")
    axe()
    page.get_by_label("Code").focus()
    page.keyboard.type(totp.code_of(secret, totp.now_counter()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Find an officer")

    # Long after, a grave act asks again: the passkey does.
    kept = Session.objects.get(user=user)
    store = sessions.SessionStore(kept.session_key)
    store["second_factor"] = store["second_factor"] | {"at": 0}
    store.save()
    page.goto(at + "/accounts/recoveries/open/")
    page.get_by_label("E-mail address of the account").fill("nobody@example.org")
    page.get_by_label("How did you make sure who calls?").fill("Called back")
    page.get_by_role("button", name="Open it").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    axe()
    page.get_by_role("button", name="Use my passkey").press("Enter")
    expect(page.get_by_label("How did you make sure who calls?")).to_have_value("Called back")
    axe()


def test_warning_comes_before_the_end_and_staying_is_one_key(visit, page, axe):
    """Two tabs of one browser: what is said in one is known in the other. The time is turned in the database."""
    agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
    chief = with_password(factories.ceo(agency, "chief@example.org", "Dana Whitlock"))
    page.clock.install()
    visit("/agencies/cedar-hollow/classes/enter/", as_=chief)
    other = page.context.new_page()
    other.clock.install()
    other.goto(page.url)
    page.get_by_label(re.compile("Course title|Title|Course")).first.fill("Vehicle stops")

    def only(seconds, *, signed_in_ago=0):
        store = sessions.SessionStore(Session.objects.get(user=chief).session_key)
        store[sessions.SIGNED_IN_AT] = sessions._now() - signed_in_ago
        store[sessions.ACTIVE_AT] = sessions._now() + seconds - store[sessions.IDLE_SECONDS]
        store.save()

    def later(tab, name, seconds, **more):
        """The tab’s time goes on until it says so, however long the portal takes to answer."""
        said = tab.get_by_role("alertdialog", name=name)
        for _ in range(12):
            only(seconds, **more)
            tab.clock.fast_forward("28:05")
            with suppress(AssertionError):
                expect(said).to_be_visible(timeout=3000)
                return said
        pytest.fail(f"“{name}” was never said")

    for tab in (page, other):
        later(tab, "Are you still there?", 100)
        # After the page’s own listener: what it does when the dialog closes is done then.
        tab.evaluate(
            "document.getElementById('session-ends').addEventListener('close', () => { document.title = 'On' })"
        )
    axe()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    only(100)
    page.keyboard.press("Enter")
    for tab in (page, other):
        expect(tab.get_by_role("alertdialog")).to_be_hidden()
        expect(tab).to_have_title("On")
    assert page.get_by_label(re.compile("Course title|Title|Course")).first.input_value() == "Vehicle stops"

    # The longest time is what ends it: nothing prolongs it, and it says what to do.
    soon = later(page, "You will be signed out soon.", 1800, signed_in_ago=settings.SESSION_HOURS * 3600 - 100)
    expect(soon).to_contain_text("Save your work, then sign in again; what you typed is kept.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    axe()
    page.keyboard.press("Escape")

    over = later(page, "You have been signed out.", -120)
    expect(over).to_contain_text("What you typed is still on this page.")
    axe()

    # As it says: signed in again in another tab, then sent. It is shown again, and was not sent.
    other.goto(page.url.replace("enter/", ""))
    sign_in_by_keyboard(other, chief.email)
    expect(other.get_by_role("heading", level=1)).to_contain_text("class")
    expect(over).to_be_hidden()
    page.get_by_role("button", name="Check").first.press("Enter")
    expect(page.get_by_text("What you typed is here again; nothing was sent.")).to_be_visible()
    assert page.get_by_label(re.compile("Course title|Title|Course")).first.input_value() == "Vehicle stops"
    assert TrainingClass.objects.count() == 0
    other.close()
