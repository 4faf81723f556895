"""Pasted lines that were held, placed later: each gives what its line says, and never the whole class by silence."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from clee_portal.refusal import Refused
from training.models import ImportRow, NotCompleted, TrainingClass, TrainingRecord
from training.services import classes, held_rows, imports
from training.services.classes import Attendance
from training.services.held_rows import Attended
from training.services.imports import HeldLine
from training.tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 2, 3)
TODAY = dt.date(2026, 3, 1)


@pytest.fixture
def chief(agency, three):
    return make.ceo(agency)


def held_line(chief, agency, three, how="", hours=None, text="Abott, Rene", **areas) -> ImportRow:
    areas = areas or {"skill": 8}
    held, _ = classes.record(
        by=chief, agency=agency, title="Range day", starts_on=DAY, ends_on=DAY, lines=make.lines(**areas), today=TODAY,
        attendances=[Attendance(three[1])], submission_key="7f9c24e8-3b12-4d0f-8c27-0f7e1f1d2c3b",
    )  # fmt: skip
    line = HeldLine(text, "nobody", "say who", how=how, hours=hours)
    imports.hold_lines(by=chief, body=agency, training_class=held, lines=[line])
    return ImportRow.objects.held().get()


def credit(officer) -> list[tuple[str, Decimal]]:
    records = TrainingRecord.objects.live().filter(officer=officer)
    return [(one.role, sum(line.hours for line in one.lines.all())) for one in records]


@pytest.mark.parametrize(
    ("how", "hours", "given"),
    [
        ("", None, ("student", 8)),
        ("", Decimal(2), ("student", 2)),
        ("partly", Decimal("2.5"), ("student", Decimal("2.5"))),
        ("taught", None, ("instructor", 8)),
        ("taught", Decimal(3), ("instructor", 3)),
    ],
)
def test_line_gives_what_it_says(chief, agency, three, how, hours, given):
    row = held_line(chief, agency, three, how, hours)
    held_rows.place(by=chief, row=row, officer=three[0])
    assert credit(three[0]) == [given]


def test_line_of_somebody_who_did_not_complete_gives_nothing_and_says_so(chief, agency, three):
    row = held_line(chief, agency, three, "left")
    held_rows.place(by=chief, row=row, officer=three[0])
    row.refresh_from_db()
    assert (row.fate, row.record, row.settled_by) == ("refused", None, chief)
    assert NotCompleted.objects.live().get().officer == three[0]
    assert credit(three[0]) == []


@pytest.mark.parametrize(
    ("how", "hours", "areas"),
    [
        ("open", None, {"skill": 8}),
        ("partly", None, {"skill": 8}),
        ("", Decimal(2), {"skill": 4, "legal": 4}),
        ("", Decimal(9), {"skill": 8}),
    ],
)
def test_line_that_does_not_say_enough_is_never_credited_by_silence(chief, agency, three, how, hours, areas):
    row = held_line(chief, agency, three, how, hours, **areas)
    with pytest.raises(Refused, match="Say how they attended"):
        held_rows.place(by=chief, row=row, officer=three[0])
    assert credit(three[0]) == []
    assert ImportRow.objects.held().count() == 1
    own = make.lines(skill=1)
    held_rows.place(by=chief, row=row, officer=three[0], attended=Attended("", own))
    assert credit(three[0]) == [("student", 1)]


def test_more_than_the_class_gives_is_refused(chief, agency, three):
    row = held_line(chief, agency, three)
    with pytest.raises(Refused, match="gives no more than 8 hours"):
        held_rows.place(by=chief, row=row, officer=three[0], attended=Attended("", make.lines(skill=9)))


def test_basket_shows_what_the_line_says_and_offers_whom_the_entry_page_offers(client, chief, agency, three):
    row = held_line(chief, agency, three, "", Decimal(2), "Abott, Rene 2 hrs")
    client.force_login(chief)
    page = client.get(reverse("training:held_rows", args=[agency.code]))
    [one] = page.context["basket"].rows
    assert [who.pk for who in one.candidates] == [three[0].pk]
    assert one.exception.chosen == "part"
    assert f'name="part-{row.pk}-area-skill" value="2"' in page.content.decode()
    client.post(reverse("training:held_rows", args=[agency.code]), {"row": [row.pk], f"person-{row.pk}": three[0].pk})
    assert credit(three[0]) == [("student", 2)]


def test_answer_in_the_basket_wins_over_the_line(client, chief, agency, three):
    row = held_line(chief, agency, three, "open", None, "Abott, Rene, ask him")
    client.force_login(chief)
    url = reverse("training:held_rows", args=[agency.code])
    answers = {"row": [row.pk], f"person-{row.pk}": three[0].pk, f"number-{row.pk}": ""}
    page = client.post(url, answers)
    assert "Say how they attended: the line does not make it clear." in page.content.decode()
    assert f'name="person-{row.pk}-how" value="" class="form-check-input"' in page.content.decode()
    page = client.post(url, answers | {f"person-{row.pk}-how": "part"})
    assert "Give the own hours, by area." in page.content.decode()
    page = client.post(url, answers | {f"person-{row.pk}-how": "left"}, follow=True)
    assert "1 row kept as not completed." in page.content.decode()
    assert NotCompleted.objects.live().get().officer == three[0]


def test_somebody_credited_in_the_class_is_not_also_left_out(chief, agency, three):
    row = held_line(chief, agency, three, "left")
    with pytest.raises(Refused, match="is credited in C-"):
        held_rows.place(by=chief, row=row, officer=three[1])
    assert TrainingClass.objects.get().not_completed.count() == 0
