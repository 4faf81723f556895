"""Rows written with COPY: many at once, with ids from the tables' own sequences and the history triggers on."""

import datetime as dt
from collections.abc import Iterable
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import sql

NULL = r"\N"
BLOCK = 5_000
_SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def text(value) -> str:
    """A value as COPY's text format wants it."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_SPECIAL)
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def line(*values) -> str:
    """One row of COPY's text format."""
    return "\t".join(map(text, values))


def array(values: Iterable[str]) -> str:
    """A text array as PostgreSQL reads it."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def credit(lines, areas: dict, topics: dict) -> tuple[str, ...]:
    """Hours of an area and topic as the last three columns (area, topic, hours) of rows; hundredths become hours."""
    return tuple(f"\t{areas[area]}\t{topics[topic]}\t{hours / 100:.2f}" for area, topic, hours in lines)


class Days:
    """Days as ordinals, and their text: a state holds each of a few thousand days many times."""

    def __init__(self):
        self._known: dict[int, str] = {}

    def text(self, day: int | None) -> str:
        """The ISO date of an ordinal day."""
        if day is None:
            return NULL
        if (known := self._known.get(day)) is None:
            known = self._known[day] = dt.date.fromordinal(day).isoformat()
        return known


def reserve(model, count: int) -> int:
    """The first of `count` ids in a row, taken from the model's sequence."""
    if not count:
        return 0
    table = model._meta.db_table
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT min(id), max(id) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS id "
                "FROM generate_series(1, %s)) AS taken",
                [table, count],
            )
            first, last = cursor.fetchone()
            if last - first + 1 == count:  # otherwise somebody else drew from the sequence meanwhile
                return first


def copy(model, columns: Iterable[str], rows: list[str]) -> int:
    """Copy `rows` (text lines) into the columns of a model's table; the number of rows."""
    if not rows:
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as stream:
        for start in range(0, len(rows), BLOCK):
            stream.write("\n".join(rows[start : start + BLOCK]) + "\n")
    return len(rows)


@contextmanager
def in_missouri_time():
    """A transaction in which moments without a zone are Missouri's, and whose history says why."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Run through Django, so that the history's context is set for the whole transaction, COPY included.
        cursor.execute("SET LOCAL TIME ZONE 'America/Chicago'")
        yield
        cursor.execute(f"SET LOCAL TIME ZONE '{connection.timezone_name}'")


def analyze(models: Iterable[type]) -> bool:
    """Refresh the planner's figures where this role may; whether it may. (The application's role may not.)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
            [next(iter(models))._meta.db_table],
        )
        if not cursor.fetchone()[0]:
            return False
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    return True
