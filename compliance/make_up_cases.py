"""The records whose make-up credit is to be decided: who is short in an earlier year, and what each choice does."""

import datetime as dt
import functools
import operator
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from clee_portal import clock
from compliance import counting, make_up, selectors, standings
from compliance.make_up import Options, Side, Year
from compliance.models import MakeUpDecision, ReliefDecision
from compliance.standings import Question
from compliance.verdict import ZERO, Finding
from training.models import Agency, CreditLine, Officer, TrainingClass, TrainingRecord

# How many ended periods before a class hours are made up for.
YEARS_BACK = 2


class Case(NamedTuple):
    """One record, the earlier year it may be credited to, and both choices."""

    record: TrainingRecord
    hours: Decimal
    options: Options
    is_decided: bool
    is_open_to_reporter: bool
    open_until: dt.date | None  # the last day on which it is open to whoever reported the class
    requirements: dict  # year -> what it asks

    @property
    def year(self) -> int:
        """The earlier year."""
        return self.options.earlier.year


def counted_records(today: dt.date):
    """Live records that give hours, completed since the year before last began, with what is shown of them."""
    since = dt.date(today.year - YEARS_BACK, 1, 1)
    return (
        TrainingRecord.objects.live()
        .filter(not_counted="", completed_on__gte=since)
        .of_no_refused_course()
        .select_related("officer", "training_class__course", "training_class__reported_by_agency")
    )


def of_agency(agency: Agency, today: dt.date) -> list[Case]:
    """Every case in the classes `agency` reported. A constant number of statements."""
    return cases(counted_records(today).filter(training_class__reported_by_agency=agency), today)


def of_class(held: TrainingClass, today: dt.date) -> list[Case]:
    """The cases in one class."""
    return cases(counted_records(today).filter(training_class=held), today)


def of_record(record: TrainingRecord, today: dt.date) -> list[Case]:
    """The cases of one record: at most one for each earlier year."""
    return cases(counted_records(today).filter(pk=record.pk), today)


def of_state(year: int, today: dt.date, officers: QuerySet[Officer] | None = None) -> list[Case]:
    """Every case in which hours may go to `year`, or went there, of everybody or of `officers`; whoever reported them.

    The whole state is judged for that year alone; the other years are looked at for those who are short in it.
    """
    question = _questions(today).get(year)
    if question is None or question.period.ends_on >= today:
        return []
    short = _short(standings.of_officers(question, officers))
    later = counted_records(today).filter(completed_on__gt=question.period.ends_on)
    if officers is not None:
        later = later.filter(officer__in=officers.order_by().values("pk"))
    found = cases(later.filter(Q(officer__in=short) | Q(credited_year=year)), today)
    return [one for one in found if one.year == year]


def years(today: dt.date) -> list[int]:
    """The ended periods for which hours may be made up, the latest first."""
    return [year for year in sorted(_questions(today), reverse=True) if year < today.year]


def waiting(found: Iterable[Case]) -> list[Case]:
    """Those that whoever reported the class may decide and nobody has decided."""
    return [one for one in found if not one.is_decided and one.options.own.is_now and one.is_open_to_reporter]


def waiting_of_agency(agency: Agency, today: dt.date) -> list[Case]:
    """Those of `of_agency` that wait, without a look at what nobody of the agency may decide any more: of years past
    their show-by date only officers with an extension are looked at."""
    reported, asked = counted_records(today).filter(training_class__reported_by_agency=agency), _questions(today)
    may_be_open = [
        Q(completed_on__gt=one.period.ends_on, completed_on__lte=one.period.show_by)
        for one in asked.values()
        if one.period.ends_on < today <= one.period.show_by
    ]
    people = reported.order_by().values_list("officer", flat=True).distinct()
    may_be_open += [Q(completed_on__gt=last, officer=officer) for last, officer in _extended(people, today)]
    if not may_be_open:
        return []
    own = reported.filter(functools.reduce(operator.or_, may_be_open), credited_year=ExtractYear("completed_on"))
    found = dict(own.order_by().values_list("pk", "officer"))
    return waiting(cases(counted_records(today).filter(pk__in=found), today, asked, people=set(found.values())))


def _extended(people: QuerySet, today: dt.date):
    """(Last day of a period that is over, id of an officer) of those who may have an extension of it in force."""
    granted = standings.relief_requests(clock.end_of_day(today)).filter(
        Q(latest_due_on=None) | Q(latest_due_on__gte=today),
        period__ends_on__lt=today,
        officer__in=people,
        latest=ReliefDecision.Decision.GRANTED,
    )
    return granted.values_list("period__ends_on", "officer").distinct()


def of_officer(
    officer: Officer, asked: Mapping[int, Question], findings: Mapping[int, Finding], today: dt.date
) -> list[Case]:
    """Every case of one officer, of whom it is known already what is asked in each year and where they stand in it."""
    return cases(
        counted_records(today).filter(officer=officer),
        today,
        {year: question for year, question in asked.items() if year in _years(today)},
        {year: {officer.pk: finding} for year, finding in findings.items()},
    )


def cases(
    records,
    today: dt.date,
    asked: Mapping[int, Question] | None = None,
    findings: Mapping[int, Mapping[int, Finding]] | None = None,
    people: Collection[int] | None = None,
) -> list[Case]:
    """What may be decided of `records` (a QuerySet of `counted_records`), by officer and day.

    `asked` (year -> question) and `findings` (year -> officer id -> finding) spare the statements that find them, and
    so do `people`, the ids of the officers of the records.

    Hours that stand in their own year while an earlier one is short, and hours that were given to an earlier year,
    whether it is short without them or not: they can be taken back.

    A constant number of statements, whatever the records: some for each of the years that are asked about.
    """
    asked = _questions(today) if asked is None else asked
    if findings is None:
        people = set(records.order_by().values_list("officer", flat=True)) if people is None else people
        findings = standings.of_periods(list(asked.values()), people) if asked else {}
    short = set().union(*(_short(findings[year]) for year in asked if year < today.year))
    concerned = records.filter(Q(officer__in=short) | Q(credited_year__lt=ExtractYear("completed_on")))
    held = list(concerned.order_by("officer__search_name", "officer_id", "completed_on", "pk"))
    if not held:
        return []
    pks = [one.pk for one in held]
    given = _Given(asked, pks)
    decided = _decided(held)
    hours = dict(_total(pks))
    found = []
    for record in held:
        for year in range(record.completed_on.year - YEARS_BACK, record.completed_on.year):
            own = record.completed_on.year
            if year not in asked or own not in asked or record.credited_year not in (year, own):
                continue
            is_there = record.credited_year == year
            earlier = findings[year][record.officer_id]
            if not is_there and not _may_be_given(earlier, is_year_before=year == own - 1):
                continue
            sides = [_side(asked, findings, given, one, record) for one in (year, own)]
            until = make_up.open_until(asked[year].facts, sides[0].finding.situation, record.completed_on)
            is_open = until is not None and today <= until
            options = make_up.options(*sides, record.credited_year)
            asks = {side.year.period.year: side.year.requirements for side in sides}
            found.append(Case(record, hours.get(record.pk, ZERO), options, record.pk in decided, is_open, until, asks))
    return found


def _short(findings: Mapping[int, Finding]) -> set[int]:
    """Ids of those who owe hours of an ended period."""
    return {pk for pk, one in findings.items() if one.standing in make_up.SHORT}


def _may_be_given(earlier: Finding, *, is_year_before: bool) -> bool:
    """Whether hours may be credited to the earlier year: the officer is short in it, and it is known to be owed."""
    return earlier.standing in make_up.SHORT and (is_year_before or is_kept(earlier))


def is_kept(finding: Finding) -> bool:
    """Whether anything is known of the year: a year before any record was kept here makes nobody short."""
    situation = finding.situation
    return any(finding.hours) or situation.is_inactive or situation.is_extended or situation.is_pending


def _questions(today: dt.date) -> dict[int, Question]:
    return selectors.questions(clock.end_of_day(today), _years(today))


def _years(today: dt.date) -> range:
    """The years in which hours may lie, or be credited to."""
    return range(today.year - 2 * YEARS_BACK, today.year + 1)


def _side(asked, findings, given, year: int, record: TrainingRecord) -> Side:
    question = asked[year]
    return Side(
        Year(question.facts, question.asked, question.requirements, question.day),
        findings[year][record.officer_id],
        given[year].get(record.pk, (ZERO,) * len(question.requirements)),
    )


class _Given(dict):
    """Year -> what `_given` says of it, asked where a year is looked at."""

    def __init__(self, asked: Mapping[int, Question], pks: list[int]):
        super().__init__()
        self.asked, self.pks = asked, pks

    def __missing__(self, year: int) -> dict[int, tuple[Decimal, ...]]:
        found = self[year] = _given(self.asked[year], self.pks)
        return found


def _given(question: Question, pks: list[int]) -> dict[int, tuple[Decimal, ...]]:
    """Record id -> the hours it gives to each requirement of a year, were it credited there."""
    sums = {
        f"r{at}": Sum("hours", filter=q) if (q := counting.counts_to(one)) else Sum("hours")
        for at, one in enumerate(question.requirements)
    }
    rows = CreditLine.objects.filter(record__in=pks).order_by().values("record").annotate(**sums)
    return {pk: tuple(total or ZERO for total in totals) for pk, *totals in rows.values_list("record", *sums)}


def hours_of(record: TrainingRecord) -> Decimal:
    """The hours of one record."""
    return dict(_total([record.pk])).get(record.pk, ZERO)


def _total(pks: list[int]):
    rows = CreditLine.objects.filter(record__in=pks).order_by().values("record").annotate(total=Sum("hours"))
    return rows.values_list("record", "total")


def _decided(records: Iterable[TrainingRecord]) -> set[int]:
    """Ids of those of which it was decided that they count in the year they do.

    Also where that was decided before they were recorded anew, or of the entry of the same training that was counted
    until this one took its place: the hours are the same.
    """
    held = {one.pk: one for one in records}
    owners = {pk: {pk} for pk in held}  # record -> those of `held` whose history it belongs to
    behind = TrainingRecord.objects.live().filter(twin__in=held, not_counted=TrainingRecord.NotCounted.DUPLICATE)
    for pk, counted in behind.values_list("pk", "twin"):
        owners[pk] = {counted}
    latest = set(owners)
    while latest:
        rows = TrainingRecord.objects.filter(pk__in=latest).values_list("pk", "replaces", "twin", "not_counted")
        latest = set()
        for pk, older, twin, why in rows:
            was_for = owners[pk] if why == TrainingRecord.NotCounted.DUPLICATE else set()
            was_for = {one for one in was_for if not held[one].kept_because}
            for before, theirs in ((older, owners[pk]), (twin, was_for)):
                if before and theirs - owners.setdefault(before, set()):
                    owners[before] |= theirs
                    latest.add(before)
    years: dict[int, set[int]] = {}
    for pk, year in MakeUpDecision.objects.filter(record__in=owners).values_list("record", "year"):
        for one in owners[pk]:
            years.setdefault(one, set()).add(year)
    return {pk for pk, one in held.items() if one.credited_year in years.get(pk, ())}
