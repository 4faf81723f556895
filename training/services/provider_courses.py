"""The catalogue of a provider's courses: added, changed by new versions, withdrawn. 11 CSR 75-15.030.

A licensed provider needs no prior approval, but for a course it underwrites for an agency: that is submitted to POST
by adding it, and a class of it is published once POST has approved it (rulebook 4 and 8).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access, hours
from training.hours import Line
from training.models import (
    Agency,
    Course,
    CourseLine,
    CourseReview,
    Delivery,
    HeldClass,
    Provider,
    ScheduledClass,
    SourceKind,
    TrainingClass,
)
from training.repeats import title_key
from training.services import scheduling, seats


@dataclass(frozen=True, slots=True)
class Facts:
    """What a course says, beside its hours."""

    title: str
    synopsis: str = ""
    objectives: str = ""
    delivery: str = Delivery.CLASSROOM
    fee: Decimal = Decimal(0)
    prerequisites: str = ""
    audience: str = ""
    instructors: str = ""
    administrator: str = ""
    underwrites: Agency | None = None

    @classmethod
    def of(cls, course: Course) -> "Facts":
        """Those of a course."""
        return cls(**{name: getattr(course, name) for name in FACTS})


FACTS = tuple(Facts.__dataclass_fields__)
# What a class takes from its course when it is planned, and may have changed since.
TAKEN = ("delivery", "fee", "instructors", "administrator")
# While a course is refused these stay as POST read them: what is said about it may be added.
FIXED_WHILE_REFUSED = ("title", "delivery", "underwrites")


@transaction.atomic
def add(*, by: User | None, provider: Provider, facts: Facts, lines: Sequence[Line]) -> Course:
    """Add a course to the catalogue; one that is underwritten is submitted to POST by it. Raises `Refused`.

    A course of the catalogue with this title, however spelled, or one that POST refused, stands in its way: one title
    is one course.
    """
    provider = _locked(by, provider)
    facts = _checked(facts, lines)
    _check_title(provider, facts.title)
    return _write(provider, facts, lines, "Course submitted to POST" if facts.underwrites else "Course added")


@transaction.atomic
def change(
    *,
    by: User | None,
    course: Course,
    facts: Facts,
    lines: Sequence[Line],
    for_classes: Collection[int] = (),
    seen: str | None = None,
) -> Course:
    """Change a course, and return it as it stands then: the same, or a new version of it once it was used.

    It was used where a class of it was planned or held, or POST has decided on it. The version before stays with its
    classes and credit; only those of `for_classes` (ids of scheduled classes to come) go over to the new one. A refused
    course is added to in place, and waits for POST again. `seen` is the mark of the page
    (`clee_portal.history.seen`). Raises `Refused`.
    """
    _locked(by, course.provider)
    course = Course.objects.select_for_update(no_key=True, of=("self",)).select_related("provider").get(pk=course.pk)
    if Course.objects.filter(replaces=course).exists():
        raise Refused("Somebody has made a newer version of this course meanwhile. Change that one.")
    facts = _checked(facts, lines)
    before = Facts.of(course)
    same_lines = _lines_of(course) == sorted(_line(one) for one in lines)
    if facts == before and same_lines:
        return course
    pages.check(
        seen=seen,
        now=what_it_says(course),
        given={name: getattr(facts, name) for name in FACTS} | {"hours": hours.in_words(lines)},
        rows=[course],
        written={"hours": pages.events_about(CourseLine, course=course.pk)},
    )
    if title_key(facts.title) != title_key(before.title):
        _check_title(course.provider, facts.title, but=course)
    latest = course.reviews.live().order_by("recorded_at", "pk").last()
    if latest and latest.decision == CourseReview.Decision.REFUSED:
        fixed = [name for name in FIXED_WHILE_REFUSED if getattr(facts, name) != getattr(before, name)]
        if fixed or not same_lines:
            raise Refused(
                "POST refused this course, so its title, hours and delivery stay as POST read them. Add to what is "
                "said about it: POST then looks at it again."
            )
        return _rewrite(course, facts, "Added to what was submitted to POST", added_to_at=Now())
    if latest is None and not _is_used(course):
        course = _rewrite(course, facts, "Course changed")
        if not same_lines:
            with history.because("Course changed"):
                course.lines.all().delete()
                _write_lines(course, lines)
        return course
    made = _write(course.provider, facts, lines, "New version of a course", replaces=course)
    for held in _to_go_over(course, for_classes):
        _go_over(held, before, made)
    return made


def what_it_says(course: Course) -> dict:
    """What `change` changes, as it stands."""
    lines = list(course.lines.select_related("area", "topic"))
    return {name: getattr(course, name) for name in FACTS} | {"hours": hours.in_words(lines)}


@transaction.atomic
def withdraw(*, by: User | None, course: Course) -> Course:
    """Take a course out of the catalogue: no new class of it is planned. What is planned and credited stays."""
    _locked(by, course.provider)
    one = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    if one.withdrawn_at is None:
        with history.because("Course withdrawn"):
            one.withdrawn_at = clock.now()
            one.save(update_fields=["withdrawn_at"])
    return one


@transaction.atomic
def bring_back(*, by: User | None, course: Course) -> Course:
    """Put a withdrawn course back into the catalogue. Raises `Refused` where another has its title by now."""
    _locked(by, course.provider)
    one = Course.objects.select_for_update(no_key=True, of=("self",)).select_related("provider").get(pk=course.pk)
    if one.withdrawn_at is not None:
        _check_title(one.provider, one.title, but=one)
        with history.because("Course brought back"):
            one.withdrawn_at = None
            one.save(update_fields=["withdrawn_at"])
    return one


def classes_ahead(course: Course, now):
    """Scheduled classes of a course that a new version may be taken over to: not over, called off, or credited."""
    return (
        ScheduledClass.objects.filter(course=course, training_class=None, begins_at__gt=now)
        .exclude(state=ScheduledClass.State.CALLED_OFF)
        .order_by("begins_at", "pk")
    )


def _locked(by: User | None, provider: Provider) -> Provider:
    provider = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if not access.can_keep_calendar(by, provider):
        raise Refused("You cannot change courses of this provider.")
    return provider


def _checked(facts: Facts, lines: Sequence[Line]) -> Facts:
    title = " ".join(facts.title.split())
    if not title:
        raise Refused("Give the course a title.", field="title")
    if not lines:
        raise Refused("Give the hours of at least one area.", field="hours")
    if not facts.synopsis.strip():
        raise Refused("Say what is taught, in a few sentences.", field="synopsis")
    given = {name: getattr(facts, name) for name in FACTS}
    return Facts(**given | {"title": title, "instructors": " ".join(facts.instructors.split())})


def _check_title(provider: Provider, title: str, but: Course | None = None) -> None:
    key = title_key(title)
    refused = Course.objects.refused_as_of(clock.END_OF_TIME).filter(pk=OuterRef("pk"))
    held = provider.courses.filter(replaced_by=None).annotate(is_refused=Exists(refused))
    for one in held.exclude(pk=but.pk if but else None):
        if title_key(one.title) != key:
            continue
        if one.is_refused:
            raise Refused(
                f"POST refused “{one}”. Add to that course what it lacks; POST then looks at it again.", field="title"
            )
        if one.withdrawn_at is None:
            raise Refused(f"“{one}” is in the catalogue already. Change it, or give another title.", field="title")


def _is_used(course: Course) -> bool:
    planned = ScheduledClass.objects.filter(course=course).exists()
    held = TrainingClass.objects.filter(course=course).exists()
    return planned or held or HeldClass.objects.filter(course=course).exists()


def _write(provider: Provider, facts: Facts, lines: Sequence[Line], reason: str, **more) -> Course:
    with history.because(reason):
        made = Course.objects.create(
            source_kind=SourceKind.APPROVED_PROVIDER,
            provider=provider,
            **{name: getattr(facts, name) for name in FACTS},
            **more,
        )
        _write_lines(made, lines)
    return made


def _rewrite(course: Course, facts: Facts, reason: str, **more) -> Course:
    values = {name: getattr(facts, name) for name in FACTS} | more
    for name, value in values.items():
        setattr(course, name, value)
    with history.because(reason):
        course.save(update_fields=list(values))
    course.refresh_from_db(fields=["added_to_at"])
    return course


def _write_lines(course: Course, lines: Sequence[Line]) -> None:
    CourseLine.objects.bulk_create(
        CourseLine(course=course, area=one.area, topic=one.topic, hours=one.hours) for one in lines
    )


def _line(one) -> tuple:
    return one.area.pk, one.topic.pk if one.topic else 0, one.hours


def _lines_of(course: Course) -> list[tuple]:
    return sorted(_line(one) for one in course.lines.select_related("area", "topic"))


def _to_go_over(course: Course, ids: Collection[int]) -> list[ScheduledClass]:
    return [seats.lock(one) for one in classes_ahead(course, clock.now()).filter(pk__in=ids).order_by("pk")]


def _go_over(held: ScheduledClass, before: Facts, made: Course) -> None:
    """A class takes over the course's new version: its hours, and what it had taken from the version before."""
    scheduling.check_is_open(held)
    held.course = made
    fields = ["course"]
    for name in TAKEN:
        if getattr(held, name) == getattr(before, name) != getattr(made, name):
            setattr(held, name, getattr(made, name))
            fields.append(name)
    with history.because("New version of its course"):
        held.save(update_fields=fields)
        scheduling.write_lines(held, made.lines.all())
        scheduling.note_change(held)
