"""Tombstones: what two people had removed from the history, and that it was they who did."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clee_portal.history.models.seals import never_changes


class Tombstone(models.Model):
    """One removal of evidence past its time: asked for by one person, approved by another, signed like a seal.

    Laid by `sealing.tombstones.lay`; its rows say exactly which versions are gone, with the hash of what they held, so
    that the seals which cover them still hold.
    """

    laid_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, help_text="The public key, in hexadecimal.")
    signature = models.CharField(max_length=128)

    is_never_changed = True

    class Meta:
        verbose_name = "tombstone"
        verbose_name_plural = "tombstones"
        constraints = [
            models.CheckConstraint(
                condition=~Q(by=F("approved_by")),
                name="tombstone_is_of_two",
                violation_error_message="Whoever asks for a removal may not approve it.",
            ),
            models.CheckConstraint(
                condition=Q(reason__gt="", rows__gt=0),
                name="tombstone_says_why_and_of_what",
                violation_error_message="A tombstone says why, and stands for one row at least.",
            ),
        ]
        triggers = never_changes("tombstone_never_changes")

    def __str__(self) -> str:
        return f"Tombstone {self.pk}"


class TombstoneRow(models.Model):
    """One version that was removed: which row of which event table, of which thing, and the hash of what it held."""

    tombstone = models.ForeignKey(Tombstone, on_delete=models.PROTECT, related_name="removed")
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    object_id = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    is_never_changed = True

    class Meta:
        verbose_name = "row under a tombstone"
        verbose_name_plural = "rows under tombstones"
        constraints = [
            models.UniqueConstraint(
                fields=["table_name", "row_id"],
                name="tombstone_row_once",
                violation_error_message="A row is removed once.",
            ),
        ]
        triggers = never_changes("tombstone_row_never_changes")

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
