"""What a change of a commission would do: told before it is done, nobody's standing, and nothing left behind."""

import datetime as dt

import pytest

from clee_portal import clock
from compliance.tests import people
from training.models import Commission
from training.services import commissions
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def today(monkeypatch, settings):
    settings.SESSION_HOURS = 24 * 365 * 50  # the day the test is of may be long past
    settings.SESSION_IDLE_MINUTES = settings.SESSION_IDLE_MINUTES_STATE = 60 * settings.SESSION_HOURS
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)
    monkeypatch.setattr("clee_portal.clock.now", lambda: clock.end_of_day(TODAY))


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def two(agency):
    """One who is compliant this year and last, and one who has nothing."""
    made = [make.officer(agency, name=name) for name in ("Renee Abbott", "Patrick Dwyer")]
    for year in (2025, 2026):
        people.complete(made[0], agency, year)
    return made


@pytest.fixture
def chief(client, agency):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def told(client, held, **given):
    return client.post(f"/commissions/{held.pk}/effect/", given).context["effect"]


def test_end_takes_the_officer_out_of_the_count_and_changes_no_standing(client, chief, two):
    held = two[0].commissions.get()
    effect = told(client, held, ended_on="2026-11-10")
    assert (effect.day, effect.before, effect.after) == (TODAY, (2, 1), (1, 0))
    assert [(year, chip.label) for year, chip in effect.standings] == [(2026, "compliant")]
    held.refresh_from_db()
    assert (held.ended_on, held.events.count()) == (None, 1)


def test_end_ahead_is_looked_at_on_the_day_after(client, chief, two):
    held = two[1].commissions.get()
    effect = told(client, held, ended_on="2026-12-15", end_reason="Retires")
    assert (effect.day, effect.before, effect.after) == (dt.date(2026, 12, 16), (2, 1), (1, 1))
    assert [(year, chip.label) for year, chip in effect.standings] == [(2025, "24 h missing"), (2026, "24 h left")]


def test_correction_within_the_same_days_changes_nothing(client, chief, two):
    held = two[0].commissions.get()
    effect = told(client, held, started_on="2020-01-01", rank="Sergeant")
    assert not effect.counts_change
    assert Commission.objects.get(pk=held.pk).started_on == held.started_on


def test_end_taken_back_says_nothing_of_the_record_that_is_not_seen_yet(client, chief, two):
    held = two[0].commissions.get()
    held = commissions.end(by=chief, commission=held, ended_on=dt.date(2026, 11, 10), reason="Left", today=TODAY)
    effect = told(client, held, started_on=held.started_on.isoformat(), ended_on="")
    assert (effect.standings, effect.before, effect.after) == ([], (1, 0), (2, 1))
    page = client.post(f"/commissions/{held.pk}/effect/", {"started_on": held.started_on.isoformat(), "ended_on": ""})
    assert "2 officers (now 1), 1 of them compliant (now 0)" in " ".join(page.content.decode().split())


def test_what_cannot_be_done_is_said_and_what_is_not_filled_in_is_silent(client, chief, two):
    held = two[0].commissions.get()
    page = client.post(f"/commissions/{held.pk}/effect/", {"ended_on": "2015-01-01"})
    assert "The last day cannot lie before." in page.content.decode()
    assert client.post(f"/commissions/{held.pk}/effect/", {}).content.strip() == b""
