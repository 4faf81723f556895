"""Whose standing a review of a course or a correction changes: told before it is done, and looked up afterwards."""

import pytest

from clee_portal import clock
from compliance.tests import people
from training.models import CourseReview, TrainingRecord
from training.services import classes, courses
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def two(agency):
    """One who lacks two hours of legal studies, and one who has nothing."""
    made = [make.officer(agency, name=name) for name in ("Renee Abbott", "Patrick Dwyer")]
    academy = {**people.ACADEMY, "technical": 4}
    academy.pop("legal")
    make.record(made[0], clock.today(), course=people.academy_course(), **academy)
    make.record(made[0], clock.today(), course=make.course(agency), **people.IN_SERVICE)
    return made


@pytest.fixture
def held(agency, two):
    return classes.record(
        by=make.ceo(agency), agency=agency, title="Legal update", starts_on=clock.today(), ends_on=clock.today(),
        lines=make.lines(legal=2), attendances=[Attendance(one) for one in two], submission_key=people.new_key(),
        today=clock.today(),
    )[0]  # fmt: skip


def told(answer) -> dict[str, str]:
    """Name -> what is said of the officer."""
    return {one.officer.sorted_name: one.chip.label for one in answer.context["effect"].changes}


LOST = {"Abbott, Renee": "no longer compliant: needs 2 h", "Dwyer, Patrick": "now needs 24 h (was 22 h)"}


def test_refusal_is_told_before_and_leaves_nothing_behind(client, held):
    client.force_login(make.post_staff())
    answer = client.post(f"/courses/{held.course.pk}/review/effect/", {"decision": "refused"})
    assert told(answer) == LOST
    assert not CourseReview.objects.exists()
    assert "Choose a decision" in client.post(f"/courses/{held.course.pk}/review/effect/", {}).content.decode()


def test_refusal_is_looked_up_afterwards_whatever_came_later(client, agency, held, two):
    courses.review(by=None, course=held.course, decision="refused", reason="No synopsis", today=clock.today())
    make.record(two[1], clock.today(), course=make.course(agency), technical=5)
    client.force_login(make.ceo(agency))
    assert told(client.get(f"/courses/{held.course.pk}/effect/")) == LOST


def test_approval_after_a_refusal_tells_who_has_the_hours_back(client, agency, held):
    for decision in ("refused", "approved"):
        courses.review(by=None, course=held.course, decision=decision, reason="So", today=clock.today())
    client.force_login(make.ceo(agency))
    assert told(client.get(f"/courses/{held.course.pk}/effect/")) == {
        "Abbott, Renee": "becomes compliant",
        "Dwyer, Patrick": "now needs 22 h (was 24 h)",
    }


def test_refusal_of_a_course_that_another_entry_repeats_costs_nobody_hours(client, agency, held, two):
    other = make.agency()
    classes.record(
        by=make.ceo(other), agency=other, title="Legal update", starts_on=clock.today(), ends_on=clock.today(),
        lines=make.lines(legal=2), attendances=[Attendance(two[0], by_number=True)], submission_key=people.new_key(),
        today=clock.today(),
    )  # fmt: skip
    courses.review(by=None, course=held.course, decision="refused", reason="No synopsis", today=clock.today())
    client.force_login(make.ceo(agency))
    answer = client.get(f"/courses/{held.course.pk}/effect/")
    assert told(answer) == {"Abbott, Renee": "still compliant", "Dwyer, Patrick": "now needs 24 h (was 22 h)"}


def test_not_yet_decided_says_so(client, agency, held):
    client.force_login(make.ceo(agency))
    assert "has not decided" in client.get(f"/courses/{held.course.pk}/effect/").content.decode()


def test_officers_of_others_are_counted_and_not_named(client, agency, held):
    guest = make.officer(make.agency(), name="Alma Vance")
    make.record(guest, clock.today(), course=held.course, held=held)
    courses.review(by=None, course=held.course, decision="refused", reason="No synopsis", today=clock.today())
    client.force_login(make.ceo(agency))
    answer = client.get(f"/courses/{held.course.pk}/effect/")
    assert (answer.context["effect"].others, "Vance" in answer.content.decode()) == (1, False)
    assert TrainingRecord.objects.live().filter(officer=guest).count() == 1
