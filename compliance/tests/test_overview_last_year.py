"""This year's overview of an agency tells who still owes hours for last year."""

import csv
import datetime as dt
import io

import pytest
import time_machine

from clee_portal import clock
from compliance import standings
from compliance.models import ReportingPeriod
from compliance.tests import people
from training.models import Officer
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)


@pytest.fixture(autouse=True)
def november():
    """A day in the season of 2026."""
    with time_machine.travel(NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def ten(agency):
    return people.in_every_standing(agency, 2025)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def marks(page) -> dict[str, str]:
    """Officer -> what the row says of last year."""
    return {row.name: chip.label for row, _, chip in page.context["shown"] if chip}


def test_rows_are_marked_in_words(client, chief, ten):
    page = client.get("/agencies/harlan/")
    assert marks(page) == {
        "Calloway, Marcus": "2025: Past March 15",
        "Dwyer, Patrick": "2025: Extended to Dec 31, 2026",
        "Núñez, José": "2025: Request undecided",
        "Lindqvist, Theo": "2025: License inactive",
    }
    assert "2025: Past March 15</span>" in page.content.decode()


def test_notice_counts_them_and_leads_to_last_years_list(client, chief, ten):
    page = client.get("/agencies/harlan/")
    assert "<b>4 officers are still short for 2025.</b>" in page.content.decode()
    behind = page.context["behind"]
    assert [(label, count) for label, count, _ in behind["standings"]] == [
        ("License inactive", 1),
        ("Past March 15", 1),
        ("Extended", 1),
        ("Request undecided", 1),
    ]
    for _, count, url in behind["standings"]:
        assert len(client.get(f"/agencies/harlan/{url}").context["shown"]) == count


def test_make_up_time_is_told_in_winter(client, chief, ten):
    page = client.get("/agencies/harlan/?as_of=2026-02-05")
    assert marks(page)["Calloway, Marcus"] == "2025: Make-up time"
    assert page.context["behind"]["standings"][0][2] == "?as_of=2026-02-05&period=2025&standing=grace"


def test_other_periods_and_an_agency_in_order_tell_nothing(client, chief, agency):
    people.complete(make.officer(agency), agency, 2025)
    for query in ("", "?period=2025", "?period=2024"):
        page = client.get(f"/agencies/harlan/{query}")
        assert (page.context["behind"], marks(page)) == (None, {})
        assert "still short for" not in page.content.decode()


def test_one_officer_is_told_of_in_the_singular(client, chief, agency):
    make.officer(agency)
    assert "<b>1 officer is still short for 2025.</b>" in client.get("/agencies/harlan/").content.decode()


def test_csv_says_it_too(client, chief, ten):
    text = b"".join(client.get("/agencies/harlan/overview.csv?q=calloway").streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["still owed for 2025"] == "Past March 15"
    text = b"".join(client.get("/agencies/harlan/overview.csv?period=2025").streaming_content).decode("utf-8-sig")
    assert "still owed for" not in text


def test_several_periods_judged_at_once_are_each_as_judged_alone(agency, ten, django_assert_num_queries):
    as_of = clock.end_of_day(NOVEMBER.date())
    make.officer(agency, issued_on=dt.date(2025, 8, 1), since=dt.date(2025, 8, 1))
    people.relief(ten["candidate"], 2024)
    asked = [standings.question(period, as_of) for period in ReportingPeriod.objects.filter(year__gte=2024)]
    everyone = Officer.objects.commissioned_at(agency, NOVEMBER.date())
    alone = {one.period.year: standings.of_officers(one, everyone) for one in asked}
    with django_assert_num_queries(5 + len(asked)):
        together = standings.of_periods(asked, everyone)
    assert together == alone
