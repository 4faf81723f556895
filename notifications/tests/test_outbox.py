"""Putting messages: once for each occasion and key, in the transaction of the cause, and only to whom it may go."""

import datetime as dt
import time

import pytest
from celery import current_app
from django.db import transaction

from clee_portal import clock
from clee_portal.refusal import Refused
from notifications import occasions, outbox
from notifications.models import Message
from notifications.occasions import Occasion
from notifications.outbox import Mail
from training.models import Membership
from training.tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("said")]

State = Message.State


def put(user, key="1", occasion="news", **more):
    return outbox.put(occasion=occasion, key=key, address=user.email, user=user, **more)


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("key", "state"))


def test_put_makes_a_waiting_row(renee):
    made = put(renee)
    assert (made.occasion, made.key, made.user, made.address) == ("news", "1", renee, "renee@example.org")
    assert (made.state, made.priority, made.attempts, made.settled_at) == (State.WAITING, occasions.PERSONAL, 0, None)
    assert made.next_try_at == made.put_at


def test_put_again_makes_nothing_and_does_not_fail(renee):
    first = put(renee)
    assert put(renee) is None
    assert put(renee, "2") is not None
    assert Message.objects.get(key="1") == first


def test_two_mails_of_one_key_in_one_call_are_one_row(renee):
    assert len(outbox.put_many(occasion="news", mails=[Mail("1", renee.email, renee.pk)] * 2)) == 1


def test_put_is_undone_with_its_cause(renee):
    def fail():
        with transaction.atomic():
            put(renee)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert states() == {}


def test_only_invitations_and_security_mail_go_to_somebody_unconnected():
    nobody = factories.user("nobody@example.org")
    assert put(nobody) is None
    assert outbox.put(occasion="news", key="2", address="stranger@example.org") is None
    assert put(nobody, occasion="summons") is not None
    assert outbox.put(occasion="summons", key="2", address="stranger@example.org") is not None
    assert list(Message.objects.order_by("key").values_list("occasion", "key")) == [("summons", "1"), ("summons", "2")]


@pytest.mark.parametrize("tie", ["membership over", "membership revoked", "account closed", "role over"])
def test_whose_tie_is_over_is_not_connected(renee, tie):
    yesterday = clock.today() - dt.timedelta(days=1)
    if tie == "membership over":
        Membership.objects.update(ends_on=yesterday)
    elif tie == "membership revoked":
        Membership.objects.update(revoked_at=clock.now())
    elif tie == "account closed":
        renee.is_active = False
        renee.save()
    else:
        renee = factories.post_staff("staff@example.org")
        assert put(renee) is not None
        renee.state_roles.update(ends_on=yesterday)
    assert put(renee, "2") is None


def test_an_occasion_nobody_registered_is_an_error(renee):
    with pytest.raises(LookupError, match="No app has registered the occasion 'rumour'"):
        put(renee, occasion="rumour")


def test_an_occasion_is_registered_once():
    with pytest.raises(ValueError, match="There is an occasion news already"):
        occasions.register(Occasion("news", "News", lambda key: {}, lambda key: True))
    assert [one.code for one in occasions.registered() if one.code in ("summons", "news")] == ["news", "summons"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"context": None}, "must say its context"),
        ({"still_due": None}, "must say its context and whether it is still due"),
        ({"to_unconnected": True, "is_optional": True}, "cannot be optional"),
        ({"account_security": True, "is_optional": True}, "cannot be optional"),
    ],
)
def test_an_occasion_that_is_not_whole_is_refused(more, message):
    with pytest.raises(ValueError, match=message):
        Occasion(**{"code": "x", "title": "X", "context": lambda key: {}, "still_due": lambda key: True} | more)


@pytest.mark.parametrize(
    "address", ["", "no at sign", "two@at@signs", "a@b\nBcc: all@example.org", "a b@example.org", "<a@b>", "a@b,c@d"]
)
def test_an_address_that_is_none_is_kept_as_refused(renee, address):
    made = outbox.put(occasion="news", key="1", address=address, user=renee)
    assert (made.state, made.note, made.next_try_at) == (State.REFUSED, "This is not an e-mail address.", None)


def test_of_a_series_put_at_once_only_the_last_waits(renee):
    mails = [Mail(str(order), renee.email, renee.pk, "a", order) for order in (2, 3, 1)]
    outbox.put_many(occasion="news", mails=[*mails, Mail("other", renee.email, renee.pk, "b", 1)])
    assert states() == {"1": "superseded", "2": "superseded", "3": "waiting", "other": "waiting"}


def test_an_earlier_one_of_a_series_put_late_is_superseded(renee):
    put(renee, "3", series="a", order=3)
    put(renee, "2", series="a", order=2)
    put(renee, "4", series="a", order=4)
    assert states() == {"2": "superseded", "3": "waiting", "4": "waiting"}  # sending settles what was put before


def test_what_lapsed_already_does_not_wait(renee):
    now = clock.now()
    put(renee, "late", lapses_at=now - dt.timedelta(seconds=1))
    put(renee, "in time", lapses_at=now + dt.timedelta(hours=1))
    assert states() == {"late": "lapsed", "in time": "waiting"}


def test_an_occasion_may_know_when_a_message_lapses(renee):
    moment = clock.now() + dt.timedelta(days=3)
    occasions.register(Occasion("ball", "Ball", lambda key: {}, lambda key: True, lapses=lambda key: moment))
    try:
        assert put(renee, occasion="ball").lapses_at == moment
    finally:
        del occasions._registered["ball"]


def test_held_messages_wait_for_their_release(renee):
    made = put(renee, held=True)
    put(renee, "2")
    assert states() == {"1": "held", "2": "waiting"}
    assert (outbox.release(Message.objects.all()), states()) == (1, {"1": "waiting", "2": "waiting"})
    assert (outbox.hold(Message.objects.filter(pk=made.pk)), states()) == (1, {"1": "held", "2": "waiting"})


def test_urgent_goes_before_personal_before_bulk(renee):
    for occasion in ("bulletin", "news", "summons"):
        put(renee, occasion=occasion)
    order = Message.objects.to_look_at(clock.now()).values_list("occasion", flat=True)
    assert list(order) == ["summons", "news", "bulletin"]


@pytest.fixture
def told(monkeypatch):
    """The tasks the broker was given."""
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **more: names.append((name, more)))
    return names


def test_a_worker_is_told_once_for_each_transaction(renee, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        put(renee, "1")
        put(renee, "2")
        outbox.put_many(occasion="news", mails=[Mail("3", renee.email, renee.pk)])
    assert told == [("notifications.tasks.send_waiting", {"retry": False, "ignore_result": True})]


def test_nobody_is_told_where_nothing_waits(renee, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        put(renee, held=True)
    put(renee, "2")
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        put(renee, "2")
    assert told == []


def test_a_broker_that_is_away_harms_nothing(renee, monkeypatch, caplog, django_capture_on_commit_callbacks):
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")

    def away(*args, **more):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        made = put(renee)
    assert made.state == State.WAITING
    assert "No worker could be told to look (nobody there); beat will." in caplog.text


def test_the_same_number_of_statements_for_one_and_for_many(renee, django_assert_num_queries):
    for count in (1, 50):
        mails = [Mail(f"{count} {number}", renee.email, renee.pk) for number in range(count)]
        with django_assert_num_queries(4):  # savepoint, who is connected, the rows, savepoint
            outbox.put_many(occasion="news", mails=mails)


def test_history_keeps_what_became_of_a_message_but_not_who_had_it(renee):
    made = put(renee)
    Message.objects.filter(pk=made.pk).update(claimed_until=clock.now())
    outbox.hold(Message.objects.all())
    events = made.events.order_by("pgh_id").values_list("pgh_label", "state")
    assert list(events) == [("insert", "waiting"), ("update", "held")]


def test_many_rows_are_put_quickly(renee):
    """A size, not a measurement: benchmarks/reminders.py measures."""
    started = time.perf_counter()
    outbox.put_many(occasion="news", mails=[Mail(str(number), renee.email, renee.pk) for number in range(5000)])
    assert time.perf_counter() - started < 10


# Sent again by POST ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.REFUSED, State.GAVE_UP, State.UNKNOWN])
def test_post_sends_again_what_came_to_a_bad_end(renee, state):
    made = put(renee)
    Message.objects.update(state=state, next_try_at=None, settled_at=clock.now(), first_tried_at=clock.now())
    outbox.send_again(by=factories.post_staff(), message=made)
    made.refresh_from_db()
    assert (made.state, made.settled_at, made.first_tried_at) == (State.WAITING, None, None)
    assert made.next_try_at <= clock.now()
    assert made.events.latest("pgh_id").pgh_context["reason"] == "Sent again by POST"


@pytest.mark.parametrize("state", [State.SENT, State.OVERTAKEN, State.SUPERSEDED, State.LAPSED, State.HELD])
def test_what_ended_well_is_not_sent_again(renee, state):
    made = put(renee)
    Message.objects.update(state=state, next_try_at=None)
    with pytest.raises(Refused, match="This message is not at an end that can be mended"):
        outbox.send_again(by=factories.post_staff(), message=made)
    assert states() == {"1": state}


def test_what_is_tried_again_by_itself_is_left_to_it(renee):
    made = put(renee)
    Message.objects.update(state=State.UNKNOWN)
    with pytest.raises(Refused):
        outbox.send_again(by=factories.post_staff(), message=made)


def test_only_post_sends_again(renee):
    made = put(renee)
    Message.objects.update(state=State.REFUSED, next_try_at=None)
    with pytest.raises(Refused, match="Only POST can send a message again"):
        outbox.send_again(by=renee, message=made)
    assert states() == {"1": State.REFUSED}
