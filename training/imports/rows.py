"""One row of a file while it is checked: its values by field, its problems, and what became of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from training.imports.cells import CellError, Formula, as_text, is_blank
from training.imports.dates import read_date
from training.imports.headers import Columns
from training.imports.problems import Fate, Problem
from training.wrong import Wrong

_ESCAPED = ("'=", "'+", "'-", "'@")  # as files written here have it (training.escaping)


@dataclass(frozen=True)
class Setting:
    """What every row of a run shares."""

    columns: Columns
    today: dt.date
    epoch: dt.datetime
    how_to_give: str = "Give the column with --map COLUMN={}."


class Row:
    """A row with its number in the file. Readers note what is wrong instead of raising, so that all of it is told."""

    __slots__ = (
        "cells",
        "fate",
        "gives_nothing",
        "is_for_post",
        "notice",
        "number",
        "problems",
        "record",
        "setting",
        "why",
    )

    def __init__(self, number: int, cells: list, setting: Setting):
        self.number = number
        self.cells = cells
        self.setting = setting
        self.reset()

    def reset(self) -> None:
        """Forget what became of it: the row is taken anew."""
        self.fate: Fate | None = None
        self.problems: list[Problem] = []
        self.why = ""
        self.notice = ""
        self.record = None  # of training: the record it gave, or the one that was there (`class_records.Held`)
        self.gives_nothing = False  # refused, and rightly so: there is nothing to mend
        self.is_for_post = False  # refused, and only POST can say more

    def raw(self, name: str):
        """The cell of a field, or the value set for the whole file; None where nothing stands. Raises `Wrong`."""
        columns = self.setting.columns
        at = columns.fields.get(name)
        if at is not None and at < len(self.cells):
            cell = self.cells[at]
            if isinstance(cell, Formula):
                raise Wrong(f"Cell {cell.place} holds a formula.", "Replace it by its value (copy, paste values).")
            if isinstance(cell, CellError):
                raise Wrong(f"Cell {cell.place} shows the error {cell.text}.", "Replace it by the right value.")
            if not is_blank(cell):
                if isinstance(cell, str) and cell.startswith(_ESCAPED):
                    return cell[1:]
                return cell
        return columns.settings.get(name) or None

    def has(self, *names: str) -> bool:
        """Whether anything stands in one of the fields."""
        columns = self.setting.columns
        for name in names:
            if not columns.has(name):
                continue
            try:
                if self.raw(name) is not None:
                    return True
            except Wrong:
                return True
        return False

    def read(self, name: str, reader: Callable, *more, default=None, **options):
        """The value of a field by `reader`, `default` where it is empty; what is wrong is noted."""
        columns = self.setting.columns
        if name not in columns.fields and not columns.settings.get(name):
            return default
        try:
            raw = self.raw(name)
            return default if raw is None else reader(raw, *more, **options)
        except Wrong as wrong:
            self.refuse(name, wrong.wrong, wrong.fix)
            return default

    def need(self, name: str, reader: Callable, *more, what: str, **options):
        """As `read`, for a field that must be given; `what` says what is missing."""
        known = len(self.problems)
        value = self.read(name, reader, *more, **options)
        if (value is None or value == "") and len(self.problems) == known:
            fix = "Fill it in." if self.setting.columns.has(name) else self.setting.how_to_give.format(name)
            self.refuse(name, f"There is no {what}.", fix)
        return value

    def date(self, name: str) -> dt.date | None:
        """The day in a field."""
        return self.read(name, read_date, today=self.setting.today, epoch=self.setting.epoch)

    def past_date(self, name: str, what: str) -> dt.date | None:
        """The day in a field, not after today."""
        day = self.date(name)
        if day and day > self.setting.today:
            self.refuse(name, f"The {what} is in the future.", "Correct the date, or import the row once it has come.")
            return None
        return day

    def refuse(self, name: str, wrong: str, fix: str) -> None:
        """Refuse the row because of a field (empty: the whole row)."""
        columns = self.setting.columns
        at = columns.fields.get(name)
        value = as_text(self.cells[at]) if at is not None and at < len(self.cells) else ""
        if at is None:
            value = columns.settings.get(name, "")
        self.problems.append(Problem(self.number, columns.column_of(name), value.strip(), wrong, fix))
        self.fate = Fate.REFUSED

    def refuse_for_good(self) -> None:
        """A row with a problem is refused, whatever else was said of it."""
        self.fate, self.why = Fate.REFUSED, ""

    def skip(self, why: str) -> None:
        """Leave the row out: there is nothing in it to record."""
        self.fate, self.why = Fate.SKIPPED, why

    def already_there(self, notice: str = "") -> None:
        """Everything the row says is known."""
        self.fate, self.notice = Fate.ALREADY_THERE, notice

    def recorded(self, notice: str = "") -> None:
        """Something new was written from the row."""
        self.fate, self.notice = Fate.RECORDED, notice
