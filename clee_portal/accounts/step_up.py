"""Before an act that changes a license's standing, whoever acts for the state proves again that it is they.

A view that does such an act has `StepUpMixin` among its bases, after those that say who may; that is all:

    class CaseDecideView(ForTheDirectorMixin, StepUpMixin, OneFormView): ...

What is asked for is the second step (a code, or a passkey), given within the last minutes (`STEP_UP_MINUTES`). What was
typed is kept over it and shown again, never sent (`accounts.interrupted`), so the form carries `signed_in_as` and its
page takes up what was kept.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from clee_portal.accounts import interrupted, second_factor


class StepUpMixin:
    """The view's sending asks the state's people for their second step where it was not given just now."""

    def dispatch(self, request, *args, **kwargs):
        """Reading is as always; sending leads over the page that asks, and back to this one."""
        return self.step_up(request) or super().dispatch(request, *args, **kwargs)

    def step_up(self, request) -> HttpResponse | None:
        """The way to the second step where it has to be given first; None where the view may go on."""
        if request.method in ("GET", "HEAD", "OPTIONS") or not self.is_the_act(request):
            return None
        return lead(request) if is_needed(request) else None

    def is_the_act(self, request) -> bool:
        """Whether this sending changes something: every one does, unless a view of several steps knows better."""
        return True


def is_needed(request: HttpRequest) -> bool:
    """Whether the person acts for the state and did not prove the second step within the last minutes."""
    user = request.user
    acts_for_the_state = user.is_authenticated and second_factor.is_required_of(user)
    return acts_for_the_state and not second_factor.is_fresh(request.session, user)


def lead(request: HttpRequest) -> HttpResponse:
    """To where the second step is proved, or set up, and back to the same address; what was typed is kept.

    htmx is told 403 and leaves the page as it is.
    """
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(
            "Confirm in another tab that it is you; what you typed is still here.",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    interrupted.keep(request)
    page = "account_step_up" if second_factor.has(request.user) else "mfa_index"
    return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")


def prove(request: HttpRequest) -> HttpResponse:
    """To where the person proves who they are before what proves it is changed, and back."""
    if second_factor.has(request.user):
        return lead(request)
    after = urlencode({"next": request.get_full_path()})
    if request.user.has_usable_password():
        return redirect(f"{reverse('account_reauthenticate')}?{after}")
    # Signed in by the state alone: that has to be done anew.
    return redirect(f"{reverse('account_logout')}?{urlencode({'next': reverse('account_login') + '?' + after})}")
