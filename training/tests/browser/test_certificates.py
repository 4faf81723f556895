"""Certificates in a real browser: given and printed by keyboard, checked on a phone by somebody not signed in."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.models import Certificate
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_given_by_keyboard_and_checked_by_anybody(visit, page, axe):
    agency = make.agency("harlan", "Harlan County Sheriff")
    officer = make.officer(agency, name="Renee Abbott", license_number="38120")
    record = make.record(officer, dt.date(2026, 5, 14), course=make.course(agency, "Search and seizure"), legal=4)
    visit(f"/classes/{record.training_class.reference}/", as_=make.ceo(agency))
    page.get_by_role("link", name="Certificates").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("One certificate to give")
    axe()
    page.get_by_role("button", name="Give 1 certificate").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The certificate is ready")
    expect(page.get_by_role("link", name="Print it (PDF)")).to_be_visible()
    axe()
    code = Certificate.objects.get().code_in_groups
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)
    visit("/check/")
    axe()
    page.get_by_label("Code on the certificate").fill(code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This certificate is valid")
    expect(page.get_by_text("Renee Abbott")).to_be_visible()
    axe()
