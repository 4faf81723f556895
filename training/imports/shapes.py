"""The shape of a table: which row names its columns, and which field each column holds."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from openpyxl.utils import get_column_letter

from training.imports import limits
from training.imports.cells import as_text, is_blank
from training.imports.headers import IGNORE, Field, head_of, name_of, recognised
from training.imports.problems import Unreadable
from training.imports.reading import Table
from training.names import plain

NO_NAMES = 0  # the number of the row of names where a table has none
_SAMPLES = 3


@dataclass
class Shape:
    """A table's columns as recognised: names, a field for each ("-": left out), and the rows below the names."""

    header_row: int
    columns: list[str]
    fields: list[str]
    head: list[tuple[int, list]]
    rows: list[tuple[int, list]] = field(repr=False)

    def samples(self) -> list[list[str]]:
        """The first three different values of each column."""
        found: list[list[str]] = [[] for _ in self.columns]
        for _, row in self.rows[:400]:
            for at, cell in enumerate(row[: len(found)]):
                text = as_text(cell).strip()[:60]
                if text and len(found[at]) < _SAMPLES and text not in found[at]:
                    found[at].append(text)
        return found


def key_of(columns: Sequence[str]) -> str:
    """How shapes are compared: the names of the columns, whatever their case, blanks and punctuation."""
    names = [plain(name) for name in columns]
    while names and not names[-1]:
        names.pop()
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def names_of(row: Sequence) -> list[str]:
    """The names of columns a row holds, without empty ones at its end."""
    names = [name_of(cell) for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def read(
    table: Table,
    fields: Mapping[str, Field],
    *,
    header_row: int | None = None,
    remembered: Mapping[str, Sequence[str]] | None = None,
    most: int | None = None,
) -> Shape:
    """Read a whole table, or its first `most` rows, and find its shape. Raises `Unreadable`.

    The row of names is `header_row` where it is given (`NO_NAMES`: none), else one whose shape is remembered (by its
    key: the fields of its columns), else the one with the most names that are known, else the first one that looks
    like names. As many columns as the widest row has.
    """
    head = head_of(table)
    remembered = remembered or {}
    at = _row_of_names(head, fields, header_row, remembered)
    rows = [*islice(_checked(head if at is None else head[at + 1 :], table.rows), most)]
    width = max([len(names_of(head[at][1])) if at is not None else 0, *(_width(row) for _, row in rows)], default=0)
    if at is None:
        columns = [f"Column {get_column_letter(i + 1)}" for i in range(width)]
        given = remembered.get(key_of(columns), ())
    else:
        columns = names_of(head[at][1])
        given = remembered.get(key_of(columns)) or recognised(columns, fields)
        columns += [""] * (width - len(columns))
    known = [name if name in fields else IGNORE for name in given][:width]
    found = [*known, *[IGNORE] * (width - len(known))]
    return Shape(NO_NAMES if at is None else head[at][0], columns, found, head, rows)


def _row_of_names(head, fields, header_row: int | None, remembered) -> int | None:
    if header_row == NO_NAMES:
        return None
    for at, (number, row) in enumerate(head):
        if header_row is not None and number == header_row:
            return at
        if header_row is None and key_of(names_of(row)) in remembered:
            return at
    known = {key for one in fields.values() for key in one.spellings()}
    scores = [len({plain(as_text(cell)) for cell in row if isinstance(cell, str)} & known) for _, row in head]
    if max(scores):
        return scores.index(max(scores))
    texts = [sum(isinstance(cell, str) and not is_blank(cell) for cell in row) for _, row in head]
    return texts.index(max(texts)) if len(head) > 1 else None


def _checked(first: list, rest: Iterator) -> Iterator[tuple[int, list]]:
    count = cells = 0
    for rows in (first, rest):
        for number, row in rows:
            if all(is_blank(cell) for cell in row):
                continue
            count += 1
            cells += len(row)
            if count > limits.MOST_ROWS or cells > limits.MOST_CELLS:
                raise Unreadable(f"The file has more than {limits.MOST_ROWS:,} rows. Divide it into several.")
            yield number, row


def _width(row: Sequence) -> int:
    return next((at + 1 for at in range(len(row) - 1, -1, -1) if not is_blank(row[at])), 0)
