"""Why hours did not count: each reason in words, from the same conditions as the tallies."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import periods, standings
from compliance.explanation import explain
from training.models import CourseReview, Delivery
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)


def explained(officer, code, *, year=2026, as_of=DAY):
    found = explain(standings.question(periods.by_year(year), clock.end_of_day(as_of)), officer)
    return next(one for one in found.requirements if one.requirement.code == code)


def recorded(officer, agency, day=dt.date(2026, 2, 2), **changes):
    record = make.record(officer, day, course=make.course(agency), **changes.pop("hours", {"legal": 2}))
    changes.setdefault("recorded_at", clock.midday(day))
    type(record).objects.filter(pk=record.pk).update(**changes)
    record.refresh_from_db()
    return record


@pytest.fixture
def agency():
    return make.agency()


@pytest.fixture
def officer(agency):
    return make.officer(agency)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"recorded_at": clock.midday(dt.date(2026, 6, 2))},
            "Entered on June 2, 2026, after June 1, 2026.",
        ),
        (
            {"voided_at": clock.midday(DAY), "void_reason": "Wrong officer"},
            "Withdrawn on June 1, 2026: Wrong officer",
        ),
        ({"credited_year": 2025}, "Credited to 2025 as make-up hours; an hour never counts twice."),
        ({"not_counted": "duplicate"}, "Duplicate of another entry: counted once."),
        ({"not_counted": "repeat"}, "Repeat of a course already taken this period: counted once."),
    ],
)
def test_record_that_does_not_count_says_why(agency, officer, changes, reason):
    recorded(officer, agency, **changes)
    legal = explained(officer, "legal")
    assert legal.counted == []
    assert [(entry.hours, entry.reason) for entry in legal.not_counted] == [(Decimal(2), reason)]
    assert (legal.hours, legal.missing) == (Decimal(0), Decimal(2))


def test_refused_course_says_when_and_why(agency, officer):
    record = recorded(officer, agency)
    CourseReview.objects.create(
        course=record.training_class.course,
        decision="refused",
        decided_on=DAY,
        reason="No synopsis",
        recorded_at=clock.midday(DAY),
    )
    assert [e.reason for e in explained(officer, "legal").not_counted] == [
        "POST refused this course on June 1, 2026: No synopsis"
    ]
    assert explained(officer, "legal", as_of=dt.date(2026, 5, 31)).hours == Decimal(2)


def test_refused_course_approved_later_counts_again(agency, officer):
    record = recorded(officer, agency)
    for day, decision in ((dt.date(2026, 4, 1), "refused"), (dt.date(2026, 5, 1), "approved")):
        CourseReview.objects.create(
            course=record.training_class.course,
            decision=decision,
            decided_on=day,
            reason="Synopsis missing, then sent",
            recorded_at=clock.midday(day),
        )
    assert explained(officer, "legal", as_of=dt.date(2026, 4, 30)).hours == Decimal(0)
    assert explained(officer, "legal").hours == Decimal(2)


def test_source_and_delivery_are_reasons_of_their_requirement_only(agency, officer):
    recorded(officer, agency, hours={"skill__firearms": 2}, delivery=Delivery.ONLINE)
    assert explained(officer, "total").hours == Decimal(2)
    assert [e.reason for e in explained(officer, "firearms").not_counted] == [
        "Taken online: hours for “Firearms” must be in person."
    ]
    assert [e.reason for e in explained(officer, "approved_provider").not_counted] == [
        "In-service of an agency: these hours count to the total and their area, not to “Approved provider” (2026)."
    ]


def test_every_line_is_listed_exactly_once(agency, officer):
    for hours in (
        {"legal": 1},
        {"technical": 3, "skill__firearms": 2, "skill": 1},
        {"interpersonal__implicit_bias": 1},
    ):
        recorded(officer, agency, hours=hours)
    recorded(officer, agency, hours={"legal": 4}, not_counted="duplicate")
    listed = {}
    for code in ("total", "legal", "technical", "interpersonal", "firearms", "implicit_bias"):
        one = explained(officer, code)
        listed[code] = (sum(e.hours for e in one.counted), sum(e.hours for e in one.not_counted))
    assert listed == {
        "total": (Decimal(8), Decimal(4)),
        "legal": (Decimal(1), Decimal(4)),
        "technical": (Decimal(3), 0),
        "interpersonal": (Decimal(1), 0),
        "firearms": (Decimal(2), 0),
        "implicit_bias": (Decimal(1), 0),
    }


def test_make_up_hours_stand_in_both_years_and_count_in_one(agency, officer):
    recorded(officer, agency, credited_year=2025)
    assert explained(officer, "legal", year=2025).hours == Decimal(2)
    assert explained(officer, "legal", year=2026).hours == Decimal(0)


def test_explanation_takes_the_same_number_of_queries_for_one_record_and_forty(agency, officer):
    def count():
        with CaptureQueriesContext(connection) as queries:
            explained(officer, "total")
        return len(queries)

    recorded(officer, agency)
    with_one = count()
    for _ in range(39):
        recorded(officer, agency)
    assert count() == with_one
