"""One's own messages, which kinds one wants, the link that stops one kind, and the mail of the demonstration."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import ListView, TemplateView, View

from clee_portal.paging import PagesMixin
from notifications import addresses, occasions, preferences
from notifications.messages_said import RowsMixin
from notifications.models import DemonstrationMessage, FailingAddress, Message


class MyMessagesView(RowsMixin, PagesMixin, ListView):
    """Every message that was sent, or is to be sent, to the person: when, what, what became of it."""

    template_name = "notifications/my_messages.html"

    def get_queryset(self):
        """The person's own, newest first."""
        return Message.objects.filter(user=self.request.user).select_related("text")

    def get_context_data(self, **kwargs) -> dict:
        """Also whether mail to the address comes back."""
        fails = FailingAddress.objects.filter(address__iexact=self.request.user.email, confirmed_at=None).first()
        return super().get_context_data(failing=fails, **kwargs)


class PreferencesView(TemplateView):
    """Which optional kinds the person gets; and which cannot be switched off, and why."""

    template_name = "notifications/preferences.html"

    def get_context_data(self, **kwargs) -> dict:
        """Every kind there is, optional ones with the person's choice."""
        known = occasions.registered()
        chosen = preferences.choices_of(self.request.user)
        return super().get_context_data(
            optional=[(one, chosen[one.code]) for one in known if one.is_optional],
            fixed=[one for one in known if not one.is_optional],
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Keep the choice: a kind whose tick was taken away is switched off. What was left as the page had it stays as
        it is by now, whatever was chosen in another tab."""
        if "keep" not in request.POST:  # nothing was chosen: nothing is switched off by it
            return self.get(request, *args, **kwargs)
        ticked, was = set(request.POST.getlist("wanted")), set(request.POST.getlist("was"))
        preferences.choose(by=request.user, wanted={code: code in ticked for code in ticked ^ was})
        messages.success(request, gettext("Your choice is kept."))
        return redirect("notifications:preferences")


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class StopView(View):
    """The link in a mail that switches its kind off, without signing in: the token says whose mail and which kind.

    A mail program sends it by itself (RFC 8058); a person who opens it is asked first, since links are also opened by
    programs that look for harm. No cookie is looked at, so it needs no protection of forms.
    """

    def dispatch(self, request, *args, **kwargs):
        """A token that is not ours does not exist."""
        found = preferences.read_stop(kwargs["token"])
        if found is None:
            raise Http404
        self.reader, self.occasion = found
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """Ask."""
        return self.page(request, is_done=not preferences.choices_of(self.reader)[self.occasion.code])

    def post(self, request, *args, **kwargs):
        """Switch it off; twice is once."""
        preferences.choose(
            by=self.reader, wanted={self.occasion.code: False}, how=gettext("Switched off by the link in a mail")
        )
        return self.page(request, is_done=True)

    def page(self, request, *, is_done: bool):
        """The page, which names no person: whoever holds the mail may be anybody."""
        return render(request, "notifications/stop.html", {"occasion": self.occasion, "is_done": is_done})


@method_decorator(login_not_required, name="dispatch")
class DemonstrationMailView(PagesMixin, ListView):
    """Every mail the demonstration would have sent, newest first. Open to all, since links to set a password land here;
    where mail goes to a server there is no such page (404)."""

    model = DemonstrationMessage
    template_name = "notifications/demonstration_mail.html"
    paginate_by = 20

    def get_queryset(self):
        """All of it, or what went to the address asked for."""
        self.to = self.request.GET.get("to", "").strip()
        return super().get_queryset().filter(recipients__icontains=self.to)

    def get_context_data(self, **kwargs):
        """Also that address."""
        return super().get_context_data(to=self.to, **kwargs)

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
            messages.success(request, gettext("Mail is sent to %(email)s again.") % {"email": request.user.email})
        request.session.pop(addresses.SESSION_KEY, None)
        return redirect("home")
