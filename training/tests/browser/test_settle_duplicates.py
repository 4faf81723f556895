"""Two entries that look alike, settled side by side in a real browser: counted once, kept, and taken back."""

import uuid

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from training.models import Course, SourceKind, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/agencies/harlan/duplicates/"


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def pair(agency):
    """The agency's entry, and one of a recognized course that goes first; both are counted."""
    officer, day = make.officer(agency, license_number="38120", name="Renee Abbott"), clock.today()
    held, _ = classes.record(
        by=None, agency=agency, title="Joint exercise", starts_on=day, ends_on=day, lines=make.lines(skill=6),
        attendances=[Attendance(officer)], submission_key=uuid.uuid4(), today=day,
    )  # fmt: skip
    course = Course.objects.create(title="Joint Exercise", source_kind=SourceKind.OUT_OF_STATE, sponsor="FBI")
    return make.record(officer, day, course=course, skill=6), held.records.get()


def counted() -> list[tuple[str, str]]:
    """(Source, why it was kept) of the entries that count."""
    live = TrainingRecord.objects.live().filter(not_counted="").order_by("source_kind")
    return list(live.values_list("source_kind", "kept_because"))


BOTH = "No, other training: count both"
ONCE = "Yes, the same one: count it once"


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_pair_is_counted_once_then_both_and_back(visit, page, chief, pair, size, axe):
    if size:
        page.set_viewport_size(size)
    page = visit(LIST, as_=chief)
    axe()
    page.get_by_role("link", name="Settle").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Are these two entries one training?")
    both = page.get_by_role("region", name="Both entries, side by side")
    expect(both).to_contain_text("FBI")
    expect(both).to_contain_text("Harlan County Sheriff")
    expect(page.locator("#effect")).to_contain_text("Choose whether it is one training")
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label(ONCE).check()
    expect(page.get_by_role("heading", name="What it takes away")).to_be_visible()
    expect(page.locator("#effect")).to_contain_text("Abbott, Renee")
    axe()
    assert len(counted()) == 2
    page.get_by_role("button", name="Keep this decision").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert counted() == [("out_of_state", "")]
    axe()

    page.get_by_role("link", name="Counted once").click()
    page.get_by_role("link", name="Change").first.click()
    page.get_by_label(BOTH).check()
    page.get_by_role("button", name="Keep this decision").click()
    expect(page.get_by_role("link", name="Say why both count.")).to_be_visible()
    expect(page.get_by_label(BOTH)).to_be_checked()
    axe()
    page.get_by_label("Why both count").fill("Two exercises that day")
    page.get_by_role("button", name="Keep this decision").click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.get_by_role("link", name="Kept, with a reason").click()
    expect(page.get_by_text("Other training: Two exercises that day")).to_be_visible()
    assert counted() == [("in_service", "Two exercises that day"), ("out_of_state", "")]


def test_pair_is_settled_by_keyboard_alone(visit, chief, pair):
    page = visit(f"/duplicates/{pair[1].pk}/", as_=chief)
    page.get_by_label(ONCE).focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="What it takes away")).to_be_visible()
    page.get_by_role("button", name="Keep this decision").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Are these two entries one training?")
    assert counted() == [("out_of_state", "")]
