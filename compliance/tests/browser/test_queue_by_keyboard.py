"""POST works through a queue without touching the mouse, and can switch the single keys off."""

import re

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_courses_are_reviewed_one_after_the_other_by_keyboard(visit, axe):
    agency = make.agency("harlan", "Harlan County Sheriff")
    one, two, three = (make.course(agency, f"Course {word}") for word in ("One", "Two", "Three"))
    page = visit("/workbench/", as_=make.post_staff())
    expect(page.get_by_role("heading", level=1)).to_have_text("3 things wait for POST in 1 queue")
    expect(page.locator("tr[data-queue-item] [role=status]")).to_have_count(0)  # the slow ones are counted too
    axe()
    page.goto(f"{page.url.split('/workbench/')[0]}/courses/to-review/?agency=harlan")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="Course One", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Course One: approve or refuse?")
    page.wait_for_load_state()  # the keys are there once the whole page is
    page.keyboard.press("n")
    expect(heading).to_have_text("Course Two: approve or refuse?")
    page.get_by_role("radio", name=re.compile("^Approve")).press("Space")
    page.get_by_label("Conditions").press_sequentially("nu")  # typed, not taken for keys
    page.get_by_label("Conditions").press("Tab")
    page.get_by_role("button", name="Keep this decision").press("Enter")
    expect(heading).to_have_text("Course Three: approve or refuse?")
    page.wait_for_load_state()
    axe()
    page.keyboard.press("u")
    expect(heading).to_have_text("2 courses wait for review")
    assert page.url.endswith("/courses/to-review/?agency=harlan")
    page.get_by_text("Keys for this list").click()
    page.get_by_label("Use these keys").uncheck()
    page.reload()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Course One", exact=True)).not_to_be_focused()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    assert two.reviews.get().conditions == "nu"
    assert [course.reviews.exists() for course in (one, three)] == [False, False]
