"""A document people sent, as a file to save: never shown inside the browser, and never by another address."""

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clee_portal import clock
from compliance import documents
from compliance.models import ReliefDocument
from compliance.services import medical_documents


def handed_out(request: HttpRequest, one: Model, *, name: str, belongs_to: str) -> HttpResponse:
    """The file of `one` as `name`; where it is not there a page that says of what it was (`belongs_to`).

    Whether the person may read it was asked before. Raises `clee_portal.buckets.Away`.
    """
    try:
        with one.file.open("rb") as kept:  # never more than documents.MOST_BYTES
            response = HttpResponse(kept.read(), content_type=one.type)
    except FileNotFoundError:
        is_removed = isinstance(one, ReliefDocument) and medical_documents.is_removed(one, clock.today())
        told = {"belongs_to": belongs_to, "is_removed": is_removed}
        return render(request, "compliance/document_gone.html", told, status=410 if is_removed else 500)
    response["Content-Disposition"] = f'attachment; filename="{name}{documents.ENDINGS[one.type]}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
