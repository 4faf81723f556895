"""How an agency's officers come to compliance over a year, against the year before; and whose hours hang on a review.

Hours are taken by the day they were completed, as they are known now: a class that was entered late stands in the month
in which it was held. A constant number of statements.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractMonth

from compliance import counting, gaps, standings, verdict, wording
from compliance.models import Requirement
from compliance.standings import Question
from compliance.verdict import ZERO, Finding, Standing
from training.models import Course, CourseReview, CreditLine, Officer, SourceKind

MONTHS = 12
# Who owes nothing is not counted among those who could be compliant.
FREE = (Standing.NOT_APPLICABLE, Standing.EXEMPT, Standing.WAIVED)


class Curve(NamedTuple):
    """How many of `owing` officers were compliant by the end of each month of a year, as far as it has come."""

    year: int
    owing: int
    compliant: list[int]

    @property
    def shares(self) -> list[int]:
        """The same in percent."""
        return [round(100 * one / self.owing) if self.owing else 0 for one in self.compliant]


def curve(question: Question, officers: QuerySet[Officer], until: dt.date) -> Curve:
    """The curve of a period for `officers`, up to the month of `until`."""
    situations = standings.situations(question, officers)
    everyone = list(officers.order_by().values_list("pk", flat=True))
    owing = [pk for pk in everyone if situations.get(pk, verdict.ORDINARY).settled not in FREE]
    lines = CreditLine.objects.filter(
        counting.all_of(counting.record_conditions(question.period.year, question.as_of)),
        record__officer__in=officers.order_by().values("pk"),
        record__completed_on__lte=min(until, question.period.ends_on),
    )
    sums = {
        f"r{at}": Sum("hours", filter=q) if (q := counting.counts_to(one)) else Sum("hours")
        for at, one in enumerate(question.requirements)
    }
    rows = lines.order_by().annotate(month=ExtractMonth("record__completed_on")).values("record__officer", "month")
    by_month: dict[int, list[tuple[int, list[Decimal | None]]]] = {}
    for officer, month, *hours in rows.annotate(**sums).values_list("record__officer", "month", *sums):
        by_month.setdefault(month, []).append((officer, hours))
    minimums = [one.minimum for one in question.requirements]
    earned = {pk: [ZERO] * len(minimums) for pk in owing}
    done: set[int] = set()
    compliant = []
    last = MONTHS if until > question.period.ends_on else until.month
    for month in range(1, last + 1):
        for officer, hours in by_month.get(month, ()):
            if (held := earned.get(officer)) is None:
                continue
            for at, more in enumerate(hours):
                held[at] += more or ZERO
            if all(has >= need for has, need in zip(held, minimums, strict=True)):
                done.add(officer)
        compliant.append(len(done))
    return Curve(question.period.year, len(owing), compliant)


class Met(NamedTuple):
    """One requirement: how many of those who owe hours have met it, and how many had a year ago (None: not asked)."""

    requirement: Requirement
    met: int
    owing: int
    last_met: int | None = None
    last_owing: int = 0

    @property
    def share(self) -> int:
        """In percent, today."""
        return round(100 * self.met / self.owing) if self.owing else 0

    @property
    def last_share(self) -> int | None:
        """In percent, a year ago."""
        if self.last_met is None:
            return None
        return round(100 * self.last_met / self.last_owing) if self.last_owing else 0


def met(
    requirements: Sequence[Requirement],
    findings: Iterable[Finding],
    last_requirements: Sequence[Requirement] = (),
    last_findings: Iterable[Finding] = (),
) -> list[Met]:
    """Each requirement of this year with those who have met it, beside those who had met last year's of the same code,
    as was known a year ago."""
    now = [one for one in findings if one.standing not in FREE]
    then = [one for one in last_findings if one.standing not in FREE]
    asked_then = {one.code for one in last_requirements} if then else set()
    return [
        Met(
            one,
            sum(one.code not in finding.short for finding in now),
            len(now),
            sum(one.code not in finding.short for finding in then) if one.code in asked_then else None,
            len(then),
        )
        for one in requirements
    ]


class AtStake(NamedTuple):
    """A course POST has not reviewed: who has hours of it, and who would be short, or shorter, without them."""

    course: Course
    officers: int
    hours: Decimal
    losing: list[tuple[Officer, Finding]]


def at_stake(question: Question, officers: QuerySet[Officer], findings: dict[int, Finding]) -> list[AtStake]:
    """The courses whose refusal would take counted hours from `officers`, those that would hurt most first."""
    reviewed = CourseReview.objects.live().values("course")
    courses = Course.objects.filter(source_kind=SourceKind.IN_SERVICE).exclude(pk__in=reviewed)
    lines = CreditLine.objects.filter(
        counting.all_of(counting.record_conditions(question.period.year, question.as_of)),
        record__officer__in=officers.order_by().values("pk"),
        record__training_class__course__in=courses.order_by().values("pk"),
    )
    sums = {
        f"r{at}": Sum("hours", filter=q) if (q := counting.counts_to(one)) else Sum("hours")
        for at, one in enumerate(question.requirements)
    }
    rows = list(
        lines.order_by()
        .values("record__training_class__course", "record__officer")
        .annotate(whole=Sum("hours"), **sums)
        .values_list("record__training_class__course", "record__officer", "whole", *sums)
    )
    people = {one.pk: one for one in officers}
    named = {one.pk: one for one in Course.objects.filter(pk__in={row[0] for row in rows}).select_related("agency")}
    found: dict[int, AtStake] = {}
    for course, officer, whole, *hours in rows:
        before = findings[officer]
        left = tuple(has - (gone or ZERO) for has, gone in zip(before.hours, hours, strict=True))
        after = verdict.judge(question.facts, question.day, question.asked, before.situation, left)
        one = found.get(course) or AtStake(named[course], 0, ZERO, [])
        if wording.owed(after) != wording.owed(before):
            one.losing.append((people[officer], after))
        found[course] = one._replace(officers=one.officers + 1, hours=one.hours + whole)
    for one in found.values():
        one.losing.sort(key=lambda pair: pair[0].search_name)
    return sorted(found.values(), key=lambda one: (-len(one.losing), one.course.title))


class Best(NamedTuple):
    """The class that would help most, and who it would bring to compliance."""

    one: gaps.OneClass
    officers: list[Officer]


def best(
    question: Question,
    officers: Sequence[Officer],
    findings: dict[int, Finding],
    kinds: Sequence[SourceKind] = gaps.ANY,
) -> Best | None:
    """The one class to host, given by one of `kinds`; None where none would help anybody."""
    owing = {pk: one for pk, one in findings.items() if one.standing in wording.OWING}
    one = gaps.best_class(question.requirements, owing.values(), kinds)
    if one is None:
        return None
    helped = [who for who in officers if who.pk in owing and gaps.would_help(question.requirements, one, owing[who.pk])]
    return Best(one, sorted(helped, key=lambda who: (who.search_name, who.license_number)))
