"""The course of a case before it is decided: notice served, answers with their documents, and cases left where they
are. Sources: 11 CSR 75-15.080, 75-15.010(11); rulebook 6 and 11 (12, 16)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from compliance.models.candidacies import Candidacy
from compliance.models.documents import ReliefDocument, document_storage, unguessable_name
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet


@evidence()
class CaseNotice(Recorded):
    """Notice of the case was served on the officer: how, when, and until when officer and agency may answer.

    One holds at a time; a slip is voided with its reason and served anew. `recorded_by` is who wrote it down.
    """

    class How(models.TextChoices):
        """How it reached the officer."""

        CERTIFIED = "certified", _("Certified mail")
        PERSON = "person", _("Handed over in person")
        MAIL = "mail", _("First-class mail")

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="served_notices")
    how = models.CharField(max_length=10, choices=How)
    served_on = models.DateField(help_text="The day it was delivered, or left with the mail.")
    certified_number = models.CharField(max_length=40, blank=True, default="", db_default="")
    served_to = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="The address, or who took it."
    )
    answer_by = models.DateField(help_text="Last day to answer (inclusive).")

    class Meta(Recorded.Meta):
        ordering = ["served_on", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(how="certified") | ~Q(certified_number=""),
                name="case_notice_certified_has_its_number",
                violation_error_message="Certified mail has a number. Type it from the receipt.",
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("served_on")),
                name="case_notice_leaves_time_to_answer",
                violation_error_message="The last day to answer comes after the day the notice was served.",
            ),
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(voided_at=None),
                name="case_notice_once",
                violation_error_message="Notice of this case is served already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Notice of {self.candidacy}, {self.served_on}"


@evidence()
class CaseAnswer(Recorded):
    """What the officer or an agency of the officer said about the case. `recorded_by` is the account that gave it, or
    that of POST which wrote down what came by letter or phone."""

    class GivenBy(models.TextChoices):
        """Whose answer it is."""

        OFFICER = "officer", _("The officer")
        AGENCY = "agency", _("The agency")
        POST = "post", _("Written down by POST")

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="answers")
    given_by = models.CharField(max_length=10, choices=GivenBy)
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    teller = models.CharField(
        max_length=150, blank=True, default="", db_default="", help_text="Who answered by letter or phone."
    )
    words = models.TextField(max_length=4000)
    submission_key = models.UUIDField(
        null=True, blank=True, unique=True, help_text="Made when the form is opened: the same form sent twice is one."
    )

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(words=""),
                name="case_answer_says_something",
                violation_error_message="An answer says something.",
            ),
            models.CheckConstraint(
                condition=Q(given_by="agency", agency__isnull=False) | (~Q(given_by="agency") & Q(agency=None)),
                name="case_answer_names_its_agency",
                violation_error_message="An agency’s answer names the agency, and no other does.",
            ),
            models.CheckConstraint(
                condition=Q(given_by="post") & ~Q(teller="") | ~Q(given_by="post") & Q(teller=""),
                name="case_answer_written_down_names_who",
                violation_error_message="Say whose answer POST wrote down.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_given_by_display()} on {self.candidacy}"


class CaseDocumentQuerySet(RecordedQuerySet):
    """Documents of answers."""

    def visible_to(self, user) -> "CaseDocumentQuerySet":
        """Those `user` may read: the state's people, and whoever’s answer it came with, while the case is open to them
        (the officer what the officer sent, an agency what it sent)."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        own = Q(answer__given_by="officer", answer__candidacy__officer__in=scope.officer_ids)
        theirs = Q(answer__given_by="agency", answer__agency__in=scope.asking)
        return self.filter(own | theirs, answer__candidacy__in=Candidacy.objects.visible_to(user).values("pk"))


@evidence()
class CaseDocument(Recorded):
    """A document that came with an answer, checked when it came (decision 21)."""

    answer = models.ForeignKey(CaseAnswer, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=120, help_text="As it was called, without its path.")
    type = models.CharField(max_length=20, choices=ReliefDocument.Type)
    size = models.PositiveIntegerField(help_text="In bytes, as it is kept.")
    pages = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64, help_text="Of the file as it is kept.")
    file = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)

    objects = CaseDocumentQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(size__gt=0, pages__gt=0) & ~Q(name="") & ~Q(file=""),
                name="case_document_is_something",
                violation_error_message="A document has a name, a file and something in it.",
            ),
            models.UniqueConstraint(
                fields=["file"], name="case_document_file_once", violation_error_message="One file, one document."
            ),
        ]

    def __str__(self) -> str:
        return self.name


@evidence()
class NotPursued(Recorded):
    """POST leaves a case where it is until a day, for a reason: the officer holds no commission, has retired or died
    (rulebook 11, 16). Voided, the case is pursued again. `recorded_by` decided."""

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="not_pursued")
    until = models.DateField(help_text="Last day on which it is left (inclusive).")
    reason = models.TextField(max_length=2000)

    class Meta(Recorded.Meta):
        verbose_name_plural = "cases not pursued"
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="not_pursued_for_a_reason",
                violation_error_message="Say why the case is not pursued.",
            ),
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(voided_at=None),
                name="not_pursued_once",
                violation_error_message="This case is not pursued already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidacy}, not pursued until {self.until}"


@evidence()
class ResponsePeriod(models.Model):
    """How many days officer and agency have to answer a notice, in the cases of one reporting period."""

    period = models.OneToOneField(
        "compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="response_period"
    )
    days = models.PositiveSmallIntegerField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=7, days__lte=180),
                name="response_period_is_fair",
                violation_error_message="Give between 7 and 180 days to answer.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days for {self.period.year}"
