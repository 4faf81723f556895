"""Columns of a table of people: what each one holds by its name, and what a cell of it says of the person."""

import re
from collections.abc import Sequence
from enum import Enum

from training import said
from training.matching_words import is_harmless
from training.names import plain


class Holds(Enum):
    """What a column holds."""

    PERSON = "person"
    COUNTER = "counter"  # numbers of the rows, or of licenses
    HOURS = "hours"
    STATUS = "status"
    ROLE = "role"
    LEFT = said.LEFT  # "Absent": yes is no credit
    TAUGHT = said.TAUGHT
    OTHER = "other"  # says nothing of attendance
    UNKNOWN = ""


_NAMES = {
    Holds.PERSON: (
        "name", "full name", "officer name", "employee name", "student name", "attendee", "attendee name", "last name",
        "lastname", "last", "surname", "family name", "first name", "firstname", "first", "given name", "middle name",
        "middle", "middle initial", "mi", "suffix", "license", "license number", "license no", "license #", "lic",
        "lic no", "lic #", "post license", "post license number", "post number", "post no", "post #", "post id",
        "post", "officer license", "officer", "student", "names", "employee", "trainee", "participant", "member",
        "lname", "fname", "mname", "sfx", "name suffix", "licence number", "license num", "post license #",
    ),
    Holds.COUNTER: ("#", "no", "no.", "number", "id", "row", "line", "nr", "count", "item"),
    Holds.HOURS: said.HOURS_COLUMNS,
    Holds.STATUS: ("status", "completed", *said.STATUS_COLUMNS),
    Holds.ROLE: ("role", "attended as", "capacity", "student or instructor"),
    Holds.LEFT: (
        "absent", "no show", "missed", "did not attend", "did not complete", "not completed", "failed", "withdrew",
        "withdrawn", "cancelled", "excused", "not present", "dropped", "incomplete",
    ),
    Holds.TAUGHT: ("instructor", "instructed", "taught", "is instructor", "teaching"),
    Holds.OTHER: (
        "rank", "title", "position", "job title", "job", "agency", "department", "dept", "employer", "organization",
        "unit", "division", "district", "bureau", "squad", "shift", "beat", "zone", "platoon", "assignment", "troop",
        "badge", "badge number", "badge no", "badge #", "dsn", "employee id", "employee number", "emp id", "emp #",
        "employee no", "employee #", "email", "e-mail", "email address", "phone", "phone number", "cell", "mobile",
        "telephone", "dob", "date of birth", "date", "class date", "training date", "day", "signature", "initials",
        "gender", "sex", "race", "hire date", "address", "city", "state", "zip", "county", "supervisor", "class",
        "course", "course title", "class title", "course name", "location", "place", "radio number", "car",
        "rank/title",
    ),
}  # fmt: skip


def _key(header: str) -> str:
    return plain(header) or header.strip()


_KNOWN = {_key(name): holds for holds, names in reversed(_NAMES.items()) for name in names}
# Names of columns that may as well stand in a cell: "Student" is a role, too.
_ALSO_VALUES = {"officer", "student", "trainee", "participant", "member", "attendee", "employee", "post", "total"}
_OF_HOURS = re.compile(r"\b(?:hours?|hrs?|credits?|ceus?|min(?:ute)?s?)\b", re.IGNORECASE)


def holds(header: str) -> Holds:
    """What a column of this name holds."""
    header = re.sub(r"\s*\?$", "", header.strip(" .:*"))
    return _KNOWN.get(_key(header), Holds.UNKNOWN)


def are_headers(cells: Sequence[str]) -> bool:
    """Whether a row is the names of columns: two at least are known, of which one is never a value."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2 or any(c.isdigit() for cell in filled for c in cell):
        return False
    kinds = [holds(cell) for cell in filled]
    known = [kind for kind in kinds if kind is not Holds.UNKNOWN]
    sure = [holds(cell) for cell in filled if plain(cell) not in _ALSO_VALUES]
    return len(known) > 1 and any(kind in (Holds.PERSON, Holds.HOURS) for kind in sure)


def as_said(kind: Holds, header: str, cell: str) -> str:
    """What a cell says, in words that a pasted line is read by; in quotation marks what somebody has to look at."""
    cell = cell.strip()
    if kind is Holds.PERSON:
        return cell
    if kind is Holds.COUNTER:
        return "" if re.fullmatch(r"\d{1,3}[.)]?", cell) else cell
    if kind is Holds.HOURS:
        return _hours(header, cell)
    if kind in (Holds.LEFT, Holds.TAUGHT):
        return _flag(kind, header, cell)
    if kind in (Holds.STATUS, Holds.ROLE):
        return _status(kind, header, cell)
    if kind is Holds.OTHER or not cell:
        return ""
    if _OF_HOURS.search(header) or said.read(header)[0].words or said.could_be_hours(cell) is not None:
        return unclear(header, cell)
    if all(is_harmless(word) for word in cell.split()):
        return ""
    return unclear(header, cell)


def needs_a_look(header: str, cell: str) -> bool:
    """Whether a cell of a column that is left out says something of attendance after all."""
    if not cell.strip():
        return False
    return bool(_OF_HOURS.search(header) or said.read(header)[0].words or said.read(cell)[0].is_anything)


def _hours(header: str, cell: str) -> str:
    if not cell:
        return unclear(header, "nothing")
    hours = said.hours_in(cell)
    return unclear(header, cell) if hours is None else f"{hours.normalize():f} h"


def _status(kind: Holds, header: str, cell: str) -> str:
    if not cell:
        # A column of ticks says something where it is empty; a column of roles does not.
        return "" if kind is Holds.ROLE else unclear(header, "nothing")
    known = said.role_of(cell) if kind is Holds.ROLE else said.status_of(cell)
    if known is not None:
        is_student = kind is Holds.ROLE and known == said.COMPLETED
        return "student" if is_student else {said.TAUGHT: "instructor", said.LEFT: "did not complete"}.get(known, "yes")
    if re.fullmatch(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}(?: \d\d:\d\d)?", cell):
        return ""  # the day on which it was completed
    return cell if said.read(cell)[0].words else unclear(header, cell)


def _flag(kind: Holds, header: str, cell: str) -> str:
    known = said.status_of(cell) if cell else said.LEFT
    if known == said.LEFT and plain(cell) in ("", "n", "no", "false", "0"):
        return ""
    if known == said.COMPLETED or plain(cell) in ("true", "1") or plain(cell) == plain(header):
        return "instructor" if kind is Holds.TAUGHT else "did not complete"
    return unclear(header, cell)


def row_as_said(columns: Sequence[tuple[Holds, str]], cells: Sequence[str]) -> list[str]:
    """What each cell of a row says. Who taught, or did not complete, needs no hours."""
    found = [
        as_said(kind, name, cell) if cell or kind is not Holds.HOURS else ""
        for (kind, name), cell in zip(columns, cells, strict=True)
    ]
    needs_none = any(one in ("instructor", "did not complete") for one in found)
    for at, (kind, name) in enumerate(columns):
        if kind is Holds.HOURS and not cells[at] and not needs_none:
            found[at] = as_said(kind, name, "")
    return found


def unclear(header: str, cell: str) -> str:
    """Something of a row that somebody has to look at, as it is written in a line."""
    text = f"{header}: {cell}".replace('"', "'")
    return f'"{text}"'
