"""POST's job past the last day in a real browser: look, lay notices ready, read the letters, release; by keyboard, and
on a phone."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from compliance.models import ReportingPeriod
from compliance.services import candidacies
from compliance.tests import people
from compliance.tests.browser.test_make_up import press
from compliance.tests.browser.test_standing_pages import fits
from notifications.models import Campaign
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def listed():
    """Two officers on the list of the year before last, one of them with an account."""
    agency = make.agency("harlan", "Harlan County Sheriff")
    year = clock.today().year - 2
    for name in ("Renee Abbott", "Marcus Calloway"):
        one = make.officer(agency, name=name, issued_on=dt.date(year - 3, 3, 3))
        people.complete(one, agency, year, legal=1)
        if name.startswith("Renee"):
            make.officer_account(one, "renee@example.org")
    period = ReportingPeriod.objects.get(year=year)
    candidacies.make_list(period=period, day=clock.today(), now=clock.now())
    return period


def test_post_looks_lays_ready_and_releases(visit, axe, listed):
    page = visit("/candidates/", as_=make.post_staff("grace@example.org", "Grace Lindqvist"))
    expect(page.get_by_role("heading", level=1)).to_have_text("2 officers past the last day; 2 not looked at yet.")
    press(page, page.get_by_label("Choose Abbott, Renee"), "Space")
    press(page, page.get_by_role("button", name="No recording error found"), "Enter")
    expect(page.get_by_text("1 record marked: no recording error found.")).to_be_visible()
    axe()
    page.get_by_label("Choose Abbott, Renee").check()
    page.get_by_role("button", name="Lay notices ready").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Held: 1 person waits to be written to.")
    expect(page.get_by_text("nothing has been decided")).to_be_visible()
    axe()
    page.set_viewport_size(PHONE)
    assert fits(page)
    press(page, page.get_by_role("button", name="Release"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("sent.")
    assert Campaign.objects.get().released_by.email == "grace@example.org"
    axe()
    assert fits(page)
