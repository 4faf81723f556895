"""Workers that die, several at once, and the pace they share."""

import contextlib
import datetime as dt
import uuid

import psycopg
import pytest
from django.db import OperationalError, connection

from clee_portal import clock
from notifications import queue, sending
from notifications.models import Message
from notifications.tests.acts import due_now, put, send, states

pytestmark = pytest.mark.django_db

State = Message.State


# Workers that die, and several at once -------------------------------------------------------------------------------


def let_claims_run_out():
    Message.objects.filter(claimed_until__isnull=False).update(claimed_until=clock.now() - dt.timedelta(seconds=1))


@pytest.fixture
def worker():
    """A worker that is there."""
    one = uuid.uuid4()
    queue.appear(one)
    yield one
    queue.leave(one)


@contextlib.contextmanager
def elsewhere():
    """A worker that is there: on a connection of its own, as in another process. Yields it and its connection."""
    worker = uuid.uuid4()
    with psycopg.connect(**connection.get_connection_params()) as other:
        number = int.from_bytes(worker.bytes[-4:], signed=True)
        other.execute("SELECT pg_try_advisory_lock(%s, %s)", [queue._PRESENCE, number])
        yield worker, other


def test_taken_and_not_begun_is_simply_taken_again(said, sink, renee, worker):
    (made,) = put(renee)
    assert queue.claim(worker, 5) == [made]
    send()
    assert states() == {"1": State.WAITING}  # another has it
    let_claims_run_out()
    send()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, sink.ids) == (State.SENT, 0, [made.message_id])


def test_begun_and_never_ended_is_unknown_and_sent_once_more(said, sink, renee, worker):
    (made,) = put(renee)
    (taken,) = queue.claim(worker, 5)
    assert queue.step(worker, begins=taken) is True
    send()
    assert states() == {"1": State.SENDING}  # it may still be at work
    let_claims_run_out()
    send()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, sink.ids) == (State.SENT, 1, [made.message_id])
    assert list(made.events.order_by("pgh_id").values_list("state", flat=True)) == [
        "waiting",
        "sending",
        "unknown",
        "sending",
        "sent",
    ]


def test_what_a_killed_worker_had_taken_is_taken_again_at_once(said, sink, renee):
    (made,) = put(renee)
    with elsewhere() as (worker, its_connection):
        assert queue.claim(worker, 5) == [made]
        send()
        assert states() == {"1": State.WAITING}  # it is there, and has it
        its_connection.close()
        send()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, sink.ids) == (State.SENT, 0, [made.message_id])


def test_what_a_killed_worker_was_sending_waits_as_long_as_for_a_mail_server(said, sink, renee, settings):
    (made,) = put(renee)
    settings.EMAIL_TIMEOUT, settings.OUTBOX_LEASE = 20, 200
    with elsewhere() as (worker, its_connection):
        (taken,) = queue.claim(worker, 5)
        queue.step(worker, begins=taken)

        def begun(seconds_ago: int) -> None:
            until = queue.lease() - dt.timedelta(seconds=seconds_ago)
            Message.objects.update(claimed_until=dt.datetime.now(dt.UTC) + until)

        begun(21)
        assert queue.recover() == 0  # it is there
        its_connection.close()
        begun(18)
        assert queue.recover() == 0  # it may have lost the database alone
        begun(21)
        assert queue.recover() == 1
    made.refresh_from_db()
    assert (made.state, made.times_unknown) == (State.UNKNOWN, 1)


@pytest.mark.django_db(transaction=True)
def test_whoever_lost_the_connection_and_came_back_is_there(said, renee):
    put(renee)
    worker, tries = uuid.uuid4(), []

    def write():
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("gone")
        return queue._present()

    assert (sending._persist(worker, write), len(tries)) == ([str(worker)[-8:]], 2)
    queue.leave(worker)
    assert queue._present() == []


def test_two_workers_that_die_at_the_same_message_end_it_as_unknown(said, renee):
    (made,) = put(renee)
    for times in (1, 2):
        worker = uuid.uuid4()
        (taken,) = queue.claim(worker, 5)
        queue.step(worker, begins=taken)
        let_claims_run_out()
        assert queue.recover() == 1
        made.refresh_from_db()
        assert (made.state, made.times_unknown) == (State.UNKNOWN, times)
    assert (made.next_try_at, made.note) == (None, queue.UNKNOWN_FOR_GOOD)


def test_whose_claim_ran_out_may_not_begin(said, renee, worker):
    put(renee)
    (taken,) = queue.claim(worker, 5)
    let_claims_run_out()
    queue.claim(uuid.uuid4(), 5)
    assert queue.step(worker, begins=taken) is False
    assert states() == {"1": State.WAITING}


def test_a_late_outcome_makes_unknown_known(said, renee):
    (made,) = put(renee)
    slow = uuid.uuid4()
    (taken,) = queue.claim(slow, 5)
    queue.step(slow, begins=taken)
    let_claims_run_out()
    queue.recover()
    queue.step(slow, ended=queue.ended(taken, State.SENT))
    made.refresh_from_db()
    assert (made.state, made.times_unknown, made.next_try_at) == (State.SENT, 1, None)


def test_a_late_outcome_changes_nothing_once_it_was_begun_again(said, renee):
    (made,) = put(renee)
    slow, quick = uuid.uuid4(), uuid.uuid4()
    (taken,) = queue.claim(slow, 5)
    queue.step(slow, begins=taken)
    let_claims_run_out()
    queue.recover()
    (again,) = queue.claim(quick, 5)
    queue.step(quick, begins=again)
    queue.step(slow, ended=queue.ended(taken, State.REFUSED))
    made.refresh_from_db()
    assert (made.state, made.attempts) == (State.SENDING, 2)


def test_an_unknown_one_that_is_no_longer_due_stays_unknown(said, sink, renee):
    (made,) = put(renee)
    sink.handler.mood = "drops after taking"
    send()
    said.over = {"1"}
    sink.handler.mood = "well"
    due_now()
    send()
    made.refresh_from_db()
    assert (made.state, made.next_try_at, len(sink.ids)) == (State.UNKNOWN, None, 1)


def test_where_little_is_left_each_takes_less_than_its_share(said, renee):
    put(renee, *map(str, range(130)))
    with elsewhere() as (one, _), elsewhere() as (two, _):
        assert [len(queue.claim(worker, 100)) for worker in (one, two, one, two)] == [32, 24, 18, 14]
        assert [len(queue.claim(worker, 100)) for worker in (one, two, one, two)] == [10, 10, 10, 10]
        assert [len(queue.claim(worker, 5)) for worker in (one, two)] == [2, 0]


# The pace ------------------------------------------------------------------------------------------------------------


def test_the_pace_is_kept_over_all_workers(settings):
    settings.OUTBOX_RATE = 10
    waits = [queue.seconds_until_turn() for _ in range(5)]
    assert waits[0] == 0
    assert all(abs(wait - number * 0.1) < 0.09 for number, wait in enumerate(waits))


def test_at_a_slow_pace_few_are_taken_at_once(settings):
    assert [sending.batch_size(pace) for pace in (None, 0.1, 3, 40, 1000)] == [10, 1, 6, 80, 100]
    settings.OUTBOX_RATE = 3
    assert [sending.batch_size(pace) for pace in (None, 0.1, 3, 40, 1000)] == [6, 1, 6, 6, 6]


@pytest.mark.django_db(transaction=True)
def test_the_next_batch_is_prepared_while_one_is_sent(said, sink, renee):
    """With the thread, as the task does it: each once, over one connection, and nothing stays claimed."""
    made = put(renee, *map(str, range(45)))
    assert sending.send_waiting(30) is False
    assert sorted(sink.ids) == sorted(one.message_id for one in made)
    assert sink.handler.connections == 1
    assert Message.objects.filter(claimed_by__isnull=False).count() == 0
    assert queue._present() == []
