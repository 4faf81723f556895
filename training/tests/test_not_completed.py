"""Who was in a class and did not complete it: kept with the class, without credit."""

import datetime as dt
import uuid

import pytest

from training.hours import Line
from training.models import TrainingRecord
from training.services import classes
from training.services.classes import Attendance, ClassDraft
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def held(agency, chief, three):
    """A class the first completed and the second did not."""
    return classes.record(
        by=chief, agency=agency, title="Range day", starts_on=DAY, ends_on=DAY, lines=make.lines(skill=2),
        attendances=[Attendance(three[0])], left_out=[three[1]], submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


def says(held, three, left_out) -> bool:
    """Whether a form with these people left out says what `held` says."""
    draft = ClassDraft(
        agency=held.reported_by_agency, course=held.course, title="", synopsis="", starts_on=DAY, ends_on=DAY,
        delivery=held.delivery, place="", lines=tuple(Line(one.area, one.topic, one.hours) for one in held.lines.all()),
        attendances=(Attendance(three[0]),), left_out=left_out,
    )  # fmt: skip
    return classes.is_same(held, draft)


def test_they_are_kept_with_the_class_and_get_no_credit(held, three, chief):
    assert [(one.officer, one.recorded_by) for one in held.not_completed.live()] == [(three[1], chief)]
    assert [one.officer for one in TrainingRecord.objects.filter(training_class=held)] == [three[0]]


def test_same_form_without_them_is_another_answer(held, three):
    assert says(held, three, (three[1],))
    assert not says(held, three, ())


def test_undoing_the_class_voids_it_with_the_reason(held, chief):
    classes.void(by=chief, training_class=held, reason="Entered twice")
    assert [one.void_reason for one in held.not_completed.all()] == ["Entered twice"]


def test_page_shows_them_to_the_agency_that_reported_it_alone(client, held, chief, three):
    page = f"/classes/{held.reference}/"
    client.force_login(chief)
    shown = client.get(page).content.decode()
    assert "Did not complete: no credit" in shown
    assert three[1].license_number in shown
    client.force_login(make.officer_account(three[0]))
    shown = client.get(page).content.decode()
    assert three[0].license_number in shown
    assert three[1].license_number not in shown
