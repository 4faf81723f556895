"""Registering for a class: who may, who gets a seat, what is refused and what is warned of."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.history import events_of
from clee_portal.refusal import Refused
from notifications.models import Message
from training import registering, wait_list
from training.models import ProviderLicense, Registration
from training.models.memberships import scope_of
from training.registering import NeedsAccepting
from training.services import providers, registrations, seats
from training.services.registrations import Group
from training.tests import factories as make

pytestmark = pytest.mark.django_db
State = Registration.State


def at(day: int, hour: int = 8, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 5, day, hour, minute, tzinfo=clock.CHICAGO)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def school():
    return make.provider("Ozark Bluffs Academy")


@pytest.fixture
def held(school):
    """Two seats, on Wednesday May 20, 8 to noon."""
    return make.scheduled_class(make.provider_course(school, "Search and seizure"), at(20), capacity=2)


def person(agency, name="", **more):
    """An officer with an account."""
    one = make.officer(agency, name=name, **more)
    return one, make.officer_account(one)


def register(held, officer, by, **more) -> Registration:
    return registrations.register(by=by, held=held, officer=officer, **more).registrations[0]


def fill(held, agency, how_many=2) -> list[Registration]:
    return [register(held, *person(agency)) for _ in range(how_many)]


def left(held) -> int:
    held.refresh_from_db()
    return held.seats_left


def mails(*, after: int = 0) -> list[tuple[str, str]]:
    """Occasion and address of every message put after the one with this number."""
    return sorted(Message.objects.filter(pk__gt=after).values_list("occasion", "address"))


def last_mail() -> int:
    return Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def test_an_officer_gets_a_seat_and_is_told(held, agency):
    officer, account = person(agency)
    answer = registrations.register(by=account, held=held, officer=officer, submission_key=uuid.uuid4())
    one = answer.registrations[0]
    assert (answer.is_new, one.state, one.turn, one.seated_at, one.agency) == (
        True,
        State.REGISTERED,
        1,
        at(4, 10),
        None,
    )
    assert left(held) == 1
    assert mails() == [("seat_registered", account.email)]
    event = events_of(Registration).objects.get(pgh_obj_id=one.pk)
    assert event.pgh_context["reason"] == "Registered"


def test_the_same_form_and_a_second_form_are_one_registration(held, agency):
    officer, account = person(agency)
    key = uuid.uuid4()
    made = [
        registrations.register(by=account, held=held, officer=officer, submission_key=one)
        for one in (key, key, uuid.uuid4())
    ]
    assert [one.is_new for one in made] == [True, False, False]
    assert len({one.registrations[0].pk for one in made}) == 1
    assert Message.objects.count() == 1
    # Given back, the old form sent again by the Back button is no new wish.
    seats.give_back(by=account, registration=made[0].registrations[0])
    again = registrations.register(by=account, held=held, officer=officer, submission_key=key)
    assert (again.is_new, again.registrations[0].state) == (False, State.CANCELLED)


def test_without_a_seat_the_wait_list_says_order_and_why(held, agency):
    fill(held, agency)
    with time_machine.travel(at(4, 11), tick=False):
        register(held, *person(agency))
    with time_machine.travel(at(4, 12), tick=False):
        second = register(held, *person(agency))
    assert second.state == State.WAITING
    place = wait_list.place_of(second)
    assert (place.ordinal, place.why) == (
        "2nd",
        "Asked at 12:00:00 PM on Monday, May 4, 2026; one person asked before, at 11:00:00 AM.",
    )


def test_a_stranger_registers_nobody(held, agency):
    officer, _ = person(agency)
    for by in (make.user(), make.officer_account(make.officer()), make.ceo(make.agency()), make.director()):
        with pytest.raises(Refused, match="You cannot register this officer"):
            register(held, officer, by)
    assert Registration.objects.count() == 0


def test_the_provider_and_post_register_a_caller(held, agency, school):
    for by in (make.provider_staff(school), make.post_staff()):
        assert register(held, make.officer(agency), by).registered_by == by
    with pytest.raises(Refused):
        register(held, make.officer(agency), make.provider_staff(make.provider()))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"opens_at": at(5)}, "Registration opens on Tuesday, May 5, 2026."),
        ({"closes_at": at(4)}, "Registration closed on Monday, May 4, 2026. Ask Ozark Bluffs Academy."),
        ({"state": "draft"}, "This class is not published yet."),
        (
            {"state": "called_off", "called_off_at": at(4), "called_off_because": "No instructor"},
            "This class was called off: No instructor",
        ),
    ],
)
def test_outside_its_window_nobody_is_registered(school, agency, more, words):
    held = make.scheduled_class(make.provider_course(school), at(20), **more)
    officer, account = person(agency)
    with pytest.raises(Refused) as refusal:
        register(held, officer, account)
    assert refusal.value.message == words


def test_the_provider_takes_callers_outside_the_window_until_the_class_begins(school, agency):
    held = make.scheduled_class(make.provider_course(school), at(20), closes_at=at(1))
    staff = make.provider_staff(school)
    assert register(held, make.officer(agency), staff).state == State.REGISTERED
    with time_machine.travel(at(20)), pytest.raises(Refused, match="This class has begun"):
        register(held, make.officer(agency), staff)


@pytest.mark.parametrize("kind", ["expired", "revoked", "surrendered"])
def test_without_a_license_on_the_day_nobody_is_registered(held, agency, kind):
    officer, account = person(agency)
    make.license_event(officer, kind, dt.date(2026, 5, 1))
    with pytest.raises(Refused, match=f"The license was {kind} on May 1, 2026, so nothing could be credited."):
        register(held, officer, account)


def test_an_inactive_license_is_warned_of_and_accepted_by_a_tick(held, agency):
    """Who is inactive owes the hours, and gets the license back by them (11 CSR 75-15.080)."""
    officer, account = person(agency)
    make.license_event(officer, "made_inactive", dt.date(2026, 4, 2))
    with pytest.raises(NeedsAccepting) as needed:
        register(held, officer, account)
    text = (
        "The license is inactive, since April 2, 2026. The hours are credited all the same; they give no commission "
        "back."
    )
    assert needed.value.found.warned == {officer.pk: [text]}
    with pytest.raises(NeedsAccepting):
        register(held, officer, account, accepts="of-another-day")
    one = register(held, officer, account, accepts=needed.value.found.key)
    assert (one.state, one.accepted) == (State.REGISTERED, text)


def test_classes_at_the_same_hours_are_warned_of(held, agency, school):
    officer, _ = person(agency)
    other = make.scheduled_class(make.provider_course(make.provider(), "Driving"), at(20, 11))
    make.registration(other, officer)
    make.registration(other, make.officer(agency))  # somebody else's
    after = make.scheduled_class(make.provider_course(school, "Afternoon"), at(20, 12))
    make.registration(after, officer)  # begins when the other ends
    gone = make.scheduled_class(make.provider_course(school, "Given back"), at(20, 9))
    make.registration(gone, officer, state="cancelled", ended_at=at(4))
    found = registering.look(held, [officer])
    assert found.warned == {
        officer.pk: [
            "Registered for another class at the same hours: “Driving”, Wednesday, May 20, 2026, 11:00 AM to 3:00 PM."
        ]
    }
    outside = registering.look(held, [officer], is_outsider=True)
    assert outside.warned == {officer.pk: ["Another class at the same hours."]}


def test_a_course_taken_this_year_is_warned_of_by_title_and_by_another_registration(held, agency, school):
    officer, _ = person(agency)
    earlier = make.provider_course(make.provider(), "SEARCH & Seizure")
    make.record(officer, dt.date(2026, 2, 3), course=earlier)
    make.record(officer, dt.date(2025, 2, 3), course=earlier)  # of another year
    make.registration(make.scheduled_class(held.course, at(28)), officer)
    titled = make.provider_course(school, "Search and Seizure.")
    again = make.scheduled_class(titled, at(21))
    assert registering.look(again, [officer]).warned == {
        officer.pk: [
            "The same course is on the record for 2026 already, completed on February 3, 2026. "
            "A second time it gives no hours.",
            "Registered for the same course on Thursday, May 28, 2026 as well. It counts once in 2026.",
        ]
    }


def test_looking_costs_the_same_for_one_officer_and_for_thirty(held, agency, django_assert_num_queries):
    people = make.roster(agency, 30)
    for some in (people[:1], people):
        with django_assert_num_queries(3):
            registering.look(held, some)


def test_a_suspended_provider_takes_nobody_and_whoever_is_registered_is_told(held, agency, school):
    officer, account = person(agency)
    register(held, officer, account)
    before = last_mail()
    license = school.licenses.get()
    providers.change_license(
        by=make.post_staff(), license=license, standing="suspended", from_day=dt.date(2026, 5, 10),
        valid_until=dt.date(2026, 6, 30), decided_on=dt.date(2026, 5, 4), source="Order 7", today=dt.date(2026, 5, 4),
    )  # fmt: skip
    assert mails(after=before) == [("class_unlicensed", account.email)]
    with pytest.raises(Refused) as refusal:
        register(held, *person(agency))
    assert refusal.value.message == (
        "The license of Ozark Bluffs Academy is suspended: the class may give no credit, so nobody is registered."
    )


def test_a_provider_never_licensed_takes_nobody(agency):
    held = make.scheduled_class(make.provider_course(make.provider("Nowhere Institute", valid_from=None)), at(20))
    with pytest.raises(Refused, match="Nowhere Institute holds no valid license today"):
        register(held, *person(agency))
    assert ProviderLicense.objects.count() == 0


# Several at once ------------------------------------------------------------------------------------------------------


def group(held, agency, officers, **more):
    return registrations.register_group(
        by=make.delegate(agency), held=held, agency=agency, officers=officers,
        **{"submission_key": uuid.uuid4(), **more},
    )  # fmt: skip


def test_a_group_fills_what_is_free_and_the_rest_waits_in_order(held, agency):
    people = [make.officer(agency) for _ in range(4)]
    answer = group(held, agency, people)
    assert [(one.officer, one.state, one.turn) for one in answer.registrations] == [
        (people[0], State.REGISTERED, 1), (people[1], State.REGISTERED, 2),
        (people[2], State.WAITING, 3), (people[3], State.WAITING, 4),
    ]  # fmt: skip
    assert {one.agency for one in answer.registrations} == {agency}


def test_the_same_group_form_is_one_request(held, agency):
    people, key = [make.officer(agency) for _ in range(3)], uuid.uuid4()
    first, second = (group(held, agency, people, submission_key=key) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert {one.pk for one in first.registrations} == {one.pk for one in second.registrations}


def test_all_or_nobody_registers_nobody_where_seats_lack(held, agency):
    people = [make.officer(agency) for _ in range(3)]
    with pytest.raises(Refused) as refusal:
        group(held, agency, people, group=Group.NOBODY)
    assert refusal.value.message == "2 seats are free, and you want 3. Nobody was registered."
    assert Registration.objects.count() == 0
    answer = group(held, agency, people[:2], group=Group.NOBODY)
    assert [one.state for one in answer.registrations] == [State.REGISTERED] * 2


def test_a_group_that_waits_together_is_asked_once_there_are_seats_for_all(held, agency):
    first, second = fill(held, agency)
    people = [make.officer(agency) for _ in range(2)]
    answer = group(held, agency, people, group=Group.TOGETHER)
    assert {(one.state, one.waits_together) for one in answer.registrations} == {(State.WAITING, True)}
    alone = register(held, *person(agency))
    seats.give_back(by=make.ceo(agency), registration=first)
    alone.refresh_from_db()
    assert alone.state == State.OFFERED  # one seat is no seat for two: who fits is asked, and they keep their place
    seats.answer(by=make.ceo(agency), registration=alone, takes=False)
    # Both seats: the group is asked at once.
    seats.give_back(by=make.ceo(agency), registration=second)
    states = Registration.objects.filter(group__isnull=False).values_list("state", flat=True)
    assert list(states) == [State.OFFERED, State.OFFERED]


def test_more_than_the_class_has_cannot_wait_together(held, agency):
    people = [make.officer(agency) for _ in range(3)]
    with pytest.raises(Refused, match="The class has 2 seats in all, and you want 3 together"):
        group(held, agency, people, group=Group.TOGETHER)


def test_an_agency_registers_only_whom_it_commissions_today_and_on_the_day(held, agency):
    stranger = make.officer(make.agency(), name="Ada Stranger")
    leaving = make.officer(agency, name="Leo Leaving", until=dt.date(2026, 5, 10))
    for one, words in (
        (stranger, "Ada Stranger holds no commission at Cedar Hollow Police today."),
        (leaving, "Leo Leaving holds no commission at Cedar Hollow Police on May 20, 2026."),
    ):
        with pytest.raises(Refused) as refusal:
            group(held, agency, [make.officer(agency), one])
        assert refusal.value.message == words
    with pytest.raises(Refused, match="You cannot register officers of this agency"):
        registrations.register_group(
            by=make.ceo(make.agency()), held=held, agency=agency, officers=[make.officer(agency)],
            submission_key=uuid.uuid4(),
        )  # fmt: skip
    assert Registration.objects.count() == 0


def test_a_group_of_two_and_of_thirty_cost_the_same(held, agency):
    wide = make.scheduled_class(held.course, at(22), capacity=60)
    by, counts = make.delegate(agency), []
    scope_of(by)  # read once for each person
    for officers in (make.roster(agency, 2), make.roster(agency, 32, first_number=50000)):
        with CaptureQueriesContext(connection) as caught:
            registrations.register_group(
                by=by, held=wide, agency=agency, officers=officers, submission_key=uuid.uuid4()
            )
        counts.append(len(caught))
    assert counts[0] == counts[1]


# A colleague goes instead ---------------------------------------------------------------------------------------------


def test_a_seat_is_handed_to_a_colleague_whoever_waits(held, agency):
    (first, account), (colleague, theirs) = person(agency, "Ann First"), person(agency, "Bob Second")
    one = register(held, first, account)
    Registration.objects.filter(pk=one.pk).update(paid_on=dt.date(2026, 5, 4))
    fill(held, agency, 1)
    waiting = register(held, *person(agency))
    before = last_mail()
    made = registrations.hand_over(by=make.ceo(agency), registration=one, agency=agency, officer=colleague)
    one.refresh_from_db()
    assert (one.state, one.end_reason, one.was_late) == (State.CANCELLED, "Handed over to a colleague", False)
    assert (made.state, made.took_over_from, made.paid_on, made.agency) == (
        State.REGISTERED, one, dt.date(2026, 5, 4), agency,
    )  # fmt: skip
    waiting.refresh_from_db()
    assert (waiting.state, left(held)) == (State.WAITING, 0)
    assert mails(after=before) == [("seat_ended", account.email), ("seat_registered", theirs.email)]


def test_a_seat_is_handed_over_within_the_agency_alone(held, agency):
    one = register(held, *person(agency))
    elsewhere = make.officer(make.agency(), name="Ada Stranger")
    with pytest.raises(Refused, match="Ada Stranger holds no commission"):
        registrations.hand_over(by=make.ceo(agency), registration=one, agency=agency, officer=elsewhere)
    for by in (make.officer_account(make.officer(agency)), make.ceo(make.agency())):
        with pytest.raises(Refused, match="You cannot hand over"):
            registrations.hand_over(by=by, registration=one, agency=agency, officer=make.officer(agency))


def test_a_colleague_who_waits_takes_the_seat_and_gives_the_turn_up(held, agency):
    first, _ = fill(held, agency)
    officer, account = person(agency)
    waiting = register(held, officer, account)
    made = registrations.hand_over(by=make.ceo(agency), registration=first, agency=agency, officer=officer)
    waiting.refresh_from_db()
    assert (made.state, waiting.state) == (State.REGISTERED, State.CANCELLED)
