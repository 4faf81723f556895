"""An officer's own pages in a real browser: audited with axe, everything unfolded, at 320 pixels and by keyboard."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from compliance.tests import people
from training.services import feeds
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 320, "height": 640}


def test_each_page_at_320_pixels_and_by_keyboard(visit, axe):
    agency = make.agency("harlan", "Harlan County Sheriff's Office", phone="(573) 555-0142")
    dana = make.officer(agency, name="Dana Whitlock-Featherstonehaugh", license_number="41877")
    year = clock.today().year
    people.complete(dana, agency, year - 1, legal=1)
    people.credit(dana, dt.date(year, 1, 5), make.course(agency, "Legislative update"), legal=1)
    held = make.scheduled_class(make.provider_course(make.provider(), "Arrest law", legal=2))
    seat = make.registration(held, dana)
    other = make.scheduled_class(make.provider_course(make.provider(), "Firearms at night", skill__firearms=2))
    account = make.officer_account(dana)
    feeds.make(by=account)
    page = visit("/standing/", as_=account)
    page.set_viewport_size(NARROW)
    for path in (
        "/standing/",
        f"/standing/?period={year - 1}",
        "/officers/41877/will-be/",
        "/officers/41877/extension/",
        "/my-classes/",
        "/my-classes/feed/",
        f"/registrations/{seat.code}/",
        f"/calendar/{other.reference}/",
        f"/calendar/{other.reference}/register/",
        "/my-plan/",
        "/",
    ):
        visit(path)
        if path.startswith("/standing/"):
            expect(page.get_by_role("heading", name="if you complete it")).to_be_visible()
        if path == f"/calendar/{other.reference}/":
            expect(page.get_by_role("heading", name="If you take this class")).to_be_visible()
        page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
        axe()
        assert (path, page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (path, True)
    # From the standing to the form that asks for more time, with nothing but the keyboard.
    visit("/standing/")
    link = page.get_by_role("link", name="ask for more time")
    for _ in range(80):
        page.keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for more time")
