"""Who is meant by a license number or a name: certain, possible, or nobody; none are guessed."""

import datetime as dt

import pytest

from training.matching import Certainty, People
from training.models import OfficerFormerName
from training.names import Name, read_full_name
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
CERTAIN, POSSIBLE, NOBODY = Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.NOBODY


@pytest.fixture
def roster(agency):
    people = (
        ("38120", "Renee Abbott", {}),
        ("40218", "Robert Calloway", {"middle_name": "J.", "suffix": "Jr."}),
        ("29944", "Patrick Dwyer", {}),
        ("51200", "José Núñez", {}),
        ("61077", "Quincy Brandt-Hill", {}),
        ("33001", "Dana Whitlock", {}),
        ("33999", "Dana Whitlock", {}),
        ("44010", "Leonard O'Hara", {}),
    )
    return {number: make.officer(agency, license_number=number, name=name, **more) for number, name, more in people}


@pytest.fixture
def people(agency, roster):
    return People.of(agency, DAY)


@pytest.mark.parametrize(
    ("words", "certainty", "numbers"),
    [
        ("Renee Abbott", CERTAIN, ["38120"]),
        ("abbott RENEE", CERTAIN, ["38120"]),
        ("Jose Nunez", CERTAIN, ["51200"]),
        ("Quincy Brandt Hill", CERTAIN, ["61077"]),
        ("Leonard OHara", CERTAIN, ["44010"]),
        ("Robert Calloway", CERTAIN, ["40218"]),
        ("Robert J Calloway", CERTAIN, ["40218"]),
        ("Robert T Calloway", POSSIBLE, ["40218"]),
        ("Bob Calloway", POSSIBLE, ["40218"]),
        ("R Calloway", POSSIBLE, ["40218"]),
        ("Pat Dwyer", POSSIBLE, ["29944"]),
        ("Patrick Dwyre", POSSIBLE, ["29944"]),
        ("Dwyer", POSSIBLE, ["29944"]),
        ("Quincy Hill", POSSIBLE, ["61077"]),
        ("Dana Whitlock", POSSIBLE, ["33001", "33999"]),
        ("Maria Calloway", NOBODY, []),
        ("Zed Zebulon", NOBODY, []),
    ],
)
def test_name_in_any_order(people, words, certainty, numbers):
    found = people.match(words=words)
    named = [found.person] if found.person else found.candidates
    assert (found.certainty, [one.license_number for one in named]) == (certainty, numbers)
    assert (found.wrong == "") == (certainty is CERTAIN)


@pytest.mark.parametrize(
    ("name", "certainty"),
    [("Calloway Jr., Robert", CERTAIN), ("Calloway Sr., Robert", POSSIBLE), ("Renee, Abbott", POSSIBLE)],
)
def test_name_in_its_order(people, name, certainty):
    assert people.match(name=read_full_name(name)).certainty is certainty


def test_license_number_comes_first(people):
    assert people.match(number="40218").person.name == "Calloway Jr., Robert J."
    assert people.match(number="40218", words="Bob Caloway").certainty is CERTAIN


@pytest.mark.parametrize("other", ["Renee Abbott", "Maria Calloway", "Zed Zebulon"])
def test_number_and_name_that_disagree_are_never_certain(people, other):
    found = people.match(number="40218", words=other)
    assert (found.certainty, found.person) == (POSSIBLE, None)
    assert found.candidates[0].license_number == "40218"
    assert found.wrong == f"The license number 40218 is Calloway Jr., Robert J.’s, not {other}’s."


@pytest.mark.parametrize("number", ["38121", "38210", "3812", "381200"])
def test_number_with_a_slip_is_offered_and_never_taken(people, number):
    found = people.match(number=number)
    assert (found.certainty, found.person) == (POSSIBLE, None)
    assert [one.license_number for one in found.candidates] == ["38120"]


def test_number_of_nobody(people):
    found = people.match(number="99999")
    assert (found.certainty, found.wrong) == (NOBODY, "No officer has the license number 99999.")
    assert not found.is_for_post


def test_officer_of_another_agency_is_found_by_number_alone(people):
    make.officer(make.agency(name="Marlow Police"), license_number="70909", name="Alma Vance")
    people.know(["70909"])
    found = people.match(number="70909").person
    assert (found.name, found.agencies, found.rank, found.is_here) == ("Vance, Alma", ("Marlow Police",), "", False)
    by_name = people.match(words="Alma Vance")
    assert (by_name.certainty, by_name.is_for_post, by_name.candidates) == (NOBODY, True, ())


def test_former_name_is_a_name(people, agency, roster):
    OfficerFormerName.objects.create(officer=roster["38120"], first_name="Renee", last_name="Tolliver")
    found = People.of(agency, DAY).match(words="Renee Tolliver")
    assert (found.certainty, found.person.license_number) == (CERTAIN, "38120")


def test_officer_not_commissioned_on_the_day_needs_the_number(agency, roster):
    make.officer(agency, license_number="17755", name="Leonard Yates", until=dt.date(2026, 6, 30))
    people = People.of(agency, DAY)
    people.know(["17755"])
    found = people.match(name=Name("Leonard", "", "Yates", ""))
    assert (found.certainty, found.candidates) == (NOBODY, ())
    assert "was not commissioned at Harlan County Sheriff" in found.wrong
    assert people.match(number="17755").person.agencies == ("no agency today",)
    assert people.match(words="Leonard Yates", day=dt.date(2026, 6, 30)).certainty is CERTAIN


@pytest.mark.parametrize("size", [1, 30])
def test_constant_number_of_statements(agency, size, django_assert_num_queries):
    make.roster(agency, size)
    others = make.roster(make.agency(), size, first_number=80000)
    with django_assert_num_queries(5):
        people = People.of(agency, DAY)
        people.know([one.license_number for one in others])
        for one in others:
            people.match(number=one.license_number, words=one.full_name)
