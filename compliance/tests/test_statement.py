"""The compliance statement: every officer as of a day, as a page, a PDF that is accessible, and a table."""

import csv
import datetime as dt
import io
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from clee_portal import clock
from compliance import statement
from compliance.tests import people
from training.models import Commission
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


def test_whoever_left_since_is_named_and_no_more(client, chief, agency, ten):
    gone = ten["compliant"]
    Commission.objects.filter(officer=gone).update(ended_on=dt.date(2026, 5, 1))
    made = client.get(STATEMENT + LAST).context["made"]
    assert made.left == [str(gone)]
    assert gone.sorted_name not in [line.name for line in made.lines]
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
