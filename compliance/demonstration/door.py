"""Classes of providers that stood in the calendar of the ripe period, with seats in them and marks made at the door."""

import datetime as dt

from clee_portal import clock
from compliance.demonstration.courses import Session
from training.models import (
    Agency,
    AttendanceMark,
    Course,
    Officer,
    Provider,
    Registration,
    ScheduledClass,
    ScheduledLine,
    ScheduledMeeting,
    TrainingClass,
)

SEATS = 60
BEGINS, ENDS = 8, 17
PUBLISHED_BEFORE, ASKED_BEFORE = 75, 30  # days


def _moment(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromordinal(day), dt.time(hour, minute), clock.CHICAGO)


def write(writer) -> None:
    """Write the seats of a planned state; the writer knows the ids of what they belong to."""
    held: dict[int, ScheduledClass] = {}
    for seat in writer.state.seats:
        if id(seat.session) not in held:
            held[id(seat.session)] = _class(writer, seat.session)
    for turn, seat in enumerate(writer.state.seats, start=1):
        asked_at = _moment(seat.session.start - ASKED_BEFORE, 10, turn % 60)
        made = Registration.objects.create(
            scheduled_class=held[id(seat.session)],
            officer_id=writer.first[Officer] + seat.officer.number,
            agency_id=writer.first[Agency] + seat.officer.home.number,
            state=Registration.State.REGISTERED,
            turn=turn,
            asked_at=asked_at,
            seated_at=asked_at,
        )
        if seat.hours:
            came, left = seat.hours
            marks = [
                mark
                for day in range(seat.session.start, seat.session.end + 1)
                for mark in (("in", _moment(day, came, turn % 5)), ("out", _moment(day, left)))
            ]
            AttendanceMark.objects.bulk_create(
                AttendanceMark(registration=made, kind=kind, at=at, recorded_at=at) for kind, at in marks
            )
    if writer.state.seats:
        writer.say("seats in classes", len(writer.state.seats))


def _class(writer, session: Session) -> ScheduledClass:
    """The class of the calendar that became the class on record; one meeting a day."""
    what = session.course.template
    published = _moment(session.start - PUBLISHED_BEFORE, 9)
    made = ScheduledClass.objects.create(
        provider_id=writer.first[Provider] + session.course.provider,
        course_id=writer.first[Course] + session.course.number,
        state=ScheduledClass.State.PUBLISHED,
        begins_at=_moment(session.start, BEGINS),
        ends_at=_moment(session.end, ENDS),
        delivery=what.delivery,
        place=session.place,
        capacity=SEATS,
        changed_at=published,
        published_at=published,
        training_class_id=writer.first[TrainingClass] + session.number,
    )
    ScheduledMeeting.objects.bulk_create(
        ScheduledMeeting(scheduled_class=made, begins_at=_moment(day, BEGINS), ends_at=_moment(day, ENDS))
        for day in range(session.start, session.end + 1)
    )
    ScheduledLine.objects.bulk_create(
        ScheduledLine(
            scheduled_class=made,
            area_id=int(writer.areas[area]),
            topic_id=int(writer.topics[topic]) if topic else None,
            hours=f"{hours / 100:.2f}",
        )
        for area, topic, hours in what.lines
    )
    return made
