"""Classes: a course held from a day to a day, reported by an agency or a provider."""

import re
import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from clee_portal.history import evidence
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet
from training.models.sources import Delivery


class TrainingClassQuerySet(RecordedQuerySet):
    """Classes."""

    def visible_to(self, user) -> "TrainingClassQuerySet":
        """Those `user`'s agency or provider reported, and those in which an officer visible to `user` has a record.

        What is shown *inside* a class is scoped again: `TrainingRecord.objects.visible_to`.
        """
        from training.models.records import TrainingRecord  # the two models refer to each other

        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        records = TrainingRecord.objects.visible_to(user).filter(training_class=OuterRef("pk"))
        return self.filter(
            Q(reported_by_agency__in=scope.agency_ids) | Q(course__provider__in=scope.provider_ids) | Exists(records)
        )

    def reported_by(self, body) -> "TrainingClassQuerySet":
        """Those an agency reported; those of a provider's courses that no agency did."""
        from training.models.agencies import Agency  # models refer to each other

        if isinstance(body, Agency):
            return self.filter(reported_by_agency=body)
        return self.filter(reported_by_agency=None, course__provider=body)

    def with_reference(self, reference: str) -> "TrainingClassQuerySet":
        """The class a reference number such as C-000123 names; none where it is no reference."""
        match = re.fullmatch(r"C-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()


@evidence()
class TrainingClass(Recorded):
    """One holding of a course, from `starts_on` to `ends_on` (inclusive). `ends_on` is the day of completion."""

    course = models.ForeignKey("training.Course", on_delete=models.PROTECT, related_name="classes")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The day it was completed.")
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    place = models.CharField(max_length=200, blank=True)
    reported_by_agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="reported_classes"
    )
    submission_key = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Made when the form is opened: the same form sent twice is one class.",
    )
    recognized_source = models.ForeignKey(
        "training.RecognizedSource",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Out of state: the entry of the Director’s list that approved the course.",
    )
    recorded_although = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="Out of state: why it was recorded although its source was not on the list.",
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="The class this one corrects, which was undone for it.",
    )

    objects = TrainingClassQuerySet.as_manager()

    class Meta(Recorded.Meta):
        verbose_name = "class"
        verbose_name_plural = "classes"
        ordering = ["-ends_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="class_ends_after_it_starts",
                violation_error_message="A class cannot end before it starts.",
            ),
        ]
        indexes = [models.Index(fields=["reported_by_agency", "-ends_on"], name="class_by_agency")]

    def __str__(self) -> str:
        return f"{self.reference} {self.course}"

    @property
    def reference(self) -> str:
        """The reference number people quote: C-000123."""
        return f"C-{self.pk:06d}"

    @property
    def body(self):
        """The agency that reported it, or the provider whose class it is; None for what POST carried over from others.

        Of an agency's class no course is looked up.
        """
        return self.reported_by_agency or self.course.provider

    @property
    def reported(self) -> dict:
        """Who reported it, as services take it: `agency` or `provider`."""
        return {"agency": self.reported_by_agency} if self.reported_by_agency_id else {"provider": self.course.provider}

    @property
    def days(self) -> int:
        """How many days the class spans, first and last inclusive."""
        return (self.ends_on - self.starts_on).days + 1


@evidence()
class ClassLine(HoursLine):
    """The hours a class gives each person who completes all of it."""

    training_class = models.ForeignKey(TrainingClass, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(
                fields=["training_class", "area", "topic"], name="class_line_once", nulls_distinct=False
            ),
        ]
