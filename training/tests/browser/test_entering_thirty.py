"""Thirty officers by tick-box, by paste and by file: clicks and keys counted, each under a minute for a practised hand.

The script does only what the page says. Its time is that of the keystroke-level model (Card, Moran and Newell, 1980:
0.28 s a key for an average typist, 1.1 s to point and 0.1 s to press a button of the mouse) plus what the portal takes
to answer. Run with -s to see the figures that docs/training-desk.md gives.
"""

import sys
import time

import pytest
from playwright.sync_api import expect

from training.models import TrainingRecord
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.timed, pytest.mark.django_db(transaction=True)]

A_KEY, A_CLICK = 0.28, 1.1 + 0.1
ENTER = "/agencies/harlan/classes/enter/"


class Hand:
    """What a person does: clicks and keys are counted, waiting for the portal is measured."""

    def __init__(self, page):
        self.page, self.clicks, self.keys = page, 0, 0
        self.began = time.monotonic()

    def click(self, where) -> None:
        self.clicks += 1
        where.click()

    def type(self, where, text: str) -> None:
        """Click into a field and type."""
        self.clicks += 1
        self.keys += len(text)
        where.click()
        where.press_sequentially(text)

    def paste(self, where, text: str) -> None:
        """Click into a field and press Ctrl and V."""
        self.clicks += 1
        self.keys += 2
        where.fill(text)

    def choose(self, where, file: dict) -> None:
        """Click the field, the file in the dialog, and Open."""
        self.clicks += 3
        where.set_input_files(file)

    def seconds(self) -> float:
        """The model's time, and that of the whole run, which holds every wait."""
        return self.clicks * A_CLICK + self.keys * A_KEY + (time.monotonic() - self.began)


@pytest.fixture
def officers():
    return make.roster(make.agency("harlan", "Harlan County Sheriff"), 60)


@pytest.fixture
def hand(visit, officers):
    page = visit(ENTER, as_=make.ceo(officers[0].commissions.get().agency))
    hand = Hand(page)
    hand.type(page.get_by_role("combobox", name="Course", exact=True), "Winter driving")
    hand.type(page.get_by_label("Skill Development", exact=True), "4")
    return hand


def recorded(hand: Hand, how: str) -> None:
    """Check, record, and tell the figures."""
    page = hand.page
    hand.click(page.get_by_role("button", name="Check", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("4 hours for 30 officers: is this right?")
    hand.click(page.get_by_role("button", name="Record this class"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Recorded: 4 hours for 30 officers.")
    seconds = hand.seconds()
    assert TrainingRecord.objects.count() == 30
    sys.stdout.write(f"\n30 officers by {how}: {hand.clicks} clicks, {hand.keys} keys, {seconds:.0f} s\n")
    assert seconds < 60


def test_thirty_by_tick_box(hand, officers):
    for officer in officers[:30]:
        hand.click(hand.page.get_by_role("checkbox", name=officer.license_number))
    recorded(hand, "tick-box")


def test_thirty_by_paste(hand, officers):
    names = "\n".join(f"{one.last_name}, {one.first_name}\t{one.license_number}" for one in officers[:30])
    hand.paste(hand.page.get_by_label("Or paste who attended"), f"Dear chief,\nthese were there:\n{names}\n")
    expect(hand.page.locator("#count")).to_contain_text("30 of 60")
    recorded(hand, "paste")


def test_thirty_by_file(hand, officers):
    rows = "\n".join(f"{one.license_number},{one.first_name} {one.last_name}" for one in officers[:30])
    file = {"name": "who.csv", "mimeType": "text/csv", "buffer": f"POST License,Name\n{rows}\n".encode()}
    hand.choose(hand.page.get_by_label("Or choose a file"), file)
    expect(hand.page.get_by_text("The rows of who.csv are in the box.")).to_be_visible()
    expect(hand.page.locator("#count")).to_contain_text("30 of 60")
    recorded(hand, "file")
