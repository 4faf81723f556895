"""Where credit comes from, and how a class was held. Names, not verdicts: what counts is compliance's to say."""

from django.db import models
from django.utils.translation import gettext_noop as _


class SourceKind(models.TextChoices):
    """The kind of a source of training (11 CSR 75-15.030 to .060)."""

    APPROVED_PROVIDER = "approved_provider", _("Approved provider")
    IN_SERVICE = "in_service", _("In-service of an agency")
    INDIVIDUAL_COURSE = "individual_course", _("Individually approved course")
    OUT_OF_STATE = "out_of_state", _("Recognized out-of-state or federal course")
    COLLEGE = "college", _("College course")


class Delivery(models.TextChoices):
    """How a class was held. Firearms hours must be in person."""

    CLASSROOM = "classroom", _("In person")
    ONLINE = "online", _("Online")
