"""POST decides a request: grants it or prolongs it, denies it, asks for more, takes it back."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied

from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from compliance import access, relief, relief_effects
from compliance.forms.relief import AskMoreForm, GrantForm, ReasonForm, WaiveForm
from compliance.models import ReliefRequest
from compliance.services import relief_decisions
from compliance.views.relief_requests import OneRequestMixin
from compliance.wording import full_date
from training.views.one_form import OneFormView


class DecideView(OneRequestMixin, StepUpMixin, OneFormView):
    """One act on one request, with what it changes shown before. `which`: grant (and prolong), deny, more, end."""

    template_name = "compliance/relief_decide.html"
    which = "grant"

    def dispatch(self, request, *args, **kwargs):
        """POST staff, the Director and designated agents."""
        if not access.can_decide_relief(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_waiver(self) -> bool:
        """Whether a year is to be excused."""
        return self.object.kind == ReliefRequest.Kind.WAIVER

    def get_form_class(self):
        """The fields the act needs."""
        if self.which == "grant":
            return WaiveForm if self.is_waiver else GrantForm
        return AskMoreForm if self.which == "more" else ReasonForm

    def get_initial(self) -> dict:
        """The decision that holds, and the day that is suggested; what was typed before the session ended first."""
        held = relief.decisions_of(self.object)
        given = {"seen": held[-1].pk if held else 0}
        if self.which == "grant" and not self.is_waiver:
            given["due_on"] = self.suggested()
        return given | super().get_initial()

    def suggested(self) -> dt.date:
        """The end of the year after the period (rulebook 11, 11), or of the next one where that is past or granted."""
        day = relief.suggested_due_on(self.object.period)
        while day < self.today or (self.object.latest_due_on and day <= self.object.latest_due_on):
            day = dt.date(day.year + 1, 12, 31)
        return day

    def get_context_data(self, **kwargs):
        """Also what the act would change, if it can be done."""
        context = super().get_context_data(which=self.which, is_waiver=self.is_waiver, **kwargs)
        if self.which != "more":
            context |= self.effect(context["form"])
        return context | {"is_prolonged": self.which == "grant" and context["state"] == relief.State.GRANTED}

    def effect(self, form) -> dict:
        """The act rehearsed with what the form holds now; why it cannot be done, if it cannot."""
        given = {"due_on": form["due_on"].value()} if "due_on" in form.fields else {}
        if isinstance(given.get("due_on"), str):
            given["due_on"] = form.cleaned_data.get("due_on") if form.is_bound and form.is_valid() else None
            given["due_on"] = given["due_on"] or self.suggested()
        held = relief.decisions_of(self.object)
        try:
            looks = relief_effects.rehearse(
                self.object, lambda: self.decide(seen=held[-1].pk if held else 0, reason="Looked at before", **given)
            )
        except Refused as refusal:
            return {"cannot": refusal.message if not form.is_bound else ""}
        return {"effect": looks, "effect_due_on": given.get("due_on")}

    def decide(self, **given):
        """The act itself."""
        acts = {"grant": relief_decisions.grant, "deny": relief_decisions.deny, "end": relief_decisions.end}
        if self.which == "grant":
            given.setdefault("due_on", None)
        if self.which == "more":
            return relief_decisions.ask_more(by=self.request.user, request=self.object, today=self.today, **given)
        return acts[self.which](by=self.request.user, request=self.object, today=self.today, **given)

    def act(self, form):
        """Do it; on to the next in the queue it was opened from, else to the request, which shows the decision."""
        made = self.decide(**form.cleaned_data)
        said = {
            "grant": f"Granted{f' until {full_date(made.due_on)}' if self.which == 'grant' and made.due_on else ''}.",
            "deny": "Denied.",
            "more": "Asked for more.",
            "end": "Taken back.",
        }
        messages.success(self.request, f"{said[self.which]} Whoever has to know is told by mail.")
        return self.go_on("compliance:relief_request", self.object.reference)
