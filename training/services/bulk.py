"""Writing many rows at once, by PostgreSQL's COPY. Triggers, constraints and history see them like any other rows.

Nothing is checked here: whoever calls has checked the rows.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Model
from psycopg import sql


def database_now() -> dt.datetime:
    """The present moment by the database's clock, which is the one that stamps when a fact was recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]


def reserve_ids(model: type[Model], how_many: int) -> list[int]:
    """Primary keys that nobody else will get."""
    if not how_many:
        return []
    meta = model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, how_many],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_rows(model: type[Model], fields: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Add rows to a model's table: `fields` are the model's field names, each row has a value for each of them.

    Columns left out get their default of the database. Must run inside a transaction.
    """
    meta = model._meta
    columns = [meta.get_field(name).column for name in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        cursor.execute("VALUES (1)")  # carries who and why of the history into the transaction, which COPY cannot
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
