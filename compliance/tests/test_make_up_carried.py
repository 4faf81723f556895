"""Make-up credit goes with the hours: to the provider's entry and back, and to another day as far as that allows."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from clee_portal.refusal import Refused
from compliance import make_up_cases
from compliance.models import MakeUpDecision
from compliance.services.make_up import assign
from compliance.tests import people
from compliance.tests.test_make_up import CLASS_DAY, FEBRUARY, LACKS, at, later, standing
from training.imports import working
from training.models import Course, Provider, ProviderLicense, TrainingRecord
from training.services import classes, corrections, imports
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 20)
TODAY = dt.date(2026, 5, 20)


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def short(agency):
    """An officer who lacks the hour of racial profiling for 2025."""
    officer = make.officer(agency, license_number="51002", name="Renee Abbott", issued_on=dt.date(2024, 3, 3))
    people.complete(officer, agency, 2025, **LACKS)
    return officer


@pytest.fixture
def made_up(agency, chief, short):
    """The missing hour, of the agency's own class in February, credited to 2025."""
    record = later(short, agency)
    with at(FEBRUARY):
        return assign(by=chief, record=record, year=2025, today=FEBRUARY)


def an_academy():
    provider, is_new = Provider.objects.get_or_create(name="Acme Academy")
    if is_new:
        ProviderLicense.objects.create(provider=provider, number="P-1", valid_from=dt.date(2015, 1, 1))
    return provider


def its_file(agency) -> TrainingRecord:
    """The provider reports the same class; the record of it."""
    an_academy()
    post = make.post_staff()
    text = (
        "License,Title,Date,Hours,Area,Racial profiling hours,Provider\n"
        f"51002,Search law,{CLASS_DAY},1,Interpersonal Perspectives,1,Acme Academy"
    )
    held, _ = imports.upload(by=post, body=agency, name="a.csv", data=text.encode())
    imports.send(by=post, training_import=held)
    assert working.work(held.pk)
    return TrainingRecord.objects.live().get(source_kind="approved_provider", training_class__ends_on=CLASS_DAY)


def decided(agency, officer) -> list[tuple[int, bool]]:
    """(Year in question, whether it is decided) of the officer's entry that counts on that day."""
    [record] = officer.records.live().filter(completed_on__year=2026, not_counted="")
    with at(FEBRUARY):
        return [(case.year, case.is_decided) for case in make_up_cases.of_record(record, FEBRUARY)]


def test_entry_of_the_provider_takes_over_the_make_up_credit_and_gives_it_back(agency, short, made_up):
    its = its_file(agency)
    assert (its.credited_year, its.not_counted) == (2025, "")
    [own] = TrainingRecord.objects.live().filter(training_class=made_up.training_class)
    assert (own.not_counted, own.twin) == ("duplicate", its)
    assert standing(short, 2025, TODAY) == "compliant"
    assert decided(agency, short) == [(2025, True)]
    classes.void(by=make.post_staff(), training_class=its.training_class, reason="Not theirs")
    [own] = TrainingRecord.objects.live().filter(training_class=made_up.training_class)
    assert (own.not_counted, own.credited_year) == ("", 2025)
    assert standing(short, 2025, TODAY) == "compliant"
    assert decided(agency, short) == [(2025, True)]


def test_year_decided_for_the_entry_of_the_provider_goes_back_with_the_hours(agency, short, made_up):
    its = its_file(agency)
    with at(FEBRUARY):
        its = assign(by=make.post_staff(), record=its, year=2026, today=FEBRUARY)
    classes.void(by=make.post_staff(), training_class=its.training_class, reason="Not theirs")
    [own] = TrainingRecord.objects.live().filter(training_class=made_up.training_class)
    assert (own.not_counted, own.credited_year) == ("", 2026)
    assert decided(agency, short) == [(2025, True)]


def test_undecided_hours_stay_undecided_when_the_provider_takes_over(agency, short):
    later(short, agency)
    assert its_file(agency).credited_year == 2026
    assert decided(agency, short) == [(2025, False)]


def test_course_that_counts_in_the_earlier_year_is_not_made_up_twice(agency, short, made_up):
    course = Course.objects.create(title="Search law", source_kind="approved_provider", provider=an_academy())
    people.credit(short, dt.date(2025, 9, 9), course, technical=1)
    its = its_file(agency)
    assert (its.training_class.course, its.credited_year, its.not_counted) == (course, 2026, "")


def test_kept_duplicate_is_not_credited_where_the_course_counts_already(agency, chief, short):
    """A reason that kept a duplicate lets no course count twice in the earlier year."""
    taken = people.credit(short, dt.date(2025, 9, 9), make.course(agency, "Search law"), technical=1)
    record, _ = [_credit_of(agency, short, taken.training_class.course, kept=kept) for kept in ("Part two", "")]
    with at(FEBRUARY), pytest.raises(Refused, match="A course counts once in a period"):
        assign(by=chief, record=record, year=2025, today=FEBRUARY)


def _credit_of(agency, officer, course, *, kept) -> TrainingRecord:
    record = people.credit(officer, CLASS_DAY, course, legal=2)
    record.training_class.reported_by_agency = agency
    record.training_class.save()
    TrainingRecord.objects.filter(pk=record.pk).update(kept_because=kept)
    return record


def answers_of(record, day) -> dict:
    held = record.training_class
    return {
        "agency": held.reported_by_agency, "course": held.course, "starts_on": day, "ends_on": day,
        "lines": make.lines(**LACKS), "attendances": [Attendance(record.officer)], "today": TODAY,
        "submission_key": uuid.uuid4(),
    }  # fmt: skip


def corrected(chief, record, day) -> TrainingRecord:
    made, _ = corrections.correct(
        by=chief, training_class=record.training_class, reason="Another day", **answers_of(record, day)
    )
    return made.records.get()


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (dt.date(2026, 2, 9), 2025),
        (dt.date(2026, 2, 11), 2025),
        (dt.date(2026, 3, 15), 2025),
        (dt.date(2026, 3, 16), 2026),
        (dt.date(2025, 12, 30), 2025),
    ],
)
def test_correction_of_the_day_keeps_make_up_credit_until_march_15(agency, chief, made_up, day, year):
    with at(TODAY):
        assert corrected(chief, made_up, day).credited_year == year


@pytest.mark.parametrize(
    ("day", "due_on", "year"),
    [
        (APRIL, APRIL, 2025),
        (APRIL, dt.date(2026, 4, 19), 2026),
        (APRIL, dt.date(2026, 5, 1), 2025),
    ],
)
def test_correction_keeps_make_up_credit_inside_an_extension_also_once_it_has_ended(
    agency, chief, short, made_up, day, due_on, year
):
    people.relief(short, 2025, decision="granted", due_on=due_on)
    with at(TODAY):
        assert corrected(chief, made_up, day).credited_year == year


def test_what_post_credited_after_both_stays_when_the_day_is_corrected(agency, chief, short):
    record = later(short, agency, APRIL)
    with at(TODAY):
        made_up = assign(by=make.post_staff(), record=record, year=2025, today=TODAY)
        assert corrected(chief, made_up, APRIL + dt.timedelta(days=1)).credited_year == 2025


def test_decision_holds_after_the_correction_and_is_asked_again_where_it_was_lost(agency, chief, short, made_up):
    with at(TODAY):
        moved = corrected(chief, made_up, CLASS_DAY + dt.timedelta(days=1))
        [case] = make_up_cases.of_record(moved, FEBRUARY)
        assert (case.is_decided, case.options.earlier.is_now) == (True, True)
        lost = corrected(chief, moved, APRIL)
        [case] = make_up_cases.of_record(lost, TODAY)
        assert (case.is_decided, case.options.own.is_now) == (False, True)
    assert MakeUpDecision.objects.count() == 1


@pytest.mark.parametrize(("day", "is_lost"), [(dt.date(2026, 2, 11), False), (APRIL, True)])
def test_effect_of_a_correction_names_whose_make_up_credit_is_lost(client, chief, made_up, day, is_lost):
    client.force_login(chief)
    held = made_up.training_class
    data = {
        "course": held.course.title, "ends_on": day.isoformat(), "delivery": "classroom",
        "hours-area-interpersonal": "1", "hours-topic-racial_profiling": "1",
        "hours-in-racial_profiling": "interpersonal", "officers": [made_up.officer_id],
    }  # fmt: skip
    with at(TODAY):
        page = client.post(reverse("compliance:correct_effect", args=[held.reference]), data).content.decode()
    assert "What it would change" in page
    assert ("Make-up credit that is lost" in page) is is_lost
    assert ("Abbott, Renee: the hours made up 2025 and would count in 2026. April 20, 2026 is too late" in page) is (
        is_lost
    )
