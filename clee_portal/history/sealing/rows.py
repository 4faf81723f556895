"""The rows of a sealed table as they stand, in the order of their numbers, each with the hash of what it holds now."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from clee_portal.history.models import RowForm
from clee_portal.history.sealing import contents
from clee_portal.history.sealing.tables import SealedTable

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number, the thing it is a version of, the hash noted in it (None: from before there were any), and its
    content in the form it was written in."""

    number: int
    thing: int | None
    noted: bytes | None
    content: str

    @property
    def hash(self) -> bytes:
        """The hash of its content, taken here and not by the database."""
        return hashlib.sha256(self.content.encode()).digest()

    def numbered(self, number: int, key: str) -> bytes:
        """The hash its content would have under another number."""
        mine, other = f'{{"{key}":{self.number},', f'{{"{key}":{number},'
        if not self.content.startswith(mine):
            return b""
        return hashlib.sha256((other + self.content.removeprefix(mine)).encode()).digest()


class Rows:
    """All rows of one table, which has `columns` now, streamed once; inside a transaction, and a `with`."""

    def __init__(self, table: SealedTable, forms: list[RowForm], columns: set[str]):
        self.table = table
        self.forms = forms
        self.gone = {column for form in forms for column in form.columns} - columns
        self._cursor = connection.chunked_cursor()
        self._cursor.execute(self._statement().as_string())
        self._stream = self._read()
        self.next: Row | None = next(self._stream, None)

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *unused) -> None:
        self._cursor.close()

    @property
    def hashed_after(self) -> int:
        """The last row from before there were hashes."""
        return self.forms[-1].after_id

    def up_to(self, number: int) -> Iterator[Row]:
        """The rows up to a number that were not given yet."""
        while self.next is not None and self.next.number <= number:
            row, self.next = self.next, next(self._stream, None)
            yield row

    def rest(self) -> Iterator[Row]:
        """All rows that were not given yet."""
        while self.next is not None:
            row, self.next = self.next, next(self._stream, None)
            yield row

    def holds(self, row: Row, expected: bytes) -> bool:
        """Whether a row holds what makes the expected hash, in whichever form it was written."""
        if row.hash == expected:
            return True
        return len(self.forms) > 1 and any(
            hashlib.sha256(one.encode()).digest() == expected for one in self._in_every_form(row)
        )

    def _read(self) -> Iterator[Row]:
        while rows := self._cursor.fetchmany(AT_ONCE):
            for number, thing, noted, content in rows:
                yield Row(number, thing, None if noted is None else bytes(noted), content)

    def _content(self, form: RowForm) -> sql.Composable:
        return contents.content([one for one in form.columns if one not in self.gone])

    def _statement(self) -> sql.Composable:
        """Each row in the form that was the latest when its number was given."""
        key = sql.Identifier(self.table.key)
        cases = [
            sql.SQL("WHEN t.{} > {} THEN {}").format(key, sql.Literal(form.after_id), self._content(form))
            for form in self.forms[:-1]
        ]
        oldest = self._content(self.forms[-1])
        content = sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(cases), oldest) if cases else oldest
        thing = sql.Identifier(self.table.thing) if self.table.thing else sql.SQL("NULL::bigint")
        return sql.SQL("SELECT t.{0}, {1}, t.{2}, {3} FROM {4} t ORDER BY t.{0}").format(
            key, thing, sql.Identifier(contents.HASH), content, sql.Identifier(self.table.name)
        )

    def _in_every_form(self, row: Row) -> list[str]:
        each = sql.SQL(", ").join(self._content(form) for form in self.forms)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM {} t WHERE t.{} = %s")
                .format(each, sql.Identifier(self.table.name), sql.Identifier(self.table.key))
                .as_string(),
                [row.number],
            )
            return list(cursor.fetchone() or ())
