"""Plans in a real browser, by keyboard: an officer sends the best classes to the chief, who approves them; the chief
has a plan for everybody found, and the page shows it by itself. Audited, and read at 320 px."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from compliance.models import AgencyPlan
from compliance.services import agency_plans
from compliance.tests.browser.test_standing_pages import fits
from training.models import Registration
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [{"width": 1280, "height": 900}, PHONE, {"width": 320, "height": 640}]


def audited(page, axe) -> None:
    """Nothing for axe to find, and nothing wider than the window, from 320 px on."""
    axe()
    for size in SIZES:
        page.set_viewport_size(size)
        assert fits(page)
    page.set_viewport_size(SIZES[0])


def test_a_plan_goes_to_the_chief_and_another_is_found_for_everybody(visit, axe):
    year = clock.today().year
    agency, school = make.agency("cedar-hollow", "Cedar Hollow Police"), make.provider("Ozark Bluffs Academy")
    officer = make.officer(agency, name="Dana Whitlock")
    make.record(
        officer, dt.date(year, 1, 1), course=make.provider_course(school, "Half"), legal=4, technical=4, skill=8,
        skill__firearms=2, interpersonal__racial_profiling=1, interpersonal__implicit_bias=2,
    )  # fmt: skip
    last = dt.datetime(year, 12, 31, 19, tzinfo=clock.CHICAGO)
    calm = make.provider_course(school, "Calm words", interpersonal__de_escalation=1, legal=2)
    make.scheduled_class(calm, last)
    make.scheduled_class(
        make.provider_course(school, "A long day", interpersonal__de_escalation=4), last - dt.timedelta(hours=6)
    )
    page = visit("/my-plan/", as_=make.officer_account(officer))
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(f"1 class of 3 hours would complete your hours for {year}")
    expect(page.get_by_role("heading", name="Another way: 1 class, 4 hours, free")).to_be_visible()
    audited(page, axe)
    page.get_by_role("button", name="Send to Cedar Hollow Police for approval").first.press("Enter")
    expect(page.get_by_role("heading", name="Cedar Hollow Police is asked to approve 1 class")).to_be_visible()
    audited(page, axe)

    chief = make.ceo(agency, "chief@cedar.example", "Carla Chief")
    page = visit("/agencies/cedar-hollow/plans/to-approve/", as_=chief)
    expect(heading).to_have_text("1 officer asks you to approve classes")
    page.get_by_role("button", name="Do not approve").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say why: the officer reads it.")
    audited(page, axe)
    page.get_by_role("button", name="Approve and register").press("Enter")
    expect(heading).to_have_text("Nobody asks you to approve classes")
    assert Registration.objects.get().scheduled_class.course == calm

    other = make.officer(agency, name="Ira Stone")
    make.record(other, dt.date(year, 1, 1), course=make.provider_course(school, "Eight"), technical=8)
    page.goto(page.url.replace("to-approve/", ""))
    audited(page, axe)
    page.get_by_role("button", name="Find the best plan").press("Enter")
    expect(heading).to_have_text("The best classes are being looked for")
    agency_plans.work(AgencyPlan.objects.get().pk, first=5, later=10)
    expect(page.get_by_text("Nothing better exists")).to_be_visible()  # the page looked again by itself
    expect(heading).to_contain_text("of class would bring the one officer who is short to compliance")
    page.get_by_role("heading", level=2).first.wait_for()
    page.locator("summary").first.press("Enter")
    expect(page.get_by_text(other.sorted_name).first).to_be_visible()
    audited(page, axe)
