"""The judgement's own facts: reporting periods, published requirements, relief."""

from compliance.models.documents import ReliefDocument, ReliefGround
from compliance.models.make_up import MakeUpDecision
from compliance.models.periods import ReportingPeriod
from compliance.models.relief import ReliefDecision, ReliefQuestion, ReliefRequest
from compliance.models.reminders import ReminderDate
from compliance.models.requirements import Requirement, RequirementSet

__all__ = [
    "MakeUpDecision",
    "ReliefDecision",
    "ReliefDocument",
    "ReliefGround",
    "ReliefQuestion",
    "ReliefRequest",
    "ReminderDate",
    "ReportingPeriod",
    "Requirement",
    "RequirementSet",
]
