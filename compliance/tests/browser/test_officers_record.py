"""An officer's own record on the narrowest phone, by keyboard: read, reported, contact details; and installed."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.accounts.services import contacts
from compliance.models import RecordReport
from compliance.tests.relief_people import pdf
from training.models import TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 320, "height": 640}
PAGES = (
    "/my-record/",
    "/my-record/looks/",
    "/my-record/elsewhere/",
    "/my-contact/",
    "/my-contact/address/",
    "/my-contact/confirm/",
    "/messages/",
)


@pytest.fixture
def officer():
    agency = make.agency("harlan", "Harlan County Sheriff’s Department of the Northern Townships")
    one = make.officer(agency, name="Renee Abbott", license_number="38120", postal_address="1 Old Road\nRolla")
    day = clock.today() - dt.timedelta(days=3)
    course = make.course(agency, "Interviewing people who do not want to be interviewed", skill=2, skill__firearms=1)
    old = make.record(one, day, course=course, skill=2)
    gone = {"voided_at": clock.now(), "void_reason": "The sheet says three hours"}
    TrainingRecord.objects.filter(pk=old.pk).update(**gone)
    new = make.record(one, day, course=course, skill=3)
    TrainingRecord.objects.filter(pk=new.pk).update(replaces=old)
    return one


def test_record_on_the_narrowest_phone_by_keyboard(visit, axe, officer, mailoutbox):
    page = visit("/my-record/", as_=(account := make.officer_account(officer, "renee@harlan.example")))
    page.set_viewport_size(NARROW)

    def sound() -> None:
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, NARROW["width"])
        axe()

    expect(page.get_by_text("hours 2, now 3. The sheet says three hours")).to_be_visible()
    origin = page.url.removesuffix("/my-record/")
    for path in PAGES:
        page.goto(origin + path)
        sound()
    # A missing class, with nothing but the keyboard.
    page.goto(f"{origin}/my-record/")
    page.get_by_role("link", name="Report a class that is missing").press("Enter")
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    sound()
    page.get_by_label("What was the class called?").focus()
    page.keyboard.type("Night driving")
    page.keyboard.press("Tab")
    page.get_by_label("On which day did it end?").fill((clock.today() - dt.timedelta(days=9)).isoformat())
    page.get_by_role("radio", name="Harlan County").focus()
    page.keyboard.press("Space")
    page.get_by_label("Certificate, sign-in sheet").set_input_files(
        {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    page.get_by_role("button", name="Send it").dblclick()
    expect(page.locator(".reference")).to_be_visible()
    one = RecordReport.objects.get()
    expect(page.locator(".reference")).to_have_text(one.reference)
    sound()
    page.get_by_role("link", name="Add documents").press("Enter")
    sound()
    # An own address: named, confirmed by what the mail says.
    page.goto(f"{origin}/my-contact/address/")
    page.get_by_label("Your own e-mail address").fill("renee.abbott.of.harlan.county@mail.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Confirm renee.abbott.of.harlan.county")
    sound()
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}$", mailoutbox[-1].body, re.MULTILINE)[0]
    page.get_by_label("Code from the mail").fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mail about you goes to renee.abbott.of.harlan")
    assert contacts.of(account).mail_to == "own"
    sound()
    # What Chromium asks of a page that can be installed; it installs nothing from a private window, as tests use.
    chromium = page.context.new_cdp_session(page)
    assert chromium.send("Page.getAppManifest")["errors"] == []
    missing = chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in missing} <= {"in-incognito"}
