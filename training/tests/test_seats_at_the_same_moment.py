"""Sixty people ask for the last five seats at once: five get one, everybody is answered, and the wait-list is in the
order in which the class's lock was granted. `benchmarks/registration.py` does it over HTTP with 500."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from training import wait_list
from training.models import Registration, ScheduledClass
from training.services import registrations, seats
from training.tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State
AT_ONCE, PEOPLE, SEATS = 20, 60, 5


def all_at_once(act, things) -> list:
    """`act` of each thing, twenty at a time, none before twenty stand ready."""
    ready = threading.Barrier(AT_ONCE)
    first = threading.local()

    def one(thing):
        if not hasattr(first, "came"):
            first.came = True
            ready.wait(30)
        return act(thing)

    def done(_):
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(one, things))
        waits = threading.Barrier(AT_ONCE)
        list(pool.map(lambda _: (waits.wait(30), done(_)), range(AT_ONCE)))
    return answers


@pytest.fixture
def held():
    return make.scheduled_class(make.provider_course(make.provider()), capacity=SEATS)


def test_sixty_for_five_seats(held):
    agency = make.agency()
    people = [(one, make.officer_account(one)) for one in make.roster(agency, PEOPLE)]

    def register(person):
        officer, account = person
        one = registrations.register(by=account, held=held, officer=officer).registrations[0]
        return one, wait_list.place_of(one).number if one.state == State.WAITING else 0

    answers = all_at_once(register, people)
    assert len(answers) == PEOPLE
    rows = list(Registration.objects.order_by("turn"))
    assert [one.turn for one in rows] == list(range(1, PEOPLE + 1))
    assert [one.state for one in rows] == [State.REGISTERED] * SEATS + [State.WAITING] * (PEOPLE - SEATS)
    assert [one.asked_at for one in rows] == sorted(one.asked_at for one in rows)
    assert {one.turn: place for one, place in answers} == {turn: max(turn - SEATS, 0) for turn in range(1, PEOPLE + 1)}
    assert ScheduledClass.objects.get().seats_taken == SEATS


def test_the_same_form_at_once_is_one_registration(held):
    officer = make.officer(make.agency())
    account, key = make.officer_account(officer), uuid.uuid4()
    answers = all_at_once(
        lambda _: registrations.register(by=account, held=held, officer=officer, submission_key=key), range(AT_ONCE)
    )
    assert sum(one.is_new for one in answers) == 1
    assert Registration.objects.count() == 1


def test_seats_given_back_at_once_are_each_offered_once(held):
    agency = make.agency()
    people = [(one, make.officer_account(one)) for one in make.roster(agency, 40)]
    made = [registrations.register(by=account, held=held, officer=one).registrations[0] for one, account in people]
    owners = {one.pk: account for one, (_, account) in zip(made, people, strict=True)}
    # Five seats given back by their owners while fifteen who wait give their turns back.
    leaving = [*made[:SEATS], *made[-15:]]
    all_at_once(lambda one: seats.give_back(by=owners[one.pk], registration=one), leaving)
    states = list(Registration.objects.order_by("turn").values_list("state", flat=True))
    assert states == ["cancelled"] * SEATS + ["offered"] * SEATS + ["waiting"] * 15 + ["cancelled"] * 15


def test_a_class_locked_by_somebody_is_left_to_them_by_beat(held):
    make.registration(held, make.officer(), state="waiting")
    ready, go_on = threading.Event(), threading.Event()

    def somebody():
        with transaction.atomic():
            seats.lock(held)
            ready.set()
            go_on.wait(30)
        connection.close()

    other = threading.Thread(target=somebody)
    other.start()
    assert ready.wait(30)
    assert seats.settle_all() == 0
    go_on.set()
    other.join()
    assert seats.settle_all() == 1
