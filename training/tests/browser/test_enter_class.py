"""Entering a class in a real browser: fast, by keyboard alone, on a phone, without a script, and sent twice."""

import datetime as dt
import time

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, sign_in
from training.models import TrainingClass, TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ENTER = "/agencies/harlan/classes/enter/"


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def officers(agency):
    return make.roster(agency, 60)


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def test_thirty_officers_take_less_than_a_minute(visit, chief, officers, axe):
    """Types, clicks and reads only what the page says; every key is a step of its own."""
    page = visit(ENTER, as_=chief)
    started = time.monotonic()
    page.get_by_role("combobox", name="Course", exact=True).press_sequentially("Winter driving", delay=40)
    page.get_by_label("Skill Development", exact=True).press_sequentially("4", delay=40)
    page.get_by_label("Legal Studies", exact=True).press_sequentially("2", delay=40)
    for officer in officers[:30]:
        page.get_by_role("checkbox", name=officer.license_number).check()
    expect(page.locator("#count")).to_have_text("30 of 60 officers · 6 h each")
    expect(page.locator(".roster .chip")).to_have_count(60)
    axe()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("6 hours for 30 officers: is this right?")
    axe()
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 6 hours for 30 officers.")
    assert time.monotonic() - started < 60
    axe()
    assert TrainingRecord.objects.count() == 30
    expect(page.locator(".reference")).to_have_text(TrainingClass.objects.get().reference)


def test_class_is_entered_and_undone_by_keyboard_alone(visit, chief, officers, axe):
    page = visit(ENTER, as_=chief)
    keys = page.keyboard

    def to(name: str) -> None:
        """Tab to the field or button of this name, from where the focus is."""
        for _ in range(60):
            keys.press("Tab")
            if page.evaluate(
                "name => { const at = document.activeElement;"
                " return [at.name, at.id, at.textContent.trim()].includes(name) }",
                name,
            ):
                return
        raise AssertionError(f"{name} is not reached by Tab")

    to("course")
    keys.type("Winter driving")
    to("hours-area-legal")
    keys.type("2")
    to("search")
    keys.type("nunez quincy")
    expect(page.locator(".roster-row:visible")).to_have_count(1)
    keys.press("Enter")
    expect(page.locator("#count")).to_have_text("1 of 60 officers · 2 h each")
    to("Go on past the list")
    keys.press("Enter")
    expect(page.get_by_label("Or paste who attended")).to_be_focused()
    to("Check")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 hours for 1 officer: is this right?")
    to("Record this class")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 2 hours for 1 officer.")
    to("Undo this class")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 officer loses 2 hours")
    axe()
    to("reason")
    keys.type("Entered for the wrong day")
    to("Undo this class")
    keys.press("Enter")
    expect(page.get_by_text("Reason: Entered for the wrong day")).to_be_visible()
    axe()
    assert not TrainingRecord.objects.live().exists()


def test_totals_and_topics_are_checked_while_typing(visit, chief, officers):
    page = visit(ENTER, as_=chief)
    page.get_by_label("Skill Development", exact=True).fill("2.5")
    page.get_by_label("Legal Studies", exact=True).fill("1")
    expect(page.locator("#hours [data-total]")).to_have_text("3.5 hours")
    page.get_by_label("Firearms", exact=True).fill("3")
    expect(page.locator("#hours [data-trouble-of-hours]")).to_have_text(
        "The topics in Skill Development come to 3 h, but it has 2.5 h. Topics lie inside the hours, never on top."
    )
    page.get_by_label("Firearms", exact=True).fill("2.555")
    expect(page.locator("#hours [data-trouble-of-hours]")).to_contain_text("Firearms: write hours like 1.5")
    page.get_by_label("Firearms", exact=True).fill("2.5")
    expect(page.locator("#hours [data-trouble-of-hours]")).to_have_text("")


def test_chosen_course_brings_its_hours(visit, chief, officers, agency):
    make.course(agency, "Firearms day", skill=2, skill__firearms=4)
    page = visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Firearms day")
    expect(page.get_by_label("Skill Development", exact=True)).to_have_value("6")
    expect(page.get_by_label("Firearms", exact=True)).to_have_value("4")
    expect(page.get_by_label("Synopsis, for a course that is new")).to_be_hidden()
    expect(page.get_by_text("In-service course, not yet reviewed.")).to_be_visible()


def test_exception_unfolds_in_place_and_is_recorded(visit, chief, officers, axe):
    page = visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    for officer in officers[:2]:
        page.get_by_role("checkbox", name=officer.license_number).check()
    page.get_by_role("button", name=f"Exception for {officers[0].sorted_name}").click()
    page.get_by_label("Completed part of the hours").check()
    part = page.locator(f"[name=part-{officers[0].pk}-area-legal]")
    expect(part).to_have_value("2")
    part.fill("1.5")
    axe()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "2 hours for 1 officer, 1 with an exception: is this right?"
    )
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: credit for 2 officers.")
    assert TrainingRecord.objects.get(officer=officers[0]).lines.get().hours == 1.5


def test_another_day_shows_the_roster_of_that_day(visit, chief, officers, agency):
    last_day = clock.today() - dt.timedelta(days=40)
    gone = make.officer(agency, name="Leonard Zebulon", until=last_day)
    page = visit(ENTER, as_=chief)
    expect(page.get_by_text("Zebulon, Leonard")).to_have_count(0)
    page.get_by_role("checkbox", name=officers[0].license_number).check()
    page.get_by_label("Completed on").fill(last_day.isoformat())
    page.get_by_label("Completed on").press("Tab")
    expect(page.get_by_role("checkbox", name=gone.license_number)).to_be_visible()
    expect(page.get_by_role("checkbox", name=officers[0].license_number)).to_be_checked()
    expect(page.locator("#count")).to_contain_text("1 of 61 officers")


def test_errors_are_on_top_and_lead_to_their_fields(visit, chief, officers, axe):
    page = visit(ENTER, as_=chief)
    page.get_by_label("Legal Studies", exact=True).fill("-2")
    page.get_by_label("Or paste who attended").fill("99999")
    page.get_by_role("button", name="Check", exact=True).click()
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("heading")).to_have_text("There are 3 problems")
    expect(summary).to_be_focused()
    axe()
    summary.get_by_role("link", name="Legal Studies").click()
    expect(page.get_by_label("Legal Studies", exact=True)).to_be_focused()
    expect(page.get_by_label("Legal Studies", exact=True)).to_have_value("-2")


def test_double_click_and_back_record_once(visit, chief, officers, page):
    visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    page.get_by_role("button", name="Tick all").click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="What it would change")).to_be_visible()
    page.get_by_role("button", name="Record this class").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 2 hours for 60 officers.")
    page.go_back()
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_text("It was not recorded twice.")).to_be_visible()
    assert TrainingClass.objects.count() == 1
    assert TrainingRecord.objects.count() == 60


def test_session_that_ended_loses_nothing(visit, chief, officers, page, live_server, page_errors):
    chief.set_password("a long enough phrase")
    chief.save()
    visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    page.get_by_role("checkbox", name=officers[3].license_number).check()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("[name=login]").fill(chief.email)
    page.locator("[name=password]").fill("a long enough phrase")
    page.locator("[name=password]").press("Enter")
    expect(page.get_by_text("What you typed is here again; nothing was sent. Read it, then send it.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Course", exact=True)).to_have_value("Winter driving")
    expect(page.get_by_role("checkbox", name=officers[3].license_number)).to_be_checked()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 hours for 1 officer: is this right?")


def test_class_is_entered_without_a_script(browser, live_server, chief, officers):
    with browser.new_context(java_script_enabled=False) as context:
        sign_in(context, live_server.url, chief)
        page = context.new_page()
        page.goto(live_server.url + ENTER)
        page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
        page.get_by_label("Legal Studies", exact=True).fill("2")
        page.get_by_role("button", name="Tick all").click()
        expect(page.locator("#count")).to_have_text("60 of 60 officers")  # each button loads the page anew
        page.get_by_role("button", name=f"Exception for {officers[0].sorted_name}").click()
        page.get_by_label("Taught it: instructor credit").check()
        page.get_by_role("button", name="Check", exact=True).last.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2 hours for 59 officers, 1 with an exception")
        page.get_by_role("button", name="Change the hours").click()
        expect(page.get_by_label("Legal Studies", exact=True).first).to_have_value("2")
        page.get_by_role("button", name="Check", exact=True).last.click()
        page.get_by_role("button", name="Record this class").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 2 hours for 60 officers.")
        assert TrainingRecord.objects.get(officer=officers[0]).role == "instructor"


def test_entry_on_a_phone(visit, chief, officers, axe, page):
    page.set_viewport_size(PHONE)
    visit(ENTER, as_=chief)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    axe()


def test_finding_an_officer(visit, officers, axe):
    page = visit("/officers/", as_=make.post_staff())
    axe()
    page.get_by_label("License number or name").fill("nuñes quinzy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Núñez, Quincy")).to_be_visible()
    axe()
