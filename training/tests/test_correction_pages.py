"""Setting a class right on its pages: corrected as it was entered, officers moved and taken out, duplicates kept."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from training.models import TrainingClass, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def held(agency, chief, three):
    return entered(agency, chief, "Winter driving", three[:2])


def entered(agency, by, title, people, day=DAY, **hours):
    return classes.record(
        by=by, agency=agency, title=title, starts_on=day, ends_on=day, lines=make.lines(**(hours or {"skill": 4})),
        attendances=[Attendance(one) for one in people], submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


def url(name: str, held) -> str:
    return reverse(name, args=[held.reference])


def typed(client, held, **changes) -> dict:
    """What a browser sends of the correction page as it opens, with some of it changed."""
    form = client.get(url("training:class_correct", held)).context["form"]
    data = {key: form.data.getlist(key) for key in form.data}
    return data | {"submission_key": str(form.submission_key)} | changes


def test_page_opens_with_the_class_as_it_stands(client, held, three):
    page = client.get(url("training:class_correct", held))
    assert "Correct Winter driving, November 18, 2026" in page.content.decode()
    form = page.context["form"]
    assert form.ticked == {three[0].pk, three[1].pk}
    assert form.data["course"] == "Winter driving"
    assert form.is_valid()


def test_class_is_corrected_with_a_reason_after_a_look_at_what_changes(client, held, chief, three):
    changes = typed(client, held, place="Range 2", officers=[three[1].pk, three[2].pk])
    check = client.post(url("training:class_correct", held), changes | {"step": "check"}).content.decode()
    assert f"Why is {held.reference} corrected?" in check
    assert reverse("compliance:correct_effect", args=[held.reference]) in check
    assert "already has a record of this class" not in check
    effect = client.post(reverse("compliance:correct_effect", args=[held.reference]), changes).content.decode()
    assert "Abbott, Renee" in effect
    assert "Dwyer, Patrick" in effect
    assert TrainingClass.objects.live().get() == held
    response = client.post(url("training:class_correct", held), changes | {"step": "record", "reason": "Wrong range"})
    anew = TrainingClass.objects.live().get()
    assert response.url == url("training:class_detail", anew)
    assert (anew.place, anew.replaces, anew.recorded_by) == ("Range 2", held, chief)
    assert {one.officer for one in anew.records.live()} == {three[1], three[2]}
    held.refresh_from_db()
    assert held.void_reason == "Wrong range"
    assert f"{anew.reference}</a> stands for it now" in client.get(url("training:class_detail", held)).content.decode()
    trail = client.get(url("training:class_detail", anew)).content.decode()
    assert f'This corrects <a href="{url("training:class_detail", held)}">' in trail
    assert "Wrong range" in trail


def test_correction_without_a_reason_or_a_change_says_so_and_loses_nothing(client, held, three):
    changes = typed(client, held, place="Range 2")
    page = client.post(url("training:class_correct", held), changes | {"step": "record"}).content.decode()
    assert "Say why the class is corrected." in page
    assert 'value="Range 2"' in page
    same = typed(client, held) | {"step": "record", "reason": "Just so"}
    page = client.post(url("training:class_correct", held), same).content.decode()
    assert "Nothing is changed: the class stands exactly like this." in page
    assert "Just so" in page
    assert TrainingClass.objects.live().get() == held


def test_correction_sent_twice_is_one(client, held, three):
    changes = typed(client, held, place="Range 2") | {"step": "record", "reason": "Wrong range"}
    client.post(url("training:class_correct", held), changes)
    response = client.post(url("training:class_correct", held), changes)
    assert response.url == url("training:class_detail", TrainingClass.objects.live().get())
    assert TrainingClass.objects.count() == 2


def test_officers_are_moved_to_another_class_with_the_effect_before(client, agency, chief, held, three):
    other = entered(agency, chief, "Search law", [three[2]], DAY - dt.timedelta(days=1), legal=2)
    record = held.records.get(officer=three[0])
    given = {"records": [record.pk], "to": other.pk, "reason": "Was in the other room"}
    effect = client.post(reverse("compliance:move_effect", args=[held.reference]), given).content.decode()
    assert "Abbott, Renee" in effect
    assert held.records.live().count() == 2
    response = client.post(url("training:class_move", held), given)
    assert response.url == url("training:class_detail", other)
    assert other.records.live().filter(officer=three[0]).exists()
    assert [one.officer for one in held.records.live()] == [three[1]]
    record.refresh_from_db()
    assert record.void_reason == f"Moved to {other.reference}: Was in the other room"


def test_officer_is_taken_out_and_nobody_left_is_refused(client, held, three):
    record = held.records.get(officer=three[0])
    client.post(url("training:class_move", held), {"records": [record.pk], "to": "out", "reason": "Was ill"})
    assert [one.officer for one in held.records.live()] == [three[1]]
    last = held.records.live().get()
    page = client.post(url("training:class_move", held), {"records": [last.pk], "to": "out", "reason": "Was ill"})
    assert "Nobody would be left in the class. Undo the class instead." in page.content.decode()
    page = client.post(url("training:class_move", held), {"reason": "Was ill"}).content.decode()
    assert "Tick at least one officer." in page
    assert "Choose what becomes of them." in page
    assert "Was ill" in page


def test_classes_of_others_are_no_target(client, agency, chief, held, three):
    other = make.agency()
    theirs = entered(other, make.ceo(other), "Search law", [make.officer(other)], legal=2)
    given = {"records": [held.records.first().pk], "to": theirs.pk, "reason": "x"}
    client.post(url("training:class_move", held), given)
    assert held.records.live().count() == 2


def test_undone_class_is_shown_as_it_is(client, chief, held):
    classes.void(by=chief, training_class=held, reason="Entered twice")
    for name in ("training:class_correct", "training:class_move"):
        assert client.get(url(name, held)).url == url("training:class_detail", held)


def test_duplicate_is_kept_at_entry_with_a_reason(client, agency, chief, held, three):
    """The second part of a conference: the same title, the same day, as many hours, and not the same training."""
    data = {
        "course": "Winter  Driving.", "ends_on": DAY.isoformat(), "delivery": "classroom", "hours-area-skill": "4",
        "officers": [three[0].pk, three[2].pk], "submission_key": str(uuid.uuid4()),
    }  # fmt: skip
    enter = reverse("training:class_enter", args=[agency.code])
    check = client.post(enter, data | {"step": "check"}).content.decode()
    assert f'name="kept-{three[0].pk}"' in check
    assert f'name="kept-{three[2].pk}"' not in check
    client.post(enter, data | {"step": "record", f"kept-{three[0].pk}": " Part two,  in the afternoon "})
    record = TrainingRecord.objects.exclude(training_class=held).get(officer=three[0])
    assert (record.not_counted, record.kept_because) == ("", "Part two, in the afternoon")


def test_instructors_of_a_new_course_are_kept_for_post(client, agency, chief, three):
    data = {
        "course": "Night fire", "synopsis": "Low light.", "instructors": "Sgt. Lindqvist, NRA certified",
        "ends_on": DAY.isoformat(), "delivery": "classroom", "hours-area-skill": "4", "officers": [three[0].pk],
        "submission_key": str(uuid.uuid4()), "step": "record",
    }  # fmt: skip
    client.post(reverse("training:class_enter", args=[agency.code]), data)
    assert TrainingClass.objects.get().course.instructors == "Sgt. Lindqvist, NRA certified"
