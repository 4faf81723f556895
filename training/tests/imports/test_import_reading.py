"""Files as they come: workbooks, and those that cannot be read. Text tables: test_delimited.py."""

import datetime as dt
import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from training.imports import limits, reading
from training.imports.cells import Formula
from training.imports.headers import Field, find_columns, parse_assignments
from training.imports.problems import Unreadable


def _rows(data: bytes, **more) -> list:
    return [(number, list(row)) for number, row in reading.open_bytes(data, name="file", **more).rows]


def _workbook(*rows, prepare=lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    prepare(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _archive(**parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WHOLE = _workbook(["name", "hours"], *([f"person {i}", i] for i in range(500)))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", "The file is empty."),
        (bytes(range(256)) * 20, "This is not a table: the file is binary. Give a CSV or XLSX file."),
        (b"%PDF-1.7 and so on", "This is a PDF, not a table. Give a CSV or XLSX file."),
        (b"\x1f\x8b\x08 and so on", "This is a compressed file, not a table. Give a CSV or XLSX file."),
        (
            b"<html><table></table></html>",
            "This is a web page or XML, not a table. Save it as CSV or XLSX and try again.",
        ),
        (OLE + bytes(600), "This is a workbook of the old kind (XLS). Save it as XLSX or CSV and try again."),
        (
            OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "The workbook is protected by a password. Save it without one and try again.",
        ),
        (
            _archive(word__document_DOT_xml="x"),
            "This is a Word file, not an XLSX workbook. Save the table as XLSX or CSV and try again.",
        ),
        (
            _archive(readme="x"),
            "This is a ZIP archive, not an XLSX workbook. Save the table as XLSX or CSV and try again.",
        ),
        (_archive(xl__workbook_DOT_bin="x"), "This is a binary workbook (XLSB). Save it as XLSX or CSV and try again."),
        (
            b'a,b\n"never closed,' + b"x" * 140_000,
            "Row 2 cannot be read: a quotation mark is opened there and never closed.",
        ),
    ],
)
def test_file_that_is_no_table_is_told_in_one_line(data, told):
    with pytest.raises(Unreadable) as refusal:
        _rows(data)
    assert str(refusal.value) == told


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_half_a_workbook_is_told(share):
    with pytest.raises(Unreadable, match="only half of it arrived"):
        _rows(WHOLE[: int(len(WHOLE) * share)])


def test_workbook_with_a_damaged_sheet_is_told():
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(book, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, content[: len(content) // 2] if "sheet1" in part.filename else content)
    with pytest.raises(Unreadable, match="only half of it arrived"):
        _rows(book.getvalue())


def test_workbook_with_entities_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(book, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if "sheet1" in part.filename:
                content = bomb.encode() + content.partition(b"?>")[2].replace(b"<v>1</v>", b"<v>&b;</v>")
            new.writestr(part.filename, content)
    with pytest.raises(Unreadable, match="damaged"):
        _rows(book.getvalue())


def test_decompression_bomb_is_refused_before_it_is_unpacked():
    data = _archive(xl__worksheets__sheet1_DOT_xml=b"0" * 40_000_000)
    assert len(data) < 100_000
    with pytest.raises(Unreadable, match="Unpacked, the workbook is 38 MB"):
        _rows(data)


def test_file_larger_than_the_limit_is_refused(tmp_path):
    large = tmp_path / "large.csv"
    with large.open("wb") as out:
        out.truncate(50 * 1024 * 1024)
    with pytest.raises(Unreadable) as refusal:
        reading.open_path(large)
    assert str(refusal.value) == "The file is 50 MB; at most 30 MB are read. Divide it, or save only the table as CSV."


def test_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Unreadable, match=r"There is no file gone.csv."):
        reading.open_path(tmp_path / "gone.csv")
    with pytest.raises(Unreadable, match="is not a file"):
        reading.open_path(tmp_path)


def _with_rows(data: bytes, more: bytes) -> bytes:
    """The workbook with the XML of more rows below its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, True, 1) as new:
        for part in old.infolist():
            content = old.read(part)
            if "sheet1" in part.filename:
                content = content.replace(b"</sheetData>", more + b"</sheetData>")
            new.writestr(part.filename, content)
    return out.getvalue()


@pytest.mark.parametrize("cells", [b"", b'<c r="A%d" s="0"/><c r="B%d" s="0"/>'])
def test_sheet_with_a_million_empty_rows_takes_little_time_and_memory(cells):
    """As spreadsheet programs write them once a whole column was given a colour."""
    xml = b'<row r="%d" spans="1:5" ht="15">' + cells + b"</row>"
    empty = b"".join(xml % ((number,) * xml.count(b"%d")) for number in range(3, 1_000_003))
    data = _with_rows(_workbook(["name"], ["Hill"]), empty)
    del empty
    tracemalloc.start()
    began = time.process_time()
    rows = _rows(data)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows[:2] == [(1, ["name"]), (2, ["Hill"])]
    assert len(rows) == 2 + limits.BLANK_ROWS_ON_END - 1
    assert took < 15
    assert most < 40 * 1024 * 1024


@pytest.mark.parametrize("row", [1_500, 15_000])
def test_what_stands_below_empty_rows_is_read(row):
    rows = _rows(_workbook(["name"], ["Hill"], prepare=lambda sheet: sheet.cell(row=row, column=1, value="below")))
    assert [one for one in rows if any(one[1])] == [(1, ["name"]), (2, ["Hill"]), (row, ["below"])]


@pytest.mark.parametrize("cell", [b'<c r="A900000"><v>7</v></c>', b"<x:c><x:is><x:t>x</x:t></x:is></x:c>"])
def test_what_stands_far_below_is_told_and_never_left_out(cell):
    data = _with_rows(_workbook(["name"], ["Hill"]), b'<row r="5000"/><row ht="15" r="900000">' + cell + b"</row>")
    with pytest.raises(Unreadable) as refusal:
        _rows(data)
    assert str(refusal.value) == (
        "Something stands in row 900,000 of the sheet, far below the rest. Delete it, or the empty rows above it, "
        "and retry."
    )


def test_formula_is_shown_and_never_evaluated():
    rows = _rows(_workbook(["hours"], ["=1+1"], ["'=text"]))
    assert rows[1] == (2, [Formula("=1+1", "A2")])


def test_cells_merged_downwards_hold_their_value_in_every_row():
    rows = _rows(
        _workbook(["class", "who"], ["Ethics", "A"], [None, "B"], [None, "C"], prepare=lambda s: s.merge_cells("A2:A3"))
    )
    assert [row for _, row in rows] == [["class", "who"], ["Ethics", "A"], ["Ethics", "B"], [None, "C"]]


def test_sheet_is_chosen_by_name_or_number():
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["cover"])
    book.create_sheet("Roster").append(["roster"])
    out = io.BytesIO()
    book.save(out)
    for sheet, first in (("", "cover"), ("roster", "roster"), ("2", "roster")):
        assert _rows(out.getvalue(), sheet=sheet) == [(1, [first])]
    with pytest.raises(Unreadable, match=r"There is no sheet “Third”. The sheets are: Cover, Roster."):
        _rows(out.getvalue(), sheet="Third")
    with pytest.raises(Unreadable, match="A CSV file has no sheets"):
        _rows(b"a,b\n", sheet="1")


def test_workbook_of_the_1904_system_says_so():
    book = openpyxl.Workbook()
    book.epoch = MAC_EPOCH
    book.active.append([dt.date(2025, 5, 1)])
    out = io.BytesIO()
    book.save(out)
    table = reading.open_bytes(out.getvalue(), name="x.xlsx")
    assert table.epoch == MAC_EPOCH
    assert list(table.rows) == [(1, [dt.datetime(2025, 5, 1)])]  # noqa: DTZ001 (a day of a spreadsheet has no zone)


FIELDS = {one.name: one for one in (Field("name", "", ("full name",)), Field("hours", ""), Field("day", "", ("date",)))}


def _columns(text: str, **more):
    table = reading.open_bytes(text.encode(), name="x.csv")
    columns, rows = find_columns(table, FIELDS, **{"mapping": {}, "settings": {}, **more})
    return columns, list(rows)


def test_column_names_are_found_below_a_preamble():
    columns, rows = _columns("The name of the list,,\nDate,6/1/2025,\n\nFull  Name,HOURS,Date\nHill,1,x\n")
    assert (columns.header_row, columns.fields) == (4, {"name": 0, "hours": 1, "day": 2})
    assert rows == [(5, ["Hill", "1", "x"])]


def test_mapped_column_wins_over_a_recognised_one():
    columns, _ = _columns("name,who,date\n", mapping={"who": "name", "DATE": "-"}, settings={"hours": "2"})
    assert (columns.fields, columns.unused) == ({"name": 1}, ["name", "date"])
    assert columns.column_of("hours") == "--set hours"


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("a,b\n1,2\n", {}, r"None of the first 2 rows names columns that are known here \(the first row is: a; b\)"),
        ("name\n", {"mapping": {"who": "name"}}, r"There is no column “who”. The columns \(row 1\) are: name."),
        ("name,who,him\n", {"mapping": {"who": "name", "him": "name"}}, "Two columns are mapped to name"),
        (
            "who\n",
            {"mapping": {"who": "name"}, "settings": {"name": "x"}},
            "name is both mapped to “who” and set to “x”",
        ),
    ],
)
def test_columns_that_cannot_be_told_are_refused(text, more, told):
    with pytest.raises(Unreadable, match=told):
        _columns(text, **more)


def test_assignments_are_checked():
    assert parse_assignments(["a=b=name"], "--map", FIELDS) == {"a=b": "name"}
    assert parse_assignments(["name=a=b"], "--set", FIELDS) == {"name": "a=b"}
    for given, option, told in (
        (["name"], "--set", "write it as field=value"),
        (["x=y"], "--map", "there is no field “y”"),
        (["name=a", "name=b"], "--set", "given twice"),
    ):
        with pytest.raises(Unreadable, match=told):
            parse_assignments(given, option, FIELDS)
