"""The lines of one officer that a period speaks of, each with why it does not count to each requirement, if so.

Every condition is evaluated by the database: it is the one of `compliance.counting` that makes the tallies.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import BooleanField, Case, Q, Value, When

from clee_portal import compiled
from clee_portal.compiled import Statement
from compliance import counting, standings
from compliance.counting import Selector
from compliance.standings import Question
from training.models import Agency, Course, CourseReview, CreditLine, Officer, Provider, TrainingClass, TrainingRecord


class Line(NamedTuple):
    """One credit line. `failing` has, for each requirement, the code of the first condition that does not hold, ""
    where the line counts, None where the requirement does not speak of it."""

    record: TrainingRecord
    hours: Decimal
    failing: tuple[str | None, ...]


# What is read of each model, in the order of its columns; anything else is fetched when somebody asks for it.
_FIELDS = {
    TrainingRecord: (
        "record__",
        [
            *("id", "recorded_at", "voided_at", "void_reason", "officer_id", "training_class_id", "completed_on"),
            *("credited_year", "role", "source_kind", "delivery", "not_counted", "not_counted_note"),
        ],
    ),
    TrainingClass: ("record__training_class__", ["id", "course_id", "reported_by_agency_id"]),
    Course: (
        "record__training_class__course__",
        ["id", "title", "source_kind", "provider_id", "agency_id", "sponsor"],
    ),
    Provider: ("record__training_class__course__provider__", ["id", "name"]),
    Agency: ("record__training_class__course__agency__", ["id", "code", "name"]),
}
_REPORTER = "record__training_class__reported_by_agency__"
_REVIEW = ["id", "course_id", "decision", "decided_on", "reason"]
_PLACES = {
    "officer": compiled.NUMBER,
    "year": compiled.YEAR,
    "as_of": compiled.MOMENT,
    "starts_on": compiled.FIRST_DAY,
    "ends_on": compiled.LAST_DAY,
}


def of_officer(asked: Question, officer: Officer) -> list[Line]:
    """The officer's lines credited to the period or earned in it, the latest class first. Two statements, one where
    there is no line; records, classes and courses that several lines share are one object."""
    selectors = tuple(standings.selected_by(one) for one in asked.requirements)
    lines, reviews, codes = _statements(selectors)
    values = {
        "officer": officer.pk,
        "year": asked.period.year,
        "as_of": asked.as_of,
        "starts_on": asked.period.starts_on,
        "ends_on": asked.period.ends_on,
    }
    rows = lines.rows(**values)
    if not rows:
        return []
    known: dict[int, list[CourseReview]] = {}
    for row in reviews.rows(**values):
        review = compiled.made(CourseReview, _REVIEW, row)
        known.setdefault(review.course_id, []).append(review)
    records: dict[int, TrainingRecord] = {}
    found = []
    for hours, *columns in rows:
        flags, facts = columns[: len(codes)], columns[len(codes) :]
        if (record := records.get(facts[0])) is None:
            record = records[facts[0]] = _record(facts, known)
        failing = _failing(dict(zip(codes, flags, strict=True)), selectors)
        found.append(Line(record, hours, failing))
    return found


def _failing(holds: dict[str, bool], selectors: Sequence[Selector]) -> tuple[str | None, ...]:
    """For each requirement the first condition that does not hold, "" where all do, None where it is no subject."""
    of_record = next((code for code in _record_codes() if not holds[code]), "")
    return tuple(
        None
        if not holds[f"is_subject_{at}"]
        else of_record
        or next((one.code for one in counting.line_conditions(selector) if not holds[f"{one.code}_{at}"]), "")
        for at, selector in enumerate(selectors)
    )


@lru_cache(maxsize=1)
def _record_codes() -> tuple[str, ...]:
    return tuple(one.code for one in counting.record_conditions(compiled.YEAR, compiled.MOMENT))


@lru_cache(maxsize=64)
def _statements(selectors: tuple[Selector, ...]) -> tuple[Statement, Statement, list[str]]:
    """What asks for the lines, what asks for the reviews of their courses, and the names of the flags in order."""
    conditions = counting.record_conditions(compiled.YEAR, compiled.MOMENT, compiled.NUMBER)
    flags = {one.code: _flag(one.q) for one in conditions}
    for at, selector in enumerate(selectors):
        flags[f"is_subject_{at}"] = _flag(counting.subject(selector))
        for condition in counting.line_conditions(selector):
            flags[f"{condition.code}_{at}"] = _flag(condition.q)
    facts = [f"{path}{name}" for path, names in _FIELDS.values() for name in names]
    facts += [f"{_REPORTER}{name}" for name in _FIELDS[Agency][1]]
    lines = (
        CreditLine.objects.filter(_belongs("record__"), record__officer=compiled.NUMBER)
        .order_by("-record__completed_on", "-record__pk", "pk")
        .annotate(**flags)
        .values_list("hours", *flags, *facts)
    )
    taught = TrainingRecord.objects.filter(_belongs(), officer=compiled.NUMBER).values("training_class__course")
    reviews = CourseReview.objects.known(compiled.MOMENT).filter(course__in=taught).order_by("recorded_at", "pk")
    return (
        Statement(lines, _PLACES),
        Statement(reviews.values_list(*_REVIEW), _PLACES),
        list(flags),
    )


def _belongs(path: str = "") -> Q:
    earned = (compiled.FIRST_DAY, compiled.LAST_DAY)
    return Q(**{f"{path}credited_year": compiled.YEAR}) | Q(**{f"{path}completed_on__range": earned})


def _flag(q: Q) -> Case | Value:
    return Case(When(q, then=Value(True)), default=Value(False), output_field=BooleanField()) if q else Value(True)


def _record(facts: Sequence, known: dict[int, list[CourseReview]]) -> TrainingRecord:
    """A record with its class, course and whoever gave it, of the columns in the order of `_FIELDS`."""
    columns = iter(facts)
    record, held, course, provider, agency = (
        compiled.made(model, names, [next(columns) for _ in names]) for model, (_, names) in _FIELDS.items()
    )
    reporter = compiled.made(Agency, _FIELDS[Agency][1], columns)
    course.provider, course.agency = provider, agency
    course.known_reviews = known.get(course.pk, [])
    held.course, held.reported_by_agency = course, reporter
    record.training_class = held
    return record
