"""POST's job on the rules in a real browser: a minimum changed, tried, handed in, and approved by somebody else; by
keyboard, and on a phone."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from compliance import rules
from compliance.tests.browser.test_make_up import press
from compliance.tests.browser.test_standing_pages import fits
from compliance.tests.rule_people import YEAR, begin, frame, latest
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_minimum_is_changed_tried_and_approved_by_another(visit, axe):
    agency = make.agency("harlan", "Harlan County Sheriff")
    make.roster(agency, 3)
    author = make.post_staff("grace@example.org", "Grace Lindqvist")
    draft = begin(author)
    frame(author, draft, note="11 CSR 75-15.010 as amended")
    page = visit(f"/rules/{draft.pk}/", as_=author)
    axe()
    press(page, page.get_by_role("link", name="Change Legal studies"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Legal studies: at least 2 hours")
    page.get_by_label("Minimum hours").fill("4")
    page.get_by_label("The rule in plain words").fill("At least 4 hours of Legal Studies.")
    axe()
    press(page, page.get_by_role("button", name="Keep it in the draft"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"1 requirement would be different in {YEAR}")
    press(page, page.get_by_role("link", name="0 golden cases"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("No golden case is written")
    press(page, page.get_by_role("link", name="Write a case"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What do the rules give in one case?")
    axe()
    press(page, page.get_by_role("button", name="Keep and run it"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The case agrees")
    axe()
    page.set_viewport_size(PHONE)
    page.goto(page.url.replace("cases", "dry-run"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Nobody would change standing; 3 of 3 officers would lack other hours"
    )
    axe()
    assert fits(page)
    page.goto(page.url.replace("dry-run", "hand-in"))
    press(page, page.get_by_role("button", name="Hand it in"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This draft waits for approval")
    assert fits(page)
    page = visit("/rules/", as_=make.post_staff("second@example.org", "Tomás Eberhart"))
    axe()
    press(page, page.get_by_role("link", name="Look and decide"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve and publish?")
    axe()
    assert fits(page)
    press(page, page.get_by_role("button", name="Approve and publish"), "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 2 differs from version 1 in 1 requirement")
    assert rules.rows_of(latest())[2].minimum == 4
