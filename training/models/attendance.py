"""Who was at a class and when: marks made at the door, with or without a connection, and what people thought of it."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal.history import evidence
from training.models.recorded import Recorded


@evidence()
class AttendanceMark(Recorded):
    """An officer came in or left, at a moment. Made at the door and sent at once or later; sent twice it is one.

    `at` is the moment at the door; `recorded_at`, the database's clock, is when it arrived here. A device whose clock
    was wrong says by how much (`ahead`, seconds, as measured when it last spoke with the portal), which is taken off.
    """

    class Kind(models.TextChoices):
        """What happened."""

        IN = "in", "Came in"
        OUT = "out", "Left"

    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Made at the door: the same mark sent twice is one."
    )
    registration = models.ForeignKey("training.Registration", on_delete=models.PROTECT, related_name="marks")
    meeting = models.ForeignKey(
        "training.ScheduledMeeting",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="marks",
        help_text="The meeting it belongs to.",
    )
    kind = models.CharField(max_length=3, choices=Kind)
    at = models.DateTimeField()
    ahead = models.IntegerField(
        default=0, db_default=0, help_text="By how many seconds the clock at the door was ahead; taken off the moment."
    )
    by_code = models.BooleanField(default=False, help_text="The code of the registration was read.")

    class Meta(Recorded.Meta):
        ordering = ["at", "pk"]
        constraints = [*Recorded.Meta.constraints]
        indexes = [models.Index(fields=["registration", "at"], name="mark_by_registration")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class ClassEvaluation(models.Model):
    """What one person who was there thought of a class, 1 (poor) to 5 (excellent). Nothing in it says who it was; so it
    has no history either, which would note who was signed in."""

    scheduled_class = models.ForeignKey("training.ScheduledClass", on_delete=models.PROTECT, related_name="evaluations")
    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # in no order
    given_on = models.DateField(db_default=Now())
    content = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    instruction = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    usefulness = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(content__range=(1, 5), instruction__range=(1, 5), usefulness__range=(1, 5)),
                name="evaluation_from_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"Evaluation of {self.scheduled_class}"
