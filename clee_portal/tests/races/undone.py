"""A race taken out of the database again, so that one prepared thing serves every pair of its kind: making a case that
lies before the Director takes longer than ten races about it.
"""

from functools import cache

import pgtrigger
from django.conf import settings
from django.db import connection, transaction

from clee_portal.tests.races import left

# Triggers that are not pgtrigger's own and would refuse what was there before, or look for what is not back yet.
LAID_DOWN_BY_HAND = {"training_licenseevent": "only_the_director", "training_trainingrecord": "course_of_class"}


class Before:
    """The tables as they were when a thing had been made and nobody had touched it."""

    def __init__(self):
        self.kept: set[str] = set()

    def keep(self, tables: set[str]) -> None:
        """Keep these tables, unless they are kept; nothing is done to the thing yet."""
        if tables <= self.kept:
            return
        with _as_owner() as cursor:
            for table in tables - self.kept:
                cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{_kept(table)}"')
                cursor.execute(f'CREATE TEMP TABLE "{_kept(table)}" AS TABLE public."{table}"')
        self.kept |= tables

    def bring_back(self, moment: int, tables: set[str]) -> bool:
        """Make these tables what they were: rows written since the moment go, those that were there come back. False,
        and nothing is done, where one of the tables was not kept."""
        if not tables <= self.kept:
            return False
        with _as_owner() as cursor:
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [_triggers()])
            by_hand = [(one, LAID_DOWN_BY_HAND[one]) for one in tables if one in LAID_DOWN_BY_HAND]
            for table, trigger in by_hand:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"')
            for table in tables:
                cursor.execute(f'DELETE FROM "{table}" WHERE xmin::text::bigint >= %s', [moment])  # noqa: S608
            for table in tables:
                columns, key = _columns(table)
                cursor.execute(
                    f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM pg_temp."{_kept(table)}" k '  # noqa: S608
                    f'WHERE NOT EXISTS (SELECT FROM "{table}" t WHERE t."{key}" = k."{key}")'
                )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table, trigger in by_hand:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{trigger}"')
        return True


class _as_owner:
    """A cursor of the owner, in a transaction; the application's role again when it is through."""

    def __enter__(self):
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self._cursor = connection.cursor()
        self._cursor.execute("RESET ROLE")
        return self._cursor

    def __exit__(self, *error):
        if error[0] is None:
            self._cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')
        self._cursor.close()
        return self._atomic.__exit__(*error)


def _kept(table: str) -> str:
    return f"before_{table}"[:63]


@cache
def _triggers() -> str:
    """Every trigger that the owner may pass by, as pgtrigger writes them."""
    return "{" + ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered()) + "}"


@cache
def _columns(table: str) -> tuple[str, str]:
    """The columns of a table that are written, and its key."""
    columns = left.columns(table)
    key = next(name for name, field in columns.items() if field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [f'public."{table}"'],
        )
        return ", ".join(f'"{name}"' for (name,) in cursor.fetchall()), key
