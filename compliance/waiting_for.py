"""What is not decided yet about an officer's hours, and what it would change: courses POST has not reviewed, hours that
may be credited to an earlier year, classes that are held, classes the officer reported as missing or wrong.

What is booked is told by `compliance.will_be`. Nothing here is judged a second way: hours are taken from the
explanation, and what would be is found by the verdict.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from operator import sub
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from clee_portal import clock
from compliance import gaps, make_up, make_up_cases, needing, record_reports, verdict, wording
from compliance.explanation import Explanation
from compliance.models import RecordReport, Requirement
from compliance.selectors import PeriodStanding
from compliance.verdict import Finding, Standing
from compliance.versions import Facts
from compliance.wording import Person, hours_words
from training import hours
from training.models import HeldPerson, Officer, SourceKind
from training.models.memberships import Scope


class Waits(NamedTuple):
    """One thing that waits: the class, the day it was finished, its hours (None where nobody said them), what it waits
    for, what it would change."""

    title: str
    url: str
    day: dt.date
    hours: Decimal | None
    waits_for: str
    would_change: str


def of(
    officer: Officer,
    found: Mapping[int, PeriodStanding],
    why: Explanation,
    versions: Facts,
    person: Person,
    today: dt.date,
    scope: Scope,
) -> list[Waits]:
    """Everything that waits, the latest class first in each kind. `found` are the officer's periods, `why` the one that
    is shown, `scope` is what the reader may open. No statement where nothing can wait."""
    year = why.question.period.year
    told = _unreviewed(why, person) + _make_up(officer, found, year, today)
    if versions.has_held:
        told += _held(officer, year)
    return told + _reported(officer, year, person, scope) if versions.has_reports else told


def _unreviewed(why: Explanation, person: Person) -> list[Waits]:
    """In-service hours that count from the day their course was submitted, and that a refusal would take out again."""
    if why.finding.standing not in (*wording.OWING, Standing.COMPLIANT):
        return []
    given: dict[int, list[Decimal]] = {}
    records = {}
    for at, one in enumerate(why.requirements):
        for entry in one.counted:
            course = entry.record.training_class.course
            if course.source_kind == SourceKind.IN_SERVICE and not course.known_reviews:
                records[entry.record.pk] = entry.record
                given.setdefault(entry.record.pk, [verdict.ZERO] * len(why.requirements))[at] += entry.hours
    told = []
    for pk, record in sorted(records.items(), key=lambda pair: (pair[1].completed_on, pair[0]), reverse=True):
        question = why.question
        left = tuple(map(sub, why.finding.hours, given[pk]))
        without = verdict.judge(question.facts, question.day, question.asked, why.finding.situation, left)
        told.append(
            Waits(
                record.training_class.course.title,
                reverse("training:class_detail", args=[record.training_class.reference]),
                record.completed_on,
                max(given[pk]),
                _("The hours count now. POST has not looked at the course yet."),
                _if_refused(question.requirements, why.finding, without, question.period.year, person),
            )
        )
    return told


def _if_refused(
    requirements: tuple[Requirement, ...], now: Finding, without: Finding, year: int, person: Person
) -> str:
    """What a refusal would make of a standing."""
    if without.standing == Standing.COMPLIANT:
        return _("If POST refuses it, nothing is missing for %(year)s all the same.") % {"year": year}
    needed = gaps.fewest_hours(requirements, without.short)
    if needed == gaps.fewest_hours(requirements, now.short):
        return _("If POST refuses it, as many hours are missing as now.")
    return person.says(
        _("If POST refuses it, you will need %(more)s for %(year)s."),
        _("If POST refuses it, %(name)s will need %(more)s for %(year)s."),
        more=needing.more_hours(needed),
        year=year,
    )


def _make_up(officer: Officer, found: Mapping[int, PeriodStanding], year: int, today: dt.date) -> list[Waits]:
    """Hours of the year that is shown, or that may be credited to it: an earlier period is short, nobody has decided,
    and they would do more good there. Periods before anything was kept of the officer are left out."""
    behind = [
        before
        for before, (_question, finding) in found.items()
        if today.year - make_up_cases.YEARS_BACK <= before < today.year
        and finding.standing in make_up.SHORT
        and make_up_cases.is_kept(finding)
    ]
    later = [after for after, (_question, finding) in found.items() if after <= today.year and any(finding.hours)]
    if not behind or year < min(behind) or max(later, default=0) <= min(behind):
        return []
    asked = {one: period.question for one, period in found.items()}
    findings = {one: period.finding for one, period in found.items()}
    return [
        _may_go(case)
        for case in make_up_cases.of_officer(officer, asked, findings, today)
        if not case.is_decided
        and case.options.own.is_now
        and case.options.better is case.options.earlier
        and case.year in behind
        and year in (case.year, case.record.completed_on.year)
    ]


def _may_go(case: make_up_cases.Case) -> Waits:
    record = case.record
    said = {"year": case.year, "own": record.completed_on.year}
    if not case.is_open_to_reporter:
        waits_for = _("The hours count for %(own)s. POST can credit them to %(year)s.")
    elif case.open_until < dt.date.max:
        said["day"] = wording.full_date(case.open_until)
        waits_for = _(
            "The hours count for %(own)s. Whoever reported the class can credit them to %(year)s until %(day)s."
        )
    else:
        waits_for = _("The hours count for %(own)s. Whoever reported the class can credit them to %(year)s.")
    then = [_then(year, case.requirements[year], finding) for year, finding in case.options.earlier.findings.items()]
    return Waits(
        record.training_class.course.title,
        reverse("training:class_detail", args=[record.training_class.reference]),
        record.completed_on,
        case.hours,
        waits_for % said,
        _("If they are credited to %(year)s: %(then)s.") % {"year": case.year, "then": "; ".join(then)},
    )


def _then(year: int, requirements, finding: Finding) -> str:
    """What a year would be: "2025 is complete", "2026 needs 6 more hours"."""
    if finding.standing == Standing.COMPLIANT:
        return _("%(year)s is complete") % {"year": year}
    if finding.standing not in wording.OWING:
        return _("%(year)s asks for nothing") % {"year": year}
    more = needing.more_hours(gaps.fewest_hours(requirements, finding.short))
    return _("%(year)s needs %(more)s") % {"year": year, "more": more}


def _held(officer: Officer, year: int) -> list[Waits]:
    """Classes of a provider whose license was not in order on the day they ended: whole, kept, and not counted yet."""
    people = (
        HeldPerson.objects.filter(
            officer=officer,
            is_completed=True,
            held_class__training_class=None,
            held_class__voided_at=None,
            held_class__ends_on__year=year,
        )
        .select_related("held_class__course")
        .prefetch_related("lines", "held_class__lines")
        .order_by("-held_class__ends_on", "-pk")
    )
    told = []
    for one in people:
        total = hours.total(one.lines.all() or one.held_class.lines.all())
        told.append(
            Waits(
                one.held_class.course.title,
                "",
                one.held_class.ends_on,
                total,
                _("The class is kept until POST has settled the license of its provider. It does not count yet."),
                _("If POST releases it, up to %(hours)s are added for %(year)s.")
                % {"hours": hours_words(total), "year": year},
            )
        )
    return told


def _reported(officer: Officer, year: int, person: Person, scope: Scope) -> list[Waits]:
    """Classes of the year that the officer says are missing or wrong, until that is settled. The page of a report is
    for the officer, whoever was asked, and POST."""
    open_ones = RecordReport.objects.open().filter(officer=officer, completed_on__year=year)
    told = []
    for one in open_ones.with_names().order_by("-completed_on", "-pk"):
        reads = scope.reads(officer=officer.pk, agency=one.agency_id)
        told.append(
            Waits(
                one.title,
                reverse("compliance:record_report", args=[one.reference]) if reads else "",
                one.completed_on,
                one.hours,
                f"{_who_says(one, person)} {record_reports.headline(one)}",
                _if_mended(one, year),
            )
        )
    return told


def _who_says(one: RecordReport, person: Person) -> str:
    if one.kind == RecordReport.Kind.WRONG:
        you, other = _("You said on %(day)s that it is wrong."), _("%(name)s said on %(day)s that it is wrong.")
    elif one.is_outside:
        you, other = _("You sent it to POST on %(day)s."), _("%(name)s sent it to POST on %(day)s.")
    else:
        you, other = _("You said on %(day)s that it is missing."), _("%(name)s said on %(day)s that it is missing.")
    return person.says(you, other, day=wording.full_date(clock.day_of(one.reported_at)))


def _if_mended(one: RecordReport, year: int) -> str:
    """What mending would make of the hours; nobody knows yet where they lie, so no requirement is named."""
    if one.kind == RecordReport.Kind.WRONG:
        return _("Its hours for %(year)s stand as they are until it is corrected.") % {"year": year}
    if one.hours is None:
        return _("If it is recorded, its hours are added for %(year)s.") % {"year": year}
    said = _("If it is recorded, up to %(hours)s are added for %(year)s.")
    return said % {"hours": hours_words(one.hours), "year": year}
