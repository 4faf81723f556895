"""Bounces and complaints: read once, known by Message-ID or return address, and told at the next sign-in."""

import io
import mailbox
import re
import sys
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from notifications import addresses, composing, returns
from notifications.models import DeliveryReport, FailingAddress, Message
from notifications.tests.acts import put, send, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("said")]

BOUNCE = """From: MAILER-DAEMON@mx.example.net\r
To: {to}\r
Subject: Undelivered Mail Returned to Sender\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
Sorry.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.net\r
\r
Final-Recipient: rfc822; {address}\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; 550 {status} No such\r
  person here\r
\r
--b\r
Content-Type: {returned}\r
\r
Message-ID: {message_id}\r
Subject: News\r
\r
--b--\r
"""
COMPLAINT = """From: abuse@provider.example\r
To: {to}\r
Subject: Complaint\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
Somebody complains.\r
--b\r
Content-Type: message/feedback-report\r
\r
Feedback-Type: abuse\r
User-Agent: Provider/1.0\r
Version: 1\r
Original-Rcpt-To: <renee@example.org>\r
\r
--b\r
Content-Type: message/rfc822\r
\r
Message-ID: {message_id}\r
Subject: News\r
\r
Here is the news\r
--b--\r
"""


@pytest.fixture
def message(renee):
    return put(renee)[0]


def bounce(message, **more) -> bytes:
    fields = {
        "to": "post@dps.mo.gov",
        "address": message.address,
        "action": "failed",
        "status": "5.1.1",
        "returned": "text/rfc822-headers",
        "message_id": message.message_id,
    }
    return BOUNCE.format(**fields | more).encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_bounce_is_known_by_the_mail_it_returns(message, renee, returned):
    (row,) = returns.read(bounce(message, returned=returned))
    assert (row.message, row.address, row.kind, row.status) == (message, "renee@example.org", "failed", "5.1.1")
    assert row.diagnostic == "550 5.1.1 No such person here"
    assert FailingAddress.objects.get().reason == "5.1.1 550 5.1.1 No such person here"
    assert addresses.is_failing(renee) is True


def test_a_bounce_is_known_by_the_address_it_came_to(message, settings):
    settings.MAIL_RETURN_ADDRESS = "bounces@clee.example"
    to = composing.return_address(message)
    (row,) = returns.read(bounce(message, to=to, message_id="<other@example.net>"))
    assert row.message == message


def test_a_bounce_of_no_mail_of_ours_is_kept_and_marks_nobody(message):
    (row,) = returns.read(bounce(message, message_id="<other@example.net>"))
    assert (row.message, row.address) == (None, "renee@example.org")
    assert FailingAddress.objects.count() == 0  # anybody can send us a mail that looks like a bounce


def test_the_same_bounce_twice_is_one(message):
    assert len(returns.read(bounce(message))) == 1
    assert returns.read(bounce(message)) == []
    assert DeliveryReport.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "status", "kind", "marks"),
    [
        ("failed", "5.1.1", "failed", True),
        ("failed", "5.1.10", "failed", True),
        ("failed", "5.2.1", "failed", True),
        ("failed", "5.2.2", "failed", False),
        ("failed", "4.4.7", "failed", False),
        ("failed", "5.7.1", "failed", False),
        ("delayed", "4.4.7", "delayed", False),
        ("delivered", "2.0.0", "delivered", False),
    ],
)
def test_what_marks_an_address(message, renee, action, status, kind, marks):
    (row,) = returns.read(bounce(message, action=action, status=status))
    assert (row.kind, addresses.is_failing(renee)) == (kind, marks)


def test_a_complaint_is_recorded_and_marks_nothing(message, renee):
    (row,) = returns.read(COMPLAINT.format(to="post@dps.mo.gov", message_id=message.message_id).encode())
    assert (row.message, row.address, row.kind, row.diagnostic) == (message, "renee@example.org", "complaint", "abuse")
    assert addresses.is_failing(renee) is False


@pytest.mark.parametrize("text", ["Out of office until Monday.", "", "--b--"])
def test_any_other_mail_makes_nothing(text):
    other = EmailMessage()
    other["Subject"] = "Automatic reply"
    other.set_content(text)
    assert returns.read(other.as_bytes()) == []
    assert returns.read(text.encode()) == []


@pytest.mark.parametrize("cut", range(50, 800, 75))
def test_half_a_report_is_no_accident(message, cut):
    returns.read(bounce(message)[:cut])


def test_after_a_bounce_nothing_is_sent_until_the_owner_confirms(message, renee, sink, client):
    send()
    returns.read(bounce(message))
    put(renee, "2")
    send()
    assert (states(), len(sink.ids)) == ({"1": "sent", "2": "refused"}, 1)
    addresses.confirm(by=renee)
    put(renee, "3")
    send()
    assert states()["3"] == "sent"


def test_the_command_reads_a_mail_from_standard_input(message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", type("Pipe", (), {"buffer": io.BytesIO(bounce(message))}))
    call_command("read_returned_mail")
    assert capsys.readouterr().out == "1 read, 1 recorded.\n"


def test_the_command_reads_a_maildir_once(message, tmp_path, capsys):
    box = mailbox.Maildir(tmp_path / "mail")
    box.add(bounce(message))
    box.add(b"Subject: Automatic reply\n\nOut of office.")
    for told in ("2 read, 1 recorded.\n", "0 read, 0 recorded.\n"):
        call_command("read_returned_mail", maildir=tmp_path / "mail")
        assert capsys.readouterr().out == told
    with pytest.raises(CommandError, match="is no Maildir"):
        call_command("read_returned_mail", maildir=tmp_path)


def sign_in(client, person):
    person.set_password("a long password of theirs")
    person.save()
    client.post(reverse("account_login"), {"login": person.email, "password": "a long password of theirs"})


def test_every_page_says_so_after_the_next_sign_in(message, renee, client):
    sign_in(client, renee)
    assert "comes back" not in client.get(reverse("help")).content.decode()
    returns.read(bounce(message))
    sign_in(client, renee)
    for name in ("help", "compliance:my_standing"):
        assert "Mail to renee@example.org comes back." in client.get(reverse(name)).content.decode()
    response = client.post(reverse("notifications:confirm_address"), follow=True)
    text = re.sub(r"\s+", " ", response.content.decode())
    assert "Mail is sent to renee@example.org again." in text
    assert "comes back" not in text
    assert addresses.is_failing(renee) is False


def test_confirming_where_nothing_is_marked_says_nothing(renee, client):
    client.force_login(renee)
    response = client.post(reverse("notifications:confirm_address"), follow=True)
    assert "again" not in [str(one) for one in response.context["messages"]]
    assert Message.objects.count() == 0
