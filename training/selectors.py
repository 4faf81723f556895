"""Reads of the facts that more than one page needs. Each takes a constant number of statements."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from clee_portal import clock, compiled
from training.bodies import Body, is_provider
from training.hours import Line
from training.models import (
    Agency,
    Area,
    Commission,
    Course,
    CourseLine,
    CourseReview,
    Officer,
    OfficerFormerName,
    OfficerFormerNumber,
    SourceKind,
    Topic,
)


class Curriculum(NamedTuple):
    """The areas and topics, in order."""

    areas: tuple[Area, ...]
    topics: tuple[Topic, ...]


def curriculum() -> Curriculum:
    """The core curricula areas and the topics inside them."""
    return Curriculum(tuple(Area.objects.all()), tuple(Topic.objects.select_related("only_area", "usual_area")))


class RosterRow(NamedTuple):
    """An officer in the roster of an agency."""

    pk: int
    license_number: str
    name: str
    rank: str


def roster(agency: Agency, day: dt.date) -> list[RosterRow]:
    """The officers commissioned at `agency` on `day`, by name."""
    names = ("officer__last_name", "officer__suffix", "officer__first_name", "officer__middle_name")
    rows = (
        Commission.objects.in_force(day)
        .filter(agency=agency)
        .order_by("officer__search_name", "officer__license_number")
        .values_list("officer", "officer__license_number", *names, "rank", "is_reserve")
    )
    return [
        RosterRow(
            pk,
            number,
            f"{last} {suffix}".rstrip() + ", " + f"{first} {middle}".rstrip(),
            rank or ("Reserve" if is_reserve else ""),
        )
        for pk, number, last, suffix, first, middle, rank, is_reserve in rows
    ]


class CourseChoice(NamedTuple):
    """A course that a class can be held of: what people type to choose it, and what it gives."""

    course: Course
    label: str
    review: str  # "approved" or "" (not yet reviewed)
    lines: tuple[Line, ...]

    @property
    def hours(self) -> Decimal:
        """The credit of all of it."""
        return sum((line.hours for line in self.lines), Decimal(0))


def courses_of(body: Body, today: dt.date) -> list[CourseChoice]:
    """The in-service courses of an agency, or the courses of a provider in their latest version, that POST has not
    refused: by title, with their hours.
    """
    asked = _courses_of_provider() if is_provider(body) else _courses_of_agency()
    courses = asked.objects(body=body.pk, moment=clock.end_of_day(today))
    # Not by prefetching: an agency has hundreds of courses, and this is asked while somebody types.
    lines: dict[int, list[Line]] = {}
    for one in _lines_of().objects(courses=[one.pk for one in courses]) if courses else ():
        lines.setdefault(one.course_id, []).append(Line(one.area, one.topic, one.hours))
    titles = Counter(course.title.casefold() for course in courses)
    return [
        CourseChoice(
            course,
            course.title
            if titles[course.title.casefold()] == 1
            else f"{course.title} · {course.control_number or course.pk}",
            course.review,
            tuple(lines.get(course.pk, ())),
        )
        for course in courses
    ]


@compiled.written(body=compiled.NUMBER, moment=compiled.MOMENT)
def _courses_of_agency(body, moment) -> QuerySet:
    return _not_refused(Course.objects.filter(agency=body, source_kind=SourceKind.IN_SERVICE), moment)


@compiled.written(body=compiled.NUMBER, moment=compiled.MOMENT)
def _courses_of_provider(body, moment) -> QuerySet:
    return _not_refused(Course.objects.filter(provider=body, source_kind=SourceKind.APPROVED_PROVIDER), moment)


def _not_refused(courses: QuerySet[Course], moment: dt.datetime) -> QuerySet[Course]:
    """The latest versions, each with POST's word of it."""
    latest = CourseReview.objects.known(moment).filter(course=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return (
        courses.filter(replaced_by=None)
        .exclude(pk__in=Course.objects.refused_as_of(moment).values("pk"))
        .annotate(review=Coalesce(Subquery(latest.values("decision")[:1]), Value("")))
        .order_by("title", "pk")
    )


@compiled.written(courses=compiled.SOME)
def _lines_of(courses) -> QuerySet:
    found = CourseLine.objects.filter(course__in=courses).select_related("area", "topic")
    return found.order_by("area__order", "topic__order")


def by_license_number(numbers: Iterable[str]) -> dict[str, Officer]:
    """License number -> officer, for those in the register."""
    return {one.license_number: one for one in Officer.objects.filter(license_number__in=list(numbers))}


def now_known_as(numbers: Iterable[str]) -> dict[str, list[Officer]]:
    """Former license number -> the officers who had it. One statement. A hint: the number stands for none of them."""
    found: dict[str, list[Officer]] = {}
    for one in OfficerFormerNumber.objects.live().filter(license_number__in=list(numbers)).select_related("officer"):
        found.setdefault(one.license_number, []).append(one.officer)
    return found


def nobody_has(number: str) -> str:
    """What is said of a license number that nobody has; where somebody had it, who that is and their number now."""
    said = f"No officer has the license number {number}."
    return said + "".join(f" {formerly(one)}" for one in now_known_as([number]).get(number, []))


def formerly(officer: Officer) -> str:
    """What is said beside a former number of an officer; of somebody who works undercover neither name nor number."""
    if officer.is_name_closed:
        return "It was corrected: ask POST for the number it is now."
    return f"It was corrected: {officer.full_name} has the number {officer.license_number} now."


def agencies_today(officers: Iterable[int], today: dt.date) -> dict[int, list[Agency]]:
    """Officer id -> the agencies they are commissioned at today."""
    found: dict[int, list[Agency]] = {}
    for one in Commission.objects.in_force(today).filter(officer__in=list(officers)).select_related("agency"):
        found.setdefault(one.officer_id, []).append(one.agency)
    return found


# How alike a word must be to a part of a name. At 0.45 "Callaway" finds Calloway; where nobody is that much alike, at
# 0.32 "Smyth" finds Smith, among others that begin like it.
ALIKE = 0.45
LESS_ALIKE = 0.32


def find_officers(words: str, agency: str, today: dt.date, alike: float = ALIKE) -> QuerySet[Officer]:
    """Officers whose present or former name is like every word of `words`, at agencies like `agency`; best first.

    Accents, case and typos are forgiven (trigrams); a full license number finds its officer. Either may be empty.
    Call inside a transaction: the likeness asked for is set for it alone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(alike)])
        cursor.execute("SELECT lower(immutable_unaccent(%s)), lower(immutable_unaccent(%s))", [words, agency])
        words, agency = cursor.fetchone()
    numbers = OfficerFormerNumber.objects.live()
    found = (
        Officer.objects.filter(merged_into=None)
        .select_related("license_class")
        .prefetch_related(
            Prefetch(
                "commissions", Commission.objects.in_force(today).select_related("agency"), to_attr="commissions_today"
            ),
            Prefetch("former_numbers", numbers, to_attr="numbers_before"),
        )
    )
    if agency:
        same = Agency.objects.filter(Q(search_name__trigram_word_similar=agency) | Q(code=agency))
        at_agencies = Commission.objects.in_force(today).filter(officer=OuterRef("pk"), agency__in=same.values("pk"))
        found = found.filter(Exists(at_agencies))
    if not words.strip():
        return found
    parts = [part for part in re.findall(r"[\w'’-]+", words) if any(map(str.isalnum, part))]
    if not parts:  # signs alone are like no name
        return found.none()
    # Initials say little: they are asked for only where there is nothing longer.
    parts = [part for part in parts if len(part) > 2] or parts
    own, former = Q(), Q()
    for part in parts:
        own &= Q(search_name__trigram_word_similar=part)
        former &= Q(search_name__trigram_word_similar=part)
    former_names = OfficerFormerName.objects.filter(former)
    whole = " ".join(parts)
    best_former = (
        former_names.filter(officer=OuterRef("pk"))
        .order_by()
        .values("officer")
        .annotate(best=Max(TrigramWordSimilarity(whole, "search_name")))
        .values("best")
    )
    typed = [part.upper() for part in parts]
    former_likeness = Coalesce(Subquery(best_former), Value(0.0))
    return (
        found.filter(
            own
            | Q(pk__in=former_names.values("officer"))
            | Q(license_number__in=typed)
            | Q(pk__in=numbers.filter(license_number__in=typed).values("officer"))
        )
        .annotate(likeness=Greatest(TrigramWordSimilarity(whole, "search_name"), former_likeness))
        .order_by("-likeness", "search_name", "license_number")
    )
