"""Sign-in is required everywhere; public pages opt out by name (`login_not_required`)."""

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from clee_portal.accounts import interrupted


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
