"""Tables as files: real numbers and dates, and no cell that a spreadsheet program takes for a formula."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from clee_portal import clock
from training import tables
from training.escaping import escape

HEADER = ("License number", "Name", "Hours", "Completed on", "Entered at", "Counted")
MOMENT = dt.datetime(2026, 11, 23, 18, 5, 33, tzinfo=dt.UTC)
ROWS = [
    ("70025", "Núñez, José", Decimal("21.50"), dt.date(2026, 11, 23), MOMENT, True),
    ("70026", "=cmd|'/c calc'!A1", Decimal("24.00"), None, None, False),
]


def content(response) -> bytes:
    return b"".join(response)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_is_escaped(start):
    assert escape(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Whitlock", "'=1", "0.5", "C-000123", " =1"])
def test_other_text_stays(text):
    assert escape(text) == text


def test_csv():
    response = tables.csv_response("roster.csv", HEADER, ROWS)
    assert response["Content-Disposition"] == 'attachment; filename="roster.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = content(response).decode()
    assert text.startswith("\ufeffLicense number,Name,")
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:] == [
        ["70025", "Núñez, José", "21.5", "2026-11-23", "2026-11-23 12:05", "yes"],
        ["70026", "'=cmd|'/c calc'!A1", "24", "", "", "no"],
    ]


def test_csv_is_made_row_by_row():
    def rows():
        yield ("70025",)
        raise AssertionError("asked for too early")

    lines = tables.csv_lines(("License number",), rows())
    assert (next(lines), next(lines)) == ("\ufeffLicense number\r\n", "70025\r\n")


def test_negative_numbers_are_numbers_and_stay():
    assert list(tables.csv_lines(("=Hours",), [(Decimal("-2.50"),), (-3,), ("-3",)])) == [
        "\ufeff'=Hours\r\n", "-2.5\r\n", "-3\r\n", "'-3\r\n",
    ]  # fmt: skip


def test_xlsx_has_real_numbers_and_dates_and_no_formula():
    response = tables.xlsx_response("roster.xlsx", HEADER, ROWS)
    assert response["Content-Disposition"] == 'attachment; filename="roster.xlsx"'
    assert response["Content-Type"] == tables.XLSX
    sheet = openpyxl.load_workbook(io.BytesIO(content(response))).active
    assert list(sheet.values) == [
        HEADER,
        (
            "70025", "Núñez, José", 21.5, dt.datetime(2026, 11, 23),  # noqa: DTZ001
            MOMENT.astimezone(clock.CHICAGO).replace(tzinfo=None, microsecond=0), "yes",
        ),
        ("70026", "'=cmd|'/c calc'!A1", 24, None, None, "no"),
    ]  # fmt: skip
    assert sheet["B3"].data_type == "s"
    assert (sheet["D2"].number_format, sheet.freeze_panes) == ("yyyy-mm-dd", "A2")


def test_xlsx_takes_any_text():
    response = tables.xlsx_response("x.xlsx", ("What",), [("#N/A",), ("a\x00\x0bb",), ("x" * 40_000,), ("",)])
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(content(response))).active.values][1:]
    assert (cells[:2], len(cells[2])) == (["#N/A", "ab"], 32_767)


@pytest.mark.parametrize(("given", "sent"), [('a"b\r\n/c.csv', "abc.csv"), ("Größe.csv", "Gre.csv"), ("日本", "table")])
def test_name_of_the_file_is_harmless(given, sent):
    assert tables.csv_response(given, (), [])["Content-Disposition"] == f'attachment; filename="{sent}"'


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_kind_gives_the_ending(kind):
    response = tables.file_response(kind, "harlan-2026", ("A",), [(1,)])
    assert response["Content-Disposition"] == f'attachment; filename="harlan-2026.{kind}"'
    assert content(response)
