"""From the calendar to the certificate, the whole way through real pages: a provider publishes a class, it is found by
requirement, an officer and an agency register, the wait-list moves up, people are checked in with the connection cut,
the credit stands the same day, and the certificate is checked by somebody not signed in.

The clock is turned ahead to the days of the class, so that everything recorded is known on each of them.
"""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, WIDE, sign_in
from compliance.tests.people import complete
from training.models import AttendanceMark, Certificate, ScheduledClass, TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE, PASSWORD = "Stops without bias", "correct-horse-battery"


@pytest.fixture
def turn(settings, tmp_path):
    """`turn(day, hour)` makes it this hour in Missouri, of a day to come."""
    offset = tmp_path / "offset"
    offset.write_text("0")
    settings.CLOCK_OFFSET_FILE = str(offset)

    def to(day: dt.date, hour: float) -> None:
        moment = dt.datetime.combine(day, dt.time(int(hour), int(hour % 1 * 60)), clock.CHICAGO)
        # At once: a page may be reading it.
        anew = offset.with_suffix(".new")
        anew.write_text(str((moment - timezone.now()).total_seconds()))
        anew.replace(offset)

    return to


@pytest.fixture
def page_errors(page):
    """Uncaught exceptions fail the test; that the network was away, which the console says, does not."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda one: errors.append(one.text) if one.type == "error" and "ERR_INTERNET" not in one.text else None,
    )
    yield errors
    assert errors == []


def day_of_the_class() -> dt.date:
    """A day in autumn that is still to come, of a year whose rules are published."""
    today = clock.today()
    return dt.date(today.year if today < dt.date(today.year, 9, 1) else today.year + 1, 10, 15)


def needs(page, section: str) -> list[tuple[str, str, str]]:
    """(requirement, hours, chip) of a section of a standing page."""
    rows = page.locator(f"section[aria-labelledby^='{section}'] .need")
    expect(rows.first).to_be_visible()
    return [
        (
            row.locator(".need-name").inner_text(),
            row.locator(".need-hours > b").inner_text(),
            row.locator("> .chip").inner_text(),
        )
        for row in rows.all()
    ]


def test_a_class_from_the_calendar_to_the_certificate(page, live_server, page_errors, axe, turn):
    day = day_of_the_class()
    turn(day - dt.timedelta(days=7), 9)
    agency, school = make.agency("harlan", "Harlan County Sheriff"), make.provider("Ozark Bluffs Academy")
    more = {"administrator": "Dana Whitlock"}
    course = make.provider_course(school, TITLE, more=more, interpersonal__racial_profiling=1)
    renee, ann, bob, cal = (
        make.officer(agency, name=name) for name in ("Renee Abbott", "Ann Boyd", "Bob Cole", "Cal Dwyer")
    )
    complete(renee, agency, day.year, interpersonal__racial_profiling=1)
    accounts = {one: make.officer_account(one) for one in (renee, ann, bob, cal)}
    accounts[renee].set_password(PASSWORD)
    accounts[renee].save()
    staff, chief = make.provider_staff(school), make.ceo(agency)
    heading = page.get_by_role("heading", level=1)

    def at(path: str, who=None, size=WIDE) -> None:
        page.set_viewport_size(size)
        page.context.clear_cookies()
        if who is not None:
            sign_in(page.context, live_server.url, who)
        page.goto(live_server.url + path)

    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The provider plans a class of the catalogue, and publishes it.
    at("/", staff)
    page.get_by_role("link", name="Calendar of Ozark Bluffs Academy").click()
    page.get_by_role("link", name="Plan a class").first.click()
    page.get_by_role("combobox", name="Course").select_option(str(course.pk))
    page.get_by_role("button", name="Fill in what this course says").click()
    expect(page.get_by_label("Course administrator")).to_have_value("Dana Whitlock")
    page.get_by_label("Date of meeting 1").fill(day.isoformat())
    page.get_by_label("From of meeting 1").fill("08:00")
    page.get_by_label("To of meeting 1").fill("09:00")
    page.get_by_label("Name of the place").fill("Main hall")
    page.get_by_label("ZIP code").fill("65201")
    page.get_by_role("textbox", name="Seats").fill("3")
    page.get_by_role("button", name="Publish").click()
    expect(heading).to_have_text(f"{TITLE}: 0 of 3 seats taken")
    held = ScheduledClass.objects.get()

    # Somebody not signed in finds it by what it gives; to register they sign in, and are where they were going.
    at("/", size=PHONE)
    page.get_by_role("link", name="Find a class in the training calendar").click()
    page.get_by_label("Gives hours of").select_option("Racial profiling")
    page.get_by_role("button", name="Find classes").click()
    expect(heading).to_have_text("1 class to come, with at least 1 hour of Racial profiling")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_text("3 of 3 seats left")).to_be_visible()
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Email").fill(accounts[renee].email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading).to_have_text(f"3 seats free in “{TITLE}”.")
    page.get_by_role("button", name="Register").click()
    expect(heading).to_have_text(f"You have a seat in “{TITLE}”.")
    assert fits()
    axe()
    page.get_by_role("link", name="My standing").click()
    expect(heading).to_contain_text("You need 1 more hour")
    promised = needs(page, "will-be-")
    expect(page.get_by_role("heading", name=f"You will be compliant for {day.year}")).to_be_visible()
    assert promised != needs(page, "needs")
    assert fits()

    # The agency registers three: two get the last seats, one waits.
    at(f"/calendar/{held.reference}/", chief)
    page.get_by_role("link", name="Register").click()
    page.get_by_role("link", name="Register officers of Harlan County Sheriff").click()
    for one in (ann, bob, cal):
        page.get_by_label(one.sorted_name).check()
    page.get_by_role("button", name="Register those ticked").click()
    expect(heading).to_have_text("2 have seats, 1 is on the wait-list.")

    # One gives the seat back, on a phone; who waits is offered it, and takes it.
    at("/my-classes/", accounts[ann], PHONE)
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Give the seat back").click()
    page.get_by_role("button", name="Give it back").click()
    expect(heading).to_have_text(f"The seat in “{TITLE}” was given back.")
    at("/my-classes/", accounts[cal], PHONE)
    expect(heading).to_contain_text("A seat is kept for you.")
    assert fits()
    axe()
    page.get_by_role("button", name="Take the seat").click()
    expect(heading).to_have_text(f"You have a seat in “{TITLE}”.")

    # On the day: in at the door on a phone, one with the connection and two without; the marks arrive once.
    turn(day, 7.9)
    at("/", staff, PHONE)
    page.get_by_role("link", name="Calendar of Ozark Bluffs Academy").click()
    page.get_by_role("link", name=TITLE).click()
    # The clock of this phone is months behind; whoever is quick is marked before the list is asked for anew.
    asked = []
    page.route("**/door/state/**", lambda route: asked.append(route))
    page.get_by_role("link", name="At the door").click()
    expect(page.locator("#door.is-live")).to_be_attached()
    page.get_by_role("button", name="In Abbott, Renee").click()
    expect(page.locator(".door-row.is-in .door-times a")).to_have_count(1, timeout=15_000)
    for one in asked:
        one.continue_()
    page.unroute("**/door/state/**")
    expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    page.context.set_offline(True)
    for one in (bob, cal):
        page.get_by_role("button", name=f"In {one.sorted_name}").click()
    expect(page.get_by_text("Not sent yet (2)")).to_be_visible()
    assert AttendanceMark.objects.count() == 1
    assert fits()
    axe()
    page.context.set_offline(False)
    expect(page.get_by_text("Not sent yet")).to_have_count(0)
    expect(page.locator(".door-row.is-in .door-times a")).to_have_count(3)
    assert AttendanceMark.objects.count() == 3

    # It is over: confirmed as the door suggests, and the certificates are given.
    turn(day, 9.1)
    at(f"/scheduled/{held.reference}/", staff, PHONE)
    page.get_by_role("link", name="Confirm attendance").click()
    expect(page.get_by_text("3 completed it, 0 a part, 0 did not complete it")).to_be_visible()
    assert fits()
    axe()
    page.get_by_role("button", name="Confirm and give credit").click()
    expect(heading).to_have_text("Recorded: 1 hour for 3 officers.")
    credited = TrainingRecord.objects.filter(training_class__course=course).values_list("officer", flat=True)
    assert set(credited) == {renee.pk, bob.pk, cal.pk}
    page.get_by_role("link", name="Certificates").click()
    page.get_by_role("button", name="Give 3 certificates").click()
    expect(heading).to_have_text("All 3 certificates are ready")

    # The standing is what it was said it would be, and leads to the certificate.
    at("/standing/", accounts[renee], PHONE)
    expect(heading).to_contain_text(f"You are compliant for {day.year}")
    assert needs(page, "needs") == promised
    row = page.locator(".need", has_text="Racial profiling")
    row.locator("summary").click()
    row.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Certificates").click()
    expect(heading).to_have_text("The certificate is ready")
    assert fits()
    axe()
    paper = page.get_by_role("link", name="PDF of Abbott, Renee").get_attribute("href")
    assert page.request.get(live_server.url + paper).body().startswith(b"%PDF-")
    code = Certificate.objects.get(officer=renee).code_in_groups
    expect(page.get_by_role("link", name=code)).to_be_visible()

    # Somebody not signed in checks it.
    at("/", size=PHONE)
    page.get_by_role("link", name="Check a certificate").click()
    page.get_by_label("Code on the certificate").fill(code)
    page.get_by_role("button", name="Check it").click()
    expect(heading).to_have_text("This certificate is valid")
    expect(page.get_by_text("Renee Abbott")).to_be_visible()
    expect(page.get_by_text("Interpersonal Perspectives: 1 hour")).to_be_visible()
    assert fits()
    axe()
