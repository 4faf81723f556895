"""Evidence as it stands against its last version: a row changed past the triggers differs from it, or has none."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import Model
from psycopg import sql

from clee_portal.history import events_of
from clee_portal.history.sealing.findings import Finding, Kind

AT_ONCE = 500
STATEMENT = """
SELECT coalesce(e.{pk}, v.pgh_obj_id), v.pgh_id, e.{pk} IS NOT NULL, v.pgh_label = 'delete',
    array_remove(ARRAY[{differing}]::text[], NULL)
FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {events} ORDER BY pgh_obj_id, pgh_id DESC) v
FULL JOIN {table} e ON e.{pk} = v.pgh_obj_id
WHERE (e.{pk} IS NULL AND v.pgh_label <> 'delete') OR v.pgh_obj_id IS NULL
    OR (e.{pk} IS NOT NULL AND (v.pgh_label = 'delete' OR ({now}) IS DISTINCT FROM ({then})))
ORDER BY 1
"""


def evidence() -> list[type[Model]]:
    """Every model of evidence."""
    return [
        model
        for model in apps.get_models()
        if getattr(model, "is_evidence", False) and not hasattr(model, "pgh_tracked_model")
    ]


def differing() -> Iterator[Finding]:
    """Every row of evidence that is not what its last version says. Inside a transaction."""
    for model in sorted(evidence(), key=lambda one: one._meta.db_table):
        yield from _of(model)


def _of(model: type[Model]) -> Iterator[Finding]:
    events = events_of(model)
    copied = {field.column for field in events._meta.concrete_fields}
    columns = [one.column for one in model._meta.concrete_fields if one.column in copied]
    each = [sql.Identifier(one) for one in columns]
    statement = sql.SQL(STATEMENT).format(
        pk=sql.Identifier(model._meta.pk.column),
        events=sql.Identifier(events._meta.db_table),
        table=sql.Identifier(model._meta.db_table),
        now=sql.SQL(", ").join(sql.SQL("e.{}").format(one) for one in each),
        then=sql.SQL(", ").join(sql.SQL("v.{}").format(one) for one in each),
        differing=sql.SQL(", ").join(
            sql.SQL("CASE WHEN e.{0} IS DISTINCT FROM v.{0} THEN {1} END").format(one, sql.Literal(one.as_string()))
            for one in each
        ),
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.as_string())
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
                yield _told(model, *row)


def _told(model: type[Model], pk, version: int | None, stands: bool, is_removed: bool, columns: list[str]) -> Finding:
    where = f"{model._meta.db_table} {pk} ({model._meta.verbose_name})"
    if version is None:
        return Finding(Kind.UNTRACED, where, "it has no version: it was inserted past the triggers")
    if not stands:
        return Finding(Kind.REMOVED, where, f"it is gone, and version {version} is not of its removal")
    if is_removed:
        return Finding(Kind.INSERTED, where, f"it stands, though version {version} is of its removal")
    named = ", ".join(one.strip('"') for one in columns)
    return Finding(Kind.CHANGED, where, f"it differs from its last version ({version}) in {named}")
