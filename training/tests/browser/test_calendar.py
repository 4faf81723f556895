"""The statewide calendar in a real browser: found by requirement on a phone, by keyboard; month; the private feed."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clee_portal.tests.browser import PHONE
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def held():
    school = make.provider("Ozark Bluffs Academy")
    make.scheduled_class(make.provider_course(school, "Driving", skill=4))
    course = make.provider_course(school, "Traffic stops </script><b>", legal__racial_profiling=1, legal=3)
    return make.scheduled_class(course, fee=35, latitude=38.9382, longitude=-92.3049, meetings=2)


def test_class_is_found_by_requirement_on_a_phone_by_keyboard(visit, page, held, axe):
    page.set_viewport_size(PHONE)
    visit("/calendar/")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 classes to come")
    axe()
    page.get_by_label("Gives hours of").select_option("Racial profiling")
    page.get_by_label("Near ZIP code").fill("65101")
    page.get_by_label("Near ZIP code").press("Enter")
    found = "1 class to come, with at least 1 hour of Racial profiling, within 50 miles of 65101 (Jefferson City)"
    expect(page.get_by_role("heading", level=1)).to_have_text(found)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    page.get_by_role("link", name="Month").press("Enter")
    page.get_by_role("link", name="Month after").press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    page.get_by_role("link", name="List").press("Enter")
    page.get_by_role("link", name="Traffic stops").press("Enter")
    expect(page.get_by_text("20 of 20 seats left")).to_be_visible()
    data = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)")
    assert (data["name"], len(data["subEvent"])) == ("Traffic stops </script><b>", 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()


def test_private_feed_is_made_and_revoked(visit, page, held, axe, live_server):
    officer = make.officer(make.agency("harlan", "Harlan County Sheriff"))
    make.registration(held, officer)
    visit(reverse("training:calendar_feed"), as_=make.officer_account(officer))
    axe()
    page.get_by_role("button", name="Make my calendar address").press("Enter")
    address = page.get_by_label("Copy this address").input_value()
    axe()
    path = address[address.index("/calendar/") :]
    fetched = page.request.get(f"{live_server.url}{path}")
    assert (fetched.status, "SUMMARY:Traffic stops" in fetched.text()) == (200, True)
    page.get_by_role("button", name="Revoke the address").press("Enter")
    expect(page.get_by_role("button", name="Make my calendar address")).to_be_visible()
    assert page.request.get(f"{live_server.url}{path}").status == 404
