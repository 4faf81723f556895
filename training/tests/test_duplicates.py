"""Duplicates: what takes the credit, and what does not."""

import datetime as dt
import uuid

import pytest

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
