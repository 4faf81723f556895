"""The calendar of the state of `world.py`: for each provider a class to come with an officer in it, and a certificate."""

from clee_portal.tests.people_of_world import LONG_AGO
from training.models import Certificate, Course, Officer, ProviderLicense, Registration, ScheduledClass, TrainingClass
from training.tests import factories


def in_the_calendar(course: Course, officer: Officer, held: TrainingClass) -> tuple:
    """A class to come of a course, the officer's registration in it, and the officer's certificate of `held`."""
    provider, word = course.provider, course.provider.name.split()[0]
    ProviderLicense.objects.create(provider=provider, number=f"L-{word}", valid_from=LONG_AGO)
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
