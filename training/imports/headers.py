"""Which column is which: the row of column names found, whatever stands above it, and each column given its field."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from training.imports import limits
from training.imports.cells import as_text, is_blank
from training.imports.problems import Unreadable
from training.imports.reading import Table
from training.names import plain, tidy

IGNORE = "-"


@dataclass(frozen=True)
class Field:
    """A field of an import: its name, what it is, and the column names it is recognised by."""

    name: str
    about: str
    known_as: tuple[str, ...] = ()

    def spellings(self) -> list[str]:
        """The names of columns as they are compared, the best first."""
        return [plain(name) for name in (self.name, *self.known_as)]


@dataclass
class Columns:
    """The columns of a file: names as given, the field of each position, values set for the whole file."""

    names: list[str]
    header_row: int
    fields: dict[str, int]
    settings: dict[str, str] = field(default_factory=dict)

    def column_of(self, name: str) -> str:
        """What people call the place of a field: its column, or that it was set."""
        at = self.fields.get(name)
        return f"--set {name}" if at is None and name in self.settings else "" if at is None else self.names[at]

    def has(self, name: str) -> bool:
        """Whether a field is given at all, by a column or for the whole file."""
        return name in self.fields or name in self.settings

    @property
    def unused(self) -> list[str]:
        """The columns that no field takes."""
        taken = set(self.fields.values())
        return [name for at, name in enumerate(self.names) if at not in taken and name]


def parse_assignments(given: Sequence[str], option: str, fields: Mapping[str, Field]) -> dict[str, str]:
    """Options such as `--map "Date=completed_on"` or `--set area=technical`, checked. Raises `Unreadable`."""
    found: dict[str, str] = {}
    for text in given:
        left, sign, right = text.rpartition("=") if option == "--map" else text.partition("=")
        left, right = left.strip(), right.strip()
        name = right if option == "--map" else left
        example = "COLUMN=field" if option == "--map" else "field=value"
        if not sign or not left or not name:
            raise Unreadable(f"{option} {text}: write it as {example}.")
        if name not in fields and not (option == "--map" and name == IGNORE):
            raise Unreadable(f"{option} {text}: there is no field “{name}”. The fields are: {', '.join(fields)}.")
        if left in found and found[left] != right:
            raise Unreadable(f"{option}: “{left}” is given twice.")
        found[left] = right
    return found


def find_columns(
    table: Table, fields: Mapping[str, Field], *, mapping: Mapping[str, str], settings: Mapping[str, str]
) -> tuple[Columns, Iterator[tuple[int, list]]]:
    """The columns of a table and the rows below their names. Raises `Unreadable` where no row names columns."""
    names: dict[str, str] = {}
    for one in fields.values():
        for key in one.spellings():
            names.setdefault(key, one.name)
    for column in mapping:
        names[plain(column)] = mapping[column]
    head = head_of(table)
    best, best_score = 0, 0
    for at, (_, row) in enumerate(head):
        keys = {plain(as_text(cell)) for cell in row if isinstance(cell, str)} & names.keys()
        score = len(keys) + 100 * any(plain(column) in keys for column in mapping)
        if score > best_score:
            best, best_score = at, score
    if not best_score:
        shown = "; ".join(_name(cell) for cell in head[0][1] if not is_blank(cell))[:200]
        known = ", ".join(fields)
        raise Unreadable(
            f"None of the first {len(head)} rows names columns that are known here (the first row is: {shown}). "
            f"Name them with --map COLUMN=field; the fields are: {known}."
        )
    number, row = head[best]
    columns = _columns([_name(cell) for cell in row], number, fields, mapping, settings)
    return columns, _from(head[best + 1 :], table.rows)


def head_of(table: Table) -> list[tuple[int, list]]:
    """The first rows that are not blank, among which the column names are looked for. Raises `Unreadable`."""
    head: list[tuple[int, list]] = []
    for number, row in table.rows:
        if not all(is_blank(cell) for cell in row):
            head.append((number, row))
        if len(head) >= limits.ROWS_TO_LOOK_FOR_NAMES:
            break
    if not head:
        raise Unreadable("The file has no rows.")
    return head


def recognised(names: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    """The field of each column by its name, `IGNORE` where none is known."""
    columns = _columns(list(names), 0, fields, {}, {})
    found = [IGNORE] * len(names)
    for name, at in columns.fields.items():
        found[at] = name
    return found


def name_of(cell) -> str:
    """A cell as the name of a column."""
    return _name(cell)


def _from(first: list, rest: Iterator) -> Iterator:
    yield from first
    yield from rest


def _name(cell) -> str:
    return re.sub(r"^'(?=[=+@-])", "", tidy(as_text(cell)))


def _columns(names: list[str], number: int, fields, mapping, settings) -> Columns:
    while names and not names[-1]:
        names.pop()
    keys = [plain(name) for name in names]
    taken: dict[str, int] = {}
    ignored: set[int] = set()
    for column, name in mapping.items():
        at = next((i for i, given in enumerate(names) if given == tidy(column)), None)
        if at is None:
            at = next((i for i, key in enumerate(keys) if key and key == plain(column)), None)
        if at is None:
            raise Unreadable(
                f"There is no column “{column}”. The columns (row {number}) are: {', '.join(n for n in names if n)}."
            )
        if name == IGNORE:
            ignored.add(at)
        elif taken.setdefault(name, at) != at:
            raise Unreadable(f"Two columns are mapped to {name}: “{names[taken[name]]}” and “{names[at]}”.")
        elif name in settings:
            raise Unreadable(f"{name} is both mapped to “{column}” and set to “{settings[name]}”: choose one.")
    used = set(taken.values()) | ignored
    for one in fields.values():
        if one.name in taken or one.name in settings:
            continue
        for key in one.spellings():
            at = next((i for i, given in enumerate(keys) if given == key and i not in used), None)
            if at is not None:
                taken[one.name] = at
                used.add(at)
                break
    return Columns(names, number, taken, dict(settings))
