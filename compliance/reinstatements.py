"""Officers whose license is inactive for a year and who have shown its hours: whom the portal proposes for reinstating.

It proposes, and the Director or a designated agent signs. Reads only. Source: 11 CSR 75-15.080; rulebook 11, 15.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings

from clee_portal import clock
from clee_portal.history import versions
from compliance import case_facts, glance, selectors, standings, wording
from compliance.models import Candidacy, CaseDecision, ReportingPeriod
from compliance.verdict import Finding, Standing
from training import licensing
from training.models import LicenseEvent, Officer

# Standings in which nothing is owed any more: the hours were shown, or the period was waived or found exempt since.
NOTHING_OWED = (Standing.COMPLIANT, Standing.WAIVED, Standing.EXEMPT)


class Proposal(NamedTuple):
    """An officer and the year whose hours are shown by now."""

    officer: int
    year: int


class Row(NamedTuple):
    """A proposal as the page shows it."""

    officer: Officer
    year: int
    since: dt.date | None
    digest: str
    others: list[str]
    decision: CaseDecision | None
    key: str


def _inactive(now: dt.datetime) -> dict[int, set[int]]:
    """Year -> the officers whose license is inactive for it; two statements."""
    day = clock.day_of(now)
    known = LicenseEvent.objects.known(now).filter(occurred_on__lte=day)
    made = known.filter(kind=LicenseEvent.Kind.MADE_INACTIVE).order_by().values("officer")
    states = licensing.states_of(set(made.values_list("officer", flat=True)), day, now)
    found: dict[int, set[int]] = defaultdict(set)
    for officer, state in states.items():
        for year in state.inactive_for:
            found[year].add(officer)
    return found


def _findings(now: dt.datetime) -> dict[tuple[int, int], Finding]:
    """(Officer, year) -> where they stand, of every license that is inactive for a year."""
    inactive = _inactive(now)
    asked = selectors.questions(now, inactive)
    found = {}
    for year, officers in inactive.items():
        if year in asked:
            of = standings.of_officers(asked[year], officers)
            found |= {(officer, year): finding for officer, finding in of.items()}
    return found


class Found(NamedTuple):
    """Those who have shown the hours, by year and name, and how many licenses are inactive over hours still missing."""

    proposed: list[Proposal]
    still_short: int


def find(*, every: int = 0) -> Found:
    """What a look at every license that is inactive for a year finds; from what is kept where nothing has changed, or
    where it is no older than so many seconds (`every`)."""
    return versions.kept(f"reinstatements:{clock.today().isoformat()}", glance.watched(), look, every=every)


def look() -> Found:
    """Look at every license that is inactive for a year."""
    findings = _findings(clock.now())
    shown = [key for key, one in findings.items() if one.standing in NOTHING_OWED]
    names = dict(Officer.objects.filter(pk__in=[pk for pk, _ in shown]).values_list("pk", "search_name"))
    return Found(
        [Proposal(*key) for key in sorted(shown, key=lambda key: (key[1], names[key[0]], key[0]))],
        sum(1 for one in findings.values() if one.standing == Standing.INACTIVE),
    )


def count() -> int:
    """How many licenses could be reinstated, counted again every `STATE_COUNTED_EVERY` seconds at most."""
    return len(find(every=settings.STATE_COUNTED_EVERY).proposed)


def rows(some: Sequence[Proposal], today: dt.date) -> list[Row]:
    """Proposals with the digest of the facts they rest on, since when the license is inactive, and the later years that
    are short too (rulebook 11, 15: for the Director to weigh)."""
    if not some:
        return []
    now = clock.now()
    officers = selectors.officers_with_places(today).in_bulk({one.officer for one in some})
    periods = {one.year: one for one in ReportingPeriod.objects.filter(year__in={one.year for one in some})}
    cases = {
        (one.officer_id, one.period.year): one
        for one in Candidacy.objects.filter(officer__in=officers, period__in=periods.values()).select_related("period")
    }
    wanted = []
    for at, one in enumerate(some):
        case = cases.get((one.officer, one.year)) or Candidacy(officer_id=one.officer, period=periods[one.year])
        case.officer = officers[one.officer]
        # A license carried over has no case yet: it is read under a number no case has.
        case.pk = case.pk or -1 - at
        wanted.append(case)
    facts = case_facts.read(wanted, now)
    later = _later_and_short(officers, some, now)
    made = CaseDecision.objects.filter(candidacy__in=[case.pk for case in wanted], kind=CaseDecision.Kind.MAKE_INACTIVE)
    decisions = {one.candidacy_id: one for one in made.filter(reversal=None).order_by("pk")}
    states = licensing.states_of(officers, today, now)
    return [
        Row(
            case.officer,
            case.period.year,
            states[case.officer_id].since,
            case_facts.digest(facts[case.pk]),
            later[case.officer_id, case.period.year],
            decisions.get(case.pk),
            f"{case.officer_id}:{case.period.year}",
        )
        for case in wanted
    ]


def _later_and_short(officers, some: Sequence[Proposal], now: dt.datetime) -> dict[tuple[int, int], list[str]]:
    """Each proposal -> the years after it that have ended and are short, in words."""
    first, today = min(one.year for one in some), clock.day_of(now)
    asked = selectors.questions(now, range(first + 1, today.year))
    judged = standings.of_periods(list(asked.values()), list(officers)) if asked else {}
    return {
        (one.officer, one.year): [
            f"{year}: {wording.standing_label(judged[year][one.officer].standing).label}"
            for year in sorted(judged)
            if year > one.year and judged[year][one.officer].standing in (Standing.CANDIDATE, Standing.INACTIVE)
        ]
        for one in some
    }
