"""The judgement's own facts: reporting periods, published requirements, relief, and the cases of
those still short after it."""

from compliance.models.candidacies import Candidacy, CandidacyCheck, Listing, ListMade
from compliance.models.documents import ReliefDocument, ReliefGround
from compliance.models.make_up import MakeUpDecision
from compliance.models.periods import ReportingPeriod
from compliance.models.relief import ReliefDecision, ReliefQuestion, ReliefRequest
from compliance.models.reminders import ReminderDate
from compliance.models.requirements import Requirement, RequirementSet
from compliance.models.rule_drafts import GoldenCase, ProposedTopic, RuleAuthor

__all__ = [
    "Candidacy",
    "CandidacyCheck",
    "GoldenCase",
    "ListMade",
    "Listing",
    "MakeUpDecision",
    "ProposedTopic",
    "ReliefDecision",
    "ReliefDocument",
    "ReliefGround",
    "ReliefQuestion",
    "ReliefRequest",
    "ReminderDate",
    "ReportingPeriod",
    "Requirement",
    "RequirementSet",
    "RuleAuthor",
]
