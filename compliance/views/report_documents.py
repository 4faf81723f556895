"""Documents of what an officer reported: more of them sent, and one of them read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import View

from clee_portal.history import accesses
from compliance import documents
from compliance.forms.record_reports import AddDocumentsForm
from compliance.models import RecordReportDocument
from compliance.services import record_report_papers
from compliance.views.handing_out import handed_out
from compliance.views.record_reports import OneReportMixin
from compliance.views.report_record import checked
from training.views.one_form import OneFormView


class AddReportDocumentsView(OneReportMixin, OneFormView):
    """The officer sends more documents for a report, while it is open."""

    template_name = "compliance/record_report_documents.html"
    form_class = AddDocumentsForm

    def dispatch(self, request, *args, **kwargs):
        """The officer alone; for what is settled there is nothing to add."""
        if not self.is_own:
            raise PermissionDenied
        if not self.object.is_open:
            return redirect("compliance:record_report", self.object.reference)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict:
        """Of training elsewhere also what they prove."""
        return super().get_form_kwargs() | {"is_outside": self.object.is_outside}

    def get_context_data(self, **kwargs):
        """Also what can be sent."""
        return super().get_context_data(
            accept=documents.ACCEPT,
            most_megabytes=documents.MOST_BYTES // 1024 // 1024,
            most_at_once=documents.MOST_AT_ONCE,
            **kwargs,
        )

    def act(self, form):
        """Keep them."""
        given = form.cleaned_data
        added = record_report_papers.add(
            by=self.request.user,
            report=self.object,
            documents=checked(given["documents"], "documents"),
            proof=given.get("proof", ""),
        )
        words = "Added. Whoever looks at the report sees them." if added else "These files were there already."
        messages.success(self.request, words)
        return redirect("compliance:record_report", self.object.reference)


class ReportDocumentView(View):
    """A document, as a file to save, to those who may read it. Every time is written down (`history.accesses`)."""

    def get(self, request, pk: int):
        """The file, never shown inside the browser; what one may not read does not exist."""
        readable = RecordReportDocument.objects.visible_to(request.user).filter(pk=pk)
        one = get_object_or_404(readable.select_related("report__officer"))
        reference = one.report.reference
        accesses.saw(request, one.report.officer.license_number, f"Document {one.pk} of {reference}")
        return handed_out(request, one, name=f"{reference}-{one.pk}", belongs_to=f"report {reference}")
