"""A whole season in a real browser: who is short is reminded, one is granted more time and another denied it, an error
is found and mended, and the one who is left is listed, written to, heard, decided about and reinstated.

The clock is turned ahead, so that everything recorded is known on each of these days.
"""

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, sign_in
from compliance import packets, replaying
from compliance.models import CaseDecision, Listing, RecordingGap, ReliefRequest, ReportingPeriod
from compliance.tasks import list_candidates, put_reminders
from compliance.tests.people import academy_course, complete, credit
from notifications.models import Message
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def turn(settings, tmp_path):
    """`turn(day)` makes it nine in the morning of a day to come."""
    offset = tmp_path / "offset"
    offset.write_text("0")
    settings.CLOCK_OFFSET_FILE = str(offset)

    def to(day: dt.date) -> None:
        moment = dt.datetime.combine(day, dt.time(9), clock.CHICAGO)
        # At once: a fragment of the page may be reading it.
        anew = offset.with_suffix(".new")
        anew.write_text(str((moment - timezone.now()).total_seconds()))
        anew.replace(offset)
        assert clock.today() == day

    return to


def a_year_to_come() -> int:
    real = clock.today()
    return real.year if real < dt.date(real.year, 9, 25) else real.year + 1


def test_the_season(page, live_server, page_errors, axe, tab_to, turn):
    year = a_year_to_come()
    assert ReportingPeriod.objects.filter(year=year).exists()
    agency = make.agency("cedar", "Cedar Hollow Police")
    officers = {}
    for name, lacks in (
        ("Renee Abbott", {"legal": 1}),
        ("Marcus Calloway", {"legal": 1}),
        ("Theo Lindqvist", {"skill__firearms": 1}),
    ):
        officers[name] = make.officer(agency, name=name)
        complete(officers[name], agency, year, **lacks)
    renee, marcus, theo = officers.values()
    others = [make.officer(agency) for _ in range(5)]
    for one in others:
        complete(one, agency, year)
    accounts = {one: make.officer_account(one) for one in officers.values()}
    chief, post = make.ceo(agency, "chief@example.org"), make.post_staff("petra@example.org", "Petra Post")
    director = make.director("dirk@example.org", "Dirk Stone")

    def at(path: str, who) -> None:
        page.context.clear_cookies()
        sign_in(page.context, live_server.url, who)
        page.goto(live_server.url + path)

    def standing(officer, who) -> str:
        at(f"/officers/{officer.license_number}/standing/?period={year}", who)
        return page.get_by_role("heading", level=1).inner_text()

    # Autumn: who is short is reminded.
    turn(dt.date(year, 10, 2))
    put_reminders()
    assert Message.objects.filter(occasion="reminder", user=accounts[renee]).exists()
    at("/standing/", accounts[renee])
    expect(page.get_by_role("heading", level=1)).to_contain_text("You need 1 more hour")

    # The agency enters a class of everybody, and leaves one tick out.
    turn(dt.date(year, 10, 24))
    at(f"/agencies/{agency.code}/classes/enter/", chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Night fire")
    page.get_by_label("Completed on").fill(f"{year}-10-20")
    page.get_by_label("Skill Development", exact=True).fill("1")
    page.get_by_label("Firearms", exact=True).fill("1")
    for one in (renee, marcus, *others):
        page.get_by_role("checkbox", name=one.license_number).check()
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 1 hour for 7 officers.")
    page.wait_for_load_state("networkidle")

    def press(name: str, key: str = "Enter", role: str = "button") -> None:
        """Get to it by keyboard alone, and press it."""
        tab_to(page.get_by_role(role, name=name))
        page.keyboard.press(key)

    # February: two ask for more time; one is granted it, the other denied: everybody by keyboard.
    turn(dt.date(year + 1, 2, 3))
    for officer in (marcus, theo):
        at(f"/officers/{officer.license_number}/extension/", accounts[officer])
        press(f"{year}: hours", "Space", "radio")
        press("Military leave", "Space", "radio")
        tab_to(page.get_by_label("First day of leave"))
        page.keyboard.type(f"1102{year}")
        press("Go on")
        expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
        press("Send to POST")
        expect(page.get_by_role("heading", level=1)).to_have_text("POST has the request.")
    asked = {one.officer: one for one in ReliefRequest.objects.select_related("officer")}
    at(f"/extensions/{asked[marcus].reference}/grant/", post)
    tab_to(page.get_by_label("Last day to complete"))
    page.keyboard.type(f"1231{year + 1}")
    press("Grant it")
    expect(page.get_by_role("button", name="Grant it")).to_have_count(0)
    at(f"/extensions/{asked[theo].reference}/deny/", post)
    tab_to(page.get_by_label("Why"))
    page.keyboard.type("The leave had ended in January.")
    press("Deny it")
    expect(page.get_by_role("button", name="Deny it")).to_have_count(0)
    assert "by December 31, when your extension ends" in standing(marcus, accounts[marcus])

    # March 16: who is still short is listed; an error found keeps the case back until it is mended.
    turn(dt.date(year + 1, 3, 16))
    list_candidates()
    listings = Listing.objects.open().select_related("candidacy__officer")
    cases = {one.candidacy.officer: one.candidacy for one in listings}
    assert set(cases) == {renee, theo}
    at("/recording-errors/", post)
    page.get_by_label("Year", exact=True).last.select_option(str(year))
    page.get_by_role("button", name="Search now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 likely recording error waits")
    expect(page.get_by_text("is credited to all 7 others of Cedar Hollow Police")).to_be_visible()
    axe()
    for officer, said in (
        (theo, "Likely a recording error, not settled"),
        (renee, "Officer and agency may answer until"),
    ):
        at(f"/candidates/{cases[officer].pk}/notice/", post)
        page.get_by_label("Day it was delivered").fill(f"{year + 1}-03-16")
        page.get_by_label("Number of the certified mail").fill("9414 7266 9904 2000 0000 01")
        page.get_by_role("button", name="Notice is served").click()
        expect(page.get_by_text(said).first).to_be_visible()
        axe()
    assert not cases[theo].served_notices.exists()

    # The officer answers on a phone, the agency at its desk.
    page.set_viewport_size(PHONE)
    at("/standing/?period=" + str(year), accounts[renee])
    page.get_by_role("link", name="Read the case and answer").click()
    page.get_by_label("Your answer").fill("My last class was canceled.")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Send the answer").press("Enter")
    expect(page.get_by_text("POST has the answer.")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    at(f"/cases/{cases[renee].pk}/", chief)
    page.get_by_label("Your answer").fill("We know of no other class.")
    page.get_by_role("button", name="Send the answer").click()

    # April 20: the time to answer is over. The likely error kept one back; mended, the name leaves the list.
    turn(dt.date(year + 1, 4, 20))
    at(f"/candidates/course/?year={year}&stage=ready", post)
    page.get_by_role("radio", name="Everyone shown").check()
    page.get_by_role("button", name="Put before the Director").click()
    expect(page.get_by_text("1 case put before the Director.")).to_be_visible()
    at(f"/agencies/{agency.code}/recording-errors/", chief)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 class may be missing in a record")
    axe()
    page.get_by_role("button", name="Yes: add to C-").press("Enter")
    expect(page.get_by_text("Lately settled")).to_be_visible()
    assert RecordingGap.objects.get(officer=theo, kind="left_off").how == "mended"
    assert standing(theo, accounts[theo]).startswith(f"You are compliant for {year}")
    list_candidates()
    assert Listing.objects.get(candidacy=cases[theo]).left_because == "compliant"

    # The Director reads the case and decides, by keyboard.
    at("/director/", director)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 case waits for the Director.")
    axe()
    press("Review one by one", role="link")
    expect(page.get_by_role("heading", level=1)).to_contain_text("still needs 1 hour")
    expect(page.get_by_text("My last class was canceled.")).to_be_visible()
    expect(page.get_by_text("We know of no other class.")).to_be_visible()
    axe()
    press("Make the license inactive", "Space", "radio")
    press("Decide")
    expect(page.get_by_text("Abbott, made inactive")).to_be_visible()
    decision = CaseDecision.objects.get()
    assert standing(renee, accounts[renee]).startswith("Your license is inactive, and you still need 1 hour")
    assert Message.objects.filter(occasion="decision_made_inactive", user=chief).exists()

    # The packet is judged anew from itself alone, and says the same.
    replayed = replaying.replay(packets.read(decision.packet))
    assert (replayed.found["standing"], replayed.differences) == ("candidate", [])
    call_command("replay_decision", decision.reference)

    # June: the hour is shown, and the Director reinstates.
    turn(dt.date(year + 1, 6, 5))
    credit(renee, dt.date(year + 1, 6, 1), academy_course("Law of arrest"), year=year, legal=1)
    assert standing(renee, chief).startswith(f"Renee Abbott has shown the hours of {year}")
    at("/director/reinstate/", director)
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 license can be reinstated")
    axe()
    page.get_by_label(f"Choose Abbott, Renee, {year}").check()
    page.get_by_role("button", name="Reinstate those ticked").click()
    expect(page.get_by_text("1 license reinstated.")).to_be_visible()
    assert standing(renee, accounts[renee]).startswith(f"You are compliant for {year}")
    assert Message.objects.filter(occasion="decision_reinstated", user=chief).exists()
    at("/decisions/", director)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 decisions.")
    axe()
