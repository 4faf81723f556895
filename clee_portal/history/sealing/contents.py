"""The hash of what a row holds: taken by a trigger when the row is written, and taken again when it is verified.

The content of a row is the JSON of its columns in the order of its form (`RowForm`), with times in UTC and the hash
itself as null. Every sealed table gets its column `content_hash` and the trigger after a migration, as the owner; a
table made by a later migration too. Nothing of it stands in the models: no code reads or writes the column but this.
"""

from collections.abc import Iterator

from django.db import connection, connections, transaction
from psycopg import sql

from clee_portal.history.models import RowForm
from clee_portal.history.sealing.tables import sealed_tables

HASH = "content_hash"
AT_ONCE = 5_000
# What the columns of sealed tables may be: their JSON depends on no setting but the two of USUAL.
FIRM_TYPES = {"bool", "int2", "int4", "int8", "numeric", "float8", "text", "varchar", "bpchar", "date", "time",
              "timestamptz", "jsonb", "uuid", "inet", "_text", "_varchar", "_int4", "_int8", "bytea"}  # fmt: skip
# Whoever reads contents sets these first, in a transaction; the trigger sets them where they are otherwise.
USUAL = "SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1"

TAKE_HASH = """
CREATE OR REPLACE FUNCTION public.history_content_hash() RETURNS trigger LANGUAGE plpgsql AS $function$
DECLARE
    zone pg_catalog.text := pg_catalog.current_setting('TimeZone');
    digits pg_catalog.text := pg_catalog.current_setting('extra_float_digits');
    is_usual pg_catalog.bool := zone OPERATOR(pg_catalog.=) 'UTC' AND digits OPERATOR(pg_catalog.=) '1';
BEGIN
    NEW.content_hash := NULL;
    -- Written past the portal, by hand for example: who is the account of the database, and the program it came with.
    IF TG_NARGS OPERATOR(pg_catalog.>) 0 THEN  -- a table of versions
        IF NEW.pgh_context IS NULL THEN
            NEW.pgh_context := pg_catalog.jsonb_build_object(
                'role', session_user, 'program', pg_catalog.current_setting('application_name')
            );
        END IF;
    END IF;
    IF NOT is_usual THEN
        PERFORM pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('extra_float_digits', '1', true);
    END IF;
    NEW.content_hash := pg_catalog.sha256(
        pg_catalog.convert_to(pg_catalog.row_to_json(NEW)::pg_catalog.text, 'UTF8')
    );
    IF NOT is_usual THEN
        PERFORM pg_catalog.set_config('TimeZone', zone, true);
        PERFORM pg_catalog.set_config('extra_float_digits', digits, true);
    END IF;
    RETURN NEW;
END
$function$
"""
# pgtrigger lets any session say which triggers to pass by. Only the owner may: for the application's role every trigger
# of evidence holds, and only the count of seats, which proves nothing, can be put off while many are written.
MAY_BE_PASSED_BY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql
AS $function$
DECLARE
    asked pg_catalog.text := pg_catalog.current_setting('pgtrigger.ignore', true);
BEGIN
    IF asked IS NULL OR asked OPERATOR(pg_catalog.=) '' THEN
        RETURN false;
    END IF;
    RETURN trigger_name OPERATOR(pg_catalog.=) ANY (asked::pg_catalog.name[]) AND (
        pg_catalog.starts_with(trigger_name::pg_catalog.text, 'pgtrigger_seats_taken_')
        OR pg_catalog.pg_has_role(current_user, {owner}, 'USAGE')
    );
END
$function$
"""
AS_THEY_STAND = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum),
    EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'content_hash'),
    (SELECT f.columns FROM history_rowform f WHERE f.table_name = c.relname ORDER BY f.id DESC LIMIT 1)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = ANY(%s) GROUP BY c.oid, c.relname
"""


def install(using: str = "default", **kwargs) -> None:
    """Give every sealed table its hash, and note the form of its rows where it is a new one; runs after migrations, as
    the owner."""
    with connections[using].cursor() as cursor:
        if RowForm._meta.db_table not in connections[using].introspection.table_names(cursor):
            return
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
        cursor.execute(TAKE_HASH)
        cursor.execute(sql.SQL(MAY_BE_PASSED_BY).format(owner=sql.Literal(owner)))
        cursor.execute(AS_THEY_STAND, [list(sealed_tables())])
        for name, columns, has_trigger, form in sorted(cursor.fetchall()):
            if not has_trigger or columns != form:
                with transaction.atomic(using=using):
                    _bring_up(cursor, name, columns, has_trigger=has_trigger)


def _bring_up(cursor, name: str, columns: list[str], *, has_trigger: bool) -> None:
    table, column = sql.Identifier(name), sql.Identifier(HASH)
    if HASH not in columns:
        cursor.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {} bytea").format(table, column))
        columns = [*columns, HASH]
    if not has_trigger:
        cursor.execute(
            sql.SQL(
                "CREATE TRIGGER content_hash BEFORE INSERT ON {} "
                "FOR EACH ROW EXECUTE FUNCTION public.history_content_hash({})"
            ).format(table, sql.SQL("'pgh_context'" if sealed_tables()[name].tracked else ""))
        )
    # Nobody writes meanwhile: the table is locked, so every number given up to now is of the form before.
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(table))
    cursor.execute(
        "INSERT INTO history_rowform (table_name, columns, after_id) VALUES (%s, %s, "
        "coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass), 0))",
        [name, columns, name, sealed_tables()[name].key],
    )


def content(columns: list[str], *, row: str = "t") -> sql.Composable:
    """The SQL of the content of the row `row` of a table, in the form of `columns`."""
    given = sql.SQL(", ").join(
        sql.SQL("NULL::bytea AS {}").format(sql.Identifier(one))
        if one == HASH
        else sql.SQL("{}.{}").format(sql.Identifier(row), sql.Identifier(one))
        for one in columns
    )
    return sql.SQL("(SELECT pg_catalog.row_to_json(form)::text FROM (SELECT {}) form)").format(given)


def hash_of(columns: list[str], *, row: str = "t") -> sql.Composable:
    """The SQL of the hash of a row: that taken when it was written; of rows from before there were any, taken now."""
    return sql.SQL("coalesce({}.{}, sha256(convert_to({}, 'UTF8')))").format(
        sql.Identifier(row), sql.Identifier(HASH), content(columns, row=row)
    )


def forms() -> dict[str, list[RowForm]]:
    """The forms of every sealed table, the latest first."""
    found: dict[str, list[RowForm]] = {}
    for one in RowForm.objects.order_by("-id"):
        found.setdefault(one.table_name, []).append(one)
    return found


def hashes(name: str, after: int, up_to: int, form: RowForm, *, most: int | None = None) -> Iterator[tuple[int, bytes]]:
    """(number, hash) of the rows of a table numbered above `after` up to `up_to`, in their order, streamed; those that
    a tombstone stands for among them. Inside a transaction."""
    key = sql.Identifier(sealed_tables()[name].key)
    statement = sql.SQL(
        "SELECT number, hash FROM (SELECT t.{0} AS number, {1} AS hash FROM {2} t WHERE t.{0} > %s AND t.{0} <= %s "
        "UNION ALL SELECT row_id, decode(hash, 'hex') FROM history_tombstonerow "
        "WHERE table_name = %s AND row_id > %s AND row_id <= %s) rows ORDER BY number {3}"
    ).format(
        key,
        hash_of(form.columns),
        sql.Identifier(name),
        sql.SQL("") if most is None else sql.SQL("LIMIT {}").format(sql.Literal(most)),
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.as_string(), [after, up_to, name, after, up_to])
        while rows := cursor.fetchmany(AT_ONCE):
            for number, content_hash in rows:
                yield number, bytes(content_hash)


def columns_now() -> dict[str, set[str]]:
    """The columns every sealed table has now."""
    with connection.cursor() as cursor:
        cursor.execute(AS_THEY_STAND, [list(sealed_tables())])
        return {name: set(columns) for name, columns, _, _ in cursor.fetchall()}
