"""How far the history is sealed and when it was last verified, as the people of POST see it."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from clee_portal import clock
from clee_portal.history.models import Seal, Verification
from clee_portal.history.sealing import marks
from clee_portal.history.sealing.tables import sealed_tables

# A row is sealed within a minute; one that waits longer than this means that no sealer is at work.
TOO_LONG = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Status:
    """`until`: everything written before is sealed (None: nothing is); `since`: when the oldest row was written that is
    not; `verified`: the last verification, if there was one."""

    until: dt.datetime | None
    since: dt.datetime | None
    verified: Verification | None

    @property
    def is_behind(self) -> bool:
        """Whether something waits to be sealed for too long."""
        return self.since is not None and clock.now() - self.since > TOO_LONG


def status() -> Status:
    """The present state. Four statements."""
    since = unsealed_since(marks.sealed_up_to())
    last = Seal.objects.order_by("-number").first()
    until = (since or clock.now()) if last else None
    return Status(until, since, Verification.objects.order_by("-ended_at").first())


def unsealed_since(tops: dict[str, int]) -> dt.datetime | None:
    """When the oldest version was written that no seal covers, in one statement; `tops`: how far each table is sealed.
    None: all are."""
    oldest = sql.SQL(" UNION ALL ").join(
        sql.SQL("(SELECT pgh_created_at FROM {} WHERE pgh_id > {} ORDER BY pgh_id LIMIT 1)").format(
            sql.Identifier(name), sql.Literal(tops.get(name, 0))
        )
        for name, table in sealed_tables().items()
        if table.tracked
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT min(pgh_created_at) FROM ({}) oldest").format(oldest).as_string())
        return cursor.fetchone()[0]
