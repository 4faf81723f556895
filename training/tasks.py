"""Work of the worker: safe to run twice, and late."""

import datetime as dt

from celery import shared_task

from clee_portal import clock
from training.imports import working
from training.models import TrainingImport
from training.services import seat_messages, seats

# A chunk takes seconds: an import nobody has worked on for so long was cut off.
SILENT = dt.timedelta(seconds=90)


@shared_task
def work_on_import(pk: int) -> None:
    """Work on a file that was sent, until it is done."""
    working.work(pk)


@shared_task
def take_up_imports() -> None:
    """Take up imports whose worker was cut off, or whose message was lost."""
    for pk in TrainingImport.objects.silent_since(clock.now() - SILENT).values_list("pk", flat=True):
        work_on_import.delay(pk)


@shared_task
def settle_seats() -> None:
    """Let offers lapse that nobody answered, and offer seats that are free to whoever waits."""
    seats.settle_all()


@shared_task
def put_class_reminders() -> None:
    """Remind whoever is registered of classes that begin soon."""
    seat_messages.remind()
