"""The basket as a form: every held row of a page with its cells, who may be meant, and whether it is dropped."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.forms.utils import ErrorDict
from django.http import QueryDict

from clee_portal.refusal import Refused
from training import matching_register, selectors
from training.forms.exceptions import COMPLETED, LEFT, PART, TAUGHT, TAUGHT_OWN, TEACHING, WITH_OWN_HOURS, ExceptionForm
from training.forms.hours import initial_of
from training.hours import Line
from training.imports import working
from training.matching import Candidate, Certainty, People
from training.matching_lines import match_lines
from training.models import ImportRow, TrainingImport
from training.services.held_rows import Attended, said_by

CODES = (COMPLETED, PART, LEFT, TAUGHT, TAUGHT_OWN)
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
    is_overtaken: bool = False  # somebody else mended it since the page was made, and this answer says something else
    asks_who: bool = False  # a license number alone, of an officer of another agency: shown before it is credited
    error: str = ""
    now: str = ""  # a mark of its cells as they stand, so that an answer to another state of them is noticed
    was: str = ""  # of one that somebody else mended: as it stands now
    candidates: tuple[Candidate, ...] = field(default=())
    exception: ExceptionForm | None = None  # of a pasted line: how they attended
    whole: tuple[Line, ...] = ()  # of a pasted line: what the class gives

    @property
    def is_open(self) -> bool:
        """Whether somebody has to say how they attended."""
        return self.exception is not None and self.exception.chosen not in CODES

    @property
    def says_something(self) -> bool:
        """Whether they attended, or may have attended, otherwise than everybody."""
        return self.exception is not None and self.exception.chosen != COMPLETED

    def attended(self) -> Attended:
        """How they attended, as answered. Raises `Refused` where it is not said, or not enough."""
        form = self.exception
        if self.is_open:
            raise Refused("Say how they attended: the line does not make it clear.")
        own = None
        if form.chosen in WITH_OWN_HOURS:
            if form.part.is_blank:
                raise Refused("Give the own hours, by area.")
            own = form.own_hours(self.whole)
            if not form.part.is_valid() or not own:
                raise Refused("Correct the own hours below.")
        how = ImportRow.How.LEFT if form.chosen == LEFT else ImportRow.How.COMPLETED
        return Attended(ImportRow.How.TAUGHT if form.chosen in TEACHING else how, own)

    @property
    def is_pasted(self) -> bool:
        """Whether it is a pasted line: all that can be answered is who is meant."""
        return self.row.training_import.kind == TrainingImport.Kind.PASTE

    @property
    def name(self) -> str:
        """The name in it, or the whole pasted line."""
        if self.is_pasted:
            return self.row.cells[0]
        fields = working.columns_of(self.row.training_import).fields
        return " ".join(self.cells[fields[one]].value for one in _PERSON if one in fields)

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
    """The held rows of one page of an agency; `data` is what was posted. A constant number of statements.

    `whole_register`: where nobody of the agency may be meant, officers of the state are offered by name (POST).
    """

    def __init__(
        self,
        rows: Sequence[ImportRow],
        people: People,
        data: Mapping[str, str] | None = None,
        *,
        whole_register: bool = False,
    ):
        self.rows = [_read(row, data) for row in rows]
        pasted = [one for one in self.rows if one.is_pasted]
        if pasted:
            curriculum = selectors.curriculum()
            for one in pasted:
                _ask(one, curriculum, data)
        self._offer(people)
        if whole_register:
            nameless = [one for one in self.rows if not one.candidates and one.name.strip()]
            for one, found in zip(nameless, matching_register.like([one.name for one in nameless]), strict=True):
                one.candidates = found

    def _offer(self, people: People) -> None:
        """Find who may be meant by each row."""
        asked = []
        by_day: dict[dt.date, list[HeldRow]] = {}
        for one in self.rows:
            if one.is_pasted:
                day = one.row.training_import.training_class.ends_on
                if one.number and not people.is_closed:
                    asked.append((one, {"number": one.number}, day))
                else:
                    by_day.setdefault(day, []).append(one)
            else:
                number, name, day = working.person_in(one.row.training_import, one.values)
                asked.append((one, {"number": number, "name": name}, day))
        people.know({given["number"] for _, given, _ in asked if given["number"]})
        for one, given, day in asked:
            if not any(given.values()):
                continue
            match = people.match(**given, day=day)
            one.candidates = match.candidates
            if match.certainty is not Certainty.CERTAIN:
                continue
            one.asks_who = one.is_changed and not given.get("name") and match.person.pk not in people.own
            if one.is_pasted or one.asks_who:
                one.candidates = (match.person,)
        for day, rows in by_day.items():
            _offer_as_pasted(rows, people, day)


def _offer_as_pasted(rows: Sequence[HeldRow], people: People, day: dt.date) -> None:
    """Offer for pasted lines whom the entry page offers for them."""
    text = "\n\n".join(_written(one) for one in rows)
    for line in match_lines(text, body=people.body, day=day, people=people):
        one = rows[(line.line - 1) // 2]
        for who in (*line.candidates, line.named, line.person):
            if who and who.pk not in {held.pk for held in one.candidates}:
                one.candidates = (*one.candidates, who)


def _written(one: HeldRow) -> str:
    """A pasted line as it is to be understood: with the number typed for it, or what was typed in its place."""
    line = " ".join(one.row.cells[0].split("\n"))
    if not one.number:
        return line
    return one.number if any(map(str.isalpha, one.number)) else f"{one.number} {line}"


def _ask(one: HeldRow, curriculum, data: Mapping[str, str] | None) -> None:
    """Give a pasted line the form of how they attended: as answered, before that as the line says it."""
    row = one.row
    lines = row.training_import.training_class.lines.all()
    one.whole = tuple(Line(line.area, line.topic, line.hours) for line in lines)
    given = QueryDict(mutable=True)
    if data is not None and f"person-{row.pk}-how" in data:
        given.update({name: data[name] for name in data if name.startswith((f"person-{row.pk}-", f"part-{row.pk}-"))})
    else:
        given.update(_preset(row, one.whole))
    one.exception = ExceptionForm(given, pk=row.pk, name=f"How {row.cells[0]} attended", curriculum=curriculum)
    if data is None:
        for form in (one.exception, one.exception.part):
            form._errors = ErrorDict()


def _preset(row: ImportRow, whole: tuple[Line, ...]) -> dict[str, str]:
    """What a line says, as the form is answered; where it does not say enough, no answer."""
    name, said = f"person-{row.pk}-how", said_by(row, whole)
    if said is None:
        return {name: PART if row.how != ImportRow.How.OPEN and row.how != ImportRow.How.TAUGHT else "open"}
    how = {ImportRow.How.LEFT: LEFT, ImportRow.How.TAUGHT: TAUGHT_OWN if said.lines else TAUGHT}
    own = {f"part-{row.pk}-{field}": value for field, value in initial_of(said.lines or ()).items()}
    return {name: how.get(said.how, PART if said.lines else COMPLETED), **own}


def _mark(row: ImportRow, cells: Sequence[Cell]) -> str:
    """A short mark of what can be answered in a row; blanks are no difference."""
    text = "\x1f".join(" ".join(cell.value.split()) for cell in cells if cell.is_used)
    return hashlib.sha256(f"{row.pk}\x1f{text}".encode()).hexdigest()[:16]


def _read(row: ImportRow, data: Mapping[str, str] | None) -> HeldRow:
    columns = working.columns_of(row.training_import)
    used, wrong = set(columns.fields.values()), set(row.column.split(", "))
    cells = [
        Cell(f"cell-{row.pk}-{at}", name, row.cells[at] if at < len(row.cells) else "", at in used, name in wrong)
        for at, name in enumerate(columns.names)
    ]
    held = HeldRow(row, cells, now=_mark(row, cells))
    if data is None:
        return held
    shown = data.get(f"seen-{row.pk}", "")
    before = [cell.value for cell in cells]
    for cell in cells:
        given = data.get(cell.name)
        if given is not None and given.split() != cell.value.split():
            cell.value, held.is_changed = given.strip(), True
    if shown and shown != held.now and not held.is_pasted:
        if _mark(row, cells) == shown and not data.get(f"person-{row.pk}"):
            # Nothing was answered: it is shown as somebody else has mended it.
            held.is_changed = False
            for cell, value in zip(cells, before, strict=True):
                cell.value = value
        else:
            held.is_overtaken = True
            held.was = " · ".join(value for value in before if value)
    held.person = data.get(f"person-{row.pk}", "")
    held.number = data.get(f"number-{row.pk}", "").strip()
    held.is_dropped = f"drop-{row.pk}" in data
    held.why = data.get(f"why-{row.pk}", "").strip()
    return held
