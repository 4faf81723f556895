"""Commissions: an agency's grant of authority to an officer, dated. Source: RSMo 590.020, 590.070."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from clee_portal.history import evidence


class DateRange(Func):
    """PostgreSQL's daterange of two dates, both inclusive."""

    function = "DATERANGE"
    output_field = DateRangeField()


class CommissionQuerySet(models.QuerySet):
    """Commissions."""

    def in_force(self, day: dt.date) -> "CommissionQuerySet":
        """Those begun by `day` and not ended before it; first and last day are inclusive."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day, set_aside_by=None)


@evidence()
class Commission(models.Model):
    """An officer's commission at an agency, from a day to a day, both inclusive."""

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="commissions")
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="commissions")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True, help_text="Last day; empty while it lasts.")
    rank = models.CharField(max_length=60, blank=True)
    is_reserve = models.BooleanField(default=False, help_text="Reserve peace officers owe CLEE like everybody else.")

    started_reported_on = models.DateField(
        null=True, blank=True, help_text="When the agency told POST of it; empty where it came with the register."
    )
    ended_reported_on = models.DateField(null=True, blank=True, help_text="When the agency told POST that it ended.")
    end_reason = models.CharField(max_length=200, blank=True, db_default="", default="")
    held_elsewhere_confirmed_on = models.DateField(
        null=True, blank=True, help_text="When the agency confirmed that a commission elsewhere is right."
    )

    set_aside_by = models.ForeignKey(
        "training.OfficerMerge",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The merge since which it says nothing of its own: the other record has the same commission.",
    )

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
                condition=Q(set_aside_by=None),
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


@evidence()
class CommissionQuestion(models.Model):
    """One agency asks another whether an officer both claim is still commissioned there."""

    class Answer(models.TextChoices):
        """What the agency answered."""

        STILL_HERE = "still_here", "Still commissioned here"
        LEFT = "left", "No longer here: the commission was ended"

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="questions")
    asked_by_agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="questions_asked")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "asked_by_agency"],
                condition=Q(answered_at=None),
                name="commission_question_open_once",
                violation_error_message="This was asked already and is not answered yet.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="commission_question_answer_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by_agency} asks about {self.commission}"


@evidence()
class RosterConfirmation(models.Model):
    """An agency's yearly word that its roster of commissions is right."""

    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="roster_confirmations")
    year = models.PositiveSmallIntegerField()
    officers = models.PositiveIntegerField(help_text="How many officers held a commission then.")
    confirmed_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "year"],
                name="roster_confirmed_once_a_year",
                violation_error_message="The roster was confirmed for this year already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency}, {self.year}"
