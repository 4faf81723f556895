"""The basket: held rows mended and sent again, lines placed, rows dropped; and a whole import undone."""

import datetime as dt
import threading

import pytest
from django.db import connection

from clee_portal.refusal import Refused
from training.imports import working
from training.models import ImportRow, TrainingClass, TrainingImport, TrainingRecord
from training.services import classes, corrections, held_rows, import_undo, imports
from training.services.imports import HeldLine
from training.services.renewal import renew
from training.tests import factories as make

pytestmark = pytest.mark.django_db

HEADER = "License,Title,Date,Hours,Area"
ROWS = ["40218,Winter driving,2026-02-03,4,Technical", "29944,Winter driving,2026-02-03,4,Technical"]
BAD = "38121,Winter driving,29 February 2025,4,Technical"
MENDED = ["38120", "Winter driving", "2026-02-03", "4", "Technical"]
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def sent(chief, agency, *rows, name="feb.csv"):
    made, _ = imports.upload(by=chief, body=agency, name=name, data="\n".join([HEADER, *rows]).encode())
    imports.send(by=chief, training_import=made)
    assert working.work(made.pk)
    made.refresh_from_db()
    return made


def pasted(chief, agency, officer, text="J. Nobody"):
    held = make.record(officer, dt.date(2026, 2, 3), course=make.course(agency, "Range day"), skill=4).training_class
    held.reported_by_agency = agency
    held.save()
    held.lines.create(area=make.area("skill"), hours=4)
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=[HeldLine(text, "nobody", "say who")])
    return held, ImportRow.objects.held().get()


def test_mended_row_is_credited_beside_the_good_ones(agency, chief, three):
    sent(chief, agency, *ROWS, BAD)
    row = ImportRow.objects.held().get()
    assert held_rows.send_again(by=chief, cells={row.pk: MENDED}) == {"credited": 1}
    row.refresh_from_db()
    assert (row.fate, row.cells, row.settled_by, row.record.officer) == ("credited", MENDED, chief, three[0])
    assert TrainingClass.objects.count() == 1
    assert row.events.last().pgh_context["reason"] == f"Rows of {row.training_import.reference} sent again"


def test_row_still_wrong_is_held_with_its_new_reason(agency, chief, three):
    sent(chief, agency, BAD)
    row = ImportRow.objects.held().get()
    cells = ["38120", "Winter driving", "31 April 2026", "4", "Technical"]
    assert held_rows.send_again(by=chief, cells={row.pk: cells}) == {"held": 1}
    row.refresh_from_db()
    assert (row.column, row.cells, row.settled_by) == ("Date", cells, None)
    assert "31 April 2026" in row.wrong


@pytest.mark.django_db(transaction=True)
def test_sent_again_by_two_at_once_gives_one_credit(agency, chief, three):
    sent(chief, agency, BAD)
    row = ImportRow.objects.held().get()
    people, found, gate = [chief, make.delegate(agency)], [], threading.Barrier(2)

    def mend(person):
        try:
            gate.wait()
            found.append(dict(held_rows.send_again(by=person, cells={row.pk: MENDED})))
        finally:
            connection.close()

    threads = [threading.Thread(target=mend, args=[one]) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found, key=len) == [{}, {"credited": 1}]
    assert TrainingRecord.objects.count() == 1


def test_dropped_row_says_why_and_stays_with_its_file(agency, chief, three):
    made = sent(chief, agency, *ROWS, BAD)
    row = ImportRow.objects.held().get()
    with pytest.raises(Refused, match="Say why"):
        held_rows.drop(by=chief, rows=[row.pk], why="  ")
    assert held_rows.drop(by=chief, rows=[row.pk], why="not one of ours") == 1
    row.refresh_from_db()
    assert (row.fate, row.settled_why, row.settled_by) == ("dropped", "not one of ours", chief)
    assert held_rows.drop(by=chief, rows=[row.pk], why="again") == 0
    assert made.rows.count() == 3


def test_only_the_agency_and_post_settle_rows(agency, chief, three):
    sent(chief, agency, BAD)
    row = ImportRow.objects.held().get()
    for stranger in (make.ceo(make.agency()), make.director(), make.user()):
        with pytest.raises(Refused):
            held_rows.send_again(by=stranger, cells={row.pk: MENDED})
        with pytest.raises(Refused):
            held_rows.drop(by=stranger, rows=[row.pk], why="x")
    assert ImportRow.objects.held().count() == 1
    assert held_rows.send_again(by=make.post_staff(), cells={row.pk: MENDED}) == {"credited": 1}


def test_pasted_line_is_credited_in_its_class(agency, chief, three):
    held, row = pasted(chief, agency, three[1])
    assert held_rows.place(by=chief, row=row, officer=three[0]) == held
    row.refresh_from_db()
    assert (row.fate, row.record.training_class, row.record.officer, row.settled_by) == (
        "credited", held, three[0], chief,
    )  # fmt: skip
    with pytest.raises(Refused, match="settled meanwhile"):
        held_rows.place(by=chief, row=row, officer=three[2])
    assert held.records.count() == 2


def test_officer_already_in_the_class_is_refused_and_the_line_stays(agency, chief, three):
    _, row = pasted(chief, agency, three[0])
    with pytest.raises(Refused, match="is in this class already"):
        held_rows.place(by=chief, row=row, officer=three[0])
    assert ImportRow.objects.held().count() == 1


def test_pasted_line_follows_a_correction_of_its_class(agency, chief, three):
    held, row = pasted(chief, agency, three[1])
    corrections.add(by=chief, training_class=held, attendances=[classes.Attendance(three[2])], today=TODAY)
    anew = TrainingClass.objects.create(
        course=held.course, starts_on=held.starts_on, ends_on=held.ends_on, reported_by_agency=agency, replaces=held,
        submission_key="7f9c24e8-3b12-4d0f-8c27-0f7e1f1d2c3b",
    )  # fmt: skip
    anew.lines.create(area=make.area("skill"), hours=4)
    classes.take_away(by=chief, held=held, reason="Wrong place")
    assert held_rows.place(by=chief, row=row, officer=three[0]) == anew
    assert anew.records.get().officer == three[0]


def test_line_of_an_undone_class_can_only_be_dropped(agency, chief, three):
    held, row = pasted(chief, agency, three[1])
    classes.void(by=chief, training_class=held, reason="Entered twice")
    with pytest.raises(Refused, match="was undone"):
        held_rows.place(by=chief, row=row, officer=three[0])


def test_undone_import_takes_its_credit_its_empty_classes_and_its_held_rows(agency, chief, three):
    made = sent(chief, agency, *ROWS, BAD)
    import_undo.undo(by=chief, training_import=made, reason="The wrong month")
    assert not TrainingRecord.objects.live().exists()
    record = TrainingRecord.objects.first()
    assert (record.void_reason, record.voided_by) == ("The wrong month", chief)
    assert TrainingClass.objects.get().void_reason == "The wrong month"
    assert ImportRow.objects.held().count() == 0
    made.refresh_from_db()
    assert (made.state, made.undone_by, made.undo_reason) == ("undone", chief, "The wrong month")
    assert made.events.last().pgh_context["reason"] == f"{made.reference} undone: The wrong month"
    again = sent(chief, agency, *ROWS, BAD)
    assert again.pk != made.pk
    assert TrainingRecord.objects.live().count() == 2


def test_undone_import_leaves_what_others_entered(agency, chief, three):
    first = sent(chief, agency, ROWS[0], name="first.csv")
    made = sent(chief, agency, *ROWS)
    assert [row.fate for row in made.rows.all()] == ["known", "credited"]
    import_undo.undo(by=chief, training_import=made, reason="The wrong month")
    assert [one.officer for one in TrainingRecord.objects.live()] == [three[1]]
    assert TrainingClass.objects.live().count() == 1
    assert first.rows.get().record.voided_at is None


def test_undone_import_finds_records_that_were_recorded_anew(agency, chief, three):
    made = sent(chief, agency, *ROWS)
    record = made.rows.first().record
    renew(by=chief, records=[record], reason="Part two", changes={record.pk: {"kept_because": "part two"}})
    assert len(import_undo.credit_of(made)) == 2
    import_undo.undo(by=chief, training_import=made, reason="The wrong month")
    assert not TrainingRecord.objects.live().exists()


def test_undoing_counts_again_what_had_yielded(agency, chief, three):
    other = make.agency()
    made = sent(chief, agency, ROWS[0])
    theirs, _ = classes.record(
        by=make.ceo(other), agency=other, title="Winter driving", starts_on=dt.date(2026, 2, 3),
        ends_on=dt.date(2026, 2, 3), lines=make.lines(technical=4), today=TODAY,
        attendances=[classes.Attendance(three[1], by_number=True)],
        submission_key="7f9c24e8-3b12-4d0f-8c27-0f7e1f1d2c3c",
    )  # fmt: skip
    assert theirs.records.live().get().not_counted == "duplicate"
    import_undo.undo(by=chief, training_import=made, reason="The wrong month")
    assert theirs.records.live().get().not_counted == ""


def test_undoing_needs_a_reason_the_right_and_a_file_that_is_done(agency, chief, three):
    made = sent(chief, agency, *ROWS)
    with pytest.raises(Refused, match="Say why"):
        import_undo.undo(by=chief, training_import=made, reason=" ")
    for stranger in (make.ceo(make.agency()), make.director()):
        with pytest.raises(Refused, match="Only the agency"):
            import_undo.undo(by=stranger, training_import=made, reason="x")
    TrainingImport.objects.filter(pk=made.pk).update(state="running")
    with pytest.raises(Refused, match="not done yet"):
        import_undo.undo(by=chief, training_import=made, reason="x")
    _, row = pasted(chief, agency, three[0])
    with pytest.raises(Refused, match="belong to their class"):
        import_undo.undo(by=chief, training_import=row.training_import, reason="x")
    assert TrainingRecord.objects.live().count() == 3
