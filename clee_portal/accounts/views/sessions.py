"""Where a person is signed in, and how long this session still lasts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from clee_portal.accounts import sessions


class SessionListView(TemplateView):
    """Every browser one is signed in with, and the way to sign out of all the others, or of all."""

    template_name = "account/sessions.html"

    def get_context_data(self, **kwargs) -> dict:
        """This one first."""
        found = sessions.of(self.request.user, self.request.session.session_key)
        return super().get_context_data(sessions=found, others=len(found) - 1, **kwargs)

    def post(self, request: HttpRequest):
        """End the others, or all of them, this one included."""
        if request.POST.get("which") == "all":
            sessions.end_all(request.user)
            request.session.flush()
            return redirect("account_login")
        ended = sessions.end_others(request.user, request.session.session_key)
        said = "This is the only place where you are signed in."
        if ended:
            said = f"Signed out of {ended} other place{'' if ended == 1 else 's'}."
        messages.success(request, said)
        return redirect("account_sessions")


@method_decorator(login_not_required, name="dispatch")
class SessionTimeView(View):
    """How many seconds of the session are left, none where it is over. Asking changes nothing; sending says "I am still
    here"."""

    def get(self, request: HttpRequest):
        """What a page asks by itself before it warns."""
        return self._answer(request)

    def post(self, request: HttpRequest):
        """The person said so, or typed; the middleware has noted it."""
        return self._answer(request)

    def _answer(self, request: HttpRequest):
        session, seconds, can_be_prolonged = request.session, 0, False
        if request.user.is_authenticated:
            seconds, can_be_prolonged = sessions.seconds_left(session), sessions.can_be_prolonged(session)
        answer = JsonResponse({"seconds": seconds, "can_be_prolonged": can_be_prolonged})
        answer["Cache-Control"] = "no-store"
        return answer
