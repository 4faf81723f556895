"""POST keeps the register by keyboard, and joins two records of one person; every page on a phone too."""

import datetime as dt
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, WIDE
from training.models import Officer, Provider, ProviderLicense, RecognizedSource
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOURCE = "Application of November 3"


def test_register_is_kept_by_keyboard_and_read_on_a_phone(visit, page, axe):
    post = make.post_staff(name="Petra Lindqvist")
    agency = make.agency("harlan", "Harlan County Sheriff", county="Harlan", kind="county")
    make.ceo(agency, name="Leonard Vance")
    old = make.officer(agency, name="Dana Whitlok", license_number="38102", issued_on=None)
    old.commissions.update(started_on=dt.date(2016, 2, 1), ended_on=dt.date(2018, 3, 2))
    provider = Provider.objects.create(name="Ozark Training Center")
    today = clock.today()
    ProviderLicense.objects.create(
        provider=provider, number="P-7", valid_from=dt.date(2024, 1, 1), decided_on=dt.date(2023, 12, 4),
        conditions="Ranges with a medic",
    )  # fmt: skip
    RecognizedSource.objects.create(name="Arkansas", first_year=2021, decided_on=dt.date(2020, 12, 1))
    make.officer(agency, name="José Núñez", until=today.replace(year=today.year - 5, day=1))

    visit("/officers/add/", as_=post)
    page.keyboard.press("Tab")
    page.get_by_label("License number").focus()
    for text in ("38120", "Dana", "J.", "Whitlock"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Add to the register").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say what it rests on")
    axe()
    page.get_by_label("Day the license was issued").fill("2015-03-02")
    page.get_by_label("What does it rest on?").fill(SOURCE)
    _pictures(page, "add")
    page.get_by_role("button", name="Add to the register").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The license of Dana J. Whitlock is active since March 2, 2015."
    )
    expect(page.get_by_text(f"Officer added: {SOURCE}").first).to_be_visible()

    page.get_by_role("link", name="Join with another record").click()
    page.get_by_label("License number of the other record").fill("38102")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Side by side")).to_be_visible()
    axe()
    page.get_by_label("How do you know that they are one person?").fill("License files of both")
    _pictures(page, "join")
    page.get_by_role("button", name="Join the two records").press("Enter")
    expect(page.get_by_role("link", name="Part them again")).to_be_visible()
    assert Officer.objects.get(pk=old.pk).merged_into.license_number == "38120"
    axe()
    _pictures(page, "officer")

    for name, path in {
        "agencies": "/register/agencies/",
        "agency": "/agencies/harlan/register/",
        "providers": "/register/providers/",
        "provider": f"/providers/{provider.pk}/register/",
        "expiring": "/register/expiring/",
        "sources": "/register/sources/",
        "exports": "/exports/",
        "license": "/officers/38120/license/",
    }.items():
        visit(path)
        axe()
        _pictures(page, name)


def _pictures(page, name):
    """The page on a phone is as wide as the phone; both are kept where PICTURES says so."""
    folder = os.environ.get("PICTURES")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-phone.png", full_page=True)
    page.set_viewport_size(WIDE)
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-wide.png", full_page=True)
