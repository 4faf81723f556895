"""Mail in a real browser: POST reads what would be sent, an officer what was, and chooses; on a phone too."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from compliance.tests.browser.test_standing_pages import fits
from notifications.models import Message, MessageText, Preference
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    agency = make.agency("harlan", "Harlan County Sheriff", phone="(555) 0142", email="desk@harlan.example")
    make.ceo(agency, "chief@harlan.example", "Ann Chief")
    one = make.officer(
        agency, name="Bartholomew-Maximilian Featherstonehaugh-Cholmondeley-Vance", license_number="38120"
    )
    make.officer_account(one, "bart@harlan.example")
    make.officer(agency, name="Una Nobody", license_number="38121")
    return one


def test_post_reads_a_mail_before_it_goes(visit, axe, officer):
    staff = make.post_staff()
    page = visit("/mails/", as_=staff)
    axe()
    page.get_by_role("link", name="Reminder of missing hours").click()
    page.get_by_label("License number or agency").fill("38120")
    page.get_by_label("License number or agency").press("Enter")
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("link", name="See what would close the gap")).to_be_visible()
    axe()
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="Phone").click()
    expect(mail.get_by_role("heading", level=1)).to_contain_text("You need 24 more hours")
    axe()
    assert fits(page)
    page.get_by_role("link", name="Plain text").click()
    expect(page.locator("pre")).to_contain_text("Featherstonehaugh-Cholmondeley-Vance,")
    axe()
    assert fits(page)
    visit("/agencies/harlan/letters/")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 officer is short and gets no mail")
    axe()
    assert fits(page)
    visit("/letters/")
    axe()
    assert fits(page)


def test_an_officer_reads_what_was_sent_and_chooses(visit, axe, officer):
    user = officer.memberships.get().user
    message = Message.objects.create(
        occasion="reminder", key="2025:1:1", user=user, address=user.email, priority=2, state="sent", next_try_at=None
    )
    MessageText.objects.create(
        message=message, subject="3 hours missing", body="Three hours are missing.\nhttps://a.example"
    )
    page = visit("/messages/", as_=user)
    page.set_viewport_size(PHONE)
    page.get_by_text("The text as it was sent").click()
    expect(page.get_by_text("Three hours are missing.")).to_be_visible()
    axe()
    assert fits(page)
    page.get_by_role("link", name="Choose what you get").click()
    axe()
    assert fits(page)
    page.get_by_label("Hours credited").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Keep this choice").press("Enter")
    expect(page.get_by_text("Your choice is kept.")).to_be_visible()
    assert Preference.objects.get().wanted is False
