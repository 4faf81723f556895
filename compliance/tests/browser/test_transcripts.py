"""A transcript in a real browser: had made by keyboard, checked on a narrow phone by somebody who is not signed in."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import WIDE
from compliance.models import Transcript
from compliance.tests import people
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 320, "height": 640}


def fits(page) -> bool:
    """Whether nothing is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_made_by_keyboard_and_checked_by_anybody_on_a_narrow_phone(visit, page, axe, tmp_path):
    agency = make.agency("harlan", "Harlan County Sheriff")
    officer = make.officer(agency, name="Renee Abbott", license_number="38120")
    year = clock.today().year
    people.complete(officer, agency, year - 1, legal=1)
    make.record(officer, dt.date(year, 1, 14), course=make.course(agency, "Search and seizure"), legal=4)
    visit("/officers/38120/transcripts/", as_=make.officer_account(officer))
    axe()
    page.get_by_label(str(year - 1)).press("Space")  # not that one
    page.get_by_role("button", name="Make the transcript").press("Enter")
    one = Transcript.objects.get()
    expect(page.get_by_role("heading", level=1)).to_contain_text(one.code_in_groups)
    axe()
    page.set_viewport_size(NARROW)
    assert fits(page)
    axe()
    page.set_viewport_size(WIDE)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Transcript (PDF)").press("Enter")
    paper = tmp_path / taken.value.suggested_filename
    taken.value.save_as(paper)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Its signature", exact=True).press("Enter")
    signature = tmp_path / taken.value.suggested_filename
    taken.value.save_as(signature)

    page.context.clear_cookies()
    page.set_viewport_size(NARROW)
    visit("/check/")
    page.get_by_label("Code on the certificate or transcript").fill(one.code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("This transcript was issued on")
    expect(page.get_by_role("definition").first).to_contain_text("Renee Abbott")
    page.get_by_text("Check a file without this page").press("Enter")
    page.get_by_text("I have its signature too").press("Enter")
    assert fits(page)
    axe()
    page.locator("#id_file").set_input_files(paper)
    page.get_by_label("Its signature (optional)").set_input_files(signature)
    page.get_by_role("button", name="Check this file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This file is genuine")
    expect(page.get_by_text("The signature fits the file.")).to_be_visible()
    assert fits(page)
    axe()
    content = paper.read_bytes()
    paper.write_bytes(content[:2000] + bytes([content[2000] ^ 1]) + content[2001:])
    page.locator("#id_file").set_input_files(paper)
    page.get_by_role("button", name="Check this file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This file was altered")
    assert fits(page)
    axe()
    page.get_by_role("button", name="Check this file").press("Enter")
    expect(page.get_by_role("link", name="Choose the file of the transcript first.")).to_be_visible()
    axe()
