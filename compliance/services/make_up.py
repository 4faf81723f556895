"""Make-up credit decided: a record is credited to an earlier year, back to its own, or left there for good."""

import datetime as dt

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import make_up_cases
from compliance.access import can_decide_make_up, can_decide_make_up_late
from compliance.models import MakeUpDecision
from training import access
from training.models import Officer, TrainingRecord
from training.services import duplicates
from training.services.renewal import renew

NotCounted = TrainingRecord.NotCounted


@transaction.atomic
def assign(*, by: User | None, record: TrainingRecord, year: int, today: dt.date | None = None) -> TrainingRecord:
    """Credit the hours of `record` to `year`: its own, or an earlier one in which the officer is short.

    Whoever reported the class may until the earlier year's show-by date or inside an extension, and may take the hours
    back as long, also where that year is met without them by now; POST at any time. The record is voided and recorded
    anew with the year; where it is credited there already, only that it was decided is kept. What repeated it is judged
    again. Returns the record that stands. Raises `Refused` (rulebook 11, 8).
    """
    today = today or clock.today()
    Officer.objects.select_for_update(no_key=True).get(pk=record.officer_id)
    one = TrainingRecord.objects.select_related("training_class__course", "officer").get(pk=record.pk)
    if one.voided_at:
        raise Refused("This entry was changed meanwhile. Look at the list again.")
    if not can_decide_make_up(by, one):
        raise Refused("Only whoever reported this class, or POST, can say for which year it counts.")
    if one.not_counted:
        raise Refused("This entry is not counted, so there are no hours to credit to another year.")
    is_posts, own = can_decide_make_up_late(by), one.completed_on.year
    found = [case for case in make_up_cases.of_record(one, today) if year in (case.year, own)]
    case = max(found, key=lambda case: case.is_open_to_reporter, default=None)
    if case is None and not (is_posts and year == own):
        raise Refused(f"{one.officer} is not short in {year}, so the hours stay in {one.credited_year}.")
    if case and not is_posts and not case.is_open_to_reporter:
        raise Refused(
            f"The time in which the agency decides for {case.year} is over. POST still can: call (573) 751-3409."
        )
    if one.credited_year != year:
        one = _moved(by, one, year)
    MakeUpDecision.objects.update_or_create(
        record=one, defaults={"year": year, "decided_by": by, "decided_at": clock.now()}
    )
    return one


def _moved(by: User | None, one: TrainingRecord, year: int) -> TrainingRecord:
    held = one.training_class
    reason = f"Make-up credit for {year}" if year < one.completed_on.year else f"Credited to its own year, {year}"
    entry = {one.officer_id: duplicates.Entry(one.role, make_up_cases.hours_of(one))}
    course = held.course
    # What is kept beside a duplicate is no repeat for that; a course twice in one period is POST's to say.
    whys = [NotCounted.REPEAT] if one.kept_because else list(NotCounted)
    if one.kept_because and access.can_review_courses(by):
        whys = []
    twins = duplicates.found(course, course.title, one.completed_on, entries=entry, year=year, besides=held, whys=whys)
    if twin := twins.get(one.officer_id):
        counted = twin.record.training_class.reference
        raise Refused(f"A course counts once in a period, and in {year} it counts as {counted} already.")
    with history.because(reason):
        anew = renew(by=by, records=[one], reason=reason, changes={one.pk: {"credited_year": year}})[one.pk]
        duplicates.let_go(by=by, records=[anew.pk], reason=f"{held.reference} counts in {year} now: judged again")
    return anew
