"""Pages of the site itself: home, help, and what is shown when a form can no longer be trusted."""

import datetime as dt
import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from clee_portal import clock, navigation
from clee_portal.accounts import interrupted
from compliance import periods
from training import access, quarters, waiting
from training.models.memberships import memberships_of

# The day of the last walk over every page in every state (docs/accessibility.md).
ACCESSIBILITY_CHECKED_ON = dt.date(2026, 11, 26)


class RequirementsMixin:
    """Adds what this year's period asks, as published."""

    def get_context_data(self, **kwargs) -> dict:
        """`period` is the year, `requirements` its published rows."""
        now = clock.now()
        period = periods.current(clock.day_of(now))
        requirements = period.set_as_of(now).requirements.all()
        return super().get_context_data(period=period.year, requirements=requirements, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class HomeView(RequirementsMixin, TemplateView):
    """What this is; signed in, the way to one's work."""

    template_name = "portal/home.html"

    def get_context_data(self, **kwargs) -> dict:
        """The person's workplaces, the first of each role standing out."""
        user = self.request.user
        return super().get_context_data(
            workplaces=navigation.workplaces(user),
            agencies=list(navigation.agencies_of(user)),
            waits=[*self.waits(user), *self.quarterly(user)],
            **kwargs,
        )

    @staticmethod
    def waits(user) -> list[tuple[str, str]]:
        """What waits for the staff of each provider. (An agency's people are told so by a fragment of compliance.)"""
        today, providers = clock.today(), navigation.providers_of(user)
        return [
            (f"{provider}: {one.words}" if len(providers) > 1 else one.words, reverse(one.page, args=[provider.pk]))
            for provider in providers
            for one in waiting.of_provider(provider, today)
        ]

    @staticmethod
    def quarterly(user) -> list[tuple[str, str]]:
        """The quarterly question to a provider's head and to the Director, with the page on which it is answered.
        (An agency's CEO reads it among what waits for the agency.)"""
        today, found = clock.today(), []
        for member in memberships_of(user):
            if member.is_head and not quarters.confirmation(None, member.provider, today):
                words = f"{member.provider}: {quarters.asked(today)}"
                found.append((words, reverse("training:provider_people", args=[member.provider_id])))
        if access.can_confirm_state_people(user) and not quarters.confirmation(None, None, today):
            found.append((f"The state: {quarters.asked(today)}", reverse("training:state_people")))
        return found


@method_decorator(login_not_required, name="dispatch")
class HelpView(RequirementsMixin, TemplateView):
    """The rules in plain words, how to do things, whom to call."""

    template_name = "portal/help.html"


@method_decorator(login_not_required, name="dispatch")
class AccessibilityView(TemplateView):
    """Which standard the pages keep to, how that was checked, what is known to be wanting, and whom to tell of a
    barrier (28 CFR 35.200, WCAG 2.1 AA). The evidence is docs/accessibility.md."""

    template_name = "portal/accessibility.html"

    def get_context_data(self, **kwargs) -> dict:
        """`checked_on` is the day of the last whole walk; `mail` and `phone` take what people tell of barriers."""
        return super().get_context_data(
            checked_on=ACCESSIBILITY_CHECKED_ON,
            mail=settings.ACCESSIBILITY_MAIL,
            phone=settings.ACCESSIBILITY_PHONE,
            dialed=re.sub(r"\D", "", settings.ACCESSIBILITY_PHONE),
            **kwargs,
        )


# What search engines may look at; everything else is somebody's own. The private feeds are left out twice.
ROBOTS = """User-agent: *
Disallow: /calendar/feeds/
Allow: /$
Allow: /calendar/
Allow: /help/
Allow: /accessibility/
Allow: /static/
Disallow: /
"""


@method_decorator(login_not_required, name="dispatch")
class RobotsView(View):
    """What search engines are asked to leave alone."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """robots.txt, the same for everybody for a day."""
        response = HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
        patch_cache_control(response, public=True, max_age=24 * 60 * 60)
        return response


@method_decorator(login_not_required, name="dispatch")
class ManifestView(View):
    """What makes the portal installable on a phone: its name, icons, colors, and where it begins."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """The web app manifest, the same for everybody for a day."""
        icons = [
            {
                "src": static(f"portal/icon-{name}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable", 512, "maskable"))
        ]
        told = {
            "name": "CLEE Portal, Missouri POST",
            "short_name": "CLEE Portal",
            "description": "Continuing law enforcement education: hours, standing, record, classes.",
            "lang": "en-US",
            "id": "/",
            "start_url": reverse("home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#16233a",
            "icons": icons,
            "shortcuts": [
                {"name": name, "url": reverse(page)}
                for name, page in (
                    ("My standing", "compliance:my_standing"),
                    ("My record", "compliance:my_record"),
                    ("My classes", "training:my_classes"),
                )
            ],
        }
        response = JsonResponse(told, content_type="application/manifest+json")
        patch_cache_control(response, public=True, max_age=24 * 60 * 60)
        return response


def csrf_failure(request, reason=""):
    """A form whose protection token is missing or of an earlier session, as after signing in anew in another tab.

    What was typed on a page of one's own is kept and shown again, not submitted (`accounts.interrupted`). Where
    somebody else has signed in since, in another tab of the same browser, the page says so and names only who that is.
    It gives no other reason: that would only help whoever forges requests.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(
            "You have signed in anew since this page was opened. Submit the form: what you typed is shown again.",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    if interrupted.keep(request):
        path = request.get_full_path()
        return redirect(path) if request.user.is_authenticated else redirect_to_login(path)
    made_for = interrupted.owner_of(request.POST.get(interrupted.FIELD, ""))
    is_another = request.user.is_authenticated and made_for not in (None, request.user.pk)
    return render(request, "403_csrf.html", {"is_another": is_another}, status=403)
