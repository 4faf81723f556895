"""A file chosen on the entry page: one that only names people becomes pasted lines; one with classes is an import."""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile

from clee_portal.refusal import Refused
from training import said
from training.bodies import Body
from training.forms.pasted import MOST
from training.imports import limits, reading, shapes
from training.imports.cells import as_text
from training.imports.desk import Desk
from training.imports.headers import IGNORE, Field
from training.imports.problems import Unreadable
from training.names import tidy
from training.said_columns import Holds, holds, needs_a_look, row_as_said, unclear
from training.services import imports

# Columns that make a file one of classes: it says itself what was attended, and when.
_OF_CLASSES = {"title", "control_number", "completed_on"}
_NAMES = ("last_name", "first_name", "middle_name", "suffix")
_WHO = ("license_number", "name", *_NAMES)
_SAYING = {"hours": Holds.HOURS, "status": Holds.STATUS, "role": Holds.ROLE}
# What says whose training it was, or where in it the hours lie: lines of people cannot say it.
_NOT_HERE = ("area", "source", "provider", "source_agency", "sponsor", "approved_by", "although", "period")


class PeopleFile(NamedTuple):
    """The people of a file as lines for the paste box, and in words which column was read as what."""

    lines: str
    mapping: str


def lines_of(given: UploadedFile, body: Body) -> PeopleFile | None:
    """The people of a file; None where it holds classes. Raises `Refused` where lines cannot say what it says."""
    if given.size > limits.MOST_BYTES:
        raise Refused(f"The file is larger than {limits.in_megabytes(limits.MOST_BYTES)}.", field="file")
    desk = Desk(body)
    remembered = {key: one.fields for key, one in imports.remembered(body).items()}
    try:
        table = reading.open_bytes(given.read(), name=given.name or "file")
        shape = shapes.read(table, desk.fields, remembered=remembered, most=limits.ROWS_TO_LOOK_FOR_NAMES)
        rows = [_cells(row, shape.columns) for _, row in [*shape.rows, *table.rows]]
        people = _Columns(shape.columns, shape.fields, rows, is_chosen=shapes.key_of(shape.columns) in remembered)
        if _OF_CLASSES & set(people.fields):
            return None
        if set(people.fields) & set(_WHO):
            people.refuse_what_lines_cannot_say({*_NOT_HERE, *desk.areas, *desk.topics})
            lines, mapping = [people.line(row) for row in rows], people.in_words(desk.fields)
        else:
            # No column is known to name people: the rows are read as they would be if they were pasted, names of
            # columns with them.
            above = [_cells(row, ()) for number, row in shape.head if number <= shape.header_row]
            lines, mapping = ["\t".join(row).rstrip() for row in (*above, *rows)], ""
    except Unreadable as error:
        raise Refused(str(error), field="file") from None
    found = "\n".join(filter(None, lines))
    if not found:
        raise Refused("The file has no rows that name anybody.", field="file")
    if len(found) > MOST:
        raise Refused("The file has too many rows for one class. Send it under Files instead.", field="file")
    if table.other_sheets:
        others = ", ".join(f"“{title}”" for title in table.other_sheets)
        mapping = f"{mapping} Only the sheet “{table.sheet}” was read; the workbook also has {others}.".strip()
    return PeopleFile(found, mapping)


def _cells(row: Sequence, columns: Sequence[str]) -> list[str]:
    cells = [tidy(as_text(cell)) for cell in row]
    return cells + [""] * (len(columns) - len(cells))


class _Columns:
    """The columns of a file of people: which say who it is, which say how they attended, which are left out."""

    def __init__(self, names: list[str], fields: list[str], rows: list[list[str]], *, is_chosen: bool):
        self.names, self.rows = names, rows
        self.fields = ["status" if self._says_whether(at, field, fields) else field for at, field in enumerate(fields)]
        self.is_chosen = is_chosen  # by the body, for an earlier file of this shape
        self.empty = {at for at in range(len(names)) if not any(row[at] for row in rows)}
        self.saying = {at: kind for at in range(len(names)) if (kind := self._saying(at)) and at not in self.empty}

    def _says_whether(self, at: int, field: str, fields: list[str]) -> bool:
        """A column "Completed" may hold days, or whether they did."""
        values = {row[at] for row in self.rows if row[at]}
        is_yes_or_no = values and all(said.status_of(one) is not None for one in values)
        return field == "completed_on" and bool(is_yes_or_no) and "status" not in fields

    def _saying(self, at: int) -> Holds | None:
        if self.fields[at] in _SAYING:
            return _SAYING[self.fields[at]]
        kind = holds(self.names[at])
        says = (Holds.HOURS, Holds.STATUS, Holds.ROLE, Holds.LEFT, Holds.TAUGHT)
        return kind if self.fields[at] == IGNORE and kind in says and not self.is_chosen else None

    def refuse_what_lines_cannot_say(self, fields: set[str]) -> None:
        """Raises `Refused` where columns give the hours by area, or say whose training it was."""
        given = [self.names[at] for at, one in enumerate(self.fields) if one in fields and at not in self.empty]
        if given:
            columns = f"column{'' if len(given) == 1 else 's'} {', '.join(given)}"
            raise Refused(
                f"What the {columns} of the file say{'s' if len(given) == 1 else ''} of each person cannot be taken "
                "over here. Send the file under Files, where title and day are given for all its rows; or take out "
                "what is the same for the whole class.",
                field="file",
            )

    def line(self, row: list[str]) -> str:
        """One row as a pasted line that says everything the row says of the person."""
        of = {field: cell for field, cell in zip(self.fields, row, strict=False) if cell and field in _WHO}
        last, *others = (of.get(name, "") for name in _NAMES)
        name = of.get("name") or ", ".join(part for part in (last, " ".join(one for one in others if one)) if part)
        if not (of.get("license_number") or name):
            return "\t".join(filter(None, row))
        says = row_as_said(
            [(kind, self.names[at]) for at, kind in self.saying.items()], [row[at] for at in self.saying]
        )
        asks = [unclear(self.names[at], row[at]) for at in self._left_out() if self._is_asked(at, row[at])]
        asks += [unclear("beyond the columns", cell) for cell in row[len(self.names) :] if cell]
        return "\t".join(filter(None, (of.get("license_number", ""), name, *says, *asks)))

    def _left_out(self) -> list[int]:
        who = [at for at, field in enumerate(self.fields) if field in _WHO]
        return [at for at in range(len(self.names)) if at not in self.saying and at not in who]

    def _is_asked(self, at: int, cell: str) -> bool:
        return not self.is_chosen and needs_a_look(self.names[at], cell)

    def in_words(self, fields: dict[str, Field]) -> str:
        """Which column was read as what, and which are left out."""
        words = {Holds.LEFT: "did not complete", Holds.TAUGHT: "instructor", Holds.HOURS: fields["hours"].about}
        words |= {Holds.STATUS: fields["status"].about, Holds.ROLE: fields["role"].about}
        left_out = self._left_out()
        read = [
            f"{name} → {words[self.saying[at]] if at in self.saying else fields[self.fields[at]].about}"
            for at, name in enumerate(self.names)
            if at not in left_out
        ]
        out = ", ".join(self.names[at] for at in left_out if self.names[at])
        return "; ".join(read) + (f". Left out: {out}." if out else ".")
