"""What an agency or a provider sends in as a table, or pastes: taken in, its columns chosen, sent."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.bodies import Body, field_of, named
from training.imports import reading, shapes
from training.imports.desk import Desk
from training.imports.headers import IGNORE
from training.imports.problems import Unreadable
from training.models import ColumnMapping, ImportRow, TrainingClass, TrainingImport

State = TrainingImport.State
# The column added to a file that has none for license numbers, so that a row can be given one in place.
ADDED_COLUMN = "License number (added here)"
_NAME, _SHEET = 200, 100


class HeldLine(NamedTuple):
    """A pasted line that could not be placed: as it was typed, what is wrong with it, and how to mend it.

    `how` and `hours` are what it says of the attendance, for whoever places it later.
    """

    text: str
    wrong: str
    fix: str
    is_for_post: bool = False
    how: str = ImportRow.How.COMPLETED
    hours: Decimal | None = None


def upload(*, by: User | None, body: Body, name: str, data: bytes, sheet: str = "") -> tuple[TrainingImport, bool]:
    """Take a file in and recognise its columns; nothing is credited yet. Returns the import, and whether it is new.

    The very same file, of a workbook the very same sheet, is one import: sent again, also by two people at once, the
    first one is returned. Raises `Refused` where it cannot be read.
    """
    if not access.may_report_class(by, body):
        raise Refused(f"You cannot send files for this {field_of(body)}.")
    sha256 = hashlib.sha256(data).hexdigest()
    desk = Desk(body)
    try:
        table = reading.open_bytes(data, name=name, sheet=sheet)
        here = TrainingImport.objects.filter(**named(body), sha256=sha256, sheet=table.sheet[:_SHEET])
        here = here.exclude(state=State.UNDONE).defer("content")
        if before := here.first():
            return before, False
        known = remembered(body)
        shape = shapes.read(table, desk.fields, remembered={key: one.fields for key, one in known.items()})
    except Unreadable as error:
        raise Refused(str(error), field="file") from None
    if not shape.rows:
        raise Refused("Below the column names the file has no rows.", field="file")
    settings = known.get(shapes.key_of(shape.columns))
    try:
        with transaction.atomic(), history.because("File of training taken in"):
            made = TrainingImport.objects.create(
                **named(body),
                name=name[-_NAME:] or "file",
                content=data,
                sha256=sha256,
                sheet=table.sheet[:_SHEET],
                header_row=shape.header_row,
                columns=shape.columns,
                fields=shape.fields,
                set_names=settings.set_names if settings else [],
                set_values=settings.set_values if settings else [],
                uploaded_by=by,
            )
    except IntegrityError:
        # Somebody else has sent the same file in this moment.
        if before := here.first():
            return before, False
        raise
    return made, True


def remembered(body: Body) -> dict[str, ColumnMapping]:
    """How the body chose the columns of the files it sent: the shape of a file -> its mapping."""
    return {one.shape: one for one in ColumnMapping.objects.filter(**named(body))}


def hold_lines(
    *, by: User | None, body: Body, training_class: TrainingClass, lines: Sequence[HeldLine]
) -> TrainingImport | None:
    """Keep pasted lines that could not be placed in the basket of the body, for the class they were pasted for.

    Runs in the transaction in which the class is recorded. Returns the import that holds them; None without lines.
    """
    if not lines:
        return None
    if not access.may_report_class(by, body):
        raise Refused(f"You cannot enter classes for this {field_of(body)}.")
    with transaction.atomic(), history.because("Pasted lines that could not be placed"):
        now = clock.now()
        made = TrainingImport.objects.create(
            **named(body),
            kind=TrainingImport.Kind.PASTE,
            state=State.DONE,
            name=f"Pasted for {training_class.reference}, {training_class.course.title}"[:_NAME],
            columns=["Line"],
            fields=["line"],
            training_class=training_class,
            uploaded_by=by,
            sent_at=now,
            seen_at=now,
            finished_at=now,
        )
        ImportRow.objects.bulk_create(
            ImportRow(
                training_import=made,
                number=number,
                cells=[line.text],
                fate=ImportRow.Fate.HELD,
                wrong=line.wrong,
                fix=line.fix,
                is_for_post=line.is_for_post,
                how=line.how,
                hours=line.hours,
            )
            for number, line in enumerate(lines, 1)
        )
    return made


@transaction.atomic
def choose(
    *,
    by: User | None,
    training_import: TrainingImport,
    header_row: int,
    columns: Sequence[str],
    fields: Sequence[str],
    settings: Mapping[str, str],
) -> TrainingImport:
    """Say which column holds what, and what holds for every row of a file not sent yet; remembered for its shape."""
    held = _locked(by, training_import)
    if held.state != State.UPLOADED:
        raise Refused("This file was sent already: its columns cannot be changed any more.")
    chosen = [name for name in fields if name != IGNORE]
    for name in chosen:
        if chosen.count(name) > 1:
            raise Refused("Two columns are given the same meaning. Leave one of them.", field="columns")
    held.header_row, held.columns, held.fields = header_row, list(columns), list(fields)
    held.set_names = [name for name, value in settings.items() if value and name not in chosen]
    held.set_values = [settings[name] for name in held.set_names]
    with history.because("Columns of a file chosen"):
        held.save(update_fields=["header_row", "columns", "fields", "set_names", "set_values"])
    # What holds for every row of one file is seldom so for the next, but for the area and the hours.
    lasting = [(n, v) for n, v in zip(held.set_names, held.set_values, strict=True) if n in ("area", "delivery")]
    ColumnMapping.objects.update_or_create(
        **named(held.body),
        shape=shapes.key_of(held.columns),
        defaults={
            "columns": held.columns,
            "fields": held.fields,
            "set_names": [name for name, _ in lasting],
            "set_values": [value for _, value in lasting],
            "used_at": Now(),
        },
    )
    return held


@transaction.atomic
def send(*, by: User | None, training_import: TrainingImport) -> TrainingImport:
    """Send a file: from now on the worker credits its rows. Sent twice it is sent once. Raises `Refused`."""
    held = _locked(by, training_import)
    if held.state == State.UNDONE:
        raise Refused("This import was undone. Send the file anew.")
    if held.state != State.UPLOADED:
        return held
    if "license_number" not in held.fields:
        held.columns = [*held.columns, ADDED_COLUMN]
        held.fields = [*held.fields, "license_number"]
    held.state, held.sent_at, held.uploaded_by = State.RUNNING, clock.now(), by or held.uploaded_by
    with history.because("File of training sent"):
        held.save(update_fields=["columns", "fields", "state", "sent_at", "uploaded_by"])
    transaction.on_commit(lambda: _queue(held.pk), robust=True)
    return held


def _queue(pk: int) -> None:
    """Tell a worker. Where the broker is away, beat finds the import later: nothing is lost."""
    current_app.send_task("training.tasks.work_on_import", [pk], retry=False, ignore_result=True)


def _locked(by: User | None, training_import: TrainingImport) -> TrainingImport:
    held = TrainingImport.objects.select_for_update().select_related(None).defer("content").get(pk=training_import.pk)
    if not access.may_report_class(by, held.body):
        raise Refused(f"Only the {field_of(held.body)} that sent this file, or POST, can do this.")
    return held


def day_of(training_import: TrainingImport) -> dt.date:
    """The day that decides what lies in the future: the one on which the file was sent, today before."""
    return clock.day_of(training_import.sent_at) if training_import.sent_at else clock.today()
