"""The people of an agency: its CEO and delegates, each with an account of their own."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from training import access, quarters
from training.forms.invitations import RightsForm
from training.forms.memberships import HandOverForm, PersonForm
from training.models import Agency, Invitation, Membership
from training.models.memberships import RIGHTS
from training.services import invitations, memberships, people_confirmations
from training.views.one_form import AgencyMixin, OneFormView


class PeopleView(AgencyMixin, TemplateView):
    """Who acts for the agency today, who will, who was invited, and who did; and the CEO's quarterly word."""

    template_name = "training/people.html"

    def members(self) -> list[Membership]:
        """Every membership of the agency: those of today, to come, and past."""
        found = Membership.objects.filter(agency=self.agency).select_related("user", "named_by", "agency")
        return list(found.order_by("role", "user__name", "pk"))

    def get_context_data(self, **kwargs):
        """Memberships of the agency, and invitations nobody has followed yet."""
        today = clock.today()
        rows = self.members()
        now = [one for one in rows if is_current(one, today)]
        coming = [one for one in rows if one.revoked_at is None and one.starts_on > today]
        invited = Invitation.objects.standing().filter(agency=self.agency).select_related("invited_by")
        return super().get_context_data(
            now=now,
            people=len({one.user_id for one in now}),
            coming=coming,
            before=[one for one in rows if one not in now and one not in coming],
            invited=[(one, is_dead(one)) for one in invited.order_by("role", "name", "pk")],
            ceo_to_come=bool(memberships.next_ceo(self.agency, today)),
            has_ceo=any(one.role == Membership.Role.AGENCY_CEO for one in now),
            is_post=access.can_settle_claims(self.request.user),
            quarter=Quarter(self.agency, None, today),
            may_confirm=access.can_confirm_people(self.request.user, self.agency),
            **kwargs,
        )

    def post(self, request, code: str):
        """The CEO's word that everybody here is still right."""
        if not access.can_confirm_people(request.user, self.agency):
            raise PermissionDenied
        if request.POST.get("step") != "confirm":
            return self.get(request, code=code)
        people_confirmations.confirm(by=request.user, agency=self.agency, today=clock.today())
        messages.success(request, f"Confirmed for {quarters.in_words(clock.today())}. Thank you.")
        return redirect("training:agency_people", code=code)


class Quarter:
    """The quarterly word of an agency, a provider or the state, as their pages show it."""

    def __init__(self, agency, provider, today):
        self.words = quarters.in_words(today)
        self.given = quarters.confirmation(agency, provider, today)
        self.due_on = quarters.late_from(today) - dt.timedelta(days=1)
        self.is_late = self.given is None and quarters.is_late(today)


def is_dead(one: Invitation) -> bool:
    """Whether the link of an invitation that stands connects nobody any more."""
    return one.locked_at is not None or one.expires_at <= clock.now()


def is_current(one: Membership, day) -> bool:
    """Whether a membership is in force on `day`."""
    return one.revoked_at is None and one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)


class PeopleNameForm(PersonForm, RightsForm):
    """A delegate, and what they may do."""

    field_order = ("email", "name", "rights")


class PeopleNameView(AgencyMixin, StepUpMixin, OneFormView):
    """Name a delegate, and say what they may do."""

    template_name = "training/people_name.html"
    form_class = PeopleNameForm
    right = staticmethod(access.can_name_people)

    def get_initial(self):
        """Everything, unless something was typed before."""
        return {"rights": list(RIGHTS), **super().get_initial()}

    def act(self, form):
        """Name them; who has no account is invited, others are told."""
        named = memberships.name_delegate(
            by=self.request.user, agency=self.agency, today=self.today, email=form.cleaned_data["email"],
            name=form.cleaned_data["name"], rights=form.chosen(),
        )  # fmt: skip
        say_named(self.request, named, "a delegate")
        return redirect("training:agency_people", code=self.agency.code)


def say_named(request, named: memberships.Named, what: str) -> None:
    """Tell whoever named somebody what happens now."""
    if not named.is_new:
        already = "was invited already" if named.invitation else f"is {what} already"
        messages.info(request, f"{named.person} {already}. Nothing was changed.")
    elif named.invitation:
        messages.success(request, f"{named.person} is invited: a mail with a link goes to {named.email}.")
    else:
        messages.success(request, f"{named.person} ({named.email}) is told by mail.")


class PeopleHandOverView(AgencyMixin, StepUpMixin, OneFormView):
    """Hand over to the next CEO, or take a hand-over back that is still ahead."""

    template_name = "training/people_hand_over.html"
    form_class = HandOverForm
    right = staticmethod(access.can_name_people)

    def post(self, request, *args, **kwargs):
        """The button says which."""
        if request.POST.get("step") != "take_back":
            return super().post(request, *args, **kwargs)
        if memberships.take_back(by=request.user, agency=self.agency, today=self.today):
            messages.success(request, "The hand-over was taken back. Nothing changes.")
        return redirect("training:agency_people", code=self.agency.code)

    def get_context_data(self, **kwargs):
        """Who leaves, and who was named already."""
        return super().get_context_data(
            leaving=list(memberships.ceos(self.agency, self.today)),
            planned=memberships.next_ceo(self.agency, self.today),
            **kwargs,
        )

    def act(self, form):
        """Hand over; the successor is told, or invited."""
        named = memberships.hand_over(by=self.request.user, agency=self.agency, today=self.today, **form.cleaned_data)
        say_named(self.request, named, "the next CEO")
        return redirect("training:agency_people", code=self.agency.code)


class MemberRightsView(StepUpMixin, OneFormView):
    """Change what a delegate may do."""

    template_name = "training/people_rights.html"
    form_class = RightsForm

    def setup(self, request, *args, **kwargs):
        """The delegate."""
        super().setup(request, *args, **kwargs)
        self.object = _open_to(request.user, kwargs["pk"])

    def post(self, request, *args, **kwargs):
        """By its button alone: no tick at all means that they see only."""
        return super().post(request, *args, **kwargs) if "save" in request.POST else self.get(request, *args, **kwargs)

    def get_initial(self):
        """What they may do now."""
        return {**memberships.stands(self.object), **super().get_initial()}

    def stands(self) -> dict:
        """The same."""
        return memberships.stands(self.object)

    def get_context_data(self, **kwargs):
        """Also who it is."""
        return super().get_context_data(member=self.object, agency=self.object.agency, **kwargs)

    def act(self, form):
        """Change it."""
        held = memberships.change_rights(
            by=self.request.user, membership=self.object, rights=form.chosen(), seen=self.seen
        )
        messages.success(self.request, f"{held.user} may now do: {held.rights_in_words}.")
        return redirect("training:agency_people", code=self.object.agency.code)


class MemberRevokeView(TemplateView):
    """Take a person's right away: what that means, and one button."""

    template_name = "training/people_revoke.html"

    def setup(self, request, *args, **kwargs):
        """The person whose right it is."""
        super().setup(request, *args, **kwargs)
        self.object = _open_to(request.user, kwargs["pk"])
        self.agency = self.object.agency

    def get_context_data(self, **kwargs):
        """Also who is left."""
        left = Membership.objects.filter(agency=self.agency).current(clock.today()).exclude(user=self.object.user_id)
        people = left.values("user").distinct().count()
        return super().get_context_data(member=self.object, agency=self.agency, left=people, **kwargs)

    def post(self, request, pk: int):
        """Revoke it, by the button; that nobody is left has to be meant."""
        if request.POST.get("step") != "revoke":
            return self.render_to_response(self.get_context_data())
        leaves_nobody = request.POST.get("leaves_nobody") == "1"
        try:
            memberships.revoke(
                by=request.user, membership=self.object, leaves_nobody=leaves_nobody, today=clock.today()
            )
        except Refused as refusal:
            asks = refusal.field == "leaves_nobody"
            return self.render_to_response(self.get_context_data(refusal=refusal.message, asks_for_tick=asks))
        messages.success(request, f"{self.object.user} can no longer act for {self.agency}; their sessions were ended.")
        return redirect("training:agency_people", code=self.agency.code)


class InvitationAgainView(View):
    """Whoever named somebody sends the invitation once more, or takes it back."""

    def post(self, request, pk: int):
        """Send it, or withdraw it, and back to the people."""
        agencies = Agency.objects.visible_to(request.user)
        found = Invitation.objects.filter(agency__in=agencies).select_related("agency")
        one = get_object_or_404(found, pk=pk)
        if not access.can_name_people(request.user, one.agency):
            raise PermissionDenied
        try:
            if request.POST.get("step") == "withdraw":
                invitations.withdraw(by=request.user, invitation=one)
                messages.success(request, f"The invitation of {one.name} was taken back.")
            elif request.POST.get("step") == "again":
                made = invitations.send_again(by=request.user, invitation=one, today=clock.today())
                messages.success(request, f"{made.name} is invited again: a mail with a new link goes to {made.email}.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:agency_people", code=one.agency.code)


def _open_to(user, pk: int) -> Membership:
    """A person of an agency, for whoever names its people: others are refused, and it does not exist for strangers."""
    found = Membership.objects.filter(agency__in=Agency.objects.visible_to(user)).select_related("agency", "user")
    member = get_object_or_404(found, pk=pk)
    if not access.can_name_people(user, member.agency):
        raise PermissionDenied
    return member
