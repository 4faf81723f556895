"""What the database keeps of the calendar by itself."""

import pytest

from clee_portal.history import events_of
from training.models import Registration, ScheduledClass
from training.tests import factories

pytestmark = pytest.mark.django_db


def seats(held) -> int:
    return ScheduledClass.objects.get(pk=held.pk).seats_taken


def test_seats_taken_follow_every_write_of_a_registration():
    course = factories.provider_course(factories.provider())
    held, other = factories.scheduled_class(course), factories.scheduled_class(course)
    one, two = (factories.registration(held, factories.officer()) for _ in range(2))
    factories.registration(held, factories.officer(), state="waiting")
    assert (seats(held), seats(other)) == (2, 0)
    rows = Registration.objects.filter(pk__in=[one.pk, two.pk])
    rows.update(state="offered", offered_until=held.begins_at)
    assert seats(held) == 2
    Registration.objects.filter(pk=one.pk).update(state="lapsed", ended_at=held.begins_at)
    assert seats(held) == 1
    Registration.objects.filter(pk=two.pk).update(scheduled_class=other)
    assert (seats(held), seats(other)) == (0, 1)


def test_a_seat_taken_is_no_new_version_of_the_class():
    held = factories.scheduled_class(factories.provider_course(factories.provider()))
    events = events_of(ScheduledClass).objects.filter(pgh_obj_id=held.pk)
    before = events.count()
    factories.registration(held, factories.officer())
    assert events.count() == before == 1
