"""The documents of what officers report: kept with the report, and added to it while it is open."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access
from compliance.documents import MOST_IN_ALL, Checked
from compliance.models import RecordReport, RecordReportDocument
from compliance.services.documents import files, keep

Proof = RecordReportDocument.Proof


def keep_papers(
    *, by: User, report: RecordReport, papers: Sequence[tuple[Checked, str]], kept: list[FieldFile]
) -> None:
    """Keep documents with what each proves; `kept` gets their files, so that a failure takes them away again."""
    for one, proof in papers:
        keep(RecordReportDocument, one, kept, report=report, proof=proof, sent_by=by)


def add(*, by: User, report: RecordReport, documents: Sequence[Checked], proof: str = "") -> int:
    """The officer sends more documents for an open report; returns how many are new. The same file twice is one.

    `proof` says what they prove of training elsewhere. Raises `Refused`.
    """
    with files() as kept, transaction.atomic(), history.because("Documents added by the officer"):
        one = locked(RecordReport.objects.with_names().filter(pk=report.pk)).get()
        if not access.can_report_record(by, one.officer):
            raise Refused(gettext("Only the officer whose record it is can add documents."))
        if not one.is_open:
            raise Refused(gettext("This report is settled."))
        if not documents:
            raise Refused(gettext("Choose at least one file."), field="documents")
        if one.is_outside and proof not in Proof:
            raise Refused(gettext("Choose what it proves."), field="proof")
        there = set(one.documents.values_list("sha256", flat=True))
        new = list({paper.sha256: paper for paper in documents if paper.sha256 not in there}.values())
        if len(there) + len(new) > MOST_IN_ALL:
            raise Refused(
                gettext("At most %(most)s documents go with a report.") % {"most": MOST_IN_ALL}, field="documents"
            )
        proves = proof if one.is_outside else ""
        keep_papers(by=by, report=one, papers=[(paper, proves) for paper in new], kept=kept)
        return len(new)
