"""The judgement's own facts: reporting periods, published requirements, relief, and the cases of
those still short after it."""

from compliance.models.candidacies import Candidacy, CandidacyCheck, Listing, ListMade
from compliance.models.cases import CaseAnswer, CaseDocument, CaseNotice, NotPursued, ResponsePeriod
from compliance.models.decisions import (
    CaseAppeal,
    CaseDecision,
    CasePacket,
    CaseSecondLook,
    CaseSubmission,
)
from compliance.models.documents import ReliefDocument, ReliefGround
from compliance.models.make_up import MakeUpDecision
from compliance.models.periods import ReportingPeriod
from compliance.models.plans import (
    AgencyPlan,
    AgencyPlanClass,
    AgencyPlanLack,
    AgencyPlanLine,
    AgencyPlanSeat,
    PlanRequest,
    PlanRequestClass,
)
from compliance.models.record_reports import RecordReport, RecordReportDocument
from compliance.models.recording_gaps import GapSearch, RecordingGap
from compliance.models.relief import ReliefDecision, ReliefQuestion, ReliefRequest
from compliance.models.reminders import ReminderDate
from compliance.models.requirements import Requirement, RequirementSet
from compliance.models.rule_drafts import GoldenCase, ProposedTopic, RuleAuthor
from compliance.models.seasons import SeasonCount, SeasonDay
from compliance.models.transcripts import (
    SigningKey,
    Transcript,
    TranscriptClass,
    TranscriptHours,
    TranscriptLook,
    TranscriptNeed,
    TranscriptPeriod,
)

__all__ = [
    "AgencyPlan",
    "AgencyPlanClass",
    "AgencyPlanLack",
    "AgencyPlanLine",
    "AgencyPlanSeat",
    "Candidacy",
    "CandidacyCheck",
    "CaseAnswer",
    "CaseAppeal",
    "CaseDecision",
    "CaseDocument",
    "CaseNotice",
    "CasePacket",
    "CaseSecondLook",
    "CaseSubmission",
    "GapSearch",
    "GoldenCase",
    "ListMade",
    "Listing",
    "MakeUpDecision",
    "NotPursued",
    "PlanRequest",
    "PlanRequestClass",
    "ProposedTopic",
    "RecordReport",
    "RecordReportDocument",
    "RecordingGap",
    "ReliefDecision",
    "ReliefDocument",
    "ReliefGround",
    "ReliefQuestion",
    "ReliefRequest",
    "ReminderDate",
    "ReportingPeriod",
    "Requirement",
    "RequirementSet",
    "ResponsePeriod",
    "RuleAuthor",
    "SeasonCount",
    "SeasonDay",
    "SigningKey",
    "Transcript",
    "TranscriptClass",
    "TranscriptHours",
    "TranscriptLook",
    "TranscriptNeed",
    "TranscriptPeriod",
]
