"""The work on a file that was sent: chunk by chunk, the fates of its rows in the transaction of their credit.

A run that is cut off anywhere is taken up after the last row that has a fate, so that each row gets exactly one. Rows
in = credited + known + held + refused (+ dropped, later, by who sent it).
"""

import datetime as dt
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from training.bodies import is_provider
from training.imports import reading, running, shapes
from training.imports.cells import as_text
from training.imports.dates import read_date
from training.imports.desk import Desk
from training.imports.headers import IGNORE, Columns
from training.imports.officers import read_name
from training.imports.problems import Fate
from training.imports.rows import Row, Setting
from training.imports.values import read_license_number
from training.matching import Candidate, Person
from training.models import ImportRow, TrainingImport
from training.names import Name
from training.services import bulk
from training.wrong import Wrong

ROWS_A_CHUNK = 2_500
# As many rows as are shown before a file is sent: what a person waits for.
ROWS_A_PREVIEW = 2_500
HOW_TO_GIVE = "Choose the column that holds it, or give one value for the whole file."
_FATES = {
    Fate.RECORDED: ImportRow.Fate.CREDITED,
    Fate.ALREADY_THERE: ImportRow.Fate.KNOWN,
    Fate.SKIPPED: ImportRow.Fate.REFUSED,
}


class Outcome(NamedTuple):
    """What became of one row, as it is kept."""

    fate: str
    column: str = ""
    wrong: str = ""
    fix: str = ""
    notice: str = ""
    record: int | None = None
    is_for_post: bool = False


class Outsider(NamedTuple):
    """An officer whom a file names by license number for a day without a commission here, and in how many rows."""

    officer: Candidate
    rows: int


class Preview(NamedTuple):
    """What would become of a file: how many rows of each fate, and those that would be held or give nothing.

    `outsiders` are those of the whole file: a number alone says who is meant, so their names are shown to confirm.
    """

    total: int
    looked_at: int
    counts: Counter
    problems: list[tuple[Row, Outcome]]
    outsiders: list[Outsider]

    @property
    def credited(self) -> int:
        """Rows that would be credited."""
        return self.counts[ImportRow.Fate.CREDITED]

    @property
    def known(self) -> int:
        """Rows that say what is credited already."""
        return self.counts[ImportRow.Fate.KNOWN]

    @property
    def held(self) -> int:
        """Rows that would wait in the basket."""
        return self.counts[ImportRow.Fate.HELD]

    @property
    def refused(self) -> int:
        """Rows that rightly give nothing."""
        return self.counts[ImportRow.Fate.REFUSED]


def columns_of(training_import: TrainingImport) -> Columns:
    """The columns of an import, as they were recognised or chosen."""
    fields = {name: at for at, name in enumerate(training_import.fields) if name != IGNORE}
    settings = dict(zip(training_import.set_names, training_import.set_values, strict=True))
    names = [name or f"Column {at}" for at, name in enumerate(training_import.columns, 1)]
    return Columns(names, training_import.header_row, fields, settings)


def rows_of(training_import: TrainingImport, desk: Desk) -> list[Row]:
    """The rows of a file in its order; notes, totals and repeated column names have their fate. Raises `Unreadable`."""
    content = bytes(training_import.content)
    table = reading.open_bytes(content, name=training_import.name, sheet=training_import.sheet, is_trusted=True)
    shape = shapes.read(table, desk.fields, header_row=training_import.header_row)
    day = clock.day_of(training_import.sent_at) if training_import.sent_at else clock.today()
    setting = Setting(columns_of(training_import), day, table.epoch, HOW_TO_GIVE)
    return [*running.rows_of(iter(shape.rows), setting)]


def preview(training_import: TrainingImport, by: User | None) -> Preview:
    """What would become of the first rows of a file if it were sent now: all of it is done, and taken back.

    Raises `Unreadable`.
    """
    desk = Desk(training_import.body, by)
    rows = rows_of(training_import, desk)
    looked_at = rows[:ROWS_A_PREVIEW]
    with history.because("Preview of a file, taken back"), transaction.atomic():
        _take(desk, looked_at)
        transaction.set_rollback(True)
    outcomes = [(row, outcome_of(row)) for row in looked_at]
    counts = Counter(outcome.fate for _, outcome in outcomes)
    problems = [(row, one) for row, one in outcomes if one.fate in (ImportRow.Fate.HELD, ImportRow.Fate.REFUSED)]
    return Preview(len(rows), len(looked_at), counts, problems, outsiders(desk, rows))


def outsiders(desk: Desk, rows: Sequence[Row]) -> list[Outsider]:
    """Whom rows that may be credited name by license number though they were not of the agency that day, by name.

    None for a provider: it gives a name beside the number of whoever it does not know.
    """
    if is_provider(desk.body):
        return []
    good = [row for row in rows if row.fate in (None, Fate.RECORDED, Fate.ALREADY_THERE)]
    named = [(number, row) for row in good if (number := _read(row, "license_number", read_license_number))]
    people = desk.people
    people.know({number for number, _ in named})
    how_many: Counter = Counter()
    away: dict[str, Person] = {}
    for number, row in named:
        one = people.person(number)
        day = _read(row, "completed_on", read_date, today=row.setting.today, epoch=row.setting.epoch)
        if one and not one.is_here(day):
            how_many[number] += 1
            away[number] = one
    people.say_where(one for one in away.values() if one.pk in people.own)
    found = [Outsider(one.candidate(None), how_many[number]) for number, one in away.items()]
    return sorted(found, key=lambda one: one.officer.name)


def _read(row: Row, name: str, reader: Callable, **more):
    """What a row says, None where it says nothing that can be read; what is wrong is not noted."""
    try:
        raw = row.raw(name)
        return None if raw is None else reader(raw, **more)
    except Wrong:
        return None


def work(pk: int) -> bool:
    """Work on an import until it is done. Safe to run twice, late, and by two workers at once.

    Returns whether it is done now.
    """
    held = TrainingImport.objects.select_related("agency", "provider", "uploaded_by").get(pk=pk)
    if held.state != TrainingImport.State.RUNNING:
        return held.state == TrainingImport.State.DONE
    with history.because(f"Import {held.reference}: {held.name}"[:300], user=held.uploaded_by_id):
        desk = Desk(held.body, held.uploaded_by)
        rows = rows_of(held, desk)
        with _at_rest():
            while _chunk(held, desk, rows):
                pass
    held.refresh_from_db(fields=["state"])
    return held.state == TrainingImport.State.DONE


@contextmanager
def _at_rest() -> Iterator[None]:
    """The rows of the file are not gone through for garbage: again and again for each chunk, a third of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@transaction.atomic
def _chunk(held: TrainingImport, desk: Desk, rows: list[Row]) -> bool:
    """Take the next rows that have no fate yet. Returns whether there may be more."""
    locked = TrainingImport.objects.select_for_update().filter(pk=held.pk, state=TrainingImport.State.RUNNING)
    if not locked.values_list("pk"):
        return False
    done = ImportRow.objects.filter(training_import=held.pk).aggregate(last=Max("number"))["last"] or 0
    todo = [*_after(rows, done)]
    _take(desk, todo)
    _write(held, todo)
    is_last = not todo or todo[-1] is rows[-1]
    changes = {"seen_at": Now(), "total": len(rows)}
    if is_last:
        changes |= {"state": TrainingImport.State.DONE, "finished_at": Now()}
    TrainingImport.objects.filter(pk=held.pk).update(**changes)
    return not is_last


def _after(rows: Sequence[Row], done: int) -> Iterator[Row]:
    """The next rows of a chunk, after the number `done`. Rows that somebody else has worked on meanwhile are left."""
    taken = 0
    for row in rows:
        if row.number > done:
            taken += 1
            yield row
            if taken == ROWS_A_CHUNK:
                return


def _take(desk: Desk, rows: list[Row]) -> None:
    if todo := [row for row in rows if row.fate is None]:
        running.take(desk, todo, todo[0].setting)


def outcome_of(row: Row) -> Outcome:
    """What became of a row: credited, known, refused where it rightly gives nothing, else held to be mended."""
    if row.fate is not Fate.REFUSED:
        fate = _FATES[row.fate]
        record = row.record.pk if row.record else None
        return Outcome(fate, wrong=_sentence(row.why), notice=row.notice, record=record)
    fate = ImportRow.Fate.REFUSED if row.gives_nothing else ImportRow.Fate.HELD
    columns = dict.fromkeys(problem.column for problem in row.problems if problem.column in row.setting.columns.names)
    wrong = dict.fromkeys(problem.wrong for problem in row.problems)
    fix = dict.fromkeys(problem.fix for problem in row.problems if problem.fix)
    return Outcome(fate, ", ".join(columns), " ".join(wrong), " ".join(fix), is_for_post=row.is_for_post)


def person_in(training_import: TrainingImport, cells: Sequence[str]) -> tuple[str, Name | None, dt.date | None]:
    """Whom the cells of a held row name: license number, name, and the day of the class; empty where it says none."""
    row = Row(0, list(cells), Setting(columns_of(training_import), clock.today(), reading.WINDOWS_EPOCH, HOW_TO_GIVE))
    number = row.read("license_number", read_license_number, default="")
    return number, read_name(row, needed=False, alone=True), row.date("completed_on")


def cells_of(row: Row) -> list[str]:
    """The cells of a row as text, one for each column."""
    texts = [as_text(cell).replace("\x00", "") for cell in row.cells]
    return [*texts, *[""] * (len(row.setting.columns.names) - len(texts))]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _write(held: TrainingImport, rows: Sequence[Row]) -> None:
    names = ("training_import", "number", "cells", "fate", "column", "wrong", "fix", "notice", "record", "is_for_post",
             "settled_why")  # fmt: skip
    outcomes = ((row, outcome_of(row)) for row in rows)
    bulk.copy_rows(
        ImportRow,
        names,
        (
            (held.pk, row.number, cells_of(row), one.fate, one.column, one.wrong, one.fix, one.notice, one.record,
             one.is_for_post, "")
            for row, one in outcomes
        ),
    )  # fmt: skip


def place(*, by: User | None, training_import: TrainingImport, rows: Sequence[ImportRow]) -> Counter:
    """Take held rows of a file again, as their cells stand now, and keep what becomes of them. Returns the fates.

    The caller has locked them, and checked the right. Runs in one transaction; raises nothing for a row that is held
    again.
    """
    setting = Setting(columns_of(training_import), clock.today(), reading.WINDOWS_EPOCH, HOW_TO_GIVE)
    taken = {one.number: Row(one.number, list(one.cells), setting) for one in rows}
    with history.because(f"Rows of {training_import.reference} sent again"), transaction.atomic():
        _take(Desk(training_import.body, by), list(taken.values()))
        for one in rows:
            outcome = outcome_of(taken[one.number])
            one.fate, one.column, one.wrong, one.fix = outcome.fate, outcome.column, outcome.wrong, outcome.fix
            one.notice, one.record_id, one.is_for_post = outcome.notice, outcome.record, outcome.is_for_post
            if one.fate != ImportRow.Fate.HELD:
                one.settled_at, one.settled_by = clock.now(), by
        ImportRow.objects.bulk_update(
            rows,
            ["cells", "fate", "column", "wrong", "fix", "notice", "record", "is_for_post", "settled_at", "settled_by"],
        )
    return Counter(one.fate for one in rows)
