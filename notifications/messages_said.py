"""What became of a message, in words a reader understands."""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from notifications import occasions
from notifications.models import Message

State = Message.State
_WAITING = ("info", _("On its way"), "clock", _("It goes out as soon as its turn comes."))
STATES = {
    State.WAITING: _WAITING,
    State.SENDING: _WAITING,
    State.HELD: ("held", _("Held back"), "pause-circle", _("POST has held it back. It was not sent.")),
    State.SENT: ("met", _("Sent"), "check-lg", _("The mail server took it.")),
    State.FAILED: (
        "due",
        _("Not sent yet"),
        "arrow-clockwise",
        _("The mail server did not take it. It is tried again."),
    ),
    State.UNKNOWN: (
        "due",
        _("May have arrived"),
        "question-circle",
        _("The connection broke while it was sent, so it may have arrived, perhaps twice."),
    ),
    State.REFUSED: (
        "short",
        _("Refused"),
        "x-circle",
        _("The mail server refused the address. Check it, and tell POST if it is right."),
    ),
    State.GAVE_UP: ("short", _("Not delivered"), "x-circle", _("It was tried for five days and did not get through.")),
    State.OVERTAKEN: ("quiet", _("Not sent"), "dash-circle", _("It was no longer true when its turn came.")),
    State.SUPERSEDED: ("quiet", _("Not sent"), "dash-circle", _("A later one was sent instead.")),
    State.LAPSED: ("quiet", _("Not sent"), "dash-circle", _("Its time was over before it could be sent.")),
}


class Row(NamedTuple):
    """One message as its reader sees it."""

    message: Message
    kind: str
    subject: str
    body: str
    tone: str
    label: str
    icon: str
    sentence: str
    is_kept: bool
    is_past: bool


def row(message: Message) -> Row:
    """A message in words; `message` has its text at hand."""
    try:
        occasion = occasions.get(message.occasion)
    except LookupError:  # an occasion of an earlier version
        occasion = None
    text = getattr(message, "text", None)
    tone, label, icon, sentence = STATES[State(message.state)]
    if message.state == State.OVERTAKEN and message.note:
        sentence = message.note
    return Row(
        message,
        occasion.title if occasion else message.occasion,
        text.subject if text else "",
        text.body if text else "",
        tone,
        gettext(label),
        icon,
        gettext(sentence),
        occasion.keeps_text if occasion else True,
        bool(message.settled_at and message.settled_at < clock.now() - dt.timedelta(days=settings.MAIL_TEXT_DAYS)),
    )


class RowsMixin:
    """Puts `rows`, the messages of the page in words, beside the page of a ListView of messages."""

    paginate_by = 25

    def get_context_data(self, **kwargs) -> dict:
        """The messages of the page in words."""
        context = super().get_context_data(**kwargs)
        return context | {"rows": [row(one) for one in context["page_obj"]]}
