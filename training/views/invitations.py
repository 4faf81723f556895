"""POST's pages of onboarding: who was invited, invite one, send again, withdraw, and what is asked for."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import ListView, TemplateView, View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, invitation_lists, occasions, selectors
from training.forms.invitations import AgainForm, DeclineForm, InviteForm
from training.invitation_states import TONES, Progress, until
from training.models import Campaign, Invitation, InvitationRequest, Membership, Officer
from training.services import invitation_requests, invitations
from training.views.listing import FileMixin
from training.views.one_form import OneFormView

A_PAGE = 50


class SeesInvitationsMixin(UserPassesTestMixin):
    """For the state's people."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may read who was invited."""
        return access.can_see_invitations(self.request.user)


class InvitesMixin(UserPassesTestMixin):
    """For POST staff."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may invite."""
        return access.can_invite(self.request.user)


class _ListMixin(SeesInvitationsMixin):
    """Invitations by the filters of the address, the newest first."""

    def get_queryset(self):
        """With what became of each."""
        now, self.today = clock.now(), clock.today()
        self.wanted = invitation_lists.wanted(self.request.GET)
        found = Invitation.objects.select_related("officer", "agency", "provider", "campaign", "invited_by")
        found = invitation_lists.with_progress(found, now)
        return invitation_lists.narrowed(found, self.wanted, self.today).order_by("-invited_at", "-pk")


class InvitationListView(_ListMixin, PagesMixin, ListView):
    """Every invitation."""

    template_name = "training/invitation_list.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """Each with its chip, and the filters."""
        context = super().get_context_data(**kwargs)
        return context | {
            "rows": [(one, chip_of(one.progress)) for one in context["object_list"]],
            "wanted": self.wanted,
            "is_narrowed": any(self.wanted),
            "progresses": Progress.choices,
            "roles": Invitation.Role.choices,
            "campaigns": list(Campaign.objects.all()[:100]),
            "may_invite": access.can_invite(self.request.user),
            "asked": InvitationRequest.objects.filter(answered_at=None).count(),
        }


def chip_of(progress: str) -> tuple[str, str, str]:
    """Tone, words and icon of what became of an invitation."""
    tone, icon = TONES[Progress(progress)]
    return tone, Progress(progress).label, icon


class InvitationFileView(_ListMixin, FileMixin, View):
    """The list as CSV or XLSX."""

    header = (
        "License number", "Last name", "First name", "Role", "Agency or provider", "E-mail", "Campaign", "What became",
        "Invited", "Sent", "Opened", "Connected", "Expires",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"invitations-{clock.today():%Y-%m-%d}"

    def file_rows(self):
        """A row for each invitation."""
        for one in self.get_queryset().iterator(chunk_size=2000):
            officer = one.officer
            yield (
                officer.license_number if officer else "", officer.last_name if officer else one.name,
                officer.first_name if officer else "", one.get_role_display(), str(one.agency or one.provider or ""),
                one.email, str(one.campaign or ""), Progress(one.progress).label, one.invited_at, one.sent_at,
                one.opened_at, one.used_at, one.expires_at,
            )  # fmt: skip


class InviteView(InvitesMixin, OneFormView):
    """Invite one officer."""

    template_name = "training/invitation_new.html"
    form_class = InviteForm

    def get_initial(self):
        """The officer of the address, with the address the register has."""
        number = self.request.GET.get("license", "").strip().upper()
        officer = Officer.objects.filter(license_number=number).first() if number else None
        given = {"license_number": officer.license_number, "email": officer.email} if officer else {}
        return {**given, **super().get_initial()}

    def act(self, form):
        """Send it."""
        number = form.cleaned_data["license_number"].strip().upper().lstrip("#")
        officer = Officer.objects.filter(license_number=number).first()
        if officer is None:
            had_it = map(selectors.formerly, selectors.now_known_as([number]).get(number, []))
            raise Refused(
                " ".join(["No officer in the register has this license number.", *had_it]), field="license_number"
            )
        made = invitations.invite_officer(
            by=self.request.user, officer=officer, email=form.cleaned_data["email"], today=self.today
        )
        messages.success(self.request, f"{officer.full_name} was invited: the mail goes to {made.email}.")
        return redirect("training:invitation_detail", pk=made.pk)


class InvitationDetailView(SeesInvitationsMixin, TemplateView):
    """One invitation: what happened to it, and what can be done."""

    template_name = "training/invitation_detail.html"

    def setup(self, request, *args, **kwargs):
        """The invitation, with what became of it."""
        super().setup(request, *args, **kwargs)
        self.today = clock.today()

    def found(self) -> Invitation:
        """The invitation."""
        rows = Invitation.objects.select_related(
            "officer", "agency", "provider", "campaign", "invited_by", "used_by", "withdrawn_by"
        )
        return get_object_or_404(invitation_lists.with_progress(rows, clock.now()), pk=self.kwargs["pk"])

    def get_context_data(self, form=None, **kwargs):
        """Also the same person's other invitations, and the connection there is."""
        one = self.found()
        others = Invitation.objects.filter(
            role=one.role, officer=one.officer_id, agency=one.agency_id, provider=one.provider_id
        ).exclude(pk=one.pk)
        if one.officer_id is None:
            others = others.filter(email__iexact=one.email)
        held = Membership.objects.filter(role=one.role, officer=one.officer_id).current(self.today)
        connected = held.select_related("user").first() if one.officer_id else None
        return super().get_context_data(
            invitation=one,
            chip=chip_of(one.progress),
            what=occasions.what_for(one),
            until=until(one),
            others=list(others[:10]),
            connected=connected,
            may=invitations.may_send_again(by=self.request.user, invitation=one) and not one.used_at and not connected,
            form=form or AgainForm(initial={"email": one.email, **interrupted.initial(self.request)}),
            signed_in_as=interrupted.token(self.request.user),
            is_over=bool(one.used_at or one.withdrawn_at),
            **kwargs,
        )

    def post(self, request, pk: int):
        """Send it again, or withdraw it."""
        one = self.found()
        if not invitations.may_send_again(by=request.user, invitation=one):
            raise PermissionDenied
        form = AgainForm(request.POST)
        try:
            if request.POST.get("step") == "withdraw":
                invitations.withdraw(by=request.user, invitation=one)
                messages.success(request, "Withdrawn: the link connects nobody any more.")
                return redirect("training:invitation_detail", pk=one.pk)
            if form.is_valid():
                made = invitations.send_again(
                    by=request.user, invitation=one, email=form.cleaned_data["email"], today=self.today
                )
                messages.success(request, f"A new invitation goes to {made.email}; the old link ended.")
                return redirect("training:invitation_detail", pk=made.pk)
        except Refused as refusal:
            if request.POST.get("step") == "withdraw":
                messages.error(request, refusal.message)
            else:
                form.add_error(None, refusal.message)
        return self.render_to_response(self.get_context_data(form=form))


class RequestListView(SeesInvitationsMixin, PagesMixin, ListView):
    """What POST is asked to send."""

    template_name = "training/invitation_requests.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """The oldest first."""
        return invitation_requests.open_requests()

    def get_context_data(self, **kwargs):
        """Each with the address that would be used."""
        context = super().get_context_data(**kwargs)
        rows = [(one, *self.as_typed(one)) for one in context["object_list"]]
        token = interrupted.token(self.request.user)
        return context | {"rows": rows, "may_invite": access.can_invite(self.request.user), "signed_in_as": token}

    def get(self, request, *args, **kwargs):
        """The list; what was typed when the session ended stands in its row again."""
        self.typed = request.POST or interrupted.take(request) or {}
        return super().get(request, *args, **kwargs)

    def as_typed(self, asked: InvitationRequest) -> tuple[str, str]:
        """The address and the answer in a row: those that were typed into it, else the address that would be used."""
        typed = self.typed if self.typed.get("request") == str(asked.pk) else {}
        return typed.get("email") or invitation_requests.address_used(asked), typed.get("answer", "")

    def post(self, request):
        """Send or decline one of them."""
        if not access.can_invite(request.user):
            raise PermissionDenied
        number = request.POST.get("request", "")
        if not (number.isascii() and number.isdigit() and len(number) < 15):
            messages.error(request, "Nothing was chosen.")
            return self.get(request)
        asked = get_object_or_404(InvitationRequest, pk=int(number))
        try:
            if request.POST.get("step") == "decline":
                form = DeclineForm(request.POST)
                answer = form.cleaned_data["answer"] if form.is_valid() else ""
                invitation_requests.decline(by=request.user, request=asked, answer=answer)
                messages.success(request, "Answered; nothing was sent.")
            else:
                form = AgainForm(request.POST)
                if not form.is_valid():
                    raise Refused("Give an e-mail address to send it to.")
                made = invitation_requests.send(
                    by=request.user, request=asked, email=form.cleaned_data["email"], today=clock.today()
                )
                messages.success(request, f"An invitation goes to {made.email}.")
        except Refused as refusal:
            messages.error(request, refusal.message)
            return self.get(request)
        return redirect("training:invitation_requests")
