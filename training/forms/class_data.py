"""What the entry form would have been sent to record a class that exists: for correcting it, and for copying it."""

from django.http import QueryDict

from clee_portal import clock
from training import selectors
from training.forms.hours import initial_of
from training.hours import Line
from training.models import Commission, TrainingClass, TrainingRecord


def data_of(
    training_class: TrainingClass, *, people: bool = True, course: bool = True, dates: bool = True
) -> QueryDict:
    """The data of `ClassEntryForm` that says what `training_class` says: course and hours, days, everyone in it.

    Whoever was not commissioned at the reporting agency on its day stands in the pasted lines, by license number. Only
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


def _put_people(data: QueryDict, held: TrainingClass, lines: tuple[Line, ...]) -> None:
    here = set(
        Commission.objects.in_force(held.ends_on)
        .filter(agency=held.reported_by_agency)
        .values_list("officer", flat=True)
    )
    outsiders = []
    records = held.records.live().select_related("officer").prefetch_related("lines__area", "lines__topic")
    left_out = [one.officer for one in held.not_completed.live().select_related("officer")]
    in_it = sorted(records, key=lambda one: (one.officer.search_name, one.officer.license_number))
    for officer in [*(one.officer for one in in_it), *left_out]:
        if officer.pk in here:
            data.appendlist("officers", str(officer.pk))
        else:
            outsiders.append(f"{officer.license_number} {officer.full_name}")
    for one in in_it:
        own = _lines(one.lines.all())
        if one.role == TrainingRecord.Role.INSTRUCTOR:
            data[f"person-{one.officer_id}-how"] = "taught"
        elif set(own) != set(lines):
            data[f"person-{one.officer_id}-how"] = "part"
            _put(data, f"part-{one.officer_id}", own)
    for officer in left_out:
        data[f"person-{officer.pk}-how"] = "left"
    data["pasted"] = "\n".join(outsiders)


def _lines(rows) -> tuple[Line, ...]:
    return tuple(Line(one.area, one.topic, one.hours) for one in rows)


def _put(data: QueryDict, prefix: str, lines: tuple[Line, ...]) -> None:
    for name, value in initial_of(lines).items():
        data[f"{prefix}-{name}"] = value


def _label(held: TrainingClass) -> str:
    """What chooses its course on the entry page; the title where it cannot be chosen any more."""
    agency = held.reported_by_agency
    choices = selectors.courses_of(agency, clock.today()) if agency else ()
    return next((choice.label for choice in choices if choice.course.pk == held.course_id), held.course.title)
