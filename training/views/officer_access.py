"""Whether an officer is connected, with which account; POST ends a connection here, and invites."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.refusal import Refused
from training import access, facts_confirmed, invitation_lists
from training.models import Invitation, InvitationRequest, Membership, Officer
from training.services import invitations
from training.views.invitations import SeesInvitationsMixin, chip_of


class OfficerAccessView(SeesInvitationsMixin, TemplateView):
    """One officer's connection."""

    template_name = "training/officer_access.html"

    def found(self) -> Officer:
        """The officer of the license number."""
        return get_object_or_404(Officer, license_number=self.kwargs["license_number"])

    def get_context_data(self, **kwargs):
        """The connection, those before, the invitations, and what was asked."""
        officer, today = self.found(), clock.today()
        ties = Membership.objects.filter(officer=officer, role=Membership.Role.OFFICER).select_related("user")
        current = ties.current(today).first()
        sent = Invitation.objects.filter(officer=officer).select_related("invited_by")
        sent = invitation_lists.with_progress(sent, clock.now()).order_by("-invited_at", "-pk")
        asked = InvitationRequest.objects.filter(officer=officer).select_related("agency", "answered_by")
        return super().get_context_data(
            officer=officer,
            current=current,
            before=[one for one in ties.order_by("-starts_on", "-pk") if one != current],
            sent=[(one, chip_of(one.progress)) for one in sent[:20]],
            asked=list(asked.order_by("-asked_at", "-pk")[:20]),
            may_invite=access.can_invite(self.request.user),
            fact=self.fact(officer) if access.can_invite(self.request.user) else None,
            **kwargs,
        )

    @staticmethod
    def fact(officer: Officer) -> tuple[str, str]:
        """What an invitation would ask, and what the register answers: for POST staff, who help by telephone."""
        asked = facts_confirmed.fact_of(Invitation(role=Invitation.Role.OFFICER, officer=officer))
        if asked.kind == "date":
            day = dt.date.fromisoformat(asked.answer)
            return asked.label, f"{day:%B} {day.day}, {day.year}"
        return asked.label, asked.answer

    def post(self, request, license_number: str):
        """Take the account off the license."""
        if not access.can_invite(request.user):
            raise PermissionDenied
        if request.POST.get("step") != "disconnect":
            return self.get(request, license_number=license_number)
        ties = Membership.objects.filter(officer=self.found(), role=Membership.Role.OFFICER).current(clock.today())
        held = ties.select_related("user").first()
        if held:
            try:
                invitations.disconnect(by=request.user, membership=held)
                messages.success(request, f"{held.user.email} is off the license; open sessions were ended.")
            except Refused as refusal:
                messages.error(request, refusal.message)
        return redirect("training:officer_access", license_number=license_number)
