"""From an occasion and a key to a mail: subject, plain text and HTML, and the headers every mail of the portal has."""

import functools
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, engines

from notifications import mime
from notifications.models import Message
from notifications.occasions import Occasion

FOLDER = "notifications/mail"
LONGEST_SUBJECT = 250
LANGUAGE = "en"
_EMPTY_LINES = re.compile(r"\n{3,}")
PARTS = ("subject.txt", "txt", "html")


class Letter(NamedTuple):
    """A mail ready to be handed over: envelope and bytes for SMTP, the mail itself for any other way of sending."""

    sender: str
    recipient: str
    raw: bytes
    mail: EmailMultiAlternatives


class Words(NamedTuple):
    """What a mail says."""

    subject: str
    text: str
    html: str


def words(occasion: Occasion, context: dict, stop_url: str = "") -> Words:
    """The mail of an occasion in words. A line break in the subject, from a name for instance, becomes a space: nothing
    that was typed can add a header. `stop_url` is where the reader switches an optional kind off."""
    given = {
        "portal_url": settings.PORTAL_URL,
        "reply_to": settings.MAIL_REPLY_TO,
        "occasion": occasion,
        "stop_url": stop_url,
        **context,
    }
    subject = " ".join(_plain(f"{FOLDER}/{occasion.code}.subject.txt", given).split())[:LONGEST_SUBJECT]
    text = _EMPTY_LINES.sub("\n\n", _plain(f"{FOLDER}/{occasion.code}.txt", given)).strip() + "\n"
    html = engines["django"].get_template(f"{FOLDER}/{occasion.code}.html").render(given | {"subject": subject})
    return Words(subject, text, html)


def version(occasion: Occasion) -> str:
    """Which wording a mail has: the occasion's code, the language, and a fingerprint of its templates as they are.

    Two mails of one version had the same wording; any change of a template or a shared piece makes another.
    """
    return f"{occasion.code}/{LANGUAGE}/{_fingerprint(occasion.code)}"


@functools.cache
def _fingerprint(code: str) -> str:
    base = Path(engines["django"].get_template(f"{FOLDER}/_base.html").template.origin.name)
    own = (engines["django"].get_template(f"{FOLDER}/{code}.{part}").template.origin.name for part in PARTS)
    files = [*map(Path, own), *sorted(base.parent.glob("_*"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _plain(name: str, context: dict) -> str:
    """Plain text: an apostrophe in a name stays one."""
    return engines["django"].get_template(name).template.render(Context(context, autoescape=False))


def mail(message: Message, said: Words, stop_url: str = "") -> EmailMultiAlternatives:
    """The mail of a message, ready to be handed to the mail server. One of an optional kind can be switched off by one
    click in the mail program (RFC 8058)."""
    one_click = {"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    made = EmailMultiAlternatives(
        said.subject,
        said.text,
        return_address(message),
        [message.address],
        reply_to=[settings.MAIL_REPLY_TO],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            **(one_click if stop_url else {}),
        },
    )
    made.attach_alternative(said.html, "text/html")
    return made


def letter(message: Message, said: Words, stop_url: str = "") -> Letter:
    """The mail of a message, written out once. A header that cannot be is refused here, before anything is sent."""
    made = mail(message, said, stop_url)
    raw = mime.as_bytes(made, f"=={message.uuid.hex}==")
    return Letter(mime.address(made.from_email), mime.address(message.address), raw, made)


def return_address(message: Message) -> str:
    """Where a bounce goes: an address of its own for each message, so that any bounce says which mail it is about."""
    if not settings.MAIL_RETURN_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    name, _, host = settings.MAIL_RETURN_ADDRESS.rpartition("@")
    return f"{name}+{message.uuid.hex}@{host}"
