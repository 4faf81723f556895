"""Rows of a file beside what is said of the same class already: who taught it, and who did not complete it."""

import datetime as dt
import uuid

import pytest

from training.imports import working
from training.models import ImportRow, NotCompleted, TrainingRecord
from training.services import classes, corrections, imports
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def sent(chief, agency, *rows: str) -> list[tuple[str, str]]:
    """(Fate, what is wrong) of each row: license, title, hours, role, delivery."""
    text = "License,Title,Date,Hours,Area,Role,Delivery\n"
    for row in rows:
        number, title, hours, role, delivery = [*row.split(","), ""][:5]
        text += f"{number},{title},{DAY},{hours},Skill,{role},{delivery}\n"
    held, _ = imports.upload(by=chief, body=agency, name="a.csv", data=text.encode())
    imports.send(by=chief, training_import=held)
    assert working.work(held.pk)
    rows = ImportRow.objects.filter(training_import=held).order_by("number")
    return [(one.fate, one.wrong) for one in rows]


def given() -> list[tuple[str, str]]:
    rows = TrainingRecord.objects.live().order_by("officer__license_number", "pk")
    return list(rows.values_list("officer__license_number", "role"))


@pytest.mark.parametrize("delivery", ["", "online"])
@pytest.mark.parametrize("first", ["Instructor", "Student"])
def test_who_taught_a_class_is_not_also_its_student(agency, chief, three, first, delivery):
    second = "Student" if first == "Instructor" else "Instructor"
    fates = sent(chief, agency, f"38120,Driving,8,{first}", f"38120,Driving,4,{second},{delivery}")
    assert [fate for fate, _ in fates] == ["credited", "held"]
    assert "row 2" in fates[1][1]
    assert given() == [("38120", first.lower())]


def test_who_taught_a_class_entered_on_the_page_is_not_its_student_in_a_file(agency, chief, three):
    course = make.course(agency, "Driving", skill=4)
    held, _ = classes.record(
        by=chief, agency=agency, course=course, starts_on=DAY, ends_on=DAY, lines=make.lines(skill=4),
        attendances=[Attendance(three[0], "instructor")], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    [(fate, wrong)] = sent(chief, agency, "38120,Driving,2,Student,online")
    assert fate == "held"
    assert wrong == (
        f"Abbott, Renee (38120) taught “Driving” that day ({held.reference}), and the row says that they attended it."
    )


def test_another_session_has_a_title_of_its_own(agency, chief, three):
    fates = sent(chief, agency, "38120,Driving,8,Instructor", "38120,Driving: night,4,Student,online")
    assert [fate for fate, _ in fates] == ["credited", "credited"]


@pytest.fixture
def held(agency, chief, three):
    """A class that the first completed and the second did not."""
    course = make.course(agency, "Driving", skill=4)
    return classes.record(
        by=chief, agency=agency, course=course, starts_on=DAY, ends_on=DAY, lines=make.lines(skill=4),
        attendances=[Attendance(three[0])], left_out=[three[1]], submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


@pytest.mark.parametrize("delivery", ["", "online"])
def test_row_of_somebody_who_did_not_complete_the_class_is_held_and_says_why(agency, chief, three, held, delivery):
    assert sent(chief, agency, f"40218,Driving,4,Student,{delivery}", "29944,Driving,4,Student") == [
        ("held", f"Calloway, Marcus (40218) is recorded as not completed in this class ({held.reference})."),
        ("credited", ""),
    ]
    assert f"correct {held.reference}" in ImportRow.objects.held().get().fix
    assert NotCompleted.objects.live().get().officer == three[1]
    assert [number for number, _ in given()] == ["29944", "38120"]


def test_row_is_taken_once_it_is_no_longer_said_that_they_did_not_complete_it(agency, chief, three, held):
    corrections.correct(
        by=chief, training_class=held, reason="Was not there at all", agency=agency, course=held.course,
        starts_on=DAY, ends_on=DAY, lines=make.lines(skill=4), attendances=[Attendance(three[0])],
        submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    assert sent(chief, agency, "40218,Driving,4,Student") == [("credited", "")]
