"""Plans for agencies: asked for by the agency, worked on by the worker. Safe to run twice, at the same moment too, and
late: whoever takes one up that somebody else is at leaves it."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from decimal import Decimal

from celery import current_app
from django.db import transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import agency_paths, agency_plan, my_plan
from compliance.access import can_plan
from compliance.agency_building import LEFT
from compliance.agency_plan import Facts
from compliance.agency_question import AgencyPath
from compliance.models import AgencyPlan, AgencyPlanClass, AgencyPlanLack, AgencyPlanLine, AgencyPlanSeat
from compliance.path_solver import SolverFailed
from training.models import Agency

# Seconds: the best plan is looked for so long before it is shown, and then bettered and proved for so long.
FIRST, LATER = 3, 180
# Whoever works on a plan says so now and then; after so long without a word it was cut off.
HEARD_EVERY = dt.timedelta(seconds=3)
SILENT = dt.timedelta(seconds=LATER + 30)
# So many plans of an agency are kept.
KEPT = 10


@transaction.atomic
def begin(*, by: User, agency: Agency, hosts: bool, submission_key: uuid.UUID, miles: int | None = None) -> AgencyPlan:
    """Have the best classes for an agency found. The same form sent twice is one plan; while one that asks the same is
    being worked on, that is it. Raises `Refused`."""
    if not can_plan(by, agency):
        raise Refused("You cannot plan classes for this agency.")
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    if sent := AgencyPlan.objects.filter(submission_key=submission_key, agency=agency).first():
        return sent
    if going := AgencyPlan.objects.unfinished().filter(agency=agency, hosts=hosts, miles=miles).first():
        return going
    if miles is not None and my_plan.place_of_agency(agency) is None:
        raise Refused(
            "Nobody knows where your agency lies, so distances cannot be looked at. Choose any distance, or ask POST "
            "to add its address.",
            field="miles",
        )
    made = AgencyPlan.objects.create(
        agency=agency, year=clock.today().year, asked_by=by, submission_key=submission_key, hosts=hosts, miles=miles
    )
    older = list(AgencyPlan.objects.filter(agency=agency).values_list("pk", flat=True)[KEPT:])
    _empty(older)
    AgencyPlan.objects.filter(pk__in=older).delete()
    transaction.on_commit(lambda: queue(made.pk), robust=True)
    return made


def queue(pk: int) -> None:
    """Give a plan to the worker. Where the broker is away nobody waits for it: it is taken up by the minute."""
    current_app.send_task("compliance.tasks.work_on_plan", [pk], retry=False, ignore_result=True)


def left_alone(now: dt.datetime) -> list[int]:
    """Plans whose worker was cut off, or whose message was lost."""
    waits = AgencyPlan.objects.unfinished()
    lost = waits.filter(heard_at=None, asked_at__lte=now - SILENT) | waits.filter(heard_at__lte=now - SILENT)
    return list(lost.values_list("pk", flat=True))


def work(pk: int, *, first: float = FIRST, later: float = LATER) -> None:
    """Find the best plan, show it, and go on until it is proved or the time is over."""
    plan = _taken_up(pk)
    if plan is None:
        return
    now = clock.now()
    near = my_plan.place_of_agency(plan.agency) if plan.miles is not None else None
    try:
        facts = agency_plan.facts_of(plan.agency, now, hosts=plan.hosts, near=near, miles=plan.miles)
        _mine(plan).update(
            facts=facts.name, officers=facts.officers, lacking=facts.lacking, looked_at=len(facts.classes)
        )
        best = _find(facts, first)
        _keep(plan, facts, best)
        if not best.is_proved:
            shown = _Shown(plan, facts, best)
            best = _find(facts, later, told=shown.proved, better=shown.bettered, known=best)
            _keep(plan, facts, best)
    except (SolverFailed, KeyError):
        _mine(plan).update(state=AgencyPlan.State.FAILED, ended_at=clock.now())
        return
    _mine(plan).update(state=AgencyPlan.State.DONE, ended_at=clock.now())


def _taken_up(pk: int) -> AgencyPlan | None:
    """The plan, if nobody else is at it."""
    with transaction.atomic():
        plan = AgencyPlan.objects.unfinished().select_for_update(of=("self",)).filter(pk=pk).first()
        if plan is None or (plan.heard_at and plan.heard_at > clock.now() - SILENT):
            return None
        plan.state, plan.heard_at = AgencyPlan.State.RUNNING, clock.now()
        plan.save(update_fields=["state", "heard_at"])
    return AgencyPlan.objects.select_related("agency").get(pk=pk)


def _mine(plan: AgencyPlan):
    return AgencyPlan.objects.filter(pk=plan.pk)


def _find(facts: Facts, seconds: float, **more) -> AgencyPath:
    return agency_paths.find(facts.kinds, facts.classes, facts.cells, seconds=seconds, **more)


class _Shown:
    """A plan on the page while it is bettered and proved: what is proved is written down some seconds apart, a better
    plan at once."""

    def __init__(self, plan: AgencyPlan, facts: Facts, best: AgencyPath):
        self.plan, self.facts, self.best = plan, facts, best
        self.heard = clock.now()

    def proved(self, cost: Decimal, least: Decimal) -> None:
        """No plan costs less. It is said of the plan that is shown."""
        if clock.now() < self.heard + HEARD_EVERY:
            return
        self.heard = clock.now()
        hours = max(Decimal(0), min(self.best.class_hours, least - LEFT * self.best.hours_left))
        _mine(self.plan).update(heard_at=self.heard, least_hours=max(hours, self.best.least_hours))

    def bettered(self, best: AgencyPath) -> None:
        """A plan that costs less was found."""
        self.best = best
        _keep(self.plan, self.facts, best)


def _empty(plans: Collection[int]) -> None:
    """Forget what stands in plans."""
    for model in (AgencyPlanSeat, AgencyPlanLine):
        model.objects.filter(planned__plan__in=plans).delete()
    for model in (AgencyPlanClass, AgencyPlanLack):
        model.objects.filter(plan__in=plans).delete()


@transaction.atomic
def _keep(plan: AgencyPlan, facts: Facts, best: AgencyPath) -> None:
    """Write down a plan in the place of what was found before."""
    _empty([plan.pk])
    rows = [AgencyPlanClass(plan=plan, scheduled_class_id=one.key, hours=one.hours) for one, _ in best.seated]
    rows += [AgencyPlanClass(plan=plan, hours=one.hours) for one in best.hosted]
    rows = AgencyPlanClass.objects.bulk_create(rows)
    whose = [who for _, who in best.seated] + [one.officers for one in best.hosted]
    AgencyPlanSeat.objects.bulk_create(
        AgencyPlanSeat(planned=row, officer_id=officer) for row, who in zip(rows, whose, strict=True) for officer in who
    )
    AgencyPlanLine.objects.bulk_create(
        AgencyPlanLine(planned=row, area=area, topic=topic, hours=hours)
        for row, one in zip(rows[len(best.seated) :], best.hosted, strict=True)
        for (area, topic), hours in one.parts
    )
    AgencyPlanLack.objects.bulk_create(_lacks(plan, facts, best))
    _mine(plan).update(
        class_hours=best.class_hours,
        least_hours=best.least_hours,
        officer_hours=best.officer_hours,
        is_proved=best.is_proved,
        heard_at=clock.now(),
    )


def _lacks(plan: AgencyPlan, facts: Facts, best: AgencyPath) -> Sequence[AgencyPlanLack]:
    return [
        AgencyPlanLack(plan=plan, officer_id=officer, requirement=requirement, hours=hours)
        for officer, left in best.left
        for requirement, hours in zip(facts.question.requirements, left, strict=True)
        if hours
    ]
