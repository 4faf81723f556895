"""That a mail is begun is on its way to the database while the mail server is asked to take it, and is written before
anything of the mail is handed over."""

import uuid

import psycopg
import pytest
from django.db import connection

from notifications import queue, sending
from notifications.models import Message
from notifications.tests.acts import put, send, states
from notifications.transport import Transport

pytestmark = pytest.mark.django_db

State = Message.State


@pytest.fixture
def worker():
    """A worker that is there."""
    one = uuid.uuid4()
    queue.appear(one)
    yield one
    queue.leave(one)


def asked(sink, what: str, act) -> None:
    """Let `act` happen whenever the mail server is told `what`, before it answers."""
    original = getattr(sink.handler, f"handle_{what}")

    async def handle(*arguments):
        act()
        return await original(*arguments)

    setattr(sink.handler, f"handle_{what}", handle)


def test_nothing_is_handed_over_before_its_beginning_is_written(said, sink, renee, monkeypatch):
    put(renee, "1", "2")
    seen = []
    for what in ("MAIL", "RCPT", "DATA"):
        asked(sink, what, lambda what=what: seen.append(what))
    sent, waited_for = queue.Step.__init__, queue.Step.result

    def begin(step, *arguments, **named):
        seen.append("on its way")
        sent(step, *arguments, **named)

    def wait(step):
        answer = waited_for(step)
        seen.append("written")
        return answer

    monkeypatch.setattr(queue.Step, "__init__", begin)
    monkeypatch.setattr(queue.Step, "result", wait)
    send()
    assert seen == ["on its way", "MAIL", "RCPT", "written", "DATA"] * 2 + ["on its way", "written"]
    assert states() == {"1": State.SENT, "2": State.SENT}


def test_one_that_somebody_else_has_taken_is_not_handed_over_and_the_next_one_is(said, sink, renee, worker):
    put(renee, "1", "2")
    taken, letters = sending._prepare(worker, 5)
    Message.objects.filter(pk=taken[0].pk).update(claimed_by=uuid.uuid4())
    with Transport() as transport:
        assert sending._send_all(worker, transport, letters, until=float("inf")) is True
    assert states() == {"1": State.WAITING, "2": State.SENT}
    assert sink.ids == [taken[1].message_id]


def test_one_that_is_refused_before_it_may_go_is_written_down_as_begun_and_refused(said, sink, renee):
    (made,) = put(renee)
    sink.handler.refused_addresses = {"renee@example.org"}
    send()
    assert list(made.events.order_by("pgh_id").values_list("state", "attempts")) == [
        ("waiting", 0),
        ("sending", 1),
        ("refused", 1),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["MAIL", "RCPT", "DATA"])
def test_a_database_that_is_gone_for_a_moment_costs_no_mail_and_no_mark(said, sink, renee, when):
    """Whether the beginning, or the outcome, was written just before is found out by writing it again."""
    made = put(renee, "1", "2", "3")
    times = []

    def lose():
        times.append(when)
        if len(times) == 2:
            with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%%v.begins%%'"
                )

    asked(sink, when, lose)
    send()
    assert len(times) == 3
    assert sink.ids == [one.message_id for one in made]
    assert list(Message.objects.values_list("state", "attempts", "times_unknown")) == [(State.SENT, 1, 0)] * 3
    assert queue._present() == []


def test_what_is_written_twice_is_written_once(said, renee, worker):
    put(renee, "1", "2")
    first, second = queue.claim(worker, 5)
    events = Message.events.rel.related_model.objects
    for _ in range(2):
        assert queue.step(worker, begins=first) is True
    lost = queue.ended(first, State.UNKNOWN, "lost")
    for _ in range(2):
        assert queue.step(worker, ended=lost, begins=second) is True
    rows = Message.objects.order_by("pk").values_list("state", "attempts", "times_unknown")
    assert list(rows) == [(State.UNKNOWN, 1, 1), (State.SENDING, 1, 0)]
    assert events.filter(state__in=[State.SENDING, State.UNKNOWN]).count() == 3


def test_a_step_the_database_refuses_says_so_and_the_connection_goes_on(said, renee, worker):
    put(renee)
    (taken,) = queue.claim(worker, 5)
    queue.step(worker, begins=taken)
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
    with pytest.raises(Exception, match="message_is_tried_again_or_settled"):
        queue.step(worker, ended=queue.Ended(taken.pk, 1, State.FAILED))
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK TO before")
    assert queue.step(worker, ended=queue.Ended(taken.pk, 1, State.SENT)) is True
    assert states() == {"1": State.SENT}
