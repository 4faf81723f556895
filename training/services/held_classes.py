"""A provider's class that is held, since no license was valid on the day it ended: kept, released by POST, dropped.

Source: RSMo 590.050; a provider's license is tested for the day the class ended, when it is recorded.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from training import access
from training.hours import Line
from training.models import (
    HeldClass,
    HeldClassLine,
    HeldPerson,
    HeldPersonLine,
    ScheduledClass,
    TrainingClass,
)
from training.services import classes
from training.services.class_drafts import Attendance, ClassDraft, why_held


@transaction.atomic
def hold(
    *,
    by: User | None,
    draft: ClassDraft,
    submission_key: uuid.UUID,
    scheduled_class: ScheduledClass | None = None,
    today: dt.date,
) -> tuple[HeldClass, bool]:
    """Keep a provider's class as it was confirmed or entered. Returns it, and whether it is new: the same
    `submission_key` is one. Raises `Refused` where it need not be held, or what is in it is wrong besides.
    """
    if not access.may_report_class(by, draft.body):
        raise Refused("You cannot enter classes for this provider.")
    if before := HeldClass.objects.filter(provider=draft.provider, submission_key=submission_key).first():
        return before, False
    because = why_held(draft, today)
    if not because:
        raise Refused("The provider’s license was valid that day: the class can be recorded.")
    wrong = [one for one in classes.problems(draft, today) if one.field != "provider_license"]
    if not draft.lines:
        wrong.append(Refused("Give the hours of at least one area.", field="hours"))
    if wrong:
        raise wrong[0]
    with history.because("Held: no valid license on the day the class ended"):
        held = HeldClass.objects.create(
            provider=draft.provider,
            course=classes.course_of(by=by, draft=draft, today=today),
            scheduled_class=scheduled_class,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            delivery=draft.delivery,
            place=draft.place,
            submission_key=submission_key,
            because=because,
            recorded_by=by,
        )
        HeldClassLine.objects.bulk_create(
            HeldClassLine(held_class=held, area=line.area, topic=line.topic, hours=line.hours) for line in draft.lines
        )
        people = [
            HeldPerson(held_class=held, officer=one.officer, role=one.role, kept_because=one.kept_because)
            for one in draft.attendances
        ]
        people += [HeldPerson(held_class=held, officer=one, is_completed=False) for one in draft.left_out]
        HeldPerson.objects.bulk_create(people)
        HeldPersonLine.objects.bulk_create(
            HeldPersonLine(person=person, area=line.area, topic=line.topic, hours=line.hours)
            for person, one in zip(people, draft.attendances, strict=False)
            for line in one.lines or ()
        )
    return held, True


def draft_of(held: HeldClass) -> ClassDraft:
    """The class as it was confirmed or entered. A constant number of statements."""
    rows = held.people.select_related("officer").prefetch_related("lines__area", "lines__topic").order_by("pk")
    people = list(rows)
    return ClassDraft(
        provider=held.provider,
        course=held.course,
        starts_on=held.starts_on,
        ends_on=held.ends_on,
        delivery=held.delivery,
        place=held.place,
        lines=_lines(held.lines.select_related("area", "topic").order_by("area__order", "topic__order")),
        attendances=tuple(
            Attendance(one.officer, one.role, _lines(one.lines.all()) or None, True, one.kept_because)
            for one in people
            if one.is_completed
        ),
        left_out=tuple(one.officer for one in people if not one.is_completed),
    )


@transaction.atomic
def release(*, by: User | None, held_class: HeldClass, today: dt.date) -> tuple[TrainingClass, bool]:
    """POST records a held class, once a license that was valid that day is on record. Returns the class, and whether it
    is new. Raises `Refused`; then it stays held.
    """
    held = _locked(held_class)
    if not access.can_release_held_classes(by):
        raise Refused("Only POST can release a held class.")
    if held.training_class_id:
        return held.training_class, False
    if held.voided_at:
        raise Refused(f"{held.reference} was dropped meanwhile: {held.void_reason}")
    with history.because(f"Released from {held.reference}"):
        made = classes.write(by=by, draft=draft_of(held), submission_key=held.submission_key, today=today)
        HeldClass.objects.filter(pk=held.pk).update(training_class=made, released_at=Now(), released_by=by)
        ScheduledClass.objects.filter(pk=held.scheduled_class_id).update(training_class=made)
    return made, True


@transaction.atomic
def drop(*, by: User | None, held_class: HeldClass, reason: str) -> HeldClass:
    """Take a held class back, with the reason: its provider, to confirm or enter it anew, or POST. It stays on record.

    Raises `Refused`.
    """
    held = _locked(held_class)
    if not access.can_enter_provider_class(by, held.provider):
        raise Refused("Only the provider whose class it is, or POST, can drop it.")
    if held.training_class_id:
        raise Refused(f"{held.reference} was released meanwhile, as {held.training_class.reference}.")
    if held.voided_at:
        return held
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise Refused("Say why it is dropped.", field="reason")
    with history.because(reason):
        HeldClass.objects.filter(pk=held.pk).update(voided_at=Now(), voided_by=by, void_reason=reason)
    held.refresh_from_db()
    return held


def _locked(held_class: HeldClass) -> HeldClass:
    rows = HeldClass.objects.select_related("provider", "course__provider", "training_class")
    return locked(rows.filter(pk=held_class.pk)).get()


def _lines(rows) -> tuple[Line, ...]:
    return tuple(Line(one.area, one.topic, one.hours) for one in rows)
