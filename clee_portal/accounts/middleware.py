"""Sign-in is required everywhere; public pages opt out by name (`login_not_required`)."""

from django.contrib.auth.middleware import LoginRequiredMiddleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to the sign-in page."""
