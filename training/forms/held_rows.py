"""The basket as a form: every held row of a page with its cells, who may be meant, and whether it is dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.imports import working
from training.matching import Candidate, Certainty, People
from training.models import ImportRow, TrainingImport

_PERSON = ("name", "first_name", "middle_name", "last_name", "suffix")


@dataclass
class Cell:
    """A cell of a held row as it is shown: what stands in it, whether it is read, whether it is what is wrong."""

    name: str
    column: str
    value: str
    is_used: bool
    is_wrong: bool


@dataclass
class HeldRow:
    """A held row as it is shown and as it was answered."""

    row: ImportRow
    cells: list[Cell]
    person: str = ""  # the id of the officer picked
    number: str = ""  # of a pasted line: the license number typed
    is_dropped: bool = False
    why: str = ""
    is_changed: bool = False
    error: str = ""
    candidates: tuple[Candidate, ...] = field(default=())

    @property
    def is_pasted(self) -> bool:
        """Whether it is a pasted line: all that can be answered is who is meant."""
        return self.row.training_import.kind == TrainingImport.Kind.PASTE

    @property
    def values(self) -> list[str]:
        """Its cells as they were answered."""
        return [cell.value for cell in self.cells]

    @property
    def picked(self) -> Candidate | None:
        """Who was picked among those who may be meant."""
        return next((one for one in self.candidates if str(one.pk) == self.person), None)

    def take_picked(self) -> None:
        """Write the license number of whoever was picked into the row; it says who is meant, and a name no more."""
        fields = working.columns_of(self.row.training_import).fields
        for name in _PERSON:
            if name in fields:
                self.cells[fields[name]].value = ""
        self.cells[fields["license_number"]].value = self.picked.license_number
        self.is_changed = True


class BasketForm:
    """The held rows of one page of an agency; `data` is what was posted. A constant number of statements."""

    def __init__(self, rows: Sequence[ImportRow], people: People, data: Mapping[str, str] | None = None):
        self.rows = [_read(row, data) for row in rows]
        self._offer(people)

    def _offer(self, people: People) -> None:
        """Find who may be meant by each row."""
        asked = []
        for one in self.rows:
            if one.is_pasted:
                held = one.row.training_import.training_class
                asked.append(
                    (one, {"number": one.number, "words": "" if one.number else one.row.cells[0]}, held.ends_on)
                )
            else:
                number, name, day = working.person_in(one.row.training_import, one.values)
                asked.append((one, {"number": number, "name": name}, day))
        people.know({given["number"] for _, given, _ in asked if given["number"]})
        for one, given, day in asked:
            if not any(given.values()):
                continue
            match = people.match(**given, day=day)
            one.candidates = match.candidates
            if match.certainty is Certainty.CERTAIN and one.is_pasted:
                one.candidates = (match.person,)


def _read(row: ImportRow, data: Mapping[str, str] | None) -> HeldRow:
    columns = working.columns_of(row.training_import)
    used, wrong = set(columns.fields.values()), set(row.column.split(", "))
    cells = [
        Cell(f"cell-{row.pk}-{at}", name, row.cells[at] if at < len(row.cells) else "", at in used, name in wrong)
        for at, name in enumerate(columns.names)
    ]
    held = HeldRow(row, cells)
    if data is None:
        return held
    for cell in cells:
        given = data.get(cell.name)
        if given is not None and given.strip() != cell.value.strip():
            cell.value, held.is_changed = given.strip(), True
    held.person = data.get(f"person-{row.pk}", "")
    held.number = data.get(f"number-{row.pk}", "").strip()
    held.is_dropped = f"drop-{row.pk}" in data
    held.why = data.get(f"why-{row.pk}", "").strip()
    return held
