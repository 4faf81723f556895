"""The cases of those past the last day, for POST: where each is, and what is done with one or many of them."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from compliance import access, campaigns, case_errors, case_states
from compliance.case_states import Stage
from compliance.forms.cases import CasesForm, ForwardForm, LeaveForm, NoticeForm, ReasonForm, ResponseForm
from compliance.models import Candidacy, CaseSubmission
from compliance.services import case_submissions, cases
from compliance.views.campaigns import OfTheStateMixin
from compliance.views.candidates import CandidatesMixin
from compliance.wording import full_date
from training.models import Commission
from training.views.one_form import OneFormView

A_PAGE = 50
FORWARD, LEAVE = "forward", "leave"
ACTS = {FORWARD: ForwardForm, LEAVE: LeaveForm}


def of_form(typed, prefix: str) -> dict[str, str]:
    """What was typed into the fields of the form with this prefix."""
    return {name.removeprefix(f"{prefix}-"): value for name, value in typed.items() if name.startswith(f"{prefix}-")}


class CasesMixin(CandidatesMixin):
    """The cases of a period, as asked for."""

    @cached_property
    def form(self) -> CasesForm:
        """What the list is limited to."""
        return CasesForm(self.request.GET)

    @property
    def given(self) -> dict:
        """What was asked for and understood."""
        self.form.is_valid()
        return self.form.cleaned_data

    def cases(self):
        """The cases asked for, by name."""
        today, given = clock.today(), self.given
        found = Candidacy.objects.filter(period=self.period).select_related("officer", "period")
        found = case_states.with_course(found, today)
        if given.get("stage"):
            found = case_states.in_stage(found, given["stage"], today)
        if given.get("commission"):
            found = found.filter(has_commission=given["commission"] == "yes")
        if given.get("answered"):
            found = found.filter(is_answered=given["answered"] == "yes")
        if given.get("q") or given.get("agency"):
            officers = campaigns.officers_like(given.get("q", "").strip(), given.get("agency", "").strip(), today)
            found = found.filter(officer__in=officers.values("pk"))
        return found.order_by("officer__search_name", "pk")


class CaseListView(CasesMixin, TemplateView):
    """Where every case of a year is; POST puts many before the Director, or leaves many, in one act."""

    template_name = "compliance/case_list.html"

    def get_context_data(self, act=None, ticked=(), refused=(), **kwargs):
        """One page of it, and how many are in each stage; with what was typed when the session ended."""
        today = clock.today()
        if typed := interrupted.take(self.request) if self.request.method == "GET" else None:
            ticked = numbers(typed.getlist("case"))
            act = {what: kind(prefix=what, initial=of_form(typed, what)) for what, kind in ACTS.items()}
        found = self.cases() if self.period else Candidacy.objects.none()
        page = Paginator(found, A_PAGE).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        officers = [one.officer_id for one in rows]
        errors = case_errors.unsettled(self.period, officers) if rows else {}
        places: dict[int, list[str]] = {}
        held = Commission.objects.in_force(today).filter(officer__in=officers)
        for officer, name in held.order_by("agency__search_name").values_list("officer", "agency__name"):
            places.setdefault(officer, []).append(name)
        counts = self._counts(today)
        return super().get_context_data(
            form=self.form,
            act=act or {what: kind(prefix=what) for what, kind in ACTS.items()},
            ticked=set(ticked),
            refused=refused,
            years=self.years,
            period=self.period,
            page_obj=page,
            rows=[
                {
                    "case": one,
                    "state": case_states.state_of(one, today),
                    "places": places.get(one.officer_id, []),
                    "errors": errors.get(one.officer_id, []),
                }
                for one in rows
            ],
            counts=[one for one in counts if isinstance(one["stage"], Stage)],
            uncommissioned=next((one["count"] for one in counts if one["stage"] is None), 0),
            stage=self.given.get("stage", ""),
            is_limited=any(self.given.values()),
            may_prepare=access.can_prepare_cases(self.request.user),
            response_days=case_states.response_days(self.period) if self.period else None,
            most=case_submissions.MOST_AT_ONCE,
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def _counts(self, today) -> list[dict]:
        """The stages with how many cases are in each, and how many hold no commission, in one statement."""
        if not self.period:
            return []
        tally, uncommissioned = case_states.tally(Candidacy.objects.filter(period=self.period), today)
        stages = [{"stage": stage, "label": stage.label, "count": tally[stage]} for stage in Stage]
        return [*stages, {"stage": None, "label": "Without a commission", "count": uncommissioned}]

    def post(self, request, *args, **kwargs):
        """Put those ticked (or all shown) before the Director, or leave them until a day."""
        if not access.can_prepare_cases(request.user):
            raise PermissionDenied
        ticked = numbers(request.POST.getlist("case"))
        forms = {what: kind(prefix=what) for what, kind in ACTS.items()}
        what = request.POST.get("act", "")
        if what not in forms:
            messages.error(request, "Choose what to do with them.")
            return self.render_to_response(self.get_context_data(act=forms, ticked=ticked))
        form = forms[what] = ACTS[what](request.POST, prefix=what)
        if form.is_valid():
            try:
                chosen = self._chosen(ticked, everyone=bool(request.POST.get("everyone")))
                if what == LEAVE:
                    made = cases.leave(by=request.user, cases=chosen, today=clock.today(), **form.cleaned_data)
                    until = full_date(form.cleaned_data["until"])
                    messages.success(request, f"{count_words(made, 'case')} not pursued until {until}.")
                    return redirect(request.get_full_path())
                done = case_submissions.put_forward(by=request.user, cases=chosen, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            else:
                if done.made:
                    messages.success(request, f"{count_words(len(done.made), 'case')} put before the Director.")
                if not done.refused:
                    return redirect(request.get_full_path())
                return self.render_to_response(self.get_context_data(refused=done.refused, act=forms))
        return self.render_to_response(self.get_context_data(act=forms, ticked=ticked))

    def _chosen(self, ticked: list[int], *, everyone: bool) -> list[int]:
        if not self.period:
            return []
        shown = self.cases() if everyone else self.cases().filter(pk__in=ticked)
        return list(shown.values_list("pk", flat=True))


class OneCaseMixin(OfTheStateMixin):
    """One case, for POST to act on."""

    def setup(self, request, *args, **kwargs):
        """The case, with its course."""
        super().setup(request, *args, **kwargs)
        self.today = clock.today()

    @cached_property
    def case(self) -> Candidacy:
        """The case of the address."""
        found = Candidacy.objects.select_related("officer", "period")
        return get_object_or_404(case_states.with_course(found, self.today), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """The case and where it is."""
        one = self.case
        accesses.saw(self.request, one.officer.license_number, f"Case of {one.period.year}")
        return super().get_context_data(
            case=one, officer=one.officer, period=one.period, state=case_states.state_of(one, self.today), **kwargs
        )


class CaseActView(OneCaseMixin, OneFormView):
    """POST does one thing with one case. `which` says what, and what undoes it where it is done already."""

    template_name = "compliance/case_act.html"
    which = "notice"

    @cached_property
    def submission(self) -> CaseSubmission | None:
        """The case as it lies before the Director."""
        return self.case.submissions.live().filter(closed_at=None).first()

    @cached_property
    def is_back(self) -> bool:
        """Whether the act is done and would be undone here."""
        return {
            "notice": self.case.answer_by is not None,
            "forward": self.submission is not None,
            "leave": self.case.left_until is not None,
        }[self.which]

    def get_form_class(self):
        """The fields of the act; undoing it needs a reason."""
        acts = {"notice": NoticeForm, "forward": ForwardForm, "leave": LeaveForm}
        return ReasonForm if self.is_back else acts[self.which]

    def get_context_data(self, **kwargs):
        """Also why it cannot be put forward, and what is likely an error."""
        one = self.case
        errors = case_errors.unsettled(one.period, [one.officer_id]).get(one.officer_id, [])
        cannot = ""
        if self.which == "forward" and not self.is_back:
            cannot = case_states.why_not_forward(one, self.today)
        return super().get_context_data(
            which=self.which,
            is_back=self.is_back,
            errors=errors,
            cannot=cannot,
            notice=one.served_notices.live().first(),
            left=one.not_pursued.live().filter(until__gte=self.today).first(),
            days=case_states.response_days(one.period),
            may_prepare=access.can_prepare_cases(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """POST staff alone; the Director may look."""
        if not access.can_prepare_cases(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Do it, and back to the case."""
        given, one = form.cleaned_data, self.case
        if self.which == "notice" and self.is_back:
            cases.take_notice_back(by=self.request.user, case=one, **given)
            said = "The notice is taken back."
        elif self.which == "notice":
            made = cases.serve_notice(by=self.request.user, case=one, today=self.today, **given)
            said = f"Notice is served. Officer and agency may answer until {full_date(made.answer_by)}, and are told."
        elif self.which == "leave" and self.is_back:
            cases.pursue_again(by=self.request.user, case=one, **given)
            said = "The case is pursued again."
        elif self.which == "leave":
            cases.leave(by=self.request.user, cases=[one.pk], today=self.today, **given)
            said = f"Not pursued until {full_date(given['until'])}."
        elif self.is_back:
            case_submissions.take_back(by=self.request.user, submission=self.submission, **given)
            said = "The case is with POST again."
        else:
            done = case_submissions.put_forward(by=self.request.user, cases=[one.pk], **given)
            if done.refused:
                raise Refused(done.refused[0][1])
            said = "The case is before the Director."
        messages.success(self.request, said)
        return redirect("compliance:candidate", pk=one.pk)


class ResponsePeriodView(CandidatesMixin, OneFormView):
    """How many days there are to answer the notices of a year; 404 before any list was made."""

    template_name = "compliance/response_period.html"
    form_class = ResponseForm

    def dispatch(self, request, *args, **kwargs):
        """Of which year, for those who may ask."""
        if self.test_func() and self.period is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """As it is."""
        return self.stands() | super().get_initial()

    def stands(self) -> dict:
        """The same."""
        return {"days": case_states.response_days(self.period)}

    def get_context_data(self, **kwargs):
        """The year."""
        return super().get_context_data(
            period=self.period,
            usual=case_states.RESPONSE_DAYS,
            may_prepare=access.can_prepare_cases(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """POST staff alone."""
        if not access.can_prepare_cases(request.user):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Change it."""
        made = cases.set_response_days(by=self.request.user, period=self.period, seen=self.seen, **form.cleaned_data)
        messages.success(self.request, f"Notices served from now on leave {made.days} days to answer.")
        return redirect(f"{reverse('compliance:case_list')}?year={self.period.year}")
