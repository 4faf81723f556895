"""Whatever a mail server does, a message has an ending that says so."""

import datetime as dt

import pytest
from django.urls import reverse

from clee_portal import clock
from notifications import addresses, queue
from notifications.models import FailingAddress, Message
from notifications.tests.acts import due_now, put, send, states

pytestmark = pytest.mark.django_db

State = Message.State


def test_refused_for_good(said, sink, renee):
    (made,) = put(renee)
    sink.handler.mood = "content refused"
    send()
    made.refresh_from_db()
    assert (made.state, made.note, made.next_try_at) == (State.REFUSED, "554 5.6.0 Not this", None)
    assert not addresses.is_failing(renee)


def test_an_address_the_server_does_not_know_is_marked_and_not_tried_again_until_confirmed(said, sink, renee):
    sink.handler.refused_addresses = {"renee@example.org"}
    put(renee, "1")
    send()
    assert (states(), addresses.is_failing(renee)) == ({"1": State.REFUSED}, True)
    put(renee, "2")
    send()
    second = Message.objects.get(key="2")
    assert (second.state, second.attempts) == (State.REFUSED, 0)
    assert second.note == "Mail comes back. 550 5.1.1 No such person here"
    sink.handler.refused_addresses = set()
    assert addresses.confirm(by=renee) is True
    assert addresses.confirm(by=renee) is False
    put(renee, "3")
    send()
    assert states()["3"] == State.SENT
    assert FailingAddress.objects.get().confirmed_at is not None


def test_a_full_mailbox_is_refused_but_the_address_is_not_marked(said, sink, renee):
    sink.handler.mood = "full"
    put(renee)
    send()
    assert (states(), addresses.is_failing(renee)) == ({"1": State.REFUSED}, False)


def test_refused_for_now_is_tried_again_later_and_later(said, sink, renee):
    (made,) = put(renee)
    sink.handler.mood = "greylisting"
    for attempt, pause in enumerate((60, 300, 300), start=1):
        before = clock.now()
        send()
        made.refresh_from_db()
        assert (made.state, made.attempts, made.note) == (State.FAILED, attempt, "451 4.7.1 Try again later")
        wait = (made.next_try_at - before).total_seconds()
        assert pause <= wait < pause + 10
        due_now()
    sink.handler.mood = "well"
    send()
    assert (states(), len(sink.ids)) == ({"1": State.SENT}, 1)


def test_after_five_days_it_is_given_up(said, sink, renee):
    (made,) = put(renee)
    sink.handler.mood = "greylisting"
    send()
    Message.objects.update(first_tried_at=clock.now() - dt.timedelta(days=5))
    due_now()
    send()
    made.refresh_from_db()
    assert (made.state, made.next_try_at) == (State.GAVE_UP, None)
    assert made.note == "Tried for five days. 451 4.7.1 Try again later"


@pytest.mark.parametrize("mood", ["hangs up", "closing", "stalls", "sender refused"])
def test_a_server_that_takes_nothing_is_left_alone_for_a_while(said, sink, renee, settings, mood):
    settings.OUTBOX_PAUSE = 60
    put(renee, "1", "2", "3")
    sink.handler.mood = mood
    assert send() is False
    assert sorted(states().values()) == [State.FAILED, State.WAITING, State.WAITING]
    assert Message.objects.filter(claimed_by__isnull=False).count() == 0
    sink.handler.mood = "well"
    assert (send(), sink.ids) == (False, [])  # not before the pause is over
    settings.OUTBOX_PAUSE = 0
    queue.stop_knocking("")
    due_now()
    send()
    assert set(states().values()) == {State.SENT}
    assert len(sink.ids) == 3


def test_a_server_that_is_not_there(said, sink, renee, settings):
    settings.EMAIL_PORT = 1
    put(renee)
    send()
    assert states() == {"1": State.FAILED}
    assert "ConnectionRefusedError" in Message.objects.get().note


def test_a_connection_the_server_closed_meanwhile_costs_nothing(said, sink, renee):
    """A server may close a connection between two mails: that is no failure of the second."""
    put(renee, "1", "2")
    original = sink.handler.handle_MAIL
    seen = []

    async def once(server, session, envelope, address, options):
        seen.append(address)
        if len(seen) == 2:
            server.transport.close()
        return await original(server, session, envelope, address, options)

    sink.handler.handle_MAIL = once
    send()
    assert states() == {"1": State.SENT, "2": State.SENT}
    assert (len(sink.ids), sink.handler.connections) == (2, 2)
    assert list(Message.objects.values_list("attempts", flat=True)) == [1, 1]


@pytest.mark.parametrize("mood", ["drops after taking", "drops before taking", "silent after taking"])
def test_a_connection_lost_after_handing_over_is_unknown_and_sent_once_more(said, sink, renee, mood):
    (made,) = put(renee)
    sink.handler.mood = mood
    send()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, made.may_be_a_second_copy) == (State.UNKNOWN, 1, True)
    sink.handler.mood = "well"
    due_now()
    send()
    made.refresh_from_db()
    assert (made.state, made.attempts, made.times_unknown) == (State.SENT, 2, 1)
    copies = 1 if mood == "drops before taking" else 2
    assert sink.ids == [made.message_id] * copies


def test_after_one_that_is_unknown_nobody_goes_on_as_if_nothing_were(said, sink, renee, settings):
    """A server that takes mail and never says so would otherwise be handed everything twice."""
    settings.OUTBOX_PAUSE = 60
    put(renee, "1", "2", "3")
    sink.handler.mood = "drops after taking"
    send()
    send()
    assert sorted(states().values()) == [State.UNKNOWN, State.WAITING, State.WAITING]
    assert len(sink.ids) == 1


def test_unknown_twice_is_not_sent_a_third_time(said, sink, renee):
    (made,) = put(renee)
    sink.handler.mood = "drops after taking"
    for _ in range(3):
        send()
        due_now()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, made.next_try_at) == (State.UNKNOWN, 2, None)
    assert made.note.startswith(queue.UNKNOWN_FOR_GOOD)
    assert sink.ids == [made.message_id] * 2


def test_mail_past_the_outbox_goes_by_the_same_server(client, sink, renee):
    """A forgotten password is asked for and answered at once; nothing of it stands in the outbox."""
    assert client.post(reverse("account_reset_password"), {"email": renee.email}).status_code == 302
    ((envelope, mail),) = sink.handler.received
    assert (envelope.rcpt_tos, Message.objects.count()) == ([renee.email], 0)
    assert "/accounts/password/reset/key/" in mail.get_body(("plain",)).get_content()
