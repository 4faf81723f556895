"""The days in an officer's own calendar by which hours have to be complete."""

import datetime as dt

import pytest
from django.urls import reverse

from clee_portal import clock
from compliance import deadlines
from compliance.tests.people import complete, in_every_standing, relief
from training.services import feeds
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
END, SHOW = dt.date(2025, 12, 31), dt.date(2026, 3, 15)


@pytest.fixture
def agency():
    return factories.agency()


def days(officer, year: int, month: int, day: int) -> list[tuple[str, dt.date]]:
    found = deadlines.of_officer(officer.pk, clock.midday(dt.date(year, month, day)))
    return [(one.key, one.day) for one in found]


def test_deadlines_stand_while_hours_are_missing_and_no_longer(agency):
    short, done = factories.officer(agency), factories.officer(agency)
    complete(short, agency, YEAR, legal=1)
    complete(done, agency, YEAR)
    # Before the year's hours are in, everybody has both days ahead.
    assert days(done, 2025, 5, 1) == [("2025-end", END), ("2025-show", SHOW)]
    assert days(done, 2025, 12, 1) == []
    assert days(short, 2025, 12, 31) == [("2025-end", END), ("2025-show", SHOW)]
    this_year = [("2026-end", dt.date(2026, 12, 31)), ("2026-show", dt.date(2027, 3, 15))]
    assert days(short, 2026, 1, 1) == [("2025-show", SHOW), *this_year]
    assert days(short, 2026, 3, 15) == [("2025-show", SHOW), *this_year]
    assert days(short, 2026, 3, 16) == this_year


def test_extension_has_its_own_day_and_whoever_owes_nothing_has_none(agency):
    people = in_every_standing(agency, YEAR)
    last_year = {
        standing: [one for one in days(officer, 2026, 5, 1) if one[0].startswith("2025")]
        for standing, officer in people.items()
    }
    assert {standing: found for standing, found in last_year.items() if found} == {
        "extended": [("2025-extension-20261231", dt.date(2026, 12, 31))]
    }
    assert days(people["not_applicable"], 2026, 5, 1) == []


def test_extension_granted_before_the_year_ends_takes_the_place_of_march_15(agency):
    officer = factories.officer(agency)
    due = dt.date(2026, 6, 30)
    relief(officer, YEAR, decision="granted", due_on=due, requested_on=dt.date(2025, 9, 1))
    assert days(officer, 2025, 9, 10) == [("2025-end", END), ("2025-show", SHOW)]
    assert days(officer, 2025, 9, 11) == [("2025-end", END), ("2025-extension-20260630", due)]
    assert ("2025-extension-20260630", due) in days(officer, 2026, 6, 30)


def test_private_feed_says_the_days_and_not_how_many_hours(agency, client):
    officer = factories.officer(agency)
    path = reverse("training:calendar_private", args=[feeds.make(by=factories.officer_account(officer)).key])
    text = client.get(path).content.decode().replace("\r\n ", "")
    year = clock.today().year
    assert f"UID:deadline-{year}-end-{officer.pk}@dps.mo.gov\r\n" in text
    assert f"DTSTART;VALUE=DATE:{year}1231\r\n" in text
    assert "24" not in text.split("BEGIN:VEVENT")[1].split("DESCRIPTION:")[1].split("\r\n")[0]
