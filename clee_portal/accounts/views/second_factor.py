"""The second step: asked for at sign-in and before grave acts, set up, listed, renamed, removed."""

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, LoginWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from clee_portal.accounts import limits, second_factor, totp
from clee_portal.accounts.demonstration import code_for, code_of_secret
from clee_portal.accounts.forms.second_factor import StepUpCodeForm, StepUpPasskeyForm
from clee_portal.accounts.views.asking import CountedMixin, ProvedMixin, keep_next, kept_next, safe_next

LAST_ONE = "Whoever acts for the state needs a second step. Add another one first, then remove this one."


class SecondStepView(AuthenticateView):
    """After the password: a code, or a passkey."""

    def form_invalid(self, form):
        """Said on the page, with the status of too many tries where it is that."""
        return limits.mark(super().form_invalid(form), form)

    def get_context_data(self, **kwargs) -> dict:
        """Also which factors there are, and in the demonstration the code."""
        user = self.stage.login.user
        context = super().get_context_data(**kwargs)
        return {**context, **factors_of(user), "demonstration_code": code_for(user)}


@method_decorator(login_not_required, name="dispatch")
class PasskeySignInView(LoginWebAuthnView):
    """A passkey instead of a password. It cannot be guessed, so nothing is counted and nobody is kept out."""

    def form_valid(self, form):
        """It is the second step as well."""
        second_factor.confirm(self.request.session, form.cleaned_data["credential"].user)
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class StepUpView(TemplateView):
    """While signed in: the second step once more, and back to where it was asked for."""

    template_name = "account/step_up.html"

    def dispatch(self, request, *args, **kwargs):
        """Whoever has none sets one up."""
        if not second_factor.has(request.user):
            return redirect(f"{reverse('mfa_index')}?{request.GET.urlencode()}")
        self.code_form = StepUpCodeForm(user=request.user)
        self.passkey_form = StepUpPasskeyForm(user=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        """Both ways, as far as the person has them, and where to go on to."""
        user = self.request.user
        factors = factors_of(user)
        if factors["has_passkey"]:
            kwargs["js_data"] = {"request_options": begin_authentication(user)}
        return super().get_context_data(
            form=self.code_form,
            passkey_form=self.passkey_form,
            next=safe_next(self.request),
            demonstration_code=code_for(user),
            **factors,
            **kwargs,
        )

    def post(self, request):
        """Proved, or told what is wrong."""
        if "credential" in request.POST:
            form = self.passkey_form = StepUpPasskeyForm(user=request.user, data=request.POST)
        else:
            form = self.code_form = StepUpCodeForm(user=request.user, data=request.POST)
        if not form.is_valid():
            return limits.mark(self.render_to_response(self.get_context_data(bound=form)), form)
        form.save()
        return redirect(safe_next(request))


class PasswordOnceMoreView(CountedMixin, ReauthenticateView):
    """Who has no second step proves by the password who they are."""

    def form_valid(self, form):
        """The session learns of it."""
        second_factor.password_was_given(self.request.session)
        return super().form_valid(form)


class SecurityView(IndexView):
    """One's sign-in and its security: second steps, recovery codes, the way to the open sessions."""

    def get(self, request, *args, **kwargs):
        """Where the person wanted to go is kept until they have set one up."""
        keep_next(request)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs) -> dict:
        """Whether one is needed, and what there is."""
        request = self.request
        context = super().get_context_data(**kwargs)
        codes = context["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        return {
            **context,
            **factors_of(request.user),
            "is_required": second_factor.is_required_of(request.user),
            "is_open": second_factor.opens(request),
            "unused_codes": len(codes.get_unused_codes()) if codes else 0,
            "has_codes": codes is not None,
            "go_on": kept_next(request) if second_factor.opens(request) else None,
        }


class SetUpAppView(CountedMixin, ProvedMixin, ActivateTOTPView):
    """Set up an authenticator app: the secret as a picture and as letters, and the first code."""

    def get_context_data(self, **kwargs) -> dict:
        """In the demonstration also the code."""
        context = super().get_context_data(**kwargs)
        return {**context, "demonstration_code": code_of_secret(self.request.user, context["form"].secret)}

    def form_valid(self, form):
        """Set up, and proved by it; its code is not accepted a second time."""
        user = self.request.user
        with transaction.atomic():
            response = super().form_valid(form)
            totp.mark_used(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP), form.counter)
        second_factor.confirm(self.request.session, user)
        return response


class RemoveAppView(ProvedMixin, DeactivateTOTPView):
    """Take the authenticator app out of the sign-in."""


class AddPasskeyView(CountedMixin, ProvedMixin, AddWebAuthnView):
    """Add a passkey or a security key."""

    def form_valid(self, form):
        """Added, and proved by it."""
        response = super().form_valid(form)
        second_factor.confirm(self.request.session, self.request.user)
        return response


class RenamePasskeyView(ProvedMixin, EditWebAuthnView):
    """Give a passkey another name."""

    success_url = reverse_lazy("mfa_index")


class RemovePasskeyView(ProvedMixin, RemoveWebAuthnView):
    """Take a passkey out of the sign-in."""

    success_url = reverse_lazy("mfa_index")

    def get_context_data(self, **kwargs) -> dict:
        """Whether it may go."""
        return super().get_context_data(may_go=second_factor.may_be_removed(self.object), **kwargs)

    def form_valid(self, form):
        """Not the last second step of somebody who needs one."""
        if not second_factor.may_be_removed(self.object):
            messages.error(self.request, LAST_ONE)
            return redirect("mfa_index")
        return super().form_valid(form)


@method_decorator(never_cache, name="dispatch")
class RecoveryCodesView(ProvedMixin, ViewRecoveryCodesView):
    """The recovery codes: shown once, when they were made."""

    def get_context_data(self, **kwargs) -> dict:
        """Also where to go on to."""
        return super().get_context_data(go_on=kept_next(self.request), **kwargs)


class NewRecoveryCodesView(ProvedMixin, GenerateRecoveryCodesView):
    """Make new recovery codes; the old ones stop working."""


def factors_of(user) -> dict:
    """Which second steps a person has."""
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
    }
