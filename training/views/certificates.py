"""Certificates of a class, given and printed by those to whom its records are open; and their check by anybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from clee_portal.accounts import limits
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from training import names_shown, papers
from training.models import Certificate, TrainingClass
from training.models.calendar import MOST_SEATS
from training.models.registrations import in_groups
from training.services import certificate_paper, certificates
from training.services.certificates import GIVEN_HERE, plain

A_FILE = 500  # pages in one file
PARTS = [str(number) for number in range(1, MOST_SEATS // A_FILE + 1)]


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

    def closed(self, officers) -> set[int]:
        """Those whose name is closed to the person: the paper would tell it, so they or their agency print it."""
        return names_shown.closed_to(self.request.user, list(officers))


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
        voided = list(given.values())
        closed = self.closed([*(one.officer for one, _ in people), *(one.certificate.officer for one in voided)])
        return super().get_context_data(
            held=self.held,
            people=people,
            voided=voided,
            closed=closed,
            without=[record for record, one in people if one is None],
            parts=PARTS[1 : -(-len(people) // A_FILE)],
            has_any=any(one and record.officer_id not in closed for record, one in people),
            can_be_given=not self.held.voided_at and self.held.course.source_kind in GIVEN_HERE,
            is_approved=certificates.is_approved(self.held),
            administrator=certificates.administrator_of(self.held),
            **kwargs,
        )

    def post(self, request, **kwargs):
        """Give them by their button, then back to the list."""
        if request.POST.get("step") != "give":
            return self.get(request, **kwargs)
        try:
            given = certificates.give(by=request.user, training_class=self.held)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            count = len(given)
            said = ngettext(
                "%(count)s certificate can be printed and checked now.",
                "%(count)s certificates can be printed and checked now.",
                count,
            )
            messages.success(request, said % {"count": count})
        return redirect("training:class_certificates", self.held.reference)


class ClassCertificatesPdfView(OfClassMixin, View):
    """All certificates of a class that were given, as one PDF."""

    def get(self, request, **kwargs):
        """The file (`part`: which 500 of them), without those whose name is closed to the person; without any
        certificate there is none."""
        part = request.GET.get("part", "1")
        first = A_FILE * (int(part) - 1) if part in PARTS else 0
        found = list(self.certificates()[first : first + A_FILE])
        closed = self.closed(one.officer for one in found)
        given = certificates.standings([one for one in found if one.officer_id not in closed])
        if not given:
            raise Http404
        return _pdf(given, f"certificates-{self.held.reference}.pdf")


class CertificatePdfView(View):
    """One certificate, to be printed or sent on."""

    def get(self, request, reference, **kwargs):
        """The PDF, with the figures that stand today."""
        given = Certificate.objects.visible_to(request.user).select_related("officer", "issued_record")
        one = get_object_or_404(given, code=plain(reference))
        if names_shown.closed_to(request.user, [one.officer]):
            raise Http404
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
        """The answer to a code of the address, or to one that was typed: one that exists has an address of its own."""
        if typed := request.GET.get("code", "").strip():
            return self.of_typed(request, typed)
        if not code:
            return self.answer(request, "")
        if code != plain(code):
            return redirect("training:check_code", plain(code)) if plain(code) else redirect("training:check")
        return self.look(request, code, in_groups(code)) or self.answer(request, in_groups(code), found=self.found)

    def of_typed(self, request, typed: str):
        """One that was typed, however: it is told back as it was typed where it is wrong."""
        if not (code := plain(typed)):
            return self.answer(request, typed, wrong=gettext("Type the code as it stands below the square picture."))
        return self.look(request, code, typed) or redirect("training:check_code", code)

    def look(self, request, code: str, said: str):
        """None where there is a certificate of this code, which is `found` then; else the way to another paper of this
        code, or why not. Guesses are counted."""
        try:
            attempt = limits.begin(limits.CERTIFICATE, request)
        except limits.TooMany as refusal:
            return self.answer(request, said, wrong=str(refusal), status=limits.STATUS)
        self.found = certificates.found(code)
        if self.found is None and (elsewhere := papers.address_of(code)):
            attempt.succeeded()
            return redirect(elsewhere)
        if self.found is None:
            return self.answer(request, said, is_unknown=True, status=404)
        attempt.succeeded()
        return None

    def answer(self, request, code: str, *, status=200, **more):
        """The page; `code` as it is told back."""
        context = {
            "code": code,
            "check_url": reverse("training:check"),
            "file_pages": [reverse(name) for name in papers.file_pages()],
            **more,
        }
        return render(request, "training/check.html", context, status=status)
