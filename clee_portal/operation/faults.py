"""The page that is shown while something is wrong on our side. It needs no database, keeps what was typed, and has a
reference by which the log tells what it was."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, QueryDict
from django.template import loader

from clee_portal import buckets

# Seconds after which a browser or a proxy may ask again.
TRY_AGAIN_AFTER = 30
# What was typed is on the page up to this size; a secret is on no page.
MOST_BYTES = 2 * 1024 * 1024
_SECRET = ("password", "code", "token", "secret", "login", "credential", "key1", "otp")
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# A database that only reads: another has taken over from it, or whoever runs it has stopped writing as its disk filled.
_ONLY_READS = "25006"


def is_of_the_servers(error: BaseException | None) -> bool:
    """Whether a server is away, only reads, or a disk is full: that passes, and the same will work later."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OperationalError | InterfaceError | buckets.Away):
            return True
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if getattr(error, "sqlstate", None) == _ONLY_READS:
            return True
        error = error.__cause__ or error.__context__
    return False


def server_error(request, *args, **kwargs) -> HttpResponse:
    """Django's handler of what no view expected: 503 where it passes by itself, else 500."""
    passes = is_of_the_servers(sys.exc_info()[1])
    status, reference = 503 if passes else 500, getattr(request, "reference", "")
    if request.headers.get("HX-Request") == "true":
        words = "The portal cannot be reached just now." if passes else "Something went wrong on our side."
        text = f"{words} What you typed is still here: try again in a minute. Reference: {reference}"
        response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    else:
        told = {"passes": passes, "reference": reference, "address": request.get_full_path(), **typed(request)}
        text = loader.get_template("500.html").render(told)
        response = HttpResponse(text, status=status)
    response["Cache-Control"] = "no-store"
    if passes:
        response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def bad_request(request, exception) -> HttpResponse:
    """Django's handler of what cannot be read: its page has the reference too. It asks nobody who is signed in, since
    that may be what cannot be read."""
    return HttpResponse(loader.get_template("400.html").render({"request": request}), status=400)


def typed(request) -> dict:
    """What was typed, to be sent again as it was: `fields` of (name, value), and `was_sent` whether anything was.
    `written` are those of more than one word, to be copied where sending again does not help either.

    Nothing of a form with a secret in it, or that is too large, or with files (they would have to be chosen again): the
    page then says how to go back to it.
    """
    if request.method != "POST":
        return {"was_sent": False, "fields": [], "written": []}
    given = sent_by(request)
    fields = [(name, value) for name, values in given.lists() for value in values]
    keeps_a_secret = any(word in name.lower() for name in given if name != _TOKEN for word in _SECRET)
    is_small = sum(len(name) + len(value) for name, value in fields) <= MOST_BYTES
    can_be_resent = fields and is_small and not keeps_a_secret and not request.FILES
    kept = fields if can_be_resent else []
    return {"was_sent": True, "fields": kept, "written": [value for _, value in kept if len(value.split()) > 1]}


def sent_by(request) -> QueryDict:
    """What the request carries; nothing where it cannot be read any more."""
    try:
        return request.POST
    except (OSError, ValueError):
        return QueryDict()
