"""Training providers and their dated licenses. Source: 11 CSR 75-15.030, 75-14."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, GeneratedField, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop as _

from clee_portal import compiled
from clee_portal.history import evidence
from training.models.commissions import DateRange
from training.models.memberships import scope_of
from training.models.names import ImmutableUnaccent
from training.models.recorded import Recorded, RecordedQuerySet, known_at


class ProviderQuerySet(models.QuerySet):
    """Providers."""

    def visible_to(self, user) -> "ProviderQuerySet":
        """Those whose pages `user` may open: the state's people all, provider staff their own."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(pk__in=scope.provider_ids)


@evidence(exclude=("search_name",))
class Provider(models.Model):
    """A licensed CLEE provider or a basic training center. Their hours may satisfy the approved minimum."""

    class Kind(models.TextChoices):
        """Licensed under 75-15.030, or an academy under 75-14."""

        PROVIDER = "provider", _("Licensed CLEE provider")
        ACADEMY = "academy", _("Basic training center")

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROVIDER)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    search_name = GeneratedField(
        expression=Lower(ImmutableUnaccent("name")), output_field=models.TextField(), db_persist=True
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["search_name"]

    def __str__(self) -> str:
        return self.name

    def is_licensed_on(self, day: dt.date, as_of: dt.datetime) -> bool:
        """Whether a license was valid on `day` (the day a class ended), by what is known at `as_of`. RSMo 590.050."""
        return bool(_valid_on().rows(provider=self.pk, day=day, as_of=as_of))


@compiled.written(provider=compiled.NUMBER, day=compiled.FIRST_DAY, as_of=compiled.MOMENT)
def _valid_on(provider, day, as_of) -> models.QuerySet:
    return ProviderLicense.objects.filter(provider=provider).valid_on(day, as_of).values_list("pk")


class ProviderLicenseQuerySet(RecordedQuerySet):
    """Provider licenses."""

    def valid_on(self, day: dt.date, as_of: dt.datetime) -> "ProviderLicenseQuerySet":
        """Those that let a provider give approved hours on `day`, by what was known at `as_of`."""
        return self.filter(
            known_at(as_of),
            Q(valid_until=None) | Q(valid_until__gte=day),
            valid_from__lte=day,
            standing__in=[ProviderLicense.Standing.VALID, ProviderLicense.Standing.PROBATION],
        )


@evidence()
class ProviderLicense(Recorded):
    """What a provider's license was in a span of days, both inclusive; the Director may probate, suspend or revoke."""

    class Standing(models.TextChoices):
        """What the license was worth in these days."""

        VALID = "valid", _("Valid")
        PROBATION = "probation", _("Valid, on probation")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="licenses")
    number = models.CharField(max_length=40)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.VALID)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True, help_text="The day the Director decided it.")
    conditions = models.TextField(blank=True, default="", db_default="")

    objects = ProviderLicenseQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["valid_from"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="provider_license_ends_after_it_starts",
                violation_error_message="A license cannot end before it starts.",
            ),
            ExclusionConstraint(
                name="provider_license_one_standing_a_day",
                condition=Q(voided_at=None),
                expressions=[
                    (F("provider"), RangeOperators.EQUAL),
                    (
                        DateRange(
                            "valid_from", "valid_until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="Another license of this provider covers some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.get_standing_display()})"
