"""The groups of officers an agency keeps for entering classes: the list, with renaming and deleting."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, OfficerGroup
from training.services import groups


class GroupListView(View):
    """The groups of one agency. They are made on the entry page, from what is ticked there."""

    def dispatch(self, request, *args, code: str, **kwargs):
        """Only the agency's CEO, delegates and POST staff; other agencies do not exist for others."""
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        if not access.can_enter_class(request.user, self.agency):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, error: str = ""):
        """The list, each with a field for another name and a button to delete it; what was typed stands in its field
        again, where it was refused or the session ended."""
        held = OfficerGroup.objects.visible_to(request.user).filter(agency=self.agency)
        rows = held.annotate(size=Count("officers")).order_by("name", "pk")
        typed = request.POST if error else interrupted.take(request) or {}
        context = {
            "agency": self.agency,
            "groups": rows,
            "error": error,
            "at": typed.get("group", ""),
            "typed": typed.get("name", ""),
            "signed_in_as": interrupted.token(request.user),
        }
        return render(request, "training/groups.html", context)

    def post(self, request):
        """Rename or delete one group."""
        held = OfficerGroup.objects.visible_to(request.user).filter(agency=self.agency)
        asked = request.POST.get("group", "")
        if not asked:
            return self.get(request)
        group = get_object_or_404(held, pk=int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else 0)
        name = group.name
        try:
            if request.POST.get("act") == "delete":
                groups.delete(by=request.user, group=group)
                messages.success(request, f"The group “{name}” is deleted. Its officers and classes are as they were.")
            else:
                given = {"name": request.POST.get("name", ""), "seen": request.POST.get("seen", "")}
                group = groups.rename(by=request.user, group=group, **given)
                messages.success(request, f"“{name}” is now called “{group.name}”.")
        except Refused as refusal:
            return self.get(request, error=refusal.message)
        return redirect("training:group_list", code=self.agency.code)
