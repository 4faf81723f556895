"""Confirming who completed a class: credit once, the same day; held where the provider's license was not valid."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from training.models import (
    HeldClass,
    ProviderLicense,
    ScheduledClass,
    ScheduledMeeting,
    TrainingClass,
    TrainingRecord,
)
from training.services import classes, confirming, corrections, held_classes, provider_courses, scheduling
from training.services.class_drafts import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
TODAY = dt.date(2026, 11, 20)
INSTRUCTOR = TrainingRecord.Role.INSTRUCTOR


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    """A time of day in Missouri."""
    return dt.datetime.combine(day, dt.time(hour, minute), clock.CHICAGO)


@pytest.fixture
def academy():
    return make.provider("Boone Academy")


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy)


@pytest.fixture
def held(academy):
    """A class of one morning, 8 to noon."""
    return make.scheduled_class(make.provider_course(academy, "Winter driving", skill=4), at(8))


@pytest.fixture
def confirm(staff, held):
    def call(people, *, by=staff, of=None, now=None, left_out=()):
        attendances = [one if isinstance(one, Attendance) else Attendance(one, by_number=True) for one in people]
        return confirming.confirm(
            by=by, scheduled_class=of or held, attendances=attendances, left_out=left_out, now=now or at(12, day=TODAY)
        )

    return call


def credit(officer) -> Decimal:
    """The counted hours of an officer."""
    rows = TrainingRecord.objects.live().filter(officer=officer, not_counted="")
    return sum((line.hours for one in rows for line in one.lines.all()), Decimal(0))


def test_confirming_makes_the_class_and_the_credit(confirm, held, staff, three):
    own = Attendance(three[1], lines=make.lines(skill="1.5"))
    done = confirm([three[0], own, Attendance(make.officer(), INSTRUCTOR)], left_out=[three[2]])
    made = done.training_class
    held.refresh_from_db()
    assert (done.is_new, held.training_class) == (True, made)
    assert (made.course, made.starts_on, made.ends_on, made.place) == (held.course, DAY, DAY, "Main hall, Columbia")
    assert (made.reported_by_agency, made.recorded_by) == (None, staff)
    assert [credit(one) for one in three] == [Decimal(4), Decimal("1.5"), 0]
    assert [one.source_kind for one in made.records.all()] == ["approved_provider"] * 3
    assert credit(made.records.get(role=INSTRUCTOR).officer) == Decimal(4)
    assert [one.officer for one in made.not_completed.all()] == [three[2]]


def test_a_class_is_confirmed_once(confirm, three):
    first, again = confirm(three), confirm(three[:1])
    assert (again.training_class, again.is_new) == (first.training_class, False)
    assert TrainingClass.objects.count() == 1


def test_after_the_class_was_undone_it_can_be_confirmed_anew(confirm, held, staff, three):
    first = confirm(three).training_class
    classes.void(by=staff, training_class=first, reason="The wrong list")
    held.refresh_from_db()
    assert held.training_class is None
    second = confirm(three[:1])
    assert second.is_new
    assert second.training_class != first
    assert [credit(one) for one in three] == [Decimal(4), 0, 0]


def test_a_correction_keeps_the_class_of_the_calendar_confirmed(confirm, held, staff, three):
    first = confirm(three).training_class
    made, _ = corrections.correct(
        by=staff, training_class=first, reason="One was not there", provider=held.provider,
        submission_key=uuid.uuid4(), today=TODAY, course=held.course, starts_on=DAY, ends_on=DAY,
        place=first.place, lines=make.lines(skill=4), attendances=[Attendance(one) for one in three[:2]],
    )  # fmt: skip
    held.refresh_from_db()
    assert held.training_class == made
    assert confirm(three).training_class == made


@pytest.mark.parametrize(("now", "may"), [(at(11, 29), False), (at(11, 30), True), (at(12), True)])
def test_a_class_is_confirmed_from_half_an_hour_before_its_end(confirm, three, now, may):
    if may:
        assert confirm(three, now=now).is_new
        return
    with pytest.raises(Refused, match="ends on November 18, 2026 at 12:00 PM"):
        confirm(three, now=now)


def test_a_class_of_several_meetings_waits_for_the_last(academy, confirm, three):
    several = make.scheduled_class(make.provider_course(academy), at(8), meetings=3)
    with pytest.raises(Refused, match="December 2, 2026"):
        confirm(three, of=several)
    done = confirm(three, of=several, now=at(12, day=dt.date(2026, 12, 2)))
    assert (done.training_class.starts_on, done.training_class.ends_on) == (DAY, dt.date(2026, 12, 2))


def test_a_class_past_midnight_is_completed_on_the_day_it_ends(academy, confirm, three):
    begins, ends = at(20, day=dt.date(2026, 12, 31)), at(0, 10, dt.date(2027, 1, 1))
    night = make.scheduled_class(make.provider_course(academy), begins)
    ScheduledMeeting.objects.filter(scheduled_class=night).update(ends_at=ends)
    ScheduledClass.objects.filter(pk=night.pk).update(ends_at=ends)
    night.refresh_from_db()
    with pytest.raises(Refused, match="in the future"):
        confirm(three, of=night, now=at(0, 0, dt.date(2027, 1, 1)) - dt.timedelta(seconds=1))
    made = confirm(three, of=night, now=at(0, 0, dt.date(2027, 1, 1))).training_class
    assert (made.starts_on, made.ends_on) == (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert {one.credited_year for one in made.records.all()} == {2027}


def test_a_class_that_ends_at_midnight_belongs_to_the_day_that_is_over(academy, confirm, three):
    begins = at(20, day=dt.date(2026, 10, 31))
    night = make.scheduled_class(make.provider_course(academy), begins)
    assert night.ends_at == at(0, day=dt.date(2026, 11, 1))
    assert confirm(three, of=night).training_class.ends_on == dt.date(2026, 10, 31)


def test_what_was_called_off_or_is_a_draft_is_not_confirmed(academy, confirm, three):
    draft = make.scheduled_class(make.provider_course(academy), at(8), state="draft")
    off = make.scheduled_class(
        make.provider_course(academy), at(8), state="called_off", called_off_at=at(7), called_off_because="Ice"
    )
    for one, words in ((draft, "draft"), (off, "called off: Ice")):
        with pytest.raises(Refused, match=words):
            confirm(three, of=one)


def test_only_the_providers_staff_and_post_confirm(confirm, agency, three):
    for stranger in (make.provider_staff(make.provider()), make.ceo(agency), make.director()):
        with pytest.raises(Refused, match="Only the provider’s staff"):
            confirm(three, by=stranger)
    assert confirm(three, by=make.post_staff()).is_new


def test_nobody_and_an_officer_without_a_license_are_refused(confirm, three):
    with pytest.raises(Refused, match="at least one officer"):
        confirm([])
    with pytest.raises(Refused, match="not in the register"):
        confirm([make.officer(issued_on=None)])
    assert not TrainingClass.objects.exists()


def suspend() -> None:
    ProviderLicense.objects.update(standing="suspended")


def test_without_a_valid_license_everything_is_held(confirm, held, staff, three):
    suspend()
    own = Attendance(three[1], lines=make.lines(skill="1.5"))
    done = confirm([three[0], own], left_out=[three[2]])
    kept = done.held_class
    assert (done.training_class, done.is_new, TrainingRecord.objects.count()) == (None, True, 0)
    assert (kept.scheduled_class, kept.recorded_by) == (held, staff)
    assert "was suspended for Boone Academy" in kept.because
    draft = held_classes.draft_of(kept)
    assert [(one.officer, one.lines) for one in draft.attendances] == [(three[0], None), (three[1], own.lines)]
    assert draft.left_out == (three[2],)
    assert confirm(three).held_class == kept


def test_what_is_held_is_released_by_post_once_the_license_is_mended(confirm, held, staff, three):
    suspend()
    kept = confirm(three, left_out=[]).held_class
    post = make.post_staff()
    with pytest.raises(Refused, match="Only POST"):
        held_classes.release(by=staff, held_class=kept, today=TODAY)
    with pytest.raises(Refused, match="was suspended"):
        held_classes.release(by=post, held_class=kept, today=TODAY)
    ProviderLicense.objects.update(standing="valid")
    made, is_new = held_classes.release(by=post, held_class=kept, today=TODAY)
    again, is_new_again = held_classes.release(by=post, held_class=kept, today=TODAY)
    assert (is_new, is_new_again, again) == (True, False, made)
    held.refresh_from_db()
    kept.refresh_from_db()
    assert (held.training_class, kept.training_class, kept.released_by) == (made, made, post)
    assert [credit(one) for one in three] == [Decimal(4)] * 3


def test_what_is_held_can_be_dropped_and_confirmed_anew(confirm, staff, three):
    suspend()
    kept = confirm(three).held_class
    with pytest.raises(Refused, match="Say why"):
        held_classes.drop(by=staff, held_class=kept, reason="")
    with pytest.raises(Refused, match="Only the provider"):
        held_classes.drop(by=make.ceo(make.agency()), held_class=kept, reason="No")
    dropped = held_classes.drop(by=staff, held_class=kept, reason="The wrong list")
    assert (dropped.void_reason, dropped.is_waiting) == ("The wrong list", False)
    with pytest.raises(Refused, match="dropped meanwhile"):
        held_classes.release(by=None, held_class=kept, today=TODAY)
    another = confirm(three[:1])
    assert another.is_new
    assert another.held_class != kept
    assert HeldClass.objects.waiting().count() == 1


def test_a_class_that_is_held_is_not_called_off(confirm, held, staff, three):
    suspend()
    kept = confirm(three).held_class
    with pytest.raises(Refused, match=f"kept as {kept.reference}"):
        scheduling.call_off(by=staff, held=held, reason="Snow")
    ProviderLicense.objects.update(standing="valid")
    made, _ = held_classes.release(by=make.post_staff(), held_class=kept, today=TODAY)
    held.refresh_from_db()
    assert (held.state, held.training_class) == ("published", made)


def test_a_course_of_a_class_that_is_held_is_changed_by_a_new_version(confirm, held, academy, staff, three):
    suspend()
    course = make.provider_course(academy, "Interviews", more={"synopsis": "How to ask."}, legal=4)
    kept = confirm(three).held_class
    HeldClass.objects.filter(pk=kept.pk).update(course=course)  # entered outside the calendar
    facts = provider_courses.Facts(**{**_facts(course), "synopsis": "How to ask, and to listen."})
    newer = provider_courses.change(by=staff, course=course, facts=facts, lines=make.lines(legal=8))
    course.refresh_from_db()
    assert (newer.replaces, course.synopsis) == (course, "How to ask.")
    assert [one.hours for one in course.lines.all()] == [Decimal(4)]


def _facts(course) -> dict:
    return {name: getattr(course, name) for name in provider_courses.FACTS}


def test_what_is_wrong_besides_the_license_is_said_before_it_is_held(confirm, three):
    suspend()
    with pytest.raises(Refused, match="at least one officer"):
        confirm([])
    make.license_event(three[0], "revoked", DAY)
    with pytest.raises(Refused, match="not in force"):
        confirm(three)
    assert not HeldClass.objects.exists()


def test_a_hundred_people_take_as_many_statements_as_one(academy, confirm):
    counts = []
    confirm(make.roster(make.agency(), 1))  # whose rights are read once
    for size in (1, 100):
        people = make.roster(make.agency(), size, first_number=50000 + size * 1000)
        of = make.scheduled_class(make.provider_course(academy), at(8))
        with CaptureQueriesContext(connection) as captured:
            confirm(people, of=of)
        counts.append(len(captured))
    assert counts[0] == counts[1]
