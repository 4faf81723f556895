"""A file in a real browser: chosen, its columns looked at, sent, followed; on a phone, and without a script."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE, sign_in
from training.imports import working
from training.models import TrainingImport, TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILES = "/agencies/harlan/imports/"


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def file(agency):
    officers = make.roster(agency, 12)
    rows = [f"{one.license_number};{one.last_name}, {one.first_name};Winter driving;02/03/2026;4" for one in officers]
    rows.append("99999;;Winter driving;02/03/2026;4")
    text = "Roster of the week\n\nPOST No;Who;What;When;Hrs\n" + "\n".join(rows)
    return {"name": "week.csv", "mimeType": "text/csv", "buffer": text.encode()}


def send(page, file) -> None:
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Look at this file").click()


def choose(page) -> None:
    for column, holds in (("What", "Title of the course"), ("When", "Day the class ended"), ("Hrs", "Hours in all")):
        page.get_by_label(f"What “{column}” holds").select_option(label=holds)
    page.get_by_label("What “POST No” holds").select_option("license_number")
    page.get_by_label("What “Who” holds").select_option("name")
    page.get_by_label("Area", exact=True).select_option(label="Technical Studies")
    page.get_by_role("button", name="Look again").click()


def test_file_is_sent_and_followed(visit, chief, file, axe):
    page = visit(FILES, as_=chief)
    axe()
    send(page, file)
    expect(page.get_by_role("heading", level=1)).to_have_text("week.csv: 3 things are still missing")
    axe()
    choose(page)
    expect(page.get_by_role("heading", name="12 rows would be credited, 1 held")).to_be_visible()
    expect(page.get_by_text("No officer has the license number 99999.")).to_be_visible()
    axe()
    page.get_by_role("button", name="Send this file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("week.csv: being worked on")
    axe()
    working.work(TrainingImport.objects.get().pk)
    expect(page.get_by_role("heading", level=1)).to_have_text("week.csv: 12 rows credited, 1 held")
    axe()
    assert TrainingRecord.objects.count() == 12


def test_file_is_sent_from_a_phone(visit, page, chief, file, axe):
    page.set_viewport_size(PHONE)
    visit(FILES, as_=chief)
    send(page, file)
    choose(page)
    expect(page.get_by_role("heading", name="12 rows would be credited, 1 held")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()


def test_file_is_sent_without_a_script(browser, live_server, chief, file):
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server.url, chief)
    page = context.new_page()
    page.goto(live_server.url + FILES)
    send(page, file)
    choose(page)
    page.get_by_role("link", name="What would happen if it were sent").click()
    expect(page.get_by_role("heading", name="12 rows would be credited, 1 held")).to_be_visible()
    page.get_by_role("link", name="Back to the file, to send it").click()
    page.get_by_role("button", name="Send this file").click()
    working.work(TrainingImport.objects.get().pk)
    page.get_by_role("link", name="Look again now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("week.csv: 12 rows credited, 1 held")
    context.close()
