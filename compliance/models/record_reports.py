"""What an officer reports about the own record: a class that is missing or wrong, and training of another state.

It goes to whoever should mend it, is tracked until that is done or refused with a reason, and comes to POST where the
body asked is silent or says that it is not theirs. Source: 11 CSR 75-15.050 for training elsewhere.
"""

import re

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from compliance.models.documents import document_storage, unguessable_name
from training.models import Delivery, TrainingRecord
from training.models.memberships import scope_of


class RecordReportQuerySet(models.QuerySet):
    """Reports about records."""

    def visible_to(self, user) -> "RecordReportQuerySet":
        """The officer's own, those put to one's agency or provider, all for the state's people."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(
            Q(officer__in=scope.officer_ids) | Q(agency__in=scope.agency_ids) | Q(provider__in=scope.provider_ids)
        )

    def with_reference(self, reference: str) -> "RecordReportQuerySet":
        """The report a reference number such as M-000123 names; none where it is no reference."""
        match = re.fullmatch(r"M-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()

    def open(self) -> "RecordReportQuerySet":
        """Those that are not settled."""
        return self.filter(settled_at=None)

    def with_post(self) -> "RecordReportQuerySet":
        """Those that wait for POST."""
        return self.open().filter(escalated_at__isnull=False)

    def with_the_body(self) -> "RecordReportQuerySet":
        """Those that wait for the agency or provider they were put to."""
        return self.open().filter(escalated_at=None)

    def appeared(self) -> "RecordReportQuerySet":
        """Those whose record is there by now (`appeared_as` is its id), or whose wrong entry no longer stands.

        A record appears where one of whoever was asked, for that day, was made after the report; where nobody was
        asked, anybody's.
        """
        records = TrainingRecord.objects.live().filter(
            officer=OuterRef("officer"), completed_on=OuterRef("completed_on"), recorded_at__gt=OuterRef("reported_at")
        )
        of_body = records.filter(
            Q(training_class__reported_by_agency=OuterRef("agency"))
            | Q(training_class__course__provider=OuterRef("provider"))
        )
        found = self.annotate(
            appeared_as=Case(
                When(agency=None, provider=None, then=Subquery(records.order_by("pk").values("pk")[:1])),
                default=Subquery(of_body.order_by("pk").values("pk")[:1]),
            )
        )
        missing = Q(kind="missing", appeared_as__isnull=False) & ~Q(escalated_why="disagrees")
        return found.filter(missing | Q(kind="wrong", record__voided_at__isnull=False)).with_names()

    def with_names(self) -> "RecordReportQuerySet":
        """Each with whom and what its words name, in the same statement."""
        return self.select_related(
            "officer",
            "agency",
            "provider",
            "record__training_class__course",
            "made__training_class__course",
        )


@evidence()
class RecordReport(models.Model):
    """One thing an officer reported about the own record. `step` counts what happened to it since."""

    class Kind(models.TextChoices):
        """What was reported."""

        MISSING = "missing", _("A class is missing")
        WRONG = "wrong", _("A class is wrong")
        OUTSIDE = "outside", _("Training of another state or a federal agency")

    class Answer(models.TextChoices):
        """What the agency or provider answered."""

        COMING = "coming", _("It will be mended")
        THERE = "there", _("It is on the record already")
        NOT_OURS = "not_ours", _("Not theirs to mend")

    class Why(models.TextChoices):
        """Why it is with POST."""

        NOBODY = "nobody", _("The officer does not know who gave it")
        OUTSIDE = "outside", _("POST decides on training elsewhere")
        SILENT = "silent", _("No answer in time")
        NOT_OURS = "not_ours", _("Not theirs to mend")
        DISAGREES = "disagrees", _("The officer says it is not settled")

    class Outcome(models.TextChoices):
        """How it was settled."""

        RECORDED = "recorded", _("Recorded")
        CORRECTED = "corrected", _("Corrected")
        THERE = "there", _("On the record already")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn by the officer")

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="record_reports")
    kind = models.CharField(max_length=10, choices=Kind)
    record = models.ForeignKey(
        "training.TrainingRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text="What is wrong; empty for what is missing.",
    )
    title = models.CharField(max_length=200)
    starts_on = models.DateField()
    completed_on = models.DateField(help_text="The day the class ended.")
    hours = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text="As the officer says; empty if not known.",
    )  # fmt: skip
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    source = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="Who gave it elsewhere.")
    approved_by = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Which state, federal agency or organization approved it.",
    )
    words = models.TextField(blank=True, default="", db_default="", max_length=2000)
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    provider = models.ForeignKey("training.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submission_key = models.UUIDField(
        unique=True, help_text="Made when the form is opened: the same form sent twice is one report."
    )
    reported_at = models.DateTimeField(db_default=Now())
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField(help_text="The day from which whoever was asked has time to mend it.")
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default="", db_default="")
    answer_words = models.CharField(max_length=1000, blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is with POST.")
    escalated_why = models.CharField(max_length=10, choices=Why, blank=True, default="", db_default="")
    disagrees = models.CharField(
        max_length=1000, blank=True, default="", db_default="", help_text="Why the officer says it is not settled."
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="", db_default="")
    outcome_words = models.CharField(max_length=1000, blank=True, default="", db_default="")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty where the portal found the record.",
    )
    made = models.ForeignKey(
        "training.TrainingRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The record that settles it.",
    )
    step = models.PositiveIntegerField(default=0, db_default=0, help_text="How often something happened to it.")

    objects = RecordReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency=None) | Q(provider=None),
                name="record_report_asks_one",
                violation_error_message="A report is put to an agency or a provider, not to both.",
            ),
            models.CheckConstraint(
                condition=(Q(kind="wrong", record__isnull=False) | (~Q(kind="wrong") & Q(record=None))),
                name="record_report_names_what_is_wrong",
                violation_error_message="What is wrong is a class on the record; what is missing is none.",
            ),
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | Q(provider__isnull=False) | Q(escalated_at__isnull=False),
                name="record_report_is_with_somebody",
                violation_error_message="What is put to nobody else is put to POST.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="outside") | (Q(agency=None, provider=None) & ~Q(source="") & ~Q(approved_by="")),
                name="record_report_outside_says_whose",
                violation_error_message="Training elsewhere says who gave it and who approved it, and goes to POST.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None, answer_words="")
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="record_report_answer_whole",
                violation_error_message="An answer says what, when and who.",
            ),
            models.CheckConstraint(
                condition=~Q(answer="not_ours") | ~Q(answer_words=""),
                name="record_report_not_theirs_says_why",
                violation_error_message="Say why it is not yours to mend.",
            ),
            models.CheckConstraint(
                condition=Q(escalated_at=None, escalated_why="")
                | (Q(escalated_at__isnull=False) & ~Q(escalated_why="")),
                name="record_report_with_post_says_why",
                violation_error_message="What is with POST says why.",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None, settled_by=None, outcome_words="", made=None)
                | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="record_report_settled_whole",
                violation_error_message="What is settled says how and when.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(outcome_words=""),
                name="record_report_refused_says_why",
                violation_error_message="Say why. The officer reads it.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["recorded", "there"]) | Q(made__isnull=False),
                name="record_report_settled_by_a_record",
                violation_error_message="Name the record that settles it.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=models.F("completed_on")),
                name="record_report_days_in_order",
                violation_error_message="A class cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(settled_at=None, record__isnull=False),
                name="record_report_one_open_of_a_record",
                violation_error_message="This was reported already and is not settled yet.",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "asked_on"], condition=Q(settled_at=None), name="record_report_of_agency"),
            models.Index(
                fields=["provider", "asked_on"], condition=Q(settled_at=None), name="record_report_of_provider"
            ),
            models.Index(fields=["escalated_at"], condition=Q(settled_at=None), name="record_report_with_post"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """The reference number people quote: M-000123."""
        return f"M-{self.pk:06d}"

    @property
    def body(self):
        """The agency or provider it was put to; None where POST alone has it."""
        return self.agency or self.provider

    @property
    def is_open(self) -> bool:
        """Whether it is not settled."""
        return self.settled_at is None

    @property
    def is_outside(self) -> bool:
        """Whether it is training of another state, a federal agency or an organization."""
        return self.kind == self.Kind.OUTSIDE


class RecordReportDocumentQuerySet(models.QuerySet):
    """Documents of reports."""

    def visible_to(self, user) -> "RecordReportDocumentQuerySet":
        """Those of reports visible to `user`: whoever is to mend a record sees what it is to rest on."""
        return self.filter(report__in=RecordReport.objects.visible_to(user).order_by().values("pk"))


@evidence()
class RecordReportDocument(models.Model):
    """Evidence the officer sent with a report, checked when it came."""

    class Proof(models.TextChoices):
        """What it proves of training elsewhere: the rule asks for both (11 CSR 75-15.050)."""

        APPROVED = "approved", _("That it was approved")
        COMPLETED = "completed", _("That it was completed")

    report = models.ForeignKey(RecordReport, on_delete=models.PROTECT, related_name="documents")
    proof = models.CharField(max_length=10, choices=Proof, blank=True, default="", db_default="")
    name = models.CharField(max_length=120, help_text="As it was called, without its path, for people to tell it by.")
    type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="In bytes, as it is kept.")
    pages = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64, help_text="Of the file as it is kept.")
    file = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    sent_at = models.DateTimeField(db_default=Now())
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = RecordReportDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0, pages__gt=0) & ~Q(name="") & ~Q(file=""),
                name="record_report_document_is_something",
                violation_error_message="A document has a name, a file and something in it.",
            ),
            models.UniqueConstraint(
                fields=["file"], name="record_report_document_once", violation_error_message="One file, one document."
            ),
        ]

    def __str__(self) -> str:
        return self.name
