"""The service that records a class and undoes it: what is there afterwards, what is refused, what two at once do."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clee_portal.refusal import Refused
from training.models import Course, CreditLine, TrainingClass, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)
INSTRUCTOR = TrainingRecord.Role.INSTRUCTOR


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def record(agency, chief, three):
    """Records a class with good answers; each may be replaced."""

    def call(**changes):
        answers = {
            "by": chief,
            "agency": agency,
            "title": "Winter driving",
            "starts_on": DAY,
            "ends_on": DAY,
            "lines": make.lines(skill=4, legal=2),
            "attendances": [Attendance(one) for one in three],
            "submission_key": uuid.uuid4(),
            "today": TODAY,
        }
        return classes.record(**{**answers, **changes})

    return call


def credit(officer) -> Decimal:
    """The counted hours of an officer."""
    lines = CreditLine.objects.filter(record__officer=officer, record__voided_at=None, record__not_counted="")
    return sum((line.hours for line in lines), Decimal(0))


def test_record_gives_everyone_the_hours_of_the_class(record, agency, chief, three):
    held, is_new = record()
    assert is_new
    assert (held.reported_by_agency, held.recorded_by, held.ends_on) == (agency, chief, DAY)
    assert [credit(one) for one in three] == [Decimal(6)] * 3
    given = TrainingRecord.objects.get(officer=three[0])
    assert (given.credited_year, given.role, given.source_kind, given.not_counted) == (
        2026,
        "student",
        "in_service",
        "",
    )


def test_record_with_a_new_title_submits_the_course_in_the_same_step(record, agency):
    held, _ = record(title="  Winter   driving ", synopsis="Skid pad and theory.")
    course = Course.objects.get(agency=agency)
    assert held.course == course
    assert (course.title, course.source_kind, course.synopsis) == (
        "Winter driving",
        "in_service",
        "Skid pad and theory.",
    )
    assert {(line.area.code, line.hours) for line in course.lines.all()} == {
        ("skill", Decimal(4)),
        ("legal", Decimal(2)),
    }
    assert not course.reviews.exists()


def test_record_with_a_title_the_agency_has_uses_that_course(record, agency):
    course = make.course(agency, "Winter driving")
    assert record(title="winter DRIVING")[0].course == course


def test_record_credits_the_year_of_the_last_day(record, three):
    record(starts_on=dt.date(2025, 12, 31), ends_on=dt.date(2026, 1, 1))
    assert TrainingRecord.objects.get(officer=three[0]).credited_year == 2026


def test_record_gives_own_hours_and_instructor_credit(record, three):
    record(
        attendances=[
            Attendance(three[0], lines=make.lines(skill="1.5")),
            Attendance(three[1], role=INSTRUCTOR),
        ]
    )
    assert credit(three[0]) == Decimal("1.5")
    assert credit(three[1]) == Decimal(6)
    assert TrainingRecord.objects.get(officer=three[1]).role == "instructor"
    assert credit(three[2]) == 0


def test_record_notes_who_and_why_in_the_history(record, three):
    held, _ = record(attendances=[Attendance(three[0])])
    entry = apps.get_model("training", "TrainingClassEvent").objects.get(pgh_obj=held)
    assert entry.pgh_context["reason"] == "In-service class entered"


def test_same_form_twice_is_one_class(record):
    key = uuid.uuid4()
    first, _ = record(submission_key=key)
    second, is_new = record(submission_key=key, title="Something else")
    assert (second, is_new) == (first, False)
    assert TrainingClass.objects.count() == 1
    assert Course.objects.count() == 1


def test_form_of_another_agency_is_not_found_by_its_key(record):
    key = uuid.uuid4()
    record(submission_key=key)
    other = make.agency()
    stranger = make.officer(other)
    with pytest.raises(IntegrityError), transaction.atomic():
        record(submission_key=key, agency=other, by=make.ceo(other), attendances=[Attendance(stranger)])


def test_same_class_entered_again_is_kept_but_not_counted(record, three):
    first, _ = record()
    second, is_new = record(lines=make.lines(skill=4, legal=1))
    assert is_new
    assert [credit(one) for one in three] == [Decimal(6)] * 3
    kept = TrainingRecord.objects.get(training_class=second, officer=three[0])
    assert (kept.not_counted, kept.not_counted_note) == ("duplicate", f"Counted once, as {first.reference}")


@pytest.mark.parametrize(("hours", "counted"), [("5", True), ("5.01", False)])
def test_duplicate_is_within_an_hour(record, three, hours, counted):
    record(lines=make.lines(skill=4))
    record(title="winter driving", lines=make.lines(skill=hours), attendances=[Attendance(three[0])])
    statuses = list(
        TrainingRecord.objects.filter(officer=three[0]).order_by("pk").values_list("not_counted", flat=True)
    )
    assert statuses == ["", "duplicate" if counted else "repeat"]


def test_other_day_with_other_course_of_the_same_title_counts(record, three, agency):
    other = make.agency()
    make.record(three[0], DAY - dt.timedelta(days=1), course=make.course(other, "Winter driving"), skill=6)
    record()
    assert credit(three[0]) == Decimal(12)


def test_repeat_of_a_course_counts_once_for_students_each_time_for_instructors(record, three):
    record(attendances=[Attendance(three[0]), Attendance(three[1], role=INSTRUCTOR)])
    later = DAY + dt.timedelta(days=1)
    record(
        starts_on=later,
        ends_on=later,
        attendances=[Attendance(three[0]), Attendance(three[1], role=INSTRUCTOR)],
    )
    assert credit(three[0]) == Decimal(6)
    assert credit(three[1]) == Decimal(12)
    assert TrainingRecord.objects.filter(officer=three[0], not_counted="repeat").count() == 1


def test_void_takes_the_credit_and_keeps_the_rows(record, chief, three):
    held, _ = record()
    undone = classes.void(by=chief, training_class=held, reason="  Wrong   day ")
    assert (undone.void_reason, undone.voided_by) == ("Wrong day", chief)
    assert [credit(one) for one in three] == [0, 0, 0]
    assert TrainingRecord.objects.filter(training_class=held, void_reason="Wrong day", voided_by=chief).count() == 3


def test_void_twice_changes_nothing(record, chief):
    held, _ = record()
    first = classes.void(by=chief, training_class=held, reason="Wrong day")
    again = classes.void(by=chief, training_class=held, reason="Another reason")
    assert (again.voided_at, again.void_reason) == (first.voided_at, "Wrong day")


def test_void_needs_a_reason(record, chief):
    held, _ = record()
    with pytest.raises(Refused, match="Say why") as refusal:
        classes.void(by=chief, training_class=held, reason="  ")
    assert refusal.value.field == "reason"
    held.refresh_from_db()
    assert held.voided_at is None


@pytest.mark.parametrize("who", ["ceo", "director", "officer_account"])
def test_void_is_for_the_reporting_agency_and_post(record, three, who):
    held, _ = record()
    person = {
        "ceo": lambda: make.ceo(make.agency()),
        "director": make.director,
        "officer_account": lambda: make.officer_account(three[0]),
    }[who]()
    with pytest.raises(Refused, match="Only the agency or provider that reported"):
        classes.void(by=person, training_class=held, reason="Mischief")


def test_void_by_post_staff(record):
    held, _ = record()
    assert classes.void(by=make.post_staff(), training_class=held, reason="Agency asked").voided_at


def test_void_counts_again_what_was_its_duplicate(record, chief, three):
    first, _ = record()
    second, _ = record()
    third, _ = record()
    classes.void(by=chief, training_class=first, reason="Entered twice")
    assert [credit(one) for one in three] == [Decimal(6)] * 3
    live = TrainingRecord.objects.live().filter(officer=three[0]).order_by("pk")
    assert [(one.training_class, one.not_counted_note) for one in live] == [
        (second, ""),
        (third, f"Counted once, as {second.reference}"),
    ]
    assert live[0].replaces.training_class == second


def test_void_of_the_duplicate_leaves_the_first(record, chief, three):
    record()
    second, _ = record()
    classes.void(by=chief, training_class=second, reason="Entered twice")
    assert [credit(one) for one in three] == [Decimal(6)] * 3


def refused(record, **changes) -> tuple[str, str]:
    """Field and text of the refusal; asserts that nothing was recorded."""
    with pytest.raises(Refused) as refusal:
        record(**changes)
    assert not TrainingClass.objects.exists()
    assert not Course.objects.filter(title="Winter driving").exists()
    return refusal.value.field, refusal.value.message


def test_record_refuses_the_future(record):
    assert record(ends_on=TODAY, starts_on=TODAY)[1]


def test_record_refuses_tomorrow(record):
    tomorrow = TODAY + dt.timedelta(days=1)
    assert refused(record, ends_on=tomorrow) == (
        "ends_on",
        "November 21, 2026 is in the future. Enter the class once it was completed.",
    )


def test_record_refuses_an_end_before_the_start(record):
    field, text = refused(record, starts_on=DAY + dt.timedelta(days=1))
    assert (field, text) == ("starts_on", "The first day is after the day it was completed.")


@pytest.mark.parametrize(("hours", "fits"), [("24", True), ("24.01", False)])
def test_record_refuses_more_hours_than_the_days_hold(record, hours, fits):
    if fits:
        assert record(lines=make.lines(skill=hours))[1]
    else:
        assert refused(record, lines=make.lines(skill=hours))[0] == "hours"


def test_record_refuses_nobody(record):
    assert refused(record, attendances=[]) == ("officers", "Tick at least one officer who completed the class.")


def test_record_refuses_the_same_officer_twice(record, three):
    both = [Attendance(three[0]), Attendance(three[0], by_number=True)]
    assert refused(record, attendances=both)[0] == "numbers"


def test_record_refuses_an_officer_of_no_commission_here_that_day(record, agency):
    left = make.officer(agency, name="Leonard Yates", until=DAY - dt.timedelta(days=1))
    field, text = refused(record, attendances=[Attendance(left)])
    assert field == "officers"
    assert text.startswith(f"Yates, Leonard ({left.license_number}) was not commissioned at Harlan County Sheriff")


def test_record_accepts_the_last_day_of_a_commission(record, agency):
    assert record(attendances=[Attendance(make.officer(agency, until=DAY))])[1]


def test_record_accepts_another_agencys_officer_by_number(record):
    visitor = make.officer(make.agency())
    assert record(attendances=[Attendance(visitor, by_number=True)])[1]
    assert credit(visitor) == Decimal(6)


@pytest.mark.parametrize(("issued", "fits"), [(DAY, True), (DAY + dt.timedelta(days=1), False)])
def test_record_refuses_completion_before_the_license(record, agency, issued, fits):
    new = make.officer(agency, name="Dana Whitlock", issued_on=issued, since=make.LONG_AGO)
    if fits:
        assert record(attendances=[Attendance(new)])[1]
    else:
        field, text = refused(record, attendances=[Attendance(new)])
        assert field == "officers"
        assert text == (
            f"Whitlock, Dana ({new.license_number}): the license was issued on November 19, 2026, after the class. "
            "Nothing can be credited before it."
        )


def test_record_refuses_who_never_had_a_license(record, agency):
    assert (
        "is not in the register" in refused(record, attendances=[Attendance(make.officer(agency, issued_on=None))])[1]
    )


@pytest.mark.parametrize("kind", ["revoked", "expired", "surrendered"])
def test_record_refuses_a_license_that_ended(record, three, kind):
    make.license_event(three[0], kind, DAY)
    assert f"the license was {kind} on November 18, 2026" in refused(record)[1]


@pytest.mark.parametrize("kind", ["made_inactive", "suspended"])
def test_record_accepts_inactive_and_suspended_licenses(record, three, kind):
    make.license_event(three[0], kind, dt.date(2026, 4, 1))
    assert record()[1]


def test_license_that_ended_later_does_not_matter(record, three):
    make.license_event(three[0], "expired", DAY + dt.timedelta(days=1))
    assert record()[1]


def test_record_refuses_a_refused_course(record, agency):
    course = make.course(agency, "Old course", refused_on=dt.date(2026, 3, 2))
    field, text = refused(record, course=course, title="")
    assert field == "course"
    assert text.startswith("POST refused “Old course” on March 2, 2026 (No synopsis).")


def test_record_refuses_a_refused_course_under_its_title(record, agency):
    make.course(agency, "Old course", refused_on=dt.date(2026, 3, 2))
    assert refused(record, title="old course")[0] == "course"


def test_record_refuses_another_agencys_course(record):
    assert refused(record, course=make.course(make.agency()), title="")[0] == "course"


@pytest.mark.parametrize("who", ["ceo", "director", "officer_account", "user"])
def test_record_is_for_the_agencys_people_and_post(record, three, who):
    person = {
        "ceo": lambda: make.ceo(make.agency()),
        "director": make.director,
        "officer_account": lambda: make.officer_account(three[0]),
        "user": make.user,
    }[who]()
    assert refused(record, by=person) == (None, "You cannot enter classes for this agency.")


@pytest.mark.parametrize("size", [1, 300])
def test_record_and_void_take_a_constant_number_of_statements(record, agency, chief, size):
    people = [Attendance(one) for one in make.roster(agency, size, first_number=90000)]
    with CaptureQueriesContext(connection) as recorded:
        held, _ = record(attendances=people)
    with CaptureQueriesContext(connection) as undone:
        classes.void(by=chief, training_class=held, reason="Test")
    assert (len(recorded), len(undone)) == (24, 14)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_key", [True, False])
def test_two_at_once_give_one_credit_each_officer(record, three, same_key):
    key = uuid.uuid4()
    start = threading.Barrier(2)
    outcomes = []

    def enter():
        start.wait()
        try:
            outcomes.append(record(submission_key=key if same_key else uuid.uuid4()))
        finally:
            connection.close()

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2
    assert sorted(is_new for _, is_new in outcomes) == ([False, True] if same_key else [True, True])
    assert [credit(one) for one in three] == [Decimal(6)] * 3
    assert Course.objects.count() == 1


def test_record_refuses_a_class_without_hours(record):
    assert refused(record, lines=()) == ("hours", "Give the hours of at least one area.")
