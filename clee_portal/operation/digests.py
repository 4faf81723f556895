"""What a database holds, in a few numbers: by them two are known to be equal, row by row and byte by byte."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from psycopg import sql

from training import exports

# What is not copied: who is signed in just now, failed tries of the last day, and what is counted anew at any time.
LEFT_OUT = ("accounts_attempt", "accounts_session", "cache")
# A moment, a number and a byte are written alike wherever it is asked.
_ALIKE = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
_TABLES = """
SELECT c.relname,
  (SELECT array_agg(a.attname ORDER BY array_position(i.indkey::int[], a.attnum::int))
   FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
   WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname
"""


class Held(NamedTuple):
    """What a table or a file of the register holds: how many rows, and a digest of them."""

    rows: int
    sha256: str


class Reader:
    """The program itself, which sees the whole register, as the state's people do."""

    is_authenticated = is_active = sees_the_state = True
    reads_medical = False

    def __init__(self):
        self._training_memberships = []


def of_tables(left_out: Iterable[str] = LEFT_OUT) -> dict[str, Held]:
    """Table -> what it holds: the digest is that of all its rows in the order of its key, as PostgreSQL copies them.

    To be called inside a transaction of one snapshot (REPEATABLE READ), so that all are of one moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE)
        cursor.execute(_TABLES)
        tables = [(table, keys) for table, keys in cursor.fetchall() if table not in set(left_out)]
        return {table: _of_table(cursor.cursor, table, keys) for table, keys in tables}


def _of_table(cursor, table: str, keys: list[str] | None) -> Held:
    name = sql.Identifier(table)
    whole = [sql.SQL("whole::text COLLATE {}").format(sql.Identifier("C"))]
    order = sql.SQL(", ").join([sql.Identifier(key) for key in keys] if keys else whole)
    digest, rows = hashlib.sha256(), 0
    with cursor.copy(sql.SQL("COPY (SELECT * FROM {} AS whole ORDER BY {}) TO STDOUT").format(name, order)) as copy:
        for row in copy:
            digest.update(row)
            rows += 1
    return Held(rows, digest.hexdigest())


def of_register() -> dict[str, Held]:
    """File of the register (`officers.csv`, `officers.jsonl`, …) -> its lines, in whatever order they come.

    These are the files that leave the portal (docs/exports.md), as they would be made at this moment of the portal's
    clock: some of their columns say how things are today.
    """
    return {
        f"{one.code}.{kind}": _of_lines(one.lines(Reader(), kind)) for one in exports.EXPORTS for kind in exports.KINDS
    }


def _of_lines(blocks: Iterable[bytes]) -> Held:
    """The sum of the digests of all lines: the same for the same lines in another order."""
    total, rows = 0, 0
    for block in blocks:
        for line in block.splitlines():
            total += int.from_bytes(hashlib.sha256(line).digest())
            rows += 1
    return Held(rows, f"{total % (1 << 256):064x}")
