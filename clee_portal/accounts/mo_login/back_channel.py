"""Signed out at MO Login, signed out here: its own server says so, without the person's browser.

OpenID Connect Back-Channel Logout 1.0. Anybody may send to this address, so it ends nothing but what a token that MO
Login has signed names, and what does not hold is counted by the address it comes from.
"""

import logging

import requests
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from clee_portal.accounts import limits, sessions
from clee_portal.accounts.mo_login import adapter, kept, tokens
from clee_portal.accounts.mo_login.discovery import NotTrusted
from clee_portal.accounts.mo_login.identities import account_of_subject
from clee_portal.accounts.models import Session

log = logging.getLogger(__name__)
ANEW_SECONDS = 10


@method_decorator([csrf_exempt, login_not_required, never_cache], name="dispatch")
class BackChannelLogoutView(View):
    """MO Login says that a session there has ended."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the sessions it means. 200 also where there is none any more; 400 for what does not hold."""
        provider = adapter.current(request)
        if provider is None:
            raise Http404
        try:
            attempt = limits.begin(limits.BACK_CHANNEL, request)
        except limits.TooMany as refusal:
            return limits.marked(_refused(str(refusal)), refusal)
        protocol = provider.get_oauth2_adapter(request)
        try:
            claims = protocol.signed_out(request.POST.get("logout_token"), ask_anew=_may_ask_anew)
        except NotTrusted as error:
            log.warning("A sign-out said to be of MO Login was refused: %s", error)
            return _refused("The logout token does not hold.")
        except requests.RequestException as error:
            log.warning("MO Login is not available, so its logout token could not be checked: %s", error)
            return JsonResponse({"error": "temporarily_unavailable"}, status=503)
        attempt.succeeded()
        log.info("Signed out at MO Login: %s sessions ended", end(claims))
        return HttpResponse()


def end(claims: dict) -> int:
    """End the sessions a logout token means, that began before it was made; returns how many.

    Of the person it names those that began at MO Login, of the session it names that one; without a person whoever has
    it. Sessions with a password are the portal's own and go on.
    """
    begun_by, sid = claims["iat"] + tokens.LEEWAY_SECONDS, claims.get("sid")
    if "sub" not in claims:
        return sessions.end_those(Session.objects.all(), begun_by, lambda data: kept.is_exactly_of(data, sid))
    account = account_of_subject(settings.MO_LOGIN_ISSUER, claims["sub"])
    if account is None:
        return 0
    mine = Session.objects.filter(user_id=account.user_id)
    return sessions.end_those(mine, begun_by, lambda data: kept.is_of(data, sid))


def _may_ask_anew() -> bool:
    """Once in ten seconds, whoever sends what."""
    return cache.add("mo_login:back_channel_anew", True, ANEW_SECONDS)


def _refused(why: str) -> JsonResponse:
    return JsonResponse({"error": "invalid_request", "error_description": why}, status=400)
