"""Sign-in is required everywhere, and for the state's people the second step; public pages opt out by name."""

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin

from clee_portal.accounts import interrupted, second_factor, sessions, step_up

# What is open before the second step is set up or proved: the way to it, the way out, and what anybody may read. Each
# page of the sign-in's own settings asks for itself who may change what.
OPEN_WITHOUT = frozenset(
    {
        "accessibility",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_session_time",
        "account_step_up",
        "help",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_index",
        "mfa_view_recovery_codes",
        "notifications:demonstration_mail",
        "robots",
        "training:calendar",
        "training:calendar_class",
        "training:calendar_class_ics",
        "training:calendar_ics",
        "training:calendar_private",
    }
)
SESSION_TIME = "account_session_time"


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page, keeping what they had typed (`accounts.interrupted`)."""

    def handle_no_permission(self, request, view_func):
        """To sign in, and back to the same address; htmx is told 401 and leaves the page as it is."""
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(
                "You have been signed out. Sign in in another tab; what you typed is still here.",
                status=401,
                content_type="text/plain; charset=utf-8",
            )
        interrupted.keep(request)
        return redirect_to_login(request.get_full_path())

    def process_response(self, request, response):
        """Pages are made for one person: no cache between them and the portal may keep a copy."""
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
        return response


class SecondFactorMiddleware(MiddlewareMixin):
    """Leads whoever needs a second step to it before anything else opens: pages, fragments and downloads alike."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Whatever is not named in `OPEN_WITHOUT` stays closed."""
        if not request.user.is_authenticated or request.resolver_match.view_name in OPEN_WITHOUT:
            return None
        return None if second_factor.opens(request) else step_up.lead(request)


class ActivityMiddleware(MiddlewareMixin):
    """Notes that the person does something, so that the session goes on (`accounts.sessions`).

    What a page asks for by itself is no act of the person: fragments fetched by htmx (the progress of a file asks every
    second), and how much time is left.
    """

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Before the view, which may end the session."""
        if request.user.is_authenticated and _is_an_act(request):
            sessions.touch(request.session, request.user)


def _is_an_act(request) -> bool:
    if request.method not in ("GET", "HEAD"):
        return True
    return request.headers.get("HX-Request") != "true" and request.resolver_match.view_name != SESSION_TIME
