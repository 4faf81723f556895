"""What guards the history as it goes on: the triggers that copy, refuse and hash, all standing, on and unchanged."""

from collections.abc import Iterator

import pgtrigger
from django.db import connection
from psycopg import sql

from clee_portal.history.sealing import contents
from clee_portal.history.sealing.findings import Finding, Kind
from clee_portal.history.sealing.tables import sealed_tables

STANDING = """
SELECT c.relname, t.tgname, t.tgenabled::text, p.prosrc FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
IGNORING = """
SELECT prosrc, pg_get_userbyid(proowner) FROM pg_proc
WHERE proname = '_pgtrigger_should_ignore' AND pronamespace = 'public'::regnamespace
"""


def missing() -> Iterator[Finding]:
    """Every guard that does not stand as it should."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        standing = {(table, name): (enabled, source) for table, name, enabled, source in cursor.fetchall()}
        cursor.execute(IGNORING)
        ignoring = cursor.fetchall()
    for (table, name), source in sorted(_expected().items()):
        enabled, found = standing.get((table, name), ("", ""))
        if not enabled:
            yield Finding(Kind.GUARD, table, f"its trigger {name} is gone")
        elif enabled not in ("O", "A"):
            yield Finding(Kind.GUARD, table, f"its trigger {name} is switched off")
        elif found != source:
            yield Finding(Kind.GUARD, table, f"its trigger {name} does something else than it should")
    for source, owner in ignoring:
        literal = sql.Literal(owner).as_string()
        if source != contents.MAY_BE_PASSED_BY.format(owner=literal).split("$function$")[1]:
            what = "any session may pass triggers by: it is not the one of the portal (manage.py migrate puts it right)"
            yield Finding(Kind.GUARD, "_pgtrigger_should_ignore", what)


def _expected() -> dict[tuple[str, str], str]:
    """(table, trigger) -> the source of its function."""
    found = {}
    for model, trigger in pgtrigger.registered():
        if any(hasattr(model, name) for name in ("is_evidence", "pgh_tracked_model", "is_never_changed")):
            # The second function that is made with a trigger is its own.
            source = trigger.compile(model).install_sql.split("$$")[3]
            found[model._meta.db_table, trigger.get_pgid(model)] = source
    source = contents.TAKE_HASH.split("$function$")[1]
    return found | {(name, "content_hash"): source for name in sealed_tables()}
