"""Setting a class right in a real browser: corrected with its effect seen first, officers moved; also on a phone."""

import uuid

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from training.models import TrainingClass, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def officers(agency):
    return make.roster(agency, 12)


def entered(agency, attendances, title, **more):
    day = clock.today()
    return classes.record(
        by=None, agency=agency, title=title, starts_on=day, ends_on=day, lines=make.lines(skill=4),
        attendances=attendances, submission_key=uuid.uuid4(), today=day, **more,
    )[0]  # fmt: skip


@pytest.fixture
def held(agency, officers):
    """Six attended; the seventh taught two of the four hours."""
    taught = Attendance(officers[6], "instructor", make.lines(skill=2))
    return entered(agency, [*map(Attendance, officers[:6]), taught], "Winter driving")


def credit() -> dict[str, tuple[str, str]]:
    """License number -> role and hours, of what is live."""
    live = TrainingRecord.objects.live().select_related("officer").prefetch_related("lines")
    return {one.officer.license_number: (one.role, str(sum(x.hours for x in one.lines.all()))) for one in live}


def is_not_wider_than_the_screen(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_class_is_corrected_and_its_instructor_keeps_the_own_hours(visit, page, chief, officers, held, size, axe):
    if size:
        page.set_viewport_size(size)
    before = credit()
    page = visit(f"/classes/{held.reference}/", as_=chief)
    page.get_by_role("link", name="Correct").first.click()
    taught = officers[6]
    own = page.get_by_role("group", name=taught.sorted_name)
    expect(own.get_by_label("Taught it with own hours: instructor credit for those")).to_be_checked()
    expect(own.get_by_label("Skill Development", exact=True)).to_have_value("2")
    axe()
    assert is_not_wider_than_the_screen(page)
    own.get_by_label("Taught it: instructor credit, hour for hour").check()
    expect(own.get_by_label("Skill Development", exact=True)).to_be_hidden()
    own.get_by_label("Taught it with own hours: instructor credit for those").check()
    expect(own.get_by_label("Skill Development", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name=officers[0].license_number).uncheck()
    page.get_by_role("checkbox", name=officers[7].license_number).check()
    page.get_by_text("More than one day, or a place").click()
    page.get_by_label("Place (optional)").fill("Range")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="What it would change")).to_be_visible()
    expect(page.locator("#effect")).to_contain_text(officers[0].sorted_name)
    axe()
    page.get_by_label(f"Why is {held.reference} corrected?").fill("One name was wrong")
    page.get_by_role("button", name="Record the correction").click()
    made = TrainingClass.objects.live().get()
    expect(page.get_by_text(f"{held.reference} was corrected: {made.reference} stands for it now.")).to_be_visible()
    axe()
    del before[officers[0].license_number]
    assert credit() == {**before, officers[7].license_number: ("student", "4.00")}
    assert (made.place, made.replaces) == ("Range", held)


def test_correction_without_a_reason_loses_nothing_and_says_so(visit, chief, officers, held):
    page = visit(f"/classes/{held.reference}/correct/", as_=chief)
    page.get_by_text("More than one day, or a place").click()
    page.get_by_label("Place (optional)").fill("Range")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_label(f"Why is {held.reference} corrected?").fill("   ")
    page.get_by_role("button", name="Record the correction").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why the class is corrected.")
    expect(page.get_by_text("Range")).to_be_visible()
    assert TrainingClass.objects.live().get() == held


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_officers_are_moved_with_the_effect_seen_first(visit, page, agency, chief, officers, held, size, axe):
    if size:
        page.set_viewport_size(size)
    other = entered(agency, [Attendance(officers[9])], "Night range")
    page = visit(f"/classes/{held.reference}/", as_=chief)
    page.get_by_role("link", name="Move or take out officers").click()
    expect(page.locator("#effect")).to_contain_text("Tick officers and choose what becomes of them")
    axe()
    assert is_not_wider_than_the_screen(page)
    page.get_by_role("checkbox", name=officers[0].license_number).check()
    page.get_by_role("checkbox", name=officers[1].license_number).check()
    page.get_by_label("What becomes of them").select_option(str(other.pk))
    expect(page.get_by_role("heading", name="What it would change")).to_be_visible()
    page.get_by_label("What becomes of them").select_option("out")
    expect(page.get_by_role("heading", name="What it takes away")).to_be_visible()
    expect(page.locator("#effect")).to_contain_text(officers[1].sorted_name)
    axe()
    page.get_by_label("What becomes of them").select_option(str(other.pk))
    page.get_by_role("button", name="Change the class").click()
    expect(page.get_by_role("link", name="Say why.")).to_be_visible()
    expect(page.get_by_role("checkbox", name=officers[1].license_number)).to_be_checked()
    page.get_by_label("Why").fill("They were at the range")
    page.get_by_role("button", name="Change the class").click()
    expect(page.get_by_text(f"2 officers moved to {other.reference}.")).to_be_visible()
    axe()
    there = other.records.live().order_by("officer__license_number")
    assert [one.officer for one in there] == [officers[0], officers[1], officers[9]]
    assert held.records.live().count() == 5


def test_officers_are_moved_by_keyboard_alone(visit, agency, chief, officers, held):
    page = visit(f"/classes/{held.reference}/move/", as_=chief)
    page.get_by_role("checkbox", name=officers[2].license_number).focus()
    keys = page.keyboard
    keys.press("Space")
    page.get_by_label("What becomes of them").focus()
    keys.press("ArrowDown")
    expect(page.get_by_role("heading", name="What it takes away")).to_be_visible()
    keys.press("Tab")  # the reference number of another class, which is none here
    keys.press("Tab")
    keys.type("Was not there")
    page.get_by_role("button", name="Change the class").focus()
    keys.press("Enter")
    expect(page.get_by_text("1 officer taken out.")).to_be_visible()
    assert officers[2].license_number not in credit()
