"""The form by which a body enters a class: the class, its hours, who completed it, and exceptions by person."""

import datetime as dt
import re
import uuid
from collections.abc import Collection

from django import forms
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property

from training import attendees, selectors
from training.bodies import Body, field_of, is_provider, named
from training.forms.class_data import Standing, label_of
from training.forms.exceptions import COMPLETED, LEFT, TAUGHT, TEACHING, WITH_OWN_HOURS, ExceptionForm
from training.forms.hours import Anchor, HoursForm, initial_of
from training.forms.pasted import MOST, Pasted, part_of
from training.hours import Line
from training.matched_line import LineMatch
from training.matching_lines import match_lines
from training.models import Agency, Course, Delivery, Officer, TrainingClass, TrainingRecord
from training.selectors import CourseChoice, RosterRow
from training.services import classes, courses
from training.services.class_drafts import Attendance, ClassDraft

# What the service calls the license numbers is pasted here; of a provider's license the day decides.
FIELDS = {"numbers": "pasted", "provider_license": "ends_on"}


class ClassEntryForm(forms.Form):
    """Everything of the entry page in one form. After `is_valid()`, `draft` is the class to be recorded.

    `data` is the whole POST; ticks are `officers`, exceptions `person-<pk>-how` and `part-<pk>-…`, hours `hours-…`,
    pasted lines `pasted`, the candidates chosen for them `pick-<key of the line>`.
    """

    course = forms.CharField(
        label="Course",
        max_length=200,
        error_messages={"required": "Choose a course of the agency, or type the title of a new one."},
        widget=forms.TextInput(attrs={"list": "courses", "autocomplete": "off"}),
    )
    synopsis = forms.CharField(
        label="Synopsis, for a course that is new",
        required=False,
        max_length=5000,
        help_text="What is taught, in a few sentences. POST reviews the course by it (11 CSR 75-15.060).",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    instructors = forms.CharField(
        label="Instructors, for a course that is new",
        required=False,
        max_length=500,
        help_text="Their names, and what qualifies them (11 CSR 75-15.060).",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ends_on = forms.DateField(
        label="Completed on",
        error_messages={"required": "Give the day the class was completed.", "invalid": "This is not a date."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
    )
    starts_on = forms.DateField(
        label="First day",
        required=False,
        help_text="Only if it took more than a day.",
        error_messages={"invalid": "This is not a date."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
    )
    delivery = forms.ChoiceField(label="Delivery", choices=Delivery, initial=Delivery.CLASSROOM)
    place = forms.CharField(label="Place (optional)", required=False, max_length=200)
    officers = forms.CharField(label="Who completed it", required=False, widget=Anchor("who"))
    pasted = forms.CharField(
        label="Or paste who attended",
        required=False,
        max_length=MOST,
        strip=False,
        help_text="License numbers, names in any order, rows of a spreadsheet, an e-mail. Officers of another agency "
        "by POST license number. Badge numbers are something else.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data=None, *, body: Body, today: dt.date, corrects: TrainingClass | None = None, initial=None):
        super().__init__(data, initial={"ends_on": today, **(initial or {})}, label_suffix="")
        self.body, self.today, self.corrects = body, today, corrects
        self.draft: ClassDraft | None = None
        self.why_held = ""  # a provider had no license on the day: why the class can be kept, and not be recorded
        if is_provider(body):
            self._ask_a_provider()
        self.curriculum = selectors.curriculum()
        self.hours = HoursForm(data, curriculum=self.curriculum, prefix="hours", anchor="hours")

    def _ask_a_provider(self) -> None:
        self.fields["course"].error_messages["required"] = "Choose a course of the catalogue, or type a new title."
        self.fields["synopsis"].help_text = "What is taught, in a few sentences (11 CSR 75-15.030)."
        self.fields["instructors"].help_text = "Their names."
        self.fields["pasted"].help_text = (
            "Names and POST license numbers, rows of a spreadsheet, an e-mail. Somebody new to your classes is found "
            "by license number and full name together."
        )

    # What the page shows

    @cached_property
    def choices(self) -> list[CourseChoice]:
        """The courses the body can choose from."""
        return selectors.courses_of(self.body, self.today)

    @property
    def choices_json(self) -> list[dict]:
        """The courses for the script on the page: what they give, and what is said of them."""
        reviewed = {"approved": "Approved in-service course", "": "In-service course, not yet reviewed"}
        if is_provider(self.body):
            reviewed = {"approved": "Course approved by POST", "": "Course of the catalogue"}
        return [
            {
                "label": choice.label,
                "note": f"{reviewed[choice.review]} {choice.course.control_number or ''}".rstrip() + ".",
                "delivery": choice.course.delivery,
                "hours": initial_of(choice.lines),
            }
            for choice in self.choices
        ]

    @cached_property
    def day(self) -> dt.date:
        """The day the roster is shown for: the day of completion, today where that is not given or to come."""
        if self.is_bound:
            try:
                typed = self.fields["ends_on"].clean(self.data.get("ends_on"))
            except forms.ValidationError:
                return self.today
            return min(typed, self.today)
        return self.today

    @cached_property
    def roster(self) -> list[RosterRow]:
        """The officers commissioned at the agency on that day; of a provider, the people of its latest classes, and
        whoever else of its people is ticked."""
        if is_provider(self.body):
            return attendees.roster(self.body, also=self.ticked)
        return selectors.roster(self.body, self.day)

    @cached_property
    def submission_key(self) -> uuid.UUID:
        """Made when the page is opened, carried through every step."""
        try:
            return uuid.UUID(self.data["submission_key"])
        except (KeyError, ValueError):
            return uuid.uuid4()

    @cached_property
    def ticked(self) -> set[int]:
        """Ids that were ticked, whether or not they are in the roster."""
        if not self.is_bound:
            return set()
        sent = self.data.getlist("officers")
        return {int(pk) for pk in sent if pk.isascii() and pk.isdigit() and len(pk) < 16}

    @cached_property
    def strays(self) -> list[Officer]:
        """Those ticked who have been of this agency, but not on that day: still shown, so that nothing is lost."""
        missing = self.ticked - {row.pk for row in self.roster}
        return self._own(missing) if missing and not is_provider(self.body) else []

    def _own(self, pks: Collection[int]) -> list[Officer]:
        """Those of these officers who are, or have been, of the body."""
        if is_provider(self.body):
            return list(attendees.of(self.body).filter(pk__in=pks))
        return list(Officer.objects.filter(pk__in=pks, commissions__agency=self.body).distinct())

    @cached_property
    def picks(self) -> dict[str, str]:
        """Key of a pasted line -> the primary key of the candidate that was chosen for it."""
        sent = self.data.items() if self.is_bound else ()
        return {key.removeprefix("pick-"): value for key, value in sent if key.startswith("pick-")}

    @cached_property
    def pasted_lines(self) -> Pasted:
        """The lines of the paste box with who is meant by them, whatever the hours."""
        text = (self.data.get("pasted") or "")[:MOST] if self.is_bound else ""
        lines = match_lines(text, body=self.body, day=self.day, picks=self.picks) if text.strip() else []
        return Pasted(lines)

    @cached_property
    def judged(self) -> Pasted:
        """The same with lines held whose hours cannot be given; an exception set on the page wins over a line."""
        explicit = {pk for pk, one in self.exceptions.items() if one.is_bound}
        return Pasted.judged(self.pasted_lines.lines, self.whole, explicit) if self.pasted_lines.lines else Pasted([])

    @cached_property
    def stands(self) -> Standing:
        """What the class that is corrected gives and gave, as it stands; nothing for a new class."""
        return Standing.of(self.corrects) if self.corrects else Standing()

    @cached_property
    def ticked_but_held(self) -> list[Officer]:
        """Those ticked whom a held line names: the tick gives them nothing before the line is decided."""
        held = self.ticked & self.judged.questioned.keys()
        return self._own(held) if held else []

    @cached_property
    def whole(self) -> tuple[Line, ...]:
        """The hours of the class as typed or as the course gives them; none where they cannot be read yet."""
        typed = HoursForm(self.data, curriculum=self.curriculum, prefix="hours", anchor="hours")
        self._expect(typed, self._named_course(self.data.get("course") or ""))
        return typed.lines if typed.is_valid() else ()

    def _expect(self, typed: HoursForm, course: Course | None) -> None:
        """What hours of the class mean where none are typed, or exactly those that are known."""
        typed.fallback = next((one.lines for one in self.choices if one.course == course), ()) if course else ()
        typed.known = (self.stands.lines, typed.fallback)

    @cached_property
    def others(self) -> dict[str, Officer]:
        """License number -> officer, of those pasted who are not in the roster of the day."""
        missing = self.pasted_lines.named - {row.pk for row in self.roster}
        return {one.license_number: one for one in Officer.objects.filter(pk__in=missing)} if missing else {}

    @cached_property
    def agencies_of_others(self) -> dict[int, list[Agency]]:
        """Officer id -> agencies today, of the officers given by number: all that is shown of them. A provider is not
        told where they serve."""
        if is_provider(self.body):
            return {}
        others = [one.pk for one in self.others.values()]
        return selectors.agencies_today(others, self.today) if others else {}

    @cached_property
    def exceptions(self) -> dict[int, ExceptionForm]:
        """Officer id -> exception, for those whose exception is open or set."""
        if not self.is_bound:
            return {}
        sent = {int(m[1]) for key in self.data if (m := re.fullmatch(r"person-([0-9]{1,15})-how", key))}
        if unfold := self.data.get("unfold", ""):
            sent |= {int(unfold)} if unfold.isascii() and unfold.isdigit() and len(unfold) < 16 else set()
        names = {row.pk: row.name for row in self.roster}
        names |= {one.pk: one.sorted_name for one in [*self.strays, *self.others.values()]}
        return {pk: self.exception(pk, names[pk]) for pk in sorted(sent & names.keys())}

    def exception(self, pk: int, name: str) -> ExceptionForm:
        """The exception of one officer, as sent; its own hours begin with those of the class."""
        asked = self.data if f"person-{pk}-how" in self.data else None
        typed = HoursForm(self.data, curriculum=self.curriculum, prefix="hours", anchor="hours")
        whole = typed.lines if asked is None and typed.is_valid() else ()
        had = self.stands.given.get(pk, ())
        return ExceptionForm(asked, pk=pk, name=name, curriculum=self.curriculum, whole=whole, had=had)

    def leave_unchecked(self) -> None:
        """Show what was typed without judging it: somebody is in the middle of it."""
        for one in (self, *self.forms):
            one._errors = ErrorDict()

    @property
    def submission(self) -> list[tuple[str, str]]:
        """Everything that was typed and ticked, as names and values, to be carried to the next step."""
        left_behind = {
            "csrfmiddlewaretoken",
            "step",
            "unfold",
            "submission_key",
            "signed_in_as",
            "source",
            "with_course",
            "group_name",
            "reason",
        }
        carried = [key for key in self.data if key not in left_behind and not key.startswith("kept-")]
        return [(key, value) for key in carried for value in self.data.getlist(key)]

    @property
    def forms(self) -> list[forms.Form]:
        """The forms inside this one, for the error summary."""
        people = [one for one in self.exceptions.values() if one.is_bound]
        return [self.hours, *people, *(one.part for one in people if one.chosen in WITH_OWN_HOURS)]

    def non_form_errors(self) -> list:
        """None: every error has its field."""
        return []

    # What it means

    def clean(self) -> dict:
        """Builds the draft, and says everything that keeps it from being recorded, each at its field."""
        course, title = self._course()
        self._expect(self.hours, course)
        lines = self.hours.lines if self.hours.is_valid() else ()
        attendances, left_out = self._people(lines)
        ends_on = self.cleaned_data.get("ends_on")
        if ends_on is None or "starts_on" in self.errors:
            return self.cleaned_data
        draft = ClassDraft(
            **named(self.body),
            course=course,
            title=title,
            synopsis=self.cleaned_data.get("synopsis", ""),
            instructors=self.cleaned_data.get("instructors", ""),
            starts_on=self.cleaned_data.get("starts_on") or ends_on,
            ends_on=ends_on,
            delivery=self.cleaned_data.get("delivery") or Delivery.CLASSROOM,
            place=self.cleaned_data.get("place", ""),
            lines=lines,
            attendances=attendances,
            left_out=left_out,
        )
        for problem in classes.problems(draft, self.today):
            if problem.field == "provider_license":
                self.why_held = problem.message
            if problem.field == "hours":
                self.hours.add_error("hours", problem.message)
            else:
                self.add_error(FIELDS.get(problem.field, problem.field), problem.message)
        self.draft = draft
        return self.cleaned_data

    def is_valid(self) -> bool:
        """Whether the class can be recorded: the form itself, its hours and every exception."""
        return super().is_valid() and all(one.is_valid() for one in self.forms)

    def _course(self) -> tuple[Course | None, str]:
        typed = " ".join((self.cleaned_data.get("course") or "").split())
        if course := self._named_course(typed):
            return course, ""
        return None, typed

    def _named_course(self, typed: str) -> Course | None:
        if not (typed := " ".join(typed.split())):
            return None
        if self.corrects and typed.casefold() == label_of(self.corrects, self.choices).casefold():
            return self.corrects.course
        for choice in self.choices:
            if typed.casefold() in (choice.label.casefold(), (choice.course.control_number or "-").casefold()):
                return choice.course
        # A refused course is not among the choices; under its title the service names the refusal.
        return courses.titled(self.body, typed)

    def _people(self, lines: tuple[Line, ...]) -> tuple[tuple[Attendance, ...], tuple[Officer, ...]]:
        credited = self.judged.credited
        roster = {row.pk for row in self.roster}
        questioned = self.judged.questioned.keys()
        here = roster & ((self.ticked - questioned) | self._with_an_exception() | credited.keys())
        officers = list(Officer.objects.filter(pk__in=here)) if here else []
        outsiders = [one for one in self.others.values() if one.pk in credited]
        by_number = {one.pk for one in outsiders}
        strays = [one for one in self.strays if one.pk not in questioned]
        people = [(one, False) for one in officers + strays if one.pk not in by_number]
        people += [(one, True) for one in outsiders]
        if self.ticked - roster - {one.pk for one in self.strays} - by_number:
            self.add_error(
                "officers",
                f"Somebody ticked is not of this {field_of(self.body)}. Look through the ticks and send it again.",
            )
        attendances, left_out = [], []
        for officer, by_number in sorted(people, key=lambda one: (one[0].search_name, one[0].license_number)):
            how, own = self._how(officer.pk, credited.get(officer.pk), lines)
            if how == LEFT:
                left_out.append(officer)
                continue
            role = TrainingRecord.Role.INSTRUCTOR if how in TEACHING else TrainingRecord.Role.STUDENT
            attendances.append(Attendance(officer, role, own, by_number, self._kept(officer.pk)))
        return tuple(attendances), tuple(left_out)

    def _how(self, pk: int, line: LineMatch | None, whole: tuple[Line, ...]) -> tuple[str, tuple[Line, ...] | None]:
        """How one officer attended, and own hours; what is set on the page wins over what a pasted line says."""
        exception = self.exceptions.get(pk)
        if exception and exception.is_bound:
            return exception.chosen, exception.own_hours(whole)
        if line is None or not whole:
            return COMPLETED, None
        return {"taught": TAUGHT, "left": LEFT}.get(line.how, COMPLETED), part_of(line, whole)

    def _kept(self, pk: int) -> str:
        """Why an entry counts although the officer has another one like it, as said on the check page."""
        return " ".join((self.data.get(f"kept-{pk}") or "").split())[:300]

    def _with_an_exception(self) -> set[int]:
        return {pk for pk, one in self.exceptions.items() if one.chosen != COMPLETED}
