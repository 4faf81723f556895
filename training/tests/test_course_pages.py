"""The pages of in-service courses: an agency's list, one course, POST's queue and review."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from training.models import Course, CourseReview
from training.services import classes, courses
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
def post(client):
    account = make.post_staff()
    client.force_login(account)
    return account


def text(response) -> str:
    return " ".join(response.content.decode().split())


def held_of(agency, title, people):
    return classes.record(
        by=None, agency=agency, title=title, synopsis="Skid pad and theory.", starts_on=DAY, ends_on=DAY,
        lines=make.lines(skill=4, legal=2), attendances=[Attendance(one) for one in people],
        submission_key=uuid.uuid4(), today=TODAY, instructors="Sgt. Lindqvist",
    )[0]  # fmt: skip


def test_agency_without_a_course(client, chief):
    page = text(client.get("/agencies/harlan/courses/"))
    assert "No in-service course yet" in page
    assert "Enter the first class" in page


def test_agency_sees_the_state_of_each_course_and_enters_a_class_of_it(client, chief, agency, three):
    fresh, old = held_of(agency, "Winter driving", three).course, make.course(agency, "Old course")
    good = make.course(agency, "Good course")
    courses.review(by=None, course=old, decision="refused", reason="No synopsis", today=TODAY)
    courses.review(by=None, course=good, decision="approved", control_number="IS-7", today=TODAY)
    page = text(client.get("/agencies/harlan/courses/"))
    assert "3 in-service courses, 1 not yet reviewed" in page
    for course in (fresh, good):
        assert f"/agencies/harlan/classes/enter/?course={course.pk}" in page
    assert f"?course={old.pk}" not in page
    assert "IS-7" in page


def test_course_shows_what_was_submitted_and_its_classes(client, chief, agency, three):
    held = held_of(agency, "Winter driving", three)
    page = text(client.get(f"/courses/{held.course.pk}/"))
    assert "Winter driving counts, and is not yet reviewed" in page
    for told in ("Skid pad and theory.", "Sgt. Lindqvist", held.reference, "Enter a class of it"):
        assert told in page
    courses.review(by=None, course=held.course, decision="refused", reason="Too thin", today=TODAY)
    page = text(client.get(f"/courses/{held.course.pk}/"))
    assert "POST refused Winter driving on November 20, 2026" in page
    assert "Reason: Too thin" in page
    assert f'hx-get="/courses/{held.course.pk}/effect/"' in page
    assert "Enter a class of it" not in page


def test_queue_has_the_longest_waiting_first_and_is_empty_when_done(client, post, agency, three):
    first, second = make.course(agency, "Zebra crossing"), held_of(agency, "Alpha drill", three[:2]).course
    page = text(client.get("/courses/to-review/"))
    assert "2 courses wait for review" in page
    assert page.index("Zebra crossing") < page.index("Alpha drill")
    for course in (first, second):
        courses.review(by=post, course=course, decision="approved", today=TODAY)
    assert "No course waits for review" in text(client.get("/courses/to-review/"))
    assert "2 courses approved" in text(client.get("/courses/to-review/?state=approved"))
    assert "0 courses refused" in text(client.get("/courses/to-review/?state=refused"))


def test_review_is_kept_and_said(client, post, agency):
    course = make.course(agency, "Winter driving")
    page = client.post(
        f"/courses/{course.pk}/review/",
        {"decision": "approved", "control_number": "is-204", "conditions": "Live fire only outdoors"},
        follow=True,
    )
    assert "“Winter driving” of Harlan County Sheriff is approved." in text(page)
    assert "Live fire only outdoors" in text(page)
    course.refresh_from_db()
    assert course.control_number == "IS-204"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Choose whether the course is approved or refused."),
        ({"decision": "refused", "reason": " "}, "Say why the course is refused."),
        ({"decision": "approved", "control_number": "IS-1"}, "IS-1 is the number of “Old course”"),
    ],
)
def test_review_says_what_is_missing_and_keeps_what_was_typed(client, post, agency, sent, told):
    make.Course.objects.filter(pk=make.course(agency, "Old course").pk).update(control_number="IS-1")
    course = make.course(agency)
    page = client.post(f"/courses/{course.pk}/review/", {"conditions": "Typed words", **sent})
    assert told in text(page)
    assert "Typed words" in text(page)
    assert not CourseReview.objects.exists()


@pytest.mark.parametrize("path", ["/agencies/harlan/courses/", "/courses/to-review/"])
def test_lists_take_a_constant_number_of_statements(client, post, agency, three, path):
    counts = []
    for number in (1, 20):
        for _ in range(number):
            make.course(agency)
        held_of(agency, f"Course of {number}", three[:1])
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ceo of another agency", [404, 404, 403, 404]),
        ("officer of the agency", [404, 404, 403, 404]),
        ("delegate", [200, 200, 403, 403]),
        ("post staff", [200, 200, 200, 200]),
        ("director", [200, 200, 200, 403]),
    ],
)
def test_who_may_open_which(client, agency, who, expected):
    course = make.course(agency)
    account = {
        "ceo of another agency": lambda: make.ceo(make.agency()),
        "officer of the agency": lambda: make.officer_account(make.officer(agency)),
        "delegate": lambda: make.delegate(agency),
        "post staff": make.post_staff,
        "director": make.director,
    }[who]()
    client.force_login(account)
    paths = [
        "/agencies/harlan/courses/",
        f"/courses/{course.pk}/",
        "/courses/to-review/",
        f"/courses/{course.pk}/review/",
    ]
    assert [client.get(path).status_code for path in paths] == expected


def test_agency_adds_the_synopsis_of_a_course_that_came_without(client, agency, chief, three):
    held = held_of(agency, "Night fire", three)
    Course.objects.filter(pk=held.course_id).update(synopsis="")
    page = text(client.get(f"/courses/{held.course_id}/"))
    assert "Add the synopsis, before POST reviews it" in page
    answer = client.post(f"/courses/{held.course_id}/submission/", {"synopsis": " ", "instructors": "Sgt. Lindqvist"})
    assert "Say what is taught, in a few sentences." in text(answer)
    assert "Sgt. Lindqvist" in text(answer)
    given = {"synopsis": "Low light,\nthree drills.", "instructors": "Sgt.  Lindqvist"}
    given["seen"] = client.get(f"/courses/{held.course_id}/submission/").context["seen"]
    client.post(f"/courses/{held.course_id}/submission/", given)
    held.course.refresh_from_db()
    assert (held.course.synopsis, held.course.instructors) == ("Low light,\nthree drills.", "Sgt. Lindqvist")
    assert held.course.events.last().pgh_context["reason"] == "Added to what was submitted to POST"
    assert held.course.events.last().pgh_context["user"] == chief.pk


def test_refused_course_that_was_added_to_waits_for_post_again(client, agency, chief, three):
    course, staff = held_of(agency, "Night fire", three).course, make.post_staff()
    courses.review(by=staff, course=course, decision="refused", reason="No synopsis", today=TODAY)
    assert "Add what it lacked" in text(client.get(f"/courses/{course.pk}/"))
    seen = client.get(f"/courses/{course.pk}/submission/").context["seen"]
    client.post(f"/courses/{course.pk}/submission/", {"synopsis": "Low light.", "seen": seen})
    assert "has added to it on" in text(client.get(f"/courses/{course.pk}/"))
    assert "waits for POST again" in text(client.get(f"/agencies/{agency.code}/courses/"))
    client.force_login(staff)
    queue = client.get("/courses/to-review/")
    assert [one.pk for one in queue.context["object_list"]] == [course.pk]
    assert "added to since it was refused" in text(queue)
    courses.review(by=staff, course=course, decision="approved", today=TODAY)
    assert list(client.get("/courses/to-review/").context["object_list"]) == []


def test_what_post_approved_is_not_changed_and_a_strangers_course_neither(client, agency, chief, three):
    course = held_of(agency, "Night fire", three).course
    courses.review(by=make.post_staff(), course=course, decision="approved", today=TODAY)
    answer = client.post(f"/courses/{course.pk}/submission/", {"synopsis": "Quite another."})
    assert "POST approved this course as it was submitted." in text(answer)
    course.refresh_from_db()
    assert (course.synopsis, course.added_to_at) == ("Skid pad and theory.", None)
    client.force_login(make.ceo(make.agency()))
    assert client.post(f"/courses/{course.pk}/submission/", {"synopsis": "x"}).status_code == 404
