"""Confirming who completed a class of the calendar: its class and everyone's credit are made in one step, once.

What is confirmed is a class like any other (`classes.write`): the same checks, duplicates, repeats and corrections.
Where the provider's license was not valid on the day the class ended, it is held whole (`held_classes`).
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.hours import Line
from training.models import HeldClass, Officer, ScheduledClass, TrainingClass
from training.presence import clock_words
from training.services import classes, held_classes
from training.services.class_drafts import Attendance, ClassDraft, why_held

# A class that ends a little early need not wait for its hour.
EARLY = dt.timedelta(minutes=30)


class Confirmed(NamedTuple):
    """What confirming made: the class with its credit, or the class as it is held; and whether it is new."""

    training_class: TrainingClass | None
    held_class: HeldClass | None
    is_new: bool


def not_yet(scheduled_class: ScheduledClass, now: dt.datetime) -> str:
    """Why who completed a class cannot be confirmed yet, in words; empty where it can: its last meeting has ended, or
    is within half an hour of its end, since classes end a little early.

    Completed is what ended: an hour that was not held yet gives nobody credit.
    """
    if scheduled_class.state == ScheduledClass.State.DRAFT:
        return f"{scheduled_class.reference} is a draft: publish it first."
    if scheduled_class.state == ScheduledClass.State.CALLED_OFF:
        return f"{scheduled_class.reference} was called off: {scheduled_class.called_off_because}"
    if now >= scheduled_class.ends_at - EARLY:
        return ""
    ends = scheduled_class.ends_at.astimezone(clock.CHICAGO)
    return (
        f"The class ends on {ends:%B} {ends.day}, {ends.year} at {clock_words(ends)}. Confirm who completed it once it "
        "has ended: from half an hour before that time on."
    )


def completed_on(scheduled_class: ScheduledClass) -> dt.date:
    """The Missouri day on which a class ends: after midnight the next one, at midnight sharp the one that is over."""
    return clock.last_day(scheduled_class.ends_at)


def draft_of(
    scheduled_class: ScheduledClass,
    attendances: Sequence[Attendance] = (),
    left_out: Sequence[Officer] = (),
    lines: Sequence[Line] | None = None,
) -> ClassDraft:
    """The class that confirming makes: completed on the Missouri day on which the last meeting ends."""
    if lines is None:
        rows = scheduled_class.lines.select_related("area", "topic").order_by("area__order", "topic__order")
        lines = [Line(one.area, one.topic, one.hours) for one in rows]
    return ClassDraft(
        provider=scheduled_class.provider,
        course=scheduled_class.course,
        starts_on=clock.day_of(scheduled_class.begins_at),
        ends_on=completed_on(scheduled_class),
        delivery=scheduled_class.delivery,
        place=", ".join(filter(None, [scheduled_class.place, scheduled_class.city]))[:200],
        lines=tuple(lines),
        attendances=tuple(attendances),
        left_out=tuple(left_out),
    )


@transaction.atomic
def confirm(
    *,
    by: User | None,
    scheduled_class: ScheduledClass,
    attendances: Sequence[Attendance],
    left_out: Sequence[Officer] = (),
    now: dt.datetime,
) -> Confirmed:
    """Confirm who completed a class: their credit is recorded at once, each with the hours of the class or own ones.

    A class is confirmed once: sent again, or by two people at once, what stands is returned and nothing is changed; it
    can be confirmed anew after its class was undone, or what was held dropped. Where the provider's license was not
    valid on the day the class ended everything is held. Raises `Refused`; then nothing is changed.
    """
    held = (
        ScheduledClass.objects.select_for_update(of=("self",), no_key=True)
        .select_related("provider", "course")
        .get(pk=scheduled_class.pk)
    )
    if not access.can_enter_provider_class(by, held.provider):
        raise Refused("Only the provider’s staff, or POST, confirm who completed this class.")
    if held.training_class_id:
        return Confirmed(held.training_class, None, False)
    if waiting := held.held_classes.waiting().first():
        return Confirmed(None, waiting, False)
    if reason := not_yet(held, now):
        raise Refused(reason)
    draft, today, key = draft_of(held, attendances, left_out), clock.day_of(now), _key(held)
    if why_held(draft, today):
        kept, is_new = held_classes.hold(by=by, draft=draft, submission_key=key, scheduled_class=held, today=today)
        return Confirmed(None, kept, is_new)
    with history.because(f"Attendance of {held.reference} confirmed"):
        made = classes.write(by=by, draft=draft, submission_key=key, today=today)
        ScheduledClass.objects.filter(pk=held.pk).update(training_class=made)
    return Confirmed(made, None, True)


def _key(held: ScheduledClass) -> uuid.UUID:
    """The key of the next class made from this one: follows from it, so that nothing makes two. What was undone, or
    dropped, has used up its own."""
    number = 0
    while True:
        key = uuid.uuid5(held.uid, f"confirmed {number}")
        used = TrainingClass.objects.filter(submission_key=key).exists()
        if not used and not HeldClass.objects.filter(submission_key=key).exists():
            return key
        number += 1
