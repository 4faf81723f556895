"""Classes of the state of `world.py`, one undone, and a message that was sent."""

import datetime as dt
import uuid

from clee_portal import clock
from clee_portal.accounts.models import User
from notifications.models import Message, MessageText
from training.models import Course, Officer, TrainingClass
from training.tests import factories


def held_class(course: Course, day: dt.date, by: User, officers: list[Officer]) -> TrainingClass:
    held = TrainingClass.objects.create(
        course=course,
        starts_on=day,
        ends_on=day,
        place=f"Hall of {course.source_name}",
        reported_by_agency=course.agency,
        recorded_by=by,
        submission_key=uuid.uuid4(),
    )
    held.lines.create(area=factories.area("legal"), hours=2)
    for officer in officers:
        factories.record(officer, day, course=course, held=held)
    return held


def message_sent(occasion: str, key: str, user: User, subject: str) -> None:
    message = Message.objects.create(
        occasion=occasion, key=key, user=user, address=user.email, priority=2, state="sent", next_try_at=None
    )
    MessageText.objects.create(message=message, subject=subject, body=f"{subject}. Sent to {user.email}.")


def undo_class(held: TrainingClass, by: User, reason: str) -> None:
    void = {"voided_at": clock.now() + dt.timedelta(seconds=5), "voided_by": by, "void_reason": reason}
    held.records.update(**void)
    TrainingClass.objects.filter(pk=held.pk).update(**void)
