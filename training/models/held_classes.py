"""A provider's class that is whole and gives no credit yet: its license was not valid on the day the class ended.

Nothing that was entered is lost: the class, its hours and everybody in it are kept as they were confirmed, until POST
has mended the license's standing and releases it (RSMo 590.050), or it is dropped with a reason.
"""

import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clee_portal.history import evidence
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet
from training.models.records import TrainingRecord
from training.models.sources import Delivery


class HeldClassQuerySet(RecordedQuerySet):
    """Held classes."""

    def visible_to(self, user) -> "HeldClassQuerySet":
        """Those of `user`'s own providers; the state's people see all."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(provider__in=scope.provider_ids)

    def waiting(self) -> "HeldClassQuerySet":
        """Those that are neither released nor dropped."""
        return self.live().filter(training_class=None)

    def with_reference(self, reference: str) -> "HeldClassQuerySet":
        """The held class a reference number such as H-000123 names; none where it is no reference."""
        match = re.fullmatch(r"H-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()


@evidence()
class HeldClass(Recorded):
    """A class of a provider as it was confirmed or entered, held since no license was valid on the day it ended.

    Voided is what was dropped, with the reason; released is what became the class `training_class`.
    """

    provider = models.ForeignKey("training.Provider", on_delete=models.PROTECT, related_name="held_classes")
    course = models.ForeignKey("training.Course", on_delete=models.PROTECT, related_name="held_classes")
    scheduled_class = models.ForeignKey(
        "training.ScheduledClass", on_delete=models.PROTECT, null=True, blank=True, related_name="held_classes"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The day it was completed.")
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    place = models.CharField(max_length=200, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    because = models.CharField("why it is held", max_length=500)
    training_class = models.OneToOneField(
        "training.TrainingClass", on_delete=models.PROTECT, null=True, blank=True, related_name="released_from"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HeldClassQuerySet.as_manager()

    class Meta(Recorded.Meta):
        verbose_name = "held class"
        verbose_name_plural = "held classes"
        ordering = ["-ends_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="held_class_ends_after_it_starts",
                violation_error_message="A class cannot end before it starts.",
            ),
            models.CheckConstraint(condition=~Q(because=""), name="held_class_says_why"),
            models.CheckConstraint(
                condition=Q(training_class=None, released_at=None)
                | Q(training_class__isnull=False, released_at__isnull=False, voided_at=None),
                name="held_class_released_or_dropped",
                violation_error_message="A class is released, or dropped, never both.",
            ),
            models.UniqueConstraint(
                fields=["scheduled_class"],
                condition=Q(voided_at=None, training_class=None, scheduled_class__isnull=False),
                name="held_class_once_per_scheduled",
                violation_error_message="Who completed this class is held already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.course}"

    @property
    def reference(self) -> str:
        """The reference number people quote: H-000123."""
        return f"H-{self.pk:06d}"

    @property
    def is_waiting(self) -> bool:
        """Whether it waits still."""
        return self.voided_at is None and self.training_class_id is None


@evidence()
class HeldClassLine(HoursLine):
    """The hours a held class is to give everyone who completed all of it."""

    held_class = models.ForeignKey(HeldClass, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(
                fields=["held_class", "area", "topic"], name="held_class_line_once", nulls_distinct=False
            ),
        ]


@evidence()
class HeldPerson(models.Model):
    """An officer of a held class: attended, taught, or did not complete it; own hours are its lines, if it has any."""

    held_class = models.ForeignKey(HeldClass, on_delete=models.PROTECT, related_name="people")
    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=TrainingRecord.Role, default=TrainingRecord.Role.STUDENT)
    is_completed = models.BooleanField(default=True)
    kept_because = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["held_class", "officer"],
                name="held_person_once_per_class",
                violation_error_message="This officer is in the class already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer}: {self.held_class}"


@evidence()
class HeldPersonLine(HoursLine):
    """Own hours of somebody in a held class, where they are not all of the class."""

    person = models.ForeignKey(HeldPerson, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "area", "topic"], name="held_person_line_once", nulls_distinct=False
            ),
        ]
