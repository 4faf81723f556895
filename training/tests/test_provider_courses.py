"""A provider's catalogue: versions, what POST decides on, and what stays as it was."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from notifications.models import Message
from training import course_states, publishing
from training.models import Course, CourseReview
from training.provider_occasions import DECIDED
from training.services import courses, provider_courses, scheduling
from training.services.provider_courses import Facts
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.provider("Academy")


@pytest.fixture
def staff(school):
    return factories.provider_staff(school)


@pytest.fixture
def post():
    return factories.post_staff()


def facts(**more) -> Facts:
    return Facts(**{"title": "Interviews", "synopsis": "How to ask.", "administrator": "Dana Whitlock", **more})


def added(staff, school, **more) -> Course:
    return provider_courses.add(by=staff, provider=school, facts=facts(**more), lines=factories.lines(legal=4))


def review(post, course, decision, **more):
    return courses.review(by=post, course=course, decision=decision, today=clock.today(), **more)


def waits() -> list[Course]:
    return list(course_states.in_state(course_states.reviewed(clock.now()), course_states.TO_REVIEW))


def test_a_course_never_used_is_changed_in_place(school, staff):
    course = added(staff, school)
    same = provider_courses.change(by=staff, course=course, facts=facts(fee=Decimal(9)), lines=factories.lines(skill=2))
    assert (same.pk, same.fee) == (course.pk, Decimal(9))
    assert [(one.area.code, one.hours) for one in same.lines.all()] == [("skill", Decimal(2))]


def test_a_change_of_a_course_that_gave_credit_changes_no_credit(school, staff):
    course = added(staff, school)
    officer = factories.officer(factories.agency())
    record = factories.record(officer, clock.today() - dt.timedelta(days=9), course=course, legal=4)
    newer = provider_courses.change(by=staff, course=course, facts=facts(), lines=factories.lines(legal=8))
    record.refresh_from_db()
    assert (newer.replaces, record.training_class.course) == (course, course)
    assert [one.hours for one in record.lines.all()] == [Decimal(4)]
    assert [one.hours for one in course.lines.all()] == [Decimal(4)]
    with pytest.raises(Refused, match="newer version of this course meanwhile"):
        provider_courses.change(by=staff, course=course, facts=facts(fee=Decimal(1)), lines=factories.lines(legal=8))
    with pytest.raises(Refused, match="newer version"):
        scheduling.check_may_be_planned(course)


def test_nothing_changed_makes_no_version(school, staff):
    course = added(staff, school)
    factories.scheduled_class(course)
    assert provider_courses.change(by=staff, course=course, facts=facts(), lines=factories.lines(legal=4)) == course


def test_a_class_that_takes_the_version_over_keeps_what_was_its_own(school, staff):
    course = added(staff, school, fee=Decimal(40), instructors="Ada Long")
    held = factories.scheduled_class(course, fee=Decimal(25), instructors="Ada Long")
    over = factories.scheduled_class(course, clock.now() - dt.timedelta(days=1))
    newer = provider_courses.change(
        by=staff,
        course=course,
        facts=facts(fee=Decimal(60), instructors="Theo Vance"),
        lines=factories.lines(legal=4),
        for_classes=[held.pk, over.pk],
    )
    held.refresh_from_db(), over.refresh_from_db()
    assert (held.course, held.fee, held.instructors, held.sequence) == (newer, Decimal(25), "Theo Vance", 1)
    assert (over.course, over.sequence) == (course, 0)


def test_an_underwritten_course_waits_for_post_and_its_decision_is_told(school, staff, post):
    agency = factories.agency(name="Cedar Hollow Police")
    course = added(staff, school, underwrites=agency)
    own = added(staff, school, title="Our own")
    assert waits() == [course]
    assert "submitted on" in publishing.why_not_approved(course, clock.today())
    assert publishing.why_not_approved(own, clock.today()) == ""
    review(post, course, "approved", conditions="Two instructors")
    assert (waits(), publishing.why_not_approved(course, clock.today())) == ([], "")
    assert Message.objects.filter(occasion="provider_course_decided", user=staff).count() == 1
    newer = provider_courses.change(
        by=staff, course=course, facts=facts(underwrites=agency, fee=Decimal(5)), lines=factories.lines(legal=4)
    )
    assert (waits(), newer.replaces) == ([newer], course)


def test_a_refused_course_is_added_to_and_waits_again(school, staff, post):
    course = added(staff, school)
    review(post, course, "refused", reason="No objectives")
    assert waits() == []
    with pytest.raises(Refused, match="stay as POST read them"):
        provider_courses.change(by=staff, course=course, facts=facts(), lines=factories.lines(legal=8))
    with pytest.raises(Refused, match="Add to that course"):
        added(staff, school, title="INTERVIEWS")
    again = provider_courses.change(
        by=staff, course=course, facts=facts(objectives="Ask openly"), lines=factories.lines(legal=4)
    )
    assert (again.pk, waits()) == (course.pk, [course])
    assert Course.objects.refused_as_of(clock.END_OF_TIME).filter(pk=course.pk).exists()
    review(post, course, "approved")
    assert (waits(), list(Course.objects.refused_as_of(clock.END_OF_TIME))) == ([], [])


def test_a_withdrawn_course_is_not_planned_and_comes_back(school, staff):
    course = added(staff, school)
    provider_courses.withdraw(by=staff, course=course)
    course.refresh_from_db()
    with pytest.raises(Refused, match="was withdrawn"):
        scheduling.check_may_be_planned(course)
    other = added(staff, school)
    with pytest.raises(Refused, match="in the catalogue already"):
        provider_courses.bring_back(by=staff, course=course)
    provider_courses.withdraw(by=staff, course=other)
    assert provider_courses.bring_back(by=staff, course=course).withdrawn_at is None


def test_only_staff_of_the_provider_and_post_keep_its_catalogue(school, staff, post):
    course = added(post, school)
    other = factories.provider_staff(factories.provider())
    for act in (
        lambda: added(other, school, title="Another"),
        lambda: provider_courses.change(by=other, course=course, facts=facts(fee=Decimal(1)), lines=[]),
        lambda: provider_courses.withdraw(by=other, course=course),
        lambda: provider_courses.bring_back(by=other, course=course),
    ):
        with pytest.raises(Refused, match="You cannot change courses"):
            act()


def test_post_reviews_an_underwritten_course_on_the_page_of_its_queue(client, school, staff, post):
    course = added(staff, school, underwrites=factories.agency(name="Cedar Hollow Police"))
    client.force_login(post)
    queue = client.get(reverse("training:course_queue"))
    assert [one.pk for one in queue.context["object_list"]] == [course.pk]
    assert "underwritten for Cedar Hollow Police" in queue.text
    page = client.get(reverse("training:course_review", args=[course.pk]))
    assert (page.status_code, "Underwritten for" in page.text) == (200, True)
    detail = client.get(reverse("training:course_detail", args=[course.pk]))
    assert detail["Location"] == reverse("training:catalogue_course", args=[course.pk])
    assert "waits for POST" in client.get(detail["Location"]).text


def test_the_mail_of_a_decision_says_what_was_decided(school, staff, post):
    course = added(staff, school)
    made: CourseReview = review(post, course, "refused", reason="Too thin")
    said = DECIDED.contexts_of([f"{made.pk}:{staff.pk}"])[f"{made.pk}:{staff.pk}"]
    assert (said["course"], said["is_refused"], said["reason"], said["officers"]) == ("Interviews", True, "Too thin", 0)
    review(post, course, "approved")
    assert DECIDED.contexts_of([f"{made.pk}:{staff.pk}"]) == {}
