"""POST finds an officer: by number, by a name with accents left out or with a slip, by a former name, by agency."""

import pytest

from training.models import LicenseClass, OfficerFormerName
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(client):
    """A few officers, and POST staff signed in."""
    marlow = make.agency("marlow", "Marlow Police Department")
    harlan = make.agency("harlan", "Harlan County Sheriff")
    people = {
        "nunez": make.officer(marlow, name="José Núñez", license_number="51200"),
        "calloway": make.officer(harlan, name="Marcus Calloway", license_number="40218"),
        "smith": make.officer(harlan, name="Dana Smith", license_number="41877"),
        "ohara": make.officer(None, name="Alma O'Hara", license_number="A-17"),
    }
    OfficerFormerName.objects.create(officer=people["smith"], first_name="Dana", last_name="Whitlock")
    people["smith"].license_class = LicenseClass.objects.get(code="A")
    people["smith"].save()
    client.force_login(make.post_staff())
    return people


def names(client, **asked) -> list[str]:
    """The officers found, best first."""
    return [one.sorted_name for one in client.get("/officers/", asked).context["officers"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("nunez", ["Núñez, José"]),
        ("JOSÉ NÚÑEZ", ["Núñez, José"]),
        ("Nuñes, Jose", ["Núñez, José"]),
        ("callaway", ["Calloway, Marcus"]),
        ("marcus j calloway", ["Calloway, Marcus"]),
        ("smyth", ["Smith, Dana"]),
        ("whitlok", ["Smith, Dana"]),
        ("Dana Whitlock", ["Smith, Dana"]),
        ("o'hara", ["O'Hara, Alma"]),
        ("ohara", ["O'Hara, Alma"]),
        ("vandermeer", []),
        ("'%_", []),
        ("%", []),
        ("_", []),
        ("*", []),
        ("...", []),
        ("smi%", ["Smith, Dana"]),
    ],
)
def test_name_is_found(client, register, q, found):
    assert names(client, q=q) == found


@pytest.mark.parametrize("number", ["51200", " 51200 ", "#51200", "a-17"])
def test_full_license_number_goes_straight_to_the_officer(client, register, number):
    expected = number.strip(" #").upper()
    assert client.get("/officers/", {"q": number}).url == f"/officers/{expected}/standing/"


def test_part_of_a_license_number_finds_nobody(client, register):
    assert names(client, q="5120") == []


@pytest.mark.parametrize("agency", ["Harlan", "harlan", "Harlann County", "sherif harlan"])
def test_agency_is_found(client, register, agency):
    assert names(client, agency=agency) == ["Calloway, Marcus", "Smith, Dana"]


@pytest.mark.parametrize("sign", ["%", "_", "%%%", "*"])
def test_signs_are_no_wildcards(client, register, sign):
    assert names(client, agency=sign) == []
    assert names(client, q=sign, agency="harlan") == []
    assert "Nobody is like that" in client.get("/officers/", {"q": sign}).content.decode()
    assert list(client.get("/agencies/harlan/roster/", {"q": sign}).context["rows"]) == []


def test_name_inside_an_agency(client, register):
    assert names(client, q="dana", agency="harlan") == ["Smith, Dana"]
    assert names(client, q="dana", agency="marlow") == []


def test_result_shows_class_and_agency_today(client, register):
    page = client.get("/officers/", {"q": "smith"}).content.decode()
    assert "Harlan County Sheriff" in page
    assert "/officers/41877/standing/" in page
    assert '<a href="/agencies/harlan/">Harlan County Sheriff</a>' in page
    assert ">A<" in page


def test_nothing_asked_shows_the_form(client, register):
    assert client.get("/officers/").context["page"] is None
    assert client.get("/officers/", {"q": "  "}).context["page"] is None


@pytest.mark.parametrize("size", [2, 120])
def test_search_takes_a_constant_number_of_statements_and_pages(client, django_assert_num_queries, size):
    agency = make.agency("capital", "Capital Police")
    make.roster(agency, size)
    client.force_login(make.post_staff())
    with django_assert_num_queries(13):
        page = client.get("/officers/", {"agency": "capital"})
    assert len(page.context["officers"]) == min(size, 50)
    assert page.context["page"].paginator.count == size


@pytest.mark.parametrize(
    ("who", "expected"), [("user", 403), ("ceo", 403), ("officer", 403), ("director", 200), ("nobody", 302)]
)
def test_search_is_for_the_states_people(client, who, expected):
    agency = make.agency()
    account = {
        "user": make.user,
        "ceo": lambda: make.ceo(agency),
        "officer": lambda: make.officer_account(make.officer(agency)),
        "director": make.director,
        "nobody": lambda: None,
    }[who]()
    if account:
        client.force_login(account)
    assert client.get("/officers/", {"q": "smith"}).status_code == expected


def test_what_is_too_long_is_told_at_its_field(client, register):
    page = client.get("/officers/", {"q": "x" * 101, "agency": "harlan"}).content.decode()
    told = "Ensure this value has at most 100 characters (it has 101)."
    assert f'<div class="invalid-feedback" id="id_q_error">{told}</div>' in page
    assert 'aria-describedby="id_q_error"' in page
