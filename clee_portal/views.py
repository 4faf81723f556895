"""Pages of the site itself: home, help, and what is shown when a form can no longer be trusted."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


@method_decorator(login_not_required, name="dispatch")
class HomeView(TemplateView):
    """What this is; signed in, the way to one's work."""

    template_name = "portal/home.html"


@method_decorator(login_not_required, name="dispatch")
class HelpView(TemplateView):
    """The rules in plain words, how to do things, whom to call."""

    template_name = "portal/help.html"


def csrf_failure(request, reason=""):
    """The page for a form whose protection token is missing or old."""
    return render(request, "403_csrf.html", status=403)
