"""Writing the record of access: one INSERT, after the page was made, and never in the way of it.

Pages about one officer call `saw`. Files need nothing: whatever leaves the portal as one is noticed by
`clee_portal.access_record`. Signing in, and failing to, are written by the sign-in. A row that cannot be written is an
error in the log with everything the row would have said, encrypted since logs hold nothing personal (`bin/manage
open_sealed` reads it), and the person still gets the page: a record that could stop the portal would be the first thing
to be switched off. Nothing here needs Redis.
"""

import json
import logging

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase

from clee_portal.accounts.encryption import encrypt
from clee_portal.history.models import Access

log = logging.getLogger(__name__)
FILES = ("text/csv", "text/calendar", "application/pdf", "application/vnd.", "application/zip")
_SEEN = "_records_seen"


def saw(request: HttpRequest, license_number: str, what: str) -> None:
    """Note that the page of this request shows the record of `license_number` to somebody else. Written when it is made
    (status 200), once a request."""
    request.__dict__.setdefault(_SEEN, {}).setdefault(license_number, what)


def signed_in(request: HttpRequest, user, how: str = "") -> None:
    """Write that `user` signed in; `how` is the way, for example "password" or "MO Login"."""
    _write(request, Access.Kind.SIGNED_IN, by=user, what=how[:200])


def sign_in_failed(request: HttpRequest, why: str, user=None) -> None:
    """Write that a sign-in failed; `user` where the address or identity tried belongs to an account. Never what was
    typed."""
    _write(request, Access.Kind.FAILED, by=user, what=why[:200])


def is_to_write(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether an answer shows an officer's record or hands out a file, to somebody who is signed in."""
    user = getattr(request, "user", None)
    if response.status_code != 200 or user is None or not user.is_authenticated:
        return False
    return bool(getattr(request, _SEEN, None)) or (request.method == "GET" and is_file(response))


def write(request: HttpRequest, response: HttpResponseBase, acting_as: str) -> None:
    """Write what an answer that `is_to_write` shows and hands out; `acting_as` is the hat it is worked on with."""
    about = {"by": request.user, "acting_as": acting_as[:200]}
    for license_number, what in getattr(request, _SEEN, {}).items():
        _write(request, Access.Kind.VIEWED, license_number=license_number, what=what[:200], **about)
    if request.method == "GET" and is_file(response):
        filters, rows = request.META.get("QUERY_STRING", "")[:500], getattr(response, "how_many", None)
        _write(request, Access.Kind.EXPORTED, what=name_of(request, response), filters=filters, rows=rows, **about)


def is_file(response: HttpResponseBase) -> bool:
    """Whether an answer is kept by whoever gets it: a table, a document, a calendar, anything with a file's name."""
    kind = response.headers.get("Content-Type", "")
    return kind.startswith(FILES) or "filename=" in response.headers.get("Content-Disposition", "")


def name_of(request: HttpRequest, response: HttpResponseBase) -> str:
    """What a file is called; else the address it came from."""
    _, _, name = response.headers.get("Content-Disposition", "").partition("filename=")
    return (name.strip('"') or request.path)[:200]


def address_of(request: HttpRequest) -> str | None:
    """The address of the machine, as rate limits see it (TRUSTED_PROXY_COUNT); None where it cannot be told."""
    try:
        return get_adapter(request).get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return None


def _write(request: HttpRequest, kind: str, **told) -> None:
    row = Access(kind=kind, address=address_of(request), **told)
    try:
        row.save(force_insert=True)
    except DatabaseError:
        words = {"kind": str(kind), "address": row.address, **{name: str(value) for name, value in told.items()}}
        log.exception("An access could not be written. Sealed: %s", encrypt(json.dumps(words)))
