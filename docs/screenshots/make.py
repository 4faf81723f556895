"""Makes the pictures of the README from a running portal with its demonstration state.

    bin/run --reset                                   in one window
    var/venv/bin/python docs/screenshots/make.py      in another; an address may follow, else http://localhost:8000

It works as the people of the demonstration would, and records one class, so that what is shown is what happens. Needs
Chromium, and the packages of the tests (bin/test brings them).
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "bin"))
from bootstrap import chromium  # noqa: E402 - the bootstrap's folder is on the path only now

WIDE, PHONE = {"width": 1280, "height": 880}, {"width": 390, "height": 844}
PASSWORD = "clee-demonstration"  # noqa: S105 - the one that `bin/run` prints


class Camera:
    """A browser, one person of the demonstration after the other in front of it."""

    def __init__(self, browser, address: str):
        self.browser, self.address = browser, address

    def sign_in(self, who: str) -> None:
        """Begin anew as somebody else."""
        context = self.browser.new_context(viewport=WIDE, locale="en-US", timezone_id="America/Chicago")
        self.page: Page = context.new_page()
        self.open("/accounts/login/")
        self.page.locator("[name=login]").fill(f"{who}@demo.example.org")
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.page.get_by_text("Sign out").wait_for()
        self.page.wait_for_load_state("networkidle")

    def open(self, path: str) -> None:
        """Open a page and wait until all of it is there."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def shoot(self, name: str) -> None:
        """Keep what is on the screen, with nothing in focus."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.activeElement.blur()")
        file = HERE / f"{name}.png"
        self.page.screenshot(path=file, animations="disabled")
        print(f"{name:16} {file.stat().st_size // 1024:4} kB")  # noqa: T201 - it is a command


def desk(camera: Camera) -> None:
    """What the sheriff sees and does."""
    camera.sign_in("sheriff")
    page = camera.page
    camera.open("/")
    code = re.search(r"/agencies/([^/]+)/", page.locator("a[href^='/agencies/']").first.get_attribute("href"))[1]
    camera.open(f"/agencies/{code}/")
    camera.shoot("overview")
    camera.open(f"/agencies/{code}/trends/")
    camera.shoot("year")
    camera.open(f"/agencies/{code}/held/")
    camera.shoot("held")
    camera.open(f"/agencies/{code}/duplicates/?show=once")
    camera.shoot("duplicates")
    camera.open(f"/agencies/{code}/classes/enter/")
    page.get_by_role("combobox", name="Course", exact=True).fill("Search and seizure at the roadside")
    page.keyboard.press("Escape")
    page.get_by_label("Legal Studies", exact=True).fill("2")
    names = page.locator(".roster-row label b").all_inner_texts()
    number = page.locator(".roster-row label .sub").nth(1).inner_text().split()[0]
    swapped, slip = " ".join(reversed(names[3].split(", "))), names[5].replace(names[5][3], "", 1)
    lines = [f"{number} {names[1]}", names[2], swapped, slip, "Zed Zebulon"]
    page.get_by_label("Or paste who attended").fill("\n".join(lines))
    page.get_by_text("officers found").first.wait_for()
    box = page.get_by_label("Or paste who attended").bounding_box()
    page.evaluate("(top) => scrollTo(0, scrollY + top - 60)", box["y"])
    camera.shoot("enter")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Record this class").click()
    page.get_by_text("The reference number is").wait_for()
    camera.shoot("confirmation")


def standing(camera: Camera) -> None:
    """What a deputy sees."""
    camera.sign_in("deputy")
    camera.open("/standing/")
    camera.shoot("standing")
    camera.page.set_viewport_size(PHONE)
    camera.shoot("standing-phone")


def main() -> None:
    """All of them."""
    address = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://localhost:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"])
        camera = Camera(browser, address)
        desk(camera)
        standing(camera)


if __name__ == "__main__":
    main()
