"""Classes of the calendar: planned, open to registration, with seats asked for and offered, at the door, confirmed."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.history.seen import mark
from clee_portal.tests.races.kinds import Act, Kind
from training.class_plan import Meeting, Site, Terms, meetings_of
from training.models import ProviderLicense
from training.services import (
    attendance,
    confirming,
    held_classes,
    provider_courses,
    providers,
    registrations,
    scheduling,
    seats,
)
from training.services.attendance import Moment
from training.services.class_drafts import Attendance
from training.services.provider_courses import Facts
from training.tests import factories as make

TODAY = clock.today()
HALL = Site(20, "Main hall", "1 College Way", "", "65201")
TERMS = Terms(administrator="Dana Whitlock", note="Bring a vest")
NO_SEAT_LEFT = 2


def _later(o) -> list[Meeting]:
    return [
        Meeting(one.begins_at + dt.timedelta(days=2), one.ends_at + dt.timedelta(days=2)) for one in meetings_of(o.held)
    ]


def _moved(o) -> dict:
    return {"held": o.held, "meetings": _later(o), "seen": mark(scheduling.where_it_stands(o.held))}


def _course(state, **more) -> SimpleNamespace:
    facts = {"synopsis": "What is taught", "administrator": "Dana Whitlock", **more}
    course = make.provider_course(state.school, more=facts, skill=4)
    return SimpleNamespace(course=course)


def _draft(state) -> SimpleNamespace:
    one = _course(state)
    [one.held] = scheduling.plan(
        by=state.staff[0], course=one.course, meetings=[_in_four_weeks()], sites=[HALL], terms=TERMS, key=uuid.uuid4()
    )
    return one


def _in_four_weeks() -> Meeting:
    begins = dt.datetime.combine(TODAY + dt.timedelta(weeks=4), dt.time(8), clock.CHICAGO)
    return Meeting(begins, begins + dt.timedelta(hours=4))


def _published(state) -> SimpleNamespace:
    one = _draft(state)
    one.held = scheduling.publish(by=state.staff[0], held=one.held)
    one.officers = [make.officer(state.agency) for _ in range(4)]
    one.owns = [make.officer_account(officer) for officer in one.officers]
    one.own0, one.own1, one.own2, one.own3 = one.owns
    return one


def _filling(state) -> SimpleNamespace:
    """Two seats: one taken, one free; one officer has asked for nothing yet."""
    one = _published(state)
    one.held = scheduling.change_capacity(by=state.staff[0], held=one.held, capacity=NO_SEAT_LEFT)
    one.seat = make.registration(one.held, one.officers[0], agency=state.agency)
    return one


def _full(state) -> SimpleNamespace:
    """Two seats taken, one offered to nobody, two who wait."""
    one = _filling(state)
    one.second = make.registration(one.held, one.officers[1], agency=state.agency)
    one.waits = make.registration(one.held, one.officers[2], state="waiting", agency=state.agency)
    return one


def _offered(state) -> SimpleNamespace:
    """One seat offered to who waited first, and another who waits."""
    one = _full(state)
    one.waits_too = make.registration(one.held, one.officers[3], state="waiting", agency=state.agency)
    seats.give_back(by=one.own1, registration=one.second)
    one.waits.refresh_from_db()
    return one


def _at_the_door(state) -> SimpleNamespace:
    """A class of today that is nearly over: one is in, one has a seat, one waits."""
    one = _course(state)
    now = clock.now()
    one.held = make.scheduled_class(one.course, now - dt.timedelta(hours=4), capacity=NO_SEAT_LEFT)
    one.officers = [make.officer(state.agency) for _ in range(4)]
    one.seat = make.registration(one.held, one.officers[0])
    one.second = make.registration(one.held, one.officers[1])
    one.waits = make.registration(one.held, one.officers[2], state="waiting")
    one.mark = attendance.mark(
        by=state.staff[0], registration=one.seat, kind="in", moment=_moment(one.held), now=now
    ).mark
    return one


def _moment(held, minutes: int = 5) -> Moment:
    return Moment(uuid.uuid4(), held.begins_at + dt.timedelta(minutes=minutes))


def _held(state) -> SimpleNamespace:
    """A class of a provider without a license that day: who completed it is held."""
    school = make.provider(valid_from=None)
    one = SimpleNamespace(school=school, staff=(make.provider_staff(school), make.provider_staff(school)))
    one.course = make.provider_course(school, skill=4)
    one.held = make.scheduled_class(one.course, clock.now() - dt.timedelta(days=1))
    one.officers = [make.officer(state.agency)]
    one.seat = make.registration(one.held, one.officers[0])
    one.kept = confirming.confirm(
        by=one.staff[0], scheduled_class=one.held, attendances=[Attendance(one.officers[0])], now=clock.now()
    ).held_class
    return one


def _held_and_mended(state) -> SimpleNamespace:
    """The same, and the license is on record by now: it can be released."""
    one = _held(state)
    one.license = ProviderLicense.objects.create(
        provider=one.school, number=f"L-{one.school.pk}", valid_from=make.LONG_AGO, decided_on=make.LONG_AGO
    )
    return one


PLANNING = (
    Act(scheduling.publish, "staff", lambda o: {"held": o.held}),
    Act(scheduling.move, "staff", _moved),
    Act(
        scheduling.edit,
        "staff",
        lambda o: {"held": o.held, "terms": Terms(administrator="Somebody else"), "capacity": 10},
    ),
    Act(scheduling.change_capacity, "staff", lambda o: {"held": o.held, "capacity": 12}),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "Nobody can come"}),
    Act(scheduling.discard, "staff", lambda o: {"held": o.held}),
)
COURSE = (
    Act(
        provider_courses.change,
        "staff",
        lambda o: {
            "course": o.course,
            "facts": _facts(o.course),
            "lines": make.lines(skill=2),
            "for_classes": [o.held.pk] if hasattr(o, "held") else [],
        },
    ),
    Act(provider_courses.withdraw, "staff", lambda o: {"course": o.course}),
    Act(provider_courses.bring_back, "staff", lambda o: {"course": o.course}),
)
CATALOGUE = (
    *COURSE,
    Act(
        provider_courses.add,
        "staff",
        lambda o: {"provider": o.school, "facts": Facts.of(o.course), "lines": make.lines(skill=4)},
    ),
    Act(
        scheduling.plan,
        "staff",
        lambda o: {
            "course": o.course,
            "meetings": [_in_four_weeks()],
            "sites": [HALL],
            "terms": TERMS,
            "key": uuid.uuid4(),
        },
    ),
)


def _facts(course) -> Facts:
    given = {name: getattr(course, name) for name in provider_courses.FACTS}
    return Facts(**given | {"synopsis": "Taught in another way"})


def _withdrawn(state):
    one = _course(state)
    one.course = provider_courses.withdraw(by=state.staff[0], course=one.course)
    return one


SEATS = (
    Act(registrations.register, "own1", lambda o: {"held": o.held, "officer": o.officers[1]}, "one"),
    Act(registrations.register, "own2", lambda o: {"held": o.held, "officer": o.officers[2]}, "another"),
    Act(registrations.register, "staff", lambda o: {"held": o.held, "officer": o.officers[1]}, "for a caller"),
    Act(
        registrations.register_group,
        "chiefs",
        lambda o: {"held": o.held, "agency": o.agency, "officers": o.officers[1:3], "submission_key": uuid.uuid4()},
    ),
    Act(
        registrations.register_group,
        "chiefs",
        lambda o: {
            "held": o.held,
            "agency": o.agency,
            "officers": o.officers[2:],
            "submission_key": uuid.uuid4(),
            "group": registrations.Group.NOBODY,
        },
        "all or nobody",
    ),
    Act(
        registrations.hand_over,
        "chiefs",
        lambda o: {"registration": o.seat, "agency": o.agency, "officer": o.officers[3]},
    ),
    Act(seats.give_back, "own0", lambda o: {"registration": o.seat}),
    Act(scheduling.change_capacity, "staff", lambda o: {"held": o.held, "capacity": 1}, "fewer"),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "Nobody can come"}),
    Act(scheduling.move, "staff", _moved),
    Act(seats.mark_paid, "staff", lambda o: {"held": o.held, "registrations": [o.seat.pk], "on": TODAY}),
)
OFFERS = (
    Act(seats.answer, "own2", lambda o: {"registration": o.waits, "takes": True}, "takes"),
    Act(seats.answer, "chiefs", lambda o: {"registration": o.waits, "takes": False}, "lets go"),
    Act(seats.give_back, "own0", lambda o: {"registration": o.seat}),
    Act(seats.give_back, "chiefs", lambda o: {"registration": o.waits}, "the offer"),
    Act(seats.settle_all, None, lambda o: {}),
    Act(registrations.register, "own1", lambda o: {"held": o.held, "officer": o.officers[1]}),
    Act(
        registrations.hand_over,
        "chiefs",
        lambda o: {"registration": o.seat, "agency": o.agency, "officer": o.officers[2]},
        "to who was offered one",
    ),
    Act(scheduling.change_capacity, "staff", lambda o: {"held": o.held, "capacity": 3}, "more"),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "Nobody can come"}),
    Act(scheduling.edit, "staff", lambda o: {"held": o.held, "terms": TERMS, "capacity": 3}),
)
DOOR = (
    Act(
        attendance.mark,
        "staff",
        lambda o: {"registration": o.second, "kind": "in", "moment": _moment(o.held), "now": clock.now()},
    ),
    Act(
        attendance.mark,
        "staff",
        lambda o: {"registration": o.seat, "kind": "out", "moment": _moment(o.held, 60), "now": clock.now()},
        "out",
    ),
    Act(
        attendance.mark,
        "staff",
        lambda o: {
            "registration": o.waits,
            "kind": "in",
            "moment": _moment(o.held),
            "add_chair": True,
            "now": clock.now(),
        },
        "who waited",
    ),
    Act(
        attendance.walk_in,
        "staff",
        lambda o: {
            "scheduled_class": o.held,
            "license_number": o.officers[3].license_number,
            "moment": _moment(o.held),
            "add_chair": True,
            "now": clock.now(),
        },
    ),
    Act(attendance.void, "staff", lambda o: {"attendance_mark": o.mark, "reason": "Somebody else"}),
    Act(
        attendance.correct,
        "staff",
        lambda o: {
            "attendance_mark": o.mark,
            "at": o.mark.at + dt.timedelta(minutes=9),
            "reason": "Late",
            "key": uuid.uuid4(),
            "now": clock.now(),
        },
    ),
    Act(
        confirming.confirm,
        "staff",
        lambda o: {
            "scheduled_class": o.held,
            "attendances": [Attendance(o.officers[0])],
            "left_out": [o.officers[1]],
            "now": clock.now(),
        },
    ),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "It was not held"}),
    Act(scheduling.change_capacity, "staff", lambda o: {"held": o.held, "capacity": 9}),
)
HELD = (
    Act(held_classes.release, "post", lambda o: {"held_class": o.kept, "today": TODAY}),
    Act(held_classes.drop, "staff", lambda o: {"held_class": o.kept, "reason": "Entered wrongly"}),
    Act(
        confirming.confirm,
        "staff",
        lambda o: {"scheduled_class": o.held, "attendances": [Attendance(o.officers[0])], "now": clock.now()},
    ),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "It was not held"}),
)
RELEASED = (
    *HELD,
    Act(providers.void_license, "post", lambda o: {"license": o.license, "source": "A slip"}),
    Act(
        providers.change_license,
        "post",
        lambda o: {
            "license": o.license,
            "standing": "revoked",
            "from_day": TODAY - dt.timedelta(days=3),
            "valid_until": None,
            "decided_on": TODAY,
            "source": "Revoked",
            "today": TODAY,
        },
    ),
)

KINDS = (
    Kind("class, a draft", _draft, (*PLANNING, *COURSE[:2])),
    Kind("class, published", _published, (*PLANNING[1:], *COURSE[:1])),
    Kind("course of a provider", _course, CATALOGUE),
    Kind("course of a provider, withdrawn", _withdrawn, CATALOGUE[1:]),
    Kind("class with a free seat", _filling, SEATS),
    Kind("class that is full", _full, (SEATS[0], *SEATS[4:8])),
    Kind("class with a seat offered", _offered, OFFERS),
    Kind("class at the door", _at_the_door, DOOR, is_grave=True),
    Kind("class that is held", _held, HELD, is_grave=True),
    Kind("class that is held, and can be released", _held_and_mended, RELEASED, is_grave=True),
)
