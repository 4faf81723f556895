"""A provider's existing calendar, brought in from a file: its events as they were read, until they are taken over."""

import re

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from training.models.calendar import MOST_SEATS
from training.models.memberships import scope_of


class CalendarImportQuerySet(models.QuerySet):
    """Calendars brought in."""

    def visible_to(self, user) -> "CalendarImportQuerySet":
        """The state's people see all, provider staff their provider's."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(provider__in=scope.provider_ids)

    def with_reference(self, reference: str) -> "CalendarImportQuerySet":
        """The one a reference such as K-000123 names; none where it is no reference."""
        match = re.fullmatch(r"K-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()


class CalendarImport(models.Model):
    """One file of a provider's calendar. What it does not say itself is given once for all its events."""

    class Kind(models.TextChoices):
        """What the file is."""

        ICS = "ics", "Calendar (ICS)"
        CSV = "csv", "Table (CSV or XLSX)"

    provider = models.ForeignKey("training.Provider", on_delete=models.PROTECT, related_name="calendar_imports")
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=3, choices=Kind)
    uploaded_at = models.DateTimeField(db_default=Now())
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When events were last taken over.")
    capacity = models.PositiveIntegerField(
        "seats", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)]
    )
    place = models.CharField("name of the place", max_length=200, blank=True)
    zip_code = models.CharField("ZIP code", max_length=5, blank=True)

    objects = CalendarImportQuerySet.as_manager()

    class Meta:
        verbose_name = "calendar brought in"
        verbose_name_plural = "calendars brought in"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=1, capacity__lte=MOST_SEATS),
                name="calendar_import_has_seats",
                violation_error_message="Give the number of seats, 1 to 5,000.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """The reference number people quote: K-000123."""
        return f"K-{self.pk:06d}"


class CalendarImportRow(models.Model):
    """One event of a file, as read and as mended since; `number` is its row in a table, its place in a calendar.

    A repeated event has a row for each of its dates, `repeats` naming what they have in common; `is_joined` makes them
    the meetings of one class.
    """

    class Outcome(models.TextChoices):
        """What became of it."""

        NEW = "new", "Planned"
        CHANGED = "changed", "Changed"
        SAME = "same", "As it was"
        CALLED_OFF = "called_off", "Called off"

    calendar_import = models.ForeignKey(CalendarImport, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    uid = models.CharField(max_length=255)
    repeats = models.CharField(max_length=255, blank=True)
    is_joined = models.BooleanField(default=False)
    title = models.CharField(max_length=1000, blank=True)
    day = models.CharField("date", max_length=60, blank=True, help_text="As read, or as mended since.")
    begins = models.CharField("from", max_length=40, blank=True)
    ends = models.CharField("to", max_length=40, blank=True)
    begins_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    wrong = models.CharField(max_length=400, blank=True, help_text="Why it cannot be read.")
    fix = models.CharField(max_length=400, blank=True, help_text="What mends that.")
    place = models.CharField("name of the place", max_length=200, blank=True)
    address = models.CharField("street", max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    zip_code = models.CharField("ZIP code", max_length=5, blank=True)
    capacity = models.PositiveIntegerField("seats", null=True, blank=True)
    fee = models.DecimalField("fee in dollars", max_digits=7, decimal_places=2, null=True, blank=True)
    instructors = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    course = models.ForeignKey("training.Course", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_cancelled = models.BooleanField(default=False)
    is_left_out = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    scheduled_class = models.ForeignKey(
        "training.ScheduledClass", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["calendar_import", "uid"], name="calendar_import_row_once"),
            models.CheckConstraint(
                condition=Q(begins_at=None, ends_at=None) | Q(begins_at__isnull=False, ends_at__isnull=False),
                name="calendar_import_row_read_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.title}"
