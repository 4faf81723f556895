"""A provider enters a class on a phone by keyboard: one person ticked, one pasted, a number alone held."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.models import ImportRow, TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_provider_ticks_pastes_and_records_by_keyboard(visit, page, axe):
    agency, academy = make.agency(name="Marlow Police"), make.provider("Lakeland Academy")
    known = make.officer(agency, name="Renee Abbott", license_number="38120")
    for name, number in (("Marcus Calloway", "40218"), ("Patrick Dwyer", "29944")):
        make.officer(agency, name=name, license_number=number)
    earlier = make.record(known, dt.date(2025, 3, 4), course=make.provider_course(academy, "First aid"))
    page.set_viewport_size(PHONE)
    visit(f"/providers/{academy.pk}/classes/enter/", as_=make.provider_staff(academy))
    page.get_by_role("combobox", name="Course", exact=True).focus()
    page.keyboard.type("Night driving")
    page.get_by_label("Skill Development", exact=True).focus()
    page.keyboard.type("4")
    page.get_by_role("checkbox", name="Abbott, Renee").focus()
    page.keyboard.press("Space")
    page.get_by_label("Or paste who attended").focus()
    page.keyboard.insert_text("Calloway, Marcus 40218\n29944\n")
    expect(page.get_by_text("1 line will be held")).to_be_visible()
    expect(page.get_by_text("Calloway, Marcus").first).to_be_visible()
    assert "Marlow Police" not in page.content()
    assert "Dwyer" not in page.content()
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Check", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("4 hours for 2 officers: is this right?")
    axe()
    page.get_by_role("button", name="Record this class").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 4 hours for 2 officers.")
    axe()
    credited = TrainingRecord.objects.exclude(pk=earlier.pk).values_list("officer__license_number", "source_kind")
    assert set(credited) == {("38120", "approved_provider"), ("40218", "approved_provider")}
    assert ImportRow.objects.get().cells == ["29944"]
