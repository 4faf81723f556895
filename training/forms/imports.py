"""Forms of a file of training: the file itself, and which of its columns holds what."""

from collections.abc import Callable, Sequence
from functools import partial

from django import forms

from clee_portal import clock
from training.imports.classes import read_hours
from training.imports.dates import read_date
from training.imports.desk import FOR_ALL_ROWS, Desk
from training.imports.headers import IGNORE
from training.imports.shapes import NO_NAMES, Shape
from training.models import Delivery, TrainingImport
from training.wrong import Wrong


class UploadForm(forms.Form):
    """A file of training: CSV or XLSX."""

    file = forms.FileField(
        label="File",
        help_text="CSV or XLSX, up to 30 MB: one class with many officers, many classes, or both. Column names may "
        "stand in any row.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    sheet = forms.CharField(
        label="Sheet",
        required=False,
        max_length=100,
        help_text="Its name. Empty: the first; the others are offered next.",
    )


class ColumnsForm(forms.Form):
    """Which column holds what, and what holds for every row; `lacking` says what is still not given."""

    def __init__(self, data=None, *, training_import: TrainingImport, shape: Shape, desk: Desk):
        self.training_import, self.shape = training_import, shape
        super().__init__(data)
        heads = [(number, _shown(number, row)) for number, row in shape.head]
        self.fields["header_row"] = forms.TypedChoiceField(
            label="The column names stand in",
            choices=[*heads, (NO_NAMES, "no row: the first row is training already")],
            coerce=int,
            initial=shape.header_row,
        )
        choices = [(IGNORE, "Leave it out"), *((one.name, _about(one.about)) for one in desk.fields.values())]
        for at, name in enumerate(shape.columns):
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=f"What “{name}” holds" if name else f"What column {at + 1} holds",
                choices=choices,
                required=False,
                initial=shape.fields[at],
            )
        given = dict(zip(training_import.set_names, training_import.set_values, strict=True))
        for name in FOR_ALL_ROWS:
            self.fields[f"set-{name}"] = self._setting(name, desk, given.get(name, ""))
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    @staticmethod
    def _setting(name: str, desk: Desk, initial: str) -> forms.Field:
        label = {"title": "Course title", "completed_on": "Day the class ended", "hours": "Hours", "area": "Area",
                 "delivery": "Classroom or online"}[name]  # fmt: skip
        if name == "area":
            choices = [("", "Not the same for all"), *((one.code, one.name) for one in desk.areas.values())]
            return forms.ChoiceField(label=label, choices=choices, required=False, initial=initial)
        if name == "delivery":
            choices = [("", "As the file says, else classroom"), *Delivery.choices]
            return forms.ChoiceField(label=label, choices=choices, required=False, initial=initial)
        if name == "completed_on":
            widget = forms.DateInput(attrs={"type": "date"})
            readable = _Readable(partial(read_date, today=clock.today()))
            return forms.CharField(label=label, required=False, initial=initial, widget=widget, validators=[readable])
        is_hours = name == "hours"
        widget = forms.TextInput(attrs={"inputmode": "decimal"}) if is_hours else None
        validators = [_Readable(read_hours)] if is_hours else []
        return forms.CharField(
            label=label, required=False, initial=initial, max_length=200, widget=widget, validators=validators
        )

    def column_rows(self) -> list[tuple[str, list[str], forms.BoundField]]:
        """Each column: its name, samples of what stands in it, and the choice of what it holds."""
        samples = self.shape.samples()
        return [
            (name or f"Column {at + 1}", samples[at], self[f"column-{at}"])
            for at, name in enumerate(self.shape.columns)
        ]

    def settings(self) -> list[forms.BoundField]:
        """The values that hold for every row."""
        return [self[f"set-{name}"] for name in FOR_ALL_ROWS]

    @property
    def fields_chosen(self) -> list[str]:
        """What each column holds, as chosen."""
        return [self.cleaned_data.get(f"column-{at}") or IGNORE for at in range(len(self.shape.columns))]

    @property
    def settings_chosen(self) -> dict[str, str]:
        """What holds for every row, as chosen."""
        return {name: self.cleaned_data.get(f"set-{name}", "").strip() for name in FOR_ALL_ROWS}


class _Readable:
    """A value for the whole file is one that a cell could hold: else every row would be refused for it."""

    def __init__(self, read: Callable[[str], object]):
        self._read = read

    def __call__(self, text: str) -> None:
        try:
            self._read(text)
        except Wrong as error:
            raise forms.ValidationError(f"{error.wrong} {error.fix}") from None


def lacking(training_import: TrainingImport, areas: Sequence[str]) -> list[str]:
    """What neither a column nor a value for the whole file gives; every row would be held for it."""
    given = {*(name for name in training_import.fields if name != IGNORE), *training_import.set_names}
    found = []
    if not given & {"license_number", "name", "last_name"}:
        found.append("who attended: the column of license numbers, or of names")
    if not given & {"title", "control_number"}:
        found.append("the course title")
    if "completed_on" not in given:
        found.append("the day the class ended")
    if not given & {"hours", *areas}:
        found.append("the hours")
    elif "area" not in given and not given & set(areas):
        found.append("the area of the hours")
    return found


def _about(text: str) -> str:
    return text[0].upper() + text[1:]


def _shown(number: int, row: Sequence) -> str:
    texts = [str(cell) for cell in row if cell not in (None, "")]
    return f"row {number}: {' | '.join(texts)}"[:90]
