"""The facts of training, one file per group of models. Nothing here knows what the rules ask."""

from training.models.agencies import Agency
from training.models.classes import ClassLine, TrainingClass
from training.models.commissions import Commission
from training.models.courses import Course, CourseLine, CourseReview
from training.models.curriculum import Area, Topic
from training.models.licenses import LicenseClass, LicenseEvent
from training.models.memberships import Membership
from training.models.officers import Officer, OfficerBirthDate, OfficerFormerName
from training.models.providers import Provider, ProviderLicense
from training.models.records import CreditLine, TrainingRecord
from training.models.sources import Delivery, SourceKind

__all__ = [
    "Agency",
    "Area",
    "ClassLine",
    "Commission",
    "Course",
    "CourseLine",
    "CourseReview",
    "CreditLine",
    "Delivery",
    "LicenseClass",
    "LicenseEvent",
    "Membership",
    "Officer",
    "OfficerBirthDate",
    "OfficerFormerName",
    "Provider",
    "ProviderLicense",
    "SourceKind",
    "Topic",
    "TrainingClass",
    "TrainingRecord",
]
