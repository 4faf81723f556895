"""The basket where two people work in it, where a session ends, and where POST looks for whom an agency named."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from training import matching_register
from training.imports import working
from training.models import ImportRow
from training.services import corrections, held_rows, imports
from training.services.classes import Attendance
from training.services.imports import HeldLine
from training.tests import factories as make

pytestmark = pytest.mark.django_db

HEADER = "License,Name,Title,Date,Hours,Area"
DATE = "29944,,Winter driving,29 February 2025,4,Technical"
AREA = "38120,,Winter driving,2026-02-03,4,Nothing"
BARE = ",Nola Known,Winter driving,2026-02-03,4,Technical"


@pytest.fixture
def chief(agency, three, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def sent(agency, chief):
    data = "\n".join([HEADER, DATE, AREA, BARE]).encode()
    held, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    imports.send(by=chief, training_import=held)
    working.work(held.pk)
    return held


def basket(agency) -> str:
    return reverse("training:held_rows", args=[agency.code])


def row(number: int) -> ImportRow:
    return ImportRow.objects.get(number=number)


def as_shown(client, agency) -> dict:
    """What a browser sends of the basket as it opens."""
    rows = client.get(basket(agency)).context["basket"].rows
    cells = {cell.name: cell.value for one in rows for cell in one.cells if cell.is_used}
    return {"row": [one.row.pk for one in rows]} | {f"seen-{one.row.pk}": one.now for one in rows} | cells


def test_row_not_touched_on_an_old_page_stays_as_somebody_else_mended_it(client, agency, sent):
    one, other = row(2), row(3)
    old = as_shown(client, agency)
    client.post(basket(agency), as_shown(client, agency) | {f"cell-{one.pk}-3": "31 February 2026"})
    client.post(basket(agency), old | {f"cell-{other.pk}-5": "Technical"})
    assert row(2).cells[3] == "31 February 2026"
    assert row(3).fate == "credited"


def test_row_that_both_mended_is_told_and_nothing_typed_is_lost(client, agency, sent):
    one = row(2)
    old = as_shown(client, agency)
    client.post(basket(agency), as_shown(client, agency) | {f"cell-{one.pk}-3": "31 February 2026"})
    late = old | {f"cell-{one.pk}-3": "2026-02-30"}
    page = client.post(basket(agency), late)
    text = page.content.decode()
    assert "Somebody else has mended this row meanwhile" in text
    assert "31 February 2026" in text
    assert 'value="2026-02-30"' in text
    assert row(2).cells[3] == "31 February 2026"
    shown = next(one for one in page.context["basket"].rows if one.row.number == 2)
    client.post(basket(agency), late | {f"seen-{one.pk}": shown.now, f"cell-{one.pk}-3": "2026-02-03"})
    assert row(2).fate == "credited"


def test_mended_at_the_same_moment_the_second_is_left_alone(agency, chief, sent):
    one = row(2)
    before = list(one.cells)
    theirs, mine = [*before[:3], "31 February 2026", *before[4:]], [*before[:3], "2026-02-03", *before[4:]]
    held_rows.send_again(by=chief, cells={one.pk: theirs}, seen={one.pk: before})
    assert held_rows.send_again(by=chief, cells={one.pk: mine}, seen={one.pk: before}) == {"overtaken": 1}
    assert row(2).cells == theirs


def test_row_settled_meanwhile_is_told_with_who_and_what(client, agency, chief, sent):
    one = row(2)
    old = as_shown(client, agency)
    client.post(basket(agency), old | {f"cell-{one.pk}-3": "2026-02-03"})
    page = client.post(basket(agency), old | {f"cell-{one.pk}-3": "2026-02-04"}, follow=True).content.decode()
    assert f"Row 2 of {sent.reference} was settled meanwhile by {chief}: credited." in page
    assert "Nothing was changed, so nothing was sent" not in page
    assert row(2).record.completed_on == dt.date(2026, 2, 3)


def test_what_was_typed_when_the_session_ended_stands_in_the_basket_again(client, agency, chief, sent):
    one = row(2)
    page = client.get(basket(agency))
    typed = as_shown(client, agency) | {"signed_in_as": page.context["signed_in_as"], f"cell-{one.pk}-3": "2026-02-03"}
    client.logout()
    client.post(basket(agency), typed)
    client.force_login(chief)
    page = client.get(basket(agency)).content.decode()
    assert "What you typed is here again; nothing was sent." in page
    assert 'value="2026-02-03"' in page
    assert row(2).fate == "held"


def test_number_alone_of_another_agencys_officer_is_shown_before_it_is_credited(client, agency, sent):
    other = make.officer(make.agency(name="Elsewhere Police"), name="Odile Otherwise", license_number="61000")
    one = row(4)
    answer = as_shown(client, agency) | {f"cell-{one.pk}-0": "61000", f"cell-{one.pk}-1": ""}
    page = client.post(basket(agency), answer).content.decode()
    assert "Say whether that is who is meant" in page
    assert "Otherwise, Odile (61000), Elsewhere Police" in page
    assert row(4).fate == "held"
    client.post(basket(agency), answer | {f"person-{one.pk}": other.pk})
    assert (row(4).fate, row(4).record.officer) == ("credited", other)


def test_post_is_offered_officers_of_the_state_by_name_and_the_agency_is_not(client, agency, chief, sent):
    other = make.officer(make.agency(name="Elsewhere Police"), name="Nola B. Known", license_number="61000")
    one = row(4)
    assert b"Elsewhere Police" not in client.get(basket(agency)).content
    client.post(basket(agency), as_shown(client, agency) | {f"person-{one.pk}": other.pk})
    assert row(4).fate == "held"
    staff = make.post_staff()
    client.force_login(staff)
    page = client.get(basket(agency) + "?column=for-post").content.decode()
    assert "Known, Nola B. (61000), Elsewhere Police" in page
    client.post(basket(agency), as_shown(client, agency) | {f"person-{one.pk}": other.pk})
    assert (row(4).fate, row(4).record.officer, row(4).settled_by) == ("credited", other, staff)


def test_pasted_name_of_a_stranger_is_placed_by_post_among_those_called_so(client, agency, chief, three):
    other = make.officer(make.agency(), name="Nola Known", license_number="61000")
    held = make.record(three[1], dt.date(2026, 2, 3), course=make.course(agency, "Range day"), skill=4).training_class
    held.reported_by_agency = agency
    held.save()
    held.lines.create(area=make.area("skill"), hours=4)
    lines = [HeldLine("Nola Known, Elsewhere PD", "nobody", "say who", is_for_post=True)]
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=lines)
    line = ImportRow.objects.held().get()
    client.force_login(make.post_staff())
    assert "Known, Nola (61000)" in client.get(basket(agency)).content.decode()
    client.post(basket(agency), {"row": [line.pk], f"person-{line.pk}": other.pk})
    assert held.records.filter(officer=other).exists()


def test_register_is_searched_in_a_constant_number_of_statements(agency, three):
    def ask(names) -> int:
        with CaptureQueriesContext(connection) as queries:
            matching_register.like(names)
        return len(queries)

    assert ask(["Renee Abbott"]) == ask(["Abbot, Renee", "Dwyer", "12345", "Nobody"] * 5)
    found = matching_register.like(["abbot renée", "12345", "Patrik Dwyer"])
    assert [[str(one) for one in those] for those in found] == [
        ["Abbott, Renee (38120)"],
        [],
        ["Dwyer, Patrick (29944)"],
    ]


def test_pasted_line_is_asked_about_with_the_hours_of_the_class_that_stands(client, agency, chief, three):
    held = make.record(three[1], dt.date(2026, 2, 3), course=make.course(agency, "Range day"), skill=4).training_class
    held.reported_by_agency = agency
    held.save()
    held.lines.create(area=make.area("skill"), hours=4)
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=[HeldLine("Dwyer, 2 hours", "a", "b")])
    anew, _ = corrections.correct(
        by=chief, training_class=held, reason="Two areas", agency=agency, submission_key=uuid.uuid4(),
        today=dt.date(2026, 2, 10), course=held.course, starts_on=held.starts_on, ends_on=held.ends_on,
        lines=make.lines(legal=4), attendances=[Attendance(three[1])],
    )  # fmt: skip
    page = client.get(basket(agency))
    assert anew.reference in page.content.decode()
    (one,) = page.context["basket"].rows
    assert [(line.area.code, line.hours) for line in one.whole] == [("legal", 4)]
