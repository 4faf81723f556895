"""Classes of the calendar with their credit, transcripts, calendars brought in, plans of agencies, messages."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from compliance.services import agency_plans, transcripts
from notifications import outbox
from notifications.models import Message
from training.models import CalendarImportRow, ScheduledClass
from training.services import (
    attendance,
    calendar_imports,
    certificates,
    classes,
    confirming,
    corrections,
    evaluations,
    scheduling,
    seats,
)
from training.services.class_drafts import Attendance
from training.tests import factories as make

TODAY = clock.today()


def _agency_plan(state):
    return SimpleNamespace(agency=make.agency())


AGENCY_PLAN = (
    Act(agency_plans.begin, "post", lambda o: {"agency": o.agency, "hosts": True, "submission_key": uuid.uuid4()}),
)


def _credited(state):
    """A class of the calendar whose credit was given."""
    one = SimpleNamespace(officers=[make.officer(state.agency) for _ in range(3)])
    one.own = make.officer_account(one.officers[0])
    one.held = make.scheduled_class(
        make.provider_course(state.school, more={"administrator": "Dana Whitlock"}, skill=4),
        clock.now() - dt.timedelta(hours=5),
        capacity=3,
    )
    one.seat = make.registration(one.held, one.officers[0])
    one.mark = attendance.mark(
        by=state.staff[0], registration=one.seat, kind="in", moment=_moment(one.held), now=clock.now()
    ).mark
    one.made = confirming.confirm(
        by=state.staff[0], scheduled_class=one.held, attendances=_attended(one), now=clock.now()
    ).training_class
    one.records = list(one.made.records.all())
    one.held.refresh_from_db()
    return one


def _attended(o) -> list[Attendance]:
    return [Attendance(officer, by_number=True) for officer in o.officers[:2]]


def _moment(held) -> attendance.Moment:
    return attendance.Moment(uuid.uuid4(), held.begins_at + dt.timedelta(minutes=5))


def _corrected(o) -> dict:
    return {
        "training_class": o.made,
        "reason": "Wrong hours",
        "provider": o.school,
        "course": o.made.course,
        "starts_on": o.made.starts_on,
        "ends_on": o.made.ends_on,
        "lines": make.lines(skill=3),
        "attendances": _attended(o),
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }


CREDITED = (
    Act(classes.void, "staff", lambda o: {"training_class": o.made, "reason": "Entered wrongly"}),
    Act(corrections.correct, "staff", _corrected),
    Act(
        corrections.take_out, "staff", lambda o: {"training_class": o.made, "records": o.records[:1], "reason": "Left"}
    ),
    Act(
        confirming.confirm,
        "staff",
        lambda o: {"scheduled_class": o.held, "attendances": _attended(o), "now": clock.now()},
    ),
    Act(attendance.void, "staff", lambda o: {"attendance_mark": o.mark, "reason": "Somebody else"}),
    Act(
        attendance.walk_in,
        "staff",
        lambda o: {
            "scheduled_class": o.held,
            "license_number": o.officers[2].license_number,
            "moment": _moment(o.held),
            "now": clock.now(),
        },
    ),
    Act(
        evaluations.give,
        "own",
        lambda o: {"registration": o.seat, "content": 5, "instruction": 4, "usefulness": 3, "today": TODAY},
    ),
    Act(certificates.give, "staff", lambda o: {"training_class": o.made}),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "It was not held"}),
    Act(seats.give_back, "own", lambda o: {"registration": o.seat}),
    Act(classes.record, "staff", lambda o: _another(o), "another of the provider"),
)


def _another(o) -> dict:
    """A class of the same provider with the same officers, as its staff enter it."""
    day = o.made.ends_on - dt.timedelta(days=9)
    changed = {"starts_on": day, "ends_on": day, "submission_key": uuid.uuid4()}
    return {key: value for key, value in _corrected(o).items() if key not in ("training_class", "reason")} | changed


def _transcript(state):
    one = SimpleNamespace(officer=make.officer(state.agency))
    one.own = make.officer_account(one.officer)
    return one


TRANSCRIPT = (
    Act(
        transcripts.issue,
        "own",
        lambda o: {"officer": o.officer, "years": [TODAY.year], "submission_key": uuid.uuid4()},
    ),
    Act(
        transcripts.issue,
        "chiefs",
        lambda o: {"officer": o.officer, "years": [TODAY.year], "submission_key": uuid.uuid4()},
        "the agency",
    ),
)


def _calendar(state) -> SimpleNamespace:
    """A calendar of three events: one that is taken over already, one changed since, one that is new."""
    one = SimpleNamespace(
        course=make.provider_course(state.school, f"Stops {uuid.uuid4()}", more={"administrator": "D"})
    )
    one.uid = uuid.uuid4().hex
    first = _read(one, state, days=20)
    calendar_imports.take(by=state.staff[0], calendar=first)
    one.held = ScheduledClass.objects.get(course=one.course)
    one.calendar = _read(one, state, days=21, more=True)
    one.row = CalendarImportRow.objects.get(calendar_import=one.calendar, uid=f"{one.uid}-2")
    return one


def _read(one, state, *, days: int, more: bool = False):
    events = [(one.uid, days), *([(f"{one.uid}-2", 30)] if more else [])]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:made up"]
    for uid, ahead in events:
        day = TODAY + dt.timedelta(days=ahead)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"SUMMARY:{one.course.title}",
            f"DTSTART:{day:%Y%m%d}T080000",
            f"DTEND:{day:%Y%m%d}T120000",
            "END:VEVENT",
        ]
    data = "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
    made = calendar_imports.read(by=state.staff[0], provider=state.school, name="our.ics", data=data)
    return calendar_imports.settle(by=state.staff[0], calendar=made, **SETTLED)


SETTLED = {"courses": {}, "capacity": 20, "place": "Main hall", "zip_code": "65201"}

CALENDAR = (
    Act(calendar_imports.take, "staff", lambda o: {"calendar": o.calendar}),
    Act(calendar_imports.settle, "staff", lambda o: {"calendar": o.calendar, **SETTLED, "place": "Elsewhere"}),
    Act(
        calendar_imports.mend,
        "staff",
        lambda o: {
            "row": o.row,
            "day": TODAY + dt.timedelta(days=31),
            "begins": "09:00",
            "ends": "12:00",
            "course": o.course,
            "place": "Here",
            "address": "",
            "city": "",
            "zip_code": "65201",
            "capacity": 9,
            "fee": None,
            "is_left_out": False,
        },
    ),
    Act(scheduling.publish, "staff", lambda o: {"held": o.held}),
    Act(scheduling.discard, "staff", lambda o: {"held": o.held}),
)


def _message(state, status: str = "gave_up"):
    own = make.officer_account(make.officer(state.agency))
    made = outbox.put(occasion="reminder", key=f"1999:1:{own.pk}", address=own.email, user=own)
    Message.objects.filter(pk=made.pk).update(state=status, next_try_at=None, settled_at=clock.now())
    made.refresh_from_db()
    return SimpleNamespace(message=made)


MESSAGE = (Act(outbox.send_again, "post", lambda o: {"message": o.message}),)

KINDS = (
    Kind("plan of an agency", _agency_plan, AGENCY_PLAN),
    Kind("class of the calendar with its credit", _credited, CREDITED, is_grave=True),
    Kind("transcript", _transcript, TRANSCRIPT, is_grave=True),
    Kind("calendar that is brought in", _calendar, CALENDAR),
    Kind("message that was given up", _message, MESSAGE),
)
