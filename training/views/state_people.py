"""Who acts for the state: POST staff, the Director, designated agents; and who has not confirmed their people."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import ListView, TemplateView, View

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, quarters
from training.forms.memberships import StatePersonForm
from training.models import Invitation
from training.models.names import ImmutableUnaccent
from training.services import invitations, people_confirmations, state_people
from training.views.listing import FileMixin
from training.views.one_form import OneFormView
from training.views.people import Quarter, is_dead

ROLES = (Invitation.Role.POST_STAFF, Invitation.Role.DIRECTOR_AGENT)


class _StateMixin(UserPassesTestMixin):
    """For the state's people."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may see who acts for the state."""
        return access.can_see_state_people(self.request.user)


class _NamesMixin(UserPassesTestMixin):
    """For the Director and designated agents."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may name who acts for the state."""
        return access.can_name_state_people(self.request.user)


class StatePeopleView(_StateMixin, TemplateView):
    """Everybody who acts for the state, and the Director's quarterly word."""

    template_name = "training/state_people.html"

    def get_context_data(self, **kwargs):
        """Roles of today, to come and before; invitations nobody has followed."""
        today = clock.today()
        rows = list(StateRole.objects.select_related("user", "named_by").order_by("role", "user__name", "pk"))
        now = [one for one in rows if _is_current(one, today)]
        invited = Invitation.objects.standing().filter(role__in=ROLES).select_related("invited_by")
        return super().get_context_data(
            now=now,
            before=[one for one in rows if one not in now],
            invited=[(one, is_dead(one)) for one in invited.order_by("role", "name", "pk")],
            has_director=any(one.role == StateRole.Role.DIRECTOR for one in now),
            quarter=Quarter(None, None, today),
            may_name=access.can_name_state_people(self.request.user),
            may_confirm=access.can_confirm_state_people(self.request.user),
            **kwargs,
        )

    def post(self, request):
        """The Director's word that everybody here is still right."""
        if not access.can_confirm_state_people(request.user):
            raise PermissionDenied
        if request.POST.get("step") != "confirm":
            return self.get(request)
        people_confirmations.confirm(by=request.user, today=clock.today())
        messages.success(request, f"Confirmed for {quarters.in_words(clock.today())}. Thank you.")
        return redirect("training:state_people")


class StatePeopleFileView(_StateMixin, FileMixin, View):
    """The same as CSV or XLSX."""

    header = ("Name", "E-mail", "As", "From", "Until", "Revoked", "Acts today", "Named by")

    def file_name(self) -> str:
        """As of today."""
        return f"people-of-the-state-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each role, those that ended too."""
        rows = StateRole.objects.select_related("user", "named_by").order_by("role", "user__name", "pk")
        return [
            (one.user.name, one.user.email, one.get_role_display(), one.starts_on, one.ends_on, one.revoked_at,
             _is_current(one, clock.today()), str(one.named_by or ""))
            for one in rows
        ]  # fmt: skip


def _is_current(one: StateRole, day) -> bool:
    return one.revoked_at is None and one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)


class StatePeopleNameView(_NamesMixin, StepUpMixin, OneFormView):
    """Name POST staff or a designated agent."""

    template_name = "training/state_people_name.html"
    form_class = StatePersonForm

    def act(self, form):
        """Name them."""
        named = state_people.name(by=self.request.user, today=self.today, **form.cleaned_data)
        email = form.cleaned_data["email"]
        if not named.is_new:
            messages.info(self.request, f"{email} has the role, or was invited to it, already.")
        elif named.invitation:
            messages.success(self.request, f"A mail with a link goes to {email}. The role begins when it is followed.")
        else:
            messages.success(self.request, f"{named.role.user} is {named.role.get_role_display()} from today.")
        return redirect("training:state_people")


class StateRoleEndView(StepUpMixin, View):
    """End a role of the state."""

    def post(self, request, pk: int):
        """End it, and back to the people."""
        if not access.can_name_state_people(request.user):
            raise PermissionDenied
        held = get_object_or_404(StateRole.objects.select_related("user"), pk=pk)
        try:
            if request.POST.get("step") == "end":
                state_people.end(by=request.user, held=held, today=clock.today())
                said = f"{held.user} is no longer {held.get_role_display()}; their sessions were ended."
                messages.success(request, said)
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:state_people")


class StateInvitationView(View):
    """Send an invitation to a role of the state once more, or take it back."""

    def post(self, request, pk: int):
        """Do it, and back to the people."""
        if not access.can_name_state_people(request.user):
            raise PermissionDenied
        one = get_object_or_404(Invitation.objects.filter(role__in=ROLES), pk=pk)
        try:
            if request.POST.get("step") == "withdraw":
                invitations.withdraw(by=request.user, invitation=one)
                messages.success(request, f"The invitation of {one.name} was taken back.")
            elif request.POST.get("step") == "again":
                made = invitations.send_again(by=request.user, invitation=one, today=clock.today())
                messages.success(request, f"A mail with a new link goes to {made.email}.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:state_people")


class BodyListView(_StateMixin, PagesMixin, ListView):
    """Every agency, or every provider: who acts for it, and where nobody names people."""

    template_name = "training/body_list.html"
    paginate_by = 50

    def get_queryset(self):
        """By name; narrowed to what the address asks."""
        given = self.request.GET
        self.kind = "provider" if given.get("kind") == "provider" else "agency"
        self.words, self.without = given.get("q", "").replace("\0", "").strip()[:100], given.get("without") == "1"
        found = quarters.acting_for(*quarters.BODIES[self.kind], clock.today())
        if self.without:
            found = found.filter(has_confirmer=False)
        for word in self.words.split():
            found = found.filter(search_name__contains=Lower(ImmutableUnaccent(Value(word))))
        return found

    def get_context_data(self, **kwargs):
        """The filters too."""
        return super().get_context_data(kind=self.kind, words=self.words, without=self.without, **kwargs)


class PeopleUnconfirmedView(_StateMixin, TemplateView):
    """Agencies, providers and the state that have not said this quarter that their people are still right."""

    template_name = "training/people_unconfirmed.html"

    def get_context_data(self, **kwargs):
        """All of them: as many as there are agencies at most."""
        today = clock.today()
        return super().get_context_data(
            bodies=quarters.unconfirmed(today),
            words=quarters.in_words(today),
            is_late=quarters.is_late(today),
            late_from=quarters.late_from(today),
            **kwargs,
        )


class PeopleUnconfirmedFileView(_StateMixin, FileMixin, View):
    """The same as CSV or XLSX, with how to reach them."""

    header = ("Kind", "Name", "People", "Has somebody to confirm", "Late", "Confirmed last for the quarter of", "Phone",
              "E-mail")  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"people-not-confirmed-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        late = quarters.is_late(clock.today())
        return [
            (one.kind, one.name, one.people, one.has_confirmer, late, one.last_on, getattr(one.body, "phone", ""),
             getattr(one.body, "email", ""))
            for one in quarters.unconfirmed(clock.today())
        ]  # fmt: skip
