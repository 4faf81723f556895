"""Mail of the demonstration."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import ListView

from clee_portal.paging import PagesMixin
from notifications import addresses
from notifications.models import DemonstrationMessage


@method_decorator(login_not_required, name="dispatch")
class DemonstrationMailView(PagesMixin, ListView):
    """Every mail the demonstration would have sent, newest first. Open to all, since links to set a password land here;
    where mail goes to a server there is no such page (404)."""

    model = DemonstrationMessage
    template_name = "notifications/demonstration_mail.html"
    paginate_by = 20

    def dispatch(self, request, *args, **kwargs):
        """Nothing is shown outside the demonstration, not even to those who are signed in."""
        if not settings.IS_DEMONSTRATION:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class ConfirmAddressView(View):
    """Whoever signs in says that mail to their address arrives again; until then nothing was sent to it."""

    http_method_names = ("post", "options")

    def post(self, request):
        """Once is enough; a second time changes nothing."""
        if addresses.confirm(by=request.user):
            messages.success(request, f"Mail is sent to {request.user.email} again.")
        request.session.pop(addresses.SESSION_KEY, None)
        return redirect("home")
