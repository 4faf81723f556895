"""Seats that become free: who is offered them, until when, what becomes of offers; giving back; moved, called off."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.core import mail

from clee_portal import clock
from clee_portal.refusal import Refused
from notifications import sending
from notifications.models import Message
from training import registering, tasks
from training.models import ProviderLicense, Registration, ScheduledClass, ScheduledMeeting
from training.services import registrations, seats
from training.tests import factories as make
from training.tests.test_registrations import at, last_mail, mails, person, register

pytestmark = pytest.mark.django_db
State = Registration.State


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def held():
    """One seat, on Wednesday May 20, 8 to noon."""
    course = make.provider_course(make.provider("Ozark Bluffs Academy", phone="(555) 0190"), "Search and seizure")
    return make.scheduled_class(course, at(20), capacity=1)


@pytest.fixture
def line(held, agency):
    """(registration, account) of one with the seat and two who wait."""
    people = [person(agency) for _ in range(3)]
    return [(register(held, officer, account), account) for officer, account in people]


def states(line) -> list[str]:
    return [Registration.objects.get(pk=one.pk).state for one, _ in line]


@pytest.mark.parametrize(
    ("now", "begins", "hours", "until"),
    [
        (at(4, 10), at(20), 24, at(5, 10)),
        (at(4, 10), at(5, 6), 24, at(4, 20)),  # half of the time left
        (at(4, 10), at(5, 10), 24, at(5, 8)),  # 10 PM is night: the morning
        (at(4, 10), at(5, 8), 24, at(4, 21)),  # the morning is too late
        (at(4, 10), at(6, 8), 20, at(5, 8)),  # 6 AM is night: the morning
        (at(4, 15), at(12, 8), 8, at(5, 8)),  # 11 PM is night: the morning
        (at(4, 10), at(4, 12), 24, at(4, 11)),  # two hours before: one to answer
        (at(4, 10, 1), at(4, 12), 24, None),  # less: nobody is asked
        (at(4, 10), at(4, 9), 24, None),
    ],
)
def test_until_when_an_offer_stands(now, begins, hours, until):
    assert registering.offer_ends(now, begins, hours) == until


def test_a_seat_given_back_is_offered_to_the_next_who_takes_it(held, line):
    (first, owner), (second, account), _ = line
    before = last_mail()
    seats.give_back(by=owner, registration=first, reason="  Court   that day ")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.end_reason, first.was_late, first.ended_by) == (
        State.CANCELLED, "Court that day", False, owner,
    )  # fmt: skip
    assert (second.state, second.offered_until) == (State.OFFERED, at(5, 10))
    assert [code for code, _ in mails(after=before)] == ["seat_ended", "seat_offered"]
    assert ScheduledClass.objects.get().seats_taken == 1  # an offer holds the seat
    for _ in range(2):  # pressed twice
        taken = seats.answer(by=account, registration=second, takes=True)
    assert (taken.state, states(line)) == (State.REGISTERED, ["cancelled", "registered", "waiting"])


def test_an_offer_let_go_goes_to_the_one_after(line):
    (first, owner), (second, account), _ = line
    seats.give_back(by=owner, registration=first)
    seats.answer(by=account, registration=second, takes=False)
    assert states(line) == ["cancelled", "cancelled", "offered"]


def test_an_offer_not_answered_lapses_by_the_look_of_beat_and_is_told(held, line):
    (first, owner), (second, account), third = line
    seats.give_back(by=owner, registration=first)
    with time_machine.travel(at(5, 10), tick=False):
        tasks.settle_seats()
        assert states(line) == ["cancelled", "offered", "waiting"]  # the last moment counts
    before = last_mail()
    with time_machine.travel(at(5, 10, 1), tick=False):
        for _ in range(2):
            tasks.settle_seats()
        assert states(line) == ["cancelled", "lapsed", "offered"]
        assert mails(after=before) == [("seat_ended", account.email), ("seat_offered", third[1].email)]
        with pytest.raises(Refused, match="The time to answer is over"):
            seats.answer(by=account, registration=second, takes=True)


def test_while_the_provider_has_no_license_nobody_is_asked_and_nobody_loses_a_turn(held, line):
    (first, owner), (second, account), _ = line
    seats.give_back(by=owner, registration=first)
    ProviderLicense.objects.update(standing="suspended")
    with time_machine.travel(at(6, 10), tick=False):
        tasks.settle_seats()
        assert states(line) == ["cancelled", "offered", "waiting"]
        with pytest.raises(Refused, match="is suspended"):
            seats.answer(by=account, registration=second, takes=True)
        seats.give_back(by=account, registration=second)
        assert states(line) == ["cancelled", "cancelled", "waiting"]
    ProviderLicense.objects.update(standing="valid")
    with time_machine.travel(at(7, 10), tick=False):
        tasks.settle_seats()
        assert states(line) == ["cancelled", "cancelled", "offered"]


def test_a_late_look_is_made_up_for_by_whoever_comes_first(held, agency, line):
    """Beat was away: the next who asks finds the offer lapsed, and the one after offered."""
    (first, owner), *_ = line
    seats.give_back(by=owner, registration=first)
    with time_machine.travel(at(7, 9), tick=False):
        register(held, *person(agency))
    assert states(line) == ["cancelled", "lapsed", "offered"]


def test_two_looks_at_once_offer_once(line):
    (first, _), *_ = line
    Registration.objects.filter(pk=first.pk).update(state="cancelled", ended_at=clock.now())
    assert [seats.settle_all(), seats.settle_all()] == [1, 0]
    assert states(line) == ["cancelled", "offered", "waiting"]


def test_raised_capacity_offers_what_is_new(held, line):
    ScheduledClass.objects.filter(pk=held.pk).update(capacity=3)
    assert [one.pk for one in seats.changed(held)] == [line[1][0].pk, line[2][0].pk]


def test_close_to_the_class_a_free_seat_is_whose_who_takes_it(held, line):
    (first, owner), (second, account), (third, other) = line
    with time_machine.travel(at(20, 6, 30), tick=False):
        seats.give_back(by=owner, registration=first)
        assert states(line) == ["cancelled", "waiting", "waiting"]
        seats.answer(by=other, registration=third, takes=True)
        with pytest.raises(Refused, match="There is no seat to take just now"):
            seats.answer(by=account, registration=second, takes=True)
    assert states(line) == ["cancelled", "waiting", "registered"]
    assert Registration.objects.get(pk=first.pk).was_late is True


@pytest.mark.parametrize(
    ("moment", "is_late"), [(at(19, 8), False), (at(19, 8, 1), True), (at(20, 7, 59), True)], ids=str
)
def test_given_back_late_is_marked_and_not_refused(line, moment, is_late):
    (first, owner), *_ = line
    with time_machine.travel(moment, tick=False):
        assert seats.give_back(by=owner, registration=first).was_late is is_late


def test_a_turn_given_back_is_never_late(line):
    _, (second, account), _ = line
    with time_machine.travel(at(20, 7), tick=False):
        assert seats.give_back(by=account, registration=second).was_late is False


def test_once_begun_nothing_is_given_back(line):
    (first, owner), *_ = line
    with time_machine.travel(at(20, 8), tick=False), pytest.raises(Refused, match="The class has begun"):
        seats.give_back(by=owner, registration=first)


def test_who_may_give_back(held, agency, line):
    (first, _), *_ = line
    for by in (make.user(), make.officer_account(make.officer(agency)), make.ceo(make.agency()), make.director()):
        with pytest.raises(Refused, match="not yours to give back"):
            seats.give_back(by=by, registration=first)
    for (one, _), by in zip(
        line, (make.delegate(agency), make.provider_staff(held.provider), make.post_staff()), strict=True
    ):
        assert seats.give_back(by=by, registration=one).state == State.CANCELLED


def move(held, begins_at):
    """What scheduling does: new hours, the next sequence."""
    held.begins_at, held.ends_at = begins_at, begins_at + dt.timedelta(hours=4)
    held.sequence, held.changed_at = held.sequence + 1, clock.now()
    held.save(update_fields=["begins_at", "ends_at", "sequence", "changed_at"])
    ScheduledMeeting.objects.filter(scheduled_class=held).update(begins_at=held.begins_at, ends_at=held.ends_at)
    return seats.tell_moved(held)


def sent_before() -> None:
    """Whatever was put up to now has gone."""
    sending.send_waiting(20, ahead=False)
    mail.outbox.clear()


def said(letter) -> str:
    return letter.body.split("\n--\n")[0]


def test_a_moved_class_tells_everybody_the_new_hours_and_only_the_last_of_them(held, line):
    sent_before()
    assert move(held, at(21)) == 3
    held.refresh_from_db()
    assert move(held, at(22, 13)) == 3
    sending.send_waiting(20, ahead=False)
    assert [letter.subject for letter in mail.outbox] == ["Changed to Friday, May 22, 2026: Search and seizure"] * 3
    assert "- When: Friday, May 22, 2026, 1:00 PM to 5:00 PM\n" in said(mail.outbox[0])
    assert "Giving it back after this change is not counted as late." in said(mail.outbox[0])


def test_after_a_late_move_giving_back_is_not_late(held, line):
    (first, owner), *_ = line
    with time_machine.travel(at(19, 20), tick=False):
        move(held, at(20, 10))
        assert seats.give_back(by=owner, registration=first).was_late is False


def test_an_offer_ends_before_a_class_moved_forward_begins(held, line):
    (first, owner), (second, _), _ = line
    seats.give_back(by=owner, registration=first)
    move(held, at(5, 9))
    second.refresh_from_db()
    assert second.offered_until == at(5, 9)


def test_a_class_called_off_ends_all_and_tells_all(held, line):
    sent_before()
    ScheduledClass.objects.filter(pk=held.pk).update(
        state="called_off", called_off_at=clock.now(), called_off_because="The hall is flooded"
    )
    held.refresh_from_db()
    assert seats.call_off_all(by=make.provider_staff(held.provider), held=held) == 3
    assert states(line) == ["called_off"] * 3
    sending.send_waiting(20, ahead=False)
    assert [letter.subject for letter in mail.outbox] == ["Called off, Wednesday, May 20, 2026: Search and seizure"] * 3
    assert "Why: The hall is flooded\n" in said(mail.outbox[0])


def test_reminders_go_three_days_ahead_to_who_has_a_seat_and_once(held, line):
    sent_before()
    before = last_mail()
    for moment, count in ((at(16, 23, 59), 0), (at(17, 0, 1), 1), (at(18, 9), 1)):
        with time_machine.travel(moment, tick=False):
            tasks.put_class_reminders()
        assert (moment, len(mails(after=before))) == (moment, count)
    with time_machine.travel(at(18, 10), tick=False):
        sending.send_waiting(20, ahead=False)
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        ([line[0][1].email], "Your class on Wednesday, May 20, 2026: Search and seizure")
    ]


def test_who_registers_in_the_last_days_is_not_reminded_of_what_they_just_read(held, agency):
    with time_machine.travel(at(18, 9), tick=False):
        register(held, *person(agency))
        before = last_mail()
        tasks.put_class_reminders()
    assert mails(after=before) == []


def test_mails_say_what_happened(held, line):
    sending.send_waiting(20, ahead=False)
    seat, first, second = mail.outbox
    assert seat.subject == "Registered for Wednesday, May 20, 2026: Search and seizure"
    assert "Your code for the door, and how to give the seat back:\n" in said(seat)
    assert f"/registrations/{line[0][0].code}/\n" in said(seat)
    assert "- Gives: 4 hours of Legal Studies\n" in said(seat)
    assert "Questions about the class: (555) 0190.\n" in said(seat)
    assert [one.subject for one in (first, second)] == [
        "You are 1st on the wait-list: Search and seizure", "You are 2nd on the wait-list: Search and seizure",
    ]  # fmt: skip


def test_a_mail_overtaken_is_not_sent(held, line):
    (first, owner), *_ = line
    seats.give_back(by=owner, registration=first)
    seats.answer(by=line[1][1], registration=line[1][0], takes=True)
    sending.send_waiting(20, ahead=False)
    assert sorted(letter.subject.partition(":")[0] for letter in mail.outbox) == [
        "No seat any more on Wednesday, May 20, 2026",
        "Registered for Wednesday, May 20, 2026",
        "You are 1st on the wait-list",
    ]


def test_a_desk_hears_of_officers_without_an_account_alone(held, agency):
    desk = make.delegate(agency, "desk@example.org")
    plain, (connected, account) = make.officer(agency), person(agency)
    wide = make.scheduled_class(held.course, at(22))
    registrations.register_group(
        by=desk, held=wide, agency=agency, officers=[plain, connected], submission_key=uuid.uuid4(), accepts=""
    )
    assert list(Message.objects.values_list("occasion", "address")) == [("seat_registered", account.email)]
    before = last_mail()
    move(wide, at(23))
    assert sorted(to for _, to in mails(after=before)) == sorted([account.email, "desk@example.org"])


def test_who_has_paid_is_noted_by_the_provider(held, line):
    (first, owner), *_ = line
    with pytest.raises(Refused, match="Only the provider"):
        seats.mark_paid(by=owner, held=held, registrations=[first.pk], on=clock.today())
    staff = make.provider_staff(held.provider)
    with pytest.raises(Refused, match="in the future"):
        seats.mark_paid(by=staff, held=held, registrations=[first.pk], on=dt.date(2026, 5, 5))
    other = make.registration(make.scheduled_class(held.course), make.officer())
    count = seats.mark_paid(by=staff, held=held, registrations=[first.pk, other.pk], on=dt.date(2026, 5, 4))
    assert (count, Registration.objects.filter(paid_on__isnull=False).get().pk) == (1, first.pk)
    assert seats.mark_paid(by=staff, held=held, registrations=[first.pk], on=None) == 1
    seats.end_for(by=owner, registration=first, because="Handed over to a colleague")
    taken_over = make.registration(held, make.officer(), took_over_from=first)
    assert seats.mark_paid(by=staff, held=held, registrations=[first.pk], on=dt.date(2026, 5, 4)) == 1
    assert Registration.objects.filter(paid_on__isnull=False).get().pk == taken_over.pk
