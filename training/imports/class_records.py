"""The records of the officers a chunk of rows concerns: those there are, and those the rows add, written at once."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from django.db import connection

from clee_portal import clock
from training.hours import Line
from training.imports.class_places import Manner
from training.imports.courses_named import CourseRef, usual, write_courses
from training.models import ClassLine, Course, CreditLine, NotCompleted, SourceKind, TrainingClass, TrainingRecord
from training.names import plain
from training.repeats import goes_before, title_key
from training.services import bulk, news
from training.services.renewal import renew

NotCounted = TrainingRecord.NotCounted
_RECORDS = """
    SELECT r.id, r.officer_id, r.completed_on, r.credited_year, r.role, r.source_kind, r.delivery, r.not_counted,
           r.kept_because, r.training_class_id, c.course_id, co.title, c.starts_on, c.place,
           ARRAY(SELECT ROW(l.area_id, coalesce(l.topic_id, 0), l.hours)::text FROM training_creditline l
                 WHERE l.record_id = r.id)
    FROM (
        SELECT t.id FROM unnest(%s::bigint[], %s::date[]) AS asked (officer_id, day)
        JOIN training_trainingrecord t ON t.officer_id = asked.officer_id AND t.completed_on = asked.day
        UNION
        SELECT t.id FROM training_trainingclass k JOIN training_trainingrecord t ON t.training_class_id = k.id
        WHERE k.course_id = ANY(%s) AND t.officer_id = ANY(%s) AND t.credited_year = ANY(%s)
    ) near
    JOIN training_trainingrecord r ON r.id = near.id AND r.voided_at IS NULL
    JOIN training_trainingclass c ON c.id = r.training_class_id
    JOIN training_course co ON co.id = c.course_id
    ORDER BY r.id
"""


@dataclass(eq=False)
class HeldClass:
    """A class, recorded or about to be."""

    pk: int | None
    course: CourseRef
    starts_on: dt.date
    ends_on: dt.date
    delivery: str
    place: str
    recognized_source: int | None = None
    although: str = ""
    given: dict[str, list[tuple[Line, ...]]] = field(default_factory=dict)  # role -> everyone's hours

    @property
    def reference(self) -> str:
        """Its reference number."""
        return f"C-{self.pk:06d}" if self.pk else "above"

    @property
    def gives(self) -> tuple[Line, ...]:
        """What everybody gets who attends all of it; of a class without students, what those get who taught it."""
        return usual(self.given.get(TrainingRecord.Role.STUDENT) or [*chain(*self.given.values())])


@dataclass(eq=False, slots=True)
class Held:
    """A record, there already (with a primary key) or about to be written (with its draft)."""

    pk: int | None
    officer: int
    day: dt.date
    year: int
    role: str
    source_kind: str
    delivery: str
    course: CourseRef | None
    title_key: str
    held_class: HeldClass | int
    starts_on: dt.date
    place: str
    content: frozenset
    credit: Decimal
    not_counted: str = ""
    is_kept: bool = False  # counted as other training than its twin, with a reason
    twin: "Held | None" = None
    draft: object = None
    replaces: "Held | None" = None

    @property
    def is_counted(self) -> bool:
        """Whether it gives hours."""
        return not self.not_counted

    @property
    def row(self) -> int | None:
        """The row of this file it comes from."""
        return self.draft.row.number if self.draft else None

    @property
    def reference(self) -> str:
        """The reference number of its class."""
        held = self.held_class
        return held.reference if isinstance(held, HeldClass) else f"C-{held:06d}"

    def says(self, draft) -> bool:
        """Whether it says what a row says of this course: days, role and hours."""
        return (
            self.role == draft.role
            and self.starts_on == draft.starts_on
            and self.content == _content(draft.lines)
            and (not self.place or not draft.place or plain(self.place) == plain(draft.place))
        )


def _content(lines: Iterable[Line]) -> frozenset:
    return frozenset((line.area.pk, line.topic.pk if line.topic else 0, line.hours) for line in lines)


class Records:
    """Records by officer and day, and by officer, course and year."""

    def __init__(self, placed: list[tuple]):
        self._courses = {course.pk: course for _, _, course in placed if course.pk}
        self._by_day: dict[tuple[int, dt.date], list[Held]] = {}
        self._taken: dict[tuple, list[Held]] = {}
        self._classes: dict[tuple, list[HeldClass]] = {}
        self._class_by_pk: dict[int, HeldClass] = {}
        self._new: list[Held] = []
        self._demoted: list[tuple[Held, Held]] = []
        self._left_out: dict[tuple[int, int, dt.date], int] = {}
        self._load_classes({draft.completed_on for draft, _, _ in placed})
        self._load(placed)

    def _load_classes(self, days: set[dt.date]) -> None:
        found = TrainingClass.objects.live().filter(course__in=list(self._courses), ends_on__in=days)
        for pk, course, *rest in found.order_by("pk").values_list(
            "pk", "course", "starts_on", "ends_on", "delivery", "place"
        ):
            self._keep_class(HeldClass(pk, self._courses[course], *rest))

    def _keep_class(self, one: HeldClass) -> None:
        self._classes.setdefault((id(one.course), one.starts_on, one.ends_on, one.delivery), []).append(one)
        if one.pk:
            self._class_by_pk[one.pk] = one

    def _load(self, placed: list[tuple]) -> None:
        pairs = {(person.pk, draft.completed_on) for draft, person, _ in placed}
        years = {draft.credited_year for draft, _, _ in placed}
        # Whoever takes over an agency's entry takes over its make-up credit, unless the course counts there already.
        before = {
            draft.credited_year for draft, _, one in placed if goes_before(one.source.kind, SourceKind.IN_SERVICE)
        }
        years |= {year - back for year in before for back in (1, 2)}
        officers = [pk for pk, _ in pairs]
        left_out = NotCompleted.objects.live().filter(
            officer__in=set(officers), training_class__in=list(self._class_by_pk), training_class__voided_at=None
        )
        for officer, class_pk in left_out.values_list("officer", "training_class"):
            held = self._class_by_pk[class_pk]
            self._left_out[officer, id(held.course), held.ends_on] = class_pk
        refused = set(Course.objects.refused_as_of(clock.END_OF_TIME).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(
                _RECORDS,
                [officers, [day for _, day in pairs], list(self._courses), list(set(officers)), list(years)],
            )
            for (pk, officer, day, year, role, kind, delivery, not_counted, kept, class_pk, course, title, starts_on,
                 place, lines) in cursor.fetchall():  # fmt: skip
                content = frozenset(_line(text) for text in lines)
                self._keep(
                    Held(
                        pk, officer, day, year, role, kind, delivery, self._courses.get(course), title_key(title),
                        self._class_by_pk.get(class_pk, class_pk), starts_on, place, content,
                        sum((hours for _, _, hours in content), Decimal(0)),
                        not_counted or ("refused" if course in refused else ""), is_kept=bool(kept),
                    )
                )  # fmt: skip

    def _keep(self, one: Held) -> None:
        self._by_day.setdefault((one.officer, one.day), []).append(one)
        if one.course and one.role == TrainingRecord.Role.STUDENT:
            self._taken.setdefault((one.officer, id(one.course), one.year), []).append(one)

    def on(self, officer: int, day: dt.date) -> list[Held]:
        """The records of an officer of a day."""
        return self._by_day.get((officer, day), [])

    def left_out_of(self, officer: int, course: CourseRef, day: dt.date) -> str:
        """The reference of the class of this course on this day that the officer is recorded not to have completed."""
        pk = self._left_out.get((officer, id(course), day))
        return self._class_by_pk[pk].reference if pk else ""

    def taken(self, officer: int, course: CourseRef, year: int, *, besides: Held | None = None) -> Held | None:
        """The record of this course in this year, as a student, that counts, or would if the course stood."""
        held = self._taken.get((officer, id(course), year), [])
        counts = [one for one in held if one.is_counted or one.not_counted == "refused"]
        return next((one for one in counts if one is not besides), None)

    def class_of(self, draft, course: CourseRef) -> HeldClass:
        """The class of a row, made where there is none of this course, days, delivery and place."""
        key = (id(course), draft.starts_on, draft.completed_on, draft.delivery)
        for one in self._classes.get(key, ()):
            if not draft.place or plain(one.place) == plain(draft.place):
                return one
        recognized = draft.recognized.pk if draft.recognized else None
        although = draft.although if course.source.kind == SourceKind.OUT_OF_STATE else ""
        made = HeldClass(
            None, course, draft.starts_on, draft.completed_on, draft.delivery, draft.place, recognized, although
        )
        self._keep_class(made)
        return made

    def add(self, draft, person, course: CourseRef, held_class: HeldClass, year: int | None = None) -> Held:
        """One more record, credited to `year`, else to the one its row says; it counts unless it is said not to."""
        year = year or draft.credited_year
        one = Held(
            None, person.pk, draft.completed_on, year, draft.role, course.source.kind, draft.delivery,
            course, title_key(course.title), held_class, draft.starts_on, draft.place, _content(draft.lines),
            draft.credit, draft=draft,
        )  # fmt: skip
        held_class.given.setdefault(draft.role, []).append(draft.lines)
        self._new.append(one)
        self._keep(one)
        return one

    def yield_to(self, one: Held, new: Held) -> None:
        """A counted record gives way to the approved provider's entry of the same class: it is kept, not counted."""
        one.not_counted, one.twin = NotCounted.DUPLICATE, new
        if one.pk:
            self._demoted.append((one, new))

    def write(self, now: dt.datetime, manner: Manner) -> None:
        """Write the courses, classes and records that are new; void and record anew those that gave way."""
        classes = list(dict.fromkeys(one.held_class for one in self._new if one.held_class.pk is None))
        courses = list(dict.fromkeys(one.course for one in classes if one.course.pk is None))
        for course in courses:
            own = [one for one in classes if one.course is course]
            course.lines = min(own, key=lambda one: one.ends_on).gives
            course.first_day = min(one.starts_on for one in own)
        write_courses(courses, now, manner.carried_over_from)
        _write_classes(classes, now, manner)
        _write_records(self._new, now, manner)
        self._write_demoted(manner.by)
        if not manner.carried_over_from:
            news.credited(one.officer for one in self._new if one.is_counted)
            news.changed(one.officer for one in self._new if not one.is_counted)

    def _write_demoted(self, by) -> None:
        if not self._demoted:
            return
        reason = "An entry that goes before it was imported: that one is counted, this one is kept beside it"
        old = TrainingRecord.objects.filter(pk__in=[one.pk for one, _ in self._demoted])
        changes = {
            one.pk: {
                "not_counted": NotCounted.DUPLICATE,
                "not_counted_note": f"Counted once, as {new.held_class.reference}",
                "twin_id": new.pk,
                "kept_because": "",
            }
            for one, new in self._demoted
        }
        renew(by=by, records=old, reason=reason, changes=changes)


def _line(text: str) -> tuple[int, int, Decimal]:
    area, topic, hours = text.strip("()").split(",")
    return int(area), int(topic), Decimal(hours)


def _known_at(day: dt.date, now: dt.datetime, carried_over_from: str) -> dt.datetime:
    """When a fact was known: now, or for an older register at noon of its own day."""
    return min(now, clock.midday(day)) if carried_over_from else now


def _write_classes(classes: list[HeldClass], now: dt.datetime, manner: Manner) -> None:
    carried_over_from, by = manner.carried_over_from, manner.by.pk if manner.by else None
    for one, pk in zip(classes, bulk.reserve_ids(TrainingClass, len(classes)), strict=True):
        one.pk = pk
    bulk.copy_rows(
        TrainingClass,
        ("id", "course", "starts_on", "ends_on", "delivery", "place", "reported_by_agency", "submission_key",
         "recognized_source", "recorded_although", "recorded_at", "recorded_by", "void_reason", "carried_over_from"),
        (
            (one.pk, one.course.pk, one.starts_on, one.ends_on, one.delivery, one.place, one.course.source.agency,
             uuid.uuid4(), one.recognized_source, one.although, _known_at(one.ends_on, now, carried_over_from), by, "",
             carried_over_from)
            for one in classes
        ),
    )  # fmt: skip
    bulk.copy_rows(
        ClassLine,
        ("training_class", "area", "topic", "hours"),
        (
            (one.pk, line.area.pk, line.topic.pk if line.topic else None, line.hours)
            for one in classes
            for line in one.gives
        ),
    )


def _write_records(new: list[Held], now: dt.datetime, manner: Manner) -> None:
    carried_over_from, by = manner.carried_over_from, manner.by.pk if manner.by else None
    for one, pk in zip(new, bulk.reserve_ids(TrainingRecord, len(new)), strict=True):
        one.pk = pk
    bulk.copy_rows(
        TrainingRecord,
        ("id", "officer", "training_class", "completed_on", "credited_year", "role", "source_kind", "delivery",
         "not_counted", "not_counted_note", "twin", "recorded_at", "recorded_by", "void_reason", "carried_over_from"),
        (
            (one.pk, one.officer, one.held_class.pk, one.day, one.year, one.role, one.source_kind, one.delivery,
             one.not_counted, f"Counted once, as {one.twin.reference}" if one.twin else "",
             one.twin.pk if one.twin and one.not_counted else None,
             _known_at(one.draft.recorded_on or one.day, now, carried_over_from), by, "", carried_over_from)
            for one in new
        ),
    )  # fmt: skip
    bulk.copy_rows(
        CreditLine,
        ("record", "area", "topic", "hours"),
        (
            (one.pk, line.area.pk, line.topic.pk if line.topic else None, line.hours)
            for one in new
            for line in one.draft.lines
        ),
    )
