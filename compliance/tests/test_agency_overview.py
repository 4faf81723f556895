"""The agency's overview: counts, order, filters, the CSV, who may open it, and what it costs."""

import csv
import datetime as dt
import io

import pytest
import time_machine

from clee_portal import clock
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


def names(page) -> list[str]:
    """The officers shown, in order."""
    return [row.name for row, *_ in page.context["shown"]]


def test_first_line_counts_the_compliant(client, chief, ten):
    page = client.get("/agencies/harlan/?period=2025")
    assert page.context["headline"] == "1 of 8 officers is compliant."
    assert [(label, count) for _, label, count, *_ in page.context["segments"]] == [
        ("Compliant", 1),
        ("Exempt", 1),
        ("Waived", 1),
        ("Extended", 1),
        ("Request undecided", 1),
        ("License inactive", 1),
        ("Past March 15", 1),
        ("Not applicable", 1),
    ]


def test_one_class_that_would_help_is_named(client, chief, ten):
    assert client.get("/agencies/harlan/?period=2025").context["plan"] == (
        "A 6-hour class from an approved provider with 1 hour of legal studies, credited to 2025 as make-up, "
        "would bring",
        "4 of the 4 who are short",
    )


def test_what_is_missing_is_counted_by_requirement(client, chief, ten):
    lacking = client.get("/agencies/harlan/?period=2025").context["lacking"]
    assert [(one.requirement.code, one.officers, one.hours, one.most) for one, _ in lacking] == [
        ("total", 4, 24, 6),
        ("approved_provider", 4, 16, 4),
        ("legal", 4, 4, 1),
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("standing=extended", ["Dwyer, Patrick"]),
        ("lacks=legal&sort=name", ["Calloway, Marcus", "Dwyer, Patrick", "Lindqvist, Theo", "Núñez, José"]),
        ("q=nunez", ["Núñez, José"]),
        ("q=NÚÑ+jos", ["Núñez, José"]),
        ("q=zzz", []),
        ("lacks=legal&standing=compliant", []),
        ("standing=made_up&lacks=nothing&sort=-nothing&q=abbott", ["Abbott, Renee"]),
        ("sort=-hours&q=a&standing=compliant", ["Abbott, Renee"]),
    ],
)
def test_filters_and_search(client, chief, ten, query, shown):
    assert names(client.get(f"/agencies/harlan/?period=2025&{query}")) == shown


def test_license_number_is_found_by_its_beginning(client, chief, ten):
    number = ten["waived"].license_number
    assert names(client.get(f"/agencies/harlan/?q={number}")) == ["Vance, Alma"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("name", "Abbott, Renee"),
        ("-name", "Yates, Ingrid"),
        ("license", "Abbott, Renee"),
        ("-license", "Brandt, Quincy"),
        ("-hours", "Abbott, Renee"),
        ("hours", "Yates, Ingrid"),
        ("-standing", "Lindqvist, Theo"),
        ("-missing", "Calloway, Marcus"),
        ("", "Calloway, Marcus"),
    ],
)
def test_order(client, chief, ten, sort, first):
    assert names(client.get(f"/agencies/harlan/?period=2025&sort={sort}"))[0] == first


def test_sort_links_keep_filters_period_and_day(client, chief, ten):
    page = client.get("/agencies/harlan/?period=2025&as_of=2026-02-01&standing=grace&sort=name")
    assert [column["url"] for column in page.context["columns"]][:2] == [
        "?period=2025&as_of=2026-02-01&standing=grace&sort=-name",
        "?period=2025&as_of=2026-02-01&standing=grace&sort=license",
    ]
    assert page.context["suffix"] == "?period=2025&as_of=2026-02-01"


def test_another_day_shows_what_was_known_then(client, chief, ten):
    page = client.get("/agencies/harlan/?period=2025&as_of=2025-05-01")
    assert page.context["headline"] == "None of 8 officers is compliant."
    assert "what was known then" in page.content.decode()


def test_license_that_is_not_active_is_shown(client, chief, agency, ten):
    shown = client.get("/agencies/harlan/?period=2026").context["shown"]
    licenses = {row.name: row.license_chip.label for row, *_ in shown if row.license_chip}
    assert licenses == {"Brandt, Quincy": "License revoked"}
    assert {row.name: last.label for row, _, last in shown if last}["Lindqvist, Theo"] == "2025: License inactive"


def test_agency_without_officers_says_what_to_do(client, chief):
    page = client.get("/agencies/harlan/")
    assert page.context["headline"] == "No officer holds a commission here today."
    assert "No officers yet" in page.content.decode()


def test_entering_a_class_is_offered_to_those_who_may(client, chief, agency):
    link = "/agencies/harlan/classes/enter/"
    assert link in client.get("/agencies/harlan/").content.decode().split("<main")[1]
    client.force_login(make.director())
    page = client.get("/agencies/harlan/")
    assert page.status_code == 200
    assert link not in page.content.decode().split("<main")[1]


@pytest.mark.parametrize(
    "path",
    ["", "overview.csv", "overview.xlsx", "trends/", "trends.csv", "statement/", "statement.pdf", "roster-standing/"],
)
def test_agency_of_another_does_not_exist(client, agency, ten, path):
    officer = make.officer_account(ten["compliant"])
    for reader in (make.ceo(make.agency("other")), officer, make.user()):
        client.force_login(reader)
        assert client.get(f"/agencies/harlan/{path}").status_code == 404
    for reader in (make.ceo(agency), make.delegate(agency), make.post_staff(), make.director()):
        client.force_login(reader)
        assert client.get(f"/agencies/harlan/{path}").status_code == 200


def test_csv_is_what_is_shown(client, chief, ten):
    answer = client.get("/agencies/harlan/overview.csv?period=2025&lacks=legal&sort=name")
    assert answer["Content-Disposition"] == 'attachment; filename="harlan-2025-2026-11-23.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Calloway, Marcus", "Dwyer, Patrick", "Lindqvist, Theo", "Núñez, José"]
    assert {name: rows[1][name] for name in ("standing", "hours", "hours needed", "missing: Legal studies")} == {
        "standing": "Extended to Dec 31, 2026",
        "hours": "18",
        "hours needed": "6",
        "missing: Legal studies": "1",
    }
    assert rows[1]["missing: Firearms"] == ""


def test_csv_of_a_name_like_a_formula_is_harmless(client, chief, agency):
    officer = make.officer(agency, name="Dana Whitlock")
    Officer.objects.filter(pk=officer.pk).update(last_name="=cmd|'/c calc'!A1")
    text = b"".join(client.get("/agencies/harlan/overview.csv").streaming_content).decode()
    assert "\"'=cmd|'/c calc'!A1, Dana\"" in text


def test_roster_chips_replace_those_on_the_page(client, chief, agency, ten):
    text = client.get("/agencies/harlan/roster-standing/?period=2025").content.decode()
    assert (
        f'<span id="standing-{ten["compliant"].pk}" class="chip tone-met" hx-swap-oob="true">'
        '<span class="visually-hidden">2025: </span>compliant</span>'
    ) in text
    assert text.count("hx-swap-oob") == 8


def test_overview_takes_as_many_statements_for_1200_officers_as_for_12(client, django_assert_num_queries):
    small, large = make.agency("small"), make.agency("large")
    make.roster(small, 12, first_number=10000)
    make.roster(large, 1200, first_number=20000)
    client.force_login(make.post_staff())
    for code in ("small", "large"):
        client.get(f"/agencies/{code}/")
        with django_assert_num_queries(14):
            page = client.get(f"/agencies/{code}/")
    assert len(page.context["shown"]) == 50
    assert page.context["page_obj"].paginator.count == 1200
    assert len(client.get("/agencies/large/?page=24").context["shown"]) == 50
