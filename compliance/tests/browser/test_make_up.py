"""Make-up credit in a real browser: decided, its effect seen on both years, taken back; by keyboard, on a phone."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from compliance.tests import people
from compliance.tests.browser.test_standing_pages import fits
from compliance.tests.test_make_up import LACKS
from training.models import TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/agencies/harlan/make-up/"


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def extended(agency):
    """An officer who is short of an hour for last year, inside an extension, with a class of today that gives it."""
    today = clock.today()
    officer = make.officer(agency, name="Renee Abbott", license_number="38120", issued_on=dt.date(today.year - 2, 3, 3))
    people.complete(officer, agency, today.year - 1, **LACKS)
    people.relief(officer, today.year - 1, decision="granted", due_on=dt.date(today.year, 12, 31),
                  requested_on=dt.date(today.year - 1, 12, 1))  # fmt: skip
    record = people.credit(officer, today, make.course(agency, "Search law"), **LACKS)
    TrainingRecord.objects.filter(pk=record.pk).update(recorded_at=clock.now() - dt.timedelta(minutes=5))
    return officer


def press(page, control, key: str) -> None:
    """Reach a control with the Tab key alone, and press `key` there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if control.evaluate("one => one === document.activeElement"):
            page.keyboard.press(key)
            return
    pytest.fail("It is not reached by keyboard")


def fieldset(page):
    return page.get_by_role("group", name="Abbott, Renee")


def hours_of(visit, officer, year: int) -> str:
    page = visit(f"/officers/{officer.license_number}/standing/?period={year}")
    return page.get_by_role("heading", level=1).inner_text()


def test_decided_by_keyboard_seen_on_both_years_and_taken_back(visit, axe, agency, extended):
    year = clock.today().year
    page = visit(LIST, as_=make.ceo(agency))
    expect(page.get_by_role("heading", level=1)).to_have_text("For which year do these hours count? 1 to decide")
    axe()
    row = fieldset(page)
    earlier, own = (row.get_by_role("radio", name=f"Count in {one}") for one in (year - 1, year))
    expect(row.get_by_role("radio", checked=True)).to_have_accessible_name("Not decided yet")
    expect(row.get_by_text("Better choice")).to_have_count(1)
    expect(own).to_have_accessible_name(
        f"Count in {year} as it is now {year - 1}: 1 h missing, extended to Dec 31, {year} {year}: 23 h left"
    )
    expect(earlier).to_have_accessible_name(
        f"Count in {year - 1} Better choice {year - 1}: compliant {year}: 24 h left"
    )
    press(page, row.get_by_role("radio", checked=True), "ArrowUp")  # the last of the three
    expect(own).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(earlier).to_be_checked()
    press(page, page.get_by_role("button", name="Keep these decisions"), "Enter")
    expect(page.get_by_text("1 decision kept.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("No make-up credit to decide")
    axe()
    assert "compliant" in hours_of(visit, extended, year - 1)
    assert "24 more hours" in hours_of(visit, extended, year)
    page = visit(LIST)
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()
    expect(page.get_by_text(f"To be decided, or changed, here until December 31, {year}")).to_be_visible()
    fieldset(page).get_by_role("radio", name=f"Count in {year}").check()
    page.get_by_role("button", name="Keep these decisions").click()
    expect(page.get_by_text("1 decision kept.")).to_be_visible()
    assert f"1 more hour, on racial profiling, for {year - 1}" in hours_of(visit, extended, year - 1)
    assert "23 more hours" in hours_of(visit, extended, year)
    assert TrainingRecord.objects.live().filter(officer=extended, credited_year=year).count() == 1


def test_taken_back_though_the_earlier_year_is_met_otherwise_by_now(visit, axe, agency, extended):
    year = clock.today().year
    page = visit(LIST, as_=make.ceo(agency))
    fieldset(page).get_by_role("radio", name=f"Count in {year - 1}").check()
    page.get_by_role("button", name="Keep these decisions").click()
    expect(page.get_by_text("1 decision kept.")).to_be_visible()
    people.credit(extended, dt.date(year - 1, 11, 3), people.academy_course("Stops"), **LACKS)
    page = visit(LIST)
    expect(fieldset(page).get_by_text("Better choice")).to_be_visible()
    fieldset(page).get_by_role("radio", name=f"Count in {year}").check()
    page.get_by_role("button", name="Keep these decisions").click()
    expect(page.get_by_role("heading", name="Nobody is in question")).to_be_visible()
    assert "compliant" in hours_of(visit, extended, year - 1)
    assert "23 more hours" in hours_of(visit, extended, year)


def test_post_finds_it_in_the_list_of_the_state_on_a_phone(visit, axe, agency, extended, tmp_path):
    year = clock.today().year
    page = visit("/make-up/", as_=make.post_staff())
    page.set_viewport_size(PHONE)
    expect(page.get_by_label("Short in")).to_have_value(str(year - 1))
    page.get_by_label("Officers of the agency").fill("nowhere")
    page.get_by_label("Officers of the agency").press("Enter")
    expect(page.get_by_text("for officers of “nowhere”")).to_be_visible()
    axe()
    page.get_by_label("Officers of the agency").fill("harlan")
    page.get_by_label("Show", exact=True).select_option("To decide")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(f"**/make-up/?agency=harlan&year={year - 1}&show=open")
    expect(fieldset(page)).to_be_visible()
    assert fits(page)
    axe()
    page.screenshot(path=tmp_path / "make-up.png", full_page=True)
    fieldset(page).get_by_role("radio", name=f"Count in {year - 1}").check()
    page.get_by_role("button", name="Keep these decisions").click()
    expect(page.get_by_text("1 decision kept.")).to_be_visible()
    expect(page.get_by_text("Nobody is in question")).to_be_visible()
