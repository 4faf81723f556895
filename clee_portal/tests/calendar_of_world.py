"""The calendar of the state of `world.py`: each provider has a class to come, an officer in it, and a certificate."""

from training.models import (
    AttendanceMark,
    CalendarImport,
    Certificate,
    Course,
    HeldClass,
    HeldPerson,
    Officer,
    Registration,
    ScheduledClass,
    TrainingClass,
)
from training.tests import factories

# Words in the names of pages about a class of the calendar.
OF_A_CLASS = ("door", "confirm_effect", "class_confirm", "sign_in", "registrations_of_class", "scheduled")


def in_the_calendar(course: Course, officer: Officer, held: TrainingClass) -> tuple:
    """A class to come of a course, the officer's registration in it with a mark, the officer's certificate of `held`,
    a class that is held, and a calendar that was brought in."""
    word = course.provider.name.split()[0]
    course.lines.create(area=factories.area("legal"), hours=2)
    scheduled: ScheduledClass = factories.scheduled_class(
        course, place=f"Hall of {word}", contact_email=f"ask@{word.lower()}.example", directions=f"Door of {word}"
    )
    seat: Registration = factories.registration(scheduled, officer)
    certificate = Certificate.objects.create(
        officer=officer,
        first_class=held,
        issued_record=held.records.get(officer=officer),
        administrator=f"Head of {word}",
        is_approved_provider=True,
    )
    meeting = scheduled.meetings.get()
    mark = AttendanceMark.objects.create(registration=seat, meeting=meeting, kind="in", at=meeting.begins_at)
    kept = HeldClass.objects.create(
        provider=course.provider,
        course=course,
        starts_on=held.starts_on,
        ends_on=held.ends_on,
        place=f"Attic of {word}",
        because=f"The license of {word} was suspended.",
    )
    kept.lines.create(area=factories.area("legal"), hours=2)
    HeldPerson.objects.create(held_class=kept, officer=officer)
    brought = CalendarImport.objects.create(provider=course.provider, name=f"{word} calendar.ics", kind="ics")
    brought.rows.create(number=1, uid="1", title=f"Evening of {word}", wrong="When it begins cannot be read.")
    return scheduled, seat, certificate, mark, kept


def certified(held: TrainingClass, officer: Officer) -> Certificate:
    """The officer's certificate of a class."""
    record = held.records.get(officer=officer)
    return Certificate.objects.create(officer=officer, first_class=held, issued_record=record)


def pages_about(school) -> dict[str, list]:
    """What pages of the calendar are about, by a word in their names; a longer word before one it holds."""
    brought = school.provider.calendar_imports.get()
    return {
        "brought_event": [brought.rows.get()],
        "brought_calendar": [brought],
        "catalogue_course": [school.held.course],
        "door_mark": [school.mark],
        "held_class": [school.kept],
        **{word: [school.scheduled] for word in OF_A_CLASS},
        "registration": [school.seat],
    }
