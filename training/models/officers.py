"""Peace officers, as POST's register knows them."""

import datetime as dt

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, GeneratedField, OuterRef, Q
from django.db.models.functions import Concat, Lower

from clee_portal import clock
from clee_portal.history import evidence
from training.models.memberships import scope_of
from training.models.names import ImmutableUnaccent

_SORTED = Lower(
    ImmutableUnaccent(
        Concat(
            "last_name", models.Value(" "), "suffix", models.Value(" "), "first_name", models.Value(" "), "middle_name"
        )
    )
)


class OfficerQuerySet(models.QuerySet):
    """Officers."""

    def visible_to(self, user) -> "OfficerQuerySet":
        """Those whose record `user` may open today: the state's people all, agency people the officers commissioned at
        their agencies today, an officer themself."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(Q(pk__in=scope.officer_ids) | Q(pk__in=self.model.ids_at_agencies(scope.agency_ids)))

    def commissioned_at(self, agency, day: dt.date) -> "OfficerQuerySet":
        """Those with a commission at `agency` in force on `day`."""
        return self.filter(pk__in=self.model.ids_at_agencies([agency.pk], day))

    def commissioned(self, day: dt.date) -> "OfficerQuerySet":
        """Those with any commission in force on `day`."""
        from training.models.commissions import Commission  # the two models refer to each other

        return self.filter(Exists(Commission.objects.in_force(day).filter(officer=OuterRef("pk"))))


@evidence(exclude=("search_name",))
class Officer(models.Model):
    """A person in POST's register of peace officers. Identified by the POST license number, never by badge or name."""

    license_number = models.CharField(
        max_length=12,
        unique=True,
        error_messages={"unique": "Another officer has this license number."},
    )
    first_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    suffix = models.CharField(max_length=10, blank=True)
    license_class = models.ForeignKey(
        "training.LicenseClass", on_delete=models.PROTECT, null=True, blank=True, related_name="officers"
    )
    email = models.EmailField(blank=True)
    postal_address = models.TextField(blank=True, help_text="Address of record (RSMo 590.030).")
    is_name_closed = models.BooleanField(
        default=False, db_default=False, help_text="Working undercover: no file for the public names them."
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The record of the same person that everything of this one was moved to.",
    )
    search_name = GeneratedField(expression=_SORTED, output_field=models.TextField(), db_persist=True)

    objects = OfficerQuerySet.as_manager()

    class Meta:
        ordering = ["search_name", "license_number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(license_number__regex=r"^[0-9A-Z][0-9A-Z-]*$"),
                name="officer_license_number_shape",
                violation_error_message="A license number is digits, or capital letters and digits, without blanks.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="officer_not_merged_into_itself",
                violation_error_message="A record cannot be joined with itself.",
            ),
        ]
        indexes = [
            models.Index(fields=["search_name", "license_number"], name="officer_sorted"),
            GinIndex(OpClass("search_name", name="gin_trgm_ops"), name="officer_name_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.sorted_name} ({self.license_number})"

    @property
    def full_name(self) -> str:
        """First to last: "Marcus J. Calloway Jr."."""
        return " ".join(part for part in (self.first_name, self.middle_name, self.last_name, self.suffix) if part)

    @property
    def sorted_name(self) -> str:
        """Last name first, as lists show it: "Calloway Jr., Marcus J."."""
        last = " ".join(part for part in (self.last_name, self.suffix) if part)
        first = " ".join(part for part in (self.first_name, self.middle_name) if part)
        return f"{last}, {first}" if first else last

    @classmethod
    def ids_at_agencies(cls, agency_ids, day: dt.date | None = None) -> models.QuerySet:
        """Subquery of the ids of officers with a commission in force on `day` (today) at one of the agencies."""
        from training.models.commissions import Commission  # the two models refer to each other

        return Commission.objects.in_force(day or clock.today()).filter(agency__in=agency_ids).values("officer")


@evidence(exclude=("search_name",))
class OfficerFormerName(models.Model):
    """A name an officer had before, so that older papers are still found."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="former_names")
    first_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    suffix = models.CharField(max_length=10, blank=True)
    used_until = models.DateField(null=True, blank=True)
    search_name = GeneratedField(expression=_SORTED, output_field=models.TextField(), db_persist=True)

    class Meta:
        indexes = [GinIndex(OpClass("search_name", name="gin_trgm_ops"), name="former_name_trigrams")]

    def __str__(self) -> str:
        return f"{self.last_name}, {self.first_name} (former name of {self.officer})"


@evidence()
class OfficerBirthDate(models.Model):
    """An officer's birth date, kept apart from the register and shown to POST only."""

    officer = models.OneToOneField(Officer, on_delete=models.PROTECT, primary_key=True, related_name="birth_date")
    born_on = models.DateField()

    def __str__(self) -> str:
        return f"Birth date of {self.officer}"
