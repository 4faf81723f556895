"""Seals: signed statements of what the history held, one after the other, and what the sealer notes for itself."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


def never_changes(name: str) -> list[pgtrigger.Trigger]:
    """Triggers of a table whose rows are only ever added; `name` is that of the first."""
    return [
        pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'what seals the history is never emptied: %', TG_TABLE_NAME;",
        ),
    ]


class RowForm(models.Model):
    """Which columns the rows of a sealed table had when their content hash was taken, in their order.

    A migration that adds a column makes a new form; rows written before keep theirs, so that they can be read again as
    they were. `after_id` is the last number given before the form was noted; the rows up to that of a table's first
    form are from before there were hashes.
    """

    table_name = models.CharField(max_length=63)
    columns = ArrayField(models.CharField(max_length=63))
    after_id = models.BigIntegerField()
    noted_at = models.DateTimeField(db_default=Now())

    is_never_changed = True

    class Meta:
        verbose_name = "form of rows"
        verbose_name_plural = "forms of rows"
        constraints = [
            models.CheckConstraint(
                condition=Q(columns__len__gt=0),
                name="row_form_has_columns",
                violation_error_message="A form of rows names their columns.",
            ),
        ]
        triggers = never_changes("row_form_never_changes")

    def __str__(self) -> str:
        return f"{self.table_name} after {self.after_id}"


class Seal(models.Model):
    """One seal: what was committed since the last, as a root for each table, chained to the seal before and signed.

    `digest` is the SHA-256 of the statement (`sealing.statements`), of which `previous`, the parts and the time are all
    there is; `signature` is that of an Ed25519 key which the host of the database does not hold.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    previous = models.CharField(
        max_length=64, blank=True, help_text="The digest of the one before; empty for the first."
    )
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, help_text="The public key, in hexadecimal.")
    signature = models.CharField(max_length=128)

    is_never_changed = True

    class Meta:
        verbose_name = "seal"
        verbose_name_plural = "seals"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number=1, previous="") | Q(number__gt=1, previous__gt=""),
                name="seal_names_the_one_before",
                violation_error_message="Every seal but the first names the one before.",
            ),
            models.CheckConstraint(
                condition=Q(rows__gt=0),
                name="seal_has_rows",
                violation_error_message="A seal is of one row at least.",
            ),
        ]
        triggers = never_changes("seal_never_changes")

    def __str__(self) -> str:
        return f"Seal {self.number}"


class SealPart(models.Model):
    """What a seal says of one table: its rows numbered above `after_id` up to `up_to_id`, how many, and their root."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="parts")
    table_name = models.CharField(max_length=63)
    after_id = models.BigIntegerField()
    up_to_id = models.BigIntegerField()
    rows = models.BigIntegerField()
    root = models.CharField(max_length=64)

    is_never_changed = True

    class Meta:
        verbose_name = "part of a seal"
        verbose_name_plural = "parts of seals"
        indexes = [models.Index(fields=["table_name", "-up_to_id"], name="seal_part_by_table")]
        constraints = [
            models.UniqueConstraint(
                fields=["seal", "table_name"],
                name="seal_part_unique",
                violation_error_message="A seal has one part for each table.",
            ),
            models.UniqueConstraint(
                fields=["table_name", "after_id"],
                name="seal_part_follows_another",
                violation_error_message="Another seal begins there already.",
            ),
            models.CheckConstraint(
                condition=Q(up_to_id__gt=F("after_id"), rows__gte=0),
                name="seal_part_goes_forward",
                violation_error_message="A part goes from a lower number to a higher.",
            ),
        ]
        triggers = never_changes("seal_part_never_changes")

    def __str__(self) -> str:
        return f"{self.table_name} up to {self.up_to_id}"


class SealMark(models.Model):
    """How far a table is to be sealed next, and which transactions may still add rows below (`sealing.marks`)."""

    table_name = models.CharField(max_length=63, primary_key=True)
    up_to_id = models.BigIntegerField()
    waits_for = ArrayField(models.CharField(max_length=40))
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "mark of the sealer"
        verbose_name_plural = "marks of the sealer"

    def __str__(self) -> str:
        return f"{self.table_name} up to {self.up_to_id}"


class SealKept(models.Model):
    """That a seal lies at a place outside of the database (`SEAL_DESTINATIONS`)."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="kept")
    destination = models.CharField(max_length=300)
    kept_at = models.DateTimeField(db_default=Now())

    is_never_changed = True

    class Meta:
        verbose_name = "seal kept elsewhere"
        verbose_name_plural = "seals kept elsewhere"
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "seal"],
                name="seal_kept_once",
                violation_error_message="It is kept there already.",
            ),
        ]
        triggers = never_changes("seal_kept_never_changes")

    def __str__(self) -> str:
        return f"{self.seal_id} at {self.destination}"


class Verification(models.Model):
    """One run of `verify_history`: how far it looked, against which roots, and how many findings it had."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_default=Now())
    seals = models.BigIntegerField(help_text="The number of the last seal it looked at.")
    kept_roots = models.BigIntegerField(help_text="How many roots kept elsewhere it compared with.")
    rows = models.BigIntegerField()
    unsealed = models.BigIntegerField()
    findings = models.BigIntegerField()

    is_never_changed = True

    class Meta:
        verbose_name = "verification of the history"
        verbose_name_plural = "verifications of the history"
        get_latest_by = "ended_at"
        triggers = never_changes("verification_never_changes")

    def __str__(self) -> str:
        return f"Verified up to seal {self.seals}"
