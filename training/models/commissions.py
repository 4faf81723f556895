"""Commissions: an agency's grant of authority to an officer, dated. Source: RSMo 590.020, 590.070."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from clee_portal.history import evidence


class DateRange(Func):
    """PostgreSQL's daterange of two dates, both inclusive."""

    function = "DATERANGE"
    output_field = DateRangeField()


class CommissionQuerySet(models.QuerySet):
    """Commissions."""

    def in_force(self, day: dt.date) -> "CommissionQuerySet":
        """Those begun by `day` and not ended before it; first and last day are inclusive."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day)


@evidence()
class Commission(models.Model):
    """An officer's commission at an agency, from a day to a day, both inclusive."""

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="commissions")
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="commissions")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True, help_text="Last day; empty while it lasts.")
    rank = models.CharField(max_length=60, blank=True)
    is_reserve = models.BooleanField(default=False, help_text="Reserve peace officers owe CLEE like everybody else.")

    objects = CommissionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="commission_ends_after_it_starts",
                violation_error_message="A commission cannot end before it starts.",
            ),
            ExclusionConstraint(
                name="commission_once_at_a_time",
                expressions=[
                    (F("officer"), RangeOperators.EQUAL),
                    (F("agency"), RangeOperators.EQUAL),
                    (
                        DateRange("started_on", "ended_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="This officer already holds a commission at this agency in these days.",
            ),
        ]
        indexes = [models.Index(fields=["agency", "ended_on", "officer"], name="commission_by_agency")]

    def __str__(self) -> str:
        return f"{self.officer} at {self.agency} from {self.started_on}"
