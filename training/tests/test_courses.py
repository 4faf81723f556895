"""In-service courses: submitted in the step of the class, approved or refused by POST, and what a refusal sets free."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from training import pairs
from training.models import Course, CourseReview, TrainingRecord
from training.services import classes, courses
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture
def post():
    return make.post_staff()


@pytest.fixture
def review(post):
    def call(course, decision, **more):
        answers = {"by": post, "course": course, "decision": decision, "today": TODAY}
        return courses.review(**{**answers, **more})

    return call


def entered(agency, title, people, **hours):
    return classes.record(
        by=make.ceo(agency), agency=agency, title=title, starts_on=DAY, ends_on=DAY,
        lines=make.lines(**(hours or {"skill": 6})), attendances=[Attendance(one, by_number=True) for one in people],
        submission_key=uuid.uuid4(), today=TODAY,
    )[0]  # fmt: skip


def counted(officer) -> list[str]:
    """The references of the classes that count for an officer."""
    live = officer.records.live().filter(not_counted="").order_by("training_class_id")
    return [one.training_class.reference for one in live]


def test_submitted_with_synopsis_and_instructors(agency):
    course = courses.submit(
        by=make.ceo(agency), body=agency, title="Winter driving", lines=make.lines(skill=4, legal=2),
        synopsis="Skid pad.", instructors="  Sgt.  Lindqvist ", today=TODAY,
    )  # fmt: skip
    assert (course.synopsis, course.instructors) == ("Skid pad.", "Sgt. Lindqvist")
    assert course.source_kind == "in_service"


def test_approved_with_number_and_conditions(agency, review, post):
    course = make.course(agency)
    made = review(course, "approved", control_number=" is-204  ", conditions="Live fire only under an instructor.")
    course.refresh_from_db()
    assert course.control_number == "IS-204"
    assert (made.decision, made.decided_on, made.recorded_by) == ("approved", TODAY, post)
    assert made.conditions == "Live fire only under an instructor."
    event = apps.get_model("training", "CourseReviewEvent").objects.get(pgh_obj=made)
    assert event.pgh_context["reason"] == "In-service course approved by POST"


def test_the_same_decision_twice_is_one_review(agency, review):
    course = make.course(agency)
    first = review(course, "refused", reason="No synopsis")
    assert review(course, "refused", reason="No synopsis") == first
    assert CourseReview.objects.count() == 1


def test_refusal_needs_a_reason(agency, review):
    with pytest.raises(Refused, match="Say why") as refusal:
        review(make.course(agency), "refused", reason=" ")
    assert refusal.value.field == "reason"
    assert not CourseReview.objects.exists()


def test_number_of_another_course_is_refused(agency, review):
    Course.objects.filter(pk=make.course(agency, "Old course").pk).update(control_number="IS-1")
    with pytest.raises(Refused, match="IS-1 is the number of “Old course”") as refusal:
        review(make.course(agency), "approved", control_number="is-1")
    assert refusal.value.field == "control_number"
    assert not CourseReview.objects.exists()


@pytest.mark.parametrize("who", ["ceo", "director", "user"])
def test_review_is_posts(agency, review, who):
    person = {"ceo": lambda: make.ceo(agency), "director": make.director, "user": make.user}[who]()
    with pytest.raises(Refused, match="Only POST"):
        review(make.course(agency), "approved", by=person)


def test_course_of_a_sponsor_is_not_reviewed_here(review):
    course = Course.objects.create(title="Seminar", source_kind="out_of_state", sponsor="FBI")
    with pytest.raises(Refused, match="Only courses of agencies and providers"):
        review(course, "approved")


def test_refusal_lets_the_other_entry_count_and_approval_takes_it_back(three, agency, review):
    first = entered(agency, "Joint exercise", three)
    second = entered(make.agency(), "Joint Exercise", three)
    assert [counted(one) for one in three] == [[first.reference]] * 3
    review(first.course, "refused", reason="No synopsis")
    assert [counted(one) for one in three] == [[first.reference, second.reference]] * 3
    free = second.records.live().get(officer=three[0])
    assert (free.not_counted, free.twin, free.replaces.void_reason) == (
        "", None, "POST refused “Joint exercise”, which this entry repeated",
    )  # fmt: skip
    assert first.course in Course.objects.refused_as_of(clock.END_OF_TIME)
    review(first.course, "approved")
    assert [counted(one) for one in three] == [[first.reference]] * 3
    again = second.records.live().get(officer=three[0])
    assert (again.not_counted, again.twin.training_class) == ("duplicate", first)


def test_what_was_kept_stays_kept_through_refusal_and_approval(three, agency, review):
    first = entered(agency, "Joint exercise", three[:1])
    second = entered(make.agency(), "Joint Exercise", three[:1])
    TrainingRecord.objects.live().filter(training_class=second).update(
        not_counted="", not_counted_note="", twin=None, kept_because="Part two"
    )
    review(first.course, "refused", reason="No synopsis")
    review(first.course, "approved")
    assert counted(three[0]) == [first.reference, second.reference]


def test_first_approval_settles_nothing(three, agency, review):
    course = make.course(agency, "Joint exercise")
    make.record(three[0], DAY, course=course, skill=6)
    make.record(three[0], DAY, course=make.course(make.agency(), "Joint exercise"), skill=6)
    review(course, "approved")
    assert len(counted(three[0])) == 2
    assert len(pairs.both_counted(of_course=course)) == 1


@pytest.mark.parametrize("size", [1, 60])
def test_refusal_takes_a_constant_number_of_statements(agency, review, size):
    people = make.roster(agency, size)
    first = entered(agency, "Joint exercise", people)
    entered(make.agency(), "Joint exercise", people)
    with CaptureQueriesContext(connection) as refused:
        review(first.course, "refused", reason="No synopsis")
    with CaptureQueriesContext(connection) as approved:
        review(first.course, "approved")
    assert (len(refused), len(approved)) == (26, 31)


@pytest.mark.django_db(transaction=True)
def test_two_reviews_at_once_are_one_after_the_other(three, agency, review):
    course = entered(agency, "Joint exercise", three).course
    start, outcomes = threading.Barrier(2), []

    def decide():
        start.wait()
        try:
            outcomes.append(review(course, "refused", reason="No synopsis").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(outcomes)) == 1
    assert CourseReview.objects.count() == 1


def test_hours_between_refusal_and_approval_stay_with_one_entry(three, agency, review):
    first = entered(agency, "Joint exercise", three[:1])
    entered(make.agency(), "Joint exercise", three[:1])
    review(first.course, "refused", reason="No synopsis")
    refused = Course.objects.refused_as_of(clock.END_OF_TIME)
    lines = [
        line.hours
        for one in three[0].records.live().filter(not_counted="").exclude(training_class__course__in=refused)
        for line in one.lines.all()
    ]
    assert lines == [Decimal(6)]
