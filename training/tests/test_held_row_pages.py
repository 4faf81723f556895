"""The pages of the basket: mended in place, sent again, dropped; the file had back; the whole file undone."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from training.imports import working
from training.models import ImportRow, TrainingRecord
from training.services import imports
from training.services.imports import HeldLine
from training.tests import factories as make

pytestmark = pytest.mark.django_db

HEADER = "License,Name,Title,Date,Hours,Area"
GOOD = "40218,,Winter driving,2026-02-03,4,Technical"
SLIP = "38121,Renee Abbott,Winter driving,2026-02-03,4,Technical"
DATE = "29944,,Winter driving,29 February 2025,4,Technical"
EVIL = "99999,,=cmd|calc,2026-02-03,4,Technical"
BARE = ",Nobody Known,Winter driving,2026-02-03,4,Technical"


@pytest.fixture
def chief(agency, three):
    return make.ceo(agency)


@pytest.fixture
def signed_in(client, chief):
    client.force_login(chief)
    return client


@pytest.fixture
def made(agency, chief):
    data = "\n".join([HEADER, GOOD, SLIP, DATE, EVIL, BARE]).encode()
    held, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    imports.send(by=chief, training_import=held)
    working.work(held.pk)
    held.refresh_from_db()
    return held


def basket(agency) -> str:
    return reverse("training:held_rows", args=[agency.code])


def row(number: int) -> ImportRow:
    return ImportRow.objects.get(number=number)


def test_every_held_row_is_shown_with_what_is_wrong_and_who_may_be_meant(signed_in, agency, made):
    page = signed_in.get(basket(agency))
    text = page.content.decode()
    assert "4 rows wait to be mended" in text
    assert [(code, many) for code, _, many in page.context["reasons"]] == [("License", 2), ("Date", 1), ("for-post", 1)]
    rows = {one.row.number: one for one in page.context["basket"].rows}
    assert [str(who) for who in rows[3].candidates] == ["Abbott, Renee (38120)"]
    assert "one digit of the number differs, and the name agrees" in text
    assert "checked" not in text.split(f'id="person-{rows[3].row.pk}-none"')[0].split("<fieldset")[-1]
    only = signed_in.get(basket(agency), {"column": "Date"})
    assert [one.row.number for one in only.context["basket"].rows] == [4]


def test_picking_the_officer_credits_the_row_and_the_others_stay(signed_in, agency, chief, three, made):
    held = row(3)
    answers = {"row": [held.pk, row(4).pk], f"person-{held.pk}": three[0].pk}
    response = signed_in.post(basket(agency), answers, follow=True)
    held.refresh_from_db()
    assert (held.fate, held.record.officer, held.settled_by) == ("credited", three[0], chief)
    assert (held.cells[0], held.cells[1]) == ("38120", "")
    assert "1 row credited." in response.content.decode()
    assert row(4).fate == "held"


def test_nobody_but_those_offered_is_taken(signed_in, agency, three, made):
    held = row(3)
    stranger = make.officer(make.agency())
    response = signed_in.post(basket(agency), {"row": [held.pk], f"person-{held.pk}": stranger.pk}, follow=True)
    assert "Nothing was changed, so nothing was sent." in response.content.decode()
    assert row(3).fate == "held"


def test_mended_cell_is_sent_and_what_is_wrong_still_is_told_anew(signed_in, agency, three, made):
    held = row(4)
    signed_in.post(basket(agency), {"row": [held.pk], f"cell-{held.pk}-3": "31 February 2026"})
    assert "31 February 2026" in row(4).wrong
    response = signed_in.post(basket(agency), {"row": [held.pk], f"cell-{held.pk}-3": "02/03/2026"}, follow=True)
    assert row(4).fate == "credited"
    assert "1 row credited." in response.content.decode()


def test_drop_needs_a_reason_and_loses_nothing_typed(signed_in, agency, made):
    held, other = row(5), row(4)
    answers = {"row": [held.pk, other.pk], f"drop-{held.pk}": "on"}
    response = signed_in.post(basket(agency), answers)
    assert "Say why the rows are dropped." in response.content.decode()
    assert row(5).fate == "held"
    signed_in.post(basket(agency), answers | {f"why-{held.pk}": "not a class"})
    assert (row(5).fate, row(5).settled_why) == ("dropped", "not a class")
    back = signed_in.get(reverse("training:import_csv", args=[made.reference]))
    assert f"Dropped by {row(5).settled_by}: not a class" in b"".join(back.streaming_content).decode()


def test_row_of_another_agency_is_not_touched(client, agency, made):
    other = make.agency()
    client.force_login(make.ceo(other))
    held = row(5)
    client.post(basket(other), {"row": [held.pk], f"drop-{held.pk}": "on", f"why-{held.pk}": "x"})
    assert row(5).fate == "held"


def test_director_sees_the_basket_and_settles_nothing(client, agency, made):
    client.force_login(make.director())
    page = client.get(basket(agency))
    assert b"Send what I mended" not in page.content
    assert client.post(basket(agency), {"row": [row(5).pk]}).status_code == 403


def test_bare_name_waits_for_post_which_places_it(client, agency, made):
    staff = make.post_staff()
    client.force_login(staff)
    page = client.get(reverse("training:held_for_post")).content.decode()
    assert "1 row waits for POST" in page
    assert f"{basket(agency)}?file={made.reference}&amp;column=for-post&amp;only={row(6).pk}" in page
    other = make.officer(make.agency(), name="Nobody Known", license_number="61000")
    held = row(6)
    client.post(basket(agency), {"row": [held.pk], f"cell-{held.pk}-0": "61000"})
    assert (row(6).fate, row(6).record.officer, row(6).settled_by) == ("credited", other, staff)


def test_pasted_line_is_placed_by_number_only_after_the_person_was_shown(signed_in, agency, chief, three):
    held = make.record(three[1], dt.date(2026, 2, 3), course=make.course(agency, "Range day"), skill=4).training_class
    held.reported_by_agency = agency
    held.save()
    held.lines.create(area=make.area("skill"), hours=4)
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=[HeldLine("Abott", "nobody", "say who")])
    line = ImportRow.objects.held().get()
    asked = signed_in.post(basket(agency), {"row": [line.pk], f"number-{line.pk}": "29944"})
    assert "Say whether this is who is meant" in asked.content.decode()
    assert "Dwyer, Patrick (29944)" in asked.content.decode()
    answers = {"row": [line.pk], f"number-{line.pk}": "29944", f"person-{line.pk}": three[2].pk}
    signed_in.post(basket(agency), answers)
    assert held.records.filter(officer=three[2]).exists()


def test_statements_do_not_grow_with_the_rows(signed_in, agency, chief, made):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(basket(agency))
        return len(queries)

    few = ask()
    data = "\n".join([HEADER, *(SLIP.replace("Winter", f"Winter {n}") for n in range(10))]).encode()
    more, _ = imports.upload(by=chief, body=agency, name="more.csv", data=data)
    imports.send(by=chief, training_import=more)
    working.work(more.pk)
    assert ask() == few


def test_file_is_had_back_with_result_and_what_to_do_and_no_formula(signed_in, agency, made):
    response = signed_in.get(reverse("training:import_csv", args=[made.reference]))
    table = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert table[0] == [*HEADER.split(","), "Result", "What to do"]
    assert table[1] == [*GOOD.split(","), "Credited", ""]
    assert table[3][-2].startswith("Held: ")
    assert table[4][2] == "'=cmd|calc"
    assert table[5][-1] == "POST places it; nothing to do."
    assert len(table) == 6
    book = load_workbook(io.BytesIO(signed_in.get(reverse("training:import_xlsx", args=[made.reference])).content))
    assert [cell.value for cell in book.active[2]][-2:] == ["Credited", None]
    assert book.active["C5"].value == "'=cmd|calc"


def test_file_is_undone_with_a_reason_and_its_effect_shown_before(signed_in, agency, chief, made):
    url = reverse("training:import_undo", args=[made.reference])
    page = signed_in.get(url).content.decode()
    assert "1 entry loses its credit" in page
    assert reverse("compliance:import_undo_effect", args=[made.reference]) in page
    effect = signed_in.post(reverse("compliance:import_undo_effect", args=[made.reference])).content.decode()
    assert "Calloway, Marcus" in effect
    assert TrainingRecord.objects.live().count() == 1
    signed_in.post(url, {"reason": ""})
    assert TrainingRecord.objects.live().count() == 1
    signed_in.post(url, {"reason": "The wrong month"})
    made.refresh_from_db()
    assert (made.state, made.undo_reason) == ("undone", "The wrong month")
    assert "The wrong month" in signed_in.get(reverse("training:import_detail", args=[made.reference])).content.decode()
    assert "No row is held" in signed_in.get(basket(agency)).content.decode()
