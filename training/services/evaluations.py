"""What people thought of a class they completed: said once, by whoever was there, and kept without their name."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from training import access
from training.models import ClassEvaluation, Registration, TrainingRecord


def why_not(registration: Registration) -> str:
    """Why whoever has this registration cannot evaluate the class (yet), in words; empty where they can. One statement
    at most."""
    held = registration.scheduled_class
    if registration.evaluated_on:
        return gettext("You have evaluated this class. It is kept without your name, so it cannot be changed.")
    if not held.training_class_id:
        return gettext("A class is evaluated once the provider has confirmed who completed it.")
    attended = TrainingRecord.objects.live().filter(
        training_class=held.training_class_id, officer=registration.officer_id, role=TrainingRecord.Role.STUDENT
    )
    return (
        "" if attended.exists() else gettext("Whoever completed a class evaluates it; you have no credit of this one.")
    )


def waiting_for(registrations: Iterable[Registration]) -> list[Registration]:
    """Those of somebody's registrations whose class they can evaluate, the latest first. One statement at most."""
    open_ones = [
        one
        for one in registrations
        if one.state == Registration.State.REGISTERED and one.scheduled_class.training_class_id and not one.evaluated_on
    ]
    if not open_ones:
        return []
    credited = set(
        TrainingRecord.objects.live()
        .filter(
            training_class__in={one.scheduled_class.training_class_id for one in open_ones},
            officer__in={one.officer_id for one in open_ones},
            role=TrainingRecord.Role.STUDENT,
        )
        .values_list("training_class", "officer")
    )
    found = [one for one in open_ones if (one.scheduled_class.training_class_id, one.officer_id) in credited]
    return sorted(found, key=lambda one: one.scheduled_class.ends_at, reverse=True)


@transaction.atomic
def give(
    *,
    by: User,
    registration: Registration,
    content: int,
    instruction: int,
    usefulness: int,
    comment: str = "",
    today: dt.date,
) -> None:
    """Keep what the officer thought of the class, 1 (poor) to 5 (excellent) each. Raises `Refused`: said twice it is
    refused, since nobody knows which one was theirs.

    That the officer has answered is noted with the registration, and what was answered apart from it: with a number of
    no order, and the class's own last day in place of the day it was given, so that the two cannot be put together.
    """
    one = locked(Registration.objects.select_related("scheduled_class", "officer").filter(pk=registration.pk)).get()
    if not access.can_evaluate(by, one):
        raise Refused(gettext("A class is evaluated by the officer who was there."))
    if why := why_not(one):
        raise Refused(why)
    with history.because("Evaluated the class"):
        Registration.objects.filter(pk=one.pk).update(evaluated_on=today)
    ClassEvaluation.objects.create(
        scheduled_class=one.scheduled_class,
        given_on=clock.last_day(one.scheduled_class.ends_at),
        content=content,
        instruction=instruction,
        usefulness=usefulness,
        comment=comment.strip(),
    )
