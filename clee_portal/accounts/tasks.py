"""Work of the worker: safe to run twice, and late."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task
def clear_sessions() -> None:
    """Remove sessions that are over; nobody can use them, and the table would only grow."""
    SessionStore.clear_expired()
