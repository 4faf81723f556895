"""Finding recording errors: each kind where it is, and where something says that it is none."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import standings
from compliance.models import MakeUpDecision, RecordingGap, ReliefRequest, ReportingPeriod
from compliance.models.recording_gaps import LIKELY
from compliance.recording_errors import scoring
from compliance.recording_errors.finding import search
from compliance.tests.people import ACADEMY, IN_SERVICE, academy_course, complete, credit
from training.models import (
    Commission,
    CourseReview,
    ImportRow,
    NotCompleted,
    Officer,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
D = dt.date
LATER = D(2026, 4, 2)
Kind = RecordingGap.Kind


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


def found(officer: Officer | None = None, *, kind: str = "") -> list:
    """What a search of the period finds, of one officer or kind."""
    with time_machine.travel(clock.midday(LATER), tick=False):
        period = ReportingPeriod.objects.get(year=YEAR)
        _, every = search(standings.question(period, clock.now()))
    return [one for one in every if (not officer or one.officer == officer.pk) and (not kind or one.kind == kind)]


def short_of(agency, hours: int = 2, **more) -> Officer:
    """An officer who lacks so many hours of the year, whatever they are about."""
    one = factories.officer(agency, **more)
    credit(one, D(YEAR, 4, 14), academy_course(), **ACADEMY)
    rest = IN_SERVICE | {"technical": IN_SERVICE["technical"] - hours}
    credit(one, D(YEAR, 5, 20), factories.course(agency, "Spring firearms"), **rest)
    return one


SEPTEMBER = D(2025, 9, 10)


def class_of(agency, officers, day=SEPTEMBER, *, title="Night fire", hours=4) -> TrainingClass:
    """A class of the agency, with everybody of `officers` in it."""
    first, *others = officers
    course = factories.course(agency, title)
    record = credit(first, day, course, technical=hours)
    record.training_class.lines.get_or_create(area=factories.area("technical"), defaults={"hours": hours})
    for one in others:
        factories.record(one, day, course=course, held=record.training_class)
    TrainingRecord.objects.filter(training_class=record.training_class).update(recorded_at=clock.midday(day))
    return record.training_class


def refuse(course) -> None:
    day = D(2025, 12, 1)
    CourseReview.objects.create(
        course=course, decision="refused", decided_on=day, reason="No plan", recorded_at=clock.midday(day)
    )


@pytest.fixture
def others(agency):
    """Six colleagues who have all they need."""
    made = [factories.officer(agency) for _ in range(6)]
    for one in made:
        complete(one, agency, YEAR)
    return made


# Classmates -----------------------------------------------------------------------------------------------------------


def test_who_is_left_off_a_class_of_everybody_is_found(agency, others):
    one = short_of(agency)
    held = class_of(agency, others)
    (gap,) = found(kind=Kind.LEFT_OFF)
    assert (gap.officer, gap.training_class, gap.part, gap.whole) == (one.pk, held.pk, 6, 6)
    assert (gap.agency, gap.hours, gap.closes, gap.day) == (agency.pk, 4, True, D(2025, 9, 10))
    assert gap.score == 15 + 25 + 15 + 10 + 5 + 5


@pytest.mark.parametrize("absent", [1, 2])
def test_four_of_five_others_are_nearly_all_and_fewer_are_not(agency, others, absent):
    short_of(agency)
    class_of(agency, others[absent:])
    assert [(one.part, one.whole) for one in found(kind=Kind.LEFT_OFF)] == ([(5, 6)] if absent == 1 else [])


@pytest.mark.parametrize("why", ["not_completed", "on_leave", "another_session", "not_there_yet", "refused"])
def test_who_was_rightly_not_in_it_is_not_found(agency, others, why):
    one = short_of(agency)
    held = class_of(agency, others)
    if why == "not_completed":
        NotCompleted.objects.create(training_class=held, officer=one)
    elif why == "on_leave":
        ReliefRequest.objects.create(
            officer=one, period=ReportingPeriod.objects.get(year=YEAR), kind="extension", reason="medical",
            requested_on=D(2025, 9, 1), leave_from=D(2025, 9, 10), leave_to=D(2025, 9, 10),
        )  # fmt: skip
    elif why == "another_session":
        credit(one, D(2025, 10, 2), held.course, technical=1)
    elif why == "not_there_yet":
        Commission.objects.filter(officer=one).update(started_on=D(2025, 9, 11))
    else:
        refuse(held.course)
    assert found(one, kind=Kind.LEFT_OFF) == []


def test_in_a_large_agency_those_one_trains_with_are_asked_about(agency):
    many = factories.roster(agency, 40)
    shift, one = many[:5], short_of(agency)
    for day, title in ((D(2025, 2, 3), "One"), (D(2025, 3, 3), "Two")):
        class_of(agency, [*shift, one], day, title=title, hours=1)
    TrainingRecord.objects.filter(officer=one, training_class__course__title__in=("One", "Two")).update(
        not_counted="repeat"
    )
    held = class_of(agency, shift)
    class_of(agency, many[20:], D(2025, 9, 12), title="Of others")
    gaps = found(one, kind=Kind.LEFT_OFF)
    assert [(gap.training_class, gap.part, gap.whole) for gap in gaps] == [(held.pk, 5, 5)]


# Held rows ------------------------------------------------------------------------------------------------------------


def held_row(agency, *cells: str, **more) -> ImportRow:
    sent = TrainingImport.objects.create(
        agency=agency, name="roster.csv", state="done", sha256="a" * 64, header_row=1,
        columns=["License", "Name", "Date", "Hours"], fields=["license_number", "name", "completed_on", "hours"],
        **more,
    )  # fmt: skip
    return ImportRow.objects.create(
        training_import=sent, number=2, cells=list(cells), fate="held", column="License", wrong="Nobody has it."
    )


@pytest.mark.parametrize(
    ("number", "is_found"),
    [("482917", True), ("482971", True), ("428917", True), ("482916", False), ("582917", False), ("48291", False)],
)
def test_number_one_digit_or_one_swap_off_is_found(agency, number, is_found):
    one = short_of(agency, license_number="482917" if number != "482917" else "482915", name="Renee O'Dell")
    row = held_row(agency, "482917" if number == "482917" else number, "O’Dell R.", "9/10/2025", "4")
    if number in ("482916", "582917"):
        factories.officer(license_number=number, issued_on=None)  # it is somebody's, so no slip
    gaps = found(one, kind=Kind.NUMBER_SLIP)
    assert [(gap.import_row, gap.agency) for gap in gaps] == ([(row.pk, agency.pk)] if is_found else [])


def test_slip_that_bears_the_name_is_likelier(agency):
    one = short_of(agency, license_number="482917", name="Renee Dell")
    held_row(agency, "482918", "Dell, Renee", "9/10/2025", "4")
    (gap,) = found(one, kind=Kind.NUMBER_SLIP)
    assert gap.score == 98


@pytest.mark.parametrize(
    ("day", "is_found"), [("9/10/2025", True), ("9/31/2025", True), ("9/10/2024", False), ("9/31/2024", False)]
)
def test_row_with_the_number_of_this_year_is_found(agency, day, is_found):
    one = short_of(agency, license_number="482917")
    held_row(agency, "482917", "", day, "4", uploaded_at=clock.midday(D(2025, 10, 1)))
    assert bool(found(one, kind=Kind.HELD_ROW)) is is_found


def test_row_of_an_import_that_was_undone_is_not_found(agency):
    one = short_of(agency, license_number="482917")
    held_row(agency, "482917", "", "9/10/2025", "4", undo_reason="Wrong file", undone_at=clock.now())
    TrainingImport.objects.update(state="undone")
    assert found(one, kind=Kind.HELD_ROW) == []


def test_row_with_a_name_alone_is_found_in_the_own_agency_only(agency):
    one = short_of(agency, name="Zebulon Quist")
    other = factories.agency()
    held_row(other, "", "Quist, Zebulon", "9/10/2025", "4")
    assert found(one, kind=Kind.HELD_ROW) == []
    held_row(agency, "", "Quist, Zebulon", "9/10/2025", "4")
    assert [gap.agency for gap in found(one, kind=Kind.HELD_ROW)] == [agency.pk]


def test_agency_of_the_row_is_asked_only_where_the_officer_is_today(agency):
    one = short_of(agency, license_number="482917")
    held_row(agency, "482917", "", "9/10/2025", "4")
    Commission.objects.filter(officer=one).update(ended_on=D(2026, 1, 5))
    assert [gap.agency for gap in found(one, kind=Kind.HELD_ROW)] == [None]


# Namesakes, moves, silence --------------------------------------------------------------------------------------------


def test_hours_of_a_namesake_in_a_class_of_the_own_agency_are_found(agency):
    one = short_of(agency, name="José Núñez")
    other = factories.officer(factories.agency(), name="Jose Nunez")
    held = class_of(agency, [other])
    (gap,) = found(one, kind=Kind.NAMESAKE)
    assert (gap.record, gap.agency, gap.closes) == (held.records.get().pk, agency.pk, True)
    factories.commission(other, agency)
    assert found(one, kind=Kind.NAMESAKE) == []


def test_move_in_mid_year_without_the_months_before_is_found(agency):
    before = factories.agency()
    there = [factories.officer(before) for _ in range(3)]
    class_of(before, there, D(2025, 3, 4))
    one = factories.officer(before, until=D(2025, 6, 30))
    factories.commission(one, agency, since=D(2025, 7, 1))
    credit(one, D(2025, 9, 1), academy_course(), technical=16)
    (gap,) = found(one, kind=Kind.TRANSFER)
    assert (gap.source_agency, gap.whole, gap.day, gap.agency) == (before.pk, 6, D(2025, 6, 30), None)
    assert gap.score == 20 + 25 + 15
    credit(one, D(2025, 2, 1), academy_course("Before the move"), technical=1)
    assert found(one, kind=Kind.TRANSFER) == []


def test_agency_that_fell_silent_while_most_of_it_is_short_is_found(agency):
    people = [factories.officer(agency) for _ in range(4)]
    for at, day in enumerate((D(2024, 9, 2), D(2024, 10, 2), D(2024, 11, 2), D(2025, 3, 2))):
        class_of(agency, people, day, title=f"Class {at}")
    gaps = found(kind=Kind.SILENT_AGENCY)
    assert {gap.officer for gap in gaps} == {one.pk for one in people}
    assert {(gap.source_agency, gap.day, gap.whole, gap.score) for gap in gaps} == {(agency.pk, D(2025, 3, 2), 3, 55)}
    class_of(agency, people[:1], D(2025, 11, 20), title="Not silent")
    assert found(kind=Kind.SILENT_AGENCY) == []


def test_provider_that_reported_nothing_of_the_year_is_found_with_who_was_there_before(agency):
    one = short_of(agency)
    other = academy_course()
    silent = type(other.provider).objects.create(name="Gone Quiet Seminars")
    for month in (3, 5, 7):
        course = academy_course(f"Seminar {month}")
        type(course).objects.filter(pk=course.pk).update(provider=silent)
        credit(one if month == 3 else factories.officer(agency), D(2024, month, 2), course, technical=4)
    (gap,) = found(one, kind=Kind.SILENT_PROVIDER)
    assert (gap.provider, gap.part, gap.whole, gap.agency) == (silent.pk, 0, 3, None)


# What is on record and does not count ---------------------------------------------------------------------------------


def test_refused_course_that_would_close_the_gap_is_found(agency):
    one = short_of(agency)
    held = class_of(agency, [one])
    refuse(held.course)
    (gap,) = found(one, kind=Kind.REFUSED)
    assert (gap.record, gap.closes, gap.score) == (held.records.get().pk, True, 25 + 25 + 5)


def test_hours_of_the_make_up_time_that_nobody_assigned_are_found(agency):
    one = short_of(agency)
    record = credit(one, D(2026, 3, 15), factories.course(agency, "In March"), technical=2)
    late = credit(one, D(2026, 3, 16), factories.course(agency, "Too late"), technical=2)
    assert [(gap.record, gap.closes) for gap in found(one, kind=Kind.MAKE_UP)] == [(record.pk, True)]
    assert late.credited_year == 2026
    MakeUpDecision.objects.create(record=record, year=2026)
    assert found(one, kind=Kind.MAKE_UP) == []


def test_second_sitting_in_another_room_is_likely_and_a_double_entry_is_not(agency):
    one = short_of(agency)
    first = credit(one, D(2025, 8, 1), factories.course(agency, "Radio"), technical=0.5)
    second = factories.record(one, D(2025, 8, 1), course=factories.course(agency, "Radio"), technical=2)
    TrainingRecord.objects.filter(pk=second.pk).update(not_counted="duplicate")
    assert [gap.score < LIKELY for gap in found(one, kind=Kind.COUNTED_ONCE)] == [True]
    TrainingClass.objects.filter(pk=first.training_class_id).update(place="Range")
    TrainingClass.objects.filter(pk=second.training_class_id).update(place="Hall")
    (gap,) = found(one, kind=Kind.COUNTED_ONCE)
    assert (gap.record, gap.score >= LIKELY) == (second.pk, True)


@pytest.mark.parametrize(("why", "likely"), [("Wrong class, to be entered anew", True), ("He was not there", False)])
def test_what_was_taken_back_and_not_entered_again_is_found(agency, why, likely):
    one = short_of(agency)
    held = class_of(agency, [one])
    held.records.update(voided_at=clock.midday(D(2025, 12, 1)), void_reason=why)
    (gap,) = found(one, kind=Kind.TAKEN_BACK)
    assert (gap.record, gap.score >= LIKELY) == (held.records.get().pk, likely)
    credit(one, D(2025, 9, 12), held.course, technical=1)
    assert found(one, kind=Kind.TAKEN_BACK) == []


def test_little_and_nothing_missing_are_only_possible(agency):
    little = short_of(agency)
    complete(nothing := factories.officer(agency), agency, YEAR - 1)
    much = short_of(agency, 3)
    assert [(gap.kind, gap.hours) for gap in found(little)] == [(Kind.LITTLE, 2)]
    assert [gap.kind for gap in found(nothing)] == [Kind.NOTHING]
    assert found(much) == []
    assert all(one.score < LIKELY for one in found())


def test_nobody_who_is_not_short_is_looked_at(agency, others):
    class_of(agency, others[1:])
    assert found() == []


# Scores and statements ------------------------------------------------------------------------------------------------


def test_every_kind_has_a_base_and_no_score_is_certain():
    assert set(scoring.BASE) == set(Kind)
    assert scoring.score(Kind.HELD_ROW, scoring.SIGNS) == 98
    assert scoring.score(Kind.TAKEN_BACK, ["not_there"]) == 0


def test_search_takes_as_many_statements_for_many_as_for_one():
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert found(kind=Kind.LEFT_OFF)
        return len(queries)

    def an_agency():
        agency = factories.agency()
        everybody = [factories.officer(agency) for _ in range(5)]
        for one in everybody:
            complete(one, agency, YEAR)
        short_of(agency)
        class_of(agency, everybody)

    an_agency()
    one = statements()
    for _ in range(4):
        an_agency()
    assert statements() == one
