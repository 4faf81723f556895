"""What mail servers reported back: mail that could not be delivered, complaints, and addresses that fail for good."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from clee_portal import clock
from clee_portal.history import evidence
from notifications.models.messages import Message


@evidence()
class DeliveryReport(models.Model):
    """A mail server's report about one recipient: RFC 3464 (delivery status) or RFC 5965 (a complaint)."""

    class Kind(models.TextChoices):
        """What was reported."""

        FAILED = "failed", "Could not be delivered"
        DELAYED = "delayed", "Not delivered yet"
        DELIVERED = "delivered", "Delivered"
        COMPLAINT = "complaint", "Reported as unwanted"

    message = models.ForeignKey(
        Message,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text="The mail it is about.",
    )
    address = models.CharField(max_length=254, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=20, blank=True, help_text="The enhanced status code, such as 5.1.1.")
    diagnostic = models.TextField(blank=True, help_text="The words of the other mail server.")
    reported_at = models.DateTimeField(default=clock.now)
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of the report: the same one read twice is one row."
    )

    class Meta:
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "address"],
                name="delivery_report_once",
                violation_error_message="This report was read already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"


@evidence()
class FailingAddress(models.Model):
    """An address whose mail comes back for good. Nothing is sent to it until its owner says that it works again."""

    address = models.CharField(max_length=254)
    since = models.DateTimeField(default=clock.now)
    reason = models.TextField(help_text="What the mail server said.")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="When its owner said that it works again.")

    class Meta:
        verbose_name_plural = "failing addresses"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                condition=Q(confirmed_at=None),
                name="failing_address_once",
                violation_error_message="This address is marked already.",
            )
        ]

    def __str__(self) -> str:
        return self.address
