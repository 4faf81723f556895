"""`visible_to` of every QuerySet that has it: which rows are whose, today, by memberships, roles and commissions."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.tests.people_of_world import PEOPLE
from compliance.models import (
    AgencyPlan,
    Candidacy,
    CaseDocument,
    PlanRequest,
    RecordingGap,
    RecordReport,
    RecordReportDocument,
    ReliefDocument,
    ReliefRequest,
    Transcript,
)
from training.models import (
    Agency,
    CalendarImport,
    Certificate,
    Commission,
    Course,
    HeldClass,
    ImportRow,
    Membership,
    Officer,
    OfficerGroup,
    Provider,
    Registration,
    ScheduledClass,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)
from training.tests import factories

pytestmark = pytest.mark.django_db

SCOPED = (Agency, Officer, Provider, Course, TrainingClass, TrainingRecord, OfficerGroup, TrainingImport, ImportRow)
SCOPED = (*SCOPED, ReliefRequest, ReliefDocument, RecordingGap, Candidacy, CaseDocument)
SCOPED = (*SCOPED, RecordReport, RecordReportDocument, AgencyPlan, PlanRequest)
SCOPED = (*SCOPED, CalendarImport, ScheduledClass, Registration, Certificate, HeldClass, Transcript)
STATE = {"POST staff", "Director", "agent of the Director"}


def seen(model, user) -> set:
    return set(model.objects.visible_to(user))


def test_every_queryset_that_is_scoped_is_tested():
    scoped = {model for model in apps.get_models() if hasattr(model._default_manager, "visible_to")}
    assert scoped == set(SCOPED)


def expected(world, person) -> dict[type, set]:
    """What a person sees of each model."""
    a, b, p, q = world.a, world.b, world.p, world.q
    nothing = {model: set() for model in SCOPED}
    joint = {world.joint, world.joint_undone}
    own_a = {a.held, a.undone, a.earlier, *joint}
    own_b = {b.held, b.undone, b.earlier}
    of = TrainingRecord.objects.filter
    reported_a, reported_b = (
        {
            RecordReport: set(house.case["record_report"]),
            RecordReportDocument: set(house.case["record_report_document"]),
        }
        for house in (a, b)
    )
    chiefs_of_a = {
        Agency: {a.agency},
        Officer: {a.officer, a.colleague},
        Course: set(Course.objects.filter(agency=a.agency)),
        OfficerGroup: {a.group},
        TrainingImport: {a.sent},
        ImportRow: {a.row},
        ReliefRequest: set(a.requests),
        ReliefDocument: {a.papers[1]},
        RecordingGap: {a.gap},
        **reported_a,
        AgencyPlan: set(a.case["agency_plan"]),
        PlanRequest: set(a.case["plan_request"]),
        Candidacy: {a.candidacy},
        Transcript: set(a.case["issued_transcript"][:1]),  # not the one the officer had made
        Registration: {p.seat},
        Certificate: {p.certificate, a.certificate},
        TrainingClass: own_a | {p.held},
        TrainingRecord: set(of(training_class__in=own_a)) | set(of(officer__in=[a.officer, a.colleague])),
    }
    chiefs_of_b = {
        Agency: {b.agency},
        Officer: {b.officer, b.colleague},
        Course: set(Course.objects.filter(agency=b.agency)),
        OfficerGroup: {b.group},
        TrainingImport: {b.sent},
        ImportRow: {b.row},
        ReliefRequest: set(b.requests),
        ReliefDocument: {b.papers[1]},
        RecordingGap: {b.gap},
        **reported_b,
        AgencyPlan: set(b.case["agency_plan"]),
        PlanRequest: set(b.case["plan_request"]),
        Candidacy: {b.candidacy},
        Transcript: set(b.case["issued_transcript"][:1]),
        Registration: {q.seat},
        Certificate: {q.certificate, b.certificate},
        TrainingClass: {*own_b, q.held, *joint},
        TrainingRecord: set(of(training_class__in=own_b)) | set(of(officer__in=[b.officer, b.colleague])),
    }
    told = {
        "officer of A": {
            Officer: {a.officer},
            Certificate: {a.certificate},
            TrainingClass: {a.held, a.undone, world.joint},
            TrainingRecord: set(of(officer=a.officer)),
            ReliefRequest: set(a.requests),
            ReliefDocument: set(a.papers),
            PlanRequest: set(a.case["plan_request"]),
            Candidacy: {a.candidacy},
            CaseDocument: set(a.case["case_document"]),
            Transcript: set(a.case["issued_transcript"]),
            **reported_a,
        },
        "officer of B": {
            Officer: {b.officer},
            Certificate: {b.certificate},
            TrainingClass: {b.held, b.undone, *joint},
            TrainingRecord: set(of(officer=b.officer)),
            ReliefRequest: set(b.requests),
            ReliefDocument: set(b.papers),
            PlanRequest: set(b.case["plan_request"]),
            Candidacy: {b.candidacy},
            CaseDocument: set(b.case["case_document"]),
            Transcript: set(b.case["issued_transcript"]),
            **reported_b,
        },
        "CEO of A": chiefs_of_a,
        "delegate of A": chiefs_of_a,
        "CEO of B": chiefs_of_b,
        "delegate of B": chiefs_of_b,
        "former officer of A": {
            Officer: {a.former},
            TrainingClass: {a.earlier},
            TrainingRecord: set(of(officer=a.former)),
        },
    }
    for person_of, school in (("staff of P", p), ("head of P", p), ("staff of Q", q)):
        told[person_of] = {
            Provider: {school.provider},
            Course: {school.held.course},
            TrainingClass: {school.held},
            TrainingRecord: set(of(training_class=school.held)),
            ScheduledClass: {school.scheduled},
            Registration: {school.seat},
            Certificate: {school.certificate},
            HeldClass: {school.kept},
            CalendarImport: set(school.provider.calendar_imports.all()),
            TrainingImport: {school.sent},
            ImportRow: {school.row},
        }
    for person_of in STATE:
        told[person_of] = {model: set(model.objects.all()) for model in SCOPED}
        told[person_of][ReliefDocument] = {a.papers[1], b.papers[1]}  # medical papers: those named for them alone
    return nothing | told.get(person, {})


@pytest.mark.parametrize("person", PEOPLE)
def test_rows_of_a_person_are_exactly_theirs(world, person):
    user = world.people[person] or AnonymousUser()
    assert {model: seen(model, user) for model in SCOPED} == expected(world, person)


@pytest.mark.parametrize("model", SCOPED)
def test_nothing_is_visible_to_nobody(world, model):
    inactive = world.people["POST staff"]
    inactive.is_active = False
    for user in (None, AnonymousUser(), inactive):
        assert seen(model, user) == set()


def test_agency_sees_an_officer_from_the_first_to_the_last_day_of_the_commission():
    agency, today = factories.agency(), clock.today()
    user = factories.ceo(agency)
    days = {"yesterday": today - dt.timedelta(days=1), "today": today, "tomorrow": today + dt.timedelta(days=1)}
    officer = {
        (since, until): factories.officer(agency, since=days[since], until=days.get(until), issued_on=None)
        for since, until in (
            ("yesterday", "yesterday"),
            ("yesterday", "today"),
            ("today", "today"),
            ("today", None),
            ("tomorrow", None),
        )
    }
    assert seen(Officer, user) == {
        officer["yesterday", "today"],
        officer["today", "today"],
        officer["today", None],
    }


def test_agency_keeps_seeing_what_it_reported_after_the_officer_has_left(world):
    a, b = world.a, world.b
    Commission.objects.filter(officer=a.colleague).update(ended_on=clock.today() - dt.timedelta(days=1))
    Commission.objects.create(officer=a.colleague, agency=b.agency, started_on=clock.today())
    records = set(TrainingRecord.objects.filter(officer=a.colleague))
    from_p = set(TrainingRecord.objects.filter(training_class=world.p.held))
    assert from_p < records
    assert a.colleague not in seen(Officer, factories.ceo(a.agency))
    assert seen(TrainingRecord, factories.delegate(a.agency)) & records == records - from_p
    new_chief = factories.ceo(b.agency)
    assert a.colleague in seen(Officer, new_chief)
    assert seen(TrainingRecord, new_chief) >= records


def test_officer_of_two_agencies_is_seen_by_both(world):
    Commission.objects.create(officer=world.a.officer, agency=world.b.agency, started_on=clock.today(), is_reserve=True)
    assert world.a.officer in seen(Officer, factories.ceo(world.a.agency))
    assert world.a.officer in seen(Officer, factories.ceo(world.b.agency))


def test_gap_is_seen_by_the_agency_that_was_asked_while_the_officer_is_there(world):
    gap, chief = world.a.gap, factories.ceo(world.a.agency)
    assert seen(RecordingGap, chief) == {gap}
    RecordingGap.objects.filter(pk=gap.pk).update(asked_at=None)
    assert seen(RecordingGap, chief) == set()
    RecordingGap.objects.filter(pk=gap.pk).update(asked_at=clock.now())
    Commission.objects.filter(officer=gap.officer).update(ended_on=clock.today() - dt.timedelta(days=1))
    assert seen(RecordingGap, chief) == set()


def test_class_of_one_agency_shows_another_only_the_record_of_its_own_officer(world):
    inside = world.joint.records
    assert set(inside.filter(pk__in=TrainingRecord.objects.visible_to(world.b.ceo))) == {
        inside.get(officer=world.b.officer)
    }
    assert inside.filter(pk__in=TrainingRecord.objects.visible_to(world.a.ceo)).count() == 3


def test_record_voided_is_seen_by_the_same_people(world):
    record = world.a.undone.records.get()
    assert record.voided_at is not None
    for person, sees in (("officer of A", True), ("CEO of A", True), ("CEO of B", False), ("POST staff", True)):
        assert (record in seen(TrainingRecord, world.people[person])) is sees


@pytest.mark.parametrize(
    ("starts", "ends", "revoked", "sees"),
    [
        (0, None, False, True),
        (0, 0, False, True),
        (1, None, False, False),
        (-9, -1, False, False),
        (-9, 0, False, True),
        (-9, None, True, False),
        (-9, 9, True, False),
    ],
)
def test_membership_opens_an_agency_in_its_days_unless_revoked(starts, ends, revoked, sees):
    agency, user, today = factories.agency(), factories.user(), clock.today()
    Membership.objects.create(
        user=user,
        role="delegate",
        agency=agency,
        starts_on=today + dt.timedelta(days=starts),
        ends_on=None if ends is None else today + dt.timedelta(days=ends),
        revoked_at=clock.now() if revoked else None,
    )
    assert seen(Agency, user) == ({agency} if sees else set())


@pytest.mark.parametrize("role", StateRole.Role.values)
@pytest.mark.parametrize(("starts", "ends", "sees"), [(0, 0, True), (0, None, True), (1, None, False), (-9, -1, False)])
def test_state_role_opens_the_state_in_its_days(role, starts, ends, sees):
    factories.agency()
    user, today = factories.user(), clock.today()
    StateRole.objects.create(
        user=user,
        role=role,
        starts_on=today + dt.timedelta(days=starts),
        ends_on=None if ends is None else today + dt.timedelta(days=ends),
    )
    opens = sees and role != StateRole.Role.MEDICAL_READER  # who may read medical papers sees nothing by that alone
    assert seen(Agency, user) == (set(Agency.objects.all()) if opens else set())


def test_several_hats_add_up(world):
    user = factories.ceo(world.a.agency)
    Membership.objects.filter(user=world.people["former officer of A"]).update(revoked_at=clock.now())
    Membership.objects.create(user=user, role="officer", officer=world.a.former, starts_on=clock.today())
    Membership.objects.create(user=user, role="provider_staff", provider=world.q.provider, starts_on=clock.today())
    assert seen(Officer, user) == {world.a.officer, world.a.colleague, world.a.former}
    assert seen(Provider, user) == {world.q.provider}
    assert world.q.held in seen(TrainingClass, user)
