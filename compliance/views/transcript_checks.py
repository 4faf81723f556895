"""The check of transcripts by anybody: by code, by file; and the keys they are signed with."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from clee_portal.accounts import limits
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from compliance import signing, transcript_checks, transcript_papers
from compliance.forms.transcripts import CheckFileForm
from compliance.models import TranscriptLook
from compliance.services import transcripts
from compliance.transcript_checks import Outcome
from training.models.registrations import in_groups
from training.services.certificates import plain


class PublicCheckView(View):
    """What both ways of checking have in common."""

    how = TranscriptLook.How.CODE

    def show(self, *, code="", transcript=None, form=None, status=200, **more):
        """The page, with what a transcript said where there is one; the look at it is noted then."""
        told = transcript_checks.standing(transcript) if transcript else None
        if transcript:
            self.note(transcript)
        code = transcript.code if transcript else code
        context = {
            "code": in_groups(code),
            "told": told,
            "is_closed": bool(transcript and transcript_checks.officer_of(transcript).is_name_closed),
            "form": form or CheckFileForm(initial={"of": code}),
            **more,
        }
        return render(self.request, "compliance/check_transcript.html", context, status=status)

    def note(self, transcript):
        """Somebody looked; of one who is signed in and is not the officer, the record of access says who."""
        transcripts.note_look(by=self.request.user, transcript=transcript, how=self.how)
        if not transcripts.is_own(self.request.user, transcript):
            number = transcript_checks.officer_of(transcript).license_number
            accesses.saw(self.request, number, f"Transcript {transcript.code}, on its public page")


class ByCodeView(View):
    """An answer to the code of a transcript. Guessed codes are counted."""

    def get(self, request, code):
        """The answer; to a code that is written in another way, the address it has."""
        if code != plain(code):
            kept = plain(code)[:40]
            return redirect("compliance:check_transcript", kept) if kept else redirect("training:check")
        try:
            attempt = limits.begin(limits.CERTIFICATE, request)
        except limits.TooMany as refusal:
            return limits.marked(self.refused(code, str(refusal)), refusal)
        found = transcript_checks.found(code)
        if found is None:
            return self.unknown(code)
        attempt.succeeded()
        return self.answer(found)


@method_decorator([login_not_required, never_cache], name="dispatch")
class CheckTranscriptView(ByCodeView, PublicCheckView):
    """What a transcript said and whether it still holds, for anybody who has its code."""

    def refused(self, code: str, why: str):
        """Too many were tried."""
        return self.show(code=code[:40], wrong=why)

    def unknown(self, code: str):
        """No transcript has it."""
        return self.show(code=code[:40], is_unknown=True, status=404)

    def answer(self, transcript):
        """What it said."""
        return self.show(transcript=transcript)


@method_decorator([login_not_required, never_cache], name="dispatch")
class SignatureView(ByCodeView):
    """The signature of the "pdf" or the "data" of a transcript, for whoever got the file without it."""

    field = "pdf"

    def refused(self, code: str, why: str):
        """Too many were tried."""
        return HttpResponse(why, content_type="text/plain")

    def unknown(self, code: str):
        """No transcript has it."""
        raise Http404

    def answer(self, transcript):
        """The signature file."""
        response = HttpResponse(transcript_papers.signature_of(transcript, self.field), content_type="application/json")
        name = transcript_papers.name_of(transcript, self.field)
        response["Content-Disposition"] = f'attachment; filename="{name}.sig"'
        return response


@method_decorator([login_not_required, never_cache], name="dispatch")
class CheckFileView(PublicCheckView):
    """Whether a file is a transcript as it was issued. The file is not kept."""

    how = TranscriptLook.How.FILE

    def get(self, request):
        """The form."""
        return self.show()

    def post(self, request):
        """Look at the file. Files that are not genuine are counted, as guesses at a code are."""
        form = CheckFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form=form)
        try:
            attempt = limits.begin(limits.CHECKED_FILE, request)
        except limits.TooMany as refusal:
            return limits.marked(self.show(form=form, wrong=str(refusal)), refusal)
        given = form.cleaned_data
        signature = given["signature"].read() if given["signature"] else None
        asked = plain(given["of"])
        try:
            checked = transcript_checks.check(given["file"].read(), signature, asked)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
            return self.show(form=form)
        if checked.outcome in (Outcome.GENUINE, Outcome.REVOKED):
            attempt.succeeded()
        other = in_groups(asked) if checked.transcript and asked and checked.transcript.code != asked else ""
        return self.show(transcript=checked.transcript, checked=checked, other=other, name=given["file"].name[:100])


@method_decorator(login_not_required, name="dispatch")
class SigningKeysView(View):
    """Every key the portal has signed with, for whoever checks a file without it."""

    def get(self, request):
        """The keys, as data. A key that is revoked has to be seen soon."""
        response = JsonResponse(signing.published(), json_dumps_params={"indent": 2})
        response["Cache-Control"] = "public, max-age=300"
        response["Access-Control-Allow-Origin"] = "*"
        return response
