"""Documents shown for a request for relief: what was sent, by whom, and on which of them a decision rested.

The file itself lies in the storage "documents", outside the web root, under a name nobody can guess
(decision 11). Medical ones are for those named in `compliance.access`.
"""

import uuid

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from compliance.models.relief import ReliefRequest
from training.models.memberships import scope_of
from training.models.recorded import Recorded, RecordedQuerySet


def document_storage() -> Storage:
    """Where documents lie (setting DOCUMENTS_ROOT)."""
    return storages["documents"]


def unguessable_name(instance: models.Model, filename: str) -> str:
    """A name that says nothing and cannot be guessed; nothing of the name a file came with is in it."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class ReliefDocumentQuerySet(RecordedQuerySet):
    """Documents of requests for relief."""

    def visible_to(self, user) -> "ReliefDocumentQuerySet":
        """Those `user` may read: whoever sent one, the officer, the state's people; of an agency those who ask for it.

        Medical ones: of the state only those named for it (and what one sent oneself), and neither the officer nor the
        agency those of the other (rulebook 8).
        """
        scope = scope_of(user)
        if scope.sees_the_state:
            may = Q() if user.reads_medical else ~Q(request__reason="medical") | Q(recorded_by=user)
            return self.filter(may)
        own = Q(request__officer__in=scope.officer_ids) & (~Q(request__reason="medical") | Q(sent_by="officer"))
        theirs = Q(sent_by="agency", agency__in=scope.asking)
        return self.filter(own | theirs, request__in=ReliefRequest.objects.visible_to(user).values("pk"))


@evidence()
class ReliefDocument(Recorded):
    """A document of a request, checked when it came. `recorded_by` is the account that sent it."""

    class Type(models.TextChoices):
        """What it is, by its content."""

        PDF = "application/pdf", _("PDF")
        JPEG = "image/jpeg", _("JPEG image")
        PNG = "image/png", _("PNG image")

    class SentBy(models.TextChoices):
        """Whose it is."""

        OFFICER = "officer", _("The officer")
        AGENCY = "agency", _("The agency")
        POST = "post", "POST"

    request = models.ForeignKey("compliance.ReliefRequest", on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=120, help_text="As it was called, without its path, for people to tell it by.")
    type = models.CharField(max_length=20, choices=Type)
    size = models.PositiveIntegerField(help_text="In bytes, as it is kept.")
    pages = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64, help_text="Of the file as it is kept.")
    file = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    sent_by = models.CharField(max_length=10, choices=SentBy)
    agency = models.ForeignKey("training.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReliefDocumentQuerySet.as_manager()

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(sent_by="agency", agency__isnull=False) | (~Q(sent_by="agency") & Q(agency=None)),
                name="relief_document_names_its_agency",
                violation_error_message="A document an agency sent names the agency, and no other does.",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, pages__gt=0) & ~Q(name="") & ~Q(file=""),
                name="relief_document_is_something",
                violation_error_message="A document has a name, a file and something in it.",
            ),
            models.UniqueConstraint(
                fields=["file"], name="relief_document_file_once", violation_error_message="One file, one document."
            ),
        ]

    def __str__(self) -> str:
        return self.name


@evidence()
class ReliefGround(models.Model):
    """A document that whoever decided could read, and on which the decision therefore rested."""

    decision = models.ForeignKey("compliance.ReliefDecision", on_delete=models.PROTECT, related_name="grounds")
    document = models.ForeignKey(ReliefDocument, on_delete=models.PROTECT, related_name="grounds")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "document"],
                name="relief_ground_once",
                violation_error_message="A decision names a document once.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} for {self.decision}"
