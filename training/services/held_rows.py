"""The basket of a body: rows that could not be placed, mended in place and sent again, or dropped with a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import hours_words
from training import access, hours
from training.hours import Line
from training.imports import working
from training.models import ImportRow, Officer, TrainingClass, TrainingImport, TrainingRecord
from training.services import classes, corrections, news
from training.services.classes import Attendance

Fate, How = ImportRow.Fate, ImportRow.How
Role = TrainingRecord.Role
OVERTAKEN = "overtaken"


@transaction.atomic
def send_again(
    *, by: User | None, cells: Mapping[int, Sequence[str]], seen: Mapping[int, Sequence[str]] | None = None
) -> Counter:
    """Take held rows of files again; `cells` gives, by the id of a row, its cells as they were mended.

    `seen` gives the cells as they were read before: a row that somebody else has mended since is left alone and counted
    as `OVERTAKEN`, one that was settled meanwhile is left alone. Returns how many rows have which fate now. Raises
    `Refused` where a row is not `by`’s to mend.
    """
    rows = _locked(by, cells, TrainingImport.Kind.FILE)
    by_import: dict[TrainingImport, list[ImportRow]] = {}
    fates: Counter = Counter()
    for row in rows:
        if seen and row.pk in seen and list(seen[row.pk]) != row.cells:
            fates[OVERTAKEN] += 1
            continue
        row.cells = [text.replace("\x00", "") for text in cells[row.pk]]
        by_import.setdefault(row.training_import, []).append(row)
    for held, together in by_import.items():
        fates += working.place(by=by, training_import=held, rows=together)
        _tell(by, together)
    return fates


class Attended(NamedTuple):
    """How the officer of a pasted line attended, and the own hours where these are not all of the class."""

    how: str  # taught, left, or completed
    lines: tuple[Line, ...] | None = None


@transaction.atomic
def place(*, by: User | None, row: ImportRow, officer: Officer, attended: Attended | None = None) -> TrainingClass:
    """Settle a pasted line in the class it was pasted for: an officer is credited, or did not complete it.

    Without `attended` the line itself says how. Returns the class. Raises `Refused`, also where that is not said.
    """
    found = _locked(by, [row.pk], TrainingImport.Kind.PASTE)
    if not found:
        raise Refused("This line was settled meanwhile. Look at the list again.")
    held = _stands(found[0].training_import.training_class)
    whole = tuple(Line(one.area, one.topic, one.hours) for one in held.lines.select_related("area", "topic"))
    attended = attended or said_by(found[0], whole)
    if attended is None:
        raise Refused("Say how they attended, and for a part which hours.")
    if attended.lines and hours.total(attended.lines) > hours.total(whole):
        raise Refused(f"{held.reference} gives no more than {hours_words(hours.total(whole))}. Correct the hours.")
    settled = {"settled_at": Now(), "settled_by": by, "is_for_post": False}
    if attended.how == How.LEFT:
        corrections.leave_out(by=by, training_class=held, officer=officer)
        settled |= {"fate": Fate.REFUSED, "wrong": f"{officer} did not complete the class.", "fix": ""}
    else:
        role = Role.INSTRUCTOR if attended.how == How.TAUGHT else Role.STUDENT
        agency = held.reported_by_agency
        here = Officer.objects.commissioned_at(agency, held.ends_on) if agency else Officer.objects.none()
        is_here = here.filter(pk=officer.pk).exists()
        attendance = Attendance(officer, role, attended.lines, by_number=not is_here)
        given = corrections.add(by=by, training_class=held, attendances=[attendance], today=clock.today())
        settled |= {"fate": Fate.CREDITED, "record": given[0]}
    with history.because(f"Pasted line placed in {held.reference}"):
        ImportRow.objects.filter(pk=row.pk).update(**settled)
        _tell(by, found)
    return held


def said_by(row: ImportRow, whole: Sequence[Line]) -> Attended | None:
    """How a pasted line says that somebody attended a class that gives `whole`; None where it does not say enough."""
    if row.how == How.OPEN or (row.how == How.PARTLY and row.hours is None):
        return None
    how = How.COMPLETED if row.how == How.PARTLY else row.how
    if how == How.LEFT or row.hours is None or row.hours == hours.total(whole):
        return Attended(how)
    if len(whole) != 1 or not 0 < row.hours < whole[0].hours:
        return None
    return Attended(how, (Line(whole[0].area, whole[0].topic, row.hours),))


@transaction.atomic
def drop(*, by: User | None, rows: Iterable[int], why: str) -> int:
    """Take rows out of the basket for good, with the reason; they stay with their file. Returns how many.

    Raises `Refused`.
    """
    why = " ".join(why.split())[:300]
    if not why:
        raise Refused("Say why the rows are dropped.", field="why")
    found = _locked(by, rows)
    with history.because(f"Dropped: {why}"):
        ImportRow.objects.filter(pk__in=[one.pk for one in found]).update(
            fate=Fate.DROPPED, settled_at=Now(), settled_by=by, settled_why=why
        )
        _tell(by, found)
    return len(found)


def _tell(by: User | None, rows: Sequence[ImportRow]) -> None:
    """What POST settles for an agency, the agency is told; what it settles itself it knows."""
    if by is not None and by.is_post_staff:
        news.rows_settled(rows)


def _locked(by: User | None, rows: Iterable[int], kind: str = "") -> list[ImportRow]:
    """Those of these rows that are held still, locked. Raises `Refused` where one is not `by`’s to settle."""
    held = ImportRow.objects.held().filter(pk__in=list(rows))
    if kind:
        held = held.filter(training_import__kind=kind)
    sent = held.select_related("training_import__agency", "training_import__provider")
    if any(not access.may_report_class(by, body) for body in {one.training_import.body for one in sent}):
        raise Refused("Only who sent a row, or POST, can settle it.")
    # Whoever undoes a file waits, or its rows are seen to have left the basket with it: no row of it is credited after.
    files = TrainingImport.objects.filter(pk__in=held.values("training_import")).order_by("pk")
    imports = {
        one.pk: one
        for one in files.select_for_update(of=("self",), no_key=True)
        .select_related("agency", "provider", "training_class__reported_by_agency", "training_class__course__provider")
        .defer("content")
    }
    found = held.select_for_update(of=("self",)).order_by("training_import", "number")
    locked = list(found)
    for row in locked:
        row.training_import = imports[row.training_import_id]
    return locked


def _stands(held: TrainingClass) -> TrainingClass:
    """The class that stands for `held` now, where it was corrected since. Raises `Refused` where it was undone."""
    stands = classes.standing_for(held)
    if stands is None:
        raise Refused(f"{held.reference}, for which the line was pasted, was undone. Drop the line.")
    return stands
