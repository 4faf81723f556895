"""A fragment of the standing page, and a page without scripts: where an officer will stand who completes what they are
registered for."""

from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from clee_portal.history import accesses
from compliance import access, will_be
from training.models import Officer


class WillBeView(View):
    """Every period with classes to come, by requirement; nothing at all where there are none."""

    def get(self, request, license_number: str):
        """What will be, of an officer open to the person."""
        officer = get_object_or_404(Officer.objects.visible_to(request.user), license_number=license_number)
        is_own = officer in access.own_licenses(request.user)
        if not is_own:
            accesses.saw(request, officer.license_number, "Standing as it will be")
        found = will_be.of_officer(officer, is_own=is_own)
        template = "compliance/_will_be.html" if request.htmx else "compliance/will_be.html"
        return render(request, template, {"found": found, "officer": officer, "is_own": is_own})
