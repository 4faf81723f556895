"""Duplicates: what takes the credit, and what does not."""

import datetime as dt
import uuid

import pytest

from training.models import Course
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


def test_twin_whose_course_was_refused_does_not_take_the_credit(three, agency):
    refused = make.course(agency, "Joint exercise", refused_on=DAY, skill=6)
    make.record(three[0], DAY, course=refused, skill=6)
    other = make.agency()
    held, _ = classes.record(
        by=make.ceo(other), agency=other, title="Joint exercise", starts_on=DAY, ends_on=DAY, lines=make.lines(skill=6),
        attendances=[Attendance(three[0], by_number=True)], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    assert [one.not_counted for one in held.records.all()] == [""]


def entered(agency, title, officer, **hours):
    """A class of one officer, recorded through the service, and its record."""
    held, _ = classes.record(
        by=make.ceo(agency), agency=agency, title=title, starts_on=DAY, ends_on=DAY, lines=make.lines(**hours),
        attendances=[Attendance(officer, by_number=True)], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    return held, held.records.get()


@pytest.mark.parametrize("title", ["joint  EXERCISE.", "Joint-Exercise", "Jóint Exercise"])
def test_titles_are_compared_as_files_compare_them(three, agency, title):
    _, counted = entered(agency, "Joint exercise", three[0], skill=6)
    _, record = entered(make.agency(), title, three[0], skill=6)
    assert (record.not_counted, record.twin) == ("duplicate", counted)


def test_of_several_twins_the_one_that_goes_first_is_named(three, agency):
    own = make.record(three[0], DAY, course=make.course(agency, "Joint exercise"), skill=6)
    recognized = make.record(
        three[0], DAY, course=Course.objects.create(title="Joint exercise", source_kind="out_of_state", sponsor="FBI"),
        skill=6,
    )  # fmt: skip
    _, record = entered(make.agency(), "Joint exercise", three[0], skill=6)
    assert (record.not_counted, record.twin) == ("duplicate", recognized)
    assert own.pk < recognized.pk


def test_undoing_the_twin_counts_the_entry_again_and_names_no_twin(three, agency):
    held, _ = entered(agency, "Joint exercise", three[0], skill=6)
    other, record = entered(make.agency(), "Joint exercise", three[0], skill=6)
    classes.void(by=make.ceo(agency), training_class=held, reason="Entered by mistake")
    anew = other.records.live().get()
    assert (anew.replaces, anew.not_counted, anew.twin, anew.not_counted_note) == (record, "", None, "")
    assert [line.hours for line in anew.lines.all()] == [6]
