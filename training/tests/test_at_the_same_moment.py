"""Two reports of one training at the same moment give one credit each officer (docs/decisions/0009)."""

import datetime as dt
import threading
import uuid
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from training.imports import working
from training.models import TrainingClass, TrainingRecord
from training.services import classes, corrections, imports
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 11, 18)
TODAY = dt.date(2026, 11, 20)
A_WHILE = 1  # second: whoever does not wait is done long before


@contextmanager
def not_committed_yet(act, waits=True):
    """`act` is done by somebody else, who commits a while after the block began: the block waits for that, or not."""
    done, commit = threading.Event(), threading.Event()

    def work():
        try:
            with transaction.atomic():
                act()
                done.set()
                commit.wait(20)
        finally:
            done.set()
            connection.close()

    other = threading.Thread(target=work)
    other.start()
    assert done.wait(20)
    if waits:
        threading.Timer(A_WHILE, commit.set).start()
    yield
    has_waited = commit.is_set()
    commit.set()
    other.join()
    assert has_waited is waits, "nobody waited for the one who was first" if waits else "two that share nothing waited"


@pytest.fixture
def course(agency):
    return make.course(agency, "Winter driving", skill=4)


def enter(agency, officers, *, day=DAY, **what):
    return classes.record(
        by=make.delegate(agency), agency=agency, starts_on=day, ends_on=day, lines=make.lines(skill=4),
        attendances=[Attendance(one, by_number=True) for one in officers], submission_key=uuid.uuid4(), today=TODAY,
        **what,
    )[0]  # fmt: skip


def from_a_file(agency, officers, title="Winter driving", by=None):
    chief = by or make.ceo(agency)
    rows = [f"{one.license_number},{title},{DAY},4,Skill" for one in officers]
    text = "\n".join(["License,Title,Date,Hours,Area", *rows])
    held, _ = imports.upload(by=chief, body=agency, name="a.csv", data=text.encode())
    imports.send(by=chief, training_import=held)
    assert working.work(held.pk)


def counted(officers) -> list[int]:
    """How many entries count for each."""
    live = TrainingRecord.objects.live().filter(not_counted="")
    return [live.filter(officer=one).count() for one in officers]


def reported() -> list[int]:
    """How many entries each class has."""
    return [held.records.live().count() for held in TrainingClass.objects.order_by("pk")]


def test_two_classes_of_one_course(agency, three, course):
    with not_committed_yet(lambda: enter(agency, three, course=course)):
        enter(agency, three, course=course)
    assert (reported(), counted(three)) == ([3, 3], [1, 1, 1])


def test_two_classes_of_a_title_that_is_new(agency, three):
    with not_committed_yet(lambda: enter(agency, three, title="Night range")):
        enter(agency, three, title="Night-Range")
    assert (reported(), counted(three)) == ([3, 3], [1, 1, 1])


def test_two_days_of_one_course(agency, three, course):
    with not_committed_yet(lambda: enter(agency, three, course=course)):
        enter(agency, three, course=course, day=DAY - dt.timedelta(days=7))
    assert (reported(), counted(three)) == ([3, 3], [1, 1, 1])


def test_classes_of_two_agencies_of_one_title(agency, three, course):
    other = make.agency()
    with not_committed_yet(lambda: enter(agency, three, course=course)):
        enter(other, three, title="Winter driving")
    assert (reported(), counted(three)) == ([3, 3], [1, 1, 1])


def test_class_on_the_page_and_the_same_in_a_file(agency, three, course):
    with not_committed_yet(lambda: enter(agency, three[:2], course=course)):
        from_a_file(agency, three)
    assert (reported(), counted(three)) == ([3], [1, 1, 1])


def test_class_that_is_corrected_onto_the_day_of_another(agency, three, course):
    held = enter(agency, three, title="Range day")

    def correct():
        corrections.correct(
            by=make.ceo(agency), training_class=held, reason="It was this course", agency=agency, course=course,
            starts_on=DAY, ends_on=DAY, lines=make.lines(skill=4), attendances=[Attendance(one) for one in three],
            submission_key=uuid.uuid4(), today=TODAY,
        )  # fmt: skip

    with not_committed_yet(correct):
        enter(agency, three, course=course)
    assert counted(three) == [1, 1, 1]


def test_files_of_two_agencies_do_not_wait_for_each_other(agency, three):
    other = make.agency()
    theirs = [make.officer(other)]
    with not_committed_yet(lambda: from_a_file(other, theirs), waits=False):
        from_a_file(agency, three)
    assert counted([*three, *theirs]) == [1, 1, 1, 1]


def test_files_of_two_agencies_wait_where_they_name_the_same_officer(agency, three):
    other = make.agency()
    with not_committed_yet(lambda: from_a_file(other, three[:1])):
        from_a_file(agency, three)
    assert counted(three) == [1, 1, 1]


def test_two_files_of_one_agency_wait_for_each_other_and_make_one_class(agency, three):
    with not_committed_yet(lambda: from_a_file(agency, three[:1])):
        from_a_file(agency, three[1:])
    assert reported() == [3]


def test_a_file_of_post_that_may_make_anything_is_alone(agency, three):
    other = make.agency()
    theirs = [make.officer(other)]
    with not_committed_yet(lambda: from_a_file(other, theirs, by=make.post_staff())):
        from_a_file(agency, three)
    assert counted([*three, *theirs]) == [1, 1, 1, 1]
