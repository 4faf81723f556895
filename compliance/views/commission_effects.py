"""Fragment: what a change of a commission would do to the agency's figures, and that no standing changes by it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import commission_effects
from compliance.views.effects import NotYet, RehearsalView
from training import access
from training.forms.commissions import CorrectForm, EndForm
from training.models import Agency, Commission
from training.services import commissions

WHY = "Rehearsal"


class CommissionEffectView(RehearsalView):
    """What ending a commission, or correcting it, would change, as the form on the page stands."""

    def post(self, request: HttpRequest, pk: int):
        """The fragment."""
        found = Commission.objects.filter(agency__in=Agency.objects.visible_to(request.user))
        held = get_object_or_404(found.select_related("agency", "officer"), pk=pk)
        if not access.can_keep_roster(request.user, held.agency):
            raise PermissionDenied
        today = clock.today()
        context = {"held": held, "agency": held.agency, "year": today.year, "today": today}
        try:
            act = self.act(request, held=held, today=today)
            context["effect"] = commission_effects.of_change(request.user, held, act, today=today)
        except NotYet:
            pass
        except Refused as refusal:
            context["refusal"] = refusal.message
        return render(request, "compliance/_commission_effect.html", context)

    def act(self, request: HttpRequest, *, held: Commission, today):
        """End it or correct it; the reason may still be missing."""
        given = request.POST.copy()
        for field in ("end_reason", "reason"):
            given[field] = given.get(field) or WHY
        if "started_on" not in given:
            form = EndForm(given)
            if not form.is_valid():
                raise NotYet
            return lambda: commissions.end(
                by=request.user, commission=held, ended_on=form.cleaned_data["ended_on"], reason=WHY, today=today
            )
        form = CorrectForm(given, has_ended=held.ended_on is not None)
        if not form.is_valid():
            raise NotYet
        values = {"ended_on": None, "end_reason": "", **form.cleaned_data}
        return lambda: commissions.correct(by=request.user, commission=held, today=today, **values)
