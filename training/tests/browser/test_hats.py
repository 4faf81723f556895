"""The list of one's roles, on a phone."""

import pytest
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.models import Membership
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_roles_unfold_inside_a_phone(visit, page, axe):
    agency = make.agency("harlan", "Harlan County Sheriff of the Northern District")
    user = make.ceo(agency)
    officer = make.officer(agency)
    since = officer.commissions.get().started_on
    Membership.objects.create(user=user, role="officer", officer=officer, starts_on=since)
    page.set_viewport_size(PHONE)
    visit("/", as_=user)
    page.locator("summary.hat").click()
    listed = page.locator(".hats ul")
    expect(listed).to_contain_text(f"Officer, license {officer.license_number}")
    box = listed.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    axe()
