"""A class told as a form and read back is the same class: nobody's hours change when something else is corrected."""

import datetime as dt
import itertools
import uuid

import pytest
from django.urls import reverse

from clee_portal.refusal import Refused
from training.forms.class_data import data_of
from training.forms.class_entry import ClassEntryForm
from training.imports import working
from training.models import CreditLine, NotCompleted, TrainingClass, TrainingRecord
from training.services import corrections, imports
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
TODAY = dt.date(2026, 11, 20)
ROLES = ("student", "instructor")
OWN = {
    "all": None,
    "less": {"skill": 1},
    "more": {"skill": 9},
    "elsewhere": {"legal": 2, "legal__racial_profiling": 1},
    "in two areas": {"legal": 1, "interpersonal__racial_profiling": 1, "legal__racial_profiling": 1},
}
WHOLE = [
    {"skill": 4},
    {"skill": 3, "skill__firearms": "1.5", "legal": "0.25"},
    {"legal": 2, "legal__racial_profiling": 1, "interpersonal__racial_profiling": 1},
    {"legal__racial_profiling": 1, "interpersonal__racial_profiling": 1},
]


def given(held) -> dict:
    """Officer -> role and credit, of everyone in a class now."""
    rows = CreditLine.objects.filter(record__training_class=held, record__voided_at=None)
    found: dict = {}
    for officer, role, *line in rows.values_list("record__officer", "record__role", "area", "topic", "hours"):
        found.setdefault((officer, role), set()).add(tuple(line))
    return found


def a_class(agency, whole: dict) -> TrainingClass:
    """One with everybody in it that can be: each role, with each kind of own hours, of here and of elsewhere."""
    elsewhere = make.agency()
    course = make.course(agency, "Winter driving", **whole)
    held = TrainingClass.objects.create(course=course, starts_on=DAY, ends_on=DAY, reported_by_agency=agency)
    for line in make.lines(**whole):
        held.lines.create(area=line.area, topic=line.topic, hours=line.hours)
    for number, (role, own, home) in enumerate(itertools.product(ROLES, OWN.values(), (agency, elsewhere))):
        officer = make.officer(home, license_number=f"{52000 + number}")
        record = make.record(officer, DAY, course=course, held=held, **(own or whole))
        TrainingRecord.objects.filter(pk=record.pk).update(role=role)
    for number, home in enumerate((agency, elsewhere)):
        NotCompleted.objects.create(officer=make.officer(home, license_number=f"{53000 + number}"), training_class=held)
    return held


def corrected(held, **changes):
    """The valid form of a class as it stands, with something changed."""
    data = data_of(held)
    for name, value in changes.items():
        data[name] = value
    form = ClassEntryForm(data, body=held.reported_by_agency, today=TODAY, corrects=held)
    assert form.is_valid(), [dict(one.errors) for one in (form, *form.forms)]
    return form.draft


@pytest.mark.parametrize("whole", WHOLE, ids=str)
def test_class_read_back_is_the_same_class(agency, whole):
    held = a_class(agency, whole)
    draft = corrected(held)
    told = {
        (one.officer.pk, one.role): {
            (line.area.pk, line.topic and line.topic.pk, line.hours) for line in one.lines or draft.lines
        }
        for one in draft.attendances
    }
    assert told == given(held)
    assert len(told) == len(ROLES) * len(OWN) * 2
    assert {one.license_number for one in draft.left_out} == {"53000", "53001"}
    assert (draft.course, draft.starts_on, draft.ends_on, draft.delivery) == (held.course, DAY, DAY, "classroom")
    with pytest.raises(Refused, match="Nothing is changed"):
        corrections.correct(
            by=make.ceo(agency), training_class=held, reason="x", agency=agency, submission_key=uuid.uuid4(),
            today=TODAY, **draft.answers,
        )  # fmt: skip


def test_correcting_the_place_changes_nobodys_hours(agency):
    held = a_class(agency, WHOLE[0])
    before = given(held)
    made, _ = corrections.correct(
        by=make.ceo(agency), training_class=held, reason="The place", agency=agency, submission_key=uuid.uuid4(),
        today=TODAY, **corrected(held, place="Range").answers,
    )  # fmt: skip
    assert (made.place, given(made), given(held)) == ("Range", before, {})


def imported(agency, *rows: str) -> TrainingClass:
    """The one class of a file of rows: license, hours, role."""
    text = "License,Title,Date,Hours,Area,Role\n" + "\n".join(
        "{},Driving,2026-11-18,{},Skill,{}".format(*row.split()) for row in rows
    )
    chief = make.ceo(agency)
    held, _ = imports.upload(by=chief, body=agency, name="a.csv", data=text.encode())
    imports.send(by=chief, training_import=held)
    assert working.work(held.pk)
    return TrainingClass.objects.get()


def test_imported_class_gives_what_its_students_got_and_an_instructor_keeps_more(agency, three):
    """An instructor teaches two groups, and students attend one: the class is the students' 4 hours."""
    held = imported(agency, "38120 8 Instructor", "40218 4 Student")
    assert [line.hours for line in held.lines.all()] == [4]
    assert [line.hours for line in held.course.lines.all()] == [4]
    [taught] = [one for one in corrected(held).attendances if one.role == "instructor"]
    assert [line.hours for line in taught.lines] == [8]


def test_imported_class_in_which_one_has_more_than_the_usual_can_be_corrected(agency, three):
    held = imported(agency, "38120 6 Student", "40218 4 Student", "29944 4 Student")
    before = given(held)
    made, _ = corrections.correct(
        by=make.ceo(agency), training_class=held, reason="The place", agency=agency, submission_key=uuid.uuid4(),
        today=TODAY, **corrected(held, place="Range").answers,
    )  # fmt: skip
    assert given(made) == before


def test_more_than_the_class_gives_is_kept_but_not_raised(agency, three):
    held = imported(agency, "38120 6 Student", "40218 4 Student", "29944 4 Student")
    data = data_of(held)
    for hours, officer, message in (("6.5", three[0], "6.5 is more"), ("5", three[1], "5 is more")):
        typed = data.copy()
        typed[f"person-{officer.pk}-how"], typed[f"part-{officer.pk}-area-skill"] = "part", hours
        form = ClassEntryForm(typed, body=agency, today=TODAY, corrects=held)
        assert not form.is_valid()
        assert message in str(form.exceptions[officer.pk].part.errors)


def test_hours_of_an_instructor_are_entered_and_shown_to_be_corrected(client, agency, three):
    client.force_login(make.ceo(agency))
    data = {
        "course": "Range day", "synopsis": "x", "ends_on": DAY.isoformat(), "delivery": "classroom",
        "officers": [three[0].pk, three[1].pk], "submission_key": str(uuid.uuid4()), "step": "record",
        "hours-area-skill": "4", f"person-{three[1].pk}-how": "taught-part", f"part-{three[1].pk}-area-skill": "2.5",
    }  # fmt: skip
    assert client.post(reverse("training:class_enter", args=[agency.code]), data).status_code == 302
    held = TrainingClass.objects.get()
    assert sorted((role, str(line[2])) for (_, role), [line] in given(held).items()) == [
        ("instructor", "2.50"),
        ("student", "4.00"),
    ]
    page = client.get(reverse("training:class_correct", args=[held.reference])).content.decode()
    assert f'name="part-{three[1].pk}-area-skill" value="2.5"' in page
