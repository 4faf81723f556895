"""Licenses: classes, and the dated events from which a license's state on any day follows. Source: 11 CSR 75-13."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from training.models.recorded import Recorded


@evidence()
class LicenseClass(models.Model):
    """A class of peace officer license (11 CSR 75-13.010). The duty of continuing education is the same for all."""

    id = models.SmallAutoField(primary_key=True)
    code = models.CharField(max_length=10, unique=True)
    valid_for = models.CharField(max_length=300)

    class Meta:
        verbose_name_plural = "license classes"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


@evidence()
class LicenseEvent(Recorded):
    """Something that happened to an officer's license on a day.

    The program never makes a license inactive: such an event carries the name of the Director or designated agent who
    decided and the decision's reference (11 CSR 75-15.080), or the register it was carried over from.
    """

    class Kind(models.TextChoices):
        """What happened."""

        ISSUED = "issued", _("Issued")
        UPGRADED = "upgraded", _("Upgraded")
        BASIC_TRAINING_COMPLETED = "basic_training_completed", _("Basic training completed")
        MADE_INACTIVE = "made_inactive", _("Made inactive")
        REINSTATED = "reinstated", _("Reinstated")
        SUSPENDED = "suspended", _("Suspended")
        SUSPENSION_ENDED = "suspension_ended", _("Suspension ended")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")
        SURRENDERED = "surrendered", _("Surrendered")

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="license_events")
    kind = models.CharField(max_length=30, choices=Kind)
    occurred_on = models.DateField()
    period_year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The reporting period an inactive license or its reinstatement concerns."
    )
    license_class = models.ForeignKey(LicenseClass, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.CharField(max_length=150, blank=True, help_text="Name of the Director or designated agent.")
    reference = models.CharField(max_length=100, blank=True, help_text="The decision's number or file.")

    class Meta(Recorded.Meta):
        ordering = ["occurred_on", "recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(kind="made_inactive") | (~Q(decided_by="") & ~Q(reference="")) | ~Q(carried_over_from=""),
                name="license_inactive_has_decider",
                violation_error_message="Only the Director or a designated agent makes a license inactive: name who "
                "decided, and the reference of the decision.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["made_inactive", "reinstated"], period_year__isnull=False)
                | (~Q(kind__in=["made_inactive", "reinstated"]) & Q(period_year=None)),
                name="license_inactive_names_period",
                violation_error_message="Say which reporting period the license was made inactive or reinstated for.",
            ),
        ]
        indexes = [models.Index(fields=["kind", "occurred_on"], name="license_event_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.occurred_on}"
