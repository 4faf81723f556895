"""Training records: one officer, one completed class, and the credit lines it gave."""

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import ExtractYear

from clee_portal import clock
from clee_portal.history import evidence
from training.models.courses import refusals
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet
from training.models.sources import Delivery, SourceKind


def _never_with(table: str, name: str) -> pgtrigger.Trigger:
    """The database refuses a live row of an officer in a class of which a live row of `table` says the opposite."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_values"),
        func=f"""
            IF EXISTS (
                SELECT 1 FROM new_values AS added JOIN {table} AS held
                ON held.training_class_id = added.training_class_id AND held.officer_id = added.officer_id
                WHERE added.voided_at IS NULL AND held.voided_at IS NULL
            ) THEN
                RAISE EXCEPTION 'credit and “not completed” of one officer in one class'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - both names are ours, no value from outside  # nosec B608
    )


class TrainingRecordQuerySet(RecordedQuerySet):
    """Training records."""

    def visible_to(self, user) -> "TrainingRecordQuerySet":
        """Records of officers visible to `user`, and those that `user`'s own agency or provider reported."""
        from training.models.officers import Officer  # the two models refer to each other

        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(
            Q(officer__in=Officer.objects.visible_to(user))
            | Q(training_class__reported_by_agency__in=scope.agency_ids)
            | Q(training_class__course__provider__in=scope.provider_ids)
        )

    def of_no_refused_course(self) -> "TrainingRecordQuerySet":
        """Without those whose course is refused now. Asked of each record's own course: of a few records no other
        course's refusal is read, and of many PostgreSQL reads all refusals once."""
        return self.exclude(Exists(refusals(clock.END_OF_TIME).filter(course=OuterRef("course"))))


@evidence()
class TrainingRecord(Recorded):
    """The evidence that one officer completed one class. Its credit is its lines; it belongs to one year, never two.

    Source and delivery are written on the record when it is made, so that a later change of the course changes nothing
    already given. A correction voids the record and makes another.
    """

    class Role(models.TextChoices):
        """Whether the officer attended or taught; an instructor is credited hour for hour (11 CSR 75-15.020(3))."""

        STUDENT = "student", "Attended"
        INSTRUCTOR = "instructor", "Instructor"

    class NotCounted(models.TextChoices):
        """Why a record is kept but gives no hours (reversible: void and record anew)."""

        DUPLICATE = "duplicate", "Duplicate of another entry"
        REPEAT = "repeat", "Repeat of a course already taken this period"

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="records")
    training_class = models.ForeignKey("training.TrainingClass", on_delete=models.PROTECT, related_name="records")
    course = models.ForeignKey(
        "training.Course",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        null=True,  # versions older than this column have none; every record does, says a constraint
        help_text="The course of the class, written by the database: a course counts once a day for a student.",
    )
    completed_on = models.DateField(help_text="The day the class ended.")
    credited_year = models.PositiveSmallIntegerField(
        help_text="The reporting period it is credited to: the year it was completed or, as make-up credit, "
        "an earlier one."
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.STUDENT)
    source_kind = models.CharField(max_length=20, choices=SourceKind)
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    not_counted = models.CharField(max_length=10, choices=NotCounted, blank=True, default="")
    not_counted_note = models.CharField(max_length=300, blank=True, default="")
    twin = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counted_for",
        help_text="The record that is counted instead of this one.",
    )
    kept_because = models.CharField(
        max_length=300,
        blank=True,
        db_default="",
        default="",
        help_text="Why it counts although another record is like it: a real repeat, kept with a reason.",
    )
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    objects = TrainingRecordQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["-completed_on", "-pk"]
        triggers = [_never_with("training_notcompleted", "record_of_who_completed")]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["training_class", "officer"],
                condition=Q(voided_at=None),
                name="record_once_per_class",
                violation_error_message="This officer already has a record of this class.",
            ),
            models.CheckConstraint(condition=Q(course__isnull=False), name="record_has_its_course"),
            models.UniqueConstraint(
                fields=["officer", "course", "completed_on", "credited_year"],
                condition=Q(voided_at=None, not_counted="", kept_because="", role="student"),
                name="record_course_counts_once_a_day",
                violation_error_message="This officer already has credit for this course on this day.",
            ),
            models.CheckConstraint(
                condition=Q(twin=None) | ~Q(not_counted=""),
                name="record_twin_only_where_not_counted",
                violation_error_message="Only a record that is not counted names the one counted instead.",
            ),
            models.CheckConstraint(
                condition=Q(kept_because="") | Q(not_counted=""),
                name="record_kept_is_counted",
                violation_error_message="A record that is kept as a real repeat is counted.",
            ),
            models.CheckConstraint(
                condition=Q(credited_year__lte=ExtractYear("completed_on")),
                name="record_not_credited_forward",
                violation_error_message="Hours are never credited to a later year than the one they were earned in "
                "(11 CSR 75-15.010: no carry-over).",
            ),
        ]
        indexes = [
            models.Index(fields=["credited_year", "officer"], name="record_by_year"),
            models.Index(fields=["officer", "completed_on"], name="record_by_officer"),
            models.Index(fields=["twin"], name="record_by_twin", condition=Q(twin__isnull=False)),
            models.Index(fields=["voided_at"], name="record_by_voiding", condition=Q(voided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.officer}: {self.training_class}"


@evidence()
class CreditLine(HoursLine):
    """Hours of one record in one area, with one topic or none. The sum of a record's lines is its credit."""

    record = models.ForeignKey(TrainingRecord, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(fields=["record", "area", "topic"], name="credit_line_once", nulls_distinct=False),
        ]


@evidence()
class NotCompleted(Recorded):
    """An officer who was in a class and did not complete it: kept with the class, gives no credit."""

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="not_completed")
    training_class = models.ForeignKey("training.TrainingClass", on_delete=models.PROTECT, related_name="not_completed")

    class Meta(Recorded.Meta):
        ordering = ["pk"]
        triggers = [_never_with("training_trainingrecord", "not_completed_without_credit")]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["training_class", "officer"], condition=Q(voided_at=None), name="not_completed_once_per_class"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} did not complete {self.training_class}"
