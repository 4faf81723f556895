"""Classes that agencies and providers report: recorded with everyone's credit in one step, undone with a reason."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.hours import Line
from training.models import (
    Agency,
    ClassLine,
    Course,
    Delivery,
    NotCompleted,
    Officer,
    Provider,
    ScheduledClass,
    TrainingClass,
    TrainingRecord,
)
from training.repeats import title_key
from training.services import courses, duplicates, giving, news
from training.services.class_drafts import Attendance, ClassDraft, Corrected, problems


def reported_before(body: Agency | Provider, submission_key: uuid.UUID) -> TrainingClass | None:
    """The class that this very form already recorded for the agency or the provider, if it did."""
    return TrainingClass.objects.reported_by(body).filter(submission_key=submission_key).first()


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
    agency: Agency | None = None,
    provider: Provider | None = None,
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
    """Record an in-service class of `agency`, or a class of `provider`, with everyone's credit. Returns it, and whether
    it is new.

    The same `submission_key` is one class: sent again, the first one is returned and nothing is changed, also where two
    arrive at once. A `title` instead of a `course` submits a new course to POST in the same step (11 CSR 75-15.060); a
    provider's class is of a course of its own, on a day on which its license was valid (RSMo 590.050). Credit belongs
    to the year of `ends_on`. An entry that repeats a counted record is kept but not counted (`duplicates`), unless it
    is other training and says so (`Attendance.kept_because`); of a duplicate the provider's counts. Raises `Refused`;
    then nothing is recorded. A constant number of statements, however many officers.
    """
    draft = ClassDraft(
        agency=agency,
        provider=provider,
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
    if not access.may_report_class(by, draft.body):
        raise Refused(f"You cannot enter classes for this {'agency' if agency else 'provider'}.")
    if before := reported_before(draft.body, submission_key):
        return before, False
    try:
        with transaction.atomic():
            return write(by=by, draft=draft, submission_key=submission_key, today=today), True
    except IntegrityError:
        # The same form arrived twice at once: the other one has just recorded it.
        if before := reported_before(draft.body, submission_key):
            return before, False
        raise


def course_of(*, by: User | None, draft: ClassDraft, today: dt.date) -> Course:
    """The course of a class, submitted to POST in this step where it is new. Raises `Refused`."""
    return draft.course or courses.submit(
        by=by,
        body=draft.body,
        title=draft.title,
        lines=draft.lines,
        delivery=draft.delivery,
        synopsis=draft.synopsis,
        instructors=draft.instructors,
        today=today,
    )


def write(
    *, by: User | None, draft: ClassDraft, submission_key: uuid.UUID, today: dt.date, corrects: Corrected | None = None
) -> TrainingClass:
    """Write a class with everyone's credit, inside a transaction; `corrects` is the class it stands for from now on."""
    if not draft.lines:
        raise Refused("Give the hours of at least one area.", field="hours")
    if draft.provider:
        # Whoever changes its license at the same moment waits, or is waited for.
        Provider.objects.select_for_update(no_key=True).get(pk=draft.provider.pk)
    # Whoever records for one of these officers at the same moment waits, and then sees this class as a counted one.
    people = [one.officer.pk for one in draft.attendances]
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    if problem := next(problems(draft, today), None):
        raise problem
    course = course_of(by=by, draft=draft, today=today)
    entered = "In-service class entered" if draft.agency else "Class of a provider entered"
    why = f"Corrects {corrects.held.reference}: {corrects.reason}" if corrects else entered
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
        if corrects:
            ScheduledClass.objects.filter(training_class=corrects.held).update(training_class=held)
    return held


@transaction.atomic
def void(*, by: User | None, training_class: TrainingClass, reason: str) -> TrainingClass:
    """Undo a class: it and every record of it are voided with the reason; nothing is deleted. Once undone stays undone.

    Records that gave no hours only because they repeated this class are counted again. Who completed a class of the
    calendar can be confirmed anew. Raises `Refused`.
    """
    held = TrainingClass.objects.select_for_update().get(pk=training_class.pk)
    if not access.can_void_class(by, held):
        raise Refused("Only the agency or provider that reported this class, or POST, can undo it.")
    if held.voided_at:
        return held
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("Say why the class is undone.", field="reason")
    # Whoever enters the same training just now waits, and then sees that this class is gone.
    list(
        Officer.objects.select_for_update(no_key=True)
        .filter(records__training_class=held)
        .order_by("pk")
        .values_list("pk")
    )
    take_away(by=by, held=held, reason=reason)
    duplicates.count_again(by=by, voided=held)
    let_go(held=held, reason=reason)
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


def let_go(*, held: TrainingClass, reason: str) -> None:
    """A class of the calendar whose credit was undone has none: who completed it can be confirmed anew."""
    with history.because(f"{held.reference} was undone: {reason}"):
        ScheduledClass.objects.filter(training_class=held).update(training_class=None)


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
