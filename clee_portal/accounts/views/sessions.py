"""Where a person is signed in, and how long this session still lasts."""

from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
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


class SessionTimeView(View):
    """How many seconds of the session are left. Asking changes nothing; sending says "I am still here"."""

    def get(self, request: HttpRequest):
        """What a page asks by itself before it warns."""
        return self._answer(request)

    def post(self, request: HttpRequest):
        """The person said so, or typed; the middleware has noted it."""
        return self._answer(request)

    def _answer(self, request: HttpRequest):
        session = request.session
        answer = JsonResponse(
            {"seconds": sessions.seconds_left(session), "can_be_prolonged": sessions.can_be_prolonged(session)}
        )
        answer["Cache-Control"] = "no-store"
        return answer
