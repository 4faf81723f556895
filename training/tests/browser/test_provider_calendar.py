"""A provider's staff plan weekly evenings, publish and move them, in a real browser: wide, on a phone, by keyboard."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, WIDE
from training.models import ScheduledClass
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_weekly_evenings_are_planned_published_and_moved(visit, page, axe, size):
    school = make.provider("Academy of the Ozarks")
    course = make.provider_course(school, "Traffic stops", more={"administrator": "Dana Whitlock"}, legal=6)
    first = clock.today() + dt.timedelta(days=30)
    page.set_viewport_size(size)
    visit(f"/providers/{school.pk}/calendar/plan/?course={course.pk}", as_=make.provider_staff(school))
    page.get_by_label("Date of meeting 1").fill(first.isoformat())
    page.get_by_label("From of meeting 1").fill("18:00")
    page.get_by_label("To of meeting 1").fill("20:30")
    page.get_by_label("The first one, weekly:").fill("2")
    page.get_by_role("button", name="Fill in", exact=True).press("Enter")
    expect(page.get_by_label("Date of meeting 2")).to_have_value((first + dt.timedelta(weeks=1)).isoformat())
    page.get_by_label("Name of the place").fill("Main hall")
    page.get_by_label("ZIP code").fill("65999")
    page.get_by_role("textbox", name="Seats").fill("20")
    page.get_by_role("button", name="Publish").press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("The post office knows no ZIP code 65999.")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    summary.get_by_role("link").press("Enter")
    expect(page.get_by_label("ZIP code")).to_be_focused()
    page.get_by_label("ZIP code").fill("65201")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Traffic stops: 0 of 20 seats taken")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Move the dates").click()
    page.get_by_label("To of meeting 2").fill("21:30")
    axe()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status")).to_contain_text("Everybody registered is told.")
    held = ScheduledClass.objects.get()
    assert (held.state, held.sequence, held.meetings.count(), held.city) == ("published", 1, 2, "Columbia")
    page.goto(page.url.split("/scheduled")[0] + f"/providers/{school.pk}/calendar/")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
