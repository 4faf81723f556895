"""Core curricula areas and topics, as rows: next year's topic needs no migration. Source: 11 CSR 75-15.020."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from clee_portal.history import evidence

HUNDREDTH = Decimal("0.01")
MOST_HOURS = Decimal("2000")


@evidence()
class Area(models.Model):
    """A core curricula area: Legal Studies, Technical Studies, Interpersonal Perspectives, Skill Development."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


@evidence()
class Topic(models.Model):
    """A designation inside an area's hours, such as firearms or racial profiling."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField()
    only_area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_topics",
        help_text="The only area whose hours may carry this topic (firearms: Skill Development); empty for any.",
    )
    usual_area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="usual_topics", help_text="Where a form places it to begin with."
    )

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class HoursLine(models.Model):
    """Base of credit lines: hours of one area, with one topic or none. An hour lies on exactly one line."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hours = models.DecimalField(
        max_digits=6, decimal_places=2, validators=[MinValueValidator(HUNDREDTH), MaxValueValidator(MOST_HOURS)]
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(hours__gt=0, hours__lte=MOST_HOURS),
                name="%(app_label)s_%(class)s_hours_positive",
                violation_error_message="Hours must be more than 0 and at most 2,000.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hours} h {self.area}" + (f" ({self.topic})" if self.topic_id else "")
