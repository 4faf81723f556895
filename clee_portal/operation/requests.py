"""Every request has an id: in the log, in the answer, and on the page that says that something went wrong."""

import logging
import re
import secrets
import time

from django.conf import settings

from clee_portal.operation import logs, metrics

log = logging.getLogger("clee_portal.requests")
HEADER = "X-Request-ID"
# What proxies make: hexadecimal digits, with hyphens. Anything else could be somebody's name or number.
_SHAPE = re.compile(r"[0-9a-fA-F][0-9a-fA-F-]{15,63}\Z")


def new_id() -> str:
    """An id that can be read out on the telephone: 3f9a-2c1b-77de-0a41."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def id_of(request) -> str:
    """The id the proxy gave the request, where there is a proxy (BEHIND_PROXY) and it has the shape of one; else a new
    one."""
    given = request.headers.get(HEADER, "")
    return given if settings.BEHIND_PROXY and _SHAPE.match(given) else new_id()


class RequestMiddleware:
    """The first of all: gives the request its id, and tells log and metrics how it went."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """The answer, with the id in its header."""
        request.reference = id_of(request)
        began = time.perf_counter()
        token, named = logs.reference.set(request.reference), logs.page.set("")
        try:
            response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - began)
        finally:
            logs.reference.reset(token)
            logs.page.reset(named)
        response[HEADER] = request.reference
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        """The page is known from here on."""
        logs.page.set(request.resolver_match.view_name)

    @staticmethod
    def _tell(request, response, seconds: float) -> None:
        if request.path.startswith(settings.STATIC_URL):
            return
        name = request.resolver_match.view_name if request.resolver_match else "none"
        metrics.saw(view=name, method=request.method, status=response.status_code, seconds=seconds)
        user = request.__dict__.get("_cached_user")  # only where somebody asked: nothing is read for the log
        told = {"method": request.method, "status": response.status_code, "milliseconds": round(seconds * 1000, 1)}
        log.info("%s", "answered", extra=told | {"page": name, "account": getattr(user, "pk", None)})
