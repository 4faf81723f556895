"""A draft of the rules in the state of `world.py`: the state's, nobody else's."""

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import rules
from compliance.models import ReportingPeriod
from compliance.services import rule_cases, rule_drafts
from compliance.tests.rule_people import case_of, missing


def draft_of_the_state(by: User) -> dict[str, list]:
    """A draft for next year with a golden case, by a word in the names of its pages."""
    today = clock.today()
    source = rules.latest(ReportingPeriod.objects.get(year=today.year + 1))
    draft = rule_drafts.begin(by=by, year=today.year + 1, source=source, now=clock.now(), today=today)
    case = rule_cases.write(by=by, draft=draft, text=case_of(draft.period.year, missing(draft)))
    return {"rule_set": [draft], "rule_requirement": [draft.requirements.get(code="legal")], "rule_case": [case]}
