"""A small file can be made to take long: its reading ends when its time is used up, in words that help."""

import io
import os
import time

import openpyxl
import pytest

from clee_portal.refusal import Refused
from training.imports import limits, reading, working
from training.imports.problems import Unreadable
from training.models import TrainingImport
from training.services import imports
from training.tests import factories as make

LONG = os.environ.get("CLEE_HOSTILE") == "long"
HEAD = ["License", "Title", "Date", "Hours", "Area", "Provider", "Agency", "Note"]
TOO_LONG = "takes too long to read. Save only the table that is needed as CSV, or divide the file into several"


def as_workbook(rows) -> bytes:
    book, out = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def some_rows(count: int):
    yield HEAD
    for at in range(1, count):
        yield [str(40_000 + at % 18_000), f"Class {at // 40}", "2026-02-03", 4, "Legal", "", "ashby-pd", f"Note {at}"]


CSV = "\n".join(",".join(map(str, row)) for row in some_rows(3)).encode()


@pytest.mark.parametrize("data", [CSV, as_workbook(some_rows(3))], ids=["csv", "workbook"])
def test_a_file_whose_time_is_used_up_is_refused_and_a_kept_one_is_read(monkeypatch, data):
    assert len(list(reading.open_bytes(data, name="x").rows)) == 3
    monkeypatch.setattr(limits, "MOST_SECONDS", 0)
    with pytest.raises(Unreadable, match=TOO_LONG):
        list(reading.open_bytes(data, name="x").rows)
    assert len(list(reading.open_bytes(data, name="x", is_trusted=True).rows)) == 3


def test_the_time_is_looked_at_while_a_workbook_is_opened(monkeypatch):
    monkeypatch.setattr(limits, "MOST_SECONDS", 0)
    with pytest.raises(Unreadable, match=TOO_LONG):
        reading.open_bytes(as_workbook(some_rows(3)), name="x.xlsx")


def test_every_so_many_rows_of_a_text_are_looked_at(monkeypatch):
    monkeypatch.setattr(limits, "ROWS_BETWEEN_LOOKS", 2)
    table = reading.open_bytes(CSV, name="x.csv")
    next(table.rows)
    began = time.thread_time()
    monkeypatch.setattr("training.imports.allowance.time.thread_time", lambda: began + limits.MOST_SECONDS + 1)
    with pytest.raises(Unreadable, match=TOO_LONG):
        next(table.rows)


@pytest.mark.django_db
def test_whoever_sends_it_is_told_and_nothing_is_kept(monkeypatch, agency):
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=CSV)
    monkeypatch.setattr(limits, "MOST_SECONDS", 0)
    with pytest.raises(Refused, match=TOO_LONG) as refused:
        imports.upload(by=chief, body=agency, name="mar.csv", data=CSV.replace(b"2026-02", b"2026-03"))
    assert refused.value.field == "file"
    assert list(TrainingImport.objects.values_list("name")) == [("feb.csv",)]
    assert working.preview(made, chief).total == 2  # read in time when it was taken in


@pytest.mark.skipif(not LONG, reason="CLEE_HOSTILE=long: writing the largest workbook takes a minute")
def test_the_largest_honest_workbook_is_read_in_time():
    data = as_workbook(some_rows(limits.MOST_ROWS))
    began = time.thread_time()
    assert sum(1 for _ in reading.open_bytes(data, name="x.xlsx").rows) == limits.MOST_ROWS
    took = time.thread_time() - began
    told = f"{limits.in_megabytes(len(data))}, {limits.MOST_ROWS:,} rows of {len(HEAD)} cells"
    print(f"{told}: {took:.1f} s of processor")  # noqa: T201 - asked for
    assert took < limits.MOST_SECONDS
