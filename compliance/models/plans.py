"""Plans by which everybody is brought to compliance: what an officer asked the agency to approve, and what was found
for a whole agency."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of

HOURS = {"max_digits": 9, "decimal_places": 2}


class PlanRequestQuerySet(models.QuerySet):
    """Plans that officers asked their agency to approve."""

    def visible_to(self, user) -> "PlanRequestQuerySet":
        """An officer's own, those sent to `user`'s agency, all of them for the state's people."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(Q(officer__in=scope.officer_ids) | Q(agency__in=scope.agency_ids))

    def waiting(self) -> "PlanRequestQuerySet":
        """Those nobody has decided."""
        return self.filter(state=PlanRequest.State.WAITING)


@evidence()
class PlanRequest(models.Model):
    """The classes an officer wants to take for what is missing, sent to an agency they serve at for approval.

    Approved, the agency registers the officer for all of them, or for none. An officer has one at a time that waits.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("Waits for your agency")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Not approved")
        WITHDRAWN = "withdrawn", _("Taken back")

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="plan_requests")
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="plan_requests")
    year = models.PositiveSmallIntegerField(help_text="The year whose hours it is to complete.")
    missing = models.CharField(max_length=500, help_text="What was missing when it was sent, in words.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    submission_key = models.UUIDField(unique=True, default=uuid.uuid4)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField("what the agency says of it", max_length=500, blank=True)

    objects = PlanRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(state="waiting"),
                name="plan_request_one_waits",
                violation_error_message="A plan of yours waits for approval already.",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None)
                | Q(
                    state__in=["approved", "declined", "withdrawn"], decided_at__isnull=False, decided_by__isnull=False
                ),
                name="plan_request_decided_by_somebody",
                violation_error_message="Whoever decides is kept, with the moment.",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(words=""),
                name="plan_request_declined_says_why",
                violation_error_message="Say why it is not approved.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer}, {self.year}"


@evidence()
class PlanRequestClass(models.Model):
    """One class of a plan that was sent for approval."""

    request = models.ForeignKey(PlanRequest, on_delete=models.PROTECT, related_name="classes")
    scheduled_class = models.ForeignKey("training.ScheduledClass", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["request", "scheduled_class"], name="plan_request_class_once")]

    def __str__(self) -> str:
        return f"{self.scheduled_class} in {self.request}"


class AgencyPlanQuerySet(models.QuerySet):
    """Plans for agencies."""

    def visible_to(self, user) -> "AgencyPlanQuerySet":
        """Those of `user`'s agencies, all of them for the state's people."""
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(agency__in=scope.agency_ids)

    def unfinished(self) -> "AgencyPlanQuerySet":
        """Those still to be worked on."""
        return self.filter(state__in=[AgencyPlan.State.WAITING, AgencyPlan.State.RUNNING])


class AgencyPlan(models.Model):
    """The classes that bring everybody at an agency to compliance with the fewest class-hours, as found on the facts of
    a moment. Derived, and no evidence: it can be found anew at any time.

    `facts` names the facts it rests on. Each time something better, or a better proof, is found, it is written down;
    `least_hours`: it cannot be done with fewer. `heard_at` is when the worker was last at it.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waits for its turn")
        RUNNING = "running", _("Being worked on")
        DONE = "done", _("Done")
        FAILED = "failed", _("Ended without an answer")

    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, related_name="plans")
    year = models.PositiveSmallIntegerField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    submission_key = models.UUIDField(unique=True)
    hosts = models.BooleanField(help_text="Whether the agency may host classes itself.")
    miles = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How far away a class may be; empty: any."
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    facts = models.CharField(max_length=32, blank=True)
    officers = models.PositiveIntegerField(null=True, blank=True, help_text="Commissioned there.")
    lacking = models.PositiveIntegerField(null=True, blank=True, help_text="Of them those with hours missing.")
    looked_at = models.PositiveIntegerField(null=True, blank=True, help_text="Classes of the calendar looked through.")
    class_hours = models.DecimalField(**HOURS, null=True, blank=True)
    least_hours = models.DecimalField(**HOURS, null=True, blank=True)
    officer_hours = models.DecimalField(**HOURS, null=True, blank=True)
    is_proved = models.BooleanField(default=False)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AgencyPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(class_hours__isnull=False, ended_at__isnull=False),
                name="agency_plan_done_has_its_hours",
                violation_error_message="A plan that is done says its hours.",
            ),
            models.CheckConstraint(
                condition=Q(class_hours=None) | Q(least_hours__isnull=False, least_hours__lte=F("class_hours")),
                name="agency_plan_bound_is_below",
                violation_error_message="What is proved cannot be more than what was found.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}, {self.year}"


class AgencyPlanClass(models.Model):
    """A class of a plan for an agency: one of the calendar, or one to host, which has lines of its own."""

    plan = models.ForeignKey(AgencyPlan, on_delete=models.PROTECT, related_name="classes")
    scheduled_class = models.ForeignKey(
        "training.ScheduledClass", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hours = models.DecimalField(**HOURS)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "scheduled_class"], name="agency_plan_class_once"),
            models.CheckConstraint(
                condition=Q(hours__gt=0),
                name="agency_plan_class_has_hours",
                violation_error_message="A class has hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheduled_class or 'a class to host'}, {self.hours} h"


class AgencyPlanLine(HoursLine):
    """Hours of a class to host: of one area, with one topic or none."""

    planned = models.ForeignKey(AgencyPlanClass, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(
                fields=["planned", "area", "topic"], name="agency_plan_line_once", nulls_distinct=False
            ),
        ]


class AgencyPlanSeat(models.Model):
    """An officer who is to sit in a class of a plan."""

    planned = models.ForeignKey(AgencyPlanClass, on_delete=models.PROTECT, related_name="seats")
    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["planned", "officer"], name="agency_plan_seat_once")]

    def __str__(self) -> str:
        return f"{self.officer} in {self.planned}"


class AgencyPlanLack(models.Model):
    """Hours of a requirement that a plan leaves missing for an officer: nothing it could use gives them."""

    plan = models.ForeignKey(AgencyPlan, on_delete=models.PROTECT, related_name="lacks")
    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey("compliance.Requirement", on_delete=models.PROTECT, related_name="+")
    hours = models.DecimalField(**HOURS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "officer", "requirement"], name="agency_plan_lack_once"),
            models.CheckConstraint(
                condition=Q(hours__gt=0),
                name="agency_plan_lack_has_hours",
                violation_error_message="What stays missing has hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours} h of {self.requirement} for {self.officer}"
