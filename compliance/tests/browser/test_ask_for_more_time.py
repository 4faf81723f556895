"""An officer asks for more time on a phone, with a photo of the paper, in a real browser."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE
from compliance.models import ReliefRequest
from compliance.tests.relief_people import photo
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# What people need for a touch, for making up their mind before it, and for a key, in seconds: the keystroke-level model
# of Card, Moran and Newell.
TOUCH, MIND, KEY = 1.1, 1.35, 0.28
COUNTED = """for (const kind of ["click", "keydown"])
    addEventListener(kind, () => sessionStorage.setItem(kind, 1 + Number(sessionStorage.getItem(kind))), true)"""


def test_on_a_phone_in_two_minutes(page, visit, axe):
    page.add_init_script(COUNTED)
    officer = make.officer(make.agency("harlan", "Harlan County Sheriff"), name="Renee Abbott")
    visit("/standing/", as_=make.officer_account(officer))
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="ask for more time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for more time")
    page.get_by_role("radio", name=f"{clock.today().year}: hours").check()
    page.get_by_role("radio", name="Medical leave").check()
    page.get_by_label("First day of leave").press_sequentially(f"{clock.today():%m%d%Y}")
    yesterday = clock.today() - dt.timedelta(days=1)
    page.get_by_label("Last day of leave").press_sequentially(f"{yesterday:%m%d%Y}")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("The leave ends before it begins.")
    axe()
    page.get_by_label("Last day of leave").fill("")
    page.get_by_role("button", name="Go on").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    axe()
    page.get_by_label("Or take a photo now").set_input_files(
        {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_role("button", name="Send to POST").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("POST has the request.")
    one = ReliefRequest.objects.get()
    expect(page.locator(".reference")).to_have_text(one.reference)
    touches, keys = (page.evaluate("kind => Number(sessionStorage.getItem(kind))", one) for one in ("click", "keydown"))
    # With a slip on the way and its mending; four touches more are the two days and the camera.
    seconds = (touches + 4) * (TOUCH + MIND) + keys * KEY
    assert (touches >= 5, keys >= 17, seconds < 60) == (True, True, True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe()
    page.goto(f"{page.url.split('/extensions/')[0]}/standing/")
    expect(page.get_by_role("link", name=one.reference)).to_be_visible()
    assert one.documents.get().type == "image/jpeg"
