"""Work of the worker: safe to run twice, at once and late. Beat says "look now"; the database knows what is due."""

from celery import current_app, shared_task

from notifications import sending

# A task gives way to others after so many seconds and asks to be called again.
SECONDS = 30


@shared_task(ignore_result=True)
def send_waiting() -> None:
    """Send what waits."""
    if sending.send_waiting(SECONDS):
        current_app.send_task("notifications.tasks.send_waiting", retry=False)
