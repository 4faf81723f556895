"""The forms by which a provider brings in the calendar it has, and mends its events."""

from django import forms

from training.forms.calendar_fields import fee, seats, text, zip_code
from training.local_times import FIRST, SECOND
from training.models import CalendarImport, CalendarImportRow, Course


class CalendarFileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="Your calendar",
        help_text="An ICS file as Outlook, Google or a website exports it, or a table (CSV, XLSX) with a row for each "
        "class: title and date, and where you have them from, to, place, ZIP code, seats, fee, instructor, id.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
        widget=forms.ClearableFileInput(attrs={"accept": ".ics,.csv,.xlsx,.txt,.tsv,text/calendar"}),
    )


class SettleForm(forms.Form):
    """What is said once for the whole file: the course of each title, seats and place, which dates are one class."""

    capacity = seats("Seats, where an event does not say", required=False)
    place = text("Name of the place, where an event does not say", 200)
    zip_code = zip_code()

    def __init__(self, data=None, *, calendar: CalendarImport, titles: list[str], repeated: list[tuple[str, str]]):
        given = {name: getattr(calendar, name) for name in ("capacity", "place", "zip_code")}
        super().__init__(data, label_suffix="", initial=given)
        self.use_required_attribute = False
        courses = list(calendar.provider.courses.current().order_by("title", "pk"))
        known = dict(calendar.rows.exclude(course=None).values_list("title", "course"))
        self.by_title: list[tuple[str, str]] = []
        for at, title in enumerate(titles):
            self.fields[f"title-{at}"] = forms.ModelChoiceField(
                calendar.provider.courses.current().order_by("title", "pk"),
                label=title or "(no title)",
                required=False,
                empty_label="No course: leave it out for now",
                initial=known.get(title),
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"title-{at}"].choices = [
                ("", "No course: leave it out for now"),
                *((one.pk, one.title) for one in courses),
            ]
            self.by_title.append((f"title-{at}", title))
        self.repeated: list[tuple[str, str]] = []
        joined = set(calendar.rows.filter(is_joined=True).values_list("repeats", flat=True))
        for at, (repeats, words) in enumerate(repeated):
            self.fields[f"joined-{at}"] = forms.ChoiceField(
                label=words,
                choices=[("one", "One class with these meetings"), ("each", "A class on each of these dates")],
                initial="one" if repeats in joined else "each",
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.repeated.append((f"joined-{at}", repeats))

    @property
    def title_rows(self) -> list[forms.BoundField]:
        """The choices of a course, one for each title."""
        return [self[name] for name, _ in self.by_title]

    @property
    def repeated_rows(self) -> list[forms.BoundField]:
        """The choices about repeated events."""
        return [self[name] for name, _ in self.repeated]

    @property
    def courses(self) -> dict[str, Course | None]:
        """Title -> the course chosen."""
        return {title: self.cleaned_data[name] for name, title in self.by_title}

    @property
    def joined(self) -> dict[str, bool]:
        """Repeated event -> whether its dates are one class."""
        return {repeats: self.cleaned_data[name] == "one" for name, repeats in self.repeated}


class RowForm(forms.Form):
    """One event, mended."""

    course = forms.ModelChoiceField(
        Course.objects.none(), label="Course", required=False, empty_label="Choose", widget=forms.Select()
    )
    day = forms.DateField(
        label="Date",
        error_messages={"required": "Give the date.", "invalid": "This is not a date. Write it as 11/03/2026."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
    )
    begins = forms.CharField(
        label="From", max_length=40, error_messages={"required": "Say when it begins."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    ends = forms.CharField(
        label="To", max_length=40, error_messages={"required": "Say when it ends."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    which = forms.ChoiceField(
        label="The hour that comes twice in the fall (optional)",
        required=False,
        choices=[
            ("", "Not one of those"),
            (FIRST, "The first (daylight saving time)"),
            (SECOND, "The second (standard time)"),
        ],
        widget=forms.Select(),
    )
    place = text("Name of the place", 200)
    address = text("Street", 200)
    zip_code = zip_code()
    city = text("City", 100)
    capacity = seats("Seats (optional)", required=False)
    fee = fee("Fee in dollars (optional)", help_text="Empty: as the course says.")
    to_all = forms.BooleanField(label="These hours hold for all dates of this event", required=False)
    is_left_out = forms.BooleanField(label="Leave this event out", required=False)

    def __init__(self, *args, row: CalendarImportRow, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.fields["course"].queryset = row.calendar_import.provider.courses.current().order_by("title", "pk")
        if not row.repeats:
            del self.fields["to_all"]
        given = self.data.get("is_left_out") if self.is_bound else None
        if given:
            for name in ("day", "begins", "ends"):
                self.fields[name].required = False


def shown(row: CalendarImportRow) -> dict:
    """What the form shows of an event."""
    names = ("day", "begins", "ends", "place", "address", "zip_code", "city", "capacity", "fee", "is_left_out")
    return {name: getattr(row, name) for name in names} | {"course": row.course_id}
