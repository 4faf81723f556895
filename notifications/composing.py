"""From an occasion and a key to a mail: subject, plain text and HTML, and the headers every mail of the portal has."""

from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template import Context, engines

from notifications.models import Message
from notifications.occasions import Occasion

FOLDER = "notifications/mail"
LONGEST_SUBJECT = 250


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


def words(occasion: Occasion, context: dict) -> Words:
    """The mail of an occasion in words. A line break in the subject, from a name for instance, becomes a space: nothing
    that was typed can add a header."""
    given = {"portal_url": settings.PORTAL_URL, "reply_to": settings.MAIL_REPLY_TO, "occasion": occasion, **context}
    subject = " ".join(_plain(f"{FOLDER}/{occasion.code}.subject.txt", given).split())[:LONGEST_SUBJECT]
    text = _plain(f"{FOLDER}/{occasion.code}.txt", given).strip() + "\n"
    html = engines["django"].get_template(f"{FOLDER}/{occasion.code}.html").render(given | {"subject": subject})
    return Words(subject, text, html)


def _plain(name: str, context: dict) -> str:
    """Plain text: an apostrophe in a name stays one."""
    return engines["django"].get_template(name).template.render(Context(context, autoescape=False))


def mail(message: Message, said: Words) -> EmailMultiAlternatives:
    """The mail of a message, ready to be handed to the mail server."""
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
        },
    )
    made.attach_alternative(said.html, "text/html")
    return made


def letter(message: Message, said: Words) -> Letter:
    """The mail of a message, written out once. A header that cannot be is refused here, before anything is sent."""
    made = mail(message, said)
    return Letter(
        sanitize_address(made.from_email, "utf-8"),
        sanitize_address(message.address, "utf-8"),
        made.message().as_bytes(linesep="\r\n"),
        made,
    )


def return_address(message: Message) -> str:
    """Where a bounce goes: an address of its own for each message, so that any bounce says which mail it is about."""
    if not settings.MAIL_RETURN_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    name, _, host = settings.MAIL_RETURN_ADDRESS.rpartition("@")
    return f"{name}+{message.uuid.hex}@{host}"
