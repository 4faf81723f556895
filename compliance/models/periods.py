"""Reporting periods: the calendar years in which hours are owed. Source: 11 CSR 75-15.010, 75-15.080."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from clee_portal.history import evidence


def in_force(published, moment: dt.datetime):
    """Of the published requirement sets of one period, in order of version, the one in force at `moment`."""
    return next((one for one in reversed(published) if one.published_at <= moment), published[0])


@evidence()
class ReportingPeriod(models.Model):
    """A CLEE reporting period: January 1 to December 31, with the day by which compliance is to be shown (March 15)."""

    year = models.PositiveSmallIntegerField(unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    show_by = models.DateField(help_text="Last day on which missing hours may be made up and shown (75-15.080).")

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on"), ends_on__lt=F("show_by")),
                name="period_dates_in_order",
                violation_error_message="A period starts, then ends, then compliance is to be shown.",
            ),
            ExclusionConstraint(
                name="period_days_lie_in_one_period",
                expressions=[
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message="Two reporting periods cannot share a day.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} reporting period"

    def set_as_of(self, moment: dt.datetime):
        """The `RequirementSet` in force at `moment`: the latest version published by then, else the first."""
        published = list(self.requirement_sets.exclude(published_at=None).order_by("version"))
        if not published:
            raise self.requirement_sets.model.DoesNotExist(f"No requirements are published for {self.year}.")
        return in_force(published, moment)
