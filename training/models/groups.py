"""Groups of officers an agency keeps for entering classes: a shift, a squad."""

from django.db import models
from django.db.models.functions import Lower

from training.models.memberships import scope_of


class OfficerGroupQuerySet(models.QuerySet):
    """Groups."""

    def visible_to(self, user) -> "OfficerGroupQuerySet":
        """Those of `user`'s own agencies; the state's people see all."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(agency__in=scope.agency_ids)


class OfficerGroup(models.Model):
    """A saved group of an agency's officers. It only saves ticks: who is credited is what is ticked on the page."""

    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="officer_groups")
    name = models.CharField(max_length=60)
    officers = models.ManyToManyField("training.Officer", related_name="+")

    objects = OfficerGroupQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                "agency",
                Lower("name"),
                name="officer_group_named_once",
                violation_error_message="The agency has a group of this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name
