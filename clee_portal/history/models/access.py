"""The record of access: who signed in, who looked at whose record, and what left the portal as a file."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# The database removes no row younger than this, whoever asks and whatever is configured (days).
NEVER_REMOVED_BEFORE = 365


class AccessQuerySet(models.QuerySet):
    """Accesses."""

    def of_license(self, license_number: str, former=()) -> "AccessQuerySet":
        """Who looked at the record of a license, under its number or one of its `former` ones, the latest first."""
        known_as = Q(license_number=license_number) | Q(license_number__in=former)
        return self.filter(known_as, kind=Access.Kind.VIEWED).order_by("-at", "-pk")


class Access(models.Model):
    """One access: written once, never changed, and removed only when it is older than the retention says.

    It holds who, when, from which address and what; no secret, nothing that was typed into a form, and for a failed
    sign-in not even the address that was tried, unless it is one of an account: people type passwords there.
    """

    class Kind(models.TextChoices):
        """What kind of access."""

        SIGNED_IN = "signed_in", "Signed in"
        FAILED = "failed", "Sign-in failed"
        VIEWED = "viewed", "Looked at an officer’s record"
        EXPORTED = "exported", "Took a file"

    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose account; empty where a sign-in failed for an address that has none.",
    )
    acting_as = models.CharField(max_length=200, blank=True, help_text="What opened it to them that day.")
    license_number = models.CharField(max_length=20, blank=True, help_text="The officer whose record was looked at.")
    what = models.CharField(max_length=200, blank=True, help_text="The page, the file, or why a sign-in failed.")
    filters = models.CharField(max_length=500, blank=True, help_text="What a file was limited to.")
    rows = models.PositiveIntegerField(null=True, blank=True, help_text="How many rows a file had, where it has rows.")
    address = models.GenericIPAddressField(null=True, blank=True, help_text="Of the machine, as the proxy tells it.")

    objects = AccessQuerySet.as_manager()

    is_append_only = True

    class Meta:
        verbose_name = "access"
        verbose_name_plural = "accesses"
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_by_time"),
            models.Index(fields=["by", "-at"], name="access_by_person"),
            models.Index(fields=["license_number", "-at"], condition=~Q(license_number=""), name="access_by_license"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="failed") | Q(by__isnull=False),
                name="access_is_somebodys",
                violation_error_message="Only a failed sign-in may be nobody's.",
            ),
            models.CheckConstraint(
                condition=Q(kind="viewed", license_number__gt="") | (~Q(kind="viewed") & Q(license_number="")),
                name="access_view_names_the_license",
                violation_error_message="A view names the license looked at, and nothing else does.",
            ),
            models.CheckConstraint(
                condition=Q(kind="signed_in") | ~Q(what=""),
                name="access_says_what",
                violation_error_message="It says what was looked at or taken, or why a sign-in failed.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="access_never_changes", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="access_kept_a_year",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition(f"OLD.at > now() - interval '{NEVER_REMOVED_BEFORE} days'"),
                func="RAISE EXCEPTION 'the record of access is kept: % may not be deleted yet', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the record of access is never emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.by or 'no account'}"
