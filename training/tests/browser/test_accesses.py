"""POST finds out who looked at an officer's record."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from clee_portal.history.models import Access
from clee_portal.tests.browser import PHONE
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_who_looked_at_a_record_is_found_by_keyboard_and_on_a_phone(visit, page, axe):
    agency = make.agency("harlan", "Harlan County Sheriff")
    officer = make.officer(agency, name="Renee Abbott", license_number="38120")
    post, chief = make.post_staff(name="Petra Lindqvist"), make.ceo(agency, name="Leonard Vance")
    kept = [
        {"kind": "viewed", "by": chief, "license_number": "38120", "acting_as": f"CEO, {agency.name}"},
        {
            "kind": "exported",
            "what": "overview.csv",
            "by": chief,
            "acting_as": f"CEO, {agency.name}",
            "filters": "sort=name",
            "rows": 1200,
        },
        {"kind": "failed", "by": None, "what": "No account has this address"},
        {"kind": "signed_in", "by": post, "what": "Password, Second step"},
    ]
    for one in kept:
        Access.objects.create(
            **{
                "what": "overview.csv" if one["kind"] == "exported" else "Standing of 2026",
                "address": "192.0.2.7",
                **one,
            }
        )
    visit("/access/", as_=post)
    expect(page.get_by_role("heading", level=1)).to_have_text("4 accesses in the last 30 days.")
    axe()
    _picture(page, "wide")
    page.get_by_label("Officer looked at").fill("abbott")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 access in the last 30 days.")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("Leonard Vance")
    expect(row).to_contain_text(f"CEO, {agency.name}")
    expect(row.get_by_role("link", name=officer.sorted_name)).to_be_visible()
    page.set_viewport_size(PHONE)
    visit("/access/?since=2026-02-01&until=2026-01-01")
    expect(page.get_by_role("alert")).to_contain_text("The last day lies before the first")
    axe()
    visit("/access/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    _picture(page, "phone")


def _picture(page, name):
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"accesses-{name}.png", full_page=True)
