"""Classes of providers: recorded, corrected and undone as agencies' classes are, by the provider's staff."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from clee_portal.refusal import Refused
from training import access
from training.models import ProviderLicense, TrainingRecord
from training.services import classes, corrections
from training.services.class_drafts import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)
INSTRUCTOR = TrainingRecord.Role.INSTRUCTOR


@pytest.fixture
def academy():
    return make.provider("Boone Academy")


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy)


@pytest.fixture
def record(academy, staff, three):
    """Records a class with good answers; each may be replaced."""
    course = make.provider_course(academy, "Winter driving", skill=4)

    def call(**changes):
        answers = {
            "by": staff,
            "provider": academy,
            "course": course,
            "starts_on": DAY,
            "ends_on": DAY,
            "lines": make.lines(skill=4),
            "attendances": [Attendance(one, by_number=True) for one in three],
            "submission_key": uuid.uuid4(),
            "today": TODAY,
        }
        return classes.record(**{**answers, **changes})

    return call


def counted(officer) -> list[tuple[int, str, Decimal]]:
    """The year, source and credit of everything that counts for an officer."""
    rows = TrainingRecord.objects.live().filter(officer=officer, not_counted="").order_by("pk")
    return [(one.credited_year, one.source_kind, sum(line.hours for line in one.lines.all())) for one in rows]


def test_record_gives_approved_hours_with_no_agency_named(record, academy, staff, three):
    held, is_new = record(attendances=[Attendance(three[0]), Attendance(three[1], INSTRUCTOR)], left_out=[three[2]])
    assert (is_new, held.reported_by_agency, held.body, held.recorded_by) == (True, None, academy, staff)
    assert counted(three[0]) == counted(three[1]) == [(2026, "approved_provider", Decimal(4))]
    assert list(held.not_completed.values_list("officer", flat=True)) == [three[2].pk]


def test_record_sent_twice_is_one_class(record):
    key = uuid.uuid4()
    assert record(submission_key=key)[1] is True
    assert record(submission_key=key)[1] is False


def test_record_of_a_course_of_somebody_else_is_refused(record, agency):
    elsewhere = make.provider_course(make.provider())
    for course in (elsewhere, make.course(agency)):
        with pytest.raises(Refused, match="not a course of the provider") as refused:
            record(course=course)
        assert refused.value.field == "course"


@pytest.mark.parametrize(
    ("standing", "first", "last", "words"),
    [
        ("suspended", DAY, DAY, "was suspended"),
        ("revoked", dt.date(2026, 1, 1), None, "was revoked"),
        ("valid", dt.date(2015, 1, 1), DAY - dt.timedelta(days=1), "no license was in force"),
        ("valid", DAY + dt.timedelta(days=1), None, "no license was in force"),
    ],
)
def test_record_of_a_day_without_a_valid_license_is_refused(record, academy, standing, first, last, words):
    ProviderLicense.objects.update(standing=standing, valid_from=first, valid_until=last)
    with pytest.raises(Refused, match=words) as refused:
        record()
    assert refused.value.field == "provider_license"
    assert not TrainingRecord.objects.exists()


def test_record_on_the_last_day_of_the_license_and_on_probation_gives_credit(record, three):
    ProviderLicense.objects.update(standing="probation", valid_until=DAY)
    record()
    assert counted(three[0]) == [(2026, "approved_provider", Decimal(4))]


def test_record_says_nothing_of_why_a_license_is_not_in_force(record, three):
    make.license_event(three[0], "revoked", DAY)
    with pytest.raises(Refused, match="the license was not in force, and the class was completed on November 18") as no:
        record()
    assert "revoked" not in str(no.value)


def test_record_takes_the_credit_from_an_agencys_entry_of_the_same_class(record, agency, three):
    own = make.record(three[0], DAY, course=make.course(agency, "WINTER driving", skill=4), skill=4)
    held, _ = record()
    assert counted(three[0]) == [(2026, "approved_provider", Decimal(4))]
    anew = own.replaced_by.get()
    assert (anew.not_counted, anew.twin.training_class) == ("duplicate", held)
    # The agency's entry counts again once the provider's is gone.
    classes.void(by=None, training_class=held, reason="Entered by mistake")
    assert counted(three[0]) == [(2026, "in_service", Decimal(4))]


def test_record_of_a_course_taken_before_in_the_year_does_not_count_again(record, three):
    record(starts_on=dt.date(2026, 2, 3), ends_on=dt.date(2026, 2, 3))
    record()
    assert counted(three[0]) == [(2026, "approved_provider", Decimal(4))]
    assert TrainingRecord.objects.filter(officer=three[0], not_counted="repeat").count() == 1


def test_only_the_providers_staff_and_post_may_record(record, agency):
    for stranger in (make.ceo(agency), make.provider_staff(make.provider()), make.director()):
        with pytest.raises(Refused, match="for this provider"):
            record(by=stranger)
    assert record(by=make.post_staff())[1] is True


def test_a_class_is_corrected_and_undone_by_its_staff_and_nobody_elses(record, academy, staff, three):
    held, _ = record()
    stranger = make.provider_staff(make.provider())
    assert [access.can_correct_class(one, held) for one in (staff, make.post_staff(), stranger)] == [True, True, False]
    sent = {"starts_on": DAY, "ends_on": DAY, "lines": make.lines(skill=4), "course": held.course}
    made, _ = corrections.correct(
        by=staff,
        training_class=held,
        reason="One was not there",
        provider=academy,
        submission_key=uuid.uuid4(),
        today=TODAY,
        attendances=[Attendance(one) for one in three[:2]],
        **sent,
    )
    assert (made.replaces, made.body) == (held, academy)
    assert [len(counted(one)) for one in three] == [1, 1, 0]
    corrections.add(by=staff, training_class=made, attendances=[Attendance(three[2])], today=TODAY)
    assert len(counted(three[2])) == 1
    with pytest.raises(Refused, match="Only the agency or provider"):
        classes.void(by=stranger, training_class=made, reason="Spite")
    classes.void(by=staff, training_class=made, reason="Never held")
    assert [len(counted(one)) for one in three] == [0, 0, 0]


def test_officers_move_between_classes_of_one_provider_alone(record, academy, staff, three):
    one, _ = record()
    earlier = dt.date(2026, 2, 3)
    course = make.provider_course(academy, "Ice")
    other, _ = record(course=course, starts_on=earlier, ends_on=earlier, attendances=[Attendance(make.officer())])
    elsewhere = make.provider()
    theirs, _ = record(
        by=None, provider=elsewhere, course=make.provider_course(elsewhere), attendances=[Attendance(make.officer())]
    )
    moved = list(one.records.filter(officer=three[0]))
    with pytest.raises(Refused, match="same agency or provider"):
        corrections.move(by=None, records=moved, to=theirs, reason="Wrong class", today=TODAY)
    corrections.move(by=staff, records=moved, to=other, reason="Wrong class", today=TODAY)
    assert other.records.live().filter(officer=three[0]).exists()


def test_the_class_of_the_calendar_follows_its_credit_through_corrections(record, academy, staff, three):
    held, _ = record()
    planned = make.scheduled_class(held.course)
    planned.training_class = held
    planned.save()
    made, _ = corrections.correct(
        by=staff, training_class=held, reason="Two days", provider=academy, submission_key=uuid.uuid4(), today=TODAY,
        starts_on=DAY - dt.timedelta(days=1), ends_on=DAY, lines=make.lines(skill=4), course=held.course,
        attendances=[Attendance(one) for one in three],
    )  # fmt: skip
    planned.refresh_from_db()
    assert planned.training_class == made
    classes.void(by=staff, training_class=made, reason="Never held")
    planned.refresh_from_db()
    assert planned.training_class is None
