"""The roster of commissions in a real browser: added, asked about, ended, confirmed; by keyboard, without a script."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, sign_in
from training.models import Commission, RosterConfirmation
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROSTER = "/agencies/harlan/roster/"


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def other():
    return make.agency("benton", "Benton Police")


@pytest.fixture
def newcomer(other):
    return make.officer(other, name="Alma Vance", license_number="51234")


@pytest.fixture
def chief(agency):
    make.roster(agency, 6)
    return make.ceo(agency)


def heading(page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_officer_is_added_asked_about_and_ended(visit, chief, agency, other, newcomer, axe):
    page = visit(ROSTER, as_=chief)
    heading(page, "6 officers are commissioned here")
    axe()
    page.get_by_role("link", name="Add an officer").click()
    axe()
    page.get_by_label("Full license number").fill("51299")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No officer has the license number 51299")
    axe()
    page.get_by_label("Full license number").fill("#51234")
    page.get_by_role("button", name="Find the officer").click()
    expect(page.get_by_text("Benton Police commissions this officer too.")).to_be_visible()
    axe()
    page.get_by_role("button", name="Add to the roster").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the first day of the commission.")
    page.get_by_label("First day of the commission").fill(clock.today().isoformat())
    page.get_by_label("Rank (optional)").fill("Deputy")
    page.get_by_role("button", name="Add to the roster").click()
    heading(page, "Alma Vance is on your roster, from")
    axe()
    page.get_by_role("button", name="Ask Benton Police").click()
    expect(page.get_by_text("It has not answered yet")).to_be_visible()
    page.get_by_role("link", name="End this commission").click()
    axe()
    page.get_by_label("Last day of the commission").fill(clock.today().isoformat())
    page.get_by_label("Why it ended").fill("Did not start")
    page.get_by_role("button", name="End the commission").click()
    heading(page, "Alma Vance’s last day here is")
    axe()
    held = Commission.objects.get(agency=agency, officer=newcomer)
    assert (held.ended_on, held.end_reason, held.ended_reported_on) == (
        clock.today(),
        "Did not start",
        clock.today(),
    )


def test_question_is_answered_by_the_other_agency(visit, page, live_server, chief, agency, other, newcomer, axe):
    mine = make.commission(newcomer, agency)
    visit(f"/commissions/{mine.pk}/", as_=chief)
    page.get_by_label("A word to it (optional)").fill("She starts full time on Monday")
    page.get_by_role("button", name="Ask Benton Police").click()
    page.context.clear_cookies()
    sign_in(page.context, live_server.url, make.ceo(other))
    page.goto(live_server.url + "/agencies/benton/roster/")
    expect(page.get_by_role("heading", name="1 question of another agency")).to_be_visible()
    axe()
    page.get_by_role("link", name="Answer").click()
    heading(page, "Harlan County Sheriff asks: is Alma Vance still with you?")
    expect(page.get_by_text("She starts full time on Monday")).to_be_visible()
    axe()
    page.get_by_role("button", name="Still here").click()
    heading(page, "Answered: Alma Vance is still commissioned here")
    axe()


def test_roster_is_read_and_confirmed_on_a_phone_by_keyboard(visit, page, chief, agency, axe):
    page.set_viewport_size(PHONE)
    visit(ROSTER, as_=chief)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Read and confirm the roster").focus()
    page.keyboard.press("Enter")
    heading(page, "Are these 6 officers all, and all still with you?")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Confirm the roster for").focus()
    page.keyboard.press("Enter")
    heading(page, "The roster is confirmed for")
    axe()
    assert RosterConfirmation.objects.get(agency=agency).officers == 6


def test_everything_works_without_a_script(browser, live_server, chief, agency, newcomer):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, chief)
    page = context.new_page()
    page.goto(f"{live_server.url}{ROSTER}add/")
    page.get_by_label("Full license number").fill("51234")
    page.get_by_role("button", name="Find the officer").click()
    page.get_by_label("First day of the commission").fill((clock.today() - dt.timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Add to the roster").click()
    heading(page, "Alma Vance is on your roster, from")
    expect(page.get_by_text("Late", exact=True)).to_be_visible()
    page.get_by_role("link", name="Correct it").click()
    page.get_by_label("First day of the commission").fill((clock.today() - dt.timedelta(days=10)).isoformat())
    page.get_by_label("Why is it corrected?").fill("A slip of the month")
    page.get_by_role("button", name="Keep the correction").click()
    heading(page, "The commission of Alma Vance is corrected.")
    expect(page.get_by_text("Commission corrected: A slip of the month")).to_be_visible()
    context.close()


def test_delegate_is_named_and_revoked_on_the_page(visit, page, chief, agency, axe, mailoutbox):
    make.user("lena@example.org", "Lena Macklin")  # whoever has no account is invited: test_onboarding.py
    visit("/agencies/harlan/people/", as_=chief)
    axe()
    page.get_by_role("link", name="Name a delegate").click()
    axe()
    page.get_by_label("Their own e-mail address").fill("lena@example.org")
    page.get_by_label("Name", exact=True).fill("Lena Macklin")
    page.get_by_role("button", name="Name them a delegate").click()
    expect(page.get_by_text("Lena Macklin (lena@example.org) is told by mail.")).to_be_visible()
    expect(page.get_by_role("row", name="Lena Macklin")).to_contain_text("Delegate")
    axe()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("link", name="Revoke").click()
    axe()
    page.get_by_role("button", name="Revoke at once").click()
    expect(page.get_by_text("can no longer act for Harlan County Sheriff")).to_be_visible()


def test_officer_is_added_by_keyboard_alone(visit, chief, agency, newcomer):
    page = visit(f"{ROSTER}add/", as_=chief)
    keys = page.keyboard
    expect(page.get_by_label("Full license number")).to_be_focused()
    keys.type("51234")
    keys.press("Enter")
    heading(page, "Is this the officer you commissioned?")

    def to(place) -> None:
        for _ in range(40):
            keys.press("Tab")
            if place.evaluate("place => place === document.activeElement"):
                return
        raise AssertionError("not reached by Tab")

    to(page.get_by_label("First day of the commission"))
    keys.type(f"{clock.today():%m%d%Y}")
    to(page.get_by_label("Rank (optional)"))
    keys.type("Deputy")
    keys.press("Enter")
    heading(page, "Alma Vance is on your roster, from")
    to(page.get_by_role("link", name="End this commission"))
    keys.press("Enter")
    to(page.get_by_label("Last day of the commission"))
    keys.type(f"{clock.today():%m%d%Y}")
    to(page.get_by_label("Why it ended"))
    keys.type("Did not start")
    expect(page.get_by_role("heading", name="What it would change")).to_be_visible()
    to(page.get_by_role("button", name="End the commission"))
    keys.press("Enter")
    heading(page, "Alma Vance’s last day here is")


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_lists_of_the_state_and_the_hand_over_are_sound(visit, page, chief, agency, newcomer, axe, size):
    if size:
        page.set_viewport_size(size)
    mine = make.commission(newcomer, agency, since=clock.today() - dt.timedelta(days=90))
    Commission.objects.filter(pk=mine.pk).update(started_reported_on=clock.today())
    make.license_event(newcomer, "suspended", clock.today())
    post = make.post_staff()
    for path in (
        "/commissions/claims/",
        "/commissions/notices/",
        f"/commissions/{mine.pk}/",
        f"/commissions/{mine.pk}/correct/",
        ROSTER,
        "/agencies/harlan/people/hand-over/",
    ):
        visit(path, as_=post)
        axe()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
