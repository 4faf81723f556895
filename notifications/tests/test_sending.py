"""Sending: once each, what is still due, through a real mail server, with a recorded ending whatever it does."""

import datetime as dt
import uuid

import pytest
from django.core import mail as django_mail

from clee_portal import clock
from notifications import addresses, outbox, queue, sending
from notifications.models import FailingAddress, Message, MessageText
from notifications.outbox import Mail
from training.models import Membership
from training.tests import factories

pytestmark = pytest.mark.django_db

State = Message.State


@pytest.fixture
def renee():
    return factories.officer_account(factories.officer(factories.agency()), "renee@example.org")


def put(user, *keys, occasion="news", **more):
    mails = [Mail(key, user.email, user.pk, **more) for key in keys or ("1",)]
    return list(Message.objects.filter(pk__in=outbox.put_many(occasion=occasion, mails=mails)).order_by("pk"))


def send():
    return sending.send_waiting(20)


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("key", "state"))


def due_now():
    """As if the pause after a failure were over."""
    Message.objects.filter(next_try_at__isnull=False).update(next_try_at=clock.now())


# Sent ----------------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_meant(said, sink, renee, settings):
    settings.MAIL_RETURN_ADDRESS = "bounces@clee.example"
    settings.PORTAL_URL = "https://clee.example"
    (made,) = put(renee)
    assert send() is False
    ((envelope, arrived),) = sink.handler.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (f"bounces+{made.uuid.hex}@clee.example", ["renee@example.org"])
    assert arrived["From"] == settings.DEFAULT_FROM_EMAIL
    assert (arrived["To"], arrived["Reply-To"]) == ("renee@example.org", "post@dps.mo.gov")
    assert arrived["Message-ID"] == made.message_id == f"<{made.uuid}@{settings.MAIL_DOMAIN}>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Subject"] == "News for Renée O'Dell"
    plain = arrived.get_body(("plain",)).get_content()
    assert "Renée O'Dell,\n\nHere is the news: <1>" in plain.replace("\r\n", "\n")
    assert "Read it: https://clee.example/news/" in plain
    html = arrived.get_body(("html",)).get_content()
    assert "Here is the news: &lt;1&gt;" in html
    assert '<html lang="en">' in html
    made.refresh_from_db()
    assert (made.state, made.attempts, made.note, made.next_try_at, made.claimed_by) == (State.SENT, 1, "", None, None)
    assert made.settled_at is not None
    assert made.text.subject == "News for Renée O'Dell"
    assert "Here is the news: <1>" in made.text.body


def test_many_go_over_one_connection_and_each_once(said, sink, renee):
    made = put(renee, *map(str, range(60)))
    send()
    assert sorted(sink.ids) == sorted(one.message_id for one in made)
    assert sink.handler.connections == 1
    assert set(states().values()) == {State.SENT}
    assert send() is False
    assert len(sink.ids) == 60


def test_history_says_waiting_being_sent_sent(said, sink, renee):
    (made,) = put(renee)
    send()
    assert list(made.events.order_by("pgh_id").values_list("state", "attempts")) == [
        ("waiting", 0),
        ("sending", 1),
        ("sent", 1),
    ]


def test_of_an_invitation_the_subject_alone_is_kept(said, sink, renee):
    put(renee, occasion="summons")
    send()
    kept = MessageText.objects.get()
    assert (kept.subject, kept.body) == ("News for Renée O'Dell", "")


def test_a_line_break_in_a_name_adds_no_header(said, sink, renee):
    said.name = "Renee\r\nBcc: everybody@example.org"
    put(renee)
    send()
    ((envelope, arrived),) = sink.handler.received
    assert envelope.rcpt_tos == ["renee@example.org"]
    assert (arrived["Subject"], arrived["Bcc"]) == ("News for Renee Bcc: everybody@example.org", None)


def test_any_backend_of_the_settings_is_the_transport(said, renee, settings):
    put(renee)
    send()
    assert [one.to for one in django_mail.outbox] == [["renee@example.org"]]
    assert states() == {"1": State.SENT}


# Not sent ------------------------------------------------------------------------------------------------------------


def test_what_is_no_longer_due_is_overtaken(said, sink, renee):
    put(renee, "1", "2")
    said.over = {"1"}
    send()
    assert states() == {"1": State.OVERTAKEN, "2": State.SENT}
    assert said.asked == ["1", "2"]


def test_what_lapsed_while_it_waited_is_not_sent(said, sink, renee):
    put(renee, lapses_at=clock.now() + dt.timedelta(hours=1))
    Message.objects.update(lapses_at=clock.now())
    send()
    assert (states(), sink.ids) == ({"1": State.LAPSED}, [])


def test_of_a_series_the_last_goes(said, sink, renee):
    put(renee, "1", series="a", order=1)
    put(renee, "2", series="a", order=2)
    put(renee, "other", series="b", order=1)
    send()
    assert states() == {"1": State.SUPERSEDED, "2": State.SENT, "other": State.SENT}


def test_an_earlier_one_that_went_before_stays_sent(said, sink, renee):
    put(renee, "1", series="a", order=1)
    send()
    put(renee, "2", series="a", order=2)
    send()
    assert states() == {"1": State.SENT, "2": State.SENT}


def test_whoever_is_no_longer_connected_gets_nothing_but_an_invitation(said, sink, renee):
    put(renee)
    put(renee, occasion="summons")
    Membership.objects.update(revoked_at=clock.now())
    send()
    told = dict(Message.objects.values_list("occasion", "state"))
    assert told == {"news": State.OVERTAKEN, "summons": State.SENT}
    assert Message.objects.get(occasion="news").note == "The person is no longer connected."


def test_a_held_message_is_not_sent(said, sink, renee):
    outbox.put(occasion="news", key="1", address=renee.email, user=renee, held=True)
    send()
    assert (states(), sink.ids) == ({"1": State.HELD}, [])


def test_one_that_cannot_be_written_keeps_no_other_back(said, sink, renee):
    put(renee, "1", "2", "3")
    said.broken = {"2"}
    send()
    assert states() == {"1": State.SENT, "2": State.FAILED, "3": State.SENT}
    failed = Message.objects.get(key="2")
    assert failed.note == "It could not be written: RuntimeError: No news about 2"
    said.broken = set()
    due_now()
    send()
    assert states()["2"] == State.SENT


def test_an_occasion_whose_app_is_gone_shows_as_failed(said, sink, renee):
    put(renee)
    Message.objects.update(occasion="rumour")
    send()
    told = "It could not be written: LookupError: No app has registered the occasion 'rumour'."
    assert Message.objects.get().note == told


# What a mail server does ---------------------------------------------------------------------------------------------


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


# Workers that die, and several at once -------------------------------------------------------------------------------


def let_claims_run_out():
    Message.objects.filter(claimed_until__isnull=False).update(claimed_until=clock.now() - dt.timedelta(seconds=1))


def test_taken_and_not_begun_is_simply_taken_again(said, sink, renee):
    (made,) = put(renee)
    assert queue.claim(uuid.uuid4(), 5) == [made]
    send()
    assert states() == {"1": State.WAITING}  # another has it
    let_claims_run_out()
    send()
    made.refresh_from_db()
    assert (made.state, made.times_unknown, sink.ids) == (State.SENT, 0, [made.message_id])


def test_begun_and_never_ended_is_unknown_and_sent_once_more(said, sink, renee):
    (made,) = put(renee)
    worker = uuid.uuid4()
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


def test_whose_claim_ran_out_may_not_begin(said, renee):
    put(renee)
    slow, quick = uuid.uuid4(), uuid.uuid4()
    (taken,) = queue.claim(slow, 5)
    let_claims_run_out()
    queue.claim(quick, 5)
    assert queue.step(slow, begins=taken) is False
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


# The pace ------------------------------------------------------------------------------------------------------------


def test_the_pace_is_kept_over_all_workers(settings):
    settings.OUTBOX_RATE = 10
    waits = [queue.seconds_until_turn() for _ in range(5)]
    assert waits[0] == 0
    assert all(abs(wait - number * 0.1) < 0.09 for number, wait in enumerate(waits))


def test_at_a_slow_pace_few_are_taken_at_once(settings):
    sizes = {}
    for rate in (0, 0.2, 3, 100):
        settings.OUTBOX_RATE = rate
        sizes[rate] = sending.batch_size()
    assert sizes == {0: 25, 0.2: 1, 3: 6, 100: 25}
