"""What the check page of a class says: who is credited, exceptions, and what is worth a second look."""

from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from clee_portal.accounts.models import User
from clee_portal.templatetags.look import hours_words
from training import hours, names_shown
from training.forms.class_entry import ClassEntryForm
from training.forms.pasted import Pasted
from training.models import Agency, Officer, TrainingClass, TrainingRecord
from training.services.class_drafts import Attendance, ClassDraft, in_words
from training.services.duplicates import NotCounted, Twin

# More than this in a day is unusual enough to ask.
USUAL_A_DAY = Decimal(12)
# A class over more days than this is more often a slip of the year.
USUAL_DAYS = 31
# A new title this much like one the agency has is probably that course.
ALIKE = 88


@dataclass(frozen=True)
class Person:
    """One line of the check page."""

    officer: Officer
    hours: Decimal
    is_instructor: bool
    is_part: bool
    agencies: list[Agency] | None  # only for officers given by number
    twin: Twin | None
    may_see_twin: bool
    kept_because: str = ""  # other training than its twin, and why
    is_closed: bool = False  # the name is not shown to whoever looks

    @property
    def name(self) -> str:
        """The name as lists sort it, or that it is closed."""
        return names_shown.CLOSED if self.is_closed else self.officer.sorted_name

    @property
    def number(self) -> str:
        """The license number; nothing where the name is closed."""
        return "" if self.is_closed else self.officer.license_number

    @property
    def is_exception(self) -> bool:
        """Whether this line differs from everybody's."""
        return self.is_instructor or self.is_part


@dataclass(frozen=True)
class Check:
    """Everything on the check page."""

    draft: ClassDraft
    people: list[Person]
    warnings: list[str]
    similar: str
    pasted: Pasted
    ticked_but_held: list[Officer]
    closed: set[int]

    @classmethod
    def of(cls, form: ClassEntryForm, user: User, corrects: TrainingClass | None = None) -> "Check":
        """The check of a valid form, as `user` may see it; `corrects` is the class that it is to stand for."""
        draft = form.draft
        twins = draft.repeats(besides=corrects)
        seen = set(
            TrainingRecord.objects.visible_to(user)
            .filter(pk__in=[t.record.pk for t in twins.values()])
            .values_list("pk", flat=True)
        )
        everybody = [*(one.officer for one in draft.attendances), *draft.left_out, *form.ticked_but_held]
        closed = names_shown.closed_to(user, everybody)
        people = [cls._person(one, form, twins.get(one.officer.pk), seen, closed) for one in draft.attendances]
        return cls(
            draft,
            people,
            list(_warnings(draft, form)),
            _similar(draft, form),
            form.judged,
            form.ticked_but_held,
            closed,
        )

    @staticmethod
    def _person(one: Attendance, form: ClassEntryForm, twin: Twin | None, seen: set[int], closed: set[int]) -> Person:
        return Person(
            officer=one.officer,
            hours=form.draft.hours if one.lines is None else hours.total(one.lines),
            is_instructor=one.role == TrainingRecord.Role.INSTRUCTOR,
            is_part=one.lines is not None,
            agencies=form.agencies_of_others.get(one.officer.pk, []) if one.by_number else None,
            twin=twin,
            may_see_twin=twin is not None and twin.record.pk in seen,
            kept_because=one.kept_because,
            is_closed=one.officer.pk in closed,
        )

    @property
    def alike(self) -> list[Person]:
        """Those who are credited like everybody."""
        return [one for one in self.people if not one.is_exception]

    @property
    def exceptions(self) -> list[Person]:
        """Those who are credited otherwise."""
        return [one for one in self.people if one.is_exception]

    @property
    def from_elsewhere(self) -> list[Person]:
        """Those given by license number."""
        return [one for one in self.people if one.agencies is not None]

    @property
    def not_counted(self) -> int:
        """How many entries would be kept but give no hours."""
        return sum(1 for one in self.people if one.twin and not one.kept_because)

    @property
    def duplicates(self) -> list[Person]:
        """Those who already have a record of this class."""
        return [one for one in self.people if one.twin and one.twin.why is NotCounted.DUPLICATE]

    @property
    def repeats(self) -> list[Person]:
        """Students who already have a record of this course in this period."""
        return [one for one in self.people if one.twin and one.twin.why is NotCounted.REPEAT]


def _warnings(draft: ClassDraft, form: ClassEntryForm):
    if draft.hours > draft.days * USUAL_A_DAY:
        each = "" if draft.days == 1 else f" in {draft.days} days"
        yield f"{hours_words(draft.hours)}{each} is more than 12 hours a day. Check the hours and the dates."
    if draft.days > USUAL_DAYS:
        span = f"from {in_words(draft.starts_on)} to {in_words(draft.ends_on)}"
        yield f"The class took {draft.days} days, {span}. Check the first day."
    if draft.ends_on.year < form.today.year:
        yield (
            f"This class was completed in {draft.ends_on.year}. Its hours count in the {draft.ends_on.year} reporting "
            "period, not in this one."
        )


def _similar(draft: ClassDraft, form: ClassEntryForm) -> str:
    if draft.course:
        return ""
    titles = [choice.course.title for choice in form.choices]
    best = max(titles, key=lambda title: fuzz.ratio(title.casefold(), draft.title.casefold()), default="")
    return best if best and fuzz.ratio(best.casefold(), draft.title.casefold()) >= ALIKE else ""
