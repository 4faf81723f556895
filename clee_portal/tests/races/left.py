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
WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+\"?(\w+)\"?", re.IGNORECASE)
# The tables that the triggers of each table write to.
_BY_TRIGGERS = """
SELECT t.tgrelid::regclass::text, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
"""


@cache
def _tables() -> dict[str, dict[str, models.Field]]:
    """Every table of the portal with its columns."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in NOT_READ:
            found[model._meta.db_table] = {field.column: field for field in model._meta.concrete_fields}
    return found


@cache
def _by_triggers() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_TRIGGERS)
        found: dict[str, set[str]] = {}
        for table, source in cursor.fetchall():
            found.setdefault(table.strip('"'), set()).update(WRITES.findall(source))
    return found


@cache
def _with_triggers(tables: frozenset[str]) -> tuple[str, ...]:
    """These tables, and those that their triggers write to."""
    found, latest = set(tables), set(tables)
    while latest:
        latest = {other for one in latest for other in _by_triggers().get(one, ())} - found
        found |= latest
    return tuple(sorted(found & set(_tables())))


def written(statements: Iterable[str]) -> frozenset[str]:
    """The tables that statements write to."""
    return frozenset(table for one in statements for table in WRITES.findall(one))


def now() -> int:
    """The moment: transactions that write from now on have a higher number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def since(moment: int, tables: frozenset[str], known: dict[tuple[str, str], str]) -> Counter:
    """The rows written since, each as far as it tells one outcome from another; `known` names rows (table and key)."""
    read = _with_triggers(tables)
    if not read:
        return Counter()
    statement = " UNION ALL ".join(
        f"SELECT '{one}', to_jsonb(x)::text FROM \"{one}\" x WHERE x.xmin::text::bigint >= %(since)s"  # noqa: S608
        for one in read
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": moment})
        return Counter((table, _told(table, json.loads(row), known)) for table, row in cursor.fetchall())


def _told(table: str, row: dict, known) -> tuple:
    return tuple(
        (column, told)
        for column, field in _tables()[table].items()
        if (told := _value(column, field, row.get(column), known)) not in (None, False, "")
    )


def _value(column: str, field: models.Field, value, known):
    """What of a column is the same whenever the same was done; numbers, moments and words are not."""
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


def difference(one: Counter, other: Counter) -> str:
    """What is in one and not in the other, in a few lines."""
    lines = []
    for sign, rows in (("+", one - other), ("-", other - one)):
        for (table, told), count in rows.items():
            said = " ".join(f"{name}={value}" for name, value in told if name not in ("pgh_created_at", "recorded_at"))
            lines.append(f"    {sign}{count} {table}: {said}")
    return "\n".join(lines[:10])
