"""An officer says what they thought of a class, on a phone and by keyboard; the provider reads it among others, beside
what officers in reach need."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from training.models import ClassEvaluation, ScheduledClass
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seat():
    """A seat in a class that was held yesterday and confirmed; four others have evaluated it."""
    day = clock.today() - dt.timedelta(1)
    school = make.provider("Ozark Bluffs Academy", address="1 Main Street, Columbia, MO 65201")
    course = make.provider_course(school, "Search and seizure", legal=4)
    held = make.scheduled_class(course, dt.datetime.combine(day, dt.time(8), clock.CHICAGO))
    officer = make.officer(make.agency(city="Columbia"), name="Renee Abbott")
    record = make.record(officer, day, course=course, legal=4)
    ScheduledClass.objects.filter(pk=held.pk).update(training_class=record.training_class)
    for _ in range(4):
        ClassEvaluation.objects.create(scheduled_class=held, content=4, instruction=4, usefulness=4)
    for town, first in (("Fulton", 60000), ("Ashland", 60100)):
        make.roster(make.agency(city=town), 5, first_number=first)
    return make.registration(held, officer)


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_an_evaluation_is_given_by_keyboard_and_read_by_the_provider(visit, page, seat, axe):
    page.set_viewport_size(PHONE)
    visit("/my-classes/", as_=make.officer_account(seat.officer))
    axe()
    page.get_by_role("link", name="Evaluate “Search and seizure”").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What did you think of “Search and seizure”?")
    axe()
    page.get_by_role("button", name="Send it").press("Enter")
    page.get_by_role("link", name="What was taught: Choose one of the five.").press("Enter")
    axe()
    assert fits(page)
    for question in ("What was taught", "How it was taught", "How useful it is for your work"):
        group = page.get_by_role("group", name=question)
        group.get_by_role("radio", name="1 Poor").press("Space")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(group.get_by_role("radio", name="5 Excellent")).to_be_checked()
    page.get_by_label("Anything else? (optional)").fill("More of this")
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_text("What you said is kept without your name.")).to_be_visible()
    expect(page.get_by_role("link", name="Evaluate “Search and seizure”")).to_have_count(0)
    school = seat.scheduled_class.provider
    year = seat.scheduled_class.begins_at.year
    visit(f"/providers/{school.pk}/overview/?since={year}-01-01&until={year}-12-31", as_=make.provider_staff(school))
    summary = page.locator("summary", has_text="4.2 by 5 people")
    summary.press("Enter")
    expect(page.get_by_text("More of this")).to_be_visible()
    axe()
    assert fits(page)
    page.get_by_role("link", name="What officers need").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("About 10 officers in reach still lack hours")
    axe()
    assert fits(page)
