"""Classes that agencies report: recorded with everyone's credit in one step, undone with a reason."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, hours, licensing
from training.hours import Line
from training.licensing import EventFact, LicenseStatus
from training.models import (
    Agency,
    ClassLine,
    Commission,
    Course,
    Delivery,
    LicenseEvent,
    NotCompleted,
    Officer,
    SourceKind,
    TrainingClass,
    TrainingRecord,
)
from training.repeats import title_key
from training.services import courses, duplicates, giving, news

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
    """A class as it is about to be recorded: a course of the agency, or the title of a new one."""

    agency: Agency
    starts_on: dt.date
    ends_on: dt.date
    lines: tuple[Line, ...]
    attendances: tuple[Attendance, ...]
    course: Course | None = None
    title: str = ""
    synopsis: str = ""
    instructors: str = ""
    delivery: str = Delivery.CLASSROOM
    place: str = ""
    left_out: tuple[Officer, ...] = field(default=())

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
        """Officer id -> the counted record this class would repeat; none of `besides`, which it corrects."""
        return duplicates.found(self.course, self.name, self.ends_on, self.entries(), besides=besides)

    @property
    def answers(self) -> dict:
        """What `record` and a correction take, but for the agency."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "agency"}


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
                f"{one.officer} is named twice: ticked and typed, or typed twice. Leave one.",
                field="numbers" if one.by_number else "officers",
            )
        seen.add(one.officer.pk)
    yield from _problems_of_commissions(draft)
    yield from _problems_of_licenses(draft)


def _problems_of_the_class(draft: ClassDraft, today: dt.date) -> Iterator[Refused]:
    if draft.course and (
        draft.course.agency_id != draft.agency.pk or draft.course.source_kind != SourceKind.IN_SERVICE
    ):
        yield Refused("This is not an in-service course of the agency.", field="course")
    elif draft.course:
        try:
            courses.check_not_refused(draft.course, today)
        except Refused as refusal:
            yield refusal
    for line in {line for one in (draft.lines, *(a.lines for a in draft.attendances if a.lines)) for line in one}:
        if line.topic and line.topic.only_area_id not in (None, line.area.pk):
            yield Refused(f"{line.topic} can only lie in {line.topic.only_area}.", field=f"topic:{line.topic.code}")
    if draft.starts_on > draft.ends_on:
        yield Refused("The first day is after the day it was completed.", field="starts_on")
    if draft.ends_on > today:
        yield Refused(
            f"{in_words(draft.ends_on)} is in the future. Enter the class once it was completed.", field="ends_on"
        )
    if draft.agency.closed_on and draft.ends_on > draft.agency.closed_on:
        yield Refused(f"{draft.agency} was closed on {in_words(draft.agency.closed_on)}.", field="ends_on")
    if draft.starts_on <= draft.ends_on:
        try:
            hours.check_days(draft.hours, draft.days)
        except Refused as refusal:
            yield refusal


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
            yield Refused(f"{one.officer}: the license {when}. Nothing can be credited before it.", field=place)
        elif not state.is_held:
            # Of another agency's officer no more is said than must be.
            why = f"was {state.status} on {in_words(state.since)}"
            if one.by_number:
                why = "was not in force"
            yield Refused(
                f"{one.officer}: the license {why}, and the class was completed on {in_words(draft.ends_on)}. Nothing "
                "can be credited. Take this officer out, or call POST.",
                field=place,
            )


def reported_before(agency: Agency, submission_key: uuid.UUID) -> TrainingClass | None:
    """The class that this very form already recorded for the agency, if it did."""
    return TrainingClass.objects.filter(reported_by_agency=agency, submission_key=submission_key).first()


def standing_for(held: TrainingClass) -> TrainingClass | None:
    """The class that stands for `held` now: itself, or what it was corrected to; None where that was undone."""
    return standing_for_each([held])[held.pk]


def standing_for_each(classes: Sequence[TrainingClass]) -> dict[int, TrainingClass | None]:
    """The id of each class -> the class that stands for it now (`standing_for`). A statement for each correction of one
    class after another.
    """
    now: dict[int, TrainingClass | None] = {one.pk: one for one in classes}
    while gone := {one.pk for one in now.values() if one and one.voided_at}:
        anew = TrainingClass.objects.filter(replaces__in=gone).select_related("course__agency", "reported_by_agency")
        by_old = {one.replaces_id: one for one in anew}
        now = {pk: by_old.get(one.pk) if one and one.voided_at else one for pk, one in now.items()}
    return now


def record(
    *,
    by: User | None,
    agency: Agency,
    course: Course | None = None,
    title: str = "",
    synopsis: str = "",
    instructors: str = "",
    starts_on: dt.date,
    ends_on: dt.date,
    delivery: str = Delivery.CLASSROOM,
    lines: Sequence[Line],
    attendances: Sequence[Attendance],
    submission_key: uuid.UUID,
    place: str = "",
    left_out: Sequence[Officer] = (),
    today: dt.date,
) -> tuple[TrainingClass, bool]:
    """Record an in-service class of `agency` with the credit of everyone in it. Returns it, and whether it is new.

    The same `submission_key` is one class: sent again, the first one is returned and nothing is changed, also where two
    arrive at once. A `title` instead of a `course` submits a new course to POST in the same step (11 CSR 75-15.060).
    Credit belongs to the year of `ends_on`. An entry that repeats a counted record is kept but not counted
    (`duplicates`), unless it is other training and says so (`Attendance.kept_because`). Raises `Refused`; then nothing
    is recorded. A constant number of statements, however many officers.
    """
    draft = ClassDraft(
        agency=agency,
        course=course,
        title=title,
        synopsis=synopsis,
        instructors=instructors,
        starts_on=starts_on,
        ends_on=ends_on,
        delivery=delivery,
        place=place,
        lines=tuple(lines),
        attendances=tuple(attendances),
        left_out=tuple(left_out),
    )
    if not access.can_enter_class(by, agency):
        raise Refused("You cannot enter classes for this agency.")
    if before := reported_before(agency, submission_key):
        return before, False
    try:
        with transaction.atomic():
            return write(by=by, draft=draft, submission_key=submission_key, today=today), True
    except IntegrityError:
        # The same form arrived twice at once: the other one has just recorded it.
        if before := reported_before(agency, submission_key):
            return before, False
        raise


def write(
    *, by: User | None, draft: ClassDraft, submission_key: uuid.UUID, today: dt.date, corrects: Corrected | None = None
) -> TrainingClass:
    """Write a class with everyone's credit, inside a transaction; `corrects` is the class it stands for from now on."""
    if not draft.lines:
        raise Refused("Give the hours of at least one area.", field="hours")
    # Whoever records for one of these officers at the same moment waits, and then sees this class as a counted one.
    people = [one.officer.pk for one in draft.attendances]
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    if problem := next(problems(draft, today), None):
        raise problem
    course = draft.course or courses.submit(
        by=by,
        agency=draft.agency,
        title=draft.title,
        lines=draft.lines,
        delivery=draft.delivery,
        synopsis=draft.synopsis,
        instructors=draft.instructors,
        today=today,
    )
    why = f"Corrects {corrects.held.reference}: {corrects.reason}" if corrects else "In-service class entered"
    with history.because(why):
        held = TrainingClass.objects.create(
            course=course,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            delivery=draft.delivery,
            place=draft.place,
            reported_by_agency=draft.agency,
            submission_key=submission_key,
            recorded_by=by,
            replaces=corrects.held if corrects else None,
        )
        ClassLine.objects.bulk_create(
            ClassLine(training_class=held, area=line.area, topic=line.topic, hours=line.hours) for line in draft.lines
        )
        old = corrects.records if corrects else {}
        giving.give(by=by, held=held, attendances=draft.attendances, lines=draft.lines, old=old)
        NotCompleted.objects.bulk_create(
            NotCompleted(officer=one, training_class=held, recorded_by=by) for one in draft.left_out
        )
    return held


@transaction.atomic
def void(*, by: User | None, training_class: TrainingClass, reason: str) -> TrainingClass:
    """Undo a class: it and every record of it are voided with the reason; nothing is deleted. Once undone stays undone.

    Records that gave no hours only because they repeated this class are counted again. Raises `Refused`.
    """
    held = TrainingClass.objects.select_for_update().get(pk=training_class.pk)
    if not access.can_void_class(by, held):
        raise Refused("Only the agency that reported this class, or POST, can undo it.")
    if held.voided_at:
        return held
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why the class is undone.", field="reason")
    # Whoever enters the same training just now waits, and then sees that this class is gone.
    list(Officer.objects.select_for_update().filter(records__training_class=held).order_by("pk").values_list("pk"))
    take_away(by=by, held=held, reason=reason)
    duplicates.count_again(by=by, voided=held)
    held.refresh_from_db()
    return held


def take_away(*, by: User | None, held: TrainingClass, reason: str) -> None:
    """Void a class with all that lies in it. Inside a transaction that has locked it and its officers."""
    take_all_away(by=by, held=[held.pk], reason=reason)


def take_all_away(*, by: User | None, held: Sequence[int], reason: str) -> None:
    """As `take_away`, for all the classes with these ids: three statements."""
    with history.because(reason):
        changed = {"voided_at": Now(), "voided_by": by, "void_reason": reason}
        TrainingClass.objects.filter(pk__in=held).update(**changed)
        given = TrainingRecord.objects.live().filter(training_class__in=held)
        officers = list(given.values_list("officer", flat=True))
        given.update(**changed)
        NotCompleted.objects.live().filter(training_class__in=held).update(**changed)
        news.changed(officers)


def is_same(held: TrainingClass, draft: ClassDraft) -> bool:
    """Whether `held` says what `draft` says: course, days, delivery, place, hours, and everyone's role and credit."""
    if (held.starts_on, held.ends_on, held.delivery, held.place) != (
        draft.starts_on,
        draft.ends_on,
        draft.delivery,
        draft.place,
    ) or title_key(held.course.title) != title_key(draft.name):
        return False
    row = ("area", "topic", "hours")
    lines = {(line.area.pk, line.topic.pk if line.topic else None, line.hours) for line in draft.lines}
    if set(held.lines.values_list(*row)) != lines:
        return False
    if set(held.not_completed.values_list("officer", flat=True)) != {one.pk for one in draft.left_out}:
        return False
    given: dict[tuple, set] = {}
    first = TrainingRecord.objects.filter(training_class=held).exclude(replaces__training_class=held)
    for officer, role, *line in first.values_list("officer", "role", *(f"lines__{name}" for name in row)):
        given.setdefault((officer, role), set()).add(tuple(line))
    return given == {
        (one.officer.pk, one.role): {
            (line.area.pk, line.topic.pk if line.topic else None, line.hours)
            for line in (draft.lines if one.lines is None else one.lines)
        }
        for one in draft.attendances
    }
