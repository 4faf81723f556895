"""Work of the worker: safe to run twice, at once and late. Beat says "look now"; the database knows what is due."""

import datetime as dt

from celery import current_app, shared_task
from django.conf import settings

from clee_portal import clock
from notifications import sending
from notifications.models import MessageText

# A task gives way to others after so many seconds and asks to be called again.
SECONDS = 30
AT_ONCE = 5_000


@shared_task(ignore_result=True)
def send_waiting() -> None:
    """Send what waits."""
    if sending.send_waiting(SECONDS):
        current_app.send_task("notifications.tasks.send_waiting", retry=False)


@shared_task(ignore_result=True)
def remove_old_texts() -> int:
    """Take away the texts of messages settled longer ago than MAIL_TEXT_DAYS, in small steps; returns how many. That a
    message was sent, to whom, when, about what and from which template stays."""
    before, removed = clock.now() - dt.timedelta(days=settings.MAIL_TEXT_DAYS), 0
    old = MessageText.objects.filter(message__settled_at__lt=before, message__next_try_at=None).exclude(body="")
    while few := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        removed += MessageText.objects.filter(pk__in=few).update(body="")
    return removed
