"""Sending: once each, what is still due, through a real mail server."""

import datetime as dt

import pytest
from django.core import mail as django_mail

from clee_portal import clock
from notifications import outbox
from notifications.models import Message, MessageText
from notifications.tests.acts import due_now, put, send, states
from training.models import Membership

pytestmark = pytest.mark.django_db

State = Message.State


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
