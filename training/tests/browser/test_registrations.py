"""Registering for a class in a real browser: the officer on a phone and by keyboard, the agency, the wait-list moving
up, and the standing page saying what it will be."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE, sign_in
from training.models import Registration
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def school():
    return make.provider("Ozark Bluffs Academy", phone="(555) 555-0190")


@pytest.fixture
def held(school):
    course = make.provider_course(school, "Search and seizure", legal=4)
    return make.scheduled_class(course, capacity=2, directions="Door at the back", fee=35)


def heading(page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_an_officer_registers_and_gives_back_on_a_phone_by_keyboard(visit, page, held, agency, axe):
    officer = make.officer(agency, name="Renee Abbott", license_number="38120")
    make.license_event(officer, "made_inactive", held.published_at.date())
    page.set_viewport_size(PHONE)
    visit(f"/calendar/{held.reference}/register/", as_=make.officer_account(officer))
    heading(page, "2 seats free in “Search and seizure”.")
    axe()
    page.get_by_role("button", name="Register").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Read what is noted below")
    axe()
    page.get_by_label("I have read this. Register all the same.").press("Space")
    page.get_by_role("button", name="Register").press("Enter")
    heading(page, "You have a seat in “Search and seizure”.")
    one = Registration.objects.get()
    expect(page.get_by_role("img", name="The code of the registration")).to_be_visible()
    expect(page.get_by_text(one.code_in_groups)).to_be_visible()
    expect(page.get_by_text("Door at the back")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    page.get_by_role("link", name="My classes").first.press("Enter")
    heading(page, "You have a seat in 1 class to come.")
    axe()
    page.get_by_role("link", name="My standing").first.click()
    expect(page.get_by_text("You will still need 20 hours")).to_be_visible()
    axe()
    page.get_by_role("link", name="Search and seizure").click()
    page.get_by_role("link", name="Give the seat back").press("Enter")
    axe()
    page.get_by_label("Why? (optional)").fill("Court that day")
    page.get_by_role("button", name="Give it back").press("Enter")
    heading(page, "The seat in “Search and seizure” was given back.")
    axe()


def test_an_agency_registers_three_and_the_wait_list_moves_up(visit, page, held, agency, school, axe):
    people = [
        make.officer(agency, name=name, license_number=number)
        for name, number in (("Ann Abbott", "38121"), ("Bob Calloway", "40218"), ("Cal Dwyer", "29944"))
    ]
    waits = make.officer_account(people[2])
    visit("/agencies/harlan/registrations/", as_=make.ceo(agency))
    axe()
    page.get_by_role("link", name="Register officers").first.click()
    page.get_by_label("Number of the class").fill("S-999")
    page.get_by_role("button", name="Show the class").click()
    expect(page.get_by_role("alert")).to_contain_text("No class in the calendar has the number S-999.")
    axe()
    page.get_by_label("Number of the class").fill(held.reference.lower())
    page.keyboard.press("Enter")
    heading(page, "Who goes to “Search and seizure”? 2 seats free.")
    for one in people:
        page.get_by_label(one.sorted_name).check()
    axe()
    page.get_by_role("button", name="Register those ticked").click()
    heading(page, "2 have seats, 1 is on the wait-list.")
    axe()
    page.get_by_role("link", name="Abbott, Ann").click()
    page.get_by_role("link", name="Give the seat back").click()
    page.get_by_role("button", name="Give it back").click()
    heading(page, "was given back")
    # The next is offered the seat, and takes it with one button from the address in the mail.
    third = Registration.objects.get(officer=people[2])
    sign_in(page.context, page.url.partition("/registrations/")[0], waits)
    visit(f"/registrations/{third.code}/")
    heading(page, "A seat in “Search and seizure” is kept for you until")
    axe()
    page.get_by_role("button", name="Take the seat").click()
    heading(page, "You have a seat in “Search and seizure”.")
    # The provider reads who comes, and registers a caller.
    visit(f"/scheduled/{held.reference}/registrations/", as_=make.provider_staff(school))
    heading(page, "2 of 2 seats in “Search and seizure” taken.")
    axe()
    page.get_by_role("link", name="Register a caller").click()
    page.get_by_label("License number").fill("38121")
    page.get_by_label("Last name").fill("abbott")
    axe()
    page.get_by_role("button", name="Register", exact=True).click()
    heading(page, "Ann Abbott is 1st on the wait-list of “Search and seizure”.")
    axe()
