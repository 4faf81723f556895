"""Reads for the compliance pages: one officer over all periods, and the officers of an agency. Constant numbers of
statements; what counts is decided in `compliance.counting` and `compliance.verdict` alone."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Sum
from django.db.models.functions import JSONObject

from clee_portal import compiled
from clee_portal.compiled import Statement
from compliance import counting, standings, verdict
from compliance.counting import Selector
from compliance.models import ReliefRequest, Requirement, RequirementSet
from compliance.models.periods import in_force
from compliance.standings import Question
from compliance.verdict import Finding, ReliefFact
from training import licensing
from training.licensing import EventFact, LicenseState, LicenseStatus
from training.models import Commission, CreditLine, LicenseClass, LicenseEvent, Officer

# What a name is shown and sorted by.
NAME = ("license_number", "first_name", "middle_name", "last_name", "suffix", "search_name")
# A license of which nothing unusual is known.
ACTIVE = LicenseState(LicenseStatus.ACTIVE, None)


def officers_with_places(today: dt.date) -> QuerySet[Officer]:
    """Officers, each with `places`: the agencies they are commissioned at today (id, name, code, phone, email)."""
    places = (
        Commission.objects.in_force(today)
        .filter(officer=OuterRef("pk"))
        .order_by("agency__search_name", "pk")
        .values(
            json=JSONObject(
                id=F("agency"),
                name=F("agency__name"),
                code=F("agency__code"),
                phone=F("agency__phone"),
                email=F("agency__email"),
            )
        )
    )
    return Officer.objects.select_related("license_class").annotate(places=ArraySubquery(places))


def give_places(officer: Officer, today: dt.date) -> None:
    """Give one officer `places`, and the license class, as `officers_with_places` does."""
    ((places, *license_class),) = _places().rows(officer=officer.pk, today=today)
    officer.places = [json.loads(one) if isinstance(one, str) else one for one in places]
    officer.license_class = compiled.made(LicenseClass, _license_class(), license_class)


@compiled.written(officer=compiled.NUMBER, today=compiled.FIRST_DAY)
def _places(officer, today) -> QuerySet:
    columns = [f"license_class__{name}" for name in _license_class()]
    return officers_with_places(today).filter(pk=officer).values_list("places", *columns)


@lru_cache(maxsize=1)
def _license_class() -> list[str]:
    return [field.attname for field in LicenseClass._meta.concrete_fields]


def questions(as_of: dt.datetime, years: Iterable[int] | None = None) -> dict[int, Question]:
    """Year -> the question about its period as of a moment, for every period there is (or those of `years`)."""
    return _asked(_published(years), as_of)


def kept_questions(version: str, as_of: dt.datetime) -> dict[int, Question]:
    """As `questions`, of every period, without reading the rules again: `version` is theirs (`compliance.versions`)."""
    return _asked(_kept_sets(version), as_of)


# Year -> its published sets in the order of their versions, each with its requirements.
Sets = dict[int, list[tuple[RequirementSet, tuple[Requirement, ...]]]]


@lru_cache(maxsize=2)
def _kept_sets(_version: str) -> Sets:
    return _published(None)


def _published(years: Iterable[int] | None) -> Sets:
    asked = _requirements(of_some=years is not None)
    rows = asked.objects() if years is None else asked.objects(years=list(years))
    sets: dict[int, dict] = {}
    for row in rows:
        versions = sets.setdefault(row.requirement_set.period.year, {})
        versions.setdefault(row.requirement_set_id, (row.requirement_set, []))[1].append(row)
    return {year: [(one, tuple(asked)) for one, asked in versions.values()] for year, versions in sets.items()}


@lru_cache(maxsize=2)
def _requirements(*, of_some: bool) -> Statement:
    published = Requirement.objects.exclude(requirement_set__published_at=None)
    if of_some:
        published = published.filter(requirement_set__period__year__in=[compiled.SOME])
    rows = published.select_related("requirement_set__period", "area", "topic").order_by(
        "requirement_set__period__year", "requirement_set__version", "order"
    )
    return Statement(rows, {"years": compiled.SOME} if of_some else {})


def _asked(sets: Sets, as_of: dt.datetime) -> dict[int, Question]:
    found = {}
    for year, versions in sets.items():
        held = in_force([one for one, _ in versions], as_of)
        asked = next(asked for one, asked in versions if one is held)
        found[year] = Question(held.period, asked, as_of)
    return found


class PeriodStanding(NamedTuple):
    """Where one officer stands in one period."""

    question: Question
    finding: Finding


def over_the_periods(
    officer: Officer,
    asked: dict[int, Question],
    as_of: dt.datetime,
    events: Sequence[EventFact],
    requests: Iterable[ReliefRequest] | None = None,
) -> dict[int, PeriodStanding]:
    """Year -> where the officer stands in each of the periods asked about, in two statements.

    The hours are tallied by the conditions that tally a state; every record is taken in the year it is credited to.
    `requests`, of `relief.known`, spare the statement that reads them.
    """
    relief = _relief_by_period(
        standings.relief_requests(as_of).filter(officer=officer) if requests is None else requests
    )
    hours = _hours_by_year(officer, asked.values(), as_of)
    found = {}
    for year, question in asked.items():
        known = relief.get(question.period.pk, ())
        situation = verdict.situation_of(question.facts, question.day, events, known)
        earned = tuple(hours.get((year, standings.selected_by(one)), verdict.ZERO) for one in question.requirements)
        found[year] = PeriodStanding(
            question, verdict.judge(question.facts, question.day, question.asked, situation, earned)
        )
    return found


def first_year(found: dict[int, PeriodStanding], this_year: int) -> int:
    """Where an officer's history begins: the first period with hours or an extension, last year at the latest.

    Periods before anything was kept of an officer say nothing about them, so they accuse nobody; an exemption alone
    does not begin it, since hours of the years after it may have been kept elsewhere.
    """
    told = [
        year
        for year, (_, finding) in found.items()
        if any(finding.hours)
        or finding.standing == verdict.Standing.INACTIVE
        or finding.situation.is_extended
        or finding.situation.is_pending
    ]
    last = found.get(this_year - 1)
    if last is not None and last.finding.standing != verdict.Standing.NOT_APPLICABLE:
        told.append(this_year - 1)
    return min([*told, this_year])


def _hours_by_year(
    officer: Officer, asked: Iterable[Question], as_of: dt.datetime
) -> dict[tuple[int, Selector], Decimal]:
    """(Year, selector) -> hours that count."""
    selectors = tuple(dict.fromkeys(standings.selected_by(one) for question in asked for one in question.requirements))
    return {
        (year, selector): total
        for year, *totals in _tallies(selectors).rows(officer=officer.pk, as_of=as_of)
        for selector, total in zip(selectors, totals, strict=True)
        if total is not None
    }


@lru_cache(maxsize=64)
def _tallies(selectors: tuple[Selector, ...]) -> Statement:
    """What asks for the hours of one officer by the year they are credited to, and by selector."""
    sums = {
        f"s{at}": Sum("hours", filter=q) if (q := counting.counts_to(one)) else Sum("hours")
        for at, one in enumerate(selectors)
    }
    counted = counting.all_of(counting.record_conditions(F("record__credited_year"), compiled.MOMENT, compiled.NUMBER))
    rows = (
        CreditLine.objects.filter(counted, record__officer=compiled.NUMBER).order_by().values("record__credited_year")
    )
    return Statement(
        rows.annotate(**sums).values_list("record__credited_year", *sums),
        {"officer": compiled.NUMBER, "as_of": compiled.MOMENT},
    )


def _relief_by_period(requests: Iterable[ReliefRequest]) -> dict[int, tuple[ReliefFact, ...]]:
    """Period id -> the requests for it, each with the latest decision known."""
    found: dict[int, tuple[ReliefFact, ...]] = {}
    for one in requests:
        fact = ReliefFact(one.kind, one.latest, one.latest_due_on)
        found[one.period_id] = (*found.get(one.period_id, ()), fact)
    return found


def license_states(officers: QuerySet[Officer], as_of: dt.datetime, day: dt.date) -> dict[int, LicenseState]:
    """Officer id -> the state of the license on `day`, for those whose license is anything but plainly active."""
    known = LicenseEvent.objects.known(as_of).filter(occurred_on__lte=day)
    unusual = known.filter(
        kind__in=(*verdict.SPECIAL_KINDS, licensing.Kind.SUSPENDED), officer__in=officers.order_by().values("pk")
    )
    events: dict[int, list[EventFact]] = {}
    rows = known.filter(officer__in=unusual.order_by().values("officer"))
    for pk, *event in rows.order_by("occurred_on", "recorded_at", "pk").values_list(
        "officer", "kind", "occurred_on", "period_year"
    ):
        events.setdefault(pk, []).append(EventFact(*event))
    states = {pk: licensing.state_on(happened, day) for pk, happened in events.items()}
    return {pk: state for pk, state in states.items() if state.status is not LicenseStatus.ACTIVE}
