"""Standings of one officer, an agency or the state, on any day: tallies in one SQL statement, then the pure verdict."""

import datetime as dt
import operator
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from psycopg.types.string import TextLoader

from clee_portal import clock, compiled
from clee_portal.compiled import Statement
from clee_portal.replica import connection_to_read
from compliance import counting, verdict
from compliance.counting import Selector
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod, Requirement
from compliance.verdict import Asked, Finding, PeriodFacts, ReliefFact, Situation
from training.licensing import EventFact
from training.models import CreditLine, LicenseEvent, Officer

# Whom a question is about: some officers, some by their ids (which PostgreSQL finds their records by), or everyone.
Officers = QuerySet[Officer] | Collection[int] | None
MOST_BY_ID = 5_000


class Question(NamedTuple):
    """A period, the requirements that held for it, and the moment the question is asked as of.

    `without_class` is the id of a class to leave out: where people would stand if it had not been recorded.
    """

    period: ReportingPeriod
    requirements: tuple[Requirement, ...]
    as_of: dt.datetime
    without_class: int | None = None

    @property
    def day(self) -> dt.date:
        """The Missouri day of `as_of`."""
        return clock.day_of(self.as_of)

    @property
    def facts(self) -> PeriodFacts:
        """The period as the verdict needs it."""
        return PeriodFacts(self.period.year, self.period.starts_on, self.period.ends_on, self.period.show_by)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The requirements as the verdict needs them."""
        return tuple(Asked(requirement.code, requirement.minimum) for requirement in self.requirements)


def question(period: ReportingPeriod, as_of: dt.datetime) -> Question:
    """The question about `period` as of a moment, with the requirement set that was published by then."""
    requirements = tuple(period.set_as_of(as_of).requirements.select_related("area", "topic").order_by("order"))
    return Question(period, requirements, as_of)


def _tallies(
    selectors: Sequence[Selector], year: int, as_of: dt.datetime, officers=None, without_class: int | None = None
) -> QuerySet:
    """One row an officer who has counted hours: the officer's id and the hours of each selector, in one statement.

    `officers` (one id, ids, or what selects them) limits it; None is the whole state. Hours there are none of are NULL.
    """
    one = officers if isinstance(officers, int) else None
    lines = CreditLine.objects.filter(counting.all_of(counting.record_conditions(year, as_of, one)))
    if one is not None:
        lines = lines.filter(record__officer=one)
    elif officers is not None:
        lines = lines.filter(record__officer__in=officers)
    if without_class is not None:
        lines = lines.exclude(record__training_class=without_class)
    sums = {
        f"r{at}": Sum("hours", filter=q) if (q := counting.counts_to(one)) else Sum("hours")
        for at, one in enumerate(selectors)
    }
    return lines.order_by().values("record__officer").annotate(**sums).values_list("record__officer", *sums)


@lru_cache(maxsize=64)
def _tallies_of_some(selectors: tuple[Selector, ...], *, is_one: bool, is_without_class: bool) -> Statement:
    """The same of officers known by their ids; of one only their own classes are looked at for refusals."""
    places = {"officers": compiled.ANOTHER if is_one else compiled.SOME, "year": compiled.YEAR}
    places["as_of"] = compiled.MOMENT
    if is_without_class:
        places["without_class"] = compiled.NUMBER
    officers = compiled.ANOTHER if is_one else [compiled.SOME]
    asked = _tallies(selectors, compiled.YEAR, compiled.MOMENT, officers, places.get("without_class"))
    return Statement(asked, places, numbers_are_text=True)


def _rows_tallied(asked: Question, selectors: tuple[Selector, ...], officers: Officers) -> Iterable[tuple]:
    """The rows of `_tallies`, their hours as text."""
    year, as_of, without_class = asked.period.year, asked.as_of, asked.without_class
    if _is_by_id(officers):
        if not officers:
            return ()
        is_one = len(officers) == 1
        statement = _tallies_of_some(selectors, is_one=is_one, is_without_class=without_class is not None)
        asked_of = next(iter(officers)) if is_one else officers
        return statement.rows(officers=asked_of, year=year, as_of=as_of, without_class=without_class)
    return _rows(_tallies(selectors, year, as_of, _ids(officers), without_class))


def _is_by_id(officers: Officers) -> bool:
    return officers is not None and not isinstance(officers, QuerySet)


def _ids(officers: QuerySet[Officer] | None) -> QuerySet | None:
    """What selects them, or None for everyone."""
    return None if officers is None else officers.order_by().values("pk")


def _rows_of(officers: Officers) -> QuerySet[Officer]:
    if officers is None:
        return Officer.objects.all()
    return officers if isinstance(officers, QuerySet) else Officer.objects.filter(pk__in=list(officers))


def of_officers(asked: Question, officers: Officers = None) -> dict[int, Finding]:
    """Officer id -> finding, for `officers` or (None) for everyone in the register. Equal findings are one object."""
    return of_periods([asked], officers)[asked.period.year]


def of_periods(questions: Sequence[Question], officers: Officers = None) -> dict[int, dict[int, Finding]]:
    """Year -> what `of_officers` finds, of several periods as of one moment: each more costs one statement more."""
    officers = _known(officers)
    special = _situations(questions, officers)
    number = _Numbers().__getitem__
    judged = [
        _tallied(asked, _rows_tallied(asked, _selectors(asked), officers), special[asked.period.year], number)
        for asked in questions
    ]
    _without_hours(judged, officers)
    return {asked.period.year: findings for asked, (findings, _) in zip(questions, judged, strict=True)}


def of_lists(
    asked: Question, lists: Sequence[Sequence[Requirement]], officers: Officers = None
) -> list[dict[int, Finding]]:
    """What several lists of requirements find for one period and moment, as `of_officers` does for each: hours are
    tallied in one statement for all of them, license and relief are read once."""
    officers = _known(officers)
    every = dict.fromkeys(selected_by(one) for rows in lists for one in rows)
    places = {selector: at for at, selector in enumerate(every, start=1)}
    tallied = list(_rows_tallied(asked, tuple(every), officers))
    special, number = situations(asked, officers), _Numbers().__getitem__
    judged = []
    for rows in lists:
        picked = operator.itemgetter(0, *(places[selected_by(one)] for one in rows))
        judged.append(_tallied(asked._replace(requirements=tuple(rows)), map(picked, tallied), special, number))
    _without_hours(judged, officers)
    return [findings for findings, _ in judged]


def selected_by(requirement: Requirement) -> Selector:
    """What a requirement selects: two that select the same lines share one sum."""
    kinds = tuple(sorted(requirement.source_kinds))
    return Selector(requirement.area_id, requirement.topic_id, kinds, requirement.in_person_only)


def _selectors(asked: Question) -> tuple[Selector, ...]:
    return tuple(map(selected_by, asked.requirements))


def _known(officers: Officers) -> Officers:
    """Their ids, where they are not a large part of a state. By these PostgreSQL finds their rows whoever else there
    is; by what says who they are it may read the whole register instead."""
    if not isinstance(officers, QuerySet):
        return officers
    ids = list(officers.order_by().values_list("pk", flat=True)[: MOST_BY_ID + 1])
    return officers if len(ids) > MOST_BY_ID else ids


def _without_hours(judged: Sequence[tuple[dict[int, Finding], Callable]], officers: Officers) -> None:
    """Find also for those who have no counted hours."""
    if officers is None or isinstance(officers, QuerySet):
        officers = _rows_of(officers).order_by().values_list("pk", flat=True).iterator(chunk_size=20_000)
    for pk in officers:
        for findings, without_hours in judged:
            if pk not in findings:
                findings[pk] = without_hours(pk)


def _tallied(
    asked: Question, rows: Iterable[tuple], special: dict[int, Situation], number: Callable
) -> tuple[dict[int, Finding], Callable[[int], Finding]]:
    """The findings of those who have hours (`rows`), and what finds for one who has none."""
    finding = verdict.judging(asked.facts, asked.day, asked.asked)
    ordinary: dict[tuple, Finding] = {}
    shared: dict[Situation, dict[tuple, Finding]] = {verdict.ORDINARY: ordinary}

    def found(pk: int, row: tuple) -> Finding:
        situation = special.get(pk, verdict.ORDINARY)
        rows = ordinary if situation is verdict.ORDINARY else shared.setdefault(situation, {})
        if (one := rows.get(row)) is None:
            one = rows[row] = finding(situation, tuple(map(number, row)))
        return one

    nothing = (None,) * len(asked.requirements)
    return {row[0]: found(row[0], row[1:]) for row in rows}, lambda pk: found(pk, nothing)


class _Numbers(dict):
    """Text of a sum -> the Decimal, made once for each text; NULL (no line at all) is 0."""

    def __missing__(self, text: str | None) -> Decimal:
        made = self[text] = verdict.ZERO if text is None else Decimal(text)
        return made


def _rows(queryset: QuerySet) -> Iterable[tuple]:
    """The rows of a tally with its hours as text: one Decimal is made for each text, not for each sum."""
    try:
        statement, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:  # nobody is asked about
        return
    with connection_to_read().cursor() as cursor:
        cursor.cursor.adapters.register_loader("numeric", TextLoader)
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(10_000):
            yield from rows


def of_officer(asked: Question, officer: Officer) -> Finding:
    """The finding for one officer."""
    return of_officers(asked, [officer.pk])[officer.pk]


def situations(asked: Question, officers: Officers = None) -> dict[int, Situation]:
    """Officer id -> situation, for those whose license or relief says something out of the ordinary.

    Everyone else holds a license issued before the period and never ended, and has asked for no relief.
    """
    return _situations([asked], officers)[asked.period.year]


def _situations(questions: Sequence[Question], officers: Officers) -> dict[int, dict[int, Situation]]:
    """Year -> the situations of its question; events, requests and licenses are read once for all."""
    as_of = questions[0].as_of
    events = _facts_of(
        _facts(_special_events, officers, as_of, first=min(asked.period.starts_on for asked in questions))
    )
    relief: dict[tuple[int, int], tuple[ReliefFact, ...]] = {}
    periods = [asked.period.pk for asked in questions]
    for period, pk, *fact in _facts(_relief, officers, as_of, periods=periods):
        relief[period, pk] = (*relief.get((period, pk), ()), ReliefFact(*fact))
    unlicensed = {pk for (pk,) in _facts(_never_licensed, officers, as_of)}
    if missing := {pk for _, pk in relief if pk not in events and pk not in unlicensed}:
        events |= _facts_of(_facts(_events, missing, as_of))
    found = {}
    for asked in questions:
        special: dict[int, Situation] = dict.fromkeys(unlicensed, verdict.NOT_APPLICABLE)
        for pk, happened in events.items():
            known = relief.get((asked.period.pk, pk), ())
            special[pk] = verdict.situation_of(asked.facts, asked.day, happened, known)
        found[asked.period.year] = special
    return found


# What stands for each value in the statements about officers known by their ids.
_PLACES = {
    "officers": compiled.SOME,
    "as_of": compiled.MOMENT,
    "day": compiled.DAY,
    "first": compiled.FIRST_DAY,
    "periods": compiled.OTHERS,
}


def _facts(asks: Callable[..., QuerySet], officers: Officers, as_of: dt.datetime, **more) -> Iterable[tuple]:
    """The rows `asks` asks for of these officers as of a moment."""
    if _is_by_id(officers):
        if not officers:
            return ()
        return _facts_of_some(asks, tuple(more)).rows(officers=officers, as_of=as_of, day=clock.day_of(as_of), **more)
    return asks(as_of, _ids(officers), **more)


@lru_cache(maxsize=8)
def _facts_of_some(asks: Callable[..., QuerySet], more: tuple[str, ...]) -> Statement:
    """The same, written once."""
    places = {name: _PLACES[name] for name in ("officers", "as_of", "day", *more)}
    values = {name: [places[name]] if name == "periods" else places[name] for name in more}
    return Statement(asks(compiled.MOMENT, [compiled.SOME], **values), places)


def _facts_of(rows: Iterable[tuple]) -> dict[int, list[EventFact]]:
    """Officer id -> the events."""
    events: dict[int, list[EventFact]] = {}
    for pk, *event in rows:
        events.setdefault(pk, []).append(EventFact(*event))
    return events


def _known_events(as_of: dt.datetime) -> QuerySet[LicenseEvent]:
    known = LicenseEvent.objects.known(as_of).filter(occurred_on__lte=clock.day_of(as_of))
    return known.order_by("occurred_on", "recorded_at", "pk")


def _events(as_of: dt.datetime, officers) -> QuerySet:
    """All known events of the officers."""
    return (
        _known_events(as_of).filter(officer__in=officers).values_list("officer", "kind", "occurred_on", "period_year")
    )


def _special_events(as_of: dt.datetime, officers, first: dt.date) -> QuerySet:
    """All known events of the officers with one that may matter to a period that starts on `first` or later."""
    known = _known_events(as_of)
    matters = known.filter(Q(kind__in=verdict.SPECIAL_KINDS) | Q(kind__in=verdict.EXEMPTING, occurred_on__gte=first))
    if officers is not None:
        matters = matters.filter(officer__in=officers)
    return _events(as_of, matters.order_by().values("officer"))


def _never_licensed(as_of: dt.datetime, officers) -> QuerySet:
    """Officers in the register of whom no license issued by the day is known."""
    issued = LicenseEvent.objects.known(as_of).filter(kind="issued", occurred_on__lte=clock.day_of(as_of))
    registered = Officer.objects.all() if officers is None else Officer.objects.filter(pk__in=officers)
    return registered.order_by().exclude(Exists(issued.filter(officer=OuterRef("pk")))).values_list("pk")


def relief_requests(as_of: dt.datetime) -> QuerySet[ReliefRequest]:
    """Requests for relief known at a moment, each with the latest decision known: `latest`, `latest_due_on`."""
    day = clock.day_of(as_of)
    decisions = (
        ReliefDecision.objects.known(as_of)
        .filter(request=OuterRef("pk"), decided_on__lte=day)
        .order_by("-recorded_at", "-pk")
    )
    return (
        ReliefRequest.objects.known(as_of)
        .filter(requested_on__lte=day)
        .annotate(
            latest=Subquery(decisions.values("decision")[:1], output_field=CharField(null=True)),
            latest_due_on=Subquery(decisions.values("due_on")[:1]),
        )
    )


def _relief(as_of: dt.datetime, officers, periods: Collection[int]) -> QuerySet:
    """Requests for the periods known by then, each with the latest decision known."""
    requests = relief_requests(as_of).filter(period__in=periods)
    if officers is not None:
        requests = requests.filter(officer__in=officers)
    return requests.values_list("period", "officer", "kind", "latest", "latest_due_on")


def counts(findings: Iterable[Finding]) -> dict[verdict.Standing, int]:
    """How many findings there are of each standing, in the order of the standings; those that occur only."""
    tally = dict.fromkeys(verdict.Standing, 0)
    for one in findings:
        tally[one.standing] += 1
    return {standing: count for standing, count in tally.items() if count}
