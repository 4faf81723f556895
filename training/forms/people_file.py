"""A file chosen on the entry page: one that only names people becomes pasted lines; one with classes is an import."""

from django.core.files.uploadedfile import UploadedFile

from clee_portal.refusal import Refused
from training.forms.pasted import MOST
from training.imports import limits, reading, shapes
from training.imports.cells import as_text
from training.imports.desk import Desk
from training.imports.headers import IGNORE
from training.imports.problems import Unreadable
from training.models import Agency

# Columns that make a file one of classes: it says itself what was attended, and when.
_OF_CLASSES = {"title", "control_number", "completed_on"}
_NAMES = ("last_name", "first_name", "middle_name", "suffix")


def lines_of(given: UploadedFile, agency: Agency) -> str | None:
    """The people of a file as lines for the paste box; None where it holds classes. Raises `Refused`."""
    if given.size > limits.MOST_BYTES:
        raise Refused(f"The file is larger than {limits.in_megabytes(limits.MOST_BYTES)}.", field="file")
    try:
        table = reading.open_bytes(given.read(), name=given.name or "file")
        shape = shapes.read(table, Desk(agency).fields, most=limits.ROWS_TO_LOOK_FOR_NAMES)
        if _OF_CLASSES & set(shape.fields):
            return None
        named = set(shape.fields) - {IGNORE}
        # Where no row names columns, the first one names people already.
        above = [] if named else [row for number, row in shape.head if number <= shape.header_row]
        rows = [*above, *(row for _, row in [*shape.rows, *table.rows])]
    except Unreadable as error:
        raise Refused(str(error), field="file") from None
    found = "\n".join(line for row in rows if (line := _line(shape.fields, [as_text(cell).strip() for cell in row])))
    if not found:
        raise Refused("The file has no rows that name anybody.", field="file")
    if len(found) > MOST:
        raise Refused("The file has too many rows for one class. Send it under Files instead.", field="file")
    return found


def _line(fields: list[str], cells: list[str]) -> str:
    of = {name: cell for name, cell in zip(fields, cells, strict=False) if cell}
    if not of.keys() & {"license_number", "name", *_NAMES}:
        return "\t".join(cell for cell in cells if cell)
    last, *others = (of.get(name, "") for name in _NAMES)
    name = of.get("name") or ", ".join(part for part in (last, " ".join(one for one in others if one)) if part)
    said = of.get("role") or of.get("status") or ""
    hours = f"{of['hours']} h" if of.get("hours", "").replace(".", "", 1).isdigit() else ""
    return "\t".join(part for part in (of.get("license_number", ""), name, said, hours) if part)
