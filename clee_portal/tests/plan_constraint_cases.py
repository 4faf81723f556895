"""What the database must refuse of plans; registered like those of constraint_cases.py."""

import uuid

from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import (
    AgencyPlan,
    AgencyPlanClass,
    AgencyPlanLack,
    AgencyPlanLine,
    AgencyPlanSeat,
    PlanRequest,
    PlanRequestClass,
    Requirement,
)
from training.tests import factories


def _request(**values) -> PlanRequest:
    given = {"officer": factories.officer(), "agency": factories.agency(), "asked_by": factories.user()} | values
    return insert(PlanRequest, year=DAY.year, missing="3 hours", submission_key=uuid.uuid4(), **given)


def _plan(**values) -> AgencyPlan:
    given = {"agency": factories.agency(), "asked_by": factories.user(), "submission_key": uuid.uuid4()} | values
    return insert(AgencyPlan, year=DAY.year, hosts=True, **given)


def _planned(**values) -> AgencyPlanClass:
    return insert(AgencyPlanClass, **{"plan": _plan(), "hours": 2} | values)


def _scheduled():
    return factories.scheduled_class(factories.provider_course(factories.provider()))


@refused("plan_request_one_waits")
def _():
    officer = factories.officer()
    _request(officer=officer)
    _request(officer=officer)


@refused("plan_request_decided_by_somebody")
def _():
    _request(state="approved")


@refused("plan_request_declined_says_why")
def _():
    _request(state="declined", decided_by=factories.user(), decided_at=factories.clock.now())


@refused("plan_request_class_once")
def _():
    given = {"request": _request(), "scheduled_class": _scheduled()}
    insert(PlanRequestClass, **given)
    insert(PlanRequestClass, **given)


@refused("agency_plan_done_has_its_hours")
def _():
    _plan(state="done")


@refused("agency_plan_bound_is_below")
def _():
    _plan(class_hours=2, least_hours=3)


@refused("agency_plan_class_once")
def _():
    given = {"plan": _plan(), "scheduled_class": _scheduled()}
    _planned(**given)
    _planned(**given)


@refused("agency_plan_class_has_hours")
def _():
    _planned(hours=0)


@refused("compliance_agencyplanline_hours_positive")
def _():
    insert(AgencyPlanLine, planned=_planned(), area=factories.area("legal"), hours=0)


@refused("agency_plan_line_once")
def _():
    given = {"planned": _planned(), "area": factories.area("legal"), "topic": None, "hours": 1}
    insert(AgencyPlanLine, **given)
    insert(AgencyPlanLine, **given)


@refused("agency_plan_seat_once")
def _():
    given = {"planned": _planned(), "officer": factories.officer()}
    insert(AgencyPlanSeat, **given)
    insert(AgencyPlanSeat, **given)


@refused("agency_plan_lack_once")
def _():
    given = {"plan": _plan(), "officer": factories.officer(), "requirement": Requirement.objects.first(), "hours": 1}
    insert(AgencyPlanLack, **given)
    insert(AgencyPlanLack, **given)


@refused("agency_plan_lack_has_hours")
def _():
    insert(AgencyPlanLack, plan=_plan(), officer=factories.officer(), requirement=Requirement.objects.first(), hours=0)
