"""An agency sees which of its officers are not connected, and asks POST to invite them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, invitation_lists
from training.models import Commission, Invitation, InvitationRequest
from training.services import invitation_requests
from training.views.invitations import A_PAGE, chip_of
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin


class _NotConnectedMixin(AgencyMixin):
    """The officers commissioned here today whose license is connected to no account."""

    def get_queryset(self):
        """By name, with what was asked and when an invitation was sent last."""
        self.today = clock.today()
        asked = InvitationRequest.objects.filter(officer=OuterRef("pk"), answered_at=None)
        invited = Invitation.objects.filter(officer=OuterRef("pk")).order_by("-invited_at", "-pk")
        return (
            invitation_requests.not_connected(self.agency, self.today)
            .annotate(asked_at=Subquery(asked.values("last_asked_at")[:1]), last=Subquery(invited.values("pk")[:1]))
            .order_by("search_name", "license_number")
        )

    def with_progress(self, officers) -> list[tuple]:
        """Each officer with their last invitation and what became of it; one statement more."""
        officers = list(officers)
        found = Invitation.objects.filter(pk__in=[one.last for one in officers if one.last])
        last = {one.pk: one for one in invitation_lists.with_progress(found, clock.now())}
        return [(one, last.get(one.last), chip_of(last[one.last].progress) if one.last else None) for one in officers]


class NotConnectedView(_NotConnectedMixin, PagesMixin, ListView):
    """The list, and the buttons that ask."""

    template_name = "training/not_connected.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """Each with their last invitation."""
        context = super().get_context_data(**kwargs)
        here = Commission.objects.in_force(self.today).filter(agency=self.agency).values("officer").distinct().count()
        return context | {
            "rows": self.with_progress(context["object_list"]),
            "here": here,
            "connected": here - context["page_obj"].paginator.count,
            "may_ask": access.can_ask_for_invitation(self.request.user, self.agency),
            "may_invite": access.can_invite(self.request.user),
        }

    def post(self, request, code: str):
        """Ask for one officer, or for all."""
        if not access.can_ask_for_invitation(request.user, self.agency):
            raise PermissionDenied
        number = request.POST.get("officer", "")
        one = [int(number)] if number.isascii() and number.isdigit() and len(number) < 15 else None
        if one is None and request.POST.get("step") != "all":
            messages.error(request, "Nobody was chosen.")
            return self.get(request, code=code)
        try:
            count, again = invitation_requests.ask(
                by=request.user, agency=self.agency, officers=one, today=clock.today()
            )
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            words = "1 officer" if count == 1 else f"{count:,} officers"
            before = f" {again:,} of them had been asked for before: that stays one question." if again else ""
            messages.success(request, f"POST sees that {words} should be invited.{before}")
        return redirect("training:not_connected", code=code)


class NotConnectedFileView(_NotConnectedMixin, FileMixin, View):
    """The list as CSV or XLSX."""

    header = ("License number", "Last name", "First name", "Last invited", "What became", "Asked for on")

    def file_name(self) -> str:
        """Of the agency, as of today."""
        return f"{self.agency.code}-not-connected-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each officer."""
        return [
            (
                one.license_number, one.last_name, one.first_name, last.invited_at if last else None,
                chip[1] if chip else "", one.asked_at,
            )
            for one, last, chip in self.with_progress(self.get_queryset())
        ]  # fmt: skip
