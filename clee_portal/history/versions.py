"""Whether anything has changed: what was counted from the facts is kept under the version of the facts.

Redis has no part in it: what is kept lies in the portal's own cache (PostgreSQL), as everything that pages need.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models import Model

from clee_portal import history, replica
from clee_portal.accounts.models import User

Counted = TypeVar("Counted")
# Seconds. In doubt: somebody was writing at the very moment.
KEPT_FOR, KEPT_IN_DOUBT = 24 * 3600, 60
# So many of the latest rows of each history are looked at, beside the number of the last.
LOOKED_AT = 500


def last_change(models: Iterable[type[Model]]) -> tuple[str, bool]:
    """The version of everything kept in `models` (of evidence) and of who may sign in, and whether nobody was writing
    anything when it was read. One statement.

    The history only grows, and each of its rows takes the next number while its transaction is at work. One that is
    committed late can have a lower number than one committed before it: it is seen among the latest rows, and where
    somebody is writing just now the version is not taken as final.
    """
    tables = [connection.ops.quote_name(history.events_of(model)._meta.db_table) for model in models]
    last = ", ".join(
        "(SELECT concat(max(pgh_id), ':', sum(pgh_id)) FROM "  # noqa: S608 - our own tables  # nosec B608
        f"(SELECT pgh_id FROM {table} ORDER BY pgh_id DESC LIMIT {LOOKED_AT}) latest)"
        for table in tables
    )
    # Accounts have no history; of them only counts whether they may still be used.
    closed = f"(SELECT count(*) FROM {connection.ops.quote_name(User._meta.db_table)} WHERE NOT is_active)"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT concat_ws(',', {last}, {closed}), NOT EXISTS (SELECT FROM pg_stat_activity "  # noqa: S608  # nosec B608
            "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
        )
        known, is_quiet = cursor.fetchone()
    return hashlib.sha256(known.encode()).hexdigest()[:32], is_quiet


def kept(name: str, models: Iterable[type[Model]], count: Callable[[], Counted], *, every: int = 0) -> Counted:
    """What `count` says, from the cache where nothing in `models` has changed since; `name` tells it from others.

    Where something has changed, it may be so many seconds old (`every`): for counts of the whole state, which in a busy
    hour everybody who looks would count again. The page says so.
    """
    known, is_quiet = last_change(models)
    key, lately = f"{name}:{known}", f"{name}:lately"
    found = cache.get(key)
    if found is None and every:
        found = cache.get(lately)
    if found is None:
        found = replica.read(count)  # as far as the version that was just read, or further
        cache.set(key, found, KEPT_FOR if is_quiet else KEPT_IN_DOUBT)
        if every:
            cache.set(lately, found, every)
    return found
