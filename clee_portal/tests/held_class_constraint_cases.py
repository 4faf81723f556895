"""What the database must refuse of a provider's class that is held; registered like those of constraint_cases.py."""

import datetime as dt

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, insert, refused
from training.models import HeldClass, HeldClassLine, HeldPerson, HeldPersonLine, TrainingClass
from training.tests import factories


def a_held(**more) -> HeldClass:
    """A held class of a new provider."""
    course = more.pop("course", None) or factories.provider_course(factories.provider())
    given = {"starts_on": DAY, "ends_on": DAY, "because": "The license was suspended.", **more}
    return HeldClass.objects.create(provider=course.provider, course=course, **given)


def a_person(held: HeldClass | None = None) -> HeldPerson:
    """Somebody in a held class."""
    return HeldPerson.objects.create(held_class=held or a_held(), officer=factories.officer())


@refused("held_class_ends_after_it_starts")
def _():
    a_held(ends_on=DAY - dt.timedelta(days=1))


@refused("held_class_says_why")
def _():
    a_held(because="")


@refused("held_class_released_or_dropped")
def _():
    held = a_held()
    made = TrainingClass.objects.create(course=held.course, starts_on=DAY, ends_on=DAY)
    HeldClass.objects.filter(pk=held.pk).update(training_class=made)


@refused("held_class_once_per_scheduled")
def _():
    planned = factories.scheduled_class(factories.provider_course(factories.provider()))
    for _ in range(2):
        a_held(course=planned.course, scheduled_class=planned)


@refused("training_heldclass_void_has_reason")
def _():
    a_held(voided_at=clock.now() + dt.timedelta(minutes=1))


@refused("training_heldclass_void_after_recorded")
def _():
    a_held(voided_at=clock.now() - dt.timedelta(days=1), void_reason="The wrong list")


@refused("held_class_line_once")
def _():
    held = a_held()
    for _ in range(2):
        insert(HeldClassLine, held_class=held, area=factories.area("legal"), hours=1)


@refused("training_heldclassline_hours_positive")
def _():
    insert(HeldClassLine, held_class=a_held(), area=factories.area("legal"), hours=0)


@refused("held_person_once_per_class")
def _():
    one = a_person()
    HeldPerson.objects.create(held_class=one.held_class, officer=one.officer)


@refused("held_person_line_once")
def _():
    one = a_person()
    for _ in range(2):
        insert(HeldPersonLine, person=one, area=factories.area("legal"), hours=1)


@refused("training_heldpersonline_hours_positive")
def _():
    insert(HeldPersonLine, person=a_person(), area=factories.area("legal"), hours=0)
