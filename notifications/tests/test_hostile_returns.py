"""Anybody can send a mail to where bounces go: one made to do harm is read, or kept aside, and stops no other."""

import io
import mailbox
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from clee_portal.tests import logged
from clee_portal.tests.hostile import HOSTILE
from notifications import addresses, returns
from notifications.models import DeliveryReport, Message
from notifications.tests.acts import put
from notifications.tests.test_comes_back import BOUNCE, COMPLAINT, bounce

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("said")]

kept = logged.kept
# The library goes down into itself for each bracket, and gives up.
BRACKETS = b"Content-Type: multipart/report; " + b"(" * 5_000 + b"\n\nrenee@example.org"
ANY = some.one_of(some.sampled_from([one[:400] for one in HOSTILE]), some.text(max_size=20))
TOKENS = some.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\r\n",
        b"\n\n",
        b"--b\r\n",
        b"--b--",
        b"(",
        b"<",
        b'"',
        b";",
        b"=?utf-8?q?=00?=",
        b"=?utf-8?q?=ED=A0=80?=",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
    ]
)


@pytest.fixture
def message(renee):
    return put(renee)[0]


@pytest.fixture
def folder(tmp_path):
    """A Maildir."""
    mailbox.Maildir(tmp_path / "mail")
    return tmp_path / "mail"


def deliver(folder, *mails: bytes) -> None:
    """Lay mails into a Maildir, to be read in this order."""
    for at, mail in enumerate(mails):
        (folder / "new" / f"{at}.host").write_bytes(mail)


def names(folder) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*.host*"))


@pytest.mark.parametrize("name", ["Diagnostic-Code", "Status", "Final-Recipient", "Action"])
def test_a_nul_in_a_bounce_is_left_out_and_the_next_one_is_read(message, renee, folder, capsys, name):
    start = f"{name}: ".encode()
    raw = bounce(message, message_id="<other@example.net>")
    deliver(folder, raw.replace(start, start + b"\x00"), bounce(message))
    call_command("read_returned_mail", maildir=folder)
    assert capsys.readouterr().out == "2 read, 2 recorded.\n"
    said = [(one.address, one.status, one.diagnostic) for one in DeliveryReport.objects.all()]
    assert said == [("renee@example.org", "5.1.1", "550 5.1.1 No such person here")] * 2
    assert addresses.is_failing(renee) is True


def test_a_nul_in_a_complaint_is_left_out(message):
    raw = COMPLAINT.format(to="post@dps.mo.gov", message_id=message.message_id).replace("abuse\r", "ab\x00use\r")
    (row,) = returns.read(raw.encode())
    assert (row.message, row.diagnostic) == (message, "abuse")


def test_a_mail_that_cannot_be_read_is_kept_aside_and_told(message, folder, capsys, kept):
    deliver(folder, BRACKETS, bounce(message))
    call_command("read_returned_mail", maildir=folder)
    assert capsys.readouterr().out == "1 read, 1 recorded, 1 kept aside in .unreadable.\n"
    assert names(folder) == [".unreadable/cur/0.host:2,", "cur/1.host:2,S"]
    (line,) = kept.told("notifications.")
    assert (line["level"], line["message"]) == ("ERROR", "a returned mail could not be read: 0.host")
    assert line["error"][0]["type"] == "builtins.RecursionError"
    assert "renee" not in str(kept.lines)
    call_command("read_returned_mail", maildir=folder)
    assert capsys.readouterr().out == "0 read, 0 recorded.\n"


def test_while_the_database_is_away_no_mail_is_moved(message, folder, monkeypatch):
    def away(raw):
        raise OperationalError("connection refused")

    deliver(folder, bounce(message))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(returns, "read", away)
        with pytest.raises(CommandError, match="To be read later, the database is away: connection refused") as told:
            call_command("read_returned_mail", maildir=folder)
    assert (told.value.returncode, names(folder)) == (75, ["new/0.host"])
    call_command("read_returned_mail", maildir=folder)
    assert (names(folder), DeliveryReport.objects.count()) == (["cur/0.host:2,S"], 1)


def test_the_mail_server_is_told_of_a_mail_that_cannot_be_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", type("Pipe", (), {"buffer": io.BytesIO(BRACKETS)}))
    with pytest.raises(CommandError, match="could not be read") as told:
        call_command("read_returned_mail")
    assert told.value.returncode == 65


def test_of_a_long_mail_only_the_beginning_is_looked_at(message):
    honest, head = bounce(message), b"\r\n--b\r\nContent-Type: message/delivery-status"
    for words, recorded in ((1_000, 1), (returns.MOST_READ, 0)):
        assert len(returns.read(honest.replace(head, b"x" * words + head))) == recorded


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    pattern=some.sampled_from([BOUNCE, COMPLAINT]),
    fields=some.fixed_dictionaries(
        dict.fromkeys(["to", "address", "status", "returned", "message_id"], ANY),
        optional={"action": some.sampled_from(["failed", "delayed"])},
    ),
    changes=some.lists(some.tuples(some.floats(0, 1), some.integers(0, 60), TOKENS), max_size=3),
)
def test_whatever_a_mail_holds_the_database_refuses_nothing_of_it(message, pattern, fields, changes):
    usual = {"to": "post@dps.mo.gov", "returned": "text/rfc822-headers", "message_id": message.message_id}
    raw = pattern.format(**{"action": "failed"} | usual | fields).encode(errors="surrogatepass")
    for share, cut, token in changes:
        at = int(share * len(raw))
        raw = raw[:at] + token + raw[at + cut :]
    with transaction.atomic():
        made = returns.read(raw)
        assert DeliveryReport.objects.count() == len(made)
        assert Message.objects.get() == message
        transaction.set_rollback(True)
