"""What two acts left behind in the database: every row written since a moment, with what tells outcomes apart."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from django.apps import apps
from django.db import connection, models

# Written by whoever looks or signs in, and by nobody's act on a thing.
NOT_READ = {"django_session", "history_access", "django_content_type", "auth_permission", "django_migrations", "cache"}
# How many the list of a day held when it was made: who was joined with another since was two then, and is made one by
# the next list of the same day.
OF_ITS_MOMENT = {("compliance_listmade", "count"), ("compliance_listmadeevent", "count")}
WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+\"?(\w+)\"?", re.IGNORECASE)


@cache
def _tables() -> dict[str, dict[str, models.Field]]:
    """Every table of the portal with its columns."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in NOT_READ:
            found[model._meta.db_table] = {field.column: field for field in model._meta.concrete_fields}
    return found


def columns(table: str) -> dict[str, models.Field]:
    """The columns of a table."""
    return _tables()[table]


def written(statements: Iterable[str]) -> set[str]:
    """The tables that statements write to."""
    return {table for one in statements for table in WRITES.findall(one)} & set(_tables())


def now() -> int:
    """The moment: transactions that write from now on have a higher number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


@cache
def _touched() -> str:
    return " UNION ALL ".join(
        f"SELECT '{one}' WHERE EXISTS (SELECT FROM \"{one}\" x WHERE x.xmin::text::bigint >= %(since)s)"  # noqa: S608
        for one in _tables()
    )


def touched(moment: int, statements: Iterable[str]) -> set[str]:
    """The tables with rows written since, by whatever: statements, triggers, COPY; and those that the statements write
    to, since of rows that were deleted nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(_touched(), {"since": moment})
        return {table for (table,) in cursor.fetchall()} | written(statements)


def since(moment: int, tables: set[str], known: dict[tuple[str, str], str]) -> Counter:
    """The rows of the tables written since, each as far as it tells one outcome from another; `known` names rows (table
    and key)."""
    if not tables:
        return Counter()
    statement = " UNION ALL ".join(
        f"SELECT '{one}', to_jsonb(x)::text FROM \"{one}\" x WHERE x.xmin::text::bigint >= %(since)s"  # noqa: S608
        for one in sorted(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": moment})
        return Counter((table, _told(table, json.loads(row), known)) for table, row in cursor.fetchall())


def _told(table: str, row: dict, known) -> tuple:
    return tuple(
        (column, told)
        for column, field in _tables()[table].items()
        if (table, column) not in OF_ITS_MOMENT
        and (told := _value(column, field, row.get(column), known)) not in (None, False, "")
    )


def _value(column: str, field: models.Field, value, known):
    """What of a column is the same whenever the same was done; numbers, moments and words are not."""
    if column == "row":  # of a joined record: the number of a row in another table
        return ""
    if field.primary_key or column == "id":
        return known.get((field.model._meta.db_table, str(value)), "")
    if isinstance(field, models.ForeignKey):
        return None if value is None else known.get((field.related_model._meta.db_table, str(value)), "other")
    if column in ("pgh_context", "pgh_context_id"):
        return ""
    if column == "pgh_label":
        return value
    if isinstance(field, models.DateTimeField | models.UUIDField | models.BinaryField | models.FileField):
        return value not in (None, "")
    if isinstance(field, models.DateField | models.BooleanField | models.DecimalField):
        return None if value in (None, False) else str(value)
    if isinstance(field, models.IntegerField):
        return value if value is None or abs(value) < 100 else "large"
    if isinstance(field, models.CharField) and field.choices:
        return value
    return value not in (None, "", [], {})


def everything() -> dict[str, tuple[int, int]]:
    """Of every table how many rows it has, and a number that stands for what is in them."""
    statement = " UNION ALL ".join(
        f"SELECT '{one}', count(*), coalesce(sum(hashtextextended((to_jsonb(x) - 'content_hash')::text, 0)), 0) "  # noqa: S608
        f'FROM "{one}" x'
        for one in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {table: (count, int(total)) for table, count, total in cursor.fetchall()}


def difference(one: Counter, other: Counter) -> str:
    """What is in one and not in the other, in a few lines."""
    lines = []
    for sign, rows in (("+", one - other), ("-", other - one)):
        for (table, told), count in rows.items():
            said = " ".join(f"{name}={value}" for name, value in told if name not in ("pgh_created_at", "recorded_at"))
            lines.append(f"    {sign}{count} {table}: {said}")
    return "\n".join(lines[:10])
