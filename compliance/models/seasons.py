"""How many officers stood where at the end of each week of a period: counted once, so that a season can be looked at.

Derived, and no evidence: it says what `compliance.standings` says as of each day, and can be counted anew at any time
(`bin/manage count_season --anew`).
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SeasonDay(models.Model):
    """A day whose standings in a period were counted, as of its end."""

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="season_days")
    day = models.DateField()
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["period", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "day"],
                name="season_day_once",
                violation_error_message="This day of the period was counted already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} of {self.period.year}"


class SeasonCount(models.Model):
    """How many officers had one standing on a day: of the whole state (no agency), or of those commissioned at an
    agency that day. An officer with two commissions is in both agencies and once in the state."""

    season_day = models.ForeignKey(SeasonDay, on_delete=models.PROTECT, related_name="counts")
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    standing = models.CharField(max_length=20, help_text="A code of `compliance.verdict.Standing`.")
    officers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["season_day", "agency", "standing"],
                name="season_count_once",
                nulls_distinct=False,
                violation_error_message="This standing was counted already.",
            ),
            models.CheckConstraint(
                condition=Q(officers__gt=0),
                name="season_count_of_somebody",
                violation_error_message="A count is of one officer at least.",
            ),
            models.CheckConstraint(
                condition=~Q(standing=""),
                name="season_count_standing",
                violation_error_message="A count is of one standing.",
            ),
        ]
        indexes = [models.Index(fields=["agency", "season_day"], name="season_count_by_agency")]

    def __str__(self) -> str:
        return f"{self.season_day}: {self.officers} {self.standing}"
