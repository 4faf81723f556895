"""The meetings of a class, a row each: date, from, to. More rows, and weekly ones, without a line of script."""

import datetime as dt

from django import forms

from clee_portal import clock
from clee_portal.refusal import Refused
from training.class_plan import MOST_MEETINGS, Meeting
from training.forms.hours import Anchor
from training.local_times import FIRST, SECOND, clock_change, meeting_of, read_time

MOST_WEEKS = 26


class MeetingForm(forms.Form):
    """One meeting. Blank, it is none. Of an hour that comes twice it is asked which."""

    day = forms.DateField(
        label="Date",
        required=False,
        error_messages={"invalid": "This is not a date. Write it as 11/03/2026."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    begins = forms.CharField(
        label="From",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "time", "class": "form-control"}),
    )
    ends = forms.CharField(
        label="To",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "time", "class": "form-control"}),
    )
    which = forms.ChoiceField(
        label="The hour that comes twice",
        required=False,
        choices=[("", "Choose"), (FIRST, "The first (daylight saving time)"), (SECOND, "The second (standard time)")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    meeting: Meeting | None = None

    def __init__(self, *args, number: int, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.number = number
        self.empty_permitted = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return not any((self[name].value() or "") for name in ("day", "begins", "ends"))

    @property
    def asks_which(self) -> bool:
        """Whether the hour is one that comes twice."""
        return bool(self["which"].value() or (self.is_bound and self.errors.get("which")))

    def clean(self) -> dict:
        """Makes the meeting, or says what is wrong with it."""
        given = super().clean()
        if self.is_blank or self.errors:
            return given
        day = given.get("day")
        if day is None:
            self.add_error("day", f"Meeting {self.number}: give the date.")
        times = {}
        for name, word in (("begins", "it begins"), ("ends", "it ends")):
            typed = (given.get(name) or "").strip()
            if not typed:
                self.add_error(name, f"Meeting {self.number}: say when {word}.")
                continue
            try:
                times[name] = read_time(typed)
            except Refused as refusal:
                self.add_error(name, f"Meeting {self.number}: {refusal.message}")
        if day is None or len(times) < 2:
            return given
        try:
            self.meeting = meeting_of(day, times["begins"], times["ends"], given.get("which") or "")
        except Refused as refusal:
            self.add_error(refusal.field or "begins", f"Meeting {self.number}: {refusal.message}")
        return given

    @property
    def noted(self) -> str:
        """What is to be known of it: that it passes midnight, that the clocks change."""
        if self.meeting is None:
            return ""
        return clock_change(self.meeting) or (
            "It ends the next day." if self["ends"].value() <= self["begins"].value() else ""
        )


class MeetingsForm(forms.Form):
    """All rows. `rows` says how many there are; `anchor` is where the error about all of them leads to."""

    rows = forms.IntegerField(min_value=1, max_value=MOST_MEETINGS, widget=forms.HiddenInput)
    weeks = forms.IntegerField(
        label="times in all, a week apart",
        required=False,
        min_value=2,
        max_value=MOST_WEEKS,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Say how many times in all, 2 to {MOST_WEEKS}."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control", "autocomplete": "off"}),
    )
    meetings = forms.CharField(required=False, label="Meetings", widget=Anchor("meetings"))

    def __init__(self, data=None, *, initial=None, weeks: str = ""):
        rows = initial or [{}]
        if data is not None:
            given = data.get("meet-rows", "")
            count = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 1
            rows = [{}] * min(max(count, 1), MOST_MEETINGS)
        super().__init__(data, prefix="meet", label_suffix="", initial={"rows": len(rows), "weeks": weeks})
        self.forms = [MeetingForm(data, prefix=f"meet-{at}", number=at + 1, initial=one) for at, one in enumerate(rows)]
        self.given: list[Meeting] = []

    def is_valid(self) -> bool:
        """Whether every row is blank or a meeting."""
        checked = [one.is_valid() for one in self.forms]
        return super().is_valid() and all(checked)

    def clean(self) -> dict:
        """The meetings of the rows that are not blank."""
        self.given = [one.meeting for one in self.forms if one.is_valid() and one.meeting]
        return super().clean()


def rows_of(meetings) -> list[dict]:
    """What the rows show for meetings that exist (anything with `begins_at` and `ends_at`)."""
    rows = []
    for one in meetings:
        begins, ends = (moment.astimezone(clock.CHICAGO) for moment in (one.begins_at, one.ends_at))
        which = ""
        if begins.utcoffset() != begins.replace(fold=1 - begins.fold).utcoffset():
            which = SECOND if begins.fold else FIRST
        row = {"day": begins.date(), "begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}", "which": which}
        rows.append(row)
    return rows


def with_rows(data, step: str):
    """The data of the form with one row more (`more`), or the first repeated weekly (`weekly`); a copy."""
    data = data.copy()
    given = data.get("meet-rows", "")
    count = min(int(given), MOST_MEETINGS) if given.isascii() and given.isdecimal() and len(given) < 4 else 1
    if step == "more":
        data["meet-rows"] = str(min(count + 1, MOST_MEETINGS))
        before, new = f"meet-{count - 1}", f"meet-{count}"
        for name in ("begins", "ends"):
            data[f"{new}-{name}"] = data.get(f"{before}-{name}", "")
        return data
    weeks = data.get("meet-weeks", "")
    weeks = int(weeks) if weeks.isascii() and weeks.isdecimal() and len(weeks) < 4 else 0
    try:
        first = dt.date.fromisoformat(data.get("meet-0-day", ""))
        days = [first + dt.timedelta(weeks=at) for at in range(weeks)]
    except (ValueError, OverflowError):  # no day, or one at the end of the calendar
        return data
    if not 2 <= weeks <= MOST_WEEKS:
        return data
    for at, day in enumerate(days):
        data[f"meet-{at}-day"] = day.isoformat()
        for name in ("begins", "ends"):
            data[f"meet-{at}-{name}"] = data.get(f"meet-0-{name}", "")
        if at:
            data[f"meet-{at}-which"] = ""
    data["meet-rows"] = str(weeks)
    return data
