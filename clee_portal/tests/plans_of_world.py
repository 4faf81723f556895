"""Plans in the state of `world.py`: one found for an agency, one an officer sent to it."""

import uuid

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance.models import AgencyPlan, PlanRequest, Requirement
from training.models import Agency, Officer
from training.tests import factories


def plans_of(agency: Agency, officer: Officer, account: User, ceo: User) -> dict[str, list]:
    """Both, by a word in the names of their pages."""
    year = clock.today().year
    plan = AgencyPlan.objects.create(
        agency=agency,
        year=year,
        asked_by=ceo,
        submission_key=uuid.uuid4(),
        hosts=True,
        state="done",
        facts="as they were",
        officers=2,
        lacking=2,
        looked_at=0,
        class_hours=4,
        least_hours=4,
        officer_hours=4,
        is_proved=True,
        ended_at=clock.now(),
    )
    hosted = plan.classes.create(hours=4)
    hosted.lines.create(area=factories.area("legal"), hours=4)
    hosted.seats.create(officer=officer)
    needed = Requirement.objects.filter(requirement_set__period__year=year, code="approved_provider").first()
    plan.lacks.create(officer=officer, requirement=needed, hours=2)
    sent = PlanRequest.objects.create(
        officer=officer, agency=agency, year=year, missing=f"2 hours, says {officer.last_name}", asked_by=account
    )
    return {"agency_plan": [plan], "plan_request": [sent]}
