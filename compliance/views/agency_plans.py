"""The fewest class-hours that bring an agency to compliance: asked for, shown while it is bettered, kept."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import agency_plan_words
from compliance.access import can_plan
from compliance.forms.agency_plans import AgencyPlanForm
from compliance.models import AgencyPlan, PlanRequest
from compliance.services import agency_plans
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin


class AgencyPlansView(AgencyMixin, View):
    """What may be chosen, and the plans that were found."""

    def get(self, request, code: str):
        """The form, with the earlier plans."""
        return self.page(AgencyPlanForm(initial={"hosts": True}))

    def post(self, request, code: str):
        """Have a plan found."""
        if not can_plan(request.user, self.agency):
            raise PermissionDenied
        form = AgencyPlanForm(request.POST)
        if form.is_valid():
            try:
                made = agency_plans.begin(by=request.user, agency=self.agency, **form.cleaned_data)
                return redirect("compliance:agency_plan", made.pk)
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return self.page(form)

    def page(self, form: AgencyPlanForm):
        """The page."""
        plans = AgencyPlan.objects.visible_to(self.request.user).filter(agency=self.agency).select_related("asked_by")
        context = {
            "agency": self.agency,
            "form": form,
            "plans": plans,
            "year": clock.today().year,
            "to_approve": PlanRequest.objects.waiting().filter(agency=self.agency).count(),
            "may_plan": can_plan(self.request.user, self.agency),
        }
        return render(self.request, "compliance/agency_plans.html", context)


class OnePlanMixin:
    """One plan, among those of agencies that are open to the person."""

    def setup(self, request, *args, **kwargs):
        """The plan; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        plans = AgencyPlan.objects.visible_to(request.user).select_related("agency", "asked_by")
        self.plan = get_object_or_404(plans, pk=kwargs["pk"])
        self.agency = self.plan.agency


class AgencyPlanView(OnePlanMixin, TemplateView):
    """The plan; asked for by the page itself, what is in it alone, while it is worked on."""

    def get_template_names(self) -> list[str]:
        """The whole page or the fragment."""
        return ["compliance/_agency_plan.html" if self.request.htmx else "compliance/agency_plan.html"]

    def get_context_data(self, **kwargs):
        """What it comes to, what is proved, who goes where, and whether it still holds."""
        plan, words = self.plan, agency_plan_words
        classes, lacking = words.classes_of(plan), words.lacking_of(plan)
        return super().get_context_data(
            **kwargs,
            agency=self.agency,
            plan=plan,
            headline=words.headline(plan, len(lacking)),
            proof=words.proof(plan),
            stale=words.stale(plan, classes, clock.now()),
            taken=[one for one in classes if one.of_calendar],
            hosted=[one for one in classes if not one.of_calendar],
            lacking=lacking,
            is_going=plan.state in (AgencyPlan.State.WAITING, AgencyPlan.State.RUNNING),
            may_plan=can_plan(self.request.user, self.agency),
            register_url=reverse("training:registrations_enter", args=[self.agency.code]),
        )


class AgencyPlanFileView(OnePlanMixin, FileMixin, View):
    """A plan as a file: a row for each officer in each class."""

    header = (
        "Officer", "License number", "Class", "Course", "Provider", "Begins", "Ends", "Place", "Hours", "Gives",
        "Registered", "Stays missing",
    )  # fmt: skip

    def file_name(self) -> str:
        """Whose, and of when."""
        return f"plan-{self.agency.code}-{self.plan.asked_at:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """The rows."""
        return agency_plan_words.file_rows(
            agency_plan_words.classes_of(self.plan), agency_plan_words.lacking_of(self.plan)
        )
