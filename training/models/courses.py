"""Courses and their review by POST."""

import datetime as dt

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from clee_portal.history import evidence
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet
from training.models.sources import Delivery, SourceKind


class CourseQuerySet(models.QuerySet):
    """Courses."""

    def visible_to(self, user) -> "CourseQuerySet":
        """The state's people see all, agency people their agency's courses, provider staff their provider's."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(Q(agency__in=scope.agency_ids) | Q(provider__in=scope.provider_ids))

    def current(self) -> "CourseQuerySet":
        """Those of which a class may be planned: not withdrawn, and without a newer version."""
        return self.filter(withdrawn_at=None, replaced_by=None)

    def refused_as_of(self, moment: dt.datetime) -> "CourseQuerySet":
        """Those whose latest review known at `moment` is a refusal: they give no hours then (11 CSR 75-15.060)."""
        return self.filter(pk__in=refusals(moment).values("course"))


def refusals(moment: dt.datetime) -> models.QuerySet:
    """The refusals known at `moment` after which no approval of their course was known."""
    reviews = CourseReview.objects.known(moment)
    later_approval = reviews.filter(
        course=OuterRef("course"), decision=CourseReview.Decision.APPROVED, recorded_at__gt=OuterRef("recorded_at")
    )
    return reviews.filter(decision=CourseReview.Decision.REFUSED).exclude(Exists(later_approval))


@evidence()
class Course(models.Model):
    """A course: a title with its source and the hours it gives. In-service hours count from the day it is submitted."""

    title = models.CharField(max_length=200)
    control_number = models.CharField(
        max_length=40, unique=True, null=True, blank=True, help_text="The number POST gives an approved course."
    )
    source_kind = models.CharField(max_length=20, choices=SourceKind)
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="courses"
    )
    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="courses"
    )
    sponsor = models.CharField(
        max_length=200, blank=True, help_text="Who gave it, where that is neither a provider nor an agency here."
    )
    synopsis = models.TextField(blank=True)
    instructors = models.CharField(
        max_length=300, blank=True, db_default="", default="", help_text="Who teaches it, as submitted to POST."
    )
    objectives = models.TextField(blank=True, db_default="", default="", help_text="What people can do afterwards.")
    prerequisites = models.TextField(blank=True, db_default="", default="")
    audience = models.CharField("who should attend", max_length=300, blank=True, db_default="", default="")
    administrator = models.CharField(
        "course administrator",
        max_length=200,
        blank=True,
        db_default="",
        default="",
        help_text="Whose name stands on the certificates.",
    )
    fee = models.DecimalField(
        "fee in dollars", max_digits=7, decimal_places=2, default=0, db_default=0, validators=[MinValueValidator(0)]
    )
    underwrites = models.ForeignKey(
        "training.Agency",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="underwritten_courses",
        help_text="The agency whose course a provider gives under its own license: POST approves it 30 days ahead.",
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="The version before this one. Classes and credit stay with the version they were given by.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="Since when no new class of it is planned.")
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    submitted_at = models.DateTimeField(db_default=Now())
    added_to_at = models.DateTimeField(
        null=True, blank=True, help_text="When the agency last added to what it had submitted."
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source_kind="approved_provider", provider__isnull=False, agency=None, sponsor="")
                | Q(source_kind="in_service", agency__isnull=False, provider=None, sponsor="")
                | (
                    Q(source_kind__in=["individual_course", "out_of_state", "college"], provider=None, agency=None)
                    & ~Q(sponsor="")
                ),
                name="course_source_fits_its_kind",
                violation_error_message="An approved provider's course names the provider, an in-service course the "
                "agency, any other its sponsor.",
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="course_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(underwrites=None) | Q(source_kind="approved_provider"),
                name="course_underwritten_by_provider",
                violation_error_message="Only a licensed provider underwrites an agency’s course.",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(replaces__isnull=False),
                name="course_one_next_version",
                violation_error_message="There is a newer version of this course already.",
            ),
        ]
        indexes = [models.Index(fields=["agency", "title"], name="course_by_agency")]

    def __str__(self) -> str:
        return self.title

    @property
    def source_name(self) -> str:
        """Who gave the course, for people to read."""
        return str(self.provider or self.agency or self.sponsor)


@evidence(deletable=True)
class CourseLine(HoursLine):
    """The hours a course gives, as the template of its classes."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(fields=["course", "area", "topic"], name="course_line_once", nulls_distinct=False),
        ]


@evidence()
class CourseReview(Recorded):
    """POST's decision on a course. A refusal takes the hours out from its day on; a later approval gives them back."""

    class Decision(models.TextChoices):
        """What POST decided."""

        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision)
    decided_on = models.DateField()
    reason = models.TextField(blank=True)
    conditions = models.TextField(blank=True)

    objects = RecordedQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(decision="refused") | ~Q(reason=""),
                name="course_refusal_has_reason",
                violation_error_message="Say why the course is refused.",
            ),
        ]
        indexes = [
            models.Index(fields=["voided_at"], name="review_by_voiding", condition=Q(voided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.get_decision_display()}"
