"""Work of the worker: safe to run twice, and late."""

from celery import shared_task

from compliance import seed


@shared_task
def make_periods_ahead() -> None:
    """Make this year's and next year's reporting periods, if they are not there yet."""
    seed.load()
