"""Registered and checked in without credit, as a recording error; seats of classes to come, for hours missing."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import periods, seats, standings
from compliance.models import RecordingGap
from compliance.recording_errors import mending
from compliance.recording_errors.finding import search
from compliance.services import recording_gaps
from compliance.tests.people import ACADEMY, IN_SERVICE, credit
from training.models import AttendanceMark, NotCompleted, Officer, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
DAY = dt.date(YEAR, 6, 3)
LATER = dt.date(2026, 4, 2)
Kind = RecordingGap.Kind


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), clock.CHICAGO)


def found(officer: Officer) -> list:
    """What a search finds of an officer at the door."""
    with time_machine.travel(clock.midday(LATER), tick=False):
        _, every = search(standings.question(periods.by_year(YEAR), clock.now()))
    return [one for one in every if one.officer == officer.pk and one.kind == Kind.CHECKED_IN]


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    """Lacks what the course of the provider gives."""
    one = factories.officer(agency, name="Renee Abbott")
    credit(one, dt.date(YEAR, 5, 20), factories.course(agency, "Spring week"), **IN_SERVICE)
    return one


@pytest.fixture
def course():
    return factories.provider_course(factories.provider("River Academy"), "Search and seizure", **ACADEMY)


@pytest.fixture
def seat(agency, officer, course):
    """A seat in a class of a provider, 8 to noon, and a mark at the door."""
    held = factories.scheduled_class(course, at(8))
    made = factories.registration(held, officer, agency=agency)
    mark(made, "in", at(7, 52))
    return made


def mark(seat, kind: str, moment: dt.datetime) -> None:
    AttendanceMark.objects.create(registration=seat, kind=kind, at=moment, recorded_at=moment)


def test_checked_in_and_not_credited_is_found(agency, officer, seat):
    (gap,) = found(officer)
    assert (gap.registration, gap.agency, gap.day, gap.hours, gap.closes) == (seat.pk, agency.pk, DAY, 8, True)
    assert gap.score == 50 + 15 + 25  # the provider named nobody; the hours would close the gap


def test_it_is_put_in_words_and_kept(agency, officer, seat):
    with time_machine.travel(clock.midday(LATER), tick=False):
        recording_gaps.find(period=periods.by_year(YEAR), now=clock.now(), by=None)
    gap = RecordingGap.objects.with_sources().get(kind=Kind.CHECKED_IN)
    assert gap.registration == seat
    assert gap.words == (
        f"Renee Abbott was registered for “Search and seizure” ({seat.scheduled_class.reference}, June 3, 2025), "
        "checked in, and has no credit of it. River Academy has named nobody yet. With it nothing would be missing."
    )
    assert (mending.place(gap), mending.yes_label(gap)) == (None, "Yes, it is missing")
    credited(seat)
    with time_machine.travel(clock.midday(LATER), tick=False):
        recording_gaps.find(period=periods.by_year(YEAR), now=clock.now(), by=None)
    gap.refresh_from_db()
    assert gap.how == RecordingGap.How.CAME


def credited(seat, officer: Officer | None = None) -> TrainingRecord:
    """The provider has said who completed the class."""
    record = credit(officer or seat.officer, DAY, seat.scheduled_class.course, **ACADEMY)
    type(seat.scheduled_class).objects.filter(pk=seat.scheduled_class_id).update(training_class=record.training_class)
    return record


def test_where_others_were_named_it_is_weaker_and_says_so(agency, officer, seat):
    credited(seat, factories.officer(agency))
    (gap,) = found(officer)
    assert gap.score == 50 + 25


@pytest.mark.parametrize(
    ("change", "score"),
    [
        (lambda seat: mark(seat, "out", at(12)), 90),
        (lambda seat: mark(seat, "out", at(11, 30)), 90),
        (lambda seat: mark(seat, "out", at(11, 29)), 45),
        (lambda seat: (mark(seat, "out", at(9)), mark(seat, "in", at(9, 20))), 90),
    ],
)
def test_who_left_early_was_hardly_forgotten(officer, seat, change, score):
    change(seat)
    assert [one.score for one in found(officer)] == [score]


def test_who_came_on_one_of_two_days_was_hardly_forgotten(agency, officer, course):
    held = factories.scheduled_class(course, at(8), meetings=2)
    mark(factories.registration(held, officer), "in", at(8))
    (gap,) = found(officer)
    assert (gap.score, gap.agency) == (50 + 15 + 25 - 20, agency.pk)


@pytest.mark.parametrize(
    "why", ["never_came", "voided", "given_back", "called_off", "credited", "again", "not_completed"]
)
def test_who_was_rightly_not_credited_is_not_found(agency, officer, seat, why):
    held = seat.scheduled_class
    if why == "never_came":
        AttendanceMark.objects.all().update(kind="out")
    elif why == "voided":
        AttendanceMark.objects.all().update(voided_at=clock.now(), void_reason="Somebody else")
    elif why == "given_back":
        type(seat).objects.filter(pk=seat.pk).update(state="cancelled", ended_at=clock.now())
    elif why == "called_off":
        type(held).objects.filter(pk=held.pk).update(
            state="called_off", called_off_at=clock.now(), called_off_because="Snow"
        )
    elif why == "credited":
        credited(seat)
    elif why == "again":
        credit(officer, DAY + dt.timedelta(days=7), held.course, legal=1)
    else:
        record = credited(seat, factories.officer(agency))
        NotCompleted.objects.create(training_class=record.training_class, officer=officer)
    assert found(officer) == []


# Seats on offer -------------------------------------------------------------------------------------------------------

NOW = clock.midday(dt.date(YEAR, 9, 1))
MAY = dt.date(YEAR, 10, 6)


def on_offer() -> dict[str, seats.Offer]:
    """What is on offer, of requirements that anything serves."""
    asked = standings.question(periods.by_year(YEAR), clock.now())
    found = seats.on_offer(asked.requirements, NOW, asked.period.ends_on)
    return {code: one for code, one in found.items() if one.classes}


def test_seats_left_give_their_hours_to_each_requirement(course, officer):
    held = factories.scheduled_class(course, at(8, day=MAY), capacity=20)
    factories.registration(held, officer)
    factories.scheduled_class(course, at(8, day=MAY), capacity=5)
    found, total = on_offer(), Decimal(sum(ACADEMY.values()))
    assert found["total"] == found["approved_provider"] == seats.Offer(2, 24, 24 * total)
    assert found["legal"] == seats.Offer(2, 24, 24 * Decimal(ACADEMY["legal"]))


def test_what_asks_for_presence_is_not_served_on_line():
    course = factories.provider_course(factories.provider(), skill__firearms=2)
    factories.scheduled_class(course, at(8, day=MAY), delivery="online")
    assert "firearms" not in on_offer()
    factories.scheduled_class(course, at(8, day=MAY), capacity=3)
    assert on_offer()["firearms"] == seats.Offer(1, 3, Decimal(6))


@pytest.mark.parametrize(
    "more",
    [
        {"state": "draft"},
        {"begins_at": at(8, day=dt.date(YEAR, 8, 31))},
        {"begins_at": at(8, day=dt.date(YEAR + 1, 1, 2))},
        {"closes_at": NOW},
    ],
)
def test_what_nobody_can_register_for_any_more_is_not_on_offer(course, more):
    begins_at = more.pop("begins_at", at(8, day=MAY))
    factories.scheduled_class(course, begins_at, **more)
    assert on_offer() == {}


def test_full_class_and_unlicensed_provider_offer_nothing(course, officer):
    held = factories.scheduled_class(course, at(8, day=MAY), capacity=1)
    factories.registration(held, officer)
    other = factories.provider_course(factories.provider(valid_from=None))
    factories.scheduled_class(other, at(8, day=MAY))
    assert on_offer() == {}


def test_seats_are_counted_in_one_statement_however_many(course):
    asked = standings.question(periods.by_year(YEAR), clock.now())

    def counted() -> int:
        with CaptureQueriesContext(
            connection,
        ) as said:
            seats.on_offer(asked.requirements, NOW, asked.period.ends_on)
        return len(said)

    factories.scheduled_class(course, at(8, day=MAY))
    one = counted()
    for _ in range(20):
        factories.scheduled_class(course, at(8, day=MAY))
    assert (one, counted()) == (1, 1)
