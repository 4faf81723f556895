"""How far may be sealed: up to a number below which nobody can add a row any more.

A row takes the next number of its sequence while its transaction is at work, so numbers are committed out of order:
41 may be there when 40 still comes, or never does. So a mark is set at the last number given, and with it is noted
who had the table open for writing just after. Whoever took a number up to the mark holds that lock, since it is taken
before the number and given back after the commit. Once all of those are through, every row up to the mark that will
ever be there is there. A transaction that began later is not waited for, so marks are always reached; one that takes
an hour delays the seal of the tables it writes by that hour, and of no other. Nobody waits for a mark.
"""

from django.db import connection

from clee_portal import clock
from clee_portal.history.models import SealMark
from clee_portal.history.sealing.tables import sealed_tables

LAST_NUMBERS = """
SELECT name, coalesce(pg_sequence_last_value(pg_get_serial_sequence(name, key)::regclass), 0)
FROM unnest(%s::text[], %s::text[]) AS asked(name, key) WHERE to_regclass(name) IS NOT NULL
"""
SEALED = """
SELECT name, (SELECT max(up_to_id) FROM history_sealpart WHERE table_name = name) FROM unnest(%s::text[]) AS asked(name)
"""
# Who has a table open so that it may add rows. A prepared transaction has a line too; our own adds nothing.
WRITERS = """
SELECT c.relname, array_agg(DISTINCT l.virtualtransaction) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.granted AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND l.pid IS DISTINCT FROM pg_backend_pid() AND c.relname = ANY(%s) GROUP BY c.relname
"""


def last_numbers() -> dict[str, int]:
    """The last number given in every sealed table."""
    tables = sealed_tables().values()
    with connection.cursor() as cursor:
        cursor.execute(LAST_NUMBERS, [[one.name for one in tables], [one.key for one in tables]])
        return dict(cursor.fetchall())


def sealed_up_to() -> dict[str, int]:
    """The last number sealed in every table that has a seal."""
    with connection.cursor() as cursor:
        cursor.execute(SEALED, [list(sealed_tables())])
        return {name: last for name, last in cursor.fetchall() if last is not None}


def _writers() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [list(sealed_tables())])
        return {name: set(who) for name, who in cursor.fetchall()}


def ready() -> dict[str, tuple[int, int]]:
    """Tables that can be sealed now: name -> (after, up to). Sets marks where there are none, and notes who is through.

    To be called by one at a time, in a transaction that reads what is committed.
    """
    sealed = sealed_up_to()
    marks = {one.table_name: one for one in SealMark.objects.all()}
    new = {
        name: SealMark(table_name=name, up_to_id=last, waits_for=[], noted_at=clock.now())
        for name, last in last_numbers().items()
        if last > sealed.get(name, 0) and (name not in marks or marks[name].up_to_id <= sealed.get(name, 0))
    }
    writers = _writers()  # after the numbers, never before
    for name, mark in new.items():
        mark.waits_for = sorted(writers.get(name, ()))
    for name, mark in marks.items():
        if name not in new:
            mark.waits_for = sorted(set(mark.waits_for) & writers.get(name, set()))
    marks |= new
    SealMark.objects.bulk_create(
        marks.values(),
        update_conflicts=True,
        unique_fields=["table_name"],
        update_fields=["up_to_id", "waits_for", "noted_at"],
    )
    return {
        name: (sealed.get(name, 0), mark.up_to_id)
        for name, mark in sorted(marks.items())
        if not mark.waits_for and mark.up_to_id > sealed.get(name, 0)
    }
