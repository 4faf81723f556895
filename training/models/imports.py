"""What an agency or a provider sent in as a table or as pasted lines, row by row, and what became of every row."""

import datetime as dt
import re

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from clee_portal.history import evidence
from training.models.memberships import scope_of


class TrainingImportQuerySet(models.QuerySet):
    """Imports."""

    def visible_to(self, user) -> "TrainingImportQuerySet":
        """Those of `user`'s own agencies and providers; the state's people see all."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(Q(agency__in=scope.agency_ids) | Q(provider__in=scope.provider_ids))

    def with_reference(self, reference: str) -> "TrainingImportQuerySet":
        """The import a reference number such as I-000123 names; none where it is no reference."""
        match = re.fullmatch(r"I-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()

    def silent_since(self, moment: dt.datetime) -> "TrainingImportQuerySet":
        """Those being worked on, of which no rows were finished since `moment`."""
        last = Coalesce("seen_at", "sent_at")
        return self.filter(state=TrainingImport.State.RUNNING).alias(last=last).filter(last__lt=moment).order_by("pk")


@evidence(exclude=("content",))
class TrainingImport(models.Model):
    """A table of training that a body sent in, or the lines pasted with one class that could not be placed.

    The body is an agency or a licensed provider, never both.

    A file is kept as it came. Its columns are as they were recognised or chosen: `fields[i]` is the field of
    `columns[i]`, "-" where the column is left out; `set_names` and `set_values` hold for every row. The work is done in
    the worker, chunk by chunk; a run that was cut off is taken up again from the rows still waiting.
    """

    class Kind(models.TextChoices):
        """How the rows came."""

        FILE = "file", "File"
        PASTE = "paste", "Pasted lines"

    class State(models.TextChoices):
        """How far it is."""

        UPLOADED = "uploaded", "Not sent yet"
        RUNNING = "running", "Being worked on"
        DONE = "done", "Done"
        UNDONE = "undone", "Undone"

    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="imports"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FILE)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    name = models.CharField(max_length=200, help_text="The name of the file, or what the lines were pasted for.")
    content = models.BinaryField(default=bytes, help_text="The file as it came; empty for pasted lines.")
    sha256 = models.CharField(max_length=64, blank=True)
    sheet = models.CharField(max_length=100, blank=True)
    header_row = models.PositiveIntegerField(default=0, help_text="The row of the column names, counted from 1.")
    columns = ArrayField(models.TextField(), default=list)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    set_names = ArrayField(models.CharField(max_length=40), default=list)
    set_values = ArrayField(models.TextField(), default=list)
    total = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many rows it has; known when the work on it begins."
    )
    training_class = models.ForeignKey(
        "training.TrainingClass",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pasted",
        help_text="The class the lines were pasted for.",
    )
    uploaded_at = models.DateTimeField(db_default=Now())
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When the worker last finished a chunk of it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_reason = models.CharField(max_length=500, blank=True)

    objects = TrainingImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        triggers = [pgtrigger.ReadOnly(name="file_never_changes", fields=["content", "sha256"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, provider=None) | Q(agency=None, provider__isnull=False),
                name="import_of_agency_or_provider",
                violation_error_message="A file is an agency’s or a provider’s.",
            ),
            models.UniqueConstraint(
                fields=["agency", "provider", "sha256", "sheet"],
                condition=Q(kind="file") & ~Q(state="undone"),
                name="import_file_once",
                nulls_distinct=False,
                violation_error_message="This very file is here already.",
            ),
            models.CheckConstraint(
                condition=~Q(state="undone") | (Q(undone_at__isnull=False) & ~Q(undo_reason="")),
                name="import_undo_has_reason",
                violation_error_message="Say why the import is undone.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """The reference number people quote: I-000123."""
        return f"I-{self.pk:06d}"

    @property
    def body(self):
        """The agency or the provider that sent it."""
        return self.agency or self.provider


class ImportRowQuerySet(models.QuerySet):
    """Rows of imports."""

    def visible_to(self, user) -> "ImportRowQuerySet":
        """Those of `user`'s own agencies and providers; the state's people see all."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        of = TrainingImport.objects.visible_to(user).order_by().values("pk")
        return self.filter(training_import__in=of)

    def held(self) -> "ImportRowQuerySet":
        """The basket: rows that wait to be mended, sent again or dropped; none of an import that was undone."""
        return self.filter(fate=ImportRow.Fate.HELD).exclude(training_import__state=TrainingImport.State.UNDONE)


@evidence()
class ImportRow(models.Model):
    """One row that was sent in, as it came, and what became of it. Rows in = credited + held + refused + dropped."""

    class Fate(models.TextChoices):
        """What became of the row."""

        WAITING = "waiting", "Waiting"
        CREDITED = "credited", "Credited"
        KNOWN = "known", "Credited before"
        HELD = "held", "Held"
        REFUSED = "refused", "Gives no credit"
        DROPPED = "dropped", "Dropped"

    class How(models.TextChoices):
        """What a pasted line says of how somebody attended; where it says nothing, they completed the class."""

        COMPLETED = "", "Completed it"
        TAUGHT = "taught", "Taught it"
        LEFT = "left", "Did not complete it"
        PARTLY = "partly", "Completed a part"
        OPEN = "open", "Not understood"

    training_import = models.ForeignKey(TrainingImport, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(help_text="Its number in the file, or of the line that was pasted.")
    cells = ArrayField(models.TextField(), help_text="The row as it came, or as it was mended in place.")
    fate = models.CharField(max_length=10, choices=Fate, default=Fate.WAITING)
    column = models.TextField(blank=True, help_text="The column that is wrong; empty for the whole row.")
    wrong = models.TextField(blank=True)
    fix = models.TextField(blank=True)
    notice = models.TextField(blank=True, help_text="What is worth knowing of a row that went well.")
    how = models.CharField(
        max_length=10, choices=How, blank=True, db_default="", help_text="What a pasted line says of the attendance."
    )
    hours = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="The hours that a pasted line gives."
    )
    record = models.ForeignKey(
        "training.TrainingRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="import_rows"
    )
    is_for_post = models.BooleanField(default=False, help_text="A bare name of nobody of the agency: POST places it.")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_why = models.CharField(max_length=300, blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["training_import", "number"]
        constraints = [
            models.UniqueConstraint(fields=["training_import", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=~Q(fate="held") | ~Q(wrong=""),
                name="import_row_held_says_why",
                violation_error_message="A held row says why it is held.",
            ),
            models.CheckConstraint(
                condition=Q(how__in=["", "taught", "left", "partly", "open"]) & (Q(hours=None) | Q(hours__gte=0)),
                name="import_row_attendance",
                violation_error_message="What a line says of the attendance is one of those known, its hours no less "
                "than zero.",
            ),
            models.CheckConstraint(
                condition=~Q(fate="dropped") | ~Q(settled_why=""),
                name="import_row_dropped_says_why",
                violation_error_message="Say why the row is dropped.",
            ),
        ]
        indexes = [
            models.Index(fields=["training_import", "fate"], name="import_row_by_fate"),
            models.Index(fields=["record"], name="import_row_by_record"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.training_import}"


class ColumnMapping(models.Model):
    """How a body's files of one shape are read: remembered, so that the next one needs no choosing."""

    agency = models.ForeignKey(
        "training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="column_mappings"
    )
    provider = models.ForeignKey(
        "training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="column_mappings"
    )
    shape = models.CharField(max_length=64, help_text="SHA-256 of the column names as they are compared.")
    columns = ArrayField(models.TextField(), default=list)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    set_names = ArrayField(models.CharField(max_length=40), default=list)
    set_values = ArrayField(models.TextField(), default=list)
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, provider=None) | Q(agency=None, provider__isnull=False),
                name="column_mapping_of_agency_or_provider",
            ),
            models.UniqueConstraint(
                fields=["agency", "provider", "shape"], name="column_mapping_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency or self.provider}: {', '.join(self.columns)[:80]}"
