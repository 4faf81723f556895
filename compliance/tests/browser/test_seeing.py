"""The statement and the year's chart in a real browser: a day chosen, printed, on a phone, by keyboard, audited."""

import datetime as dt
import itertools
import re

import pytest
from playwright.sync_api import expect

from clee_portal import clock
from clee_portal.tests.browser import PHONE, WIDE
from compliance.tests import people
from compliance.tests.browser.test_standing_pages import fits
from training.models import Commission
from training.tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 320, "height": 640}
STATEMENT = "/agencies/harlan/statement/"
# The least size at which a label is read, in pixels of the screen.
READABLE = 12


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff's Office")


@pytest.fixture
def last_year(agency):
    """Everybody of a year ago: eight in their standings, of whom the one who was compliant has left since."""
    year = clock.today().year - 1
    ten = people.in_every_standing(agency, year)
    Commission.objects.filter(officer=ten["compliant"]).update(ended_on=dt.date(year + 1, 1, 2))
    return ten


def table_of(page, caption: str) -> list[list[str]]:
    rows = page.get_by_role("table", name=caption).locator("tbody tr")
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows.all()]


def test_statement_of_a_chosen_day_is_read_and_opened_as_pdf_by_keyboard(visit, axe, agency, last_year):
    year = clock.today().year - 1
    page = visit(STATEMENT, as_=make.ceo(agency))
    page.get_by_label("Period").fill(str(year))
    page.get_by_label("As of", exact=True).fill(f"{year}-12-31")
    page.get_by_label("As of", exact=True).press("Enter")
    page.wait_for_url(f"**/statement/?period={year}&as_of={year}-12-31")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(
        "Compliance statement: None of the 7 officers still here was compliant; 2 owed no hours."
    )
    expect(
        page.get_by_text(f"8 officers were commissioned here on December 31, {year}; 7 are still here.")
    ).to_be_visible()
    rows = table_of(page, "Every officer with standing, hours, and what is missing")
    assert len(rows) == 8
    gone = next(row for row in rows if row[0].startswith("Abbott, Renee"))
    assert f"left January 2, {year + 1}" in gone[0]
    assert gone[2:] == ["Not shown: left since", "", ""]
    axe()
    link = page.get_by_role("link", name="Open as PDF")
    page.keyboard.press("Tab")
    for _ in range(40):
        if link.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    assert link.evaluate("one => one === document.activeElement")
    answer = page.request.get(page.evaluate("document.activeElement.href"))
    assert (answer.headers["content-type"], answer.body()[:5]) == ("application/pdf", b"%PDF-")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == f"compliance-statement-harlan-{year}-{year}-12-31.xlsx"


def test_statement_is_printed_without_what_is_for_the_screen_only(visit, agency, last_year):
    page = visit(f"{STATEMENT}?period={clock.today().year - 1}", as_=make.ceo(agency))
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Open as PDF")).to_be_hidden()
    expect(page.get_by_role("table", name="Every officer")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE, NARROW], ids=["wide", "phone", "narrow"])
def test_statement_fits(visit, axe, agency, last_year, size, tmp_path):
    year = clock.today().year - 1
    page = visit(f"{STATEMENT}?period={year}&as_of={year}-12-31", as_=make.ceo(agency))
    page.set_viewport_size(size)
    assert fits(page)
    axe()
    page.screenshot(path=tmp_path / "statement.png", full_page=True)


@pytest.mark.parametrize("size", [WIDE, PHONE, NARROW], ids=["wide", "phone", "narrow"])
def test_chart_is_read_and_says_what_its_table_says(visit, axe, agency, last_year, size, tmp_path):
    today = clock.today()
    for _ in range(3):
        officer = make.officer(agency)
        people.credit(officer, dt.date(today.year, 1, 1), people.academy_course("Everything"), legal=6,
                      interpersonal__racial_profiling=2, interpersonal__implicit_bias=2, skill__firearms=4,
                      interpersonal__de_escalation=2, technical=8)  # fmt: skip
    page = visit("/agencies/harlan/trends/", as_=make.ceo(agency))
    page.set_viewport_size(size)
    page.get_by_role("region", name="Compliant by the end").get_by_text("As a table").click()
    table = table_of(page, "Officers compliant by the end of each month")
    assert [row[0] for row in table] == [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ]
    assert table[0][1] == "3"
    bars = page.locator("svg.curve rect").evaluate_all(
        "all => all.map(one => [one.querySelector('title').textContent, one.getBoundingClientRect().height])"
    )
    drawn = {}
    for words, height in bars:
        name, year, done, share = re.fullmatch(r"(\w+) (\d+): (\d+) of \d+, (\d+) %", words).groups()
        drawn[name, int(year)] = (done, share)
        assert height == pytest.approx(max(int(share) * 1.3, 1), abs=0.6)
    listed = {}
    for name, now, now_share, last, last_share in table:
        if now:
            listed[name, today.year] = (now, now_share)
        listed[name, today.year - 1] = (last, last_share)
    assert drawn == listed
    labels = page.locator("svg.curve text:visible").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect();"
        " return [one.textContent, parseFloat(getComputedStyle(one).fontSize), box.height, box.left, box.right] })"
    )
    months = [one for one in labels if "%" not in one[0]]
    assert len(months) == (12 if size is WIDE else 6)
    assert all(font >= READABLE and height >= READABLE for _, font, height, _, _ in labels)
    assert all(one[4] < other[3] for one, other in itertools.pairwise(months)), "labels overlap"
    assert fits(page)
    axe()
    page.screenshot(path=tmp_path / "trends.png", full_page=True)
