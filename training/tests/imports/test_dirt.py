"""Dirt of every kind through an agency's file: rows in = credited + held + refused, always, and nothing twice."""

import datetime as dt
import io
import zipfile
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase
from openpyxl import Workbook

from clee_portal.refusal import Refused
from training.imports import working
from training.models import Agency, ImportRow, TrainingImport, TrainingRecord
from training.services import imports
from training.tests import factories as make
from training.tests.imports import world

COLUMNS = ("License", "Name", "Title", "Date", "Hours", "Area", "Status", "Firearms")
LICENSES = some.sampled_from(
    ["40001", "40002", " 40003 ", "40004.0", "#40001", "40011", "50001", "12", "", "4000l", "0"]
)
NAMES = some.sampled_from(["", "Renee Abbott", "ABBOTT, RENEE", "Theo Brandt", "Nobody Known", "núñez josé", "'", ","])
TITLES = some.sampled_from(["Winter driving", "winter  DRIVING", "Search law", "", "=1+1", "x" * 201, "Total"])
DATES = some.sampled_from(
    ["2026-02-03", "2/3/2026", "3 Feb 2026", "29 February 2025", "2026-13-01", "46056", "2031-01-01", "", "soon", "1.5"]
)
HOURS = some.sampled_from(["4", "4,0", "1.5 hours", "0", "-2", "25", "4h", "", "four", "4.001", "1e3"])
AREAS = some.sampled_from(["Technical", "legal", "Skill Development", "", "Cooking"])
STATUSES = some.sampled_from(["", "Completed", "No show", "Instructor", "perhaps"])
TOPICS = some.sampled_from(["", "2", "9"])
ANYTHING = some.text(alphabet=some.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=12)


def cell(usual):
    return some.one_of(usual, usual, usual, ANYTHING)


ROWS = some.lists(
    some.tuples(
        *map(cell, (LICENSES, NAMES, TITLES, DATES, HOURS, AREAS, STATUSES, some.sampled_from(["", "2", "9"])))
    ),
    min_size=1,
    max_size=12,
)


def as_csv(rows) -> bytes:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return "\r\n".join([",".join(COLUMNS), *(",".join(map(quoted, row)) for row in rows)]).encode()


class TestDirt(TestCase):
    """Generated files."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=ROWS)
    def test_every_row_has_one_fate_and_nothing_is_credited_twice(self, rows):
        world.make()
        agency = Agency.objects.get(code="ashby-pd")
        chief = make.ceo(agency, email=f"c{TrainingImport.objects.count()}@example.org")
        try:
            made, _ = imports.upload(by=chief, body=agency, name="dirt.csv", data=as_csv(rows))
        except Refused:
            return  # a file without a single row
        imports.send(by=chief, training_import=made)
        assert working.work(made.pk)
        made.refresh_from_db()
        kept = list(ImportRow.objects.filter(training_import=made))
        fates = Counter(row.fate for row in kept)
        assert set(fates) <= {"credited", "known", "held", "refused"}
        assert sum(fates.values()) == made.total == len({row.number for row in kept})
        assert made.total <= len(rows)
        assert all(row.wrong and (row.fix or row.is_for_post) for row in kept if row.fate == "held")
        assert all(row.wrong for row in kept if row.fate == "refused")
        credited = [row.record_id for row in kept if row.fate == "credited"]
        assert len(credited) == len(set(credited)) == TrainingRecord.objects.count()
        per_class = TrainingRecord.objects.values_list("officer", "training_class")
        assert len(per_class) == len(set(per_class))
        again, is_new = imports.upload(by=chief, body=agency, name="dirt.csv", data=as_csv(rows))
        assert (again.pk, is_new) == (made.pk, False)


def book_of(rows) -> bytes:
    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.django_db
def test_decompression_bomb_is_refused_and_not_kept(agency):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    with pytest.raises(Refused) as refused:
        imports.upload(by=make.ceo(agency), body=agency, name="bomb.xlsx", data=out.getvalue())
    assert refused.value.field == "file"
    assert not TrainingImport.objects.exists()


@pytest.mark.django_db
def test_rows_before_and_after_many_empty_ones_are_credited(agency, three):
    rows = [["License", "Title", "Date", "Hours", "Area"], ["40218", "Winter driving", dt.date(2026, 2, 3), 4, "Legal"]]
    chief = make.ceo(agency)
    below = ["29944", "Winter driving", dt.date(2026, 2, 3), 4, "Legal"]
    data = book_of([*rows, *([[None] * 5] * 3_000), below, *([[None] * 5] * 3_000)])
    made, _ = imports.upload(by=chief, body=agency, name="long.xlsx", data=data)
    imports.send(by=chief, training_import=made)
    assert working.work(made.pk)
    assert sorted(made.rows.values_list("number", "fate")) == [(2, "credited"), (3003, "credited")]
