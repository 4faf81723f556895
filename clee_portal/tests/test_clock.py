"""Days of 23 and 25 hours, a clock that is put back, and deadlines on the days when the clocks change."""

import datetime as dt

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import Session
from training.tests import factories

SPRING, FALL = dt.date(2027, 3, 14), dt.date(2026, 11, 1)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (FALL, 25), (dt.date(2026, 7, 1), 24)])
def test_day_is_as_long_as_it_is(day, hours):
    """The last moment of a day is one microsecond before the first of the next, however long the day is."""
    begins, ends = clock.midnight_after(day - dt.timedelta(days=1)), clock.midnight_after(day)
    assert ends.astimezone(dt.UTC) - begins.astimezone(dt.UTC) == dt.timedelta(hours=hours)
    assert ends.astimezone(dt.UTC) - clock.end_of_day(day).astimezone(dt.UTC) == dt.timedelta(microseconds=1)
    assert clock.day_of(clock.end_of_day(day)) == day == clock.last_day(ends)
    assert clock.day_of(clock.midday(day)) == day


def test_every_moment_of_those_days_is_of_that_day():
    """Minute by minute over both nights: days follow each other, and none comes twice."""
    for day in (SPRING, FALL):
        begins = clock.midnight_after(day - dt.timedelta(days=1)).astimezone(dt.UTC)
        ends = clock.midnight_after(day).astimezone(dt.UTC)
        minutes = int((ends - begins).total_seconds() // 60)
        assert {clock.day_of(begins + dt.timedelta(minutes=minute)) for minute in range(minutes)} == {day}
        assert clock.day_of(ends) == day + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        ("2027-03-14T05:59:59+00:00", dt.date(2027, 3, 13)),
        ("2027-03-14T06:00:00+00:00", dt.date(2027, 3, 14)),
        ("2027-03-15T04:59:59+00:00", dt.date(2027, 3, 14)),  # one hour earlier than the night before
        ("2027-03-15T05:00:00+00:00", dt.date(2027, 3, 15)),
        ("2026-11-01T04:59:59+00:00", dt.date(2026, 10, 31)),
        ("2026-11-02T05:59:59+00:00", dt.date(2026, 11, 1)),  # and one hour later
        ("2026-11-02T06:00:00+00:00", dt.date(2026, 11, 2)),
    ],
)
def test_today_is_the_day_in_missouri(time_machine, moment, today):
    time_machine.move_to(dt.datetime.fromisoformat(moment), tick=False)
    assert clock.today() == today


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "last_moment"), [(dt.date(2027, 3, 15), "04:59"), (dt.date(2026, 11, 2), "05:59")])
def test_class_can_be_entered_until_the_last_minute_of_its_day(client, time_machine, day, last_moment):
    """A class that ends today is no class to come, up to the last minute before midnight in Missouri."""
    agency = factories.agency("harlan")
    officer = factories.officer(agency)
    time_machine.move_to(dt.datetime.fromisoformat(f"{day}T{last_moment}:30+00:00"), tick=False)
    client.force_login(factories.ceo(agency))
    form = {"course": "Night class", "delivery": "classroom", "hours-area-skill": "2", "officers": officer.pk}
    form |= {"step": "check", "submission_key": "00000000-0000-0000-0000-000000000007", "pasted": ""}
    ends_on = {which: (day + dt.timedelta(days=back)).isoformat() for which, back in (("today", -1), ("tomorrow", 0))}
    address = reverse("training:class_enter", args=["harlan"])
    pages = {which: client.post(address, {**form, "ends_on": date}).content.decode() for which, date in ends_on.items()}
    assert "Check" in pages["today"]
    assert 'aria-invalid="true"' not in pages["today"]
    assert 'aria-invalid="true"' in pages["tomorrow"]


@pytest.mark.django_db
def test_clock_that_is_put_back_ends_no_session_and_opens_none(client, time_machine):
    """The machine's clock was an hour ahead and is set right: whoever is signed in stays so, and nobody longer than
    twelve hours by the clock."""
    chief = factories.ceo(factories.agency("harlan"))
    time_machine.move_to("2026-11-01 09:00-06:00", tick=False)
    client.force_login(chief)
    home = reverse("training:roster", args=["harlan"])
    time_machine.move_to("2026-11-01 08:00-06:00", tick=False)
    assert client.get(home).status_code == 200
    assert Session.objects.count() == 1
    time_machine.move_to("2026-11-01 21:00-06:00", tick=False)
    assert client.get(home).status_code == 302


def test_moment_can_be_looked_back_to_and_it_is_now_again():
    moment = dt.datetime(2026, 3, 8, 12, tzinfo=dt.UTC)
    before = clock.now()
    with clock.turned_to(moment):
        assert (clock.now(), clock.today()) == (moment, dt.date(2026, 3, 8))
    assert clock.now() >= before
