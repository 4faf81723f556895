"""Going through a file: every row gets exactly one fate, good rows go in, bad rows come out with what to mend."""

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.db import DataError, IntegrityError, connection, transaction

from clee_portal import history
from clee_portal.templatetags.look import count_words
from training.bodies import Body
from training.escaping import escape
from training.imports import limits
from training.imports.cells import as_text, is_blank
from training.imports.headers import Columns, Field, find_columns
from training.imports.problems import Fate, Problem, Unreadable
from training.imports.reading import Table
from training.imports.rows import Row, Setting
from training.models import Agency, Provider
from training.names import plain

ERROR_COLUMNS = ("What is wrong", "How to fix it")
_TOTALS = re.compile(r"(?:(?:grand |sub-?)?totals?\b|page \d+)", re.IGNORECASE)
# Keys of the locks that imports take: two at once would not see each other's courses and classes.
_ONE_AT_A_TIME = 7_515_020
_ONE_OF_A_BODY = {Agency: 7_515_021, Provider: 7_515_022}


class Importer(Protocol):
    """A kind of import: its fields, and what it does with rows."""

    noun: str
    fields: Mapping[str, Field]
    writes_only_of: Body | None  # whose courses and classes alone it makes; None: anybody's

    def advice(self, columns: Columns) -> list[str]:
        """What the columns lack, told once for the whole file."""

    def take(self, rows: list[Row], setting: Setting) -> None:
        """Check the rows, write the good ones, and give each its fate. Runs inside a transaction."""


@dataclass
class Report:
    """What became of a file."""

    name: str
    columns: Columns
    dry_run: bool
    advice: list[str]
    rows: list[Row] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows read: all below the column names that are not blank."""
        return len(self.rows)

    def count(self, fate: Fate) -> int:
        """How many rows had this fate."""
        return sum(row.fate is fate for row in self.rows)

    def having(self, fate: Fate) -> list[Row]:
        """The rows that had this fate."""
        return [row for row in self.rows if row.fate is fate]

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong, in the order of the file."""
        return [problem for row in self.rows for problem in row.problems]

    @property
    def skipped(self) -> list[tuple[int, str]]:
        """Number of each row left out, and why."""
        return [(row.number, row.why) for row in self.having(Fate.SKIPPED)]

    @property
    def notices(self) -> list[tuple[int, str]]:
        """Number of each row that went well, and what is worth knowing of it."""
        return [(row.number, row.notice) for row in self.rows if row.notice and row.fate is not Fate.REFUSED]

    def reasons(self) -> Counter:
        """How often each thing is wrong."""
        return Counter(problem.wrong for problem in self.problems)


def run(
    importer: Importer,
    table: Table,
    *,
    today: dt.date,
    mapping: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Import a table. The whole file is read before the first row is written. Raises `Unreadable`.

    Rows go in by chunks, each in a transaction of its own: a run that is cut off is completed by the next one. A dry
    run does all of it and undoes it at the end.
    """
    columns, found = find_columns(table, importer.fields, mapping=mapping or {}, settings=settings or {})
    setting = Setting(columns, today, table.epoch)
    report = Report(table.name, columns, dry_run, importer.advice(columns))
    report.rows = [*rows_of(found, setting)]
    taken = [row for row in report.rows if row.fate is None]
    with history.because(f"Import of {importer.noun}: {table.name}"):
        if dry_run:
            with transaction.atomic():
                _take_all(importer, taken, setting, progress)
                transaction.set_rollback(True)
        else:
            _take_all(importer, taken, setting, progress)
    for row in report.rows:
        if row.fate is None:
            raise AssertionError(f"row {row.number} was given no fate")
    return report


def _take_all(importer: Importer, rows: list[Row], setting: Setting, progress) -> None:
    for start in range(0, len(rows), limits.ROWS_A_CHUNK):
        take(importer, rows[start : start + limits.ROWS_A_CHUNK], setting)
        progress(min(start + limits.ROWS_A_CHUNK, len(rows)), len(rows))


def take(importer: Importer, rows: list[Row], setting: Setting) -> None:
    """Take rows in one transaction; where the database refuses it, halve them until only the bad row is left out."""
    try:
        with transaction.atomic():
            _wait_for_others(importer.writes_only_of)
            importer.take(rows, setting)
            connection.check_constraints()  # now, and not at the end, when it could not be told which row it was
    except (IntegrityError, DataError) as error:
        for row in rows:
            row.reset()
        if len(rows) == 1:
            first_line = str(error).strip().partition("\n")[0]
            rows[0].refuse("", f"The database refused the row ({first_line}).", "Correct the row, or call POST.")
            return
        half = len(rows) // 2
        take(importer, rows[:half], setting)
        take(importer, rows[half:], setting)


def _wait_for_others(body: Body | None) -> None:
    """Until the transaction ends nobody else imports what this import could make too.

    Files that make courses and classes of one body alone go side by side with those of others: what they
    share, the officers, is locked row by row. Any other import is alone in the state.
    """
    with connection.cursor() as cursor:
        if body is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_ONE_AT_A_TIME])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s::int)", [_ONE_OF_A_BODY[type(body)], body.pk])


def rows_of(found: Iterator[tuple[int, list]], setting: Setting) -> Iterator[Row]:
    """The rows that are not blank; totals, notes and repeated column names are left out. Raises `Unreadable`."""
    columns = setting.columns
    names = [plain(name) for name in columns.names]
    several = len(columns.fields) > 1
    count = cells = 0
    for number, given in found:
        filled = [at for at, cell in enumerate(given) if not is_blank(cell)]
        if not filled:
            continue
        count += 1
        cells += len(given)
        if count > limits.MOST_ROWS or cells > limits.MOST_CELLS:
            raise Unreadable(f"The file has more than {limits.MOST_ROWS:,} rows. Divide it into several.")
        row = Row(number, given, setting)
        first = as_text(given[filled[0]]).strip()
        if len(filled) > 1 and [plain(as_text(cell)) for cell in given[: len(names)]] == names:
            row.skip("the column names stand here again")
        elif _TOTALS.match(first) and len(filled) <= 3:
            row.skip(f"taken as a line of totals (“{first[:40]}”)")
        elif (
            several
            and len(filled) == 1
            and not _may_name(columns, filled[0], first)
            and (len(first.split()) > 1 or not plain(first))
        ):
            row.skip(f"taken as a note: only one cell is filled (“{first[:40]}”)")
        yield row


def _may_name(columns: Columns, at: int, text: str) -> bool:
    """Whether a lone cell names somebody, in a file whose other values are given once for all rows."""
    is_name = any(columns.fields.get(name) == at for name in ("name", "last_name"))
    return is_name and bool(columns.settings) and bool(re.fullmatch(r"[^\d:]{3,60}", text)) and len(text.split()) < 6


def check_writable(path: str, source: str) -> None:
    """Whether the file of bad rows can be written. Raises `Unreadable`."""
    target = Path(path)
    if target.exists() and Path(source).exists() and target.samefile(source):
        raise Unreadable("--errors names the file that is read: give another name.")
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise Unreadable(f"--errors: {target.name} cannot be written there.")


def write_errors(report: Report, path: str) -> int:
    """Write the refused rows as given, with what is wrong and how to fix it. Returns how many.

    The file can be mended and imported as it is. Cells that a spreadsheet program would take for a formula get an
    apostrophe in front, which the import takes away again.
    """
    refused = report.having(Fate.REFUSED)
    names = report.columns.names
    width = max([len(names), *(len(row.cells) for row in refused)])
    keep = [at for at in range(width) if at >= len(names) or names[at] not in ERROR_COLUMNS]
    try:
        with open(path, "w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            padded = [*names, *[""] * (width - len(names))]
            writer.writerow([*(escape(padded[at]) for at in keep), *ERROR_COLUMNS])
            for row in refused:
                cells = [*row.cells, *[None] * (width - len(row.cells))]
                wrong = " / ".join(_in_column(problem) for problem in row.problems)
                fix = " / ".join(dict.fromkeys(problem.fix for problem in row.problems))
                writer.writerow([*(escape(as_text(cells[at])) for at in keep), escape(wrong), escape(fix)])
    except OSError as error:
        raise Unreadable(f"The file of bad rows cannot be written: {error.strerror or error}.") from None
    return len(refused)


def _in_column(problem: Problem) -> str:
    return f"{problem.column}: {problem.wrong}" if problem.column else problem.wrong


def in_words(report: Report) -> Sequence[str]:
    """The totals, which always add up."""
    would = "would be " if report.dry_run else ""
    return [
        f"{count_words(report.read, 'row')} read = {report.count(Fate.RECORDED)} {would}recorded"
        f" + {report.count(Fate.ALREADY_THERE)} already there"
        f" + {report.count(Fate.REFUSED)} refused + {report.count(Fate.SKIPPED)} skipped"
    ]
