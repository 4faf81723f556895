"""Relief: requests for an extension or waiver on medical or military leave, and decisions. 11 CSR 75-15.010(12)."""

from django.db import models
from django.db.models import F, Q

from clee_portal.history import evidence
from training.models.recorded import Recorded


@evidence()
class ReliefRequest(Recorded):
    """A request for more time (extension) or to be excused (waiver) for one period. Undecided, it keeps the officer off
    the list of candidates."""

    class Kind(models.TextChoices):
        """More time, or the period excused."""

        EXTENSION = "extension", "Extension"
        WAIVER = "waiver", "Waiver"

    class Reason(models.TextChoices):
        """The leave it rests on."""

        MEDICAL = "medical", "Medical leave"
        MILITARY = "military", "Military leave"

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="relief_requests")
    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="relief_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=10, choices=Reason)
    requested_on = models.DateField()

    class Meta(Recorded.Meta):
        ordering = ["requested_on", "pk"]
        indexes = [models.Index(fields=["period", "officer"], name="relief_by_period")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.period.year}, {self.officer}"


@evidence()
class ReliefDecision(Recorded):
    """A decision on a request. The latest one known holds; `ended` takes a granted relief back."""

    class Decision(models.TextChoices):
        """What became of the request."""

        GRANTED = "granted", "Granted"
        DENIED = "denied", "Denied"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Taken back"

    request = models.ForeignKey(ReliefRequest, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=Decision)
    decided_on = models.DateField()
    due_on = models.DateField(
        null=True, blank=True, help_text="Last day to show the hours, for a granted extension (inclusive)."
    )
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.TextField(blank=True)

    class Meta(Recorded.Meta):
        ordering = ["decided_on", "recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(decision="granted", due_on__gte=F("decided_on")),
                name="relief_due_date_fits",
                violation_error_message="Only a granted extension has a due date, and not one before the decision.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} on {self.decided_on}"
