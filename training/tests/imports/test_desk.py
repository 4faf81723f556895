"""Files at an agency's desk: taken in once, their columns chosen and remembered, sent; pasted lines held."""

import datetime as dt
import threading

import pytest
from django.db import connection

from clee_portal.refusal import Refused
from training.imports import reading, running
from training.imports.desk import Desk
from training.imports.problems import Fate
from training.models import ColumnMapping, ImportRow, TrainingImport, TrainingRecord
from training.services import imports
from training.tests import factories as make
from training.tests.imports import world

pytestmark = pytest.mark.django_db
PLAIN = b"POST License,Course Title,Date,Hours\n40218,Winter driving,2026-02-03,4\n"
ODD = b"Harlan County\n\nWho,What,When,How long\n40218,Winter driving,2026-02-03,4\n29944,Winter driving,2026-02-03,4\n"


def test_file_is_taken_in_with_its_columns_recognised(agency, three):
    chief = make.ceo(agency)
    made, is_new = imports.upload(by=chief, body=agency, name="feb.csv", data=PLAIN)
    made.refresh_from_db()
    assert is_new
    assert (made.state, made.header_row, made.uploaded_by) == ("uploaded", 1, chief)
    assert made.columns == ["POST License", "Course Title", "Date", "Hours"]
    assert made.fields == ["license_number", "title", "completed_on", "hours"]
    assert bytes(made.content) == PLAIN
    assert TrainingRecord.objects.count() == 0


@pytest.mark.parametrize(
    "header",
    [
        "POST #,Officer,Class,Date of training,Hrs,Core area",
        "Lic #,Employee Name,Course or topic,Training date,Credit hours,Category",
        "MO POST Number,Name,Topic,Date attended,Total hours,Area",
    ],
)
def test_columns_are_recognised_by_the_names_agencies_give_them(agency, header):
    data = f"{header}\n40218,Marcus Calloway,Winter driving,2026-02-03,4,Legal\n".encode()
    made, _ = imports.upload(by=make.ceo(agency), body=agency, name="log.csv", data=data)
    assert made.fields == ["license_number", "name", "title", "completed_on", "hours", "area"]


def test_same_file_is_one_import(agency):
    first, _ = imports.upload(by=make.ceo(agency), body=agency, name="feb.csv", data=PLAIN)
    again, is_new = imports.upload(by=make.delegate(agency), body=agency, name="other.csv", data=PLAIN)
    assert (again.pk, is_new) == (first.pk, False)
    other = make.agency()
    elsewhere, is_new = imports.upload(by=make.ceo(other), body=other, name="feb.csv", data=PLAIN)
    assert is_new
    assert elsewhere.pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_same_file_by_two_people_at_once_is_one_import(agency):
    people = [make.ceo(agency), make.delegate(agency)]
    found, gate = [], threading.Barrier(2)

    def send(person):
        try:
            gate.wait()
            found.append(imports.upload(by=person, body=agency, name="feb.csv", data=PLAIN))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[one]) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert TrainingImport.objects.count() == 1
    assert sorted(is_new for _, is_new in found) == [False, True]
    assert len({made.pk for made, _ in found}) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 and more", "This is a PDF, not a table. Give a CSV or XLSX file."),
        (b"POST License,Course Title\n", "Below the column names the file has no rows."),
    ],
)
def test_unreadable_file_is_refused_and_nothing_is_kept(agency, data, said):
    with pytest.raises(Refused) as refusal:
        imports.upload(by=make.ceo(agency), body=agency, name="x.csv", data=data)
    assert (refusal.value.message, refusal.value.field) == (said, "file")
    assert TrainingImport.objects.count() == 0


def test_only_the_agency_and_post_take_files_in(agency):
    for stranger in (make.ceo(make.agency()), make.director(), make.user()):
        with pytest.raises(Refused, match="cannot send files"):
            imports.upload(by=stranger, body=agency, name="feb.csv", data=PLAIN)
    assert imports.upload(by=make.post_staff(), body=agency, name="feb.csv", data=PLAIN)[1]


def test_chosen_columns_are_remembered_for_the_next_file_of_the_shape(agency):
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name="odd.csv", data=ODD)
    assert (made.header_row, made.fields) == (3, ["-", "-", "-", "-"])
    chosen = ["license_number", "title", "completed_on", "hours"]
    imports.choose(
        by=chief,
        training_import=made,
        header_row=3,
        columns=made.columns,
        fields=chosen,
        settings={"area": "skill", "title": "no, a column says it", "place": ""},
    )
    made.refresh_from_db()
    assert (made.fields, made.set_names, made.set_values) == (chosen, ["area"], ["skill"])
    later = ODD.replace(b"Harlan County", b"Harlan").replace(b"WHO", b"who").replace(b"-02-", b"-01-")
    after, _ = imports.upload(by=chief, body=agency, name="next.csv", data=later)
    assert (after.header_row, after.fields) == (3, chosen)
    assert (after.set_names, after.set_values) == (["area"], ["skill"])
    other = make.agency()
    elsewhere, _ = imports.upload(by=make.ceo(other), body=other, name="odd.csv", data=ODD)
    assert elsewhere.fields == ["-", "-", "-", "-"]
    assert ColumnMapping.objects.count() == 1


def test_two_columns_of_one_meaning_are_refused(agency):
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name="odd.csv", data=ODD)
    with pytest.raises(Refused, match="same meaning"):
        imports.choose(
            by=chief,
            training_import=made,
            header_row=3,
            columns=made.columns,
            fields=["title", "title", "-", "-"],
            settings={},
        )
    assert ColumnMapping.objects.count() == 0


def test_sent_twice_is_sent_once_and_its_columns_stay(agency):
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name="odd.csv", data=ODD)
    sent = imports.send(by=chief, training_import=made)
    again = imports.send(by=make.delegate(agency), training_import=made)
    assert (sent.state, again.sent_at, again.uploaded_by) == ("running", sent.sent_at, chief)
    assert (again.columns[-1], again.fields[-1]) == (imports.ADDED_COLUMN, "license_number")
    with pytest.raises(Refused, match="sent already"):
        imports.choose(by=chief, training_import=made, header_row=3, columns=[], fields=[], settings={})


def test_pasted_lines_are_held_for_their_class(agency, three):
    chief = make.ceo(agency)
    held = make.record(three[0], dt.date(2026, 2, 3), course=make.course(agency, "Winter driving")).training_class
    lines = [
        imports.HeldLine("Sam Nobody", "No officer of the agency is called so.", "Give the license number."),
        imports.HeldLine("Ann Elsewhere", "Nobody here.", "POST places it.", is_for_post=True),
    ]
    made = imports.hold_lines(by=chief, body=agency, training_class=held, lines=lines)
    assert (made.kind, made.state, made.training_class) == ("paste", "done", held)
    rows = ImportRow.objects.held().values_list("number", "cells", "wrong", "is_for_post")
    assert list(rows) == [
        (1, ["Sam Nobody"], "No officer of the agency is called so.", False),
        (2, ["Ann Elsewhere"], "Nobody here.", True),
    ]
    assert imports.hold_lines(by=chief, body=agency, training_class=held, lines=[]) is None
    with pytest.raises(Refused):
        imports.hold_lines(by=make.ceo(make.agency()), body=agency, training_class=held, lines=lines)
    assert TrainingImport.objects.count() == 1


def _desk(agency, by, data: bytes) -> running.Report:
    settings = {"area": "legal"}
    return running.run(Desk(agency, by), reading.open_bytes(data, name="x.csv"), today=world.TODAY, settings=settings)


def test_agency_cannot_credit_what_somebody_else_gave(agency, three):
    """Approved hours and other agencies' in-service come from whoever gave them; POST staff may place such rows."""
    data = (
        b"License,Title,Date,Hours,Provider\n"
        b"40218,Winter driving,2026-02-03,4,Harlan County Sheriff\n"
        b"29944,Search law,2026-02-04,4,Ozark Training Academy\n"
    )
    world.make()
    chief = make.ceo(agency)
    report = _desk(agency, chief, data)
    assert [row.fate for row in report.rows] == [Fate.RECORDED, Fate.REFUSED]
    assert report.rows[1].is_for_post
    record = TrainingRecord.objects.get()
    assert (record.source_kind, record.training_class.course.agency, record.recorded_by) == (
        "in_service",
        agency,
        chief,
    )
    assert record.training_class.recorded_by == chief


def test_what_is_wrong_at_the_desk_names_no_option_of_a_command(agency, three):
    data = (
        b"License,Title,Date,Hours,Status\n"
        b"40218,,2026-02-03,4,\n"
        b"29944,Search law,29 February 2025,4,\n"
        b"38120,Search law,2026-02-04,4,no show\n"
    )
    report = _desk(agency, make.ceo(agency), data)
    assert [row.gives_nothing for row in report.rows] == [False, False, True]
    assert [one for one in report.problems if "--" in one.wrong + one.fix] == []


def test_of_another_agencys_officer_no_more_is_said_than_must_be(agency, three):
    other = make.agency()
    theirs = make.officer(other, name="Ona Elsewhere", license_number="61000")
    make.license_event(theirs, "revoked", dt.date(2020, 5, 5))
    report = _desk(agency, make.ceo(agency), b"License,Title,Date,Hours\n61000,Search law,2026-02-04,4\n")
    assert [one.wrong for one in report.problems] == [
        "The license of Elsewhere, Ona (61000) was not in force on 2026-02-04: nothing can be credited."
    ]
