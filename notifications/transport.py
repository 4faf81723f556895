"""Handing a mail to the mail server: one connection for many, and a plain word for every ending.

The server is the e-mail backend of the settings. Ours for SMTP knows whether a connection was lost before or after the
mail was handed over, which is the difference between "try again" and "it may have arrived".
"""

import smtplib
import socket
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from notifications.composing import Letter


class Ending(Enum):
    """How handing over one mail ended."""

    SENT = "sent"
    REFUSED = "refused"  # for good: 5xx
    FAILED = "failed"  # try again: 4xx, or the connection was lost before the mail was handed over
    UNKNOWN = "unknown"  # the connection was lost while or after it was handed over
    NO_SERVER = "no_server"  # nobody answers; the mail was not at fault


class Outcome(NamedTuple):
    """An ending, the server's words, and whether it said that the address itself is wrong for good."""

    ending: Ending
    note: str = ""
    address_fails: bool = False


class _Withheld(Exception):
    """A mail's content is not handed over, because it may not be, or because nobody could say (the cause)."""


class _NotingHandOver:
    """An SMTP connection that asks before it hands over a mail's content, and notes when it begins to."""

    has_begun = False

    def may_go(self) -> bool:
        """Whether the content may be handed over. Only the outbox has somebody asked (`SmtpBackend.begin`): what is
        sent past it, as a forgotten password's mail or the seals', goes."""
        return True

    def data(self, msg):
        """The DATA command: 354 first, then the content, then the answer."""
        try:
            may_go = self.may_go()
        except Exception as error:
            raise _Withheld from error
        if not may_go:
            raise _Withheld
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        self.has_begun = True
        content = smtplib._quote_periods(smtplib._fix_eols(msg).encode("ascii") if isinstance(msg, str) else msg)
        # In one piece: the end in a packet of its own would wait for the other side's delayed acknowledgement.
        self.send(content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"))
        return self.getreply()


class _Plain(_NotingHandOver, smtplib.SMTP):
    """Without TLS, or with STARTTLS."""


class _Tls(_NotingHandOver, smtplib.SMTP_SSL):
    """With TLS from the start."""


class SmtpBackend(EmailBackend):
    """Django's SMTP backend, on connections that note when a mail is handed over."""

    @property
    def connection_class(self):
        """The kind of connection."""
        return _Tls if self.use_ssl else _Plain

    @property
    def has_begun(self) -> bool:
        """Whether the content of the last mail was begun to be handed over."""
        return self.connection is not None and self.connection.has_begun

    def open(self) -> bool | None:
        """A connection, unless there is one. What is said on it goes at once: the last piece of a mail would otherwise
        wait for the other side's delayed acknowledgement."""
        is_new = super().open()
        if is_new:
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return is_new

    def begin(self, may_go: Callable[[], bool]) -> None:
        """Before a mail: nothing of it is handed over yet."""
        if self.connection is not None:
            self.connection.has_begun, self.connection.may_go = False, may_go


class Transport:
    """The way to the mail server, kept open from one mail to the next. Use as a context manager."""

    def __init__(self):
        self.backend = get_connection()
        self.is_smtp = isinstance(self.backend, SmtpBackend)
        self.used = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self) -> None:
        """Take leave of the server."""
        self.used = 0
        try:
            self.backend.close()
        except (OSError, smtplib.SMTPException):
            if self.is_smtp:
                self.backend.connection = None

    def send(self, letter: Letter, may_go: Callable[[], bool]) -> Outcome | None:
        """Hand over one mail. Never raises for what the server or the network does.

        `may_go` is asked once the server has taken sender and recipient, before anything of the mail is handed over:
        where it says no the answer is None, and what it raises is raised. It may be asked twice, or not at all.
        """
        if not self.is_smtp:
            return self._through_another_backend(letter.mail) if may_go() else None
        try:
            was_used = self.used > 0
            outcome, is_gone = self._attempt(letter, may_go)
            if is_gone and was_used and outcome.ending is Ending.NO_SERVER:
                # A connection kept open may have been closed by the server meanwhile: that says nothing yet.
                outcome, _ = self._attempt(letter, may_go)
        except _Withheld as withheld:
            self.close()
            if withheld.__cause__:
                raise withheld.__cause__ from None
            return None
        return outcome

    def _through_another_backend(self, mail: EmailMessage) -> Outcome:
        try:
            count = self.backend.send_messages([mail])
        except Exception as error:  # any backend may be set, and any of its errors means: not sent, try again
            return Outcome(Ending.FAILED, _said(error))
        return Outcome(Ending.SENT) if count else Outcome(Ending.FAILED, "The e-mail backend sent nothing.")

    def _attempt(self, letter: Letter, may_go: Callable[[], bool]) -> tuple[Outcome, bool]:
        """The outcome, and whether the connection is gone."""
        backend = self.backend
        try:
            backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome(Ending.NO_SERVER, _said(error)), True
        backend.begin(may_go)
        try:
            backend.connection.sendmail(letter.sender, [letter.recipient], letter.raw)
        except _Withheld:
            raise
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            return self._answered(code, reply, is_about_address=True)
        except smtplib.SMTPSenderRefused as error:
            # It is we whom the server does not take mail from; the recipient has nothing to do with it.
            outcome, is_gone = self._answered(error.smtp_code, error.smtp_error)
            return outcome._replace(ending=Ending.NO_SERVER), is_gone
        except smtplib.SMTPResponseException as error:
            return self._answered(error.smtp_code, error.smtp_error)
        except Exception as error:  # an address or a text that cannot be encoded must not stop the others
            began = backend.has_begun
            is_lost = isinstance(error, smtplib.SMTPServerDisconnected) or (
                isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
            )
            self.close()
            if began:
                return Outcome(Ending.UNKNOWN, _said(error)), True
            return Outcome(Ending.NO_SERVER if is_lost else Ending.FAILED, _said(error)), is_lost
        self.used += 1
        return Outcome(Ending.SENT), False

    def _answered(self, code: int, reply: bytes | str, *, is_about_address: bool = False) -> tuple[Outcome, bool]:
        """The server said no: 5xx for good, 4xx for now, 421 that it is closing."""
        words = reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
        note = f"{code} {' '.join(words.split())}"
        if code == 421:
            self.close()
            return Outcome(Ending.NO_SERVER, note), True
        self.used += 1
        if 500 <= code < 600:
            return Outcome(Ending.REFUSED, note, is_about_address and _is_wrong_address(code, words)), False
        return Outcome(Ending.FAILED, note), False


def _is_wrong_address(code: int, words: str) -> bool:
    """Whether a refusal of a recipient says that there is no such address (RFC 3463: 5.1.x), not that it was a policy
    or a full mailbox."""
    first = words.split(" ", 1)[0]
    if first.count(".") == 2 and first.replace(".", "").isdigit():
        return first.startswith(("5.1.", "5.2.1"))
    return code in (550, 551, 553)


def _said(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
