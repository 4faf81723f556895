"""Lists of make-up credit: in pages, by year, decided or not, by agency; an agency is shown its own officers only."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal.refusal import Refused
from compliance import make_up_cases
from compliance.services.make_up import assign
from compliance.tests import people
from compliance.tests.test_make_up import APRIL, FEBRUARY, LACKS, agency, an_officer, at, chief, later, short
from compliance.views import make_up as pages
from training.models import Commission, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db
__all__ = ["agency", "chief", "short"]

OF_STATE = "/make-up/"


def of_agency(agency) -> str:
    return reverse("compliance:make_up", args=[agency.code])


def names(response, which: str = "waiting") -> list[str]:
    return [row.officer.sorted_name for row in response.context[which]]


@pytest.fixture
def many(agency):
    """Thirty officers who are short in 2025, each with an hour of this February."""
    course = make.course(agency, "Search law")
    found = []
    for number in range(30):
        officer = an_officer(agency, name=f"Ann Vance{number:02}")
        people.complete(officer, agency, 2025, **LACKS)
        record = people.credit(officer, dt.date(2026, 2, 10), course, **LACKS)
        record.training_class.reported_by_agency = agency
        record.training_class.save()
        found.append(record)
    return found


def test_long_list_is_in_pages_and_a_decision_leads_back_to_its_page(client, agency, chief, many, monkeypatch):
    monkeypatch.setattr(pages, "A_PAGE", 12)
    client.force_login(chief)
    with at(FEBRUARY):
        shown = [names(client.get(f"{of_agency(agency)}?page={number}")) for number in (1, 2, 3)]
        assert [len(one) for one in shown] == [12, 12, 6]
        assert [name for one in shown for name in one] == [f"Vance{number:02}, Ann" for number in range(30)]
        third = f"{of_agency(agency)}?page=3"
        response = client.post(third, {f"year-{many[-1].pk}": "2025"})
        assert response.url == third
        page = client.get(third)
    assert page.context["how_many"] == 29
    assert (len(names(page)), names(page, "decided")) == (5, ["Vance29, Ann"])


def test_list_is_limited_to_a_year_and_to_what_is_decided(client, agency, chief, short):
    record = later(short, agency)
    older = an_officer(agency, name="Theo Lindqvist", issued_on=dt.date(2015, 1, 5))
    people.complete(older, agency, 2023)
    people.complete(older, agency, 2024, **LACKS)
    people.complete(older, agency, 2025)
    later(older, agency, title="Bias")
    client.force_login(make.post_staff())
    with at(FEBRUARY):
        assert client.get(of_agency(agency)).context["years"] == [2025, 2024]
        assert set(names(client.get(f"{of_agency(agency)}?year=2024"))) == {"Lindqvist, Theo"}
        assert names(client.get(f"{of_agency(agency)}?year=2025")) == ["Abbott, Renee"]
        assert set(names(client.get(f"{of_agency(agency)}?year=x"))) == {"Abbott, Renee", "Lindqvist, Theo"}
        client.post(of_agency(agency), {f"year-{record.pk}": "2025"})
        undecided = client.get(f"{of_agency(agency)}?show=open")
        assert (set(names(undecided)), names(undecided, "decided")) == ({"Lindqvist, Theo"}, [])
        decided = client.get(f"{of_agency(agency)}?show=decided")
        assert (names(decided), names(decided, "decided")) == ([], ["Abbott, Renee"])
        nobody = client.get(f"{of_agency(agency)}?year=2024&show=decided").content.decode()
    assert "Nobody fits these filters" in nobody


@pytest.mark.parametrize("how", ["of another agency", "who has left"])
def test_that_somebody_is_short_is_not_told_to_an_agency_that_may_not_see_it(client, agency, chief, how):
    if how == "who has left":
        officer = an_officer(agency, name="Alma Vance")
        Commission.objects.update(ended_on=dt.date(2026, 2, 15))
    else:
        officer = an_officer(make.agency("benton", "Benton Police"), name="Alma Vance")
    people.complete(officer, agency, 2025, **LACKS)
    record = later(officer, agency)
    client.force_login(chief)
    of_class = reverse("compliance:class_make_up", args=[record.training_class.reference])
    notice = reverse("compliance:make_up_notice", args=[record.training_class.reference])
    waiting = reverse("compliance:waiting", args=[agency.code])
    with at(FEBRUARY):
        for page in (of_agency(agency), of_class, notice, waiting):
            text = client.get(page).content.decode()
            assert "Vance" not in text, page
            assert "make-up credit for an earlier year" not in text, page
        for page in (of_agency(agency), of_class):
            text = client.post(page, {f"year-{record.pk}": "2025"}).content.decode()
            assert "Nothing was chosen, so nothing was changed." in text
            assert "Vance" not in text, page
        record.refresh_from_db()
        assert record.voided_at is None
        client.force_login(make.post_staff())
        assert names(client.get(of_agency(agency))) == ["Vance, Alma"]


class TestOfState:
    """POST's list: everybody who is short in one earlier year."""

    @pytest.fixture
    def records(self, agency, short):
        """Of the sheriff's officer a class the sheriff reported; of another agency's officer one of an academy."""
        other = an_officer(make.agency("benton", "Béntön Police"), name="Alma Vance")
        people.complete(other, agency, 2025, **LACKS)
        return [later(short, agency), people.credit(other, dt.date(2026, 2, 3), people.academy_course("Bias"), **LACKS)]

    def test_names_everybody_whoever_reported_the_class_and_takes_decisions(self, client, records):
        client.force_login(make.post_staff())
        with at(APRIL):
            page = client.get(OF_STATE)
            assert (page.context["year"], names(page)) == (2025, ["Abbott, Renee", "Vance, Alma"])
            response = client.post(OF_STATE, {f"year-{records[1].pk}": "2025"}, follow=True)
        assert "1 decision kept." in response.content.decode()
        assert (names(response), names(response, "decided")) == (["Abbott, Renee"], ["Vance, Alma"])
        assert TrainingRecord.objects.live().get(replaces=records[1]).credited_year == 2025

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("benton", ["Vance, Alma"]),
            ("bentón pol", ["Vance, Alma"]),
            ("HARLAN", ["Abbott, Renee"]),
            ("nowhere", []),
        ],
    )
    def test_is_limited_to_the_officers_of_an_agency(self, client, records, words, found):
        client.force_login(make.post_staff())
        with at(APRIL):
            page = client.get(OF_STATE, {"agency": words})
        assert (names(page), page.context["words"]) == (found, words)

    def test_of_another_year_nobody_is_in_question(self, client, records):
        client.force_login(make.post_staff())
        with at(APRIL):
            page = client.get(f"{OF_STATE}?year=2024&agency=benton")
        assert names(page) == []
        assert "No hours earned later may count in 2024 for officers of “benton”" in page.content.decode()

    def test_director_looks_and_decides_nothing_and_a_chief_is_not_let_in(self, client, chief, records):
        client.force_login(make.director())
        with at(FEBRUARY):
            page = client.get(OF_STATE)
            assert len(names(page)) == 2
            assert b"Keep these decisions" not in page.content
            client.post(OF_STATE, {f"year-{records[1].pk}": "2025"})
            records[1].refresh_from_db()
            assert records[1].voided_at is None
            client.force_login(chief)
            assert client.get(OF_STATE).status_code == 403

    def test_says_the_same_as_the_list_of_an_agency(self, agency, records, many):
        with at(APRIL):
            here = {case.record.pk: case for case in make_up_cases.of_agency(agency, APRIL)}
            state = {case.record.pk: case for case in make_up_cases.of_state(2025, APRIL)}
        assert state.keys() == here.keys() | {records[1].pk}
        assert all(state[pk].options == here[pk].options for pk in here)

    def test_statements_do_not_grow(self, client, agency, records):
        def ask() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(OF_STATE).status_code == 200
            return len(queries)

        client.force_login(make.post_staff())
        with at(APRIL):
            few = ask()
            for number in range(5):
                officer = an_officer(agency)
                people.complete(officer, agency, 2025, **LACKS)
                later(officer, agency, title=f"Law {number}")
            assert ask() == few


def test_taken_back_on_the_page_once_the_year_is_met_otherwise(client, agency, chief, short):
    record = later(short, agency)
    client.force_login(chief)
    with at(FEBRUARY):
        moved = assign(by=chief, record=record, year=2025, today=FEBRUARY)
        people.credit(short, dt.date(2025, 11, 3), people.academy_course("Stops"), **LACKS)
        page = client.get(of_agency(agency))
        assert names(page, "decided") == ["Abbott, Renee"]
        assert "To be decided, or changed, here until March 15, 2026" in page.content.decode()
        client.post(of_agency(agency), {f"year-{moved.pk}": "2026"})
        assert names(client.get(of_agency(agency)), "decided") == []
    assert TrainingRecord.objects.live().get(replaces=moved).credited_year == 2026
    with at(APRIL), pytest.raises(Refused, match="not short in 2025"):
        assign(by=chief, record=TrainingRecord.objects.live().get(replaces=moved), year=2025, today=APRIL)
