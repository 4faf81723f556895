"""The door on a phone: people checked in with the connection cut, a reload, and the marks arrive once."""

import datetime as dt

import pytest
import segno
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from training.models import AttendanceMark, Registration, TrainingClass
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READ = """async ([picture, decoder]) => {
    const { default: decode } = await import(decoder), image = new Image(), canvas = document.createElement("canvas");
    image.src = picture;
    await image.decode();
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return decode(context.getImageData(0, 0, image.width, image.height));
}"""

# The next list that is asked for is answered, and the page gets the answer when it is let go.
HOLD = """() => {
    const real = window.fetch, held = new Promise((resolve) => { window.let_go = resolve; });
    window.fetch = async (address, ...more) => {
        const answer = await real(address, ...more);
        if (String(address).includes("/state/")) { window.is_held = true; await held; }
        return answer;
    };
    document.dispatchEvent(new Event("visibilitychange"));
}"""
# Until the page has made its list anew, after something was done.
MADE_ANEW = """(act) => new Promise((resolve) => {
    new MutationObserver(resolve).observe(document.getElementById("door-inside"), { childList: true });
    act === "let go" ? window.let_go() : document.dispatchEvent(new Event("visibilitychange"));
}).then(() => true)"""
# The rows as they came, before any script is at work.
AS_SERVED = """addEventListener("readystatechange", () => {
    for (const row of document.querySelectorAll("[data-id]")) row.dataset.served = "yes";
}, { capture: true, once: true })"""


@pytest.fixture
def academy():
    return make.provider("Boone Academy")


@pytest.fixture
def held(academy):
    """A class that began half an hour ago and ends in half an hour."""
    course = make.provider_course(academy, "Winter driving", skill=1)
    held = make.scheduled_class(course, clock.now() - dt.timedelta(minutes=30), capacity=4)
    ends_at = held.begins_at + dt.timedelta(hours=1)
    held.meetings.update(ends_at=ends_at)
    type(held).objects.filter(pk=held.pk).update(ends_at=ends_at)
    held.refresh_from_db()
    return held


@pytest.fixture
def page_errors(page):
    """Uncaught exceptions fail the test; that the network was away, which the console says, does not."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda one: errors.append(one.text) if one.type == "error" and "ERR_INTERNET" not in one.text else None,
    )
    yield errors
    assert errors == []


def test_people_are_checked_in_with_the_connection_cut_and_arrive_once(visit, page, live_server, academy, held, axe):
    staff = make.provider_staff(academy)
    first, second, _ = (
        make.registration(held, make.officer(name=name)) for name in ("Dana Abbott", "Marcus Boyd", "Alma Cole")
    )
    walks = make.officer(name="Wendy Walk")
    page.set_viewport_size(PHONE)
    visit(f"/scheduled/{held.reference}/door/", as_=staff)
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter driving")
    page.get_by_role("button", name="In Abbott, Dana").click()
    expect(page.locator(f'[data-id="{first.pk}"] .door-times a')).to_have_count(1)
    assert AttendanceMark.objects.count() == 1
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # Pressed again nothing happens, and it is said since when.
    page.get_by_role("button", name="In Abbott, Dana").click()
    expect(page.locator("#door-said")).to_contain_text("already in since")
    # The decoder that is served with the portal reads what stands on a registration.
    address = f"https://clee.example/registrations/{first.code}/"
    picture = segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=4)
    assert page.evaluate(READ, [picture, page.locator("#door").get_attribute("data-decoder")]) == address
    expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    page.wait_for_function(
        f"async () => Boolean(await caches.match('{live_server.url}/scheduled/{held.reference}/door/', "
        "{ ignoreSearch: true }))"
    )

    page.context.set_offline(True)
    page.get_by_role("button", name="In Boyd, Marcus").click()
    expect(page.get_by_text("Not sent yet (1)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Not sent yet (1)")).to_be_visible()
    expect(page.get_by_text("No connection.")).to_be_visible()
    expect(page.locator(f'[data-id="{second.pk}"]')).to_contain_text("not sent yet")
    box = page.get_by_label("Search a name; or a license number")
    box.fill("cole")
    expect(page.locator("[data-id]:visible")).to_have_count(1)
    box.press("Enter")
    box.fill(walks.license_number)
    box.press("Enter")
    expect(page.get_by_text("Not sent yet (3)")).to_be_visible()
    axe()
    assert AttendanceMark.objects.count() == 1

    page.context.set_offline(False)
    expect(page.get_by_text("Not sent yet")).to_have_count(0)
    expect(page.locator(".door-name", has_text="Walk, Wendy")).to_be_visible()
    page.reload()
    expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    expect(page.locator(".door-row.is-in")).to_have_count(4)
    assert sorted(AttendanceMark.objects.values_list("registration__officer__last_name", flat=True)) == [
        "Abbott", "Boyd", "Cole", "Walk"
    ]  # fmt: skip
    assert Registration.objects.get(officer=walks).is_walk_in
    # A list that is made anew takes the focus from nobody.
    time = page.locator(f'[data-id="{first.pk}"] .door-times a').first
    time.focus()
    page.locator(f'[data-id="{second.pk}"] [name="out"]').evaluate("(button) => button.click()")
    expect(page.locator(".door-row.is-in")).to_have_count(3)
    expect(time).to_be_focused()
    # Signed out, nothing of the list stays on the device.
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    assert page.evaluate("caches.keys().then((names) => names.length)") == 0


def test_a_list_that_was_asked_for_before_a_mark_does_not_take_it_back(visit, page, academy, held):
    person = make.registration(held, make.officer(name="Dana Abbott"))
    visit(f"/scheduled/{held.reference}/door/", as_=make.provider_staff(academy))
    expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    page.evaluate(HOLD)
    page.wait_for_function("() => window.is_held")
    page.get_by_role("button", name="In Abbott, Dana").click()
    expect(page.locator(f'[data-id="{person.pk}"] .door-times a')).to_have_count(1)
    assert page.evaluate(MADE_ANEW, "let go")
    expect(page.locator(".door-row.is-in")).to_have_count(1)


def test_a_press_counts_while_the_list_is_made_anew(visit, page, academy, held):
    person, other = (make.registration(held, make.officer(name=name)) for name in ("Dana Abbott", "Alma Cole"))
    page.add_init_script(AS_SERVED)
    visit(f"/scheduled/{held.reference}/door/", as_=make.provider_staff(academy))
    expect(page.locator("#door[data-ready=yes]")).to_be_attached()
    expect(page.locator("[data-served]")).to_have_count(2)
    page.get_by_role("button", name="In Abbott, Dana").hover()
    page.mouse.down()
    AttendanceMark.objects.create(registration=other, meeting=held.meetings.get(), kind="in", at=held.begins_at)
    assert page.evaluate(MADE_ANEW, "asked")
    expect(page.locator(".door-row.is-in")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(f'[data-id="{person.pk}"] .door-times a')).to_have_count(1)


def test_who_completed_it_is_confirmed_on_a_phone(visit, page, academy, held, axe, tab_to):
    staff = make.provider_staff(academy)
    meeting = held.meetings.get()
    for name in ("Dana Abbott", "Marcus Boyd"):
        seat = make.registration(held, make.officer(name=name))
        AttendanceMark.objects.create(registration=seat, meeting=meeting, kind="in", at=held.begins_at)
    page.set_viewport_size(PHONE)
    visit(f"/scheduled/{held.reference}/confirm/", as_=staff)
    axe()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("How Boyd, Marcus attended").select_option("part")
    own = page.get_by_role("group", name="Own hours of Boyd, Marcus")
    own.get_by_label("Skill Development", exact=True).fill("0.5")
    expect(page.get_by_text("1 completed it, 1 a part")).to_be_visible()
    axe()
    tab_to(page.get_by_role("button", name="Confirm and give credit"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recorded")
    made = TrainingClass.objects.get()
    credit = made.records.order_by("officer__last_name").values_list("lines__hours", flat=True)
    assert [str(one) for one in credit] == ["1.00", "0.50"]
