"""The way to MO Login and back, and what connects it to an account."""

import logging

import requests
from allauth.account.internal.decorators import login_not_required
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LogoutView
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal.flows.connect import disconnect
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from clee_portal.accounts import limits, second_factor, step_up
from clee_portal.accounts.mo_login import adapter, kept
from clee_portal.accounts.mo_login.discovery import NotTrusted

log = logging.getLogger(__name__)


def send_away(request, process: str, next_url: str | None) -> HttpResponse:
    """To MO Login, where the person signs in; 404 where it is not offered."""
    provider = adapter.current(request)
    if provider is None:
        raise Http404
    try:
        return provider.redirect(request, process, next_url)
    except (requests.RequestException, NotTrusted) as error:
        return render_authentication_error(request, provider, exception=error)


@method_decorator([login_not_required, never_cache], name="dispatch")
class StartView(View):
    """Sign in with MO Login: begins with a POST of the sign-in page, so that no link can begin it for somebody."""

    def get(self, request) -> HttpResponse:
        """The page again, as after Back or a reload."""
        return redirect("account_login")

    def post(self, request) -> HttpResponse:
        """Away to MO Login, and after it to `next`; who is signed in already goes there at once.

        Sign-ins that are begun and not finished are counted.
        """
        next_url = get_next_redirect_url(request)
        if request.user.is_authenticated:
            return redirect(next_url or "home")
        try:
            kept.remember_begun(request, limits.begin(limits.MO_LOGIN, request))
        except limits.TooMany as refusal:
            return limits.marked(render(request, "account/mo_login_too_many.html", {"refusal": refusal}), refusal)
        return send_away(request, AuthProcess.LOGIN, next_url)


class CallbackView(OAuth2CallbackView):
    """Back from MO Login: allauth's way in, with what MO Login says verified first."""

    def dispatch(self, request, *args, **kwargs) -> HttpResponse:
        """Signed in, or told what to do. The ID token is kept in the session, to sign out at MO Login too."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except (requests.RequestException, NotTrusted) as error:
            return render_authentication_error(request, self.adapter.get_provider(), exception=error)
        if self.adapter.id_token:
            kept.remember_id_token(request, self.adapter.id_token, self.adapter.sid)
        return response

    def _get_state(self, request, provider):
        """The state of this sign-in, used up; without one it begins again."""
        state, response = super()._get_state(request, provider)
        if state is None:
            return state, response
        self.adapter.check_who_answers(request)
        self.adapter.nonce = state.get("nonce", "")
        return state, None


@never_cache
@login_not_required
def callback(request) -> HttpResponse:
    """Where MO Login sends the person back to. Without an answer to a sign-in that this browser began: to the page."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    provider = adapter.current(request)
    if provider is None or not request.GET.get("state"):
        return redirect("account_login")
    return CallbackView.adapter_view(provider.get_oauth2_adapter(request))(request)


@method_decorator([login_not_required, never_cache], name="dispatch")
class StrangerView(TemplateView):
    """Signed in at MO Login, and nobody here: what to do, and nothing of anybody's."""

    template_name = "account/mo_login_stranger.html"

    def get(self, request, *args, **kwargs) -> HttpResponse:
        """The page for whom it concerns; for everybody else the sign-in page, or home."""
        found = kept.stranger(request)
        if found is None or request.user.is_authenticated:
            return redirect("home" if request.user.is_authenticated else "account_login")
        return self.render_to_response(self.get_context_data(**found), status=403)


@method_decorator(never_cache, name="dispatch")
class ConnectionView(TemplateView):
    """MO Login of one's own account: connect it, see with what address, disconnect it."""

    template_name = "account/mo_login_connection.html"

    def get_context_data(self, **kwargs) -> dict:
        """The connection, if there is one, and whether the account could be signed in to without it."""
        return super().get_context_data(
            connection=self._connection(),
            is_offered=bool(settings.MO_LOGIN_ISSUER),
            has_password=self.request.user.has_usable_password(),
            **kwargs,
        )

    def _connection(self) -> SocialAccount | None:
        mine = SocialAccount.objects.filter(user_id=self.request.user.pk, provider=settings.MO_LOGIN_ISSUER)
        return mine.first()

    def post(self, request) -> HttpResponse:
        """Connect, or with `disconnect` the opposite; either way whoever asks has just shown who they are."""
        if not second_factor.may_be_changed(request):
            return step_up.prove(request)
        if "disconnect" not in request.POST:
            return send_away(request, AuthProcess.CONNECT, None)
        if connection := self._connection():
            if not request.user.has_usable_password():
                messages.error(request, "Without MO Login nobody could sign in to this account. Set a password first.")
            else:
                disconnect(request, connection)
        return redirect("account_mo_login_connection")


class SignOutView(LogoutView):
    """Sign out here, and at MO Login too where the session began there: computers are shared. The browser forgets the
    pages it has, or who comes next would see them by going back."""

    def post(self, *args, **kwargs) -> HttpResponse:
        """The answer, with the word to the browser."""
        response = self._ended(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response

    def _ended(self, *args, **kwargs) -> HttpResponse:
        """The session ends here first, whatever becomes of the one at MO Login."""
        id_token = kept.id_token(self.request)
        response = super().post(*args, **kwargs)
        provider = adapter.current(self.request) if id_token else None
        if provider is None:
            return response
        try:
            away = provider.get_oauth2_adapter(self.request).sign_out_url(self.request, id_token)
        except (requests.RequestException, NotTrusted) as error:
            log.warning("Nobody can be signed out at MO Login: %s", error)
            away = None
        if away is None:
            messages.warning(
                self.request,
                "You are signed out of the portal, and may still be signed in at MO Login. "
                "On a shared computer, close the browser.",
            )
            return response
        return redirect(away)
