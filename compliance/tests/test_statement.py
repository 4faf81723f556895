"""The compliance statement: every officer as of a day, as a page, a PDF that is accessible, and a table."""

import csv
import datetime as dt
import html
import io
import re
from types import SimpleNamespace

import pypdf
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from clee_portal import clock
from compliance import statement
from compliance.statement import Whom
from compliance.tests import people
from compliance.verdict import Standing
from training.models import Commission, Membership
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
STATEMENT = "/agencies/harlan/statement/"
LAST = "?period=2025&as_of=2025-12-31"


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def ten(agency):
    return people.in_every_standing(agency, 2025)


@pytest.fixture
def chief(client, agency):
    account = make.ceo(agency, "dana@example.org", "Dana Whitlock")
    client.force_login(account)
    return account


def test_statement_names_every_officer_with_standing_and_what_is_missing(client, chief, ten):
    made = client.get(f"{STATEMENT}?period=2025").context["made"]
    assert (made.agency, made.period, made.day) == ("Harlan County Sheriff", 2025, dt.date(2026, 11, 23))
    by_name = {line.name: line for line in made.lines}
    assert len(by_name) == 8
    assert by_name["Calloway, Marcus"].missing == "6 h total, 4 h approved, 1 h legal"
    assert sum(many for _, many in made.counts) == 8
    assert made.made_by == "Dana Whitlock"


def test_usual_day_is_december_31_while_it_is_affirmed_and_today_after():
    assert statement.usual_day(dt.date(2026, 3, 15)) == dt.date(2025, 12, 31)
    assert statement.usual_day(dt.date(2026, 3, 16)) == dt.date(2026, 3, 16)


def test_in_january_the_page_opens_as_of_december_31(client, chief, ten):
    with time_machine.travel(dt.datetime(2026, 1, 20, 12, tzinfo=clock.CHICAGO), tick=False):
        assert client.get(STATEMENT).url == f"{STATEMENT}{LAST}"


@pytest.fixture
def gone(ten):
    """The compliant officer and the candidate have left for another agency since, in May."""
    elsewhere = make.agency("benton", "Benton Police")
    for standing in ("compliant", "candidate"):
        Commission.objects.filter(officer=ten[standing]).update(ended_on=dt.date(2026, 5, 1))
        make.commission(ten[standing], elsewhere, since=dt.date(2026, 5, 2))
    return [ten["compliant"], ten["candidate"]]


def four_ways(client) -> tuple[list, list, list, str]:
    """The officers of the statement as of December 31 as page, CSV, XLSX (rows), and PDF (its text)."""
    page = client.get(STATEMENT + LAST)
    made = page.context["made"]
    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    assert html.escape(made.whom) in text
    assert all(html.escape(line.name) in text for line in made.lines)
    rows = [
        [line.license_number, line.name, line.standing, line.hours, line.missing,
         line.left_on.isoformat() if line.left_on else ""]
        for line in made.lines
    ]  # fmt: skip
    answer = client.get(f"/agencies/harlan/statement.csv{LAST}")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(client.get(f"/agencies/harlan/statement.xlsx{LAST}").content))
    cells = [[_text(cell) for cell in row[:6]] for row in book.active.iter_rows(min_row=2, values_only=True)]
    pdf = pypdf.PdfReader(io.BytesIO(client.get(f"/agencies/harlan/statement.pdf{LAST}").content))
    return rows, [row[:6] for row in table[1:]], cells, " ".join(" ".join(p.extract_text() for p in pdf.pages).split())


def _text(cell) -> str:
    return "" if cell is None else cell.date().isoformat() if isinstance(cell, dt.datetime) else str(cell)


@pytest.mark.parametrize("account", ["chief", "delegate"])
def test_to_the_agency_all_of_the_day_are_named_and_who_left_has_no_standing(client, agency, ten, gone, account):
    client.force_login(make.ceo(agency) if account == "chief" else make.delegate(agency))
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.headline == "None of the 6 officers still here was compliant; 2 owed no hours."
    assert made.whom.startswith(
        "8 officers were commissioned here on December 31, 2025; 6 are still here. "
        "2 have left since and are named without a standing:"
    )
    assert dict(made.counts)[statement.NOT_SHOWN] == 2
    assert sum(many for _, many in made.counts) == 8
    rows, table, cells, pdf = four_ways(client)
    assert len(rows) == 8
    assert table == cells == rows
    assert [row[1:] for row in rows if row[5]] == [
        [one.sorted_name, statement.NOT_SHOWN, "", "", "2026-05-01"] for one in gone
    ]
    assert made.headline in pdf
    assert made.whom in pdf
    for one in gone:
        assert f"{one.license_number} {one.sorted_name} (left May 1, 2026) {statement.NOT_SHOWN}" in pdf
    assert "Compliant" not in pdf  # the one who was has left


@pytest.mark.parametrize("reader", [make.post_staff, make.director])
def test_to_the_state_everybody_of_the_day_has_a_standing(client, agency, ten, gone, reader):
    client.force_login(reader())
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.headline == "1 of 8 officers was compliant; 2 owed no hours."
    assert made.whom == (
        "8 officers were commissioned here on December 31, 2025; 6 are still here. "
        "2 have left since; they are marked, and judged like the rest."
    )
    assert sum(many for _, many in made.counts) == 8
    rows, table, cells, pdf = four_ways(client)
    assert table == cells == rows
    assert [row[1:] for row in rows if row[5]] == [
        ["Abbott, Renee", "Compliant", "24", "", "2026-05-01"],
        ["Calloway, Marcus", "In progress", "18", "6 h total, 4 h approved, 1 h legal", "2026-05-01"],
    ]
    assert statement.NOT_SHOWN not in pdf
    assert "Abbott, Renee (left May 1, 2026) Compliant 24" in pdf


def test_chief_of_both_agencies_sees_the_standing_of_who_changed_between_them(client, chief, agency, ten, gone):
    benton = Commission.objects.get(officer=gone[0], ended_on=None).agency
    Membership.objects.create(user=chief, agency=benton, role="agency_ceo", starts_on=dt.date(2026, 1, 1))
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.headline == "1 of 8 officers was compliant; 2 owed no hours."
    assert [line.standing for line in made.lines if line.left_on] == ["Compliant", "In progress"]


def test_who_left_and_came_back_is_judged_as_before(client, chief, agency, ten):
    officer = ten["compliant"]
    Commission.objects.filter(officer=officer).update(ended_on=dt.date(2026, 2, 1))
    make.commission(officer, agency, since=dt.date(2026, 9, 1))
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.whom == "8 officers were commissioned here on December 31, 2025, and are still here."
    first = made.lines[0]
    assert (first.standing, first.left_on) == ("Compliant", None)


def test_agency_whose_officers_have_all_left_has_a_statement(client, chief, agency):
    make.officer(agency, name="Lone Whitlock", until=dt.date(2026, 1, 31))
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.headline == "Nobody commissioned here on December 31, 2025 is still here."
    assert [(line.name, line.standing) for line in made.lines] == [("Whitlock, Lone", statement.NOT_SHOWN)]
    assert client.get(f"/agencies/harlan/statement.pdf{LAST}").content.startswith(b"%PDF-")


def test_day_on_which_nobody_was_commissioned_says_so(client, chief, agency):
    make.officer(agency, since=dt.date(2026, 2, 1))
    made = client.get(STATEMENT + LAST).context["made"]
    assert (made.headline, made.whom) == ("No officer was commissioned here on December 31, 2025.", "")


@pytest.mark.parametrize(
    ("standings", "past", "today"),
    [
        ("c", "The one officer was compliant.", "The one officer is compliant."),
        ("p", "The one officer was not compliant.", "The one officer is not compliant."),
        ("e", "The one officer owed no hours.", "The one officer owes no hours."),
        ("cc", "All 2 officers were compliant.", "All 2 officers are compliant."),
        ("ee", "All 2 officers owed no hours.", "All 2 officers owe no hours."),
        ("pp", "None of 2 officers was compliant.", "None of 2 officers is compliant."),
        ("ccp", "2 of 3 officers were compliant.", "2 of 3 officers are compliant."),
        ("cpe", "1 of 3 officers was compliant; 1 owed no hours.", "1 of 3 officers is compliant; 1 owes no hours."),
    ],
)
def test_headline_counts_whom_it_judges(standings, past, today):
    known = {"c": Standing.COMPLIANT, "p": Standing.IN_PROGRESS, "e": Standing.EXEMPT}
    rows = [SimpleNamespace(finding=SimpleNamespace(standing=known[one])) for one in standings]
    whom = Whom(rows, {}, [])
    day = dt.date(2025, 12, 31)
    assert statement.headline(whom, day, NOVEMBER.date()) == past
    assert statement.headline(whom, day, day) == today


def test_newcomer_is_on_the_statement_of_today_only(client, chief, agency, ten):
    new = make.officer(agency, name="New Here", since=dt.date(2026, 6, 1))
    assert new.sorted_name not in [line.name for line in client.get(STATEMENT + LAST).context["made"].lines]
    assert new.sorted_name in [line.name for line in client.get(STATEMENT).context["made"].lines]


def test_pdf_is_tagged_says_pdf_ua_and_has_a_title(client, chief, ten):
    response = client.get(f"/agencies/harlan/statement.pdf{LAST}")
    assert response["Content-Type"] == "application/pdf"
    assert 'filename="compliance-statement-harlan-2025-2025-12-31.pdf"' in response["Content-Disposition"]
    data = response.content
    assert data.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in data or b"/ObjStm" in data
    assert re.search(rb"pdfuaid:part(>|=\")1", data)
    assert b"CLEE compliance statement 2025: Harlan County Sheriff" in data


def test_names_are_text_and_no_markup_in_the_pdf(client, chief, agency):
    officer = make.officer(agency, name='Ann #eval("1") *Bold* $x$ O’Hara')
    made = client.get(f"{STATEMENT}?period=2026").context["made"]
    assert made.lines[0].name == officer.sorted_name
    assert client.get("/agencies/harlan/statement.pdf?period=2026").content.startswith(b"%PDF-")


def test_tables_say_the_same(client, chief, ten):
    made = client.get(STATEMENT + LAST).context["made"]
    answer = client.get(f"/agencies/harlan/statement.csv{LAST}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["officer"], row["standing"], row["missing"]) for row in rows] == [
        (line.name, line.standing, line.missing) for line in made.lines
    ]
    assert {row["as of"] for row in rows} == {"2025-12-31"}
    book = load_workbook(io.BytesIO(client.get(f"/agencies/harlan/statement.xlsx{LAST}").content))
    assert [cell.value for cell in book.active["B"]][1:] == [line.name for line in made.lines]


def test_agency_without_officers_has_a_statement(client, chief):
    page = client.get(STATEMENT).content.decode()
    assert "No officer holds a commission here today." in page
    assert client.get("/agencies/harlan/statement.pdf").content.startswith(b"%PDF-")


def test_statements_to_the_database_do_not_grow(client, chief, agency):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(STATEMENT + LAST)
        return len(queries)

    make.officer(agency)
    few = ask()
    make.roster(agency, 30)
    assert ask() == few
