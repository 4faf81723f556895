"""A class as it is about to be recorded, of an agency or a provider, and everything that stands in its way."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from django.db.models import Q

from clee_portal import clock
from clee_portal.refusal import Refused
from training import hours, licensing, names_shown
from training.hours import Line
from training.licensing import EventFact, LicenseStatus
from training.models import (
    Agency,
    Commission,
    Course,
    Delivery,
    LicenseEvent,
    Officer,
    Provider,
    SourceKind,
    TrainingClass,
    TrainingRecord,
)
from training.services import courses, duplicates

Role = TrainingRecord.Role


class Attendance(NamedTuple):
    """One officer of a class: what they did, and their own hours where these are not all of the class."""

    officer: Officer
    role: str = Role.STUDENT
    lines: tuple[Line, ...] | None = None
    by_number: bool = False  # given by full license number, so that another agency's officer may be meant
    kept_because: str = ""  # why it counts beside a duplicate: other training, such as part two of a conference


class Corrected(NamedTuple):
    """A class that another one stands for: it, why, and its records by officer id."""

    held: TrainingClass
    reason: str
    records: Mapping[int, TrainingRecord]


@dataclass(frozen=True)
class ClassDraft:
    """A class as it is about to be recorded, of an agency or of a provider, never both.

    An agency's is of one of its in-service courses, a provider's of a course of its catalogue; or it is of the title
    of a new one.
    """

    starts_on: dt.date
    ends_on: dt.date
    lines: tuple[Line, ...]
    attendances: tuple[Attendance, ...]
    agency: Agency | None = None
    provider: Provider | None = None
    course: Course | None = None
    title: str = ""
    synopsis: str = ""
    instructors: str = ""
    delivery: str = Delivery.CLASSROOM
    place: str = ""
    left_out: tuple[Officer, ...] = field(default=())

    def __post_init__(self):
        if (self.agency is None) == (self.provider is None):
            raise ValueError("a class is an agency's or a provider's")

    @property
    def body(self) -> Agency | Provider:
        """The agency or the provider that reports it."""
        return self.agency or self.provider

    @property
    def hours(self):
        """The credit of everyone who completes all of it."""
        return hours.total(self.lines)

    @property
    def days(self) -> int:
        """How many days it spans, first and last inclusive."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def name(self) -> str:
        """The title of its course."""
        return self.course.title if self.course else self.title

    def entries(self) -> dict[int, duplicates.Entry]:
        """Officer id -> role and credit."""
        return {
            one.officer.pk: duplicates.Entry(one.role, self.hours if one.lines is None else hours.total(one.lines))
            for one in self.attendances
        }

    def repeats(self, besides: TrainingClass | None = None) -> dict[int, duplicates.Twin]:
        """Officer id -> the counted record this class would repeat; none of `besides`, which it corrects.

        Not those that give way to it (`yielding`).
        """
        return {pk: twin for pk, twin in self._twins(besides).items() if not twin.yields_to(self.source_kind)}

    def yielding(self, besides: TrainingClass | None = None) -> dict[int, duplicates.Twin]:
        """Officer id -> the counted record of the same training that gives way to this class, which goes first."""
        return {pk: twin for pk, twin in self._twins(besides).items() if twin.yields_to(self.source_kind)}

    def _twins(self, besides: TrainingClass | None) -> dict[int, duplicates.Twin]:
        return duplicates.found(self.course, self.name, self.ends_on, self.entries(), besides=besides)

    @property
    def source_kind(self) -> str:
        """What kind of source its credit comes from."""
        return SourceKind.APPROVED_PROVIDER if self.provider else SourceKind.IN_SERVICE

    @property
    def answers(self) -> dict:
        """What `record` and a correction take, but for who reports it."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("agency", "provider")}


def in_words(day: dt.date) -> str:
    """A day as people write it: November 18, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def problems(draft: ClassDraft, today: dt.date) -> Iterator[Refused]:
    """Everything that keeps a class from being recorded, each with its field. A constant number of statements."""
    yield from _problems_of_the_class(draft, today)
    if not draft.attendances:
        yield Refused("Tick at least one officer who completed the class.", field="officers")
        return
    seen: set[int] = set()
    for one in draft.attendances:
        if one.officer.pk in seen:
            yield Refused(
                f"{_who(draft, one.officer)} is named twice: ticked and typed, or typed twice. Leave one.",
                field="numbers" if one.by_number else "officers",
            )
        seen.add(one.officer.pk)
    if draft.agency:
        yield from _problems_of_commissions(draft)
    yield from _problems_of_licenses(draft)


def _problems_of_the_class(draft: ClassDraft, today: dt.date) -> Iterator[Refused]:
    if draft.provider:
        yield from _problems_of_the_provider(draft, today)
    elif draft.course and (
        draft.course.agency_id != draft.agency.pk or draft.course.source_kind != SourceKind.IN_SERVICE
    ):
        yield Refused("This is not an in-service course of the agency.", field="course")
    elif draft.course:
        yield from _problems_of_the_course(draft.course, today)
    for line in {line for one in (draft.lines, *(a.lines for a in draft.attendances if a.lines)) for line in one}:
        if line.topic and line.topic.only_area_id not in (None, line.area.pk):
            yield Refused(f"{line.topic} can only lie in {line.topic.only_area}.", field=f"topic:{line.topic.code}")
    if draft.starts_on > draft.ends_on:
        yield Refused("The first day is after the day it was completed.", field="starts_on")
    if draft.ends_on > today:
        yield Refused(
            f"{in_words(draft.ends_on)} is in the future. Enter the class once it was completed.", field="ends_on"
        )
    if draft.agency and draft.agency.closed_on and draft.ends_on > draft.agency.closed_on:
        yield Refused(f"{draft.agency} was closed on {in_words(draft.agency.closed_on)}.", field="ends_on")
    if draft.starts_on <= draft.ends_on:
        try:
            hours.check_days(draft.hours, draft.days)
        except Refused as refusal:
            yield refusal


def _problems_of_the_course(course: Course, today: dt.date) -> Iterator[Refused]:
    try:
        courses.check_not_refused(course, today)
    except Refused as refusal:
        yield refusal


def _problems_of_the_provider(draft: ClassDraft, today: dt.date) -> Iterator[Refused]:
    if draft.course and draft.course.provider_id != draft.provider.pk:
        yield Refused("This is not a course of the provider.", field="course")
    elif draft.course:
        yield from _problems_of_the_course(draft.course, today)
    if reason := why_held(draft, today):
        yield Refused(reason, field="provider_license")


def why_held(draft: ClassDraft, today: dt.date) -> str:
    """Why a provider's class cannot be recorded yet, in words: no license was valid on the day it ended (RSMo 590.050).

    Empty where nothing stands in its way, and for an agency's class.
    """
    if draft.provider is None or draft.provider.is_licensed_on(draft.ends_on, clock.end_of_day(today)):
        return ""
    day = draft.ends_on
    there = draft.provider.licenses.live().filter(Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day)
    one = there.first()
    standing = f"license {one.number} was {one.get_standing_display().lower()}" if one else "no license was in force"
    return f"On {in_words(day)}, the day the class ended, {standing} for {draft.provider}. It gives no credit as it is."


def _who(draft: ClassDraft, officer: Officer) -> str:
    """An officer, as whoever reports the class may be told: a provider no name that is closed."""
    return names_shown.CLOSED if draft.provider and officer.is_name_closed else str(officer)


def _problems_of_commissions(draft: ClassDraft) -> Iterator[Refused]:
    ticked = {one.officer.pk: one.officer for one in draft.attendances if not one.by_number}
    here = Commission.objects.in_force(draft.ends_on).filter(agency=draft.agency, officer__in=list(ticked))
    for pk in sorted(ticked.keys() - set(here.values_list("officer", flat=True))):
        yield Refused(
            f"{ticked[pk]} was not commissioned at {draft.agency} on {in_words(draft.ends_on)}. Take the tick "
            "away; if they attended as another agency’s officer, give the license number below the list.",
            field="officers",
        )


def _problems_of_licenses(draft: ClassDraft) -> Iterator[Refused]:
    events: dict[int, list[EventFact]] = {one.officer.pk: [] for one in draft.attendances}
    known = LicenseEvent.objects.live().filter(officer__in=list(events)).order_by("occurred_on", "recorded_at", "pk")
    for pk, *event in known.values_list("officer", "kind", "occurred_on", "period_year"):
        events[pk].append(EventFact(*event))
    for one in draft.attendances:
        place = "numbers" if one.by_number else "officers"
        state = licensing.state_on(events[one.officer.pk], draft.ends_on)
        if state.status is LicenseStatus.NONE:
            issued = min((e.occurred_on for e in events[one.officer.pk] if e.kind == "issued"), default=None)
            when = f"was issued on {in_words(issued)}, after the class" if issued else "is not in the register"
            yield Refused(
                f"{_who(draft, one.officer)}: the license {when}. Nothing can be credited before it.", field=place
            )
        elif not state.is_held:
            # Of an officer who is not the agency's own no more is said than must be.
            why = f"was {state.status} on {in_words(state.since)}"
            if one.by_number or draft.provider:
                why = "was not in force"
            yield Refused(
                f"{_who(draft, one.officer)}: the license {why}, and the class was completed on "
                f"{in_words(draft.ends_on)}. Nothing can be credited. Take this officer out, or call POST.",
                field=place,
            )
