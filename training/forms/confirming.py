"""Confirming who completed a class of the calendar: everyone with what the marks of the door suggest, each editable."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django import forms
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property

from clee_portal.accounts.models import User
from training import hours, names_shown, presence, selectors
from training.forms.exceptions import LEFT, PART, TAUGHT, TAUGHT_OWN, TEACHING, WITH_OWN_HOURS, ExceptionForm
from training.forms.hours import initial_of
from training.hours import Line
from training.models import AttendanceMark, Officer, Registration, ScheduledClass, TrainingRecord
from training.presence import Presence, Suggested
from training.services import confirming
from training.services.class_drafts import Attendance, ClassDraft, problems

ALL, ABSENT = "all", "absent"
HOW = [
    (ALL, "Completed all of it"),
    (PART, "Completed part of the hours"),
    (LEFT, "Did not complete: no credit"),
    (ABSENT, "Did not come"),
    (TAUGHT, "Taught it: credit hour for hour"),
    (TAUGHT_OWN, "Taught it, with own hours"),
]
OF = {
    Suggested.COMPLETED: ALL,
    Suggested.PART: PART,
    Suggested.LEFT: LEFT,
    Suggested.ABSENT: ABSENT,
}
MOST_NUMBERS = 200


class AttendedForm(ExceptionForm):
    """How one person attended: what the marks suggest to begin with, or what was chosen."""

    def __init__(self, data=None, *, suggested: str, suggested_lines: tuple[Line, ...], whole, **more):
        super().__init__(data, whole=suggested_lines or whole, **more)
        self.suggested, self.suggested_lines = suggested, suggested_lines or None
        self.fields["how"] = forms.ChoiceField(
            choices=HOW,
            label="how",
            initial=suggested,
            error_messages={"required": "Choose how they attended.", "invalid_choice": "Choose how they attended."},
            widget=forms.Select(attrs={"class": "form-select", "data-how": self.pk}),
        )

    @property
    def shown(self) -> str:
        """What is chosen on the page."""
        return self.chosen if self.is_bound else self.suggested

    @property
    def credit(self):
        """The own hours as they are suggested; 0 once something was chosen, which the page adds up itself."""
        return 0 if self.is_bound else hours.total(self.suggested_lines or ())

    @property
    def is_part(self) -> bool:
        """Whether own hours are asked for."""
        return self.shown in WITH_OWN_HOURS


class Person(NamedTuple):
    """One person of the page."""

    officer: Officer
    registration: Registration | None
    presence: Presence | None
    form: AttendedForm
    is_closed: bool  # the name is not shown to whoever looks

    @property
    def name(self) -> str:
        """The name as lists sort it, or that it is closed."""
        return self.form.name

    @property
    def number(self) -> str:
        """The license number; nothing where the name is closed."""
        return "" if self.is_closed else self.officer.license_number

    @property
    def times(self) -> str:
        """From when to when they were in: 8:02 AM to 12:00 PM."""
        if self.presence is None:
            return ""
        found = sorted(span for spans in self.presence.spans.values() for span in spans)
        words = presence.clock_words
        return ", ".join(
            f"{words(one.begins_at)} to {words(one.ends_at) if one.ends_at else 'the end'}" for one in found
        )


class ConfirmForm(forms.Form):
    """Everybody of a class; others and instructors by license number. After `is_valid()`, `draft` is the class."""

    instructors = forms.CharField(
        label="Instructors, by license number",
        required=False,
        max_length=2000,
        help_text="They are credited hour for hour (11 CSR 75-15.020(3)). Separate several by commas.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    added = forms.CharField(
        label="Others who came, by license number",
        required=False,
        max_length=4000,
        help_text="Whoever is not in the list. Separate several by commas or lines.",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, data=None, *, held: ScheduledClass, user: User, today):
        super().__init__(data, label_suffix="")
        self.held, self.user, self.today = held, user, today
        self.curriculum = selectors.curriculum()
        self.whole = confirming.draft_of(held).lines
        self.draft: ClassDraft | None = None
        self.unknown: dict[str, list[str]] = {"instructors": [], "added": []}

    @cached_property
    def registrations(self) -> list[Registration]:
        """Everybody with a seat, and whoever has a mark, by name."""
        marked = AttendanceMark.objects.live().filter(registration__scheduled_class=self.held).values("registration")
        seated = Registration.objects.filter(scheduled_class=self.held, state=Registration.State.REGISTERED)
        both = seated | Registration.objects.filter(scheduled_class=self.held, pk__in=marked)
        rows = both.select_related("officer").order_by("officer__search_name", "officer__license_number", "-turn")
        # Given back and registered again is one person: the latest.
        return list({one.officer_id: one for one in reversed(rows)}.values())[::-1]

    @cached_property
    def marks(self) -> dict[int, list[AttendanceMark]]:
        """Officer id -> live marks of the class."""
        found: dict[int, list[AttendanceMark]] = {}
        rows = AttendanceMark.objects.live().filter(registration__scheduled_class=self.held)
        for one in rows.select_related("registration").order_by("at", "pk"):
            found.setdefault(one.registration.officer_id, []).append(one)
        return found

    @cached_property
    def named(self) -> dict[str, list[Officer]]:
        """The field -> the officers whose license numbers stand in it, each once."""
        typed = {name: _numbers(self.data.get(name, "")) if self.is_bound else [] for name in ("instructors", "added")}
        if not self.is_bound:
            return {"instructors": [], "added": []}
        known = selectors.by_license_number({one for some in typed.values() for one in some[:MOST_NUMBERS]})
        known = {number: one for number, one in known.items() if one.merged_into_id is None}
        self.unknown = {name: [one for one in some if one not in known] for name, some in typed.items()}
        return {name: [known[one] for one in dict.fromkeys(some) if one in known] for name, some in typed.items()}

    @cached_property
    def persons(self) -> list[Person]:
        """Everybody of the page: those registered, then those added, then instructors who are not among them."""
        meetings = list(self.held.meetings.all())
        is_marked = bool(self.marks)
        found: dict[int, Person] = {}
        everybody = [*(one.officer for one in self.registrations), *self.named["added"], *self.named["instructors"]]
        self.closed = names_shown.closed_to(self.user, everybody)
        teaching = {one.pk for one in self.named["instructors"]}
        for one in self.registrations:
            there = presence.of(meetings, self.marks.get(one.officer_id, ()), self.whole)
            # Where the door was not used, nothing suggests that somebody came.
            suggested = OF[there.suggested] if is_marked else ABSENT
            found[one.officer_id] = self._person(one.officer, suggested, one, there, teaching)
        for one in self.named["added"]:
            found.setdefault(one.pk, self._person(one, ALL, None, None, teaching))
        for one in self.named["instructors"]:
            found.setdefault(one.pk, self._person(one, TAUGHT, None, None, teaching))
        return list(found.values())

    def _person(self, officer: Officer, suggested: str, registration, there: Presence | None, teaching) -> Person:
        how, is_closed = f"person-{officer.pk}-how", officer.pk in self.closed
        data = self.data if self.is_bound and how in self.data else None
        if officer.pk in teaching and (data is None or data[how] not in TEACHING):
            # Whoever is named as an instructor taught it, whatever the list says.
            data, suggested = None, TAUGHT
        form = AttendedForm(
            data,
            pk=officer.pk,
            name=names_shown.CLOSED if is_closed else officer.sorted_name,
            curriculum=self.curriculum,
            whole=self.whole,
            suggested=suggested,
            suggested_lines=(there.lines or ()) if there and suggested == PART else (),
        )
        return Person(officer, registration, there, form, is_closed)

    @property
    def is_marked(self) -> bool:
        """Whether anything was marked at the door."""
        return bool(self.marks)

    @property
    def forms(self) -> list[forms.Form]:
        """The forms inside this one, for the error summary."""
        bound = [one.form for one in self.persons if one.form.is_bound]
        return [*bound, *(one.part for one in bound if one.chosen in WITH_OWN_HOURS)]

    def non_form_errors(self) -> list:
        """None: every error has its field."""
        return []

    def all_as(self, how: str) -> None:
        """Choose `how` for everybody with a seat who is not teaching; nothing is sent by it."""
        self.data = self.data.copy()
        for one in self.persons:
            if one.registration and one.form.shown not in TEACHING:
                self.data[f"person-{one.officer.pk}-how"] = how
        del self.persons

    def unfold(self, pk: int) -> None:
        """Ask for the own hours of one person; nothing is sent by it."""
        one = next((one for one in self.persons if one.officer.pk == pk), None)
        if one and not one.form.is_part:
            self.data = self.data.copy()
            own = TAUGHT_OWN if one.form.shown == TAUGHT else PART
            self.data[f"person-{pk}-how"] = own
            for name, value in initial_of(self.whole).items():
                self.data[f"part-{pk}-{name}"] = value
            del self.persons

    def as_shown(self) -> ClassDraft:
        """The class as the page suggests it, judged by nobody."""
        attendances = [
            Attendance(
                one.officer, self._role(one), one.form.suggested_lines if one.form.is_part else None, by_number=True
            )
            for one in self.persons
            if one.form.shown not in (ABSENT, LEFT)
        ]
        return confirming.draft_of(self.held, attendances, (), self.whole)

    @staticmethod
    def _role(one: Person) -> str:
        return TrainingRecord.Role.INSTRUCTOR if one.form.shown in TEACHING else TrainingRecord.Role.STUDENT

    def leave_unchecked(self) -> None:
        """Show what was chosen without judging it."""
        for one in (self, *self.forms):
            one._errors = ErrorDict()

    def clean(self) -> dict:
        """Builds the draft, and says what keeps it from being recorded."""
        attendances, left_out = [], []
        persons = self.persons  # which also finds what is named and unknown
        for field, numbers in self.unknown.items():
            for number in numbers:
                self.add_error(field, selectors.nobody_has(number))
        for one in persons:
            if not one.form.is_bound and one.registration and one.form.suggested != TAUGHT:
                self.add_error(None, f"{one.name} was added to the list since this page was opened. Look at it again.")
            how = one.form.shown
            if one.form.is_bound and not one.form.is_valid():
                continue
            if how == LEFT:
                left_out.append(one.officer)
            elif how != ABSENT:
                own = one.form.own_hours(self.whole) if one.form.is_bound else None
                attendances.append(Attendance(one.officer, self._role(one), own, by_number=True))
        self.draft = confirming.draft_of(self.held, attendances, left_out, self.whole)
        for problem in problems(self.draft, self.today):
            # Without a valid license of the provider everything is held: no error of the form.
            if problem.field != "provider_license":
                self.add_error(None, self._open(problem.message))
        return self.cleaned_data

    def _open(self, message: str) -> str:
        """What is said of somebody, without a name that is closed."""
        for one in self.persons:
            message = message.replace(str(one.officer), one.name) if one.is_closed else message
        return message

    def is_valid(self) -> bool:
        """Whether it can be confirmed."""
        return super().is_valid() and all(one.is_valid() for one in self.forms)


def own_hours_form(held: ScheduledClass, officer: Officer, user: User) -> AttendedForm:
    """The own hours of one officer, to begin with those of the class: a part of the page."""
    whole = confirming.draft_of(held).lines
    return AttendedForm(
        None,
        pk=officer.pk,
        name=names_shown.name_for(user, officer),
        curriculum=selectors.curriculum(),
        whole=whole,
        suggested=PART,
        suggested_lines=whole,
    )


def _numbers(text: str) -> list[str]:
    return [one.upper() for one in re.split(r"[\s,;]+", text.replace("\x00", "")) if one]


def counted(people: Iterable[Person]) -> dict[str, int]:
    """How many are chosen to be what."""
    found = dict.fromkeys((value for value, _ in HOW), 0)
    for one in people:
        if one.form.shown in found:
            found[one.form.shown] += 1
    return found
