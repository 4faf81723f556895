"""The facts of training, one file per group of models. Nothing here knows what the rules ask."""

from training.models.agencies import Agency
from training.models.attendance import AttendanceMark, ClassEvaluation
from training.models.calendar import ScheduledClass, ScheduledLine, ScheduledMeeting
from training.models.calendar_imports import CalendarImport, CalendarImportRow
from training.models.certificates import Certificate
from training.models.classes import ClassLine, TrainingClass
from training.models.commissions import Commission, CommissionQuestion, RosterConfirmation
from training.models.courses import Course, CourseLine, CourseReview
from training.models.curriculum import Area, Topic
from training.models.feeds import CalendarFeed
from training.models.groups import OfficerGroup
from training.models.held_classes import HeldClass, HeldClassLine, HeldPerson, HeldPersonLine
from training.models.imports import ColumnMapping, ImportRow, TrainingImport
from training.models.invitations import Campaign, Invitation, InvitationRequest, PeopleConfirmation
from training.models.licenses import LicenseClass, LicenseEvent
from training.models.memberships import Membership
from training.models.officers import Officer, OfficerBirthDate, OfficerFormerName
from training.models.providers import Provider, ProviderLicense
from training.models.records import CreditLine, NotCompleted, TrainingRecord
from training.models.register import OfficerFormerNumber, OfficerMerge, OfficerMergeRow, RecognizedSource
from training.models.registrations import Registration
from training.models.sources import Delivery, SourceKind

__all__ = [
    "Agency",
    "Area",
    "AttendanceMark",
    "CalendarFeed",
    "CalendarImport",
    "CalendarImportRow",
    "Campaign",
    "Certificate",
    "ClassEvaluation",
    "ClassLine",
    "ColumnMapping",
    "Commission",
    "CommissionQuestion",
    "Course",
    "CourseLine",
    "CourseReview",
    "CreditLine",
    "Delivery",
    "HeldClass",
    "HeldClassLine",
    "HeldPerson",
    "HeldPersonLine",
    "ImportRow",
    "Invitation",
    "InvitationRequest",
    "LicenseClass",
    "LicenseEvent",
    "Membership",
    "NotCompleted",
    "Officer",
    "OfficerBirthDate",
    "OfficerFormerName",
    "OfficerFormerNumber",
    "OfficerGroup",
    "OfficerMerge",
    "OfficerMergeRow",
    "PeopleConfirmation",
    "Provider",
    "ProviderLicense",
    "RecognizedSource",
    "Registration",
    "RosterConfirmation",
    "ScheduledClass",
    "ScheduledLine",
    "ScheduledMeeting",
    "SourceKind",
    "Topic",
    "TrainingClass",
    "TrainingImport",
    "TrainingRecord",
]
