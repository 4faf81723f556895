"""How whole files leave the portal: straight from PostgreSQL, in blocks, as CSV or JSON Lines.

The rows go out as they come (`COPY … TO STDOUT`): a file of any length takes the memory of one block.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from training.escaping import STARTS

_BLOCK = 1 << 16
# JSON holds no raw control characters, so nothing is ever quoted or split.
_JSON_LINES = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, what it means, where it comes from, and how it is written (`text`, `date`,
    `moment`, `number`, `hours`, `yes_no`)."""

    name: str
    meaning: str
    source: str | Combinable | Callable[[], Combinable]
    kind: str = "text"

    @property
    def expression(self) -> Combinable:
        """What is selected; what depends on the day is asked for when the file is made."""
        if isinstance(self.source, str):
            return F(self.source)
        return self.source() if callable(self.source) else self.source


@dataclass(frozen=True, slots=True)
class Export:
    """One file: `rows` gives what of it a person may see, `columns` what stands in each row.

    `closed` names the columns that the law keeps from the public: they are there, and say so in every row.
    """

    code: str
    title: str
    sentence: str
    rows: Callable[..., QuerySet]
    columns: tuple[Column, ...]
    closed: tuple[str, ...] = ()

    def queryset(self, user) -> QuerySet:
        """The rows open to `user`, with the columns in their order."""
        named = {f"x_{one.name}": one.expression for one in self.columns}
        return self.rows(user).annotate(**named).values_list(*named)

    def how_many(self, user, *, using: str = DEFAULT_DB_ALIAS) -> int:
        """How many rows the file has for `user`."""
        return self.rows(user).using(using).count()

    def lines(self, user, kind: str, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[bytes]:
        """The file as `csv` or `jsonl`, in blocks, read by the connection `using`. UTF-8; a CSV begins with the mark
        that Excel looks for."""
        # Whoever sees nothing gets the header and no row.
        inner, params = self.queryset(user).query.get_compiler(connection=connection, elide_empty=False).as_sql()
        written = ", ".join(_written(kind, one) for one in self.columns)
        select = f"SELECT {written} FROM ({inner}) AS found"  # noqa: S608 - names of ours; values are parameters  # nosec B608
        if kind == "csv":
            yield "\ufeff".encode()
            yield from _copied(f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER)", params, using)
        else:
            as_json = f"SELECT row_to_json(one) FROM ({select}) AS one"  # noqa: S608 - as above  # nosec B608
            yield from _copied(f"COPY ({as_json}) TO STDOUT ({_JSON_LINES})", params, using)


_STARTS = ", ".join(f"chr({ord(one)})" for one in STARTS)
_ESCAPED = f"CASE WHEN left({{0}}, 1) IN ({_STARTS}) THEN '''' || {{0}} ELSE {{0}} END"
_MOMENT = "to_char({0} AT TIME ZONE 'America/Chicago', 'YYYY-MM-DD HH24:MI')"
_WRITTEN = {
    "csv": {
        "text": _ESCAPED,
        "date": "{0}",
        "moment": _MOMENT,
        "number": "{0}",
        "hours": "trim_scale({0})",
        "yes_no": "CASE WHEN {0} THEN 'yes' ELSE 'no' END",
    },
    "jsonl": {
        "text": "{0}",
        "date": "{0}",
        "moment": _MOMENT,
        "number": "{0}",
        "hours": "trim_scale({0})",
        "yes_no": "{0}",
    },
}


def _written(kind: str, column: Column) -> str:
    """A column as it is selected, under its own name."""
    return _WRITTEN[kind][column.kind].format(f'"x_{column.name}"') + f' AS "{column.name}"'


def _copied(statement: str, params: tuple, using: str) -> Iterator[bytes]:
    """What PostgreSQL writes, in blocks; it is told to stop where nobody reads on."""
    block = bytearray()
    with connections[using].cursor() as cursor, cursor.cursor.copy(statement, params) as copy:
        for row in copy:
            block += row
            if len(block) >= _BLOCK:
                yield bytes(block)
                block.clear()
    yield bytes(block)
