"""Reading from a copy of the database that follows it (REPLICA_URL), and never anything older than the database.

What is large or public is read there: the calendar, the counts of the whole state, whole files. Before each of them
both servers are asked how far they are. The replica answers only where it has everything the database had at that
moment; one that is behind for longer than REPLICA_WAIT, paused, cut off or away is passed by, and the database answers.
So nobody reads the state from before an own act, and no page has to say how old it is.

A verdict, a person's own pages and everything that writes never come here.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

Answer = TypeVar("Answer")
REPLICA = "replica"
# Seconds in which one that did not answer is not asked again.
LEFT_ALONE = 5.0
_LOOK_AGAIN = 0.005
_in_use: ContextVar[bool] = ContextVar("replica_in_use", default=False)
_away_until = 0.0
log = logging.getLogger(__name__)


class Router:
    """Where Django reads and writes: the database, and inside `read` the replica."""

    def db_for_read(self, model, **hints) -> str:
        """Also for what hangs on a row that was read there: outside of `read` the database is asked."""
        return alias()

    def db_for_write(self, model, **hints) -> str:
        """The database."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints) -> bool:
        """Rows of both are rows of one database."""
        return True

    def allow_migrate(self, db, app_label, **hints) -> bool:
        """The replica gets what the database has."""
        return db == DEFAULT_DB_ALIAS


def alias() -> str:
    """Which of the two is read from just here."""
    return REPLICA if _in_use.get() else DEFAULT_DB_ALIAS


def connection_to_read() -> BaseDatabaseWrapper:
    """The connection of it, for statements written by hand."""
    return connections[alias()]


def read(work: Callable[[], Answer]) -> Answer:
    """What `work`, which only reads, says: from the replica where that is as far as the database, else from the
    database; also where the replica is lost in the middle of it."""
    if is_up_to_now():
        try:
            return _read_from(True, work)
        except (OperationalError, InterfaceError) as lost:
            _pass_by(lost)
    return _read_from(False, work)


def _read_from(is_replica: bool, work: Callable[[], Answer]) -> Answer:
    token = _in_use.set(is_replica)
    try:
        return work()
    finally:
        _in_use.reset(token)


def reads(view: Callable) -> Callable:
    """A view that only reads, its page included."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        def page():
            response = view(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

        if settings.REPLICA_URL and request.method in ("GET", "HEAD"):
            return read(page)
        return view(request, *args, **kwargs)

    return answer


class FromReplicaMixin:
    """For a view that only reads; put it first."""

    @classmethod
    def as_view(cls, **initkwargs):
        """Everything of it, from its beginning to its page."""
        return reads(super().as_view(**initkwargs))


def is_up_to_now() -> bool:
    """Whether the replica has everything the database has at this moment; it is given REPLICA_WAIT seconds to get it.

    Never inside a transaction: what that has written only its own connection sees.
    """
    if not settings.REPLICA_URL or time.monotonic() < _away_until:
        return False
    database = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        return False
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        until = cursor.fetchone()[0]
    end = time.monotonic() + settings.REPLICA_WAIT
    try:
        while not _has(until):
            if time.monotonic() > end:
                return False
            time.sleep(_LOOK_AGAIN)
    except (OperationalError, InterfaceError) as lost:
        _pass_by(lost)
        return False
    return True


def _has(until: str) -> bool:
    """Whether the replica, which must be one still, has replayed up to a place in the log of the database."""
    with connections[REPLICA].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn", [until])
        return bool(cursor.fetchone()[0])


def _pass_by(lost: Exception) -> None:
    """It is not asked for a while."""
    global _away_until
    _away_until = time.monotonic() + LEFT_ALONE
    log.warning("The replica does not answer, so the database is asked: %s", type(lost).__name__)
    connections[REPLICA].close()
