"""From POST's invitation to the officer's own standing, in a real browser; the campaign on a phone."""

import datetime as dt
import re

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache

from clee_portal import clock
from clee_portal.accounts.demonstration import NOT_CONNECTED
from clee_portal.accounts.tests import providers
from clee_portal.tests.browser import PHONE
from notifications import sending
from training.imports.invitation_list import Given
from training.models import Membership, OfficerBirthDate
from training.services import campaigns
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    made = make.officer(make.agency("harlan", "Harlan County Sheriff"), license_number="41733", name="Marcus Calloway")
    OfficerBirthDate.objects.create(officer=made, born_on=dt.date(1986, 4, 9))
    return made


def test_invited_officer_signs_in_confirms_the_fact_and_sees_the_standing(visit, page, live_server, axe, officer):
    visit("/officers/41733/access/", as_=make.post_staff("grace@example.org", "Grace Lindqvist"))
    axe()
    page.get_by_role("link", name="Invite").first.click()
    page.get_by_label("The officer’s own e-mail address").fill("marcus@example.org")
    axe()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Marcus Calloway is not connected yet.").wait_for()
    axe()
    page.context.clear_cookies()

    sending.send_waiting(5, ahead=False)
    link = re.search(r"https?://[^/]+(/invitation/\S+)", mail.outbox[0].body).group(1)
    page.set_viewport_size(PHONE)
    page.goto(live_server.url + link)
    page.get_by_role("heading", name="Connect your account to your peace officer license ending in 33.").wait_for()
    axe()
    page.get_by_label("Your name").fill("Marcus Calloway")
    page.get_by_label("A password of your own").fill("a long pass phrase 7")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One question, and you are connected.").wait_for()
    axe()
    page.get_by_label("Your date of birth").fill("1986-04-10")
    page.get_by_role("button", name="Connect my account").click()
    page.get_by_role("link", name=re.compile("4 attempts are left")).wait_for()
    axe()
    page.get_by_label("Your date of birth").fill("1986-04-09")
    page.keyboard.press("Enter")
    page.get_by_text("You are connected to your peace officer license ending in 33.").wait_for()
    assert page.url == f"{live_server.url}/standing/"
    assert Membership.objects.get().user.email == "marcus@example.org"
    page.goto(live_server.url + link)
    page.get_by_role("heading", name="You are connected already.").wait_for()
    axe()


def test_invited_officer_comes_in_by_mo_login_is_connected_and_sees_the_standing(
    visit, page, live_server, axe, settings, officer
):
    """The whole path: POST invites on its page, the mail goes out, the rest is the officer's, on a phone."""
    with providers.demonstration(live_server.url) as issuer:
        cache.clear()
        providers.name_in_settings(settings, issuer, **providers.CLIENT)
        visit("/officers/41733/access/", as_=make.post_staff("grace@example.org", "Grace Lindqvist"))
        page.get_by_role("link", name="Invite").first.click()
        page.get_by_label("The officer’s own e-mail address").fill(NOT_CONNECTED.email)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Marcus Calloway is not connected yet.").wait_for()
        page.context.clear_cookies()

        sending.send_waiting(5, ahead=False)
        assert [sent.to for sent in mail.outbox] == [[NOT_CONNECTED.email]]
        link = re.search(r"https?://[^/]+(/invitation/\S+)", mail.outbox[0].body).group(1)
        page.set_viewport_size(PHONE)
        page.goto(live_server.url + link)
        page.get_by_role("button", name="Sign in", exact=True).press("Enter")
        page.get_by_role("button", name="Sign in with MO Login").press("Enter")
        page.wait_for_url(f"{issuer}/authorize?**")
        page.get_by_role("button", name=NOT_CONNECTED.name).press("Enter")
        page.get_by_role("heading", name="One question, and you are connected.").wait_for()
        assert Membership.objects.count() == 0
        axe()
        page.get_by_label("Your date of birth").fill("1986-04-09")
        page.keyboard.press("Enter")
        page.get_by_text("You are connected to your peace officer license ending in 33.").wait_for()
        assert page.url == f"{live_server.url}/standing/"
        assert page.get_by_role("heading", level=1).inner_text().strip()
        axe()
        tie = Membership.objects.get()
        assert (tie.officer, tie.role, tie.user.email) == (officer, Membership.Role.OFFICER, NOT_CONNECTED.email)
        account = SocialAccount.objects.get()
        assert (account.user, account.provider, account.uid) == (tie.user, issuer, NOT_CONNECTED.subject)
        assert not tie.user.has_usable_password()
        # Out and in again: the same MO Login leads to the same standing, without the link.
        page.context.clear_cookies()
        page.goto(f"{live_server.url}/standing/")
        page.get_by_role("button", name="Sign in with MO Login").press("Enter")
        page.get_by_role("button", name=NOT_CONNECTED.name).press("Enter")
        page.wait_for_url(f"{live_server.url}/standing/")


def test_campaign_is_read_on_a_phone(visit, page, axe, officer):
    by = make.post_staff()
    made = campaigns.send(
        by=by, name="January", given=[Given(1, "41733", "m@example.org"), Given(2, "9", "")], today=clock.today()
    )
    page.set_viewport_size(PHONE)
    visit(f"/campaigns/{made.pk}/", as_=by)
    page.get_by_role("heading", name="0 of 1 officer is connected.").wait_for()
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_text("As a table").click()
    page.get_by_role("cell", name="1", exact=True).first.wait_for()
    page.goto(page.url.replace(f"/campaigns/{made.pk}/", "/campaigns/new/"))
    page.get_by_label("Name of the campaign").fill("February")
    page.get_by_label("License numbers and e-mail addresses").fill("41733 new@example.org\n99999 who@example.org")
    page.get_by_role("button", name="Check the list").click()
    page.get_by_role("heading", name="1 of 2 rows can be invited.").wait_for()
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
