"""Before the Director: the cases that wait, one by one or several reviewed together, and licenses to be reinstated."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import is_number, numbers
from compliance import access, campaigns, case_page, reinstatements, wording
from compliance.forms.cases import DecideForm
from compliance.models import CaseDecision, CaseSubmission, RecordingGap
from compliance.services import case_decisions, case_submissions
from compliance.views.campaigns import OfTheStateMixin
from training.views.one_form import OneFormView

Kind = CaseDecision.Kind
# A page is what one person can review and decide in one act.
A_PAGE = case_decisions.MOST_AT_ONCE
A_PAGE_OF_LICENSES = 25
DONE = {
    Kind.MAKE_INACTIVE: "made inactive",
    Kind.LEAVE_ACTIVE: "left active",
    Kind.REFER_BACK: "referred back to POST",
}


class QueueMixin(OfTheStateMixin):
    """The cases before the Director, those longest there first."""

    @cached_property
    def asked(self) -> dict:
        """What the queue is limited to."""
        given = self.request.GET
        return {key: given.get(key, "").strip()[:100] for key in ("q", "agency")}

    def submissions(self):
        """The open ones, as asked for."""
        found = CaseSubmission.objects.live().filter(closed_at=None)
        if any(self.asked.values()):
            officers = campaigns.officers_like(self.asked["q"], self.asked["agency"], clock.today())
            found = found.filter(candidacy__officer__in=officers.values("pk"))
        found = found.select_related("candidacy__officer", "candidacy__period", "recorded_by")
        return found.prefetch_related("second_looks").order_by("as_of", "candidacy__officer__search_name", "pk")


def decided_words(made: list[CaseDecision]) -> str:
    """What was decided, in a sentence."""
    if len(made) == 1:
        return f"{made[0].reference}: {made[0].candidacy.officer.full_name}, {DONE[Kind(made[0].kind)]}."
    first, last = made[0].reference, made[-1].reference
    return f"{count_words(len(made), 'case')} {DONE[Kind(made[0].kind)]}: {first} to {last}."


class CaseQueueView(QueueMixin, StepUpMixin, TemplateView):
    """What waits for the Director; those ticked are reviewed on this page and decided alike in one act."""

    template_name = "compliance/case_queue.html"

    def get_context_data(self, form=None, ticked=(), **kwargs):
        """One page of it, each with how its facts are now; with what was typed when the session ended."""
        today = clock.today()
        if typed := interrupted.take(self.request) if self.request.method == "GET" else None:
            form, ticked = DecideForm(initial=typed.dict()), numbers(typed.getlist("case"))
        page = Paginator(self.submissions(), A_PAGE).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        changed = case_page.changed(rows) if rows else {}
        places = case_page.places_of({one.candidacy.officer_id for one in rows}, today)
        return super().get_context_data(
            **self.asked,
            form=form or DecideForm(),
            ticked=set(ticked),
            page_obj=page,
            rows=[
                {
                    "one": one,
                    "case": one.candidacy,
                    "places": places[one.candidacy.officer_id],
                    "needed": case_page.hours_missing(one),
                    "change": changed[one.pk],
                    "is_own": one.recorded_by_id == self.request.user.pk,
                }
                for one in rows
            ],
            waiting=CaseSubmission.objects.live().filter(closed_at=None).count(),
            to_reinstate=reinstatements.count(),
            may_decide=access.can_decide_cases(self.request.user),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Decide those ticked."""
        if not access.can_decide_cases(request.user):
            raise PermissionDenied
        form = DecideForm(request.POST)
        ticked = numbers(request.POST.getlist("case"))
        if form.is_valid():
            seen = {pk: request.POST.get(f"facts-{pk}", "") for pk in ticked}
            try:
                made = case_decisions.decide(by=request.user, seen=seen, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                messages.success(request, f"{decided_words(made)} Whoever has to know is told by mail.")
                return redirect("compliance:case_queue")
        return self.render_to_response(self.get_context_data(form=form, ticked=ticked))


class CaseReviewView(QueueMixin, StepUpMixin, OneFormView):
    """One case before the Director, whole, and the decision; then the next one."""

    template_name = "compliance/case_review.html"
    form_class = DecideForm

    @cached_property
    def one(self) -> CaseSubmission:
        """The submission of the address."""
        found = CaseSubmission.objects.live().select_related(
            "candidacy__officer", "candidacy__period", "recorded_by", "decision"
        )
        return get_object_or_404(found.prefetch_related("second_looks__looked_by"), pk=self.kwargs["pk"])

    def neighbors(self) -> tuple[int | None, int | None, int, int]:
        """The ids before and after this one in the queue, its place and how many there are."""
        queue = list(self.submissions().values_list("pk", flat=True))
        if self.one.pk not in queue:
            return None, next(iter(queue), None), 0, len(queue)
        at = queue.index(self.one.pk)
        return (queue[at - 1] if at else None), (queue[at + 1] if at + 1 < len(queue) else None), at + 1, len(queue)

    def get_context_data(self, **kwargs):
        """The case, what changed, and the way through the queue."""
        one, case = self.one, self.one.candidacy
        accesses.saw(self.request, case.officer.license_number, f"Case of {case.period.year} before the Director")
        before, after, place, many = self.neighbors()
        return super().get_context_data(
            one=one,
            case=case,
            period=case.period,
            clocks=case_page.clocks(case, self.today),
            **case_page.standing(case, wording.Person(case.officer.full_name), self.today),
            **case_page.course(case),
            gaps=list(RecordingGap.objects.of(case.officer, case.period)),
            change=case_page.changed([one])[one.pk],
            before=before,
            after=after,
            place=place,
            many=many,
            may_decide=access.can_decide_cases(self.request.user),
            is_own=one.recorded_by_id == self.request.user.pk,
            may_look=access.can_prepare_cases(self.request.user) or access.can_decide_cases(self.request.user),
            **kwargs,
        )

    def is_the_act(self, request) -> bool:
        """Looking at what changed is no decision."""
        return "look" not in request.POST

    def post(self, request, *args, **kwargs):
        """Look again, or decide."""
        if "look" in request.POST:
            return self.look(request)
        if not access.can_decide_cases(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def look(self, request) -> HttpResponseRedirect:
        """What changed was looked at."""
        if not (access.can_prepare_cases(request.user) or access.can_decide_cases(request.user)):
            raise PermissionDenied
        try:
            case_submissions.look_again(by=request.user, submission=self.one, seen=request.POST.get("facts", ""))
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, "Kept: you looked at what changed.")
        return redirect("compliance:case_review", pk=self.one.pk)

    def act(self, form):
        """Decide, and on to the next."""
        _, after, _, _ = self.neighbors()
        seen = {self.one.pk: self.request.POST.get("facts", "")}
        made = case_decisions.decide(by=self.request.user, seen=seen, **form.cleaned_data)
        messages.success(self.request, f"{decided_words(made)} Whoever has to know is told by mail.")
        if after is None:
            return redirect("compliance:case_queue")
        return redirect(f"{reverse('compliance:case_review', args=[after])}{self._limits()}")

    def _limits(self) -> str:
        return f"?{self.request.GET.urlencode()}" if self.request.GET else ""


class ReinstatementListView(OfTheStateMixin, StepUpMixin, TemplateView):
    """Licenses made inactive over hours that are shown now: proposed by the portal, signed by the Director or agent."""

    template_name = "compliance/reinstatement_list.html"

    def get_context_data(self, error="", ticked=(), reason="", **kwargs):
        """Those to be signed first, then those still short."""
        today = clock.today()
        found = reinstatements.find()
        page = Paginator(found.proposed, A_PAGE_OF_LICENSES).get_page(self.request.GET.get("page"))
        rows = reinstatements.rows(page.object_list, today)
        return super().get_context_data(
            page_obj=page,
            rows=rows,
            error=error,
            reason=reason,
            ticked=set(ticked),
            still_short=found.still_short,
            may_decide=access.can_decide_cases(self.request.user),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Reinstate those ticked."""
        if not access.can_decide_cases(request.user):
            raise PermissionDenied
        chosen, ticked = {}, []
        for value in request.POST.getlist("license"):
            officer, _, year = value.partition(":")
            if is_number(officer) and year.isascii() and year.isdecimal() and len(year) == 4:
                chosen[int(officer), int(year)] = request.POST.get(f"facts-{value}", "")
                ticked.append(value)
        reason = request.POST.get("reason", "")[:4000]
        try:
            made = case_decisions.reinstate(by=request.user, cases=chosen, reason=reason)
        except Refused as refusal:
            return self.render_to_response(self.get_context_data(error=refusal.message, ticked=ticked, reason=reason))
        messages.success(request, f"{count_words(len(made), 'license')} reinstated. Officer and agencies are told.")
        return redirect("compliance:reinstatement_list")
