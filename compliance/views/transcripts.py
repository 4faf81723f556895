"""Transcripts of one officer: had made, listed, and handed out byte for byte as they were made."""

import uuid
from functools import cached_property

from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.history import accesses
from compliance import access, transcript_checks, transcript_figures, transcript_papers
from compliance.forms.transcripts import IssueForm
from compliance.models import Transcript
from compliance.services import transcripts
from training.models import Officer
from training.views.one_form import OneFormView


class OfficerTranscriptsView(OneFormView):
    """Have a transcript made of periods one chooses, and find those that were made."""

    template_name = "compliance/transcripts.html"
    form_class = IssueForm

    def setup(self, request, *args, **kwargs):
        """The officer, among those open to the person."""
        super().setup(request, *args, **kwargs)
        officers = Officer.objects.visible_to(request.user)
        self.officer = get_object_or_404(officers, license_number=kwargs["license_number"])

    @cached_property
    def years(self) -> list[int]:
        """The periods there are."""
        return transcript_figures.years_of(self.officer, clock.now())

    def get_form_kwargs(self) -> dict:
        """Also the periods."""
        return {**super().get_form_kwargs(), "years": self.years}

    def get_initial(self) -> dict:
        """All periods, and a key of this form; or what was chosen before the session ended."""
        return {"years": self.years, "submission_key": uuid.uuid4(), **super().get_initial()}

    def act(self, form):
        """Make it, and show it."""
        made = transcripts.issue(by=self.request.user, officer=self.officer, **form.cleaned_data)
        return redirect("compliance:issued_transcript", made.code)

    def get_context_data(self, **kwargs):
        """Those that were made, as far as they are open to the person."""
        is_own = self.officer in access.own_licenses(self.request.user)
        if not is_own:
            accesses.saw(self.request, self.officer.license_number, "Transcripts")
        made = Transcript.objects.visible_to(self.request.user).filter(officer=self.officer)
        made = made.select_related("agency").prefetch_related("periods")
        return super().get_context_data(officer=self.officer, is_own=is_own, made=made[:50], **kwargs)


class OneTranscriptMixin:
    """One transcript, among those open to the person."""

    @cached_property
    def one(self) -> Transcript:
        """The transcript of the code; one that is not open to the person does not exist for them."""
        open_to = Transcript.objects.visible_to(self.request.user)
        found = open_to.select_related("officer__merged_into", "key", "agency")
        one = get_object_or_404(found, code=self.kwargs["reference"])
        if not transcripts.is_own(self.request.user, one):
            accesses.saw(self.request, one.officer.license_number, f"Transcript {one.code}")
        return one


class IssuedTranscriptView(OneTranscriptMixin, TemplateView):
    """A transcript that was made: its files, and whether it still holds."""

    template_name = "compliance/issued_transcript.html"

    def get_context_data(self, **kwargs):
        """What has changed since."""
        return super().get_context_data(
            one=self.one,
            is_own=transcripts.is_own(self.request.user, self.one),
            told=transcript_checks.standing(self.one),
            check_address=transcript_papers.check_url(self.one.code),
            looks=self.one.looks.aggregate(count=Count("pk"), last=Max("at")),
            **kwargs,
        )


class TranscriptFileView(OneTranscriptMixin, View):
    """A file of a transcript, byte for byte as it was made, or the signature of one."""

    field = "pdf"
    content_type = "application/pdf"
    is_signature = False

    def get(self, request, *args, **kwargs):
        """The file."""
        name = transcript_papers.name_of(self.one, self.field)
        if self.is_signature:
            content, name = transcript_papers.signature_of(self.one, self.field), f"{name}.sig"
        else:
            content = transcript_checks.read(self.one, self.field)
        response = HttpResponse(content, content_type=self.content_type)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        response.how_many = 1  # for the record of access
        return response
