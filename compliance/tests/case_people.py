"""A case from the list to the Director, step by step, for the tests."""

import datetime as dt
from types import SimpleNamespace

from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from compliance.models import (
    Candidacy,
    CaseDecision,
    CaseNotice,
    CaseSubmission,
    Listing,
    ListMade,
    ReportingPeriod,
)
from compliance.services import candidacies, case_decisions, case_submissions, cases
from compliance.tests.people import complete
from training.tests import factories

# A year of which everybody's last day is past, whenever the tests run.
YEAR = clock.today().year - 2


def everybody() -> SimpleNamespace:
    """An agency with a short officer, who are connected, and the state's people."""
    agency = factories.agency("cedar", "Cedar Hollow Police")
    officer = factories.officer(agency, name="Renee Abbott")
    complete(officer, agency, YEAR, legal=1)
    agent = factories.user("agent@state.example.org", "Agnes Agent")
    StateRole.objects.create(user=agent, role=StateRole.Role.DIRECTOR_AGENT, starts_on=factories.LONG_AGO)
    return SimpleNamespace(
        agency=agency,
        officer=officer,
        own=factories.officer_account(officer, "renee@example.org"),
        ceo=factories.ceo(agency, "chief@example.org", "Chief Marlow"),
        post=factories.post_staff("petra@state.example.org", "Petra Post"),
        director=factories.director("dirk@state.example.org", "Dirk Stone"),
        agent=agent,
    )


def period() -> ReportingPeriod:
    return ReportingPeriod.objects.get(year=YEAR)


def listed(officer, year: int = YEAR) -> Candidacy:
    """The officer's case, on the list since the day after the last day."""
    of = ReportingPeriod.objects.get(year=year)
    case, _ = Candidacy.objects.get_or_create(officer=officer, period=of)
    first = of.show_by + dt.timedelta(days=1)
    Listing.objects.create(
        candidacy=case, number=1, last_day=of.show_by, listed_on=first, listed_at=clock.midday(first)
    )
    ListMade.objects.get_or_create(period=of, day=first, defaults={"as_of": clock.midday(first), "count": 1})
    return case


def looked_at(people, case: Candidacy, found: str = "no_error", words: str = "") -> None:
    """POST has looked at the record."""
    candidacies.look(by=people.post, listings=case.listings.values_list("pk", flat=True), found=found, words=words)


def served(people, case: Candidacy, days_ago: int = 40) -> CaseNotice:
    """Notice served so long ago."""
    today = clock.today()
    return cases.serve_notice(
        by=people.post,
        case=case,
        how="certified",
        served_on=today - dt.timedelta(days=days_ago),
        certified_number="9414 7266 9904 2000 0000 01",
        today=today,
    )


def before_the_director(people, officer=None) -> CaseSubmission:
    """The officer's case, put before the Director."""
    case = listed(officer or people.officer)
    looked_at(people, case)
    served(people, case)
    made = case_submissions.put_forward(by=people.post, cases=[case.pk], words="Nobody answered.")
    return made.made[0]


def decided(people, kind: str = "make_inactive", **more) -> CaseDecision:
    """The officer's case, decided by the Director."""
    one = before_the_director(people)
    seen = {one.pk: one.facts_sha256}
    return case_decisions.decide(by=people.director, seen=seen, kind=kind, **more)[0]


def of(name: str, *args) -> str:
    """The address of a page of cases."""
    return reverse(f"compliance:{name}", args=args)


def text(response) -> str:
    """What a page says, in one line."""
    return " ".join(response.content.decode().split())
