"""Registering for every class of a plan at once: all of them, or none."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import my_plan
from training import registering
from training.access import can_register_own
from training.models import Officer, Registration, ScheduledClass
from training.registering import Look, NeedsAccepting
from training.services import registrations

MOST = 30
NOTHING = "You were registered for none of these classes. Below is the plan as it is now."


@transaction.atomic
def take(
    *,
    by: User,
    officer: Officer,
    classes: Sequence[int],
    shown: str,
    submission_key: uuid.UUID,
    accepts: str = "",
) -> list[Registration]:
    """Register an officer for the classes of a plan they were shown (`my_plan.shown`), a seat in each.

    The same form sent twice is one act. Raises `Refused` where a class has filled or closed, where what is missing has
    changed, or a class has; `NeedsAccepting` where there is something to know before. Then nothing was done at all.
    """
    if not can_register_own(by, officer):
        raise Refused("Officers register themselves; for others their agency does.")
    if not classes or len(set(classes)) > MOST:
        raise Refused(f"There is no such plan. {NOTHING}")
    # In the order of their numbers, so that of two who take the same classes one waits for the other.
    wanted = ScheduledClass.objects.published().filter(pk__in=set(classes))
    locked = list(wanted.select_for_update(of=("self",)).select_related("course", "provider").order_by("pk"))
    if len(locked) != len(set(classes)):
        raise Refused(f"A class of this plan is not in the calendar any more. {NOTHING}")
    keys = {held.pk: uuid.uuid5(submission_key, str(held.pk)) for held in locked}
    if sent := list(Registration.objects.filter(officer=officer, submission_key__in=keys.values())):
        return sent
    now = clock.now()
    for held in locked:
        if why := registering.closed_because(held, now):
            raise Refused(f"“{held.course.title}”: {why.rstrip('.')}. {NOTHING}")
        if held.seats_left < 1:
            raise Refused(f"“{held.course.title}” has filled since the plan was made. {NOTHING}")
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    gap = my_plan.gap_of(officer, now)
    offers = my_plan.offers(officer, gap, now, my_plan.Limits(), only=keys)
    if not gap.lacks:
        raise Refused(f"Nothing is missing any more: your hours have changed since the plan was made. {NOTHING}")
    if len(offers) < len(locked) or shown != my_plan.shown(gap.lacks, [one.offered for one in offers]):
        raise Refused(f"Your hours, your registrations or one of these classes have changed since. {NOTHING}")
    looks = {held.pk: registering.look(held, [officer]) for held in locked}
    _check(officer, looks.values(), accepts)
    made = []
    for held in locked:
        answer = registrations.register(
            by=by, held=held, officer=officer, submission_key=keys[held.pk], accepts=looks[held.pk].key
        )
        one = answer.registrations[0]
        if one.state != Registration.State.REGISTERED:
            raise Refused(f"“{held.course.title}” has filled since the plan was made. {NOTHING}")
        made.append(one)
    return made


def _check(officer: Officer, looks, accepts: str) -> None:
    """Nothing keeps the officer out of any of the classes, and what there is to know of them was accepted."""
    looks = list(looks)
    for look in looks:
        if why := look.refused.get(officer.pk):
            raise Refused(f"{why} {NOTHING}")
    warned = list(dict.fromkeys(text for look in looks for text in look.warned.get(officer.pk, ())))
    together = Look({}, {officer.pk: warned} if warned else {})
    if together.key and accepts != together.key:
        raise NeedsAccepting(together)
