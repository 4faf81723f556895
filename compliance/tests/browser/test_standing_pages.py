"""The compliance pages in a real browser: read wide and on a phone, by keyboard, every page audited with axe."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, WIDE
from compliance.tests import people
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff's Office", phone="(573) 555-0142")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def fits(page) -> bool:
    """Whether nothing is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 320, "height": 640}], ids=["wide", "phone", "narrow"])
def test_every_standing_reads_well(visit, axe, agency, chief, size):
    year = clock.today().year - 2
    ten = people.in_every_standing(agency, year)
    for standing, officer in ten.items():
        day = dt.date(year + 1, 8, 1).isoformat()
        page = visit(f"/officers/{officer.license_number}/standing/?period={year}&as_of={day}", as_=chief)
        page.set_viewport_size(size)
        axe()
        assert (standing, fits(page)) == (standing, True)
    page = visit(f"/agencies/harlan/?period={year}&as_of={day}")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 8 officers is compliant.")
    page.get_by_text("As a table").click()
    axe()
    assert fits(page)


def test_officer_finds_out_why_by_keyboard_alone(visit, axe, agency):
    dana = make.officer(agency, name="Dana Whitlock", license_number="41877")
    people.credit(dana, clock.today(), make.course(agency, "Legislative update"), legal=1)
    page = visit("/standing/", as_=make.officer_account(dana))
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "You need 23 more hours, at least 1 of them in legal studies, 2 each in technical studies"
    )
    why = page.get_by_text("0 hours counted, 1 did not")
    for _ in range(30):
        page.keyboard.press("Tab")
        if why.evaluate("summary => summary.closest('summary') === document.activeElement"):
            break
    page.keyboard.press("Enter")
    rule = page.get_by_text("At least 8 of the hours from an approved provider")
    expect(rule).to_be_visible()
    expect(page.get_by_text("these hours count to the total and their area").first).to_be_visible()
    page.get_by_text("A class is missing or wrong").press("Enter")
    expect(page.get_by_role("link", name="(573) 555-0142")).to_be_visible()
    axe()


def test_chief_sorts_filters_and_goes_back(visit, axe, agency, chief):
    make.roster(agency, 60)
    page = visit("/agencies/harlan/", as_=chief)
    page.get_by_role("link", name="Officer", exact=True).click()
    expect(page.get_by_role("columnheader", name="Officer")).to_have_attribute("aria-sort", "ascending")
    page.get_by_label("Name or license number").fill("whitlock")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Officers (10 of 60)")).to_be_visible()
    axe()
    page.get_by_role("link", name="take this filter away").click()
    expect(page.get_by_role("heading", name="Officers (60)")).to_be_visible()
    page.get_by_role("link", name="Page 2").click()
    expect(page.locator("#officers-table tbody tr")).to_have_count(10)
    page.go_back()
    expect(page.locator("#officers-table tbody tr")).to_have_count(50)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("harlan-")


def test_roster_and_check_page_show_standings(visit, axe, agency, chief):
    officer = make.officer(agency, name="Renee Abbott")
    page = visit("/agencies/harlan/classes/enter/", as_=chief)
    expect(page.locator(f"#standing-{officer.pk}")).to_contain_text("24 h left")
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    page.get_by_role("checkbox", name=officer.license_number).check()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#effect")).to_contain_text("now needs 22 h (was 24 h)")
    axe()
    page.get_by_role("button", name="Record this class").click()
    expect(page.locator("#effect")).to_contain_text("now needs 22 h (was 24 h)")
    axe()
