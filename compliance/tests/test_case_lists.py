"""Those without a commission, a list of their own; the lists of the March 15 process as files."""

import csv
import datetime as dt
import io

import pytest

from clee_portal import clock
from compliance.models import Candidacy, NotPursued
from compliance.tests import case_people as made
from compliance.tests.people import complete
from training.models import Commission
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return made.everybody()


@pytest.fixture
def gone(people):
    """Past the last day, and no longer with the agency."""
    one = factories.officer(people.agency, name="Patrick Dwyer")
    complete(one, people.agency, made.YEAR, legal=1)
    Commission.objects.filter(officer=one).update(ended_on=clock.today() - dt.timedelta(days=90))
    made.listed(one)
    return one


def table(client, name: str, *args) -> list[list[str]]:
    answer = client.get(made.of(f"{name}_csv", *args))
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))[1:]


def test_who_holds_no_commission_is_on_a_list_of_their_own(client, people, gone):
    made.listed(people.officer)
    client.force_login(people.post)
    page = made.text(client.get(made.of("case_uncommissioned")))
    assert "1 officer past the last day holds no commission." in page
    assert "Dwyer, Patrick" in page
    assert "Abbott, Renee" not in page
    assert f'Cedar Hollow Police<span class="sub">until {clock.today() - dt.timedelta(days=90):%b}' in page
    (row,) = table(client, "case_uncommissioned")
    ended = clock.today() - dt.timedelta(days=90)
    assert row[:2] + row[-2:] == [gone.license_number, "Dwyer, Patrick", "Cedar Hollow Police", ended.isoformat()]
    assert len(table(client, "case_list")) == 2


def test_they_are_left_until_a_day_for_a_reason(client, people, gone):
    client.force_login(people.post)
    until = clock.today() + dt.timedelta(days=200)
    given = {"case": Candidacy.objects.get(officer=gone).pk, "act": "leave", "leave-until": until.isoformat()}
    answer = client.post(made.of("case_uncommissioned"), given)
    assert answer.status_code == 200
    assert NotPursued.objects.count() == 0
    client.post(made.of("case_uncommissioned"), given | {"leave-reason": "Retired"})
    held = NotPursued.objects.get()
    assert (held.candidacy.officer, held.until, held.reason) == (gone, until, "Retired")


def test_what_waits_for_the_director_is_had_as_a_file(client, people):
    made.before_the_director(people)
    client.force_login(people.director)
    (row,) = table(client, "case_queue")
    assert row[:5] == [
        people.officer.license_number, "Abbott, Renee", str(made.YEAR), "Cedar Hollow Police",
        "1 h total, 1 h approved provider, 1 h legal studies",
    ]  # fmt: skip


def test_notices_of_an_agency_are_had_as_a_file(client, people):
    made.served(people, made.listed(people.officer))
    client.force_login(people.ceo)
    (row,) = table(client, "cases_of_agency", people.agency.code)
    assert (row[0], row[-1]) == (people.officer.license_number, "no")


def test_licenses_to_be_reinstated_are_had_as_a_file(client, people):
    complete(people.officer, people.agency, made.YEAR)
    day = dt.date(made.YEAR + 1, 5, 1)
    factories.license_event(people.officer, "made_inactive", day, period_year=made.YEAR)
    client.force_login(people.director)
    (row,) = table(client, "reinstatement_list")
    assert row[:5] == [
        people.officer.license_number, "Abbott, Renee", str(made.YEAR), day.isoformat(), "carried over",
    ]  # fmt: skip


def test_search_that_cannot_be_read_limits_nothing(client, people):
    made.listed(people.officer)
    client.force_login(people.post)
    found = client.get(made.of("case_list"), {"q": "x" * 101, "agency": people.agency.code})
    assert (found.status_code, people.officer.sorted_name in made.text(found)) == (200, True)
