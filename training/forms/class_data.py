"""What the entry form would have been sent to record a class that exists: for correcting it, and for copying it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.http import QueryDict

from clee_portal import clock
from training import selectors
from training.forms.exceptions import LEFT, PART, TAUGHT, TAUGHT_OWN
from training.forms.hours import initial_of
from training.hours import Line
from training.models import Commission, Officer, ScheduledClass, TrainingClass, TrainingRecord
from training.selectors import CourseChoice


class Standing(NamedTuple):
    """What a class gives as it stands, and what everybody in it has: officer id -> lines."""

    lines: tuple[Line, ...] = ()
    given: Mapping[int, tuple[Line, ...]] = {}

    @classmethod
    def of(cls, held: TrainingClass) -> "Standing":
        """That of a class; a constant number of statements."""
        records = held.records.live().prefetch_related("lines__area", "lines__topic")
        given = {one.officer_id: _lines(one.lines.all()) for one in records}
        return cls(_lines(held.lines.select_related("area", "topic")), given)


def data_of(
    training_class: TrainingClass, *, people: bool = True, course: bool = True, dates: bool = True
) -> QueryDict:
    """The data of `ClassEntryForm` that says what `training_class` says: course and hours, days, everyone in it.

    Of an agency's, whoever was not commissioned there on its day stands in the pasted lines, by license number. Only
    the parts asked for; a constant number of statements, and the answer can be changed.
    """
    data = QueryDict(mutable=True)
    lines = _lines(training_class.lines.select_related("area", "topic"))
    if course:
        data["course"] = _label(training_class)
        data["delivery"] = training_class.delivery
        data["place"] = training_class.place
        _put(data, "hours", lines)
    if dates:
        data["ends_on"] = training_class.ends_on.isoformat()
        one_day = training_class.starts_on == training_class.ends_on
        data["starts_on"] = "" if one_day else training_class.starts_on.isoformat()
    if people:
        _put_people(data, training_class, lines)
    return data


def data_of_scheduled(scheduled: ScheduledClass) -> QueryDict:
    """The course, hours, delivery and place of a class in the calendar, as `ClassEntryForm` takes them; its days."""
    data = QueryDict(mutable=True)
    choices = selectors.courses_of(scheduled.provider, clock.today())
    title = scheduled.course.title
    data["course"] = next((one.label for one in choices if one.course.pk == scheduled.course_id), title)
    data["delivery"], data["place"] = scheduled.delivery, scheduled.place
    first, last = clock.day_of(scheduled.begins_at), clock.last_day(scheduled.ends_at)
    data["ends_on"], data["starts_on"] = last.isoformat(), "" if first == last else first.isoformat()
    lines = scheduled.lines.select_related("area", "topic").order_by("area__order", "topic__order")
    _put(data, "hours", _lines(lines))
    return data


def own_on_its_day(held: TrainingClass) -> set[int]:
    """Ids of those who have ticks: the officers commissioned at the reporting agency when the class was completed; of a
    provider's class, everybody in it."""
    if held.reported_by_agency is None:
        return {*held.records.values_list("officer", flat=True), *held.not_completed.values_list("officer", flat=True)}
    there = Commission.objects.in_force(held.ends_on).filter(agency=held.reported_by_agency)
    return set(there.values_list("officer", flat=True))


def pasted_line(officer: Officer) -> str:
    """How anybody else stands among the pasted lines."""
    return f"{officer.license_number} {officer.full_name}"


def _put_people(data: QueryDict, held: TrainingClass, lines: tuple[Line, ...]) -> None:
    here = own_on_its_day(held)
    outsiders = []
    records = list(held.records.live().select_related("officer").prefetch_related("lines__area", "lines__topic"))
    credited = {one.officer_id for one in records}
    missed = held.not_completed.live().select_related("officer")
    left_out = [one.officer for one in missed if one.officer_id not in credited]
    in_it = sorted(records, key=lambda one: (one.officer.search_name, one.officer.license_number))
    for officer in [*(one.officer for one in in_it), *left_out]:
        if officer.pk in here:
            data.appendlist("officers", str(officer.pk))
        else:
            outsiders.append(pasted_line(officer))
    for one in in_it:
        own = _lines(one.lines.all())
        is_own, taught = set(own) != set(lines), one.role == TrainingRecord.Role.INSTRUCTOR
        if taught or is_own:
            how = (TAUGHT_OWN if is_own else TAUGHT) if taught else PART
            data[f"person-{one.officer_id}-how"] = how
        if is_own:
            _put(data, f"part-{one.officer_id}", own)
    for officer in left_out:
        data[f"person-{officer.pk}-how"] = LEFT
    data["pasted"] = "\n".join(outsiders)


def _lines(rows) -> tuple[Line, ...]:
    return tuple(Line(one.area, one.topic, one.hours) for one in rows)


def _put(data: QueryDict, prefix: str, lines: tuple[Line, ...]) -> None:
    for name, value in initial_of(lines).items():
        data[f"{prefix}-{name}"] = value


def _label(held: TrainingClass) -> str:
    return label_of(held, selectors.courses_of(held.body, clock.today()))


def label_of(held: TrainingClass, choices: Iterable[CourseChoice]) -> str:
    """What chooses its course among these on the entry page; the title where it cannot be chosen any more."""
    return next((choice.label for choice in choices if choice.course.pk == held.course_id), held.course.title)
