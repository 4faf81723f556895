"""Marks at the door: once each, at the moment they were made; walk-ins, the wait-list, corrections, suggestions."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import transaction

from clee_portal import clock
from clee_portal.refusal import Refused
from training import door, presence
from training.models import AttendanceMark, Registration, ScheduledClass, ScheduledMeeting
from training.presence import Suggested
from training.services import attendance
from training.services.attendance import Full, Moment
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    """A time of day in Missouri."""
    return dt.datetime.combine(day, dt.time(hour, minute), clock.CHICAGO)


NOW = at(18)


@pytest.fixture
def academy():
    return make.provider()


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy)


@pytest.fixture
def held(academy):
    """A class of one meeting, 8 to noon, with two seats."""
    return make.scheduled_class(make.provider_course(academy, legal=4), at(8), capacity=2)


@pytest.fixture
def mark(staff):
    def call(one, kind="in", when=None, *, now=NOW, add_chair=False, **more):
        moment = Moment(more.pop("key", None) or uuid.uuid4(), when or at(8), **more)
        return attendance.mark(by=staff, registration=one, kind=kind, moment=moment, add_chair=add_chair, now=now)

    return call


@pytest.fixture
def let_in(staff, held):
    def call(number, when=None, *, by=staff, add_chair=False, key=None):
        moment = Moment(key or uuid.uuid4(), when or at(8))
        return attendance.walk_in(
            by=by, scheduled_class=held, license_number=number, moment=moment, add_chair=add_chair, now=NOW
        )

    return call


def test_a_mark_sent_twice_is_one(held, mark):
    seat, key = make.registration(held, make.officer()), uuid.uuid4()
    first, again = mark(seat, when=at(8, 2), key=key), mark(seat, when=at(8, 2), key=key)
    assert (first.is_new, again.is_new, again.mark) == (True, False, first.mark)
    assert AttendanceMark.objects.count() == 1


def test_a_code_scanned_twice_is_one_mark_said_in_words(held, mark):
    seat = make.registration(held, make.officer(name="Dana Vance"))
    assert mark(seat, when=at(8, 2), by_code=True).words == f"{seat.officer}: in at 8:02 AM."
    again = mark(seat, when=at(8, 3), by_code=True)
    assert (again.is_new, again.words) == (False, f"{seat.officer}: already in since 8:02 AM.")
    assert AttendanceMark.objects.count() == 1
    assert mark(seat, "out", at(11)).is_new
    assert mark(seat, "in", at(11, 10)).is_new


def test_marks_that_arrive_in_another_order_keep_their_moments(held, mark):
    seat = make.registration(held, make.officer())
    mark(seat, "out", at(12))
    mark(seat, "in", at(8, 5))
    mark(seat, "in", at(8, 2))
    meeting = held.meetings.get()
    found = presence.of([meeting], seat.marks.all(), make.lines(legal=4))
    assert found.spans[meeting.pk] == [(at(8, 2), at(12))]
    assert found.suggested is Suggested.COMPLETED


def test_a_clock_that_is_ahead_makes_no_mark_in_the_future(held, mark):
    taken = mark(make.registration(held, make.officer()), when=at(9), now=at(8, 30), ahead=1800)
    assert (taken.mark.at, taken.mark.ahead) == (at(8, 30), 1800)


@pytest.mark.parametrize("when", [at(1, 59), at(23, day=DAY - dt.timedelta(days=1)), at(8, day=DAY - dt.timedelta(9))])
def test_a_mark_far_from_every_meeting_is_refused(held, mark, when):
    with pytest.raises(Refused, match="far from every meeting"):
        mark(make.registration(held, make.officer()), when=when)


def test_a_mark_late_in_the_evening_still_belongs_to_the_meeting(held, mark):
    late = at(23, 59)
    assert mark(make.registration(held, make.officer()), "out", late, now=late).mark.meeting == held.meetings.get()


def test_marks_of_a_class_called_off_and_of_a_draft_are_refused(held, mark, academy):
    seat = make.registration(held, make.officer())
    ScheduledClass.objects.filter(pk=held.pk).update(
        state="called_off", called_off_at=NOW, called_off_because="Ice on the roads"
    )
    with pytest.raises(Refused, match="Ice on the roads"):
        mark(seat)
    draft = make.scheduled_class(make.provider_course(academy), at(8), state="draft")
    with pytest.raises(Refused, match="not published"):
        attendance.walk_in(
            by=None, scheduled_class=draft, license_number="1", moment=Moment(uuid.uuid4(), at(8)), now=NOW
        )


def test_a_walk_in_is_registered_and_marked_in_one_step(held, let_in):
    officer = make.officer()
    taken = let_in(f" {officer.license_number.lower()} ", at(8, 20))
    one = Registration.objects.get(officer=officer)
    assert (one.is_walk_in, one.state, one.seated_at) == (True, "registered", at(8, 20))
    assert taken.words == f"{officer}: in at 8:20 AM. Walk-in: registered now."
    held.refresh_from_db()
    assert held.seats_taken == 1


def test_a_walk_in_into_a_full_class_needs_a_chair(held, let_in):
    for _ in range(2):
        make.registration(held, make.officer())
    officer = make.officer()
    with pytest.raises(Full, match="The class is full: 2 of 2 seats are taken"), transaction.atomic():
        let_in(officer.license_number)
    assert not Registration.objects.filter(officer=officer).exists()
    assert let_in(officer.license_number, add_chair=True).is_new
    held.refresh_from_db()
    assert (held.capacity, held.seats_taken) == (3, 3)


def test_a_walk_in_without_a_license_in_force_is_refused_in_words(held, let_in):
    officer = make.officer()
    make.license_event(officer, "revoked", DAY)
    with pytest.raises(Refused, match="no license is in force on November 18, 2026") as no:
        let_in(officer.license_number)
    assert "revoked" not in str(no.value)
    with pytest.raises(Refused, match="No officer has the license number 999"):
        let_in("999")
    with pytest.raises(Refused, match="Type the license number"):
        let_in(" ")


def test_a_walk_in_with_an_inactive_license_may_come_since_the_hours_count(held, let_in):
    officer = make.officer()
    make.license_event(officer, "made_inactive", DAY - dt.timedelta(days=90))
    assert let_in(officer.license_number).is_new


def test_a_walk_in_who_is_registered_is_marked_as_such(held, let_in):
    seat = make.registration(held, make.officer())
    taken = let_in(seat.officer.license_number)
    assert (taken.registration, taken.registration.is_walk_in) == (seat, False)


def test_whoever_waits_and_comes_takes_a_seat(held, mark):
    make.registration(held, make.officer())
    waits = make.registration(held, make.officer(), state="waiting")
    mark(waits)
    waits.refresh_from_db()
    held.refresh_from_db()
    assert (waits.state, held.seats_taken) == ("registered", 2)
    another = make.registration(held, make.officer(), state="waiting")
    with pytest.raises(Refused, match="sign them in first"):
        mark(another, "out")
    with pytest.raises(Full), transaction.atomic():
        mark(another)
    mark(another, add_chair=True)
    held.refresh_from_db()
    assert (held.capacity, held.seats_taken) == (3, 3)


def test_whoever_was_offered_a_seat_has_it_already(held, mark):
    make.registration(held, make.officer())
    offered = make.registration(held, make.officer(), state="offered", offered_until=at(8))
    mark(offered)
    held.refresh_from_db()
    assert (held.capacity, held.seats_taken) == (2, 2)


def test_whoever_gave_the_seat_back_comes_as_a_walk_in(held, mark, let_in):
    gone = make.registration(held, make.officer(), state="cancelled", ended_at=at(7))
    with pytest.raises(Refused, match=f"as a walk-in, by license number {gone.officer.license_number}"):
        mark(gone)
    assert let_in(gone.officer.license_number).registration != gone
    assert attendance.by_code(held, gone.code).is_walk_in


def test_a_code_of_another_class_is_refused(held, academy):
    other = make.registration(make.scheduled_class(make.provider_course(academy), at(8)), make.officer())
    with pytest.raises(Refused, match="none of this class"):
        attendance.by_code(held, other.code)
    seat = make.registration(held, make.officer())
    assert attendance.by_code(held, f" {seat.code[:4].lower()}-{seat.code[4:]} ") == seat


def test_only_the_providers_staff_and_post_keep_attendance(held, let_in):
    number = make.officer().license_number
    for stranger in (make.provider_staff(make.provider()), make.ceo(make.agency()), make.director()):
        with pytest.raises(Refused, match="Only the provider’s staff"):
            let_in(number, by=stranger)
    assert let_in(number, by=make.post_staff()).is_new


def test_a_wrong_mark_is_voided_with_the_reason_and_made_anew(held, mark, staff):
    seat = make.registration(held, make.officer())
    wrong = mark(seat, when=at(9)).mark
    with pytest.raises(Refused, match="Say why"):
        attendance.void(by=staff, attendance_mark=wrong, reason="  ")
    key = uuid.uuid4()
    for _ in range(2):
        made = attendance.correct(
            by=staff, attendance_mark=wrong, at=at(8, 15), reason="Pressed late", key=key, now=NOW
        )
    wrong.refresh_from_db()
    assert (wrong.void_reason, wrong.voided_by, made.at) == ("Pressed late", staff, at(8, 15))
    assert seat.marks.live().count() == 1
    with pytest.raises(Refused, match="future"):
        attendance.correct(
            by=staff, attendance_mark=made, at=NOW + dt.timedelta(1), reason="?", key=uuid.uuid4(), now=NOW
        )
    attendance.void(by=staff, attendance_mark=made, reason="Was somebody else")
    assert not seat.marks.live().exists()


def marks_of(held, *spans) -> list[AttendanceMark]:
    """Marks, not saved, of spans (in, out) at the only meeting."""
    meeting = held.meetings.first()
    found = []
    for number, (begins, ends) in enumerate(spans):
        found.append(AttendanceMark(pk=number * 2, meeting=meeting, kind="in", at=begins))
        if ends:
            found.append(AttendanceMark(pk=number * 2 + 1, meeting=meeting, kind="out", at=ends))
    return found


@pytest.mark.parametrize(
    ("spans", "suggested", "hours"),
    [
        ([(at(8), at(12))], "completed", None),
        ([(at(8, 10), at(12))], "completed", None),
        ([(at(8, 11), at(12))], "part", "3.75"),  # 3 h 49 min
        ([(at(8), None)], "completed", None),
        ([(at(8), at(11, 50))], "completed", None),
        ([(at(7, 30), at(10))], "part", "2"),
        ([(at(8), at(9)), (at(10), at(12))], "part", "3"),
        ([(at(8), at(8, 14))], "left", None),
        ([(at(8), at(8, 15))], "part", "0.25"),
        ([(at(12, 5), at(12, 30))], "left", None),
        ([], "absent", None),
    ],
)
def test_what_the_marks_suggest(held, spans, suggested, hours):
    found = presence.of(list(held.meetings.all()), marks_of(held, *spans), make.lines(legal=4))
    assert found.suggested == suggested
    assert (sum(line.hours for line in found.lines) if found.lines else None) == (hours and Decimal(hours))


def test_leaving_without_having_come_in_counts_for_nothing(held, mark):
    seat = make.registration(held, make.officer())
    taken = mark(seat, "out", at(12))
    assert "No sign-in is noted" in taken.words
    found = presence.of(list(held.meetings.all()), seat.marks.all(), make.lines(legal=4))
    assert found.suggested is Suggested.ABSENT


def test_a_meeting_missed_of_two_is_a_part(academy):
    held = make.scheduled_class(make.provider_course(academy, legal=6, skill=2), at(8), meetings=2)
    found = presence.of(list(held.meetings.all()), marks_of(held, (at(8), at(12))), make.lines(legal=6, skill=2))
    assert {line.area.code: line.hours for line in found.lines} == {"legal": Decimal(3), "skill": Decimal(1)}
    assert "Not there on November 25." in found.notes


NIGHT_BEGINS, NIGHT_ENDS = at(22, day=dt.date(2026, 10, 31)), at(6, day=dt.date(2026, 11, 1))


@pytest.fixture
def night(academy):
    """A class from 10 PM to 6 AM in the night in which clocks are set back: nine hours."""
    held = make.scheduled_class(make.provider_course(academy, legal=9), NIGHT_BEGINS, capacity=2)
    ScheduledMeeting.objects.filter(scheduled_class=held).update(ends_at=NIGHT_ENDS)
    ScheduledClass.objects.filter(pk=held.pk).update(ends_at=NIGHT_ENDS)
    held.refresh_from_db()
    return held


def test_hours_of_the_night_in_which_clocks_are_set_back_are_nine(night):
    meeting = night.meetings.get()
    assert presence.missed(meeting, []) == dt.timedelta(hours=9)
    two_again = dt.datetime(2026, 11, 1, 1, 30, tzinfo=clock.CHICAGO, fold=1)
    mark = [AttendanceMark(pk=1, meeting=meeting, kind="in", at=NIGHT_BEGINS)]
    mark.append(AttendanceMark(pk=2, meeting=meeting, kind="out", at=two_again))
    found = presence.of([meeting], mark, make.lines(legal=9))
    assert [line.hours for line in found.lines] == [Decimal("4.5")]


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        (dt.time(22, 5), at(22, 5, dt.date(2026, 10, 31))),
        (dt.time(21, 50), at(21, 50, dt.date(2026, 10, 31))),
        (dt.time(5, 55), at(5, 55, dt.date(2026, 11, 1))),
        (dt.time(6, 10), at(6, 10, dt.date(2026, 11, 1))),
        (dt.time(0, 0), at(0, 0, dt.date(2026, 11, 1))),
    ],
)
def test_a_time_typed_for_a_night_is_of_the_evening_or_the_morning(night, typed, moment):
    assert door.moment_of(night.meetings.get(), typed) == moment


def test_the_page_is_of_the_meeting_of_today_else_the_next(academy):
    held = make.scheduled_class(make.provider_course(academy), at(8), meetings=3)
    first, second, third = held.meetings.all()
    assert door.meeting_of(held, "", at(7)) == first
    assert door.meeting_of(held, "", at(13)) == first
    assert door.meeting_of(held, "", at(20)) == second
    assert door.meeting_of(held, str(third.pk), at(7)) == third
    assert door.meeting_of(held, "", at(8, day=dt.date(2027, 1, 1))) == third


def test_the_list_takes_two_statements_and_holds_no_code(held, staff, django_assert_num_queries):
    seat = make.registration(held, make.officer())
    make.registration(held, make.officer())
    meeting = held.meetings.get()
    with django_assert_num_queries(2):
        assert len(door.rows(held, meeting, staff)) == 2
    data = str(door.state(held, meeting, staff, NOW))
    assert seat.code not in data
    assert door.digest(seat.code) in data
