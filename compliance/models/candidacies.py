"""Officers still short after the last day to show their hours: their cases, when they were listed and when they left.

Nothing here touches a license. What the Director decides hangs on the case (11 CSR 75-15.080).
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from clee_portal import clock
from clee_portal.history import evidence
from compliance.models.recording_gaps import RecordingGap
from training.models.commissions import Commission
from training.models.memberships import scope_of


class CandidacyQuerySet(models.QuerySet):
    """Cases."""

    def visible_to(self, user) -> "CandidacyQuerySet":
        """The state's people see all of them; the officer, and whoever asks for officers at an agency of the officer,
        those of which notice was served, while the commission lasts (rulebook 7)."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        asking = Commission.objects.in_force(clock.today()).filter(agency__in=scope.asking)
        theirs = Q(officer__in=scope.officer_ids) | Q(officer__in=asking.values("officer"))
        return self.filter(theirs, served_notices__isnull=False, served_notices__voided_at=None)


@evidence()
class Candidacy(models.Model):
    """The case of one officer for one reporting period: hours were missing past the last day to show them."""

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="candidacies")
    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="candidacies")
    opened_at = models.DateTimeField(default=clock.now)

    objects = CandidacyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "candidacies"
        ordering = ["period", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "period"],
                name="candidacy_once",
                violation_error_message="This officer has a case for this period already.",
            )
        ]
        indexes = [models.Index(fields=["period", "officer"], name="candidacy_by_period")]

    def __str__(self) -> str:
        return f"{self.officer}, {self.period.year}"


class ListingQuerySet(models.QuerySet):
    """Times on the list."""

    def open(self) -> "ListingQuerySet":
        """Those that last."""
        return self.filter(left_on=None)

    def with_check(self) -> "ListingQuerySet":
        """Each with `check_found`, `check_words`, `check_at` of the latest look at the record; None: not looked at."""
        latest = CandidacyCheck.objects.filter(listing=OuterRef("pk")).order_by("-checked_at", "-pk")
        return self.annotate(
            check_found=Subquery(latest.values("found")[:1]),
            check_words=Subquery(latest.values("words")[:1]),
            check_at=Subquery(latest.values("checked_at")[:1]),
        )

    def ready(self) -> "ListingQuerySet":
        """Those whose record was looked at and no recording error was found, the latest look counting, and in which
        none has turned up since that is likely and not settled."""
        likely = RecordingGap.objects.unresolved().likely()
        of_this = likely.filter(officer=OuterRef("candidacy__officer"), period=OuterRef("candidacy__period"))
        return self.with_check().filter(check_found=CandidacyCheck.Found.NO_ERROR).exclude(Exists(of_this))


@evidence()
class Listing(models.Model):
    """One time on the list: from the day the list first held the name to the day it no longer did, and why."""

    class Left(models.TextChoices):
        """Why a name left the list."""

        COMPLIANT = "compliant", "Became compliant"
        REQUESTED = "requested", "Relief was requested"
        GRANTED = "granted", "Relief was granted"
        LICENSE = "license", "License ended"
        EXEMPT = "exempt", "Found to be exempt"
        DECIDED = "decided", "Decided by the Director"
        TIME = "time", "There is time again"

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="listings")
    number = models.PositiveSmallIntegerField(help_text="1 for the first time on the list, 2 when listed again.")
    last_day = models.DateField(help_text="The last day to show the hours, which had passed: March 15, or a later one.")
    listed_on = models.DateField(help_text="The first day of which the list holds the name.")
    listed_at = models.DateTimeField(help_text="The moment the list was made as of.")
    made_at = models.DateTimeField(default=clock.now, help_text="When the portal made it; later if days were missed.")
    left_on = models.DateField(null=True, blank=True, help_text="The first day of which the list no longer holds it.")
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=10, choices=Left, blank=True, default="", db_default="")
    left_record = models.ForeignKey(
        "training.TrainingRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The record by which the officer became compliant; empty where something else changed what counts.",
    )
    left_request = models.ForeignKey(
        "compliance.ReliefRequest", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    left_event = models.ForeignKey(
        "training.LicenseEvent", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    notices = models.ForeignKey(
        "notifications.Campaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="listings",
        help_text="The notices in which this officer is written to about this time on the list.",
    )

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering = ["listed_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["candidacy", "number"], name="listing_number_once"),
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(left_on=None),
                name="listing_lasts_once",
                violation_error_message="This officer is on the list already.",
            ),
            models.CheckConstraint(condition=Q(last_day__lt=F("listed_on")), name="listing_after_the_last_day"),
            models.CheckConstraint(
                condition=Q(left_on=None, left_at=None, left_because="")
                | (Q(left_on__gte=F("listed_on"), left_at__gte=F("listed_at")) & ~Q(left_because="")),
                name="listing_left_for_a_reason",
                violation_error_message="A name leaves the list on a day and for a reason.",
            ),
        ]
        indexes = [models.Index(fields=["notices"], condition=Q(notices__isnull=False), name="listing_by_notices")]

    def __str__(self) -> str:
        return f"{self.candidacy}, listed {self.listed_on}"


@evidence()
class CandidacyCheck(models.Model):
    """POST staff looked for likely recording errors in the record of somebody on the list. The latest look counts."""

    class Found(models.TextChoices):
        """What the look found."""

        NO_ERROR = "no_error", "No recording error found"
        LIKELY_ERROR = "error", "Likely a recording error"

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="checks")
    found = models.CharField(max_length=10, choices=Found)
    words = models.CharField(
        max_length=500, blank=True, default="", help_text="What seems wrong, or what was looked at."
    )
    checked_at = models.DateTimeField(default=clock.now)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-checked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(found="no_error") | ~Q(words=""),
                name="candidacy_check_says_the_error",
                violation_error_message="Say in words what seems to be wrong.",
            )
        ]
        indexes = [models.Index(fields=["listing", "-checked_at"], name="check_by_listing")]

    def __str__(self) -> str:
        return f"{self.listing}: {self.get_found_display()}"


@evidence()
class ListMade(models.Model):
    """The list of one period was made as of a day; the last time, where it was made several times that day."""

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="lists_made")
    day = models.DateField()
    as_of = models.DateTimeField()
    count = models.PositiveIntegerField(help_text="Names on the list.")

    class Meta:
        verbose_name_plural = "lists made"
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["period", "day"], name="list_made_once_a_day")]

    def __str__(self) -> str:
        return f"{self.period.year}, {self.day}"
