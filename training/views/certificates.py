"""Certificates of a class, given and printed by those to whom its records are open; and their check by anybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from clee_portal.accounts import limits
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from training import papers
from training.models import Certificate, TrainingClass
from training.models.registrations import in_groups
from training.services import certificate_paper, certificates
from training.services.certificates import GIVEN_HERE, plain

A_FILE = 500  # pages in one file


class OfClassMixin:
    """The certificates of one class, as far as they are open to the person."""

    def setup(self, request, *args, **kwargs):
        """The class; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        held = TrainingClass.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.held = get_object_or_404(held.select_related("course__agency", "course__provider", "recorded_by"))

    def certificates(self):
        """Those that were given, by name."""
        first = certificates.first_of(self.held)
        given = Certificate.objects.visible_to(self.request.user).filter(first_class=first)
        return given.select_related("officer", "issued_record").order_by(
            "officer__search_name", "officer__license_number"
        )


class ClassCertificatesView(OfClassMixin, TemplateView):
    """Who has a certificate of a class; those still without get one by one click."""

    template_name = "training/class_certificates.html"

    def get_context_data(self, **kwargs):
        """Everybody with credit, each with the certificate, if there is one."""
        given = {one.certificate.officer_id: one for one in certificates.standings(self.certificates())}
        records = certificates.open_to(self.request.user, self.held).select_related("officer")
        people = [
            (one, given.pop(one.officer_id, None))
            for one in records.order_by("officer__search_name", "officer__license_number")
        ]
        return super().get_context_data(
            held=self.held,
            people=people,
            voided=list(given.values()),
            without=[record for record, one in people if one is None],
            has_any=any(one for _, one in people),
            can_be_given=not self.held.voided_at and self.held.course.source_kind in GIVEN_HERE,
            is_approved=certificates.is_approved(self.held),
            administrator=certificates.administrator_of(self.held),
            **kwargs,
        )

    def post(self, request, **kwargs):
        """Give them, then back to the list."""
        try:
            given = certificates.give(by=request.user, training_class=self.held)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            count = len(given)
            messages.success(request, f"{count} certificate{'' if count == 1 else 's'} can be printed and checked now.")
        return redirect("training:class_certificates", self.held.reference)


class ClassCertificatesPdfView(OfClassMixin, View):
    """All certificates of a class that were given, as one PDF."""

    def get(self, request, **kwargs):
        """The file; without any certificate there is none."""
        given = certificates.standings(self.certificates()[:A_FILE])
        if not given:
            raise Http404
        return _pdf(given, f"certificates-{self.held.reference}.pdf")


class CertificatePdfView(View):
    """One certificate, to be printed or sent on."""

    def get(self, request, reference, **kwargs):
        """The PDF, with the figures that stand today."""
        given = Certificate.objects.visible_to(request.user).select_related("officer", "issued_record")
        one = get_object_or_404(given, code=plain(reference))
        accesses.saw(request, one.officer.license_number, "Certificate")
        return _pdf(certificates.standings([one]), f"certificate-{one.code}.pdf")


def _pdf(given, name: str) -> HttpResponse:
    response = HttpResponse(certificate_paper.as_pdf(given), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response.how_many = len(given)
    return response


@method_decorator([login_not_required, never_cache], name="dispatch")
class CheckView(View):
    """Whether a certificate is valid, for anybody who has its code. Codes that were guessed are counted."""

    def get(self, request, code="", **kwargs):
        """The answer to a code of the address; a code that was typed gets an address of its own."""
        if typed := request.GET.get("code", "").strip():
            if code := plain(typed)[:40]:
                return redirect("training:check_code", code)
            return self.answer(request, "", typed=typed, wrong="Type the code as it stands below the square picture.")
        if not code:
            return self.answer(request, "")
        if code != plain(code):
            return redirect("training:check_code", plain(code)) if plain(code) else redirect("training:check")
        try:
            attempt = limits.begin(limits.CERTIFICATE, request)
        except limits.TooMany as refusal:
            return self.answer(request, code, wrong=str(refusal), status=limits.STATUS)
        found = certificates.found(code)
        if found is None and (elsewhere := papers.address_of(code)):
            attempt.succeeded()
            return redirect(elsewhere)
        if found is None:
            return self.answer(request, code, is_unknown=True, status=404)
        attempt.succeeded()
        return self.answer(request, code, found=found)

    def answer(self, request, code, *, status=200, typed="", **more):
        """The page."""
        context = {
            "code": in_groups(code),
            "typed": typed or in_groups(code),
            "check_url": reverse("training:check"),
            "file_pages": [reverse(name) for name in papers.file_pages()],
            **more,
        }
        return render(request, "training/check.html", context, status=status)
