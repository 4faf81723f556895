"""The people of an agency: its CEO and delegates, each with an account of their own."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.accounts import invitations
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from training import access
from training.forms.memberships import HandOverForm, PersonForm
from training.models import Agency, Membership
from training.services import memberships
from training.views.one_form import AgencyMixin, OneFormView


class PeopleView(AgencyMixin, TemplateView):
    """Who acts for the agency today, who will, and who did."""

    template_name = "training/people.html"

    def members(self) -> list[Membership]:
        """Every membership of the agency: those of today, to come, and past."""
        found = Membership.objects.filter(agency=self.agency).select_related("user", "named_by", "agency")
        return list(found.order_by("role", "user__name", "pk"))

    def get_context_data(self, **kwargs):
        """Memberships of the agency."""
        today = clock.today()
        rows = self.members()
        now = [one for one in rows if is_current(one, today)]
        coming = [one for one in rows if one.revoked_at is None and one.starts_on > today]
        return super().get_context_data(
            now=now,
            coming=coming,
            before=[one for one in rows if one not in now and one not in coming],
            has_ceo=any(one.role == Membership.Role.AGENCY_CEO for one in now),
            is_post=access.can_settle_claims(self.request.user),
            **kwargs,
        )


def is_current(one: Membership, day) -> bool:
    """Whether a membership is in force on `day`."""
    return one.revoked_at is None and one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)


class PeopleNameView(AgencyMixin, StepUpMixin, OneFormView):
    """Name a delegate."""

    template_name = "training/people_name.html"
    form_class = PersonForm
    right = staticmethod(access.can_name_people)

    def act(self, form):
        """Name them; who has no password yet gets a link by mail, others are told."""
        made, is_new = memberships.name_delegate(
            by=self.request.user, agency=self.agency, today=self.today, **form.cleaned_data
        )
        if is_new:
            _invite(self.request, made)
        else:
            messages.info(self.request, f"{made.user} is a delegate already.")
        return redirect("training:agency_people", code=self.agency.code)


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
        """Hand over; the successor is told."""
        made, is_new = memberships.hand_over(
            by=self.request.user, agency=self.agency, today=self.today, **form.cleaned_data
        )
        if is_new:
            _invite(self.request, made)
        return redirect("training:agency_people", code=self.agency.code)


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


class MemberInviteView(View):
    """Send the link once more to somebody who has not chosen a password yet."""

    def post(self, request, pk: int):
        """Send it."""
        self.object = _open_to(request.user, pk)
        if is_current(self.object, clock.today()) or self.object.starts_on > clock.today():
            _invite(request, self.object)
        return redirect("training:agency_people", code=self.object.agency.code)


def _open_to(user, pk: int) -> Membership:
    """A person of an agency, for whoever names its people: others are refused, and it does not exist for strangers."""
    found = Membership.objects.filter(agency__in=Agency.objects.visible_to(user)).select_related("agency", "user")
    member = get_object_or_404(found, pk=pk)
    if not access.can_name_people(user, member.agency):
        raise PermissionDenied
    return member


def _invite(request, made: Membership) -> None:
    """Tell the person by mail. The right stands even where the mail cannot be sent, and the page says so."""
    role = "CEO" if made.role == Membership.Role.AGENCY_CEO else "a delegate of the CEO"
    try:
        invitations.send(request, made.user, named_by=request.user, place=made.agency.name, role=role)
    except OSError:
        messages.error(
            request, f"{made.user} is named, but the mail to {made.user.email} could not be sent. Send it again."
        )
        return
    what = "was told by mail" if made.user.has_usable_password() else "was sent a link to choose a password"
    messages.success(request, f"{made.user} ({made.user.email}) {what}.")
