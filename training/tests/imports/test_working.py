"""The worker's part of an import: every row one fate, whatever happens on the way."""

import datetime as dt
import threading
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from clee_portal.celery import app
from training import tasks
from training.imports import working
from training.models import ImportRow, TrainingImport, TrainingRecord
from training.services import imports
from training.tests import factories as make

pytestmark = pytest.mark.django_db

HEADER = "License,Name,Title,Date,Hours,Area,Status"
GOOD = ["40218,,Winter driving,2026-02-03,4,Technical,", "29944,,Winter driving,2026-02-03,4,Technical,"]
MIXED = [
    *GOOD,
    "40218,,Winter driving,2026-02-03,4,Technical,",  # says what row 2 says
    ",Renee Abbott,Winter driving,2026-02-03,4,Technical,",
    ",Renee Abott,Search law,2026-02-04,2,Legal,",  # a slip in the name
    "38120,,Search law,29 February 2025,2,Legal,",
    "29944,,Search law,2026-02-04,2,Legal,no show",
    "Total,,,,,,",
]


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def sent(chief, agency, rows, name="feb.csv"):
    data = "\n".join([HEADER, *rows]).encode()
    made, _ = imports.upload(by=chief, body=agency, name=name, data=data)
    return imports.send(by=chief, training_import=made)


def fates(made) -> list[tuple[int, str]]:
    return list(ImportRow.objects.filter(training_import=made).order_by("number").values_list("number", "fate"))


def test_every_row_gets_its_fate_and_the_good_ones_are_credited(agency, chief, three):
    made = sent(chief, agency, MIXED)
    assert working.work(made.pk)
    made.refresh_from_db()
    assert fates(made) == [
        (2, "credited"), (3, "credited"), (4, "known"), (5, "credited"), (6, "held"), (7, "held"), (8, "refused"),
        (9, "refused"),
    ]  # fmt: skip
    assert (made.state, made.total) == ("done", 8)
    assert made.finished_at
    assert TrainingRecord.objects.count() == 3
    rows = {row.number: row for row in ImportRow.objects.filter(training_import=made)}
    assert rows[2].record == rows[4].record
    assert rows[2].record.recorded_by == chief
    assert rows[6].wrong == f"No officer of {agency} is called Renee Abott."
    assert "Perhaps it is Abbott, Renee (38120)" in rows[6].fix
    assert (rows[6].column, rows[7].column) == ("Name", "Date")
    assert (rows[8].wrong, rows[8].column) == ("The class was not completed, so it gives no credit.", "Status")
    assert rows[9].wrong.startswith("Taken as a line of totals")
    assert rows[7].cells == ["38120", "", "Search law", "29 February 2025", "2", "Legal", ""]


def test_history_says_why_and_by_whom_rows_came(agency, chief, three):
    made = sent(chief, agency, GOOD)
    working.work(made.pk)
    event = TrainingRecord.objects.first().events.get()
    assert event.pgh_context["reason"] == f"Import {made.reference}: feb.csv"
    assert event.pgh_context["user"] == chief.pk
    assert {one.pgh_context["user"] for row in made.rows.all() for one in row.events.all()} == {chief.pk}


def test_what_is_not_sent_is_not_worked_on(agency, chief, three):
    data = "\n".join([HEADER, *GOOD]).encode()
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    assert not working.work(made.pk)
    assert TrainingRecord.objects.count() == 0


def test_twice_is_once(agency, chief, three):
    made = sent(chief, agency, GOOD)
    assert working.work(made.pk)
    assert working.work(made.pk)
    assert fates(made) == [(2, "credited"), (3, "credited")]


def test_cut_off_between_chunks_it_is_taken_up_after_the_last_row(agency, chief, three, monkeypatch):
    monkeypatch.setattr(working, "ROWS_A_CHUNK", 3)
    made = sent(chief, agency, MIXED)
    whole, calls = working._write, []

    def dies(held, rows):
        calls.append(len(rows))
        whole(held, rows)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(working, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        working.work(made.pk)
    made.refresh_from_db()
    assert [number for number, _ in fates(made)] == [2, 3, 4]
    assert (made.state, made.total) == ("running", 8)
    monkeypatch.setattr(working, "_write", whole)
    assert working.work(made.pk)
    assert Counter(fate for _, fate in fates(made)) == {"credited": 3, "known": 1, "held": 2, "refused": 2}
    assert TrainingRecord.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_each_row_once(agency, chief, three, monkeypatch):
    monkeypatch.setattr(working, "ROWS_A_CHUNK", 2)
    made = sent(chief, agency, MIXED)
    gate, errors = threading.Barrier(2), []

    def run():
        try:
            gate.wait()
            working.work(made.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    assert Counter(fate for _, fate in fates(made)) == {"credited": 3, "known": 1, "held": 2, "refused": 2}
    assert TrainingRecord.objects.count() == 3


def test_beat_takes_up_what_is_silent_only(agency, chief, three, monkeypatch):
    made = sent(chief, agency, GOOD)
    asked = []
    monkeypatch.setattr(tasks.work_on_import, "delay", asked.append)
    tasks.take_up_imports()
    assert asked == []
    TrainingImport.objects.update(sent_at=timezone.now() - dt.timedelta(minutes=5))
    tasks.take_up_imports()
    assert asked == [made.pk]
    TrainingImport.objects.update(seen_at=timezone.now())
    tasks.take_up_imports()
    working.work(made.pk)
    TrainingImport.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=5))
    tasks.take_up_imports()
    assert asked == [made.pk]


def test_preview_says_what_would_become_of_it_and_leaves_nothing(agency, chief, three):
    data = "\n".join([HEADER, *MIXED]).encode()
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    seen = working.preview(made, chief)
    assert (seen.total, seen.looked_at) == (8, 8)
    assert (seen.credited, seen.known, seen.held, seen.refused) == (3, 1, 2, 2)
    assert [(row.number, outcome.fate) for row, outcome in seen.problems] == [
        (6, "held"), (7, "held"), (8, "refused"), (9, "refused"),
    ]  # fmt: skip
    assert TrainingRecord.objects.count() == ImportRow.objects.count() == 0


def test_mended_rows_are_taken_again(agency, chief, three):
    made = sent(chief, agency, MIXED)
    working.work(made.pk)
    slip, date = ImportRow.objects.held().order_by("number")
    slip.cells = ["38120", "", *slip.cells[2:]]
    date.cells = [*date.cells[:3], "31 February 2025", *date.cells[4:]]
    assert working.place(by=chief, training_import=made, rows=[slip, date]) == {"credited": 1, "held": 1}
    slip.refresh_from_db()
    date.refresh_from_db()
    assert (slip.fate, slip.wrong, slip.settled_by, slip.record.officer) == ("credited", "", chief, three[0])
    assert (date.fate, date.settled_by, date.cells[3]) == ("held", None, "31 February 2025")


def test_file_without_license_numbers_has_a_column_to_add_them(agency, chief, three):
    data = b"Name,Title,Date,Hours,Area\nRenee Abott,Search law,2026-02-04,2,Legal\n"
    made, _ = imports.upload(by=chief, body=agency, name="names.csv", data=data)
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    row = ImportRow.objects.held().get()
    assert row.cells == ["Renee Abott", "Search law", "2026-02-04", "2", "Legal", ""]
    row.cells = ["Renee Abbott", *row.cells[1:5], "38120"]
    made.refresh_from_db()
    assert working.place(by=chief, training_import=made, rows=[row]) == {"credited": 1}


@pytest.mark.django_db(transaction=True)
def test_file_is_sent_at_once_while_the_broker_is_away(agency, chief, three):
    """Nothing is lost: beat finds the import once the broker is back."""

    before, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:1/0"
    app.pool.force_close_all()
    began = time.monotonic()
    try:
        made = sent(chief, agency, GOOD)
    finally:
        app.conf.broker_url = before
        app.pool.force_close_all()
    assert time.monotonic() - began < 5
    made.refresh_from_db()
    assert made.state == "running"
    assert list(TrainingImport.objects.silent_since(timezone.now() + dt.timedelta(minutes=2))) == [made]


def test_row_of_a_name_alone_is_a_row_where_the_rest_is_given_for_the_whole_file(agency, chief, three):
    data = b'License,Name\n40218,"Calloway, Marcus"\n,"Dwyer, Patrick"\n,Nobody Known\n,Total: 3 officers\n'
    made, _ = imports.upload(by=chief, body=agency, name="who.csv", data=data)
    given = {"title": "Driving", "completed_on": "2026-02-03", "hours": "4", "area": "skill"}
    made = imports.choose(
        by=chief, training_import=made, header_row=made.header_row, columns=made.columns, fields=made.fields,
        settings=given,
    )  # fmt: skip
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    fates = [(row.number, row.fate, row.is_for_post) for row in made.rows.order_by("number")]
    assert fates == [(2, "credited", False), (3, "credited", False), (4, "held", True), (5, "refused", False)]


def test_last_name_beside_a_license_number_has_to_be_that_officers(agency, chief, three):
    rows = b"40218,Calloway\n38120,marcus\n29944,Patrick\n,Abbott\n,Unknown\n"
    data = b"License,Name,Title,Date,Hours,Area\n" + b"".join(
        one + b",Driving,2026-02-03,4,Skill\n" for one in rows.splitlines()
    )
    made, _ = imports.upload(by=chief, body=agency, name="who.csv", data=data)
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    fates = [(row.fate, row.wrong) for row in made.rows.order_by("number")]
    assert [fate for fate, _ in fates] == ["credited", "held", "credited", "held", "held"]
    assert fates[1][1] == "The license number 38120 is Abbott, Renee’s, not marcus’s."
    assert fates[3][1] == f"No officer of {agency} is called Abbott."
