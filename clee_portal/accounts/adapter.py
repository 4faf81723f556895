"""How allauth is bent to the portal: accounts are made by invitation, never by signing up."""

import logging

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import signals
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render

from clee_portal.accounts import interrupted
from clee_portal.accounts.mo_login import kept
from clee_portal.accounts.mo_login.fetching import BoundedSession
from clee_portal.accounts.mo_login.identities import Identity, admit
from clee_portal.accounts.models import User
from clee_portal.history import accesses
from clee_portal.refusal import Refused

log = logging.getLogger(__name__)


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

    def post_login(self, request, user, **details):
        """What somebody else had typed in this browser is forgotten; then on to the page that was asked for."""
        accesses.signed_in(request, user)
        interrupted.forget_unless_of(request, user)
        kept.forget_stranger(request)
        return super().post_login(request, user, **details)


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
        elif sociallogin.account.pk is None:
            self._admit(request, sociallogin, identity)

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
        """Why is written to the log; the person reads what to do."""
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
            raise ImmediateHttpResponse(redirect("account_login"))
        if isinstance(exception, requests.RequestException):
            log.warning("MO Login is not available: %s", exception)
            raise ImmediateHttpResponse(render(request, "account/mo_login_unavailable.html", status=503))
        log.warning("Sign-in through MO Login refused: %s", exception or error)
        accesses.sign_in_failed(request, "What MO Login said was refused")
        raise ImmediateHttpResponse(render(request, "account/mo_login_refused.html", status=401))
