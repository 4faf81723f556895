"""What was decided: the list, each decision with its packet, its reversal, its appeals, and the letters to print."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView, View

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.paging import PagesMixin
from compliance import access, campaigns, case_errors, case_letters, packets
from compliance.forms.cases import AppealForm, ReasonForm
from compliance.models import CaseDecision
from compliance.services import case_decisions
from compliance.views.campaigns import OfTheStateMixin
from compliance.views.cases import CasesMixin
from training.views.listing import FileMixin
from training.views.one_form import OneFormView

Kind = CaseDecision.Kind
CHIPS = {
    Kind.MAKE_INACTIVE: ("short", "lock"),
    Kind.LEAVE_ACTIVE: ("held", "shield-check"),
    Kind.REFER_BACK: ("quiet", "arrow-left"),
    Kind.REINSTATE: ("met", "check-lg"),
    Kind.REVERSE: ("quiet", "arrow-counterclockwise"),
}


def chip(one: CaseDecision) -> tuple[str, str, str]:
    """A decision as a chip: tone, words, icon."""
    tone, icon = CHIPS[Kind(one.kind)]
    return tone, one.get_kind_display(), icon


class DecisionsMixin(OfTheStateMixin):
    """Decisions, as asked for."""

    @cached_property
    def asked(self) -> dict:
        """What the list is limited to."""
        given = self.request.GET
        asked = {key: given.get(key, "").strip()[:100] for key in ("q", "agency")}
        kind, year = given.get("kind", ""), given.get("year", "")
        asked["kind"] = kind if kind in Kind.values else ""
        asked["year"] = year if year.isascii() and year.isdecimal() and len(year) == 4 else ""
        return asked

    def get_queryset(self):
        """The latest first."""
        asked = self.asked
        found = CaseDecision.objects.select_related(
            "candidacy__officer", "candidacy__period", "decided_by", "reverses", "reversal"
        )
        if asked["kind"]:
            found = found.filter(kind=asked["kind"])
        if asked["year"]:
            found = found.filter(candidacy__period__year=int(asked["year"]))
        if asked["q"] or asked["agency"]:
            officers = campaigns.officers_like(asked["q"], asked["agency"], clock.today())
            found = found.filter(candidacy__officer__in=officers.values("pk"))
        return found.order_by("-decided_at", "-pk")


class DecidedListView(DecisionsMixin, PagesMixin, ListView):
    """What was decided, with the letters of those shown as one PDF."""

    template_name = "compliance/decided_list.html"
    paginate_by = 50

    def get_context_data(self, **kwargs):
        """The chips too."""
        context = super().get_context_data(**self.asked, kinds=Kind.choices, most=case_letters.MOST, **kwargs)
        years = CaseDecision.objects.order_by("-candidacy__period__year")
        return context | {
            "rows": [(one, chip(one)) for one in context["page_obj"]],
            "is_limited": any(self.asked.values()),
            "years": list(years.values_list("candidacy__period__year", flat=True).distinct()),
        }


class DecidedFileView(FileMixin, DecisionsMixin, ListView):
    """The decisions as asked for, as a file."""

    header = (
        "Decision", "Decided on", "What", "License", "Officer", "Year", "Decided by", "Until", "Reason", "Reverses",
        "Reversed by",
    )  # fmt: skip

    def file_name(self) -> str:
        """By the day."""
        return f"decisions-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each."""
        for one in self.get_queryset().iterator(chunk_size=1000):
            officer = one.candidacy.officer
            reversal = getattr(one, "reversal", None)
            yield (
                one.reference, one.decided_on, one.get_kind_display(), officer.license_number, officer.sorted_name,
                one.candidacy.period.year, one.decided_as, one.until, one.reason,
                one.reverses.reference if one.reverses else "", reversal.reference if reversal else "",
            )  # fmt: skip


class DecidedLettersView(DecisionsMixin, View):
    """The letters of the decisions asked for, merged into one PDF; 404 where there is none, or too many for one file.

    A case referred back has no letter: nothing was decided about the officer.
    """

    def get(self, request, *args, **kwargs):
        """The file."""
        found = self.get_queryset().exclude(kind=Kind.REFER_BACK)
        rows = list(found[: case_letters.MOST + 1])
        if not 0 < len(rows) <= case_letters.MOST:
            raise Http404
        return _letters(case_letters.of_decisions(rows), "decisions", "Decisions of the Director")


class NoticeLettersView(CasesMixin, View):
    """The letters of notice of the cases asked for, as one PDF, without records that are likely in error; 404 where
    there is no case, or too many for one file."""

    def get(self, request, *args, **kwargs):
        """The file."""
        rows = list(self.cases()[: case_letters.MOST + 1]) if self.period else []
        if not 0 < len(rows) <= case_letters.MOST:
            raise Http404
        errors = case_errors.unsettled(self.period, [one.officer_id for one in rows])
        rows = [one for one in rows if one.officer_id not in errors]
        if not rows:
            messages.error(
                request,
                "No letter is made: the record is likely in error. Settle what was found, or set it aside with a "
                "reason on the page of the case.",
            )
            return redirect(f"{reverse('compliance:case_list')}?{request.GET.urlencode()}")
        return _letters(case_letters.of_notices(rows, clock.today()), "notices", "Notices of missing hours")


def _letters(made: list[dict], name: str, title: str) -> HttpResponse:
    today = clock.today()
    response = HttpResponse(
        case_letters.as_pdf(made, today, title),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}-{today:%Y-%m-%d}.pdf"'},
    )
    response.how_many = len(made)  # for the record of access
    return response


class OneDecisionMixin(OfTheStateMixin):
    """One decision."""

    @cached_property
    def one(self) -> CaseDecision:
        """The decision of the address."""
        found = CaseDecision.objects.with_reference(self.kwargs["reference"]).select_related(
            "candidacy__officer", "candidacy__period", "reverses", "reversal", "packet", "requirement_set", "event"
        )
        one = get_object_or_404(found)
        accesses.saw(self.request, one.candidacy.officer.license_number, f"Decision {one.reference}")
        return one

    def get_context_data(self, **kwargs):
        """The decision."""
        one, user = self.one, self.request.user
        may_reverse = access.can_decide_cases(user) and not getattr(one, "reversal", None)
        return super().get_context_data(
            one=one,
            case=one.candidacy,
            officer=one.candidacy.officer,
            period=one.candidacy.period,
            chip=chip(one),
            may_reverse=may_reverse and one.kind not in (Kind.REVERSE, Kind.REFER_BACK),
            may_prepare=access.can_prepare_cases(user),
            **kwargs,
        )


class DecisionView(OneDecisionMixin, TemplateView):
    """A decision: by whom, on what, what came of it, and its packet."""

    template_name = "compliance/case_decision.html"

    def get_context_data(self, **kwargs):
        """The appeals too."""
        appeals = self.one.appeals.live().select_related("recorded_by").order_by("happened_on", "pk")
        return super().get_context_data(appeals=appeals, **kwargs)


class PacketDataView(OneDecisionMixin, View):
    """The packet as data, byte for byte as it was frozen."""

    def get(self, request, *args, **kwargs):
        """The file."""
        return _file(packets.read(self.one.packet), "application/json", f"{self.one.reference}.json")


class PacketPdfView(OneDecisionMixin, View):
    """The packet to read, byte for byte as it was frozen."""

    def get(self, request, *args, **kwargs):
        """The file."""
        return _file(packets.read_pdf(self.one.packet), "application/pdf", f"{self.one.reference}.pdf")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response.how_many = 1  # for the record of access
    return response


class ReverseView(OneDecisionMixin, StepUpMixin, OneFormView):
    """The Director reverses a decision, for a reason."""

    template_name = "compliance/case_reverse.html"
    form_class = ReasonForm

    def post(self, request, *args, **kwargs):
        """The Director and designated agents alone."""
        if not access.can_decide_cases(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Reverse it."""
        made = case_decisions.reverse(by=self.request.user, decision=self.one, **form.cleaned_data)
        said = f"{self.one.reference} is reversed by {made.reference}. Officer and agency are told."
        messages.success(self.request, said)
        return redirect("compliance:case_decision", made.reference)


class AppealView(OneDecisionMixin, OneFormView):
    """POST notes an appeal, or what became of one."""

    template_name = "compliance/case_appeal.html"
    form_class = AppealForm

    def post(self, request, *args, **kwargs):
        """POST staff alone."""
        if not access.can_prepare_cases(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Note it."""
        case_decisions.note_appeal(by=self.request.user, decision=self.one, today=self.today, **form.cleaned_data)
        messages.success(self.request, "Noted. It changes nothing by itself.")
        return redirect("compliance:case_decision", self.one.reference)
