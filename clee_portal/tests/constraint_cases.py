"""What the database must refuse: one case for every named constraint and every lock of our models.

Each case writes with `QuerySet.bulk_create` or `update`, past all forms and services, what the constraint must not
allow, and is registered under its name. test_constraints.py runs them all, and fails where one is missing.
"""

import datetime as dt
from decimal import Decimal

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod, Requirement, RequirementSet
from training.models import (
    ClassLine,
    Commission,
    Course,
    CourseLine,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Membership,
    NotCompleted,
    Officer,
    Provider,
    ProviderLicense,
    TrainingClass,
    TrainingRecord,
)
from training.tests import factories

DAY = dt.date(2025, 5, 14)
EARLIER = DAY - dt.timedelta(days=1)
LATER = DAY + dt.timedelta(days=1)
CASES = {}


def refused(name):
    """Registers a case: the function yields a callable for what the constraint `name` must refuse."""

    def register(case):
        assert name not in CASES
        CASES[name] = case
        return case

    return register


def insert(model, **values):
    """Insert one row past `save()` and every validation."""
    return model.objects.bulk_create([model(**values)])[0]


# People who sign in ---------------------------------------------------------------------------------------------------


@refused("user_email_unique_without_case")
def _():
    insert(User, email="dana@example.org")
    insert(User, email="Dana@Example.ORG")


@refused("state_role_ends_after_it_starts")
def _():
    insert(StateRole, user=factories.user(), role="director", starts_on=DAY, ends_on=EARLIER)


# Memberships ----------------------------------------------------------------------------------------------------------


@refused("membership_role_fits_its_object")
def _():
    insert(Membership, user=factories.user(), role="agency_ceo", officer=factories.officer(), starts_on=DAY)


@refused("membership_ends_after_it_starts")
def _():
    insert(
        Membership,
        user=factories.user(),
        role="delegate",
        agency=factories.agency(),
        starts_on=DAY,
        ends_on=EARLIER,
    )


@refused("membership_one_account_per_license")
def _():
    officer = factories.officer()
    insert(Membership, user=factories.user(), role="officer", officer=officer, starts_on=DAY)
    insert(Membership, user=factories.user(), role="officer", officer=officer, starts_on=DAY)


@refused("membership_once_per_agency")
def _():
    user, agency = factories.user(), factories.agency()
    insert(Membership, user=user, role="delegate", agency=agency, starts_on=DAY)
    insert(Membership, user=user, role="delegate", agency=agency, starts_on=LATER)


@refused("membership_once_per_provider")
def _():
    user, provider = factories.user(), Provider.objects.create(name="Academy of the Ozarks")
    insert(Membership, user=user, role="provider_staff", provider=provider, starts_on=DAY)
    insert(Membership, user=user, role="provider_staff", provider=provider, starts_on=LATER)


# Officers, commissions, licenses --------------------------------------------------------------------------------------


@refused("officer_license_number_shape")
def _():
    insert(Officer, license_number="12 345", first_name="Ada", last_name="Abbott")


@refused("commission_ends_after_it_starts")
def _():
    insert(Commission, officer=factories.officer(), agency=factories.agency(), started_on=DAY, ended_on=EARLIER)


@refused("commission_once_at_a_time")
def _():
    officer, agency = factories.officer(), factories.agency()
    insert(Commission, officer=officer, agency=agency, started_on=EARLIER, ended_on=DAY)
    insert(Commission, officer=officer, agency=agency, started_on=DAY)


@refused("license_inactive_has_decider")
def _():
    insert(
        LicenseEvent,
        officer=factories.officer(),
        kind="made_inactive",
        occurred_on=DAY,
        period_year=2024,
        decided_by="Avery Stone",
    )


@refused("license_inactive_names_period")
def _():
    insert(LicenseEvent, officer=factories.officer(), kind="reinstated", occurred_on=DAY)


# Providers, courses, classes ------------------------------------------------------------------------------------------


@refused("provider_license_ends_after_it_starts")
def _():
    provider = Provider.objects.create(name="Academy of the Ozarks")
    insert(ProviderLicense, provider=provider, number="P-1", valid_from=DAY, valid_until=EARLIER)


@refused("provider_license_one_standing_a_day")
def _():
    provider = Provider.objects.create(name="Academy of the Ozarks")
    insert(ProviderLicense, provider=provider, number="P-1", valid_from=EARLIER, valid_until=DAY)
    insert(ProviderLicense, provider=provider, number="P-1", valid_from=DAY, standing="suspended")


@refused("course_source_fits_its_kind")
def _():
    insert(Course, title="Report writing", source_kind="approved_provider", agency=factories.agency())


@refused("course_refusal_has_reason")
def _():
    insert(CourseReview, course=factories.course(factories.agency()), decision="refused", decided_on=DAY)


@refused("course_line_once")
def _():
    course = factories.course(factories.agency(), legal=2)
    insert(CourseLine, course=course, area=factories.area("legal"), hours=1)


@refused("class_ends_after_it_starts")
def _():
    insert(TrainingClass, course=factories.course(factories.agency()), starts_on=DAY, ends_on=EARLIER)


@refused("class_line_once")
def _():
    held = a_class()
    insert(ClassLine, training_class=held, area=factories.area("legal"), hours=1)
    insert(ClassLine, training_class=held, area=factories.area("legal"), hours=1)


# Records and credit ---------------------------------------------------------------------------------------------------


@refused("record_has_its_course")
def _():
    TrainingRecord.objects.filter(pk=a_record().pk).update(course=None)


@refused("record_course_counts_once_a_day")
def _():
    record = a_record()
    a_record(officer=record.officer, training_class=a_class(course=record.training_class.course))


@refused("record_once_per_class")
def _():
    record = a_record()
    insert(
        TrainingRecord,
        officer=record.officer,
        training_class=record.training_class,
        completed_on=DAY,
        credited_year=2025,
        source_kind="in_service",
    )


@refused("record_not_credited_forward")
def _():
    a_record(credited_year=2026)


@refused("credit_line_once")
def _():
    record = a_record()
    insert(CreditLine, record=record, area=factories.area("legal"), hours=1)
    insert(CreditLine, record=record, area=factories.area("legal"), hours=2)


@refused("training_creditline_hours_positive")
def _():
    insert(CreditLine, record=a_record(), area=factories.area("legal"), hours=0)


@refused("training_classline_hours_positive")
def _():
    insert(ClassLine, training_class=a_class(), area=factories.area("legal"), hours=-1)


@refused("training_courseline_hours_positive")
def _():
    course = factories.course(factories.agency(), legal=2)
    insert(CourseLine, course=course, area=factories.area("skill"), hours=Decimal("2000.01"))


# Two clocks -----------------------------------------------------------------------------------------------------------


def a_class(course=None):
    course = course or factories.course(factories.agency())
    return TrainingClass.objects.create(course=course, starts_on=DAY, ends_on=DAY)


def a_record(*, credited_year=2025, officer=None, training_class=None):
    return insert(
        TrainingRecord,
        officer=officer or factories.officer(),
        training_class=training_class or a_class(),
        completed_on=DAY,
        credited_year=credited_year,
        source_kind="in_service",
    )


def a_request():
    period = ReportingPeriod.objects.get(year=2025)
    return ReliefRequest.objects.create(
        officer=factories.officer(), period=period, kind="extension", reason="medical", requested_on=DAY
    )


RECORDED = {
    TrainingClass: a_class,
    TrainingRecord: a_record,
    NotCompleted: lambda: NotCompleted.objects.create(officer=factories.officer(), training_class=a_class()),
    CourseReview: lambda: CourseReview.objects.create(
        course=factories.course(factories.agency()), decision="approved", decided_on=DAY
    ),
    LicenseEvent: lambda: LicenseEvent.objects.create(officer=factories.officer(), kind="issued", occurred_on=DAY),
    ProviderLicense: lambda: ProviderLicense.objects.create(
        provider=Provider.objects.create(name="Academy of the Ozarks"), number="P-1", valid_from=DAY
    ),
    ReliefRequest: a_request,
    ReliefDecision: lambda: ReliefDecision.objects.create(request=a_request(), decision="denied", decided_on=DAY),
}


def void_cases(model, make):
    """The two cases every fact has that may be voided."""
    prefix = f"{model._meta.app_label}_{model._meta.model_name}"

    @refused(f"{prefix}_void_has_reason")
    def without_reason():
        model.objects.filter(pk=make().pk).update(voided_at=clock.now() + dt.timedelta(days=1), void_reason="")

    @refused(f"{prefix}_void_after_recorded")
    def before_it_was_recorded():
        row = make()
        row.refresh_from_db()
        before = row.recorded_at - dt.timedelta(seconds=1)
        model.objects.filter(pk=row.pk).update(voided_at=before, void_reason="Entered twice")


for _model, _make in RECORDED.items():
    void_cases(_model, _make)


# Periods, requirements, relief ----------------------------------------------------------------------------------------


@refused("period_dates_in_order")
def _():
    insert(ReportingPeriod, year=2099, starts_on=DAY, ends_on=LATER, show_by=LATER)


@refused("requirement_set_version_once")
def _():
    insert(RequirementSet, period=ReportingPeriod.objects.get(year=2025), version=1)


def a_draft():
    return insert(RequirementSet, period=ReportingPeriod.objects.get(year=2025), version=9)


def a_requirement(of, minimum=24, code="total"):
    return insert(
        Requirement,
        requirement_set=of,
        code=code,
        name="Total",
        short_name="total",
        order=1,
        minimum=minimum,
        wording="24 hours",
        citation="11 CSR 75-15.010",
    )


@refused("requirement_code_once")
def _():
    draft = a_draft()
    a_requirement(draft)
    a_requirement(draft)


@refused("requirement_minimum_positive")
def _():
    a_requirement(a_draft(), minimum=0)


@refused("relief_due_date_fits")
def _():
    insert(ReliefDecision, request=a_request(), decision="granted", decided_on=DAY, due_on=EARLIER)


@refused("published_set_is_locked")
def _():
    RequirementSet.objects.filter(period__year=2025).update(note="Changed after it was published")


@refused("published_requirement_is_locked")
def _():
    Requirement.objects.filter(requirement_set__period__year=2025).update(minimum=1)
