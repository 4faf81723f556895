"""Make-up credit: who is asked about, which choice is better, who may decide and until when; an hour counts once."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as some

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import make_up, make_up_cases, selectors, standings
from compliance.make_up import Side, Year
from compliance.models import MakeUpDecision, ReportingPeriod
from compliance.services.make_up import assign
from compliance.tests import people
from compliance.verdict import ORDINARY, Asked, PeriodFacts, Situation, judge
from training.models import TrainingRecord
from training.services import corrections
from training.services.classes import Attendance
from training.tests import factories as make

FEBRUARY = dt.date(2026, 2, 20)
APRIL = dt.date(2026, 4, 2)
CLASS_DAY = dt.date(2026, 2, 10)


LACKS = {"interpersonal__racial_profiling": 1}
LICENSED = dt.date(2024, 3, 3)  # exempt in 2024, so that only 2025 is in question


def an_officer(agency, **more):
    return make.officer(agency, **{"issued_on": LICENSED} | more)


def at(day: dt.date):
    return time_machine.travel(dt.datetime.combine(day, dt.time(12), clock.CHICAGO), tick=False)


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def short(agency):
    """An officer who lacks the hour of racial profiling for 2025."""
    officer = an_officer(agency, name="Renee Abbott")
    people.complete(officer, agency, 2025, **LACKS)
    return officer


def later(officer, agency, day=CLASS_DAY, title="Search law", **hours):
    """The hour that is missing, of the agency's own, in the year after."""
    record = people.credit(officer, day, make.course(agency, title), **(hours or LACKS))
    record.training_class.reported_by_agency = agency
    record.training_class.save()
    for line in make.lines(**(hours or LACKS)):
        record.training_class.lines.create(area=line.area, topic=line.topic, hours=line.hours)
    return record


def standing(officer, year: int, day: dt.date) -> str:
    question = standings.question(ReportingPeriod.objects.get(year=year), clock.END_OF_TIME)
    asked = selectors.questions(clock.END_OF_TIME, [year])[year]
    finding = standings.of_officer(asked, officer)
    return judge(question.facts, day, question.asked, finding.situation, finding.hours).standing


@pytest.mark.django_db
class TestCases:
    """Which records are asked about."""

    def test_officer_short_in_the_year_before_is_named_and_the_earlier_year_proposed(self, agency, short):
        record = later(short, agency)
        with at(FEBRUARY):
            [case] = make_up_cases.of_class(record.training_class, FEBRUARY)
        assert (case.record, case.year, case.hours) == (record, 2025, Decimal(1))
        assert (case.is_decided, case.is_open_to_reporter) == (False, True)
        assert case.options.better.year == 2025
        assert case.options.earlier.findings[2025].standing == "compliant"
        assert case.options.earlier.findings[2026].hours[0] == 0
        assert case.options.own.findings[2025].standing == "grace"
        assert case.options.own.findings[2026].hours[0] == 1
        assert (case.options.earlier.is_now, case.options.own.is_now) == (False, True)

    def test_officer_who_is_not_short_is_not_named(self, agency):
        whole = an_officer(agency)
        people.complete(whole, agency, 2025)
        record = later(whole, agency)
        with at(FEBRUARY):
            assert make_up_cases.of_class(record.training_class, FEBRUARY) == []

    @pytest.mark.parametrize("kind", ["exempt", "waived"])
    def test_officer_who_owes_nothing_is_not_named(self, agency, kind):
        officer = an_officer(agency, issued_on=dt.date(2025, 3, 3) if kind == "exempt" else LICENSED)
        if kind == "waived":
            people.relief(officer, 2025, "waiver", decision="granted", requested_on=dt.date(2026, 1, 5))
        record = later(officer, agency)
        with at(FEBRUARY):
            assert make_up_cases.of_class(record.training_class, FEBRUARY) == []

    def test_after_march_15_it_is_posts_and_inside_an_extension_the_agencys(self, agency, short):
        record = later(short, agency)
        with at(APRIL):
            [case] = make_up_cases.of_class(record.training_class, APRIL)
            assert not case.is_open_to_reporter
            people.relief(short, 2025, decision="granted", due_on=dt.date(2026, 6, 30))
            [case] = make_up_cases.of_class(record.training_class, APRIL)
            assert case.is_open_to_reporter

    def test_year_before_last_is_asked_about_only_where_it_is_known_to_be_short(self, agency):
        """Years of which nothing is kept are nobody's fault."""
        officer = an_officer(agency, issued_on=dt.date(2015, 1, 5))
        people.complete(officer, agency, 2025)
        for training_class in {one.training_class for one in officer.records.all()}:
            training_class.reported_by_agency = None
            training_class.save()
        record = later(officer, agency)
        with at(FEBRUARY):
            assert make_up_cases.of_class(record.training_class, FEBRUARY) == []
            people.event(officer, "made_inactive", dt.date(2025, 4, 20), period_year=2024)
            [case] = make_up_cases.of_class(record.training_class, FEBRUARY)
        assert (case.year, case.is_open_to_reporter) == (2024, False)

    def test_refused_course_and_what_is_not_counted_are_not_asked_about(self, agency, short):
        record = later(short, agency)
        people.credit(short, CLASS_DAY, make.course(agency, "Old law", refused_on=CLASS_DAY), legal=2)
        TrainingRecord.objects.filter(pk=record.pk).update(not_counted="duplicate")
        with at(FEBRUARY):
            assert make_up_cases.of_agency(agency, FEBRUARY) == []

    def test_statements_do_not_grow(self, agency, short, django_assert_max_num_queries):
        later(short, agency)
        with at(FEBRUARY), django_assert_max_num_queries(60) as few:
            assert len(make_up_cases.of_agency(agency, FEBRUARY)) == 1
        for number in range(4):
            officer = an_officer(agency)
            people.complete(officer, agency, 2025, **LACKS)
            later(officer, agency, title=f"Law {number}")
        with at(FEBRUARY), django_assert_max_num_queries(60) as many:
            assert len(make_up_cases.of_agency(agency, FEBRUARY)) == 5
        assert len(many) == len(few)


@pytest.mark.django_db
class TestAssign:
    """Deciding."""

    def test_hours_move_whole_with_who_and_why_and_back(self, agency, chief, short):
        record = later(short, agency)
        with at(FEBRUARY):
            moved = assign(by=chief, record=record, year=2025, today=FEBRUARY)
        record.refresh_from_db()
        assert (moved.replaces, moved.credited_year, moved.recorded_by) == (record, 2025, chief)
        assert record.void_reason == "Make-up credit for 2025"
        assert (standing(short, 2025, FEBRUARY), standing(short, 2026, FEBRUARY)) == ("compliant", "in_progress")
        assert MakeUpDecision.objects.get().year == 2025
        TrainingRecord.objects.filter(pk=moved.pk).update(recorded_at=clock.midday(FEBRUARY))
        with at(FEBRUARY):
            back = assign(by=chief, record=moved, year=2026, today=FEBRUARY)
        assert (back.credited_year, back.replaces) == (2026, moved)
        assert standing(short, 2025, FEBRUARY) == "grace"
        assert sum(line.hours for one in short.records.live().filter(pk=back.pk) for line in one.lines.all()) == 1

    def test_taken_back_once_the_earlier_year_is_met_otherwise(self, agency, chief, short):
        """What came in from elsewhere makes the hours free for their own year: who could give them can take them."""
        record = later(short, agency)
        with at(FEBRUARY):
            moved = assign(by=chief, record=record, year=2025, today=FEBRUARY)
        people.credit(short, dt.date(2025, 11, 3), people.academy_course("Stops"), **LACKS)
        TrainingRecord.objects.live().update(recorded_at=clock.midday(FEBRUARY))
        moved.refresh_from_db()
        with at(FEBRUARY):
            [case] = make_up_cases.of_agency(agency, FEBRUARY)
            assert (case.year, case.is_decided, case.open_until) == (2025, True, dt.date(2026, 3, 15))
            assert case.options.better.year == 2026
            back = assign(by=chief, record=moved, year=2026, today=FEBRUARY)
            assert make_up_cases.of_agency(agency, FEBRUARY) == []
        assert back.credited_year == 2026
        assert (standing(short, 2025, FEBRUARY), standing(short, 2026, FEBRUARY)) == ("compliant", "in_progress")
        assert MakeUpDecision.objects.get(record=back).year == 2026

    @pytest.mark.parametrize("relieved", ["waiver", None])
    def test_taken_back_after_march_15_by_post_alone(self, agency, chief, short, relieved):
        record = later(short, agency)
        with at(FEBRUARY):
            moved = assign(by=chief, record=record, year=2025, today=FEBRUARY)
        TrainingRecord.objects.live().update(recorded_at=clock.midday(FEBRUARY))
        moved.refresh_from_db()
        if relieved:
            people.relief(short, 2025, relieved, decision="granted")
        with at(APRIL), pytest.raises(Refused, match="time in which the agency decides for 2025 is over"):
            assign(by=chief, record=moved, year=2026, today=APRIL)
        with at(APRIL):
            assert assign(by=make.post_staff(), record=moved, year=2026, today=APRIL).credited_year == 2026

    def test_taken_back_inside_an_extension_by_the_reporter_until_its_day(self, agency, chief, short):
        people.relief(short, 2025, decision="granted", due_on=dt.date(2026, 6, 30))
        record = later(short, agency, dt.date(2026, 4, 1))
        with at(APRIL):
            moved = assign(by=chief, record=record, year=2025, today=APRIL)
        TrainingRecord.objects.live().update(recorded_at=clock.midday(APRIL))
        moved.refresh_from_db()
        assert standing(short, 2025, APRIL) == "compliant"
        with at(dt.date(2026, 7, 1)), pytest.raises(Refused, match="time in which the agency decides for 2025 is over"):
            assign(by=chief, record=moved, year=2026, today=dt.date(2026, 7, 1))
        with at(dt.date(2026, 6, 30)):
            assert assign(by=chief, record=moved, year=2026, today=dt.date(2026, 6, 30)).credited_year == 2026

    def test_left_in_its_own_year_though_an_older_year_is_posts(self, agency, chief):
        """Short in two earlier years: that one of them is closed to the agency does not close the other."""
        short = an_officer(agency, issued_on=dt.date(2015, 1, 5))
        for year in (2024, 2025):
            people.complete(short, agency, year, **LACKS)
        record = later(short, agency)
        with at(FEBRUARY):
            found = make_up_cases.of_class(record.training_class, FEBRUARY)
            assert [(case.year, case.is_open_to_reporter) for case in found] == [(2024, False), (2025, True)]
            assert assign(by=chief, record=record, year=2026, today=FEBRUARY).pk == record.pk
        assert MakeUpDecision.objects.get().year == 2026

    def test_left_in_its_own_year_nobody_is_asked_again(self, agency, chief, short):
        record = later(short, agency)
        with at(FEBRUARY):
            same = assign(by=chief, record=record, year=2026, today=FEBRUARY)
            assert same.pk == record.pk
            assert [case.is_decided for case in make_up_cases.of_class(record.training_class, FEBRUARY)] == [True]
        corrections.add(
            by=chief, training_class=record.training_class, attendances=[Attendance(make.officer(agency))],
            today=dt.date(2026, 11, 1),
        )  # fmt: skip

    def test_only_the_reporter_in_time_and_post_always(self, agency, chief, short):
        record = later(short, agency)
        for stranger in (make.ceo(make.agency()), make.director()):
            with at(FEBRUARY), pytest.raises(Refused, match="Only whoever reported"):
                assign(by=stranger, record=record, year=2025, today=FEBRUARY)
        with at(APRIL), pytest.raises(Refused, match="time in which the agency decides for 2025 is over"):
            assign(by=chief, record=record, year=2025, today=APRIL)
        with at(APRIL):
            assert assign(by=make.post_staff(), record=record, year=2025, today=APRIL).credited_year == 2025

    def test_year_in_which_the_officer_is_not_short_is_refused(self, agency, chief):
        whole = an_officer(agency)
        people.complete(whole, agency, 2025)
        record = later(whole, agency)
        for year in (2025, 2020, 2027):
            with at(FEBRUARY), pytest.raises(Refused, match=f"is not short in {year}"):
                assign(by=make.post_staff(), record=record, year=year, today=FEBRUARY)

    def test_course_that_counts_in_that_year_already_is_refused(self, agency, chief, short):
        taken = people.credit(short, dt.date(2025, 9, 9), make.course(agency, "Search law"), technical=1)
        record = people.credit(short, CLASS_DAY, taken.training_class.course, legal=2)
        record.training_class.reported_by_agency = agency
        record.training_class.save()
        with at(FEBRUARY), pytest.raises(Refused, match="A course counts once in a period"):
            assign(by=chief, record=record, year=2025, today=FEBRUARY)

    def test_repeat_of_the_course_counts_again_in_the_year_that_was_left(self, agency, chief, short):
        record = later(short, agency)
        again = people.credit(short, dt.date(2026, 2, 18), record.training_class.course, legal=2)
        TrainingRecord.objects.filter(pk=again.pk).update(not_counted="repeat", twin=record)
        with at(FEBRUARY):
            assign(by=chief, record=record, year=2025, today=FEBRUARY)
        assert TrainingRecord.objects.live().get(replaces=again).not_counted == ""

    def test_changed_meanwhile_is_refused(self, agency, chief, short):
        record = later(short, agency)
        with at(FEBRUARY):
            assign(by=chief, record=record, year=2025, today=FEBRUARY)
            with pytest.raises(Refused, match="changed meanwhile"):
                assign(by=chief, record=record, year=2025, today=FEBRUARY)


ASKED = (Asked("total", Decimal(24)), Asked("legal", Decimal(2)))
HOURS = some.decimals(0, 40, places=1)


def year(number: int, day: dt.date) -> Year:
    facts = PeriodFacts(number, dt.date(number, 1, 1), dt.date(number, 12, 31), dt.date(number + 1, 3, 15))
    return Year(facts, ASKED, (), day)


@given(
    before=some.tuples(HOURS, HOURS), after=some.tuples(HOURS, HOURS), record=some.tuples(HOURS, HOURS),
    is_there=some.booleans(),
)  # fmt: skip
def test_hours_of_both_years_together_are_the_same_whichever_is_chosen(before, after, record, is_there):
    """An hour never counts twice, and none is lost."""
    day = FEBRUARY

    def side(number, hours, has_it):
        hours = tuple(a + b for a, b in zip(hours, record, strict=True)) if has_it else hours
        asked = year(number, day)
        return Side(asked, judge(asked.period, day, ASKED, ORDINARY, hours), record)

    options = make_up.options(side(2025, before, is_there), side(2026, after, not is_there), 2025 if is_there else 2026)
    whole = tuple(map(sum, zip(before, after, record, strict=True)))
    for choice in options:
        both = [choice.findings[number].hours for number in (2025, 2026)]
        assert tuple(map(sum, zip(*both, strict=True))) == whole
    assert options.earlier.findings[2026].hours == after
    assert options.own.findings[2025].hours == before
    assert [choice.is_now for choice in options] == [is_there, not is_there]
    assert options.better in options


@pytest.mark.parametrize(
    ("extension", "completed", "today", "may"),
    [
        (None, dt.date(2026, 3, 15), dt.date(2026, 3, 15), True),
        (None, dt.date(2026, 3, 15), dt.date(2026, 3, 16), False),
        (None, dt.date(2026, 3, 16), dt.date(2026, 3, 16), False),
        (dt.date(2026, 6, 30), dt.date(2026, 6, 30), dt.date(2026, 6, 30), True),
        (dt.date(2026, 6, 30), dt.date(2026, 6, 30), dt.date(2026, 7, 1), False),
        (dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2026, 6, 30), False),
        (dt.date(2026, 6, 30), dt.date(2026, 3, 15), dt.date(2026, 6, 30), True),
    ],
)
def test_reporter_decides_until_march_15_and_inside_an_extension(extension, completed, today, may):
    situation = Situation(is_extended=extension is not None, due_on=extension)
    until = make_up.open_until(year(2025, today).period, situation, completed)
    assert (until is not None and today <= until) is may
