"""Real-looking files that were damaged on the way, or made to do harm: each is read, or refused in words that help,
within seconds, and nothing else is raised. Rosters, registers and calendars come through these readers, whoever sends
them; what a desk does with dirty rows is in test_dirt.py, what documents hold in compliance/tests/test_documents.py.
"""

import datetime as dt
import io
import os
import re
import time
import tracemalloc
import zipfile
from types import SimpleNamespace

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from training import tables
from training.imports import ics, invitation_list, limits, reading
from training.imports.problems import Unreadable
from training.imports.rows import Row

LONG = os.environ.get("CLEE_HOSTILE") == "long"
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SECONDS = 5  # of processor time, for one file
TRIES = settings(
    max_examples=2_000 if LONG else 60,
    deadline=None,
    database=None,
    derandomize=not LONG,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
HEAD = ["POST License", "Name", "Class", "Completed", "Hours", "Area"]
ROWS = [
    HEAD,
    *([str(40_000 + at), f"Núñez, José {at}", "Winter driving", "2026-02-03", 4, "Skill"] for at in range(12)),
]
TEXT = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\nBEGIN:VEVENT\r\nUID:one@example.org\r\n"
    "DTSTAMP:20260301T120000Z\r\nDTSTART:20260310T140000Z\r\nDTEND:20260310T180000Z\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
    "SUMMARY:Winter driving\r\nLOCATION:Range\\, Alder\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
# Put in somewhere: what other readers stumble over.
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"\r", b"\n\n", b"," * 400, b"=1+1", b"&a;", b"<!DOCTYPE x>", b"]]>",
    b"1e999", b"NaN", b"\xed\xa0\x80", b"\xc3", b"RRULE:FREQ=SECONDLY\r\n", b"DTSTART:00000000T000000Z\r\n",
    b"BEGIN:VEVENT\r\n", b"99999999999999999999", b"-1", b't="s"', b't="e"', b"<c/>", b"</row>",
)  # fmt: skip
CHANGES = some.lists(
    some.tuples(
        some.sampled_from(["flip", "cut", "twice", "put", "end"]),
        some.floats(0, 1),
        some.integers(1, 255),
        some.sampled_from(TOKENS),
    ),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, changes) -> bytes:
    """The bytes with something flipped, cut out, given twice, put in, or cut off, at a share of their length."""
    for how, share, number, token in changes:
        at = int(share * len(data))
        match how:
            case "flip":
                data = data[:at] + bytes(one ^ number for one in data[at : at + 1]) + data[at + 1 :]
            case "cut":
                data = data[:at] + data[at + number :]
            case "twice":
                data = data[: at + number] + data[at:]
            case "put":
                data = data[:at] + token + data[at:]
            case "end":
                data = data[:at]
    return data


def book(rows=ROWS) -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue()


def with_part(data: bytes, word: str, change) -> bytes:
    """A workbook one of whose parts is another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, True, 1) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if word in part.filename else content)
    return out.getvalue()


def within_limits(read, data: bytes):
    """What reading gives, or None where it is refused; in words that help, and in time."""
    began, why, found = time.process_time(), "Read.", None
    try:
        found = read(data)
    except Unreadable as refusal:
        why = str(refusal)
    assert time.process_time() - began < SECONDS
    assert re.fullmatch(r"[A-Z][^\n]{3,400}\.", why)
    return found


def table(data: bytes) -> list:
    return list(reading.open_bytes(data, name="file").rows)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_damaged_text_is_read_or_refused(encoding):
    @TRIES
    @given(CHANGES)
    def holds(changes):
        rows = within_limits(table, changed(TEXT.encode(encoding), changes)) or []
        assert all(len(row) <= limits.MOST_COLUMNS or not any(row[limits.MOST_COLUMNS :]) for _, row in rows)
        within_limits(lambda data: invitation_list.read(data, "list.csv"), changed(TEXT.encode(encoding), changes))

    holds()


@TRIES
@given(some.sampled_from("=+-@"), some.text(some.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_words_that_begin_like_a_formula_come_back_as_they_were(start, words):
    text = f"{start}{words}".strip()
    file = "".join(tables.csv_lines(["Title", "Hours"], [(text, 2), (text, 3)])).encode()
    columns = SimpleNamespace(fields={"title": 0}, settings={})
    rows = table(file)
    assert [len(row) for _, row in rows] == [2, 2, 2]
    assert all(row[0] == f"'{text}" for _, row in rows[1:])
    assert {Row(number, row, SimpleNamespace(columns=columns)).raw("title") for number, row in rows[1:]} == {text}


def test_apostrophe_alone_is_one():
    columns = SimpleNamespace(fields={"title": 0}, settings={})
    assert Row(2, ["'"], SimpleNamespace(columns=columns)).raw("title") == "'"


BOOK = book()


@TRIES
@given(CHANGES)
def test_damaged_workbook_is_read_or_refused(changes):
    within_limits(table, changed(BOOK, changes))


@TRIES
@given(some.sampled_from(["sheet1", "styles", "workbook.xml", "sharedStrings", "Content_Types", "_rels"]), CHANGES)
def test_workbook_with_damage_inside_is_read_or_refused(part, changes):
    within_limits(table, with_part(BOOK, part, lambda content: changed(content, changes)))


@TRIES
@given(CHANGES)
def test_damaged_calendar_is_read_or_refused(changes):
    within_limits(lambda data: ics.read(data, NOW), changed(CALENDAR.encode(), changes))


@pytest.mark.parametrize(
    "data",
    [
        b"a," * 1_000_000 + b"b",
        b"a,b\n" + b"x," * 1_000_000 + b"y",
        b'"' + b"a" * 2_000_000,
        b'a,b\n"' + b'""' * 1_000_000,
        b"\n" * 300_000 + b"a,b",
        b"a\x00b,c\n1,2\n",
        with_part(BOOK, "sheet1", lambda content: content.replace(b'r="B2"', b'r="XFD2"')),
        with_part(BOOK, "sheet1", lambda content: content.replace(b'r="B2"', b'r="ZZZZZZ2"')),
        with_part(BOOK, "sheet1", lambda content: content.replace(b'r="2"', b'r="99999999999"')),
        with_part(BOOK, "sheet1", lambda content: content.replace(b"</row></sheetData>", b"<c/>" * 30_000)),
        with_part(BOOK, "styles", lambda content: b"<a>" * 50_000),
    ],
    ids=["columns", "columns below", "open quote", "quotes", "blank", "nul", "last column", "no such column",
         "no such row", "cells", "deep"],
)  # fmt: skip
def test_file_made_to_do_harm_takes_little_time_and_memory(data):
    tracemalloc.start()
    try:
        within_limits(table, data)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 250 * 1024 * 1024
