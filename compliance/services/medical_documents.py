"""Medical documents are removed when their time is over (MEDICAL_DOCUMENT_DAYS after the request was settled).

The file goes; that it was there, when it came, who read it and its digest stay. Nothing else people sent is removed.
"""

import datetime as dt

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from compliance.models import ReliefDecision, ReliefDocument, ReliefRequest
from compliance.models.documents import document_storage


def past(day: dt.date):
    """Documents of medical requests that were settled so long before `day`, and whose time given is over as long."""
    before = day - dt.timedelta(days=settings.MEDICAL_DOCUMENT_DAYS)
    decisions = ReliefDecision.objects.filter(request=OuterRef("request"))
    recent = decisions.filter(Q(decided_on__gte=before) | Q(due_on__gte=before) | Q(recorded_at__date__gte=before))
    return ReliefDocument.objects.filter(
        Exists(decisions), ~Exists(recent), request__reason=ReliefRequest.Reason.MEDICAL, recorded_at__date__lt=before
    )


def is_removed(document: ReliefDocument, day: dt.date) -> bool:
    """Whether the file of a document is gone because its time was over."""
    return past(day).filter(pk=document.pk).exists() and not document_storage().exists(document.file.name)


def remove_past(*, day: dt.date) -> int:
    """Remove the files whose time is over; returns how many. Safe to run twice, and late."""
    storage, removed = document_storage(), 0
    for name in past(day).order_by("pk").values_list("file", flat=True).iterator():
        if storage.exists(name):
            storage.delete(name)
            removed += 1
    return removed
