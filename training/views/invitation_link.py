"""The link of an invitation: who is invited to what, sign-in, the fact, and then the record.

The token is in the address once, for whoever comes from the mail; from then on it is kept in the session, under
`invitation`, over the sign-in. A link that was guessed shows what any address shows that does not exist.
"""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import demonstration, interrupted, limits
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import facts_confirmed, invitation_tokens, occasions
from training.forms.invitations import FactForm, NewAccountForm
from training.invitation_states import State, state_of, until
from training.models import Invitation, Membership
from training.services import invitations

SESSION_KEY = "invitation"


@method_decorator([login_not_required, never_cache], name="dispatch")
class InvitationView(View):
    """Where the mail leads: what it is about, and on to sign in. Nothing happens by opening it: mail is read by
    programs too."""

    def setup(self, request, *args, **kwargs):
        """The invitation of the token; one that was guessed does not exist."""
        super().setup(request, *args, **kwargs)
        self.token = kwargs["token"]
        self.invitation = invitation_tokens.find(self.token)

    def dispatch(self, request, *args, **kwargs):
        """Nothing is told of a token that belongs to no invitation."""
        if self.invitation is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, token: str):
        """What the link is worth."""
        return self.shown(self.form())

    def form(self, data=None) -> NewAccountForm | None:
        """For an account with a password, where one may be made and there is none."""
        if not (settings.INVITATION_PASSWORDS and request_is_anonymous(self.request)):
            return None
        return NewAccountForm(data, email=self.invitation.email, auto_id="new_%s")

    def post(self, request, token: str):
        """Go on: ask for a new link, make an account, or sign in."""
        step = request.POST.get("step")
        now = clock.now()
        if step == "ask":
            if invitations.ask_again(token=token, now=now):
                messages.success(request, "POST was asked for a new invitation. It comes by mail to the same address.")
            return redirect("training:invitation", token=token)
        if step not in ("go", "account") or self.state() not in (State.OPEN, State.CONNECTED):
            return self.shown(self.form())
        request.session[SESSION_KEY] = token
        invitations.opened(token=token, now=now)
        form = self.form(request.POST) if step == "account" else None
        if form is not None and not (form.is_valid() and self.made_account(form)):
            return self.shown(form)
        return redirect("training:invitation_confirm")

    def made_account(self, form: NewAccountForm) -> bool:
        """Make the account and sign in by it; an address that has one already says so."""
        try:
            user = invitations.make_account(
                token=self.token, name=form.cleaned_data["name"], password=form.cleaned_data["password"],
                now=clock.now(),
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.message)
            return False
        get_adapter(self.request).login(self.request, user)
        self.request.session[SESSION_KEY] = self.token
        return True

    def state(self) -> State:
        """What the link is worth to whoever asks."""
        return state_of(self.invitation, clock.now(), self.request.user, clock.today())

    def shown(self, form):
        """The page."""
        return page(self.request, self.invitation, self.state(), token=self.token, form=form)


def request_is_anonymous(request: HttpRequest) -> bool:
    """Whether nobody is signed in."""
    return not request.user.is_authenticated


def page(request: HttpRequest, invitation: Invitation | None, state: State | None, **more):
    """The page of an invitation in one of its states."""
    about = {}
    if invitation is not None:
        about = {
            "what": occasions.what_for(invitation),
            "until": until(invitation),
            "asks_a_fact": facts_confirmed.fact_of(invitation) is not None,
            "has_account": request_is_anonymous(request)
            and User.objects.filter(email__iexact=invitation.email).exists(),
        }
    return render(
        request, "training/invitation.html", {"invitation": invitation, "state": state, **about, **more}
    )  # fmt: skip


@method_decorator(never_cache, name="dispatch")
class InvitationConfirmView(View):
    """Signed in: confirm the fact, and be connected."""

    def dispatch(self, request, *args, **kwargs):
        """The invitation this browser came with; without one the page says to open the mail again."""
        self.token = request.session.get(SESSION_KEY, "")
        self.invitation = invitation_tokens.find(self.token) if self.token else None
        self.today = clock.today()
        if self.invitation is None:
            return page(request, None, None)
        self.state = state_of(self.invitation, clock.now(), request.user, self.today)
        if self.state == State.CONNECTED:
            del request.session[SESSION_KEY]
            messages.info(request, "Your account is connected already.")
            return redirect(self.landing(self.invitation))
        if self.state != State.OPEN:
            return page(request, self.invitation, self.state, token=self.token)
        self.fact = facts_confirmed.fact_of(self.invitation)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        """The question."""
        return self.shown(FactForm(fact=self.fact))

    def post(self, request):
        """The answer. Wrong ones are counted, of the invitation and of the address they come from."""
        form = FactForm(request.POST, fact=self.fact)
        if not form.is_valid():
            return self.shown(form)
        try:
            attempt = self.counted()
        except limits.TooMany as refusal:
            form.add_error("answer", limits.as_error(refusal))
            return limits.mark(self.shown(form), form)
        try:
            made = invitations.accept(
                by=request.user, token=self.token, answer=form.cleaned_data.get("answer"), now=clock.now(),
                today=self.today,
            )  # fmt: skip
        except invitations.WrongFact as wrong:
            form.add_error("answer", wrong.message)
            return self.shown(form)
        except Refused:
            return redirect("training:invitation_confirm")
        attempt.succeeded()
        del request.session[SESSION_KEY]
        starts = f" from {made.starts_on:%B} {made.starts_on.day}" if made.starts_on > self.today else ""
        messages.success(request, f"You are connected to {occasions.what_for(self.invitation)}{starts}.")
        return redirect(self.landing(self.invitation, is_ahead=bool(starts)))

    def counted(self) -> limits.Counted:
        """The answer as a try at the fact; where nothing is asked there is nothing to guess."""
        if self.fact is None:
            return limits.Counted(())
        return limits.begin(limits.INVITATION_FACT, self.request, account=f"invitation {self.invitation.pk}")

    def demonstration_answer(self) -> str:
        """The answer, where whoever tries the portal out cannot know it: of its made-up people alone."""
        is_made_up = settings.IS_DEMONSTRATION and self.invitation.email in demonstration.EMAILS
        return self.fact.answer if is_made_up and self.fact else ""

    def shown(self, form):
        """The page with the question."""
        return page(
            self.request, self.invitation, State.OPEN, token=self.token, fact_form=form, has_fact=self.fact is not None,
            demonstration_answer=self.demonstration_answer(), signed_in_as=interrupted.token(self.request.user),
            is_other_address=self.request.user.email.lower() != self.invitation.email.lower(),
        )  # fmt: skip

    @staticmethod
    def landing(invitation: Invitation, is_ahead: bool = False) -> str:
        """Where the work of the new connection is."""
        if is_ahead:
            return reverse("home")
        if invitation.role == Membership.Role.OFFICER:
            return reverse("compliance:my_standing")
        if invitation.agency_id:
            return reverse("compliance:agency_overview", args=[invitation.agency.code])
        return reverse("home")
