"""Somebody of every role and a thing of every kind, for `clee_portal.permissions`: made, asked about, taken back."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Model

from clee_portal import clock
from clee_portal.accounts.models import FactorRecovery, StateRole, User
from compliance.models import (
    AgencyPlan,
    Candidacy,
    CaseAnswer,
    CaseDocument,
    CaseNotice,
    PlanRequest,
    RecordingGap,
    RecordReport,
    RecordReportDocument,
    ReliefDocument,
    ReliefRequest,
    ReportingPeriod,
    SigningKey,
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
    SourceKind,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)
from training.models.memberships import RIGHTS


@dataclass(frozen=True)
class Things:
    """Things of each kind: those somebody has to do with, or somebody else's. `special` are rows of a kind that fewer
    people see, by what they are called."""

    kinds: dict[type[Model], tuple[Model, ...]]
    special: dict[str, Model]

    def __getitem__(self, kind: type[Model]) -> tuple[Model, ...]:
        return self.kinds[kind]


def things(word: str, today: date) -> Things:
    """An agency with an officer, a class and what goes with it; a provider stands beside it."""
    agency = Agency.objects.create(code=f"sample-{word}", name=f"Agency of {word}")
    number = f"S-{uuid.uuid4().hex[:8]}".upper()
    officer = Officer.objects.create(license_number=number, first_name="Sam", last_name=word.title())
    Commission.objects.create(officer=officer, agency=agency, started_on=today)
    course = Course.objects.create(title=f"Course of {word}", source_kind=SourceKind.IN_SERVICE, agency=agency)
    held = TrainingClass.objects.create(
        course=course, starts_on=today, ends_on=today, reported_by_agency=agency, submission_key=uuid.uuid4()
    )
    record = TrainingRecord.objects.create(
        officer=officer,
        training_class=held,
        completed_on=today,
        credited_year=today.year,
        source_kind=course.source_kind,
    )
    sent = TrainingImport.objects.create(
        agency=agency,
        name="roster.csv",
        state="done",
        content=b"Name",
        sha256=uuid.uuid4().hex * 2,
        header_row=1,
        columns=["Name"],
        fields=["name"],
        uploaded_by=_account(f"{word}.sender"),
    )
    row = ImportRow.objects.create(
        training_import=sent, number=2, cells=["Sam"], fate="held", column="Name", wrong="Nobody", fix="Who?"
    )
    group = OfficerGroup.objects.create(agency=agency, name=word)
    provider = Provider.objects.create(name=f"Provider of {word}")
    taught = Course.objects.create(
        title=f"Course of provider {word}", source_kind=SourceKind.APPROVED_PROVIDER, provider=provider
    )
    of_provider = TrainingClass.objects.create(course=taught, starts_on=today, ends_on=today)
    soon = clock.now()
    scheduled = ScheduledClass.objects.create(
        provider=provider,
        course=taught,
        state=ScheduledClass.State.PUBLISHED,
        published_at=soon,
        begins_at=soon,
        ends_at=soon + timedelta(hours=1),
        capacity=1,
    )
    seat = Registration.objects.create(
        scheduled_class=scheduled, officer=officer, state=Registration.State.REGISTERED, turn=1, seated_at=soon
    )
    certificate = Certificate.objects.create(officer=officer, first_class=held, issued_record=record)
    kept = HeldClass.objects.create(
        provider=provider, course=taught, starts_on=today, ends_on=today, because="Its license was suspended."
    )
    brought = CalendarImport.objects.create(provider=provider, name="our.ics", kind="ics")
    recovery = FactorRecovery.objects.create(
        user=_account(f"{word}.lost"),
        opened_by=_account(f"{word}.opener"),
        identified_by="Called back",
        needs_approval=True,
        expires_at=clock.end_of_day(today),
    )
    request, own_request, medical = (
        ReliefRequest.objects.create(
            officer=officer,
            period=ReportingPeriod.objects.earliest("year"),
            kind=kind,
            reason=reason,
            requested_on=today,
            asked_by="agency" if by_agency else "officer",
            agency=agency if by_agency else None,
        )
        for kind, reason, by_agency in (
            ("extension", "military", True),
            ("extension", "military", False),
            ("waiver", "medical", True),
        )
    )
    paper, medical_paper = (
        ReliefDocument.objects.create(
            request=one,
            name="orders.pdf",
            type="application/pdf",
            size=1,
            sha256="0" * 64,
            file=f"sample/{uuid.uuid4().hex}",
            sent_by="agency",
            agency=agency,
        )
        for one in (request, medical)
    )
    case = Candidacy.objects.create(officer=officer, period=ReportingPeriod.objects.earliest("year"))
    CaseNotice.objects.create(candidacy=case, how="mail", served_on=today, answer_by=today + timedelta(days=1))
    answer = CaseAnswer.objects.create(candidacy=case, given_by="officer", words="I was there")
    answered = CaseDocument.objects.create(
        answer=answer,
        name="roster.pdf",
        type="application/pdf",
        size=1,
        sha256="0" * 64,
        file=f"sample/{uuid.uuid4().hex}",
    )
    gap = RecordingGap.objects.create(
        officer=officer,
        period=ReportingPeriod.objects.earliest("year"),
        kind=RecordingGap.Kind.LITTLE,
        score=50,
        agency=agency,
        asked_at=clock.now(),
    )
    key_id = uuid.uuid4().hex[:16]
    key = SigningKey.objects.create(key_id=key_id, public_key=f"{uuid.uuid4().hex}{'A' * 11}=")
    transcript = Transcript.objects.create(
        officer=officer,
        agency=agency,
        as_of=soon,
        issued_by=recovery.opened_by,
        name=officer.full_name,
        license_number=officer.license_number,
        license_words="Active",
        key=key,
        **{field: f"sample/{uuid.uuid4().hex}" for field in ("pdf", "data")},
        **{f"{field}_sha256": uuid.uuid4().hex * 2 for field in ("pdf", "data")},
        **{f"{field}_signature": f"{'A' * 86}==" for field in ("pdf", "data")},
    )
    report = RecordReport.objects.create(
        officer=officer,
        kind=RecordReport.Kind.MISSING,
        title=f"Class of {word}",
        starts_on=today,
        completed_on=today,
        agency=agency,
        submission_key=uuid.uuid4(),
        reported_by=_account(f"{word}.reporter"),
        asked_on=today,
    )
    shown = RecordReportDocument.objects.create(
        report=report,
        name="certificate.pdf",
        type="application/pdf",
        size=1,
        sha256="0" * 64,
        file=f"sample/{uuid.uuid4().hex}",
        sent_by=report.reported_by,
    )
    made = (agency, officer, course, held, record, sent, row, group, provider, recovery, paper, gap, case, answered)
    made += (scheduled, seat, certificate, kept, brought, transcript, report, shown)
    asker = _account(f"{word}.planner")
    made += (
        AgencyPlan.objects.create(
            agency=agency, year=today.year, asked_by=asker, submission_key=uuid.uuid4(), hosts=True
        ),
        PlanRequest.objects.create(
            officer=officer, agency=agency, year=today.year, missing="3 hours in all", asked_by=asker
        ),
    )
    kinds = {type(one): (one,) for one in made} | {TrainingClass: (held, of_provider)}
    return Things(kinds | {ReliefRequest: (request, own_request)}, {"Medical documents an agency sent": medical_paper})


def people(own: Things, today: date) -> dict[str, User]:
    """Somebody of each role, by the name of the role; the agency's and provider's people belong to `own`."""
    found = {}
    ties = {
        "Officer": {"role": Membership.Role.OFFICER, "officer": own[Officer][0]},
        "Agency CEO": {"role": Membership.Role.AGENCY_CEO, "agency": own[Agency][0]},
        "Delegate with every right": {"role": Membership.Role.DELEGATE, "agency": own[Agency][0]},
        "Delegate without a right": {
            "role": Membership.Role.DELEGATE,
            "agency": own[Agency][0],
            **dict.fromkeys(RIGHTS, False),
        },
        "Head of a provider": {"role": Membership.Role.PROVIDER_STAFF, "provider": own[Provider][0], "is_head": True},
        "Provider staff": {"role": Membership.Role.PROVIDER_STAFF, "provider": own[Provider][0]},
    }
    for name, tie in ties.items():
        found[name] = _account(name.replace(" ", "."))
        Membership.objects.create(user=found[name], starts_on=today, **tie)
    # Reading medical documents is a grant beside one of the others.
    for role in [one for one in StateRole.Role if one != StateRole.Role.MEDICAL_READER]:
        found[role.label] = _account(role.value)
        StateRole.objects.create(user=found[role.label], role=role, starts_on=today)
    reader = found["POST staff named for medical documents"] = _account("reader")
    for role in (StateRole.Role.POST_STAFF, StateRole.Role.MEDICAL_READER):
        StateRole.objects.create(user=reader, role=role, starts_on=today)
    return found


def nobody() -> User:
    """An account without any tie."""
    return _account("nobody")


def _account(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}.{uuid.uuid4().hex[:8]}@sample.example.org", name=name)
