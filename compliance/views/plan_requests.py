"""What officers of an agency ask it to approve: the classes they found for what they lack."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from compliance.access import can_plan
from compliance.forms.my_plan import DecideForm
from compliance.models import PlanRequest
from compliance.services import plans
from training.registering import Look, NeedsAccepting
from training.views.one_form import AgencyMixin

A_PAGE = 25


class PlanRequestsView(AgencyMixin, View):
    """Those that wait, the oldest first, and what became of others."""

    def get(self, request, code: str):
        """The list, with what was typed when the session ended."""
        typed = interrupted.take(request)
        if typed is None:
            return self.page()
        about = typed.get("request", "")
        return self.page(int(about) if about.isdecimal() else 0, words=typed.get("words", "")[:500])

    def post(self, request, code: str):
        """Approve one and register the officer, or say why not."""
        if not can_plan(request.user, self.agency):
            raise PermissionDenied
        form = DecideForm(request.POST)
        if not form.is_valid():
            return self.page()
        given = form.cleaned_data
        found = get_object_or_404(self.requests(), pk=given["request"])
        try:
            if given["step"] == "decline":
                plans.decline(by=request.user, request=found, words=given["words"])
                messages.success(request, f"{found.officer.full_name} reads that it is not approved, and why.")
            else:
                plans.approve(by=request.user, request=found, words=given["words"], accepts=given["accepts"])
                messages.success(request, f"{found.officer.full_name} has a seat in every class of it.")
        except NeedsAccepting as needed:
            return self.page(found.pk, needed.message, needed.found, given["words"])
        except Refused as refusal:
            return self.page(found.pk, refusal.message, words=given["words"])
        return redirect("compliance:plan_requests", self.agency.code)

    def requests(self):
        """Those sent to the agency."""
        found = PlanRequest.objects.visible_to(self.request.user).filter(agency=self.agency)
        return found.select_related("officer", "decided_by").prefetch_related("classes__scheduled_class__course")

    def page(self, about: int = 0, refusal: str = "", look: Look | None = None, words: str = ""):
        """The page, after a refusal with what was refused and what was typed."""
        over = Paginator(
            self.requests().exclude(state=PlanRequest.State.WAITING).order_by("-decided_at", "-pk"), A_PAGE
        )
        context = {
            "agency": self.agency,
            "waiting": self.requests().waiting(),
            "page_obj": over.get_page(self.request.GET.get("page")),
            "about": about,
            "refusal": refusal,
            "look": look,
            "warnings": [text for each in look.warned.values() for text in each] if look else [],
            "words": words,
            "signed_in_as": interrupted.token(self.request.user),
            "may_decide": can_plan(self.request.user, self.agency),
        }
        return render(self.request, "compliance/plan_requests.html", context)
