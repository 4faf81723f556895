"""Make-up credit: for which of two periods an officer's hours count, decided person by person. Rulebook 11, 8."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from clee_portal.history import evidence


@evidence()
class MakeUpDecision(models.Model):
    """Somebody decided to which year a record is credited; undecided, it counts in the year it was completed.

    The record itself carries the year (`credited_year`); this keeps that it was decided, also where the decision was to
    leave it in its own year, so that nobody is asked again.
    """

    record = models.OneToOneField("training.TrainingRecord", on_delete=models.PROTECT, related_name="make_up_decision")
    year = models.PositiveSmallIntegerField(help_text="The reporting period the hours count in.")
    decided_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.record}: {self.year}"
