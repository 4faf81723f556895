"""The courses that rows name: by POST's control number, else by source and title; new ones are made."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Q

from clee_portal import clock
from training.hours import Line, total
from training.imports.class_places import Manner, Source
from training.models import Agency, Course, CourseLine, CourseReview, Provider
from training.repeats import title_key
from training.services import bulk


@dataclass(eq=False)
class CourseRef:
    """A course, recorded or about to be (then without a primary key)."""

    pk: int | None
    title: str
    control_number: str
    source: Source
    delivery: str
    is_refused: bool = False
    refusal: str = ""
    first_day: dt.date | None = None
    lines: tuple[Line, ...] = ()


_COLUMNS = ("pk", "title", "control_number", "source_kind", "provider", "agency", "sponsor", "delivery")


class NamedCourses:
    """The courses of a chunk of rows. What is new is written by `write`, which `class_of`'s caller asks for."""

    def __init__(self, drafts: list, manner: Manner):
        today = manner.today
        self._manner = manner
        self._carried = bool(manner.carried_over_from)
        self._by_number: dict[str, CourseRef] = {}
        self._by_title: dict[tuple, CourseRef] = {}
        stated = {draft.source for draft in drafts if draft.source}
        numbers = {draft.control_number for draft in drafts if draft.control_number}
        wanted = (
            Q(control_number__in=numbers)
            | Q(provider__in={one.provider for one in stated if one.provider})
            | Q(agency__in={one.agency for one in stated if one.agency})
            | Q(sponsor__in={one.sponsor for one in stated if one.sponsor})
        )
        self._load(wanted, today)
        new = [
            draft.source
            for draft in drafts
            if draft.source
            and (draft.source.agency or draft.source.provider)
            and not draft.control_number
            and (*draft.source.key, title_key(draft.title)) not in self._by_title
        ]
        # Whoever submits a course of one of these agencies or providers just now waits; it may have the very title.
        for model, made in ((Agency, {one.agency for one in new}), (Provider, {one.provider for one in new})):
            if made := made - {None}:
                list(model.objects.select_for_update(no_key=True).filter(pk__in=made).order_by("pk").values_list("pk"))
        if new:
            self._load(wanted, today)

    def _load(self, wanted: Q, today: dt.date) -> None:
        refused = set(Course.objects.filter(wanted).refused_as_of(clock.end_of_day(today)).values_list("pk", flat=True))
        for pk, title, number, kind, provider, agency, sponsor, delivery in (
            Course.objects.filter(wanted).order_by("pk").values_list(*_COLUMNS)
        ):
            course = CourseRef(
                pk, title, number or "", Source(kind, provider, agency, sponsor), delivery, is_refused=pk in refused
            )
            self._remember(course)

    def _remember(self, course: CourseRef) -> None:
        if course.control_number:
            self._by_number[course.control_number] = course
        self._by_title[*course.source.key, title_key(course.title)] = course

    def course_of(self, draft) -> CourseRef | None:
        """The course of a row, made where it is new; the row is refused where that cannot be."""
        number = draft.control_number
        course = self._by_number.get(number) if number else None
        if number and course is None and not self._carried:
            draft.row.refuse(
                "control_number",
                f"No course has the control number {number}.",
                "Correct it; or leave it empty and give the title"
                + (
                    "."
                    if self._manner.is_desk
                    else " and who gave the course. Courses of an older register are taken over with "
                    "--carried-over-from NAME."
                ),
            )
            return None
        says_who = draft.source and draft.row.has("source", "provider", "source_agency", "sponsor")
        if course and says_who and course.source.key != draft.source.key:
            draft.row.refuse(
                "control_number",
                f"Course {number} (“{course.title}”) is of another source.",
                "Correct the control number, or leave out who gave the course.",
            )
            return None
        if course is None and not number:
            course = self._by_title.get((*draft.source.key, title_key(draft.title)))
        if course is None:
            if not draft.title or not draft.source:
                what = "title" if not draft.title else "source"
                draft.row.refuse(what, f"Course {number} is new and has no {what}.", f"Fill in the {what}.")
                return None
            course = CourseRef(None, draft.title, number, draft.source, draft.delivery)
            self._remember(course)
        if course.is_refused:
            draft.row.refuse(
                "control_number" if number else "title", _refusal_of(course), "Choose another course, or call POST."
            )
            return None
        return course


def _refusal_of(course: CourseRef) -> str:
    if not course.refusal:
        decided = CourseReview.objects.live().filter(course=course.pk, decision=CourseReview.Decision.REFUSED)
        review = decided.order_by("recorded_at", "pk").last()
        course.refusal = f"POST refused “{course.title}” on {review.decided_on} ({review.reason.rstrip('.')})."
    return course.refusal


def write_courses(courses: list[CourseRef], now: dt.datetime, carried_over_from: str) -> None:
    """Write new courses with the lines of their first class; an older register's were submitted before that class."""
    for course, pk in zip(courses, bulk.reserve_ids(Course, len(courses)), strict=True):
        course.pk = pk
    bulk.copy_rows(
        Course,
        ("id", "title", "control_number", "source_kind", "provider", "agency", "sponsor", "synopsis", "delivery",
         "submitted_at"),
        (
            (one.pk, one.title, one.control_number or None, one.source.kind, one.source.provider, one.source.agency,
             one.source.sponsor, "", one.delivery,
             min(now, clock.midday(one.first_day)) if carried_over_from else now)
            for one in courses
        ),
    )  # fmt: skip
    bulk.copy_rows(
        CourseLine,
        ("course", "area", "topic", "hours"),
        (
            (one.pk, line.area.pk, line.topic.pk if line.topic else None, line.hours)
            for one in courses
            for line in one.lines
        ),
    )


def usual(lines: list[tuple[Line, ...]]) -> tuple[Line, ...]:
    """What most people of a class got; of two equally usual, the more hours."""
    return max(Counter(lines).items(), key=lambda item: (item[1], total(item[0])))[0]
