"""A draft of the rules, and who works on it, for tests."""

import datetime as dt
from decimal import Decimal

from clee_portal import clock
from clee_portal.history import seen as pages
from compliance import rules
from compliance.models import ReportingPeriod, RequirementSet
from compliance.services import requirement_sets, rule_cases, rule_drafts

YEAR = clock.today().year
NEXT = YEAR + 1


def latest(year: int = YEAR) -> RequirementSet:
    """The latest version of a year."""
    return rules.latest(ReportingPeriod.objects.get(year=year))


def begin(by, year: int = YEAR, source: RequirementSet | None = None) -> RequirementSet:
    """A draft for a year."""
    return rule_drafts.begin(by=by, year=year, source=source or latest(), now=clock.now(), today=clock.today())


def requirement(draft: RequirementSet, code: str):
    """One requirement of a set."""
    return draft.requirements.select_related("requirement_set", "area", "topic").get(code=code)


def change(by, draft: RequirementSet, code: str, **given):
    """Change a requirement of a draft."""
    one = requirement(draft, code)
    return rule_drafts.put_requirement(by=by, draft=draft, given=given, requirement=one, seen=rules.of_requirement(one))


def frame(by, draft: RequirementSet, note: str = "Voted in spring", today: dt.date | None = None, **more):
    """Say what changes, and the days."""
    draft.refresh_from_db()
    period = draft.period
    given = {"carries_on": draft.carries_on, "ends_on": period.ends_on, "show_by": period.show_by} | more
    seen = pages.mark(rules.frame_facts(draft))
    return rule_drafts.frame(by=by, draft=draft, note=note, seen=seen, today=today or clock.today(), **given)


def case_of(year: int, short: dict, name: str = "nothing was completed") -> str:
    """The text of a case: nothing was completed, and `short` is missing."""
    missing = ", ".join(f"{code}: {hours}" for code, hours in short.items())
    return f"""- name: {name}
  period: {year}
  as_of: {year}-12-31
  officer: {{licensed_on: 2010-05-01}}
  expect: {{standing: in_progress, short: {{{missing}}}}}
"""


def missing(draft: RequirementSet) -> dict:
    """What is missing of a set when nothing was completed."""
    return {one.code: f"{Decimal(one.minimum).normalize():f}" for one in rules.rows_of(draft)}


def with_case(by, draft: RequirementSet, **more):
    """A case of a draft that agrees."""
    return rule_cases.write(by=by, draft=draft, text=case_of(draft.period.year, missing(draft), **more))


def hand_in(by, draft: RequirementSet):
    """Hand a draft in as it stands."""
    draft.refresh_from_db()
    seen = rules.fingerprint(draft)
    return rule_drafts.hand_in(by=by, draft=draft, seen=seen, now=clock.now(), today=clock.today())


def approve(by, draft: RequirementSet, seen: str = ""):
    """Approve a draft as it stands."""
    draft.refresh_from_db()
    return requirement_sets.approve(by=by, draft=draft, seen=seen or rules.fingerprint(draft), at=clock.now())


def ready(by, year: int = YEAR, code: str = "legal", minimum=4) -> RequirementSet:
    """A draft that asks for other hours of one requirement, with its ground and a case: it can be handed in."""
    draft = begin(by, year)
    change(by, draft, code, minimum=Decimal(minimum), wording=f"At least {minimum} hours of it.")
    frame(by, draft)
    with_case(by, draft)
    return draft
