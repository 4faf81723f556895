"""An agency with an officer in each of the ten standings, as of a day, for the tests of the pages."""

import datetime as dt
import uuid

from clee_portal import clock
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod
from training.models import Course, Provider, TrainingClass, TrainingRecord
from training.tests import factories

# Everything a period asks since 2021, in two classes: eight hours of an academy, sixteen of the agency itself.
ACADEMY = {"legal": 2, "technical": 2, "interpersonal__implicit_bias": 1, "interpersonal__de_escalation": 1, "skill": 2}
IN_SERVICE = {"skill__firearms": 2, "interpersonal__racial_profiling": 1, "technical": 13}

NAMES = (
    "Renee Abbott",
    "Marcus Calloway",
    "Patrick Dwyer",
    "José Núñez",
    "Alma Vance",
    "Theo Lindqvist",
    "Ingrid Yates",
    "Quincy Brandt",
)


def academy_course(title: str = "Search and seizure update") -> Course:
    """A course of a licensed provider."""
    provider, _ = Provider.objects.get_or_create(name="Ozark Bluffs Academy")
    return Course.objects.create(title=title, source_kind="approved_provider", provider=provider)


def credit(officer, day: dt.date, course: Course, *, year: int | None = None, **hours) -> TrainingRecord:
    """A record known from the evening of `day` on; `year` credits it to an earlier period."""
    made = factories.record(officer, day, course=course, **hours)
    moment = clock.midday(day)
    TrainingClass.objects.filter(pk=made.training_class_id).update(recorded_at=moment)
    TrainingRecord.objects.filter(pk=made.pk).update(recorded_at=moment, credited_year=year or day.year)
    made.refresh_from_db()
    return made


def complete(officer, agency, year: int, **without) -> None:
    """All that `year` asks, less the hours named: `complete(one, agency, 2025, legal=1)`."""
    for course, day, hours in (
        (academy_course(), dt.date(year, 4, 14), ACADEMY),
        (factories.course(agency, "Spring firearms and use of force"), dt.date(year, 5, 20), IN_SERVICE),
    ):
        left = {key: value - without.get(key, 0) for key, value in hours.items()}
        credit(officer, day, course, **{key: value for key, value in left.items() if value > 0})


def relief(officer, year: int, kind="extension", *, decision=None, due_on=None, requested_on=None) -> ReliefRequest:
    """A request, and the decision on it ten days later."""
    requested_on = requested_on or dt.date(year + 1, 2, 1)
    request = ReliefRequest.objects.create(
        officer=officer,
        period=ReportingPeriod.objects.get(year=year),
        kind=kind,
        reason="military",
        requested_on=requested_on,
        recorded_at=clock.midday(requested_on),
    )
    if decision:
        day = requested_on + dt.timedelta(days=10)
        ReliefDecision.objects.create(
            request=request, decision=decision, decided_on=day, due_on=due_on, recorded_at=clock.midday(day)
        )
    return request


def event(officer, kind: str, day: dt.date, **more):
    """A license event known from its day on."""
    return factories.license_event(officer, kind, day, recorded_at=clock.midday(day), **more)


def in_every_standing(agency, year: int) -> dict[str, object]:
    """Standing -> an officer who is in it for `year` once March 15 of the year after, and April, are past.

    `in_progress` and `grace` are the officer of `candidate`, asked earlier.
    """
    names = iter(NAMES)
    people = {}

    def officer(standing, **more):
        people[standing] = factories.officer(agency, name=next(names), rank="Deputy", **more)
        return people[standing]

    complete(officer("compliant"), agency, year)
    short = {"legal": 1, "technical": 2, "skill": 1}
    complete(officer("candidate"), agency, year, **short)
    complete(officer("extended"), agency, year, **short)
    relief(people["extended"], year, decision="granted", due_on=dt.date(year + 1, 12, 31))
    complete(officer("extension_pending"), agency, year, **short)
    relief(people["extension_pending"], year)
    complete(officer("waived"), agency, year, **short)
    relief(people["waived"], year, "waiver", decision="granted")
    complete(officer("inactive"), agency, year, **short)
    event(people["inactive"], "made_inactive", dt.date(year + 1, 4, 20), period_year=year)
    officer("exempt", issued_on=dt.date(year, 3, 3), since=dt.date(year, 3, 3))
    complete(officer("not_applicable"), agency, year, **short)
    event(people["not_applicable"], "revoked", dt.date(year, 8, 5))
    return people


def new_key() -> str:
    """The key of a form that was just opened."""
    return str(uuid.uuid4())
