"""A class that ends at midnight sharp belongs to the day that is over, whoever asks (`clock.last_day`)."""

import datetime as dt

import pytest
import time_machine

from clee_portal import clock
from training import late_rosters, publishing, registering
from training.forms.class_data import data_of_scheduled
from training.models import ProviderLicense
from training.services import attendance, registrations, seat_messages
from training.services.attendance import Moment
from training.tests import factories as make

pytestmark = pytest.mark.django_db
LAST, NEXT = dt.date(2026, 12, 31), dt.date(2027, 1, 1)


def at(hour: int, day: dt.date = LAST) -> dt.datetime:
    """A time of day in Missouri."""
    return dt.datetime.combine(day, dt.time(hour), clock.CHICAGO)


@pytest.fixture
def school():
    return make.provider("Academy")


@pytest.fixture
def night(school):
    """A class of the last evening of the year, 8 to midnight."""
    return make.scheduled_class(make.provider_course(school, "Night driving"), at(20), administrator="Dana Whitlock")


@pytest.fixture
def officer():
    return make.officer(make.agency("cedar-hollow", "Cedar Hollow Police"))


@pytest.mark.parametrize(
    ("ends_at", "day"),
    [
        (at(23), LAST),
        (at(0, NEXT), LAST),
        (at(0, NEXT) + dt.timedelta(microseconds=1), NEXT),
        (at(0, dt.date(2026, 11, 1)), dt.date(2026, 10, 31)),
    ],
)
def test_midnight_is_the_end_of_a_day(ends_at, day):
    assert clock.last_day(ends_at) == day
    assert ends_at <= clock.midnight_after(day)
    assert ends_at > clock.midnight_after(day - dt.timedelta(days=1))


def test_what_begins_at_midnight_keeps_nobody_out_and_nothing_from_being_published(school, night, officer):
    make.license_event(officer, "expired", NEXT)
    ProviderLicense.objects.update(valid_until=LAST)
    with time_machine.travel(at(8, LAST - dt.timedelta(days=9)), tick=False):
        assert publishing.hindrances(night, clock.now()) == []
        assert publishing.troubles([night]) == {}
        assert registering.closed_because(night, clock.now()) == ""
        assert registering.look(night, [officer]) == ({}, {})
        made = registrations.register(by=make.officer_account(officer), held=night, officer=officer)
    assert made.is_new


def test_whose_license_ends_at_midnight_is_let_in_at_the_door(school, night, officer):
    make.license_event(officer, "expired", NEXT)
    with time_machine.travel(at(21), tick=False):
        taken = attendance.walk_in(
            by=make.provider_staff(school),
            scheduled_class=night,
            license_number=officer.license_number,
            moment=Moment("6b1f5c0e-6f3b-4d8c-9a52-3f7f0f3d1a11", at(21)),
            now=at(21),
        )
    assert taken.is_new


def test_the_days_of_a_suspension_are_those_of_the_credit(school, night, officer):
    make.registration(night, officer)
    make.officer_account(officer)
    told, day_before = [], LAST - dt.timedelta(days=1)
    with time_machine.travel(at(8, LAST - dt.timedelta(days=9)), tick=False):
        for first, last in ((NEXT, None), (LAST, None), (LAST, LAST), (day_before, day_before)):
            ProviderLicense.objects.update(voided_at=clock.now(), void_reason="One standing a day")
            license = ProviderLicense.objects.create(
                provider=school, number=f"S-{len(told)}", valid_from=first, valid_until=last, standing="suspended"
            )
            told.append(seat_messages.unlicensed(license))
    assert told == [0, 1, 1, 0]


def test_it_is_entered_and_late_by_that_day(night):
    data = data_of_scheduled(night)
    assert (data["starts_on"], data["ends_on"]) == ("", "2026-12-31")
    monday = dt.date(2027, 1, 11)
    assert late_rosters.late_since(monday) == dt.date(2027, 1, 3)
    for today, is_late in ((dt.date(2027, 1, 7), False), (dt.date(2027, 1, 8), True)):
        assert (late_rosters.due_on(LAST) < today, late_rosters.late(today).exists()) == (is_late, is_late)
