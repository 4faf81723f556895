"""The calendar of the state of `world.py`: each provider has a class to come, an officer in it, and a certificate."""

from training.models import Certificate, Course, Officer, Registration, ScheduledClass, TrainingClass
from training.tests import factories


def in_the_calendar(course: Course, officer: Officer, held: TrainingClass) -> tuple:
    """A class to come of a course, the officer's registration in it, and the officer's certificate of `held`."""
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
    return scheduled, seat, certificate
