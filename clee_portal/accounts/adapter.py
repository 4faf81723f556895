"""How allauth is bent to the portal: accounts are made by invitation, guesses are counted, sessions are begun."""

import logging

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import signals
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from clee_portal.accounts import devices, interrupted, limits, second_factor, sessions
from clee_portal.accounts.mo_login import kept
from clee_portal.accounts.mo_login.fetching import BoundedSession
from clee_portal.accounts.mo_login.identities import Identity, admit
from clee_portal.accounts.models import ContactDetails, User
from clee_portal.history import accesses
from clee_portal.refusal import Refused

log = logging.getLogger(__name__)
WAYS = {"password": "Password", "socialaccount": "MO Login", "mfa": "Second step"}


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: an account exists because POST or an agency made it."""

    def is_open_for_signup(self, request) -> bool:
        """Always closed."""
        return False

    def authentication_failed(self, request, **credentials) -> None:
        """Written down: whose address it was, if it is one of an account, and why; never what was typed."""
        user = User.objects.filter(email__iexact=str(credentials.get("email", ""))[:254]).first()
        why = "No account has this address"
        if user is not None:
            why = "Wrong password" if user.is_active else "The account is closed"
        accesses.sign_in_failed(request, why, user)

    def format_email_subject(self, subject) -> str:
        """The subject as it is written, without the name of the machine before it."""
        return str(subject)

    def render_mail(self, *args, **kwargs):
        """In English, whatever language the page is read in from which it is sent."""
        with translation.override(settings.LANGUAGE_CODE):
            return super().render_mail(*args, **kwargs)

    def get_login_stages(self) -> list[str]:
        """Allauth's, with the portal's own second step."""
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "clee_portal.accounts.second_factor.SecondStep"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def authenticate(self, request, **credentials):
        """Whose address and password these are. A wrong one is counted; after too many nothing is looked at."""
        try:
            attempt = limits.begin(limits.PASSWORD, request, account=credentials.get("email") or "")
        except limits.TooMany as refusal:
            raise limits.as_error(refusal) from None
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeeded()
        return user

    def reauthenticate(self, user, password: str) -> bool:
        """Whether it is the password of `user`."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def login(self, request, user) -> None:
        """Every way of signing in ends here: the session begins to count its time."""
        super().login(request, user)
        sessions.begin(request.session, user, agent=self.get_http_user_agent(request))
        second_factor.ask_for_a_new_one(request.session, user)

    def post_login(self, request, user, **details):
        """What somebody else had typed in this browser is forgotten, and the browser is known from now on; then on to
        the page that was asked for."""
        accesses.signed_in(request, user, _ways(request, user))
        interrupted.forget_unless_of(request, user)
        kept.forget_stranger(request)
        kept.finish_begun(request)
        response = super().post_login(request, user, **details)
        devices.remember(request, response, user.email)
        return response

    def set_password(self, user, password: str) -> None:
        """Whoever chose a new password by mail need not wait for the failures with the old one."""
        super().set_password(user, password)
        limits.forgive(limits.PASSWORD, user.email)

    def get_reauthentication_methods(self, user) -> list[dict]:
        """How one proves once more who one is: by the second step where there is one, else by the password."""
        if not user.is_authenticated:
            return []
        if second_factor.has(user):
            return [{"id": "step_up", "description": "Use your second step", "url": reverse("account_step_up")}]
        if user.has_usable_password():
            url = reverse("account_reauthenticate")
            return [{"id": "reauthenticate", "description": "Use your password", "url": url}]
        return []

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Before the second step is changed: unless the person has just proved who they are."""
        return not second_factor.may_be_changed(context.request)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """Tell a person what was changed about their sign-in, at the address they sign in with and at their own.

        The change stands where the mail cannot be sent.
        """
        agent = self.get_http_user_agent(self.request)
        more = {"user": user, "device": devices.name_of(agent), **(context or {})}
        own = ContactDetails.objects.filter(user=user).exclude(email="").values_list("email", flat=True)
        for address in [email] if email else [user.email, *own]:
            try:
                super().send_notification_mail(template_prefix, user, more, address)
            except OSError:
                log.exception("Mail about a change of the sign-in could not be sent: %s", template_prefix)


def _ways(request, user) -> str:
    """By what the person of this session proved who they are, in words, for the record of access."""
    ways = [WAYS.get(one["method"], one["method"]) for one in get_authentication_records(request, user)]
    return ", ".join(dict.fromkeys(ways))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Who of those MO Login vouches for may come in: who is connected already, and who holds an invitation."""

    def list_apps(self, request, provider=None, client_id=None) -> list:
        """The provider the settings name; none is kept in the database, so none is looked for there."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_requests_session(self) -> BoundedSession:
        """Requests to the provider are limited in time and size."""
        return BoundedSession()

    def is_open_for_signup(self, request, sociallogin) -> bool:
        """Always closed: `pre_social_login` lets in those who hold an invitation."""
        return False

    def pre_social_login(self, request, sociallogin) -> None:
        """Let a verified person in, or say what to do. Nobody is joined to an account by the e-mail address."""
        identity = Identity(**sociallogin.account.extra_data)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._may_connect(request, sociallogin)
            return
        if sociallogin.account.pk is None:
            self._admit(request, sociallogin, identity)
        if kept.is_strong(request):
            second_factor.confirm(request.session, sociallogin.user)

    def _admit(self, request, sociallogin, identity: Identity) -> None:
        if not kept.has_invitation(request):
            accesses.sign_in_failed(request, "MO Login is connected to no account")
            kept.remember_stranger(request, identity, "")
            raise ImmediateHttpResponse(redirect("account_mo_login_stranger"))
        try:
            account = admit(identity)
        except Refused as refusal:
            accesses.sign_in_failed(request, "MO Login cannot be connected to an account")
            kept.remember_stranger(request, identity, refusal.message)
            raise ImmediateHttpResponse(redirect("account_mo_login_stranger")) from refusal
        sociallogin.account, sociallogin.user = account, account.user
        signals.social_account_added.send(sender=SocialLogin, request=request, sociallogin=sociallogin)

    def _may_connect(self, request, sociallogin) -> None:
        """One MO Login an account; allauth itself refuses one that is another account's."""
        others = SocialAccount.objects.filter(user_id=request.user.pk, provider=sociallogin.account.provider)
        if others.exclude(uid=sociallogin.account.uid).exists():
            messages.error(
                request,
                "Another MO Login is connected to this account. Disconnect it first, then connect this one.",
            )
            raise ImmediateHttpResponse(redirect("account_mo_login_connection"))

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """The account's address learns of every change of its ways in, whatever else it is told."""
        get_account_adapter(self.request).send_mail(template_prefix, user.email, {**(context or {}), "user": user})

    def get_connect_redirect_url(self, request, socialaccount) -> str:
        """Back to the page where MO Login was connected."""
        return redirect("account_mo_login_connection").url

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None) -> None:
        """Why is written to the log, and that it failed into the record of access; the person reads what to do.

        Who gave up there, or whom MO Login did not answer, has failed at nothing.
        """
        if exception is None and request.user.is_authenticated:
            raise ImmediateHttpResponse(redirect("home"))  # Back, after it went well
        if error == AuthError.CANCELLED:
            messages.info(request, f"You did not sign in at {settings.MO_LOGIN_NAME}. You can try again.")
            raise ImmediateHttpResponse(redirect("account_login"))
        if "state_id" in (extra_context or {}) and exception is None:
            messages.warning(
                request,
                "That sign-in took longer than ten minutes, was used already, or began in another browser. Try again.",
            )
            self._refused(request, "What came back from MO Login belongs to no sign-in of this browser")
            raise ImmediateHttpResponse(redirect("account_login"))
        if isinstance(exception, requests.RequestException):
            log.warning("MO Login is not available: %s", exception)
            raise ImmediateHttpResponse(render(request, "account/mo_login_unavailable.html", status=503))
        log.warning("Sign-in through MO Login refused: %s", exception or error)
        self._refused(request, "What MO Login said was refused")
        raise ImmediateHttpResponse(render(request, "account/mo_login_refused.html", status=401))

    @staticmethod
    def _refused(request, why: str) -> None:
        """Into the record of access; from an address with too many of them no more, so that nobody can fill it."""
        try:
            limits.begin(limits.MO_LOGIN, request)
        except limits.TooMany:
            return
        accesses.sign_in_failed(request, why, request.user if request.user.is_authenticated else None)
