"""What a worker announces to whoever watches workers ("I am here", every two seconds), said once or not at all.

Celery says it again every second until the broker takes it, without a word in the log, and in the very loop that would
notice that the broker is away, look for it as it should, and end when it is asked to. Whether a worker gets into that
depends on which comes first when the broker goes: the next announcement, or the reading of messages.
"""

from celery.app import events
from celery.events.dispatcher import EventDispatcher


class Dispatcher(EventDispatcher):
    """Says it once. What could not be said is kept, and said when the broker is back."""

    def send(self, type, blind=False, retry=False, **fields):
        """Announce it; `retry`, which Celery asks for, is not heeded."""
        return super().send(type, blind=blind, retry=False, **fields)


class Events(events.Events):
    """The announcements of the portal's workers."""

    dispatcher_cls = "clee_portal.announced:Dispatcher"
