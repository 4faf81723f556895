"""What becomes of an officer's plan: registering for every class of it at once, all of them or none; sending it to the
agency, which approves it and registers the officer, or says why not."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import my_plan
from compliance.access import can_plan
from compliance.models import PlanRequest, PlanRequestClass
from training import registering
from training.access import can_register_own
from training.models import Agency, Commission, Officer, Registration, ScheduledClass
from training.registering import Look, NeedsAccepting
from training.services import registrations

MOST = 30
NOTHING = _("You were registered for none of these classes. Below is the plan as it is now.")
NOT_APPROVED = _("Nobody was registered, and the plan still waits.")


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
        raise Refused(gettext("Officers register themselves; for others their agency does."))
    if not classes or len(set(classes)) > MOST:
        raise Refused(gettext("There is no such plan. %(nothing)s") % {"nothing": NOTHING})
    locked = _locked(classes)
    keys = {held.pk: uuid.uuid5(submission_key, str(held.pk)) for held in locked}
    if sent := list(Registration.objects.filter(officer=officer, submission_key__in=keys.values())):
        return sent
    now = clock.now()
    for held in locked:
        if why := registering.closed_because(held, now):
            raise Refused(f"“{held.course.title}”: {why.rstrip('.')}. {NOTHING}")
        if held.seats_left < 1:
            raise Refused(
                gettext("“%(title)s” has filled since the plan was made. %(nothing)s")
                % {"title": held.course.title, "nothing": NOTHING}
            )
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    _as_shown(officer, locked, shown, now)
    looks = {held.pk: registering.look(held, [officer]) for held in locked}
    _check(officer, looks.values(), accepts)
    made = []
    for held in locked:
        answer = registrations.register(
            by=by, held=held, officer=officer, submission_key=keys[held.pk], accepts=looks[held.pk].key
        )
        one = answer.registrations[0]
        if one.state != Registration.State.REGISTERED:
            raise Refused(
                gettext("“%(title)s” has filled since the plan was made. %(nothing)s")
                % {"title": held.course.title, "nothing": NOTHING}
            )
        made.append(one)
    return made


@transaction.atomic
def ask(
    *, by: User, officer: Officer, agency: Agency, classes: Sequence[int], shown: str, submission_key: uuid.UUID
) -> PlanRequest:
    """Send a plan that an officer was shown to an agency they serve at, for approval. No seat is taken by it.

    The same form sent twice is one request. Raises `Refused`, as `take` does where something has changed.
    """
    if not can_register_own(by, officer):
        raise Refused(gettext("Officers send their own plans."))
    if not Commission.objects.in_force(clock.today()).filter(officer=officer, agency=agency).exists():
        raise Refused(gettext("Send it to an agency at which you serve today."))
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    if sent := PlanRequest.objects.filter(submission_key=submission_key, officer=officer).first():
        return sent
    if PlanRequest.objects.waiting().filter(officer=officer).exists():
        raise Refused(gettext("A plan of yours waits for approval already. Take it back first to send another."))
    held, now = list(ScheduledClass.objects.published().filter(pk__in=set(classes[:MOST]))), clock.now()
    if not held or len(held) != len(set(classes)):
        raise Refused(
            gettext("A class of this plan is not in the calendar any more. %(nothing)s") % {"nothing": NOTHING}
        )
    gap = _as_shown(officer, held, shown, now)
    with history.because("Sent to the agency for approval"):
        made = PlanRequest.objects.create(
            officer=officer,
            agency=agency,
            year=clock.day_of(now).year,
            missing=my_plan.lack_words(gap, gap.lacks)[:500],
            asked_by=by,
            submission_key=submission_key,
        )
        PlanRequestClass.objects.bulk_create(PlanRequestClass(request=made, scheduled_class=one) for one in held)
    return made


@transaction.atomic
def withdraw(*, by: User, request: PlanRequest) -> PlanRequest:
    """Take back a plan that nobody has decided. Raises `Refused`."""
    request = _waiting(request)
    if not can_register_own(by, request.officer):
        raise Refused(gettext("Officers take back their own plans."))
    return _settled(request, PlanRequest.State.WITHDRAWN, by, "", "Taken back by the officer")


@transaction.atomic
def decline(*, by: User, request: PlanRequest, words: str) -> PlanRequest:
    """Do not approve a plan, and say why: the officer reads it. Raises `Refused`."""
    request = _waiting(request)
    if not can_plan(by, request.agency):
        raise Refused(gettext("You cannot decide about plans of this agency’s officers."))
    if not words.strip():
        raise Refused(gettext("Say why: the officer reads it."), field="words")
    return _settled(request, PlanRequest.State.DECLINED, by, words, "Not approved by the agency")


@transaction.atomic
def approve(*, by: User, request: PlanRequest, words: str = "", accepts: str = "") -> PlanRequest:
    """Approve a plan: the officer gets a seat in every class of it. Raises `Refused` where one cannot be had, and then
    in none; `NeedsAccepting` where there is something to know before."""
    request = _waiting(request)
    if not can_plan(by, request.agency):
        raise Refused(gettext("You cannot decide about plans of this agency’s officers."))
    officer, now = request.officer, clock.now()
    held = _locked(list(request.classes.values_list("scheduled_class", flat=True)), nothing=NOT_APPROVED)
    have = set(
        Registration.objects.seated()
        .filter(officer=officer, scheduled_class__in=[one.pk for one in held])
        .values_list("scheduled_class", flat=True)
    )
    if not have and not my_plan.gap_of(officer, now).lacks:
        raise Refused(
            gettext("Nothing is missing for the officer any more: tell them so below. %(nothing)s")
            % {"nothing": NOT_APPROVED}
        )
    for one in held:
        if why := registering.closed_because(one, now):
            raise Refused(f"“{one.course.title}”: {why.rstrip('.')}. {NOT_APPROVED}")
        if one.pk not in have and one.seats_left < 1:
            raise Refused(
                gettext("“%(title)s” has filled since. %(nothing)s")
                % {"title": one.course.title, "nothing": NOT_APPROVED}
            )
    looks = {one.pk: registering.look(one, [officer]) for one in held if one.pk not in have}
    _check(officer, looks.values(), accepts, nothing=NOT_APPROVED)
    for one in held:
        if one.pk in have:
            continue
        answer = registrations.register_group(
            by=by,
            held=one,
            agency=request.agency,
            officers=[officer],
            submission_key=uuid.uuid5(request.submission_key, str(one.pk)),
            group=registrations.Group.NOBODY,
            accepts=looks[one.pk].key,
        )
        if not answer.seated:
            raise Refused(
                gettext("“%(title)s” has a wait-list, so there is no seat in it. %(nothing)s")
                % {"title": one.course.title, "nothing": NOT_APPROVED}
            )
    return _settled(request, PlanRequest.State.APPROVED, by, words, "Approved by the agency, and registered")


def _waiting(request: PlanRequest) -> PlanRequest:
    request = locked(PlanRequest.objects.select_related("officer", "agency").filter(pk=request.pk)).get()
    if request.state != PlanRequest.State.WAITING:
        raise Refused(
            gettext("It was decided meanwhile: %(state)s.") % {"state": gettext(request.get_state_display()).lower()}
        )
    return request


def _settled(request: PlanRequest, state: str, by: User, words: str, reason: str) -> PlanRequest:
    request.state, request.decided_by, request.decided_at = state, by, clock.now()
    request.words = " ".join(words.split())
    with history.because(reason):
        request.save(update_fields=["state", "decided_by", "decided_at", "words"])
    return request


def _locked(classes: Sequence[int], nothing: str = NOTHING) -> list[ScheduledClass]:
    """The classes, locked in the order of their numbers, so that of two who take the same ones one waits."""
    wanted = ScheduledClass.objects.published().filter(pk__in=set(classes))
    wanted = wanted.select_related("course", "provider").order_by("pk")
    locked = list(wanted.select_for_update(no_key=True, of=("self",)))  # whoever names one of them does not wait
    if not locked or len(locked) != len(set(classes)):
        raise Refused(
            gettext("A class of this plan is not in the calendar any more. %(nothing)s") % {"nothing": nothing}
        )
    return locked


def _as_shown(officer: Officer, held: Sequence[ScheduledClass], shown: str, now) -> my_plan.Gap:
    """What is missing, if it and the classes are as the officer saw them."""
    gap = my_plan.gap_of(officer, now)
    offers = my_plan.offers(officer, gap, now, my_plan.Limits(), only=[one.pk for one in held])
    if not gap.lacks:
        raise Refused(
            gettext("Nothing is missing any more: your hours have changed since the plan was made. %(nothing)s")
            % {"nothing": NOTHING}
        )
    if len(offers) < len(held) or shown != my_plan.shown(gap.lacks, [one.offered for one in offers]):
        raise Refused(
            gettext("Your hours, your registrations or one of these classes have changed since. %(nothing)s")
            % {"nothing": NOTHING}
        )
    return gap


def _check(officer: Officer, looks, accepts: str, nothing: str = NOTHING) -> None:
    """Nothing keeps the officer out of any of the classes, and what there is to know of them was accepted."""
    looks = list(looks)
    for look in looks:
        if why := look.refused.get(officer.pk):
            raise Refused(f"{why} {nothing}")
    warned = list(dict.fromkeys(text for look in looks for text in look.warned.get(officer.pk, ())))
    together = Look({}, {officer.pk: warned} if warned else {})
    if together.key and accepts != together.key:
        raise NeedsAccepting(together)
