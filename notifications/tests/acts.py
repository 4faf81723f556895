"""What tests of sending do and see."""

from clee_portal import clock
from notifications import sending
from notifications.models import Message
from notifications.outbox import Mail, put_many


def put(user, *keys, occasion="news", **more) -> list[Message]:
    """Put a message for each key (one where none is named)."""
    mails = [Mail(key, user.email, user.pk, **more) for key in keys or ("1",)]
    return list(Message.objects.filter(pk__in=put_many(occasion=occasion, mails=mails)).order_by("pk"))


def send() -> bool:
    """What the worker does when it is told to look."""
    return sending.send_waiting(20, ahead=False)


def states() -> dict[str, str]:
    """Key -> state of every message."""
    return dict(Message.objects.values_list("key", "state"))


def due_now() -> None:
    """As if the pause after a failure were over."""
    Message.objects.filter(next_try_at__isnull=False).update(next_try_at=clock.now())
