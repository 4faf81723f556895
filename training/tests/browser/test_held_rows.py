"""The basket in a real browser: a row mended in place, a pasted line settled as it says, one dropped with a reason."""

import datetime as dt
import uuid

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.imports import working
from training.models import ImportRow, NotCompleted, TrainingRecord
from training.services import classes, imports
from training.services.classes import Attendance
from training.services.imports import HeldLine
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASKET = "/agencies/harlan/held/"
DAY = dt.date(2026, 2, 3)


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def people(agency):
    return make.officer(agency, license_number="38120", name="Renee Abbott"), make.officer(
        agency, license_number="40218", name="Marcus Calloway"
    )


def fates() -> dict[str, str]:
    return {row.cells[0]: row.fate for row in ImportRow.objects.all()}


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_row_is_mended_by_keyboard_and_sent_again(visit, page, agency, chief, people, size, axe):
    data = b"License,Title,Date,Hours,Area\n40218,Driving,31 February 2026,4,Skill\n77,Driving,2026-02-03,4,Skill\n"
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    if size:
        page.set_viewport_size(size)
    page = visit(BASKET, as_=chief)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 rows wait to be mended")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    row = page.get_by_role("region", name="Row 2: Date")
    row.get_by_label("Date").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2/3/2026")
    page.get_by_role("button", name="Send what I mended").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 row waits to be mended")
    assert fates() == {"40218": "credited", "77": "held"}
    page.get_by_text("Drop this row").click()
    page.get_by_label("It is not credited. The row stays with its file.").check()
    page.get_by_role("button", name="Send what I mended").click()
    expect(page.get_by_text("Say why the rows are dropped.")).to_be_visible()
    page.get_by_label("Why", exact=True).fill("Not one of ours")
    page.get_by_role("button", name="Send what I mended").click()
    expect(page.get_by_role("heading", name="The basket is empty")).to_be_visible()
    assert fates() == {"40218": "credited", "77": "dropped"}


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_pasted_lines_are_settled_as_they_say_or_as_is_answered(visit, page, agency, chief, people, size, axe):
    held, _ = classes.record(
        by=None, agency=agency, title="Range day", starts_on=DAY, ends_on=DAY, lines=make.lines(skill=8), today=DAY,
        attendances=[Attendance(make.officer(agency))], submission_key=uuid.uuid4(),
    )  # fmt: skip
    lines = [
        HeldLine("Abott, Rene 2 hrs", "Nobody is called so.", "Say who is meant.", hours=2),
        HeldLine("Caloway, Markus on leave", "The line is not clear.", "Say who is meant.", how="open"),
    ]
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=lines)
    if size:
        page.set_viewport_size(size)
    page = visit(BASKET, as_=chief)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    first = page.get_by_role("region", name="Abott, Rene 2 hrs")
    expect(first.get_by_label("Completed part of the hours")).to_be_checked()
    expect(first.get_by_label("Skill Development", exact=True)).to_have_value("2")
    first.get_by_label("Abbott, Renee (38120)").check()
    second = page.get_by_role("region", name="Caloway, Markus on leave")
    expect(second.get_by_label("Completed all of it")).not_to_be_checked()
    second.get_by_label("Calloway, Marcus (40218)").check()
    page.get_by_role("button", name="Send what I mended").click()
    expect(page.get_by_text("Say how they attended: the line does not make it clear.")).to_be_visible()
    page.get_by_role("region", name="Caloway, Markus on leave").get_by_label("Did not complete: no credit").check()
    axe()
    page.get_by_role("button", name="Send what I mended").click()
    expect(page.get_by_role("heading", name="The basket is empty")).to_be_visible()
    [record] = TrainingRecord.objects.filter(officer=people[0])
    assert [line.hours for line in record.lines.all()] == [2]
    assert [one.officer for one in NotCompleted.objects.all()] == [people[1]]
