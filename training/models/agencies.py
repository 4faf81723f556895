"""Law enforcement agencies."""

from django.db import models
from django.db.models import GeneratedField
from django.db.models.functions import Lower

from clee_portal.history import evidence
from training.models.memberships import scope_of
from training.models.names import ImmutableUnaccent


class AgencyQuerySet(models.QuerySet):
    """Agencies."""

    def visible_to(self, user) -> "AgencyQuerySet":
        """Those whose pages `user` may open: POST staff and Director all, agency people their own."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(pk__in=scope.agency_ids)


@evidence(exclude=("search_name",))
class Agency(models.Model):
    """A law enforcement agency that commissions peace officers."""

    class Kind(models.TextChoices):
        """What sort of body the agency serves."""

        CITY = "city", "City"
        COUNTY = "county", "County"
        STATE = "state", "State"
        SCHOOL = "school", "School or college"
        OTHER = "other", "Other"

    code = models.SlugField(max_length=20, unique=True, help_text="POST's short code of the agency.")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CITY)
    county = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=80, blank=True)
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    closed_on = models.DateField(null=True, blank=True, help_text="Last day the agency existed.")
    search_name = GeneratedField(
        expression=Lower(ImmutableUnaccent("name")), output_field=models.TextField(), db_persist=True
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["search_name"]

    def __str__(self) -> str:
        return self.name
