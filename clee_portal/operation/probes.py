"""What those ask who watch over the portal: does it live, is it ready, how is it. Nobody signs in for that, and nothing
is told that is anybody's.

Answered before anything else: by whatever host name, over http too, without a session.
"""

import secrets
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpResponse
from redis import Redis, RedisError

from clee_portal.operation import metrics

PATIENCE = 2  # seconds to wait for the broker


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this release."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def database() -> str:
    """Why the database cannot be used; empty where it can."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "PostgreSQL does not answer"
    return ""


def migrations() -> str:
    """Which migrations of this release the database lacks; empty where it has all. Later ones do no harm."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            missing = sorted(_known_migrations() - set(cursor.fetchall()))
    except DatabaseError:
        return "cannot be read"
    return f"{len(missing)} not applied, the first is {'.'.join(missing[0])}" if missing else ""


def broker() -> str:
    """Why the broker cannot be used; empty where it can. Pages work without it."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as asked:
            asked.ping()
    except (RedisError, OSError):
        return "Redis does not answer (pages work; what is queued is caught up with)"
    return ""


PARTS: dict[str, Callable[[], str]] = {"database": database, "migrations": migrations, "broker": broker}
# What a web server needs to be sent people: the broker is not among it, since nobody has to wait for that.
OF_THE_WEB = ("database", "migrations")


class ProbesMiddleware:
    """`/healthz`, `/readyz`, `/readyz/web` and `/metrics`."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.answers = {
            "/healthz": lambda request: _text("the process lives"),
            "/readyz": lambda request: ready(PARTS),
            "/readyz/web": lambda request: ready(OF_THE_WEB),
            "/metrics": measured,
        }

    def __call__(self, request):
        """The answer to one who watches, else the page."""
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _text("only GET", status=405)
        return answer(request)


def ready(parts) -> HttpResponse:
    """200 where every one of `parts` can be used, else 503; a line for each, in plain words."""
    wrong = {name: PARTS[name]() for name in parts}
    lines = [f"{name}: {why or 'ready'}" for name, why in wrong.items()]
    return _text("\n".join(lines), status=503 if any(wrong.values()) else 200)


def measured(request) -> HttpResponse:
    """The measures, to whoever has METRICS_TOKEN; without that setting there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN:
        return _text("nothing here", status=404)
    if not secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return _text("Authorization: Bearer with METRICS_TOKEN is needed", status=401)
    return HttpResponse(metrics.told(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _text(words: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
