"""What the database must refuse of the calendar, its registrations and certificates; registered like those of
constraint_cases.py."""

import datetime as dt
import uuid

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, insert, refused
from training.models import (
    AttendanceMark,
    CalendarFeed,
    Certificate,
    ClassEvaluation,
    Course,
    Registration,
    ScheduledClass,
    ScheduledLine,
    ScheduledMeeting,
)
from training.tests import factories


def planned(**more) -> ScheduledClass:
    return factories.scheduled_class(factories.provider_course(factories.provider()), **more)


def change(held, **values):
    ScheduledClass.objects.filter(pk=held.pk).update(**values)


@refused("class_of_own_course")
def _():
    change(planned(), provider=factories.provider())


@refused("only_drafts_go")
def _():
    ScheduledClass.objects.filter(pk=planned().pk)._raw_delete("default")


@refused("scheduled_class_ends_after_it_begins")
def _():
    held = planned()
    change(held, ends_at=held.begins_at)


@refused("scheduled_class_seats_within_capacity")
def _():
    held = planned(capacity=1)
    factories.registration(held, factories.officer())
    factories.registration(held, factories.officer())


@refused("scheduled_class_has_seats")
def _():
    change(planned(), capacity=0)


@refused("scheduled_class_fee_not_negative")
def _():
    change(planned(), fee=-1)


@refused("scheduled_class_published_has_its_moment")
def _():
    change(planned(), published_at=None)


@refused("scheduled_class_called_off_says_why")
def _():
    change(planned(), state="called_off", called_off_at=clock.now())


@refused("scheduled_class_held_was_published")
def _():
    held = planned(state="draft")
    record = factories.record(factories.officer(), DAY, course=held.course)
    change(held, training_class=record.training_class)


@refused("scheduled_class_lies_somewhere")
def _():
    change(planned(), latitude=38.9)


@refused("scheduled_class_brought_in_once")
def _():
    held = planned(outside_uid="1@elsewhere.example")
    factories.scheduled_class(held.course, outside_uid="1@elsewhere.example")


@refused("scheduled_meeting_ends_after_it_begins")
def _():
    held = planned()
    held.meetings.update(ends_at=held.begins_at)


@refused("scheduled_meeting_once")
def _():
    held = planned()
    insert(ScheduledMeeting, scheduled_class=held, begins_at=held.begins_at, ends_at=held.ends_at)


@refused("scheduled_line_once")
def _():
    insert(ScheduledLine, scheduled_class=planned(), area=factories.area("legal"), hours=1)


@refused("training_scheduledline_hours_positive")
def _():
    insert(ScheduledLine, scheduled_class=planned(), area=factories.area("skill"), hours=0)


@refused("course_fee_not_negative")
def _():
    Course.objects.filter(pk=factories.course(factories.agency()).pk).update(fee=-1)


@refused("course_underwritten_by_provider")
def _():
    agency = factories.agency()
    Course.objects.filter(pk=factories.course(agency).pk).update(underwrites=agency)


@refused("course_one_next_version")
def _():
    provider = factories.provider()
    first = factories.provider_course(provider)
    factories.provider_course(provider, more={"replaces": first})
    factories.provider_course(provider, more={"replaces": first})


@refused("registration_once_per_class")
def _():
    seat = factories.registration(planned(), factories.officer())
    factories.registration(seat.scheduled_class, seat.officer)


@refused("registration_turn_once")
def _():
    seat = factories.registration(planned(), factories.officer())
    insert(
        Registration,
        scheduled_class=seat.scheduled_class,
        officer=factories.officer(),
        state="waiting",
        turn=seat.turn,
    )


@refused("registration_once_per_form")
def _():
    seat = factories.registration(planned(), factories.officer(), submission_key=uuid.UUID(int=1))
    factories.registration(planned(), seat.officer, submission_key=seat.submission_key)


@refused("registration_together_has_its_group")
def _():
    factories.registration(planned(), factories.officer(), state="waiting", waits_together=True)


@refused("registration_offer_has_its_end")
def _():
    factories.registration(planned(), factories.officer(), state="offered")


@refused("registration_seat_has_its_moment")
def _():
    factories.registration(planned(), factories.officer(), seated_at=None)


@refused("registration_ended_has_its_moment")
def _():
    factories.registration(planned(), factories.officer(), state="cancelled")


def a_mark(**more) -> AttendanceMark:
    seat = factories.registration(planned(), factories.officer())
    return insert(AttendanceMark, registration=seat, kind="in", at=clock.now(), **more)


@refused("training_attendancemark_void_has_reason")
def _():
    a_mark(voided_at=clock.now() + dt.timedelta(minutes=1))


@refused("training_attendancemark_void_after_recorded")
def _():
    a_mark(voided_at=clock.now() - dt.timedelta(days=1), void_reason="Another officer")


@refused("evaluation_from_1_to_5")
def _():
    insert(ClassEvaluation, scheduled_class=planned(), given_on=DAY, content=5, instruction=6, usefulness=4)


def a_certificate(**more) -> Certificate:
    provider = factories.provider()
    officer = factories.officer()
    record = factories.record(officer, DAY, course=factories.provider_course(provider))
    given = {"officer": officer, "first_class": record.training_class, "issued_record": record}
    return insert(Certificate, **given | more)


@refused("certificate_once_per_person_and_class")
def _():
    one = a_certificate()
    insert(Certificate, officer=one.officer, first_class=one.first_class, issued_record=one.issued_record)


@refused("certificate_has_its_code")
def _():
    a_certificate(code="")


@refused("calendar_feed_one_that_works")
def _():
    user = factories.user()
    insert(CalendarFeed, user=user)
    insert(CalendarFeed, user=user)
