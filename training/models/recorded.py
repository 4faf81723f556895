"""Facts with two clocks: when it happened is a date on the fact, when it was known is `recorded_at` and `voided_at`."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def known_at(moment: dt.datetime, prefix: str = "") -> Q:
    """What was known at `moment`: recorded by then and not yet voided. `prefix` reaches through a relation."""
    return Q(**{f"{prefix}recorded_at__lte": moment}) & (
        Q(**{f"{prefix}voided_at": None}) | Q(**{f"{prefix}voided_at__gt": moment})
    )


class RecordedQuerySet(models.QuerySet):
    """Facts with two clocks."""

    def known(self, moment: dt.datetime) -> "RecordedQuerySet":
        """Those recorded by `moment` and not yet voided then."""
        return self.filter(known_at(moment))

    def live(self) -> "RecordedQuerySet":
        """Those not voided."""
        return self.filter(voided_at=None)


class Recorded(models.Model):
    """Base of facts that are recorded once, perhaps voided later, and never changed in between.

    `recorded_at` is the database's clock. Only golden cases, the demonstration state and the loader of an older
    register (marked `carried_over_from`) set it themselves.
    """

    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField(max_length=500, blank=True)
    carried_over_from = models.CharField(
        max_length=200,
        blank=True,
        help_text="The register this was carried over from; empty for what was entered here.",
    )

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at=None, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="%(app_label)s_%(class)s_void_has_reason",
                violation_error_message="A voided fact needs the reason why it was voided.",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(voided_at__gte=models.F("recorded_at")),
                name="%(app_label)s_%(class)s_void_after_recorded",
                violation_error_message="A fact cannot be voided before it was recorded.",
            ),
        ]
