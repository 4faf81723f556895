"""What the register keeps beside the officer: former numbers, records joined into one, recognized sources."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, GeneratedField, Q
from django.db.models.functions import Lower, Now

from clee_portal.history import evidence
from training.models.names import ImmutableUnaccent
from training.models.recorded import Recorded, RecordedQuerySet


@evidence()
class OfficerFormerNumber(Recorded):
    """A license number an officer is no longer known by: it was corrected, or its record was joined with theirs.

    It still finds the officer, and whoever sends it in a file is told of the new one. It never stands for the officer
    by itself: the number may meanwhile be, or always have been, somebody else's.
    """

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="former_numbers")
    license_number = models.CharField(max_length=12)
    used_until = models.DateField(help_text="The day it was corrected.")

    class Meta(Recorded.Meta):
        ordering = ["-used_until", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["officer", "license_number"],
                condition=Q(voided_at=None),
                name="former_number_once_per_officer",
                violation_error_message="This is kept as a former number of the officer already.",
            ),
            models.CheckConstraint(
                condition=Q(license_number__regex=r"^[0-9A-Z][0-9A-Z-]*$"),
                name="former_number_shape",
                violation_error_message="A license number is digits, or capital letters and digits, without blanks.",
            ),
        ]
        indexes = [models.Index(fields=["license_number"], name="former_number_by_number")]

    def __str__(self) -> str:
        return f"{self.license_number}, now {self.officer}"


@evidence()
class OfficerMerge(models.Model):
    """Two records of one person joined: all of `merged` was moved to `kept`, row by row, and can be moved back."""

    kept = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="merged_by")
    license_number = models.CharField(max_length=12, help_text="The number `merged` had: it is kept for its return.")
    both_valid = models.BooleanField(help_text="Both held a license that day, which was confirmed by name.")
    reason = models.CharField(max_length=500)
    merged_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_reason = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("merged")),
                name="merge_of_two",
                violation_error_message="A record cannot be joined with itself.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="merge_has_reason", violation_error_message="Say why they are one person."
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undo_reason="") | (Q(undone_at__isnull=False) & ~Q(undo_reason="")),
                name="merge_undone_has_reason",
                violation_error_message="Say why the records are parted again.",
            ),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at=None),
                name="merged_once_at_a_time",
                violation_error_message="This record is joined with another already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.license_number} joined with {self.kept}"


@evidence()
class OfficerMergeRow(models.Model):
    """One row that was moved by a merge: of which table, which, and by which of its columns it named the officer."""

    merge = models.ForeignKey(OfficerMerge, on_delete=models.PROTECT, related_name="rows")
    model = models.CharField(max_length=100, help_text="The kind of row, as app and model: training.Commission.")
    field = models.CharField(max_length=60)
    row = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merge", "model", "field", "row"], name="merge_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row}"


class YearRange(Func):
    """PostgreSQL's int4range of two years, both inclusive; without a last one it is open."""

    function = "INT4RANGE"
    output_field = IntegerRangeField()


class RecognizedSourceQuerySet(RecordedQuerySet):
    """Recognized sources."""

    def in_year(self, year: int) -> "RecognizedSourceQuerySet":
        """Those on the list of a reporting period."""
        return self.filter(Q(last_year=None) | Q(last_year__gte=year), first_year__lte=year)


@evidence(exclude=("search_name",))
class RecognizedSource(Recorded):
    """A state, federal agency or organization whose approved courses Missouri recognizes, for whole reporting periods.

    The Director settles the list before each period (11 CSR 75-15.050). Training counts where its source was on the
    list of the period; what was given already stays as it is.
    """

    class Kind(models.TextChoices):
        """What sort of source it is."""

        STATE = "state", "Another state"
        FEDERAL = "federal", "Federal agency"
        ORGANIZATION = "organization", "Organization"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.STATE)
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty until it is taken off.")
    decided_on = models.DateField(help_text="The day the Director decided.")
    conditions = models.CharField(max_length=500, blank=True, default="", db_default="")
    search_name = GeneratedField(
        expression=Lower(ImmutableUnaccent("name")), output_field=models.TextField(), db_persist=True
    )

    objects = RecognizedSourceQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["search_name", "first_year"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(last_year=None) | Q(last_year__gte=F("first_year")),
                name="recognized_source_ends_after_it_starts",
                violation_error_message="The last year cannot lie before the first.",
            ),
            models.CheckConstraint(
                condition=Q(first_year__gte=2015, first_year__lte=2100),
                name="recognized_source_year_is_a_year",
                violation_error_message="Give the first year as four digits, 2015 or later.",
            ),
            ExclusionConstraint(
                name="recognized_source_once_a_year",
                condition=Q(voided_at=None),
                expressions=[
                    (F("search_name"), RangeOperators.EQUAL),
                    (
                        YearRange("first_year", "last_year", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="This source is on the list for some of these years already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def holds_in(self, year: int) -> bool:
        """Whether it is on the list of a reporting period."""
        return self.first_year <= year and (self.last_year is None or self.last_year >= year)
