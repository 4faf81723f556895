"""What can be wrong with a file or a row, told so that whoever keeps the file can mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Unreadable(Exception):
    """The file cannot be read at all, or not with these options. `str()` is one line for the person at the screen."""


class Fate(StrEnum):
    """What became of a row. Every row read has exactly one."""

    RECORDED = "recorded"
    ALREADY_THERE = "already there"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row: its number in the file, the column (empty: the whole row), the value as given."""

    row: int
    column: str
    value: str
    wrong: str
    fix: str

    def __str__(self) -> str:
        if not self.column:
            where = ""
        else:
            shown = self.value if len(self.value) <= 60 else self.value[:57] + "…"
            where = f", column “{self.column}”" + (f", “{shown}”" if shown else ", empty")
        return f"row {self.row}{where}: {self.wrong} {self.fix}".strip()
