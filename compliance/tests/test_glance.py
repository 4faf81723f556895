"""The state at a glance: the same numbers as the standings, never older than the facts, in few statements."""

import csv
import datetime as dt
import io
import threading

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.history import versions
from compliance import glance, standings
from compliance.models import ReportingPeriod, SeasonCount, SeasonDay
from compliance.services import seasons
from compliance.tasks import count_season
from compliance.tests import people
from training.models import Course, Provider, SourceKind, TrainingClass
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
TODAY = dt.date(2026, 11, 23)
PAGE = "/state/"


@pytest.fixture(autouse=True)
def november(request):
    if request.node.get_closest_marker("django_db").kwargs.get("transaction"):
        yield
    else:
        with time_machine.travel(NOVEMBER, tick=False):
            yield


@pytest.fixture
def post(client):
    account = make.post_staff()
    client.force_login(account)
    return account


@pytest.fixture
def two():
    """Two agencies of two counties: one compliant of two officers, and one of one who serves at both."""
    harlan = make.agency("harlan", "Harlan County Sheriff", county="Harlan")
    quinn = make.agency("quinn", "Quinn Police", county="Quinn")
    done, short = make.officer(harlan), make.officer(harlan)
    make.commission(done, quinn)
    people.complete(done, harlan, 2026)
    people.complete(short, harlan, 2026, legal=1)
    make.officer_account(done)
    return harlan, quinn, done, short


def table(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_counts_are_those_of_the_standings(two):
    _, quinn, _, _ = two
    make.officer(quinn, issued_on=dt.date(2026, 2, 2))  # exempt
    found = glance.count(TODAY)
    asked = standings.question(ReportingPeriod.objects.get(year=2026), clock.end_of_day(TODAY))
    assert found.whole.standings == {
        standing.value: many for standing, many in standings.counts(standings.of_officers(asked).values()).items()
    }
    assert (found.whole.owing, found.whole.compliant, found.whole.share, found.whole.connected) == (2, 1, 50, 1)
    tallies = {place.code: place.tally for place in found.places}
    assert {code: (one.officers, one.owing, one.compliant, one.connected) for code, one in tallies.items()} == {
        "harlan": (2, 2, 1, 1),
        "quinn": (2, 1, 1, 1),
    }
    need = found.whole.needs["legal"]
    assert (need.short, need.missing, need.given) == (1, 1, 3)
    assert found.whole.needs["total"].missing == 1


def test_page_is_limited_by_its_address_and_has_its_tables(client, post, two):
    page = client.get(PAGE)
    text = " ".join(page.content.decode().split())
    assert "1 of 2 officers who owe hours is compliant: 50 %" in text
    limited = client.get(PAGE, {"county": "Quinn", "by": "agency"})
    assert "1 of 1 officer who owes hours is compliant: 100 %" in " ".join(limited.content.decode().split())
    assert [row.label for row in limited.context["page_obj"]] == ["Quinn Police"]
    by_county = client.get(PAGE, {"by": "county"}).context["page_obj"]
    assert [(row.label, row.tally.share) for row in by_county] == [("Harlan", 50), ("Quinn", 100)]
    assert client.get(PAGE, {"county": "nowhere", "by": "x", "sort": "x"}).status_code == 200
    rows = table(client.get("/state/places.csv", {"agency": "quinn"}))
    assert (len(rows), rows[1][:8]) == (2, ["quinn", "Quinn Police", "Quinn", "1", "1", "1", "100", "1"])
    needs = {row[0]: row[2:4] for row in table(client.get("/state/requirements.csv"))}
    assert needs["Legal studies"] == ["1", "1"]


def test_nothing_is_counted_again_before_something_changes(client, post, two, monkeypatch):
    counted = []
    count = glance.count
    monkeypatch.setattr(glance, "count", lambda today: counted.append(today) or count(today))
    first = client.get(PAGE).content
    assert b"50 %" in first
    client.get(PAGE, {"county": "Quinn"})
    assert len(counted) == 1
    _, _, _, short = two
    people.credit(short, dt.date(2026, 11, 20), people.academy_course("The last hour"), legal=1)
    assert "2 of 2 officers" in " ".join(client.get(PAGE).content.decode().split())
    assert len(counted) == 2


def test_every_kind_of_change_makes_another_version(two):
    harlan, quinn, done, short = two
    provider = Provider.objects.create(name="Ozark Academy of Tests")
    changes = [
        lambda: people.credit(short, dt.date(2026, 11, 20), people.academy_course("One"), legal=1),
        lambda: make.commission(short, quinn),
        lambda: people.relief(short, 2026),
        lambda: make.license_event(short, "surrendered", dt.date(2026, 11, 1)),
        lambda: make.officer_account(short),
        lambda: Provider.objects.filter(pk=provider.pk).update(name="Of another name"),
        lambda: type(harlan).objects.filter(pk=harlan.pk).update(county="Moved"),
        lambda: type(done.memberships.get().user).objects.filter(memberships__officer=done).update(is_active=False),
    ]
    known = versions.last_change(glance.watched())[0]
    assert versions.last_change(glance.watched())[0] == known
    for number, change in enumerate(changes):
        change()
        assert (number, versions.last_change(glance.watched())[0] != known) == (number, True)
        known = versions.last_change(glance.watched())[0]


@pytest.mark.django_db(transaction=True)
def test_while_somebody_writes_it_is_kept_for_a_minute_only():
    """A number of the history below the highest may be committed later: then equal versions prove nothing."""
    begun, done = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                make.agency("slow", "Slowly Written Police")
                begun.set()
                done.wait(20)
        finally:
            begun.set()
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(20)
    assert versions.last_change(glance.watched())[1] is False
    done.set()
    writer.join()
    # The database's own housekeeping may be at work for a moment.
    assert any(versions.last_change(glance.watched())[1] or threading.Event().wait(0.2) for _ in range(50))


def test_in_a_busy_hour_it_is_counted_again_every_so_many_seconds(settings, client, post, two):
    """And the page says as of when, to the second."""
    settings.STATE_COUNTED_EVERY = 20
    harlan, _, _, short = two
    said = "Counted November 23, 12:00:{} PM"
    assert said.format("00") in client.get(PAGE).content.decode()
    before = glance.state(TODAY)
    people.complete(short, harlan, 2026, technical=4)
    with time_machine.travel(NOVEMBER + dt.timedelta(seconds=19), tick=False):
        assert glance.state(TODAY) == before
        assert said.format("00") in client.get(PAGE).content.decode()
    with time_machine.travel(NOVEMBER + dt.timedelta(seconds=21), tick=False):
        assert glance.state(TODAY).whole.needs != before.whole.needs
        assert said.format("21") in client.get(PAGE).content.decode()


def test_page_takes_as_many_statements_for_many_agencies_and_fewer_from_what_is_kept(client, post, two):
    counts = []
    for more in (0, 8):
        for number in range(more):
            make.officer(make.agency(f"more-{number}", county=f"County {number}"))
        cache.clear()
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                client.get(PAGE, {"by": "agency"})
            counts.append(len(captured))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3] < counts[0]


def test_late_rosters_of_providers(two):
    provider = Provider.objects.create(name="Late Academy")
    course = Course.objects.create(title="Driving", source_kind=SourceKind.APPROVED_PROVIDER, provider=provider)
    for day, after in ((dt.date(2026, 3, 2), 30), (dt.date(2026, 3, 2), 31), (dt.date(2025, 12, 31), 90)):
        made = TrainingClass.objects.create(course=course, starts_on=day, ends_on=day)
        TrainingClass.objects.filter(pk=made.pk).update(recorded_at=clock.midday(day + dt.timedelta(days=after)))
    one = next(row for row in glance.late_rosters(TODAY) if row.pk == provider.pk)
    assert one[1:] == ("Late Academy", 2, 1, 30, 31)


def test_weeks_are_counted_once_and_a_season_is_what_they_say(client, post, two):
    _, quinn, _, _ = two
    period = ReportingPeriod.objects.get(year=2026)
    days = list(seasons.days_of(period))
    assert (days[0], days[-2], days[-1]) == (dt.date(2026, 1, 7), dt.date(2027, 3, 10), dt.date(2027, 3, 15))
    assert period.ends_on in days
    assert len(days) == len(set(days))
    over = [day for day in days if day < TODAY]
    of_last_year = sum(1 for day in seasons.days_of(ReportingPeriod.objects.get(year=2025)) if day < TODAY)
    assert seasons.catch_up(today=TODAY, at_most=3) == 3
    assert seasons.catch_up(today=TODAY) == len(over) + of_last_year - 3
    count_season()
    assert SeasonDay.objects.count() == len(over) + of_last_year
    assert seasons.count(period=period, day=over[0]) is False
    weeks = {week.day: week for week in glance.season(2026)}
    assert (weeks[dt.date(2026, 5, 13)].compliant, weeks[dt.date(2026, 5, 20)].compliant) == (0, 1)
    assert weeks[over[-1]].share == 50
    assert {week.share for week in glance.season(2026, [quinn.pk]) if week.day > dt.date(2026, 5, 20)} == {100}
    assert not SeasonCount.objects.filter(standing="not_applicable").exists()
    page = client.get(PAGE)
    assert page.context["plot"]["lines"][-1].label == "2026: 50 %"
    assert ["2026-11-23", "2026", "2", "1", "50"] in table(client.get("/state/season.csv"))


def test_what_was_known_then_is_counted_and_it_can_be_counted_anew(two):
    _, _, _, short = two
    period, day = ReportingPeriod.objects.get(year=2026), dt.date(2026, 11, 18)
    seasons.count(period=period, day=day)
    made = people.credit(short, dt.date(2026, 11, 17), people.academy_course("Late entry"), legal=1)
    type(made).objects.filter(pk=made.pk).update(recorded_at=clock.midday(dt.date(2026, 11, 20)))
    assert seasons.forget(period=period) == 1
    seasons.count(period=period, day=day)
    assert glance.season(2026) == [glance.Week(day, 2, 1)]


def test_dashboard_before_anything_was_counted(client, post):
    page = " ".join(client.get(PAGE).content.decode().split())
    assert "Nobody here owes hours of 2026" in page
    assert "The weeks of this season are being counted" in page
