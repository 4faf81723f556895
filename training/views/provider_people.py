"""The people of a provider: its staff, one of them its head, who names the others."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from training import access, quarters
from training.forms.memberships import ProviderPersonForm
from training.models import Invitation, Membership, Provider
from training.services import invitations, people_confirmations, provider_people
from training.views.listing import FileMixin
from training.views.one_form import OneFormView
from training.views.people import Quarter, is_current, is_dead, say_named


class ProviderMixin:
    """A page of one provider, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The provider; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.provider = get_object_or_404(Provider.objects.visible_to(request.user), pk=kwargs["pk"])

    def get_context_data(self, **kwargs):
        """Also the provider, and whether the person names its people."""
        return super().get_context_data(
            provider=self.provider,
            may_name=access.can_name_provider_people(self.request.user, self.provider),
            **kwargs,
        )


class ProviderPeopleView(ProviderMixin, TemplateView):
    """Who acts for the provider, who was invited, and the head's quarterly word."""

    template_name = "training/provider_people.html"

    def members(self) -> list[Membership]:
        """Everybody who acts or acted for it."""
        found = Membership.objects.filter(provider=self.provider).select_related("user", "named_by")
        return list(found.order_by("-is_head", "user__name", "pk"))

    def get_context_data(self, **kwargs):
        """Memberships of the provider."""
        today = clock.today()
        rows = self.members()
        now = [one for one in rows if is_current(one, today)]
        invited = Invitation.objects.standing().filter(provider=self.provider).order_by("name", "pk")
        return super().get_context_data(
            now=now,
            before=[one for one in rows if one not in now],
            invited=[(one, is_dead(one)) for one in invited],
            has_head=any(one.is_head for one in now),
            is_post=access.can_invite(self.request.user),
            quarter=Quarter(None, self.provider, today),
            may_confirm=access.can_confirm_provider_people(self.request.user, self.provider),
            **kwargs,
        )

    def post(self, request, pk: int):
        """The head's word that everybody here is still right."""
        if not access.can_confirm_provider_people(request.user, self.provider):
            raise PermissionDenied
        if request.POST.get("step") != "confirm":
            return self.get(request, pk=pk)
        people_confirmations.confirm(by=request.user, provider=self.provider, today=clock.today())
        messages.success(request, f"Confirmed for {quarters.in_words(clock.today())}. Thank you.")
        return redirect("training:provider_people", pk=pk)


class ProviderPeopleNameView(ProviderMixin, StepUpMixin, OneFormView):
    """Name somebody, or make somebody the head."""

    template_name = "training/provider_people_name.html"
    form_class = ProviderPersonForm

    def dispatch(self, request, *args, **kwargs):
        """Only the head, and POST."""
        if not access.can_name_provider_people(request.user, self.provider):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def act(self, form):
        """Name them."""
        named = provider_people.name(
            by=self.request.user, provider=self.provider, today=self.today, **form.cleaned_data
        )
        say_named(self.request, named, "staff of the provider")
        return redirect("training:provider_people", pk=self.provider.pk)


class ProviderMemberRevokeView(View):
    """Take somebody's right to act for the provider away."""

    def post(self, request, pk: int):
        """Revoke it, and back to the people."""
        found = Membership.objects.filter(provider__in=Provider.objects.visible_to(request.user))
        member = get_object_or_404(found.select_related("provider", "user"), pk=pk)
        if not access.can_name_provider_people(request.user, member.provider):
            raise PermissionDenied
        try:
            if request.POST.get("step") == "revoke":
                leaves_nobody = request.POST.get("leaves_nobody") == "1"
                provider_people.revoke(
                    by=request.user, membership=member, leaves_nobody=leaves_nobody, today=clock.today()
                )
                messages.success(
                    request, f"{member.user} can no longer act for {member.provider}; sessions were ended."
                )
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:provider_people", pk=member.provider_id)


class ProviderInvitationView(View):
    """Send the invitation of provider staff once more, or take it back."""

    def post(self, request, pk: int):
        """Do it, and back to the people."""
        found = Invitation.objects.filter(provider__in=Provider.objects.visible_to(request.user))
        one = get_object_or_404(found.select_related("provider"), pk=pk)
        if not access.can_name_provider_people(request.user, one.provider):
            raise PermissionDenied
        try:
            if request.POST.get("step") == "withdraw":
                invitations.withdraw(by=request.user, invitation=one)
                messages.success(request, f"The invitation of {one.name} was taken back.")
            elif request.POST.get("step") == "again":
                made = invitations.send_again(by=request.user, invitation=one, today=clock.today())
                messages.success(request, f"A mail with a new link goes to {made.email}.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:provider_people", pk=one.provider_id)


class ProviderPeopleFileView(FileMixin, ProviderPeopleView):
    """Who acts and who acted for a provider, as a file."""

    header = ("Name", "E-mail", "As", "From", "Until", "Revoked", "Acts today", "Named by")

    def file_name(self) -> str:
        """Whose, as of today."""
        return f"people-of-provider-{self.provider.pk}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        today = clock.today()
        return [
            (
                one.user.name, one.user.email, "Head" if one.is_head else "Staff", one.starts_on, one.ends_on,
                one.revoked_at, is_current(one, today), str(one.named_by or "POST"),
            )
            for one in self.members()
        ]  # fmt: skip
