"""Work of the worker: safe to run twice, and late."""

from celery import shared_task

from clee_portal import clock
from compliance import seed
from compliance.services import (
    agency_plans,
    candidacies,
    digests,
    medical_documents,
    record_reports,
    recording_gaps,
    relief_messages,
    reminders,
    seasons,
)


@shared_task
def make_periods_ahead() -> None:
    """Make this year's and next year's reporting periods, if they are not there yet."""
    seed.load()


@shared_task(ignore_result=True)
def put_reminders() -> None:
    """Put the reminders that are due and not there yet."""
    reminders.put_due(day=clock.today())


@shared_task(ignore_result=True)
def put_digests() -> None:
    """Put the digests of agencies that are due and not there yet, after the reminders they go with."""
    day = clock.today()
    reminders.put_due(day=day)
    digests.put_due(day=day)


@shared_task(ignore_result=True)
def list_candidates() -> None:
    """Make the lists of those short after the last day that are still to be made. Opens cases and does nothing else."""
    candidacies.catch_up(now=clock.now())


@shared_task(ignore_result=True)
def find_recording_gaps() -> None:
    """Search the record of everybody short for recording errors, once a day for each period that is due."""
    recording_gaps.catch_up(now=clock.now())


@shared_task(ignore_result=True)
def count_season() -> None:
    """Count the weeks of the season that are over and were not counted yet, some at a time."""
    seasons.catch_up(today=clock.today(), at_most=30)


@shared_task(ignore_result=True)
def put_relief_endings() -> None:
    """Tell of the extensions that end soon, where that was not told yet."""
    relief_messages.put_endings(day=clock.today())


@shared_task(ignore_result=True)
def look_after_record_reports() -> None:
    """Settle what officers reported and what is on the record now; bring to POST what nobody mended in time."""
    record_reports.look(now=clock.now())


@shared_task(ignore_result=True)
def work_on_plan(pk: int) -> None:
    """Find the best classes for an agency."""
    agency_plans.work(pk)


@shared_task(ignore_result=True)
def take_up_plans() -> None:
    """Take up plans whose worker was cut off, or whose message was lost."""
    for pk in agency_plans.left_alone(clock.now()):
        agency_plans.queue(pk)


@shared_task(ignore_result=True)
def remove_past_medical_documents() -> None:
    """Remove the files of medical documents whose time is over."""
    medical_documents.remove_past(day=clock.today())
