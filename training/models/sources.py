"""Where credit comes from, and how a class was held. Names, not verdicts: what counts is compliance's to say."""

from django.db import models


class SourceKind(models.TextChoices):
    """The kind of a source of training (11 CSR 75-15.030 to .060)."""

    APPROVED_PROVIDER = "approved_provider", "Approved provider"
    IN_SERVICE = "in_service", "In-service of an agency"
    INDIVIDUAL_COURSE = "individual_course", "Individually approved course"
    OUT_OF_STATE = "out_of_state", "Recognized out-of-state or federal course"
    COLLEGE = "college", "College course"


class Delivery(models.TextChoices):
    """How a class was held. Firearms hours must be in person."""

    CLASSROOM = "classroom", "In person"
    ONLINE = "online", "Online"
