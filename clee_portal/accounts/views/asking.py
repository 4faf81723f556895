"""What the pages around the second step have in common."""

from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from clee_portal.accounts import limits, second_factor, step_up

NEXT = "next"
_KEPT = "after_second_step"


def safe_next(request, default: str = "home") -> str:
    """Where the person wanted to go, of this portal only."""
    given = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    if url_has_allowed_host_and_scheme(given, {request.get_host()}, request.is_secure()):
        return given
    return resolve_url(default)


def keep_next(request) -> None:
    """Remember where the person wanted to go over the pages of the set-up."""
    if request.GET.get(NEXT):
        request.session[_KEPT] = safe_next(request)


def kept_next(request) -> str | None:
    """Where they wanted to go."""
    return request.session.get(_KEPT)


class CountedMixin:
    """A form whose failures are counted answers 429 with the time to wait, and keeps what was typed."""

    def form_invalid(self, form):
        """As always, with the status."""
        return limits.mark(super().form_invalid(form), form)


class ProvedMixin:
    """A page on which what proves a person is changed: only for whoever has just proved who they are."""

    def dispatch(self, request, *args, **kwargs):
        """By the second step where there is one; else by the password, or by signing in anew."""
        if not second_factor.may_be_changed(request):
            return step_up.prove(request)
        return super().dispatch(request, *args, **kwargs)
