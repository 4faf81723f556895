"""Relief: requests for an extension or waiver on medical or military leave, and decisions. 11 CSR 75-15.010(12)."""

import re

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from training.models.memberships import scope_of
from training.models.officers import Officer
from training.models.recorded import Recorded, RecordedQuerySet


class ReliefRequestQuerySet(RecordedQuerySet):
    """Requests for relief."""

    def visible_to(self, user) -> "ReliefRequestQuerySet":
        """Those of officers whose record is open to `user` today; what is shown of each: `compliance.access`.

        The former agency of an officer sees none of them, those it made itself included: visibility ends with the
        commission (rulebook 7).
        """
        if scope_of(user).sees_the_state:
            return self
        return self.filter(officer__in=Officer.objects.visible_to(user).order_by().values("pk"))

    def with_reference(self, reference: str) -> "ReliefRequestQuerySet":
        """The request a reference number such as R-000123 names; none where it is no reference."""
        match = re.fullmatch(r"R-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()


@evidence()
class ReliefRequest(Recorded):
    """A request for more time (extension) or to be excused (waiver) for one period. Undecided, it keeps the officer off
    the list of candidates. `recorded_by` is the account that made it."""

    class Kind(models.TextChoices):
        """More time, or the period excused."""

        EXTENSION = "extension", _("Extension")
        WAIVER = "waiver", _("Waiver")

    class Reason(models.TextChoices):
        """The leave it rests on."""

        MEDICAL = "medical", _("Medical leave")
        MILITARY = "military", _("Military leave")

    class AskedBy(models.TextChoices):
        """Who asked."""

        OFFICER = "officer", _("The officer")
        AGENCY = "agency", _("The agency")
        POST = "post", _("Taken by POST")

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="relief_requests")
    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="relief_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=10, choices=Reason)
    requested_on = models.DateField()
    leave_from = models.DateField(null=True, blank=True, help_text="First day of leave; empty where nobody told it.")
    leave_to = models.DateField(null=True, blank=True, help_text="Last day of leave (inclusive); empty while it lasts.")
    words = models.TextField(
        blank=True, default="", db_default="", max_length=4000, help_text="What whoever asked said."
    )
    asked_by = models.CharField(
        max_length=10, choices=AskedBy, blank=True, default="", db_default="", help_text="Empty where it is not known."
    )
    agency = models.ForeignKey(
        "training.Agency",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The agency that asked, where one did.",
    )
    caller = models.CharField(
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text="Who asked by phone or letter; POST wrote it down.",
    )
    submission_key = models.UUIDField(
        null=True, blank=True, unique=True, help_text="Made when the form is opened: the same form sent twice is one."
    )
    is_open = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Made here and not yet decided: one at a time. The first decision turns it off (a trigger).",
    )

    objects = ReliefRequestQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["requested_on", "pk"]
        indexes = [models.Index(fields=["period", "officer"], name="relief_by_period")]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(leave_to=None) | Q(leave_from__isnull=False, leave_to__gte=F("leave_from")),
                name="relief_leave_ends_after_it_begins",
                violation_error_message="The leave cannot end before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(asked_by="agency", agency__isnull=False) | (~Q(asked_by="agency") & Q(agency=None)),
                name="relief_names_the_agency_that_asked",
                violation_error_message="A request of an agency names it, and no other request does.",
            ),
            models.CheckConstraint(
                condition=Q(caller="") | Q(asked_by="post"),
                name="relief_caller_of_what_post_took",
                violation_error_message="Only what POST wrote down has a caller.",
            ),
            models.UniqueConstraint(
                fields=["officer", "period", "kind"],
                condition=Q(is_open=True, voided_at=None),
                name="relief_one_open_of_a_kind",
                violation_error_message="A request of this kind is open for this officer and period already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.period.year}, {self.officer}"

    @property
    def reference(self) -> str:
        """The reference number people quote: R-000123."""
        return f"R-{self.pk:06d}"

    @property
    def is_medical(self) -> bool:
        """Whether it rests on medical facts, which are not for everybody (rulebook 8)."""
        return self.reason == self.Reason.MEDICAL


@evidence()
class ReliefDecision(Recorded):
    """A decision on a request. The latest one known holds; `ended` takes a granted relief back, and `granted` once more
    prolongs it. `recorded_by` is the account that decided."""

    class Decision(models.TextChoices):
        """What became of the request."""

        GRANTED = "granted", _("Granted")
        DENIED = "denied", _("Denied")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ENDED = "ended", _("Taken back")

    request = models.ForeignKey(ReliefRequest, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=Decision)
    decided_on = models.DateField()
    due_on = models.DateField(
        null=True, blank=True, help_text="Last day to show the hours, for a granted extension (inclusive)."
    )
    decided_by = models.CharField(
        max_length=150, blank=True, help_text="Name and role as they were that day; the account is `recorded_by`."
    )
    reason = models.TextField(blank=True)
    documents = models.ManyToManyField(
        "compliance.ReliefDocument", through="compliance.ReliefGround", related_name="decisions"
    )

    class Meta(Recorded.Meta):
        ordering = ["decided_on", "recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(decision="granted", due_on__gte=F("decided_on")),
                name="relief_due_date_fits",
                violation_error_message="Only a granted extension has a due date, and not one before the decision.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="relief_is_decided",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="UPDATE compliance_reliefrequest SET is_open = false WHERE id = NEW.request_id AND is_open;"
                " RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} on {self.decided_on}"


@evidence()
class ReliefQuestion(Recorded):
    """POST asks for more before it decides. The request stays undecided. `recorded_by` asked."""

    request = models.ForeignKey(ReliefRequest, on_delete=models.PROTECT, related_name="questions")
    words = models.TextField(max_length=2000)
    answer = models.TextField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(words=""),
                name="relief_question_asks",
                violation_error_message="A question says what is asked for.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="relief_answer_has_its_moment",
                violation_error_message="An answer has a moment and somebody who gave it.",
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(answered_at=None, voided_at=None),
                name="relief_one_question_at_a_time",
                violation_error_message="A question on this request is open already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Question on {self.request.reference}"
