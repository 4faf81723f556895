"""A reason that kept a duplicate keeps no repeat: that a course counts twice in a period is POST's alone to say."""

import datetime as dt
import uuid

import pytest

from clee_portal.refusal import Refused
from training.models import TrainingRecord
from training.services import classes, corrections, duplicates
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 14)
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def course(agency):
    return make.course(agency, "Driving", skill=4)


def enter(by, agency, course, day, officer, kept_because=""):
    return classes.record(
        by=by, agency=agency, course=course, starts_on=day, ends_on=day, lines=make.lines(skill=4),
        attendances=[Attendance(officer, kept_because=kept_because)], submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


def correct(by, held, day, **more):
    made, _ = corrections.correct(
        by=by, training_class=held, reason="Another day", agency=held.reported_by_agency,
        submission_key=uuid.uuid4(), today=TODAY, course=held.course, starts_on=day, ends_on=day,
        lines=make.lines(skill=4), attendances=[Attendance(one.officer) for one in held.records.live()], **more,
    )  # fmt: skip
    return made.records.get()


def test_reason_of_a_duplicate_keeps_no_repeat(agency, course, three):
    chief = make.ceo(agency)
    enter(chief, agency, course, DAY, three[0])
    second = enter(chief, agency, course, DAY, three[0], kept_because="Part two")
    assert second.records.get().kept_because == "Part two"
    moved = correct(chief, second, DAY + dt.timedelta(days=5))
    assert (moved.not_counted, moved.kept_because) == ("repeat", "")


def test_reason_of_a_duplicate_stays_beside_the_duplicate(agency, course, three):
    chief = make.ceo(agency)
    enter(chief, agency, course, DAY, three[0])
    second = enter(chief, agency, course, DAY, three[0], kept_because="Part two")
    same = correct(chief, second, DAY, place="Range")
    assert (same.not_counted, same.kept_because) == ("", "Part two")


def test_repeat_that_post_kept_stays_kept_when_the_agency_corrects_the_day(agency, course, three):
    chief = make.ceo(agency)
    enter(chief, agency, course, DAY, three[0])
    second = enter(chief, agency, course, DAY + dt.timedelta(days=7), three[0])
    with pytest.raises(Refused, match="Only POST"):
        duplicates.keep(by=chief, record=second.records.get(), reason="Each twice")
    duplicates.keep(by=make.post_staff(), record=second.records.get(), reason="Both halves")
    moved = correct(chief, second, DAY + dt.timedelta(days=5))
    assert (moved.not_counted, moved.kept_because) == ("", "Both halves")


def test_reason_goes_where_nothing_is_repeated_any_more(agency, course, three):
    chief = make.ceo(agency)
    enter(chief, agency, course, DAY, three[0])
    second = enter(chief, agency, course, DAY, three[0], kept_because="Part two")
    moved = correct(chief, second, DAY.replace(year=2025))
    assert (moved.not_counted, moved.kept_because) == ("", "")
    assert TrainingRecord.objects.live().filter(not_counted="").count() == 2
