"""Pasting who attended, in a real browser: matched while typing, decided by a choice, the rest held."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE, sign_in
from training.models import ImportRow, TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ENTER = "/agencies/harlan/classes/enter/"
LETTER = """Chief,
These completed Winter driving on Wednesday:

Renee Abbott
Calloway, Marcus (instructor)
LIC 29944
Dana Whitlock
70909 Alma Vance
Zed Zebulon

Thanks,
Linda Boone
"""


@pytest.fixture
def agency():
    agency = make.agency("harlan", "Harlan County Sheriff")
    for number, name in (
        ("38120", "Renee Abbott"),
        ("40218", "Marcus Calloway"),
        ("29944", "Patrick Dwyer"),
        ("33001", "Dana Whitlock"),
        ("33999", "Dana Whitlock"),
    ):
        make.officer(agency, name=name, license_number=number)
    make.officer(make.agency(name="Marlow Police"), name="Alma Vance", license_number="70909")
    return agency


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_pasted_letter_is_matched_while_typing_decided_and_recorded(visit, page, chief, axe, viewport):
    if viewport:
        page.set_viewport_size(viewport)
    visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    page.get_by_label("Or paste who attended").fill(LETTER)
    expect(page.get_by_text("4 officers found")).to_be_visible()
    expect(page.get_by_text("2 lines will be held")).to_be_visible()
    expect(page.locator("#count")).to_have_text("3 of 5 officers + 1 from elsewhere · 2 h each")
    expect(page.locator("[name^=pick-]:checked")).to_have_count(0)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Whitlock, Dana 33999").check()
    expect(page.locator("#count")).to_have_text("4 of 5 officers + 1 from elsewhere · 2 h each")
    expect(page.get_by_label("Whitlock, Dana 33999")).to_be_checked()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("1 pasted line will be held, without credit")).to_be_visible()
    axe()
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recorded")
    credited = TrainingRecord.objects.order_by("officer__license_number").values_list("officer__license_number", "role")
    assert list(credited) == [
        ("29944", "student"),
        ("33999", "student"),
        ("38120", "student"),
        ("40218", "instructor"),
        ("70909", "student"),
    ]
    held = ImportRow.objects.get()
    assert (held.cells, held.fate, held.is_for_post) == (["Zed Zebulon"], "held", True)
    assert held.training_import.training_class == TrainingRecord.objects.first().training_class


def test_pasted_without_a_script(browser, live_server, chief):
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    sign_in(context, live_server.url, chief)
    page = context.new_page()
    page.goto(live_server.url + ENTER)
    page.get_by_label("Or paste who attended").fill("38120\nDana Whitlock")
    page.get_by_role("button", name="Show who this is").click()
    expect(page.get_by_text("1 officer found")).to_be_visible()
    page.get_by_label("Whitlock, Dana 33999").check()
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    page.get_by_role("button", name="Check", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 hours for 2 officers: is this right?")
    context.close()


SAID = """Attended:
Renee Abbott
Calloway, Marcus	2
29944 Dwyer (on a call)

Absent:
33001
"""


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_what_lines_say_is_shown_decided_and_keeps_ticks_back(visit, page, chief, axe, viewport):
    if viewport:
        page.set_viewport_size(viewport)
    visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_label("Legal Studies", exact=True).fill("4")
    page.get_by_role("checkbox", name="Dwyer, Patrick").check()
    expect(page.locator("#count")).to_have_text("1 of 5 officers · 4 h each")
    page.get_by_label("Or paste who attended").fill(SAID)
    expect(page.get_by_text("2 lines will be held")).to_be_visible()
    expect(page.get_by_text("did not complete", exact=True)).to_be_visible()
    expect(page.get_by_text("The line also says “on a call”", exact=False)).to_be_visible()
    row = page.locator(".roster-row", has=page.get_by_role("checkbox", name="Dwyer, Patrick"))
    expect(row.get_by_text("no credit before the pasted line is decided")).to_be_visible()
    expect(page.locator("#count")).to_have_text("2 of 5 officers · 4 h each")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Calloway, Marcus completed 2 hours").check()
    expect(page.get_by_text("1 line will be held")).to_be_visible()
    page.get_by_label("Dwyer, Patrick completed all of it").check()
    expect(row.get_by_text("no credit before the pasted line is decided")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("4 of 5 officers · 4 h each")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Record this class").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recorded")
    hours = TrainingRecord.objects.order_by("officer__license_number").values_list(
        "officer__license_number", "lines__hours"
    )
    assert list(hours) == [("29944", 4), ("38120", 4), ("40218", 2)]
    assert not ImportRow.objects.exists()


def test_a_file_with_classes_takes_nothing_away(visit, page, chief, axe):
    visit(ENTER, as_=chief)
    page.get_by_role("combobox", name="Course", exact=True).fill("Winter driving")
    page.get_by_role("checkbox", name="Dwyer, Patrick").check()
    page.get_by_label("Or paste who attended").fill("38120")
    rows = b"License,Title,Date,Hours\n38120,Range,2026-01-02,4\n"
    page.get_by_label("Or choose a file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": rows})
    expect(page.get_by_text("a.csv says itself which classes were held")).to_be_visible()
    expect(page.get_by_label("Or paste who attended")).to_have_value("38120")
    expect(page.get_by_role("checkbox", name="Dwyer, Patrick")).to_be_checked()
    expect(page.get_by_role("combobox", name="Course", exact=True)).to_have_value("Winter driving")
    axe()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open I").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("a.csv")
