"""The judgement's own facts: reporting periods, published requirements, relief, and the cases of
those still short after it."""

from compliance.models.candidacies import Candidacy, CandidacyCheck, Listing, ListMade
from compliance.models.make_up import MakeUpDecision
from compliance.models.periods import ReportingPeriod
from compliance.models.relief import ReliefDecision, ReliefRequest
from compliance.models.reminders import ReminderDate
from compliance.models.requirements import Requirement, RequirementSet

__all__ = [
    "Candidacy",
    "CandidacyCheck",
    "ListMade",
    "Listing",
    "MakeUpDecision",
    "ReliefDecision",
    "ReliefRequest",
    "ReminderDate",
    "ReportingPeriod",
    "Requirement",
    "RequirementSet",
]
