"""Somebody else saved first: what stands is beside what was typed, by keyboard and on a phone; and one goes on."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.services import agencies
from training.tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_later_of_two_pages_is_told_and_goes_on(visit, page, axe):
    agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
    visit("/agencies/cedar-hollow/edit/", as_=factories.post_staff("post@example.org", "Grace Lindqvist"))
    now = agencies.stands(agency) | {"phone": "573 555 0100", "city": "Rolla"}
    agencies.edit(by=factories.post_staff(), agency=agency, source="Call", today=None, **now)
    page.get_by_label("Telephone").fill("573 555 0102")
    page.get_by_label("Address").fill("1 Main Street")
    page.get_by_label("What does it rest on?").fill("Letter of today")
    page.get_by_role("button", name="Save the change").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    rows = page.get_by_role("region", name="Changed while your page was open").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Rolla")
    expect(rows.nth(2)).to_contain_text("573 555 0100")
    expect(rows.nth(2)).to_contain_text("573 555 0102")
    axe()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    axe()
    rows.nth(2).get_by_role("link").press("Enter")
    expect(page.get_by_label("Telephone")).to_have_value("573 555 0102")
    page.get_by_role("button", name="Save the change").press("Enter")
    expect(page.get_by_text("Saved. What the register said before is in the history.")).to_be_visible()
    agency.refresh_from_db()
    assert (agency.phone, agency.city, agency.address) == ("573 555 0102", "Rolla", "1 Main Street")
