"""Work of the worker: safe to run twice, and late."""

from celery import shared_task

from clee_portal.accounts import limits
from clee_portal.accounts.sessions import SessionStore


@shared_task
def clear_sessions() -> None:
    """Remove sessions that are over, and failed tries that no limit counts any more: the tables would only grow."""
    SessionStore.clear_expired()
    limits.clear()
