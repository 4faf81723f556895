"""Groups and earlier classes on the entry page, in a real browser, wide and on a phone."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE, WIDE
from training.models import OfficerGroup
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ENTER = "/agencies/harlan/classes/enter/"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_group_is_saved_taken_over_renamed_and_deleted(visit, page, axe, size):
    agency = make.agency("harlan", "Harlan County Sheriff")
    officers = make.roster(agency, 8)
    page.set_viewport_size(size)
    visit(ENTER, as_=make.ceo(agency))
    for officer in officers[:3]:
        page.get_by_role("checkbox", name=officer.license_number).check()
    page.get_by_text("Save these officers as a group").click()
    page.get_by_label("Name of the group").fill("Night shift")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as the group “Night shift”.")).to_be_visible()
    expect(page.locator("#count")).to_contain_text("3 of 8 officers")
    page.get_by_role("button", name="Tick none").click()
    page.get_by_text("Copy from an earlier class or a group").click()
    page.get_by_label("Take the officers of").select_option("Night shift (3)")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#count")).to_contain_text("3 of 8 officers")
    expect(page.get_by_text("3 officers taken over from Night shift.")).to_be_visible()
    page.get_by_text("Save these officers as a group").click()
    page.get_by_role("link", name="Rename or delete groups").click()
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Night shift").fill("Nights")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("“Night shift” is now called “Nights”.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No groups yet")).to_be_visible()
    assert not OfficerGroup.objects.exists()
