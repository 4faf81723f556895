"""Notes what a page reads of a request, so that nobody asks it again about what it does not look at."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.http import QueryDict
from django.http.request import HttpHeaders
from django.utils.datastructures import MultiValueDict

from clee_portal.accounts import middleware

# Tokens of the page itself, which name nobody.
NOT_IDS = {"csrfmiddlewaretoken", "signed_in_as", "submission_key"}
# Noted where a page looks at whether htmx asks for it.
FRAGMENT = "hx-request"


@contextmanager
def noting(read: dict[str, set[str]]) -> Iterator[None]:
    """Notes which names are read of what was asked and sent, and whether one value of each or all."""
    patch = pytest.MonkeyPatch()

    def note(method, kind):
        original = getattr(MultiValueDict, method)

        def noted(self, key, *args, **kwargs):
            if isinstance(self, QueryDict) and isinstance(key, str) and key not in NOT_IDS:
                read.setdefault(key, set()).add(kind)
            return original(self, key, *args, **kwargs)

        patch.setattr(QueryDict, method, noted, raising=False)

    note("__getitem__", "one")
    note("get", "one")
    note("getlist", "all")
    patch.setattr(QueryDict, "__contains__", _contains(read))
    try:
        yield
    finally:
        patch.undo()


def _contains(read):
    def noted(self, key):
        if isinstance(key, str) and key not in NOT_IDS:
            read.setdefault(key, set()).add("one")
        return dict.__contains__(self, key)

    return noted


@contextmanager
def noting_fragments(read: dict[str, set[str]]) -> Iterator[None]:
    """Notes under `FRAGMENT` that a page looks at whether htmx asks; the session's own look at it, for the time of the
    last act, is left out."""
    patch = pytest.MonkeyPatch()
    original = HttpHeaders.__getitem__

    def noted(self, name):
        if name.lower() == FRAGMENT:
            read.setdefault(FRAGMENT, set()).add("one")
        return original(self, name)

    patch.setattr(HttpHeaders, "__getitem__", noted)
    patch.setattr(middleware, "_is_an_act", lambda request: True)
    try:
        yield
    finally:
        patch.undo()
