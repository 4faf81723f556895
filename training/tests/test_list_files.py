"""What the lists of the desk say as files: exactly what the page shows, all of it, and nothing that is another's."""

import csv
import datetime as dt
import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from training.models import Membership, OfficerGroup
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)
DESK = "/agencies/harlan"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def table(client, path: str) -> list[dict]:
    """The rows of a CSV, by the names of its columns."""
    answer = client.get(path)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))


def enter(agency, chief, officers, title="Winter driving", left=(), **hours):
    """A class of three hours entered by the chief."""
    return classes.record(
        by=chief,
        agency=agency,
        title=title,
        starts_on=DAY,
        ends_on=DAY,
        lines=make.lines(**(hours or {"skill": 3})),
        attendances=[Attendance(one) for one in officers],
        left_out=list(left),
        submission_key=uuid.uuid4(),
        today=TODAY,
    )[0]


def test_classes_are_a_row_each_and_what_was_undone_says_why(client, agency, chief, three):
    held = enter(agency, chief, three)
    undone = enter(agency, chief, three[:1], title="=Wrong")
    classes.void(by=chief, training_class=undone, reason="Entered twice")
    rows = table(client, f"{DESK}/classes/classes.csv")
    assert [(row["Reference"], row["Course"], row["Officers"], row["Hours"]) for row in rows] == [
        (undone.reference, "'=Wrong", "1", "3"),
        (held.reference, "Winter driving", "3", "3"),
    ]
    assert [(row["Completed on"], row["Why it was undone"]) for row in rows] == [
        ("2026-11-18", "Entered twice"),
        ("2026-11-18", ""),
    ]
    book = load_workbook(io.BytesIO(client.get(f"{DESK}/classes/classes.xlsx").content)).active
    assert [row[7:9] for row in book.values][1:] == [(1, 3), (3, 3)]


def test_officers_of_a_class_are_a_row_each_with_who_did_not_complete_it(client, agency, chief, three):
    held = enter(agency, chief, three[:2], left=three[2:])
    rows = table(client, f"/classes/{held.reference}/officers.csv")
    assert [(row["Name"], row["Took part"], row["Hours"], row["Counts"]) for row in rows] == [
        ("Abbott, Renee", "Attended", "3", "yes"),
        ("Calloway, Marcus", "Attended", "3", "yes"),
        ("Dwyer, Patrick", "Did not complete it", "", "no"),
    ]
    client.force_login(make.officer_account(three[0]))
    assert [row["Name"] for row in table(client, f"/classes/{held.reference}/officers.csv")] == ["Abbott, Renee"]


def test_courses_say_what_post_decided(client, agency, chief, three):
    held = enter(agency, chief, three)
    refused = enter(agency, chief, three[:1], title="Yoga")
    refused.course.reviews.create(decision="refused", decided_on=TODAY, reason="No training")
    rows = table(client, f"{DESK}/courses/courses.csv")
    assert [(row["Course"], row["State"], row["Decided on"], row["Classes"]) for row in rows] == [
        ("Winter driving", "Not yet reviewed", "", "1"),
        ("Yoga", "Refused", "2026-11-20", "1"),
    ]
    client.force_login(make.post_staff())
    rows = table(client, "/courses/to-review/courses.csv")
    assert [(row["Course"], row["From"]) for row in rows] == [(held.course.title, str(agency))]
    assert [row["Course"] for row in table(client, "/courses/to-review/courses.csv?state=refused")] == ["Yoga"]


def test_duplicates_are_side_by_side_and_what_is_not_open_is_not_told(client, agency, chief, three):
    """The entry of another agency for an officer who is nobody's here is not in the file of either."""
    other = make.agency("benton", "Benton Police")
    theirs = make.ceo(other)
    mine = enter(agency, chief, three[:1])
    again = enter(agency, chief, three[:1], title="Winter Driving")
    rows = table(client, f"{DESK}/duplicates/pairs.csv?show=once")
    assert [(row["Name"], row["First entry: reference"], row["Second entry: reference"]) for row in rows] == [
        ("Abbott, Renee", mine.reference, again.reference)
    ]
    assert (rows[0]["First entry: counts"], rows[0]["Second entry: counts"]) == ("yes", "no")
    client.force_login(theirs)
    assert table(client, "/agencies/benton/duplicates/pairs.csv?show=once") == []


def test_groups_and_people_are_listed_whole(client, agency, chief, three):
    group = OfficerGroup.objects.create(agency=agency, name="Night shift")
    group.officers.set(three[:2])
    assert [tuple(row.values()) for row in table(client, f"{DESK}/groups/groups.csv")] == [
        ("Night shift", "38120", "Abbott, Renee"),
        ("Night shift", three[1].license_number, "Calloway, Marcus"),
    ]
    past = make.user("was@harlan.example")
    Membership.objects.create(
        user=past, role="delegate", agency=agency, starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2021, 1, 1)
    )
    rows = table(client, f"{DESK}/people/people.csv")
    assert [(row["E-mail"], row["As"], row["Acts today"]) for row in rows] == [
        (chief.email, "Agency CEO", "yes"),
        ("was@harlan.example", "Delegate of the agency CEO", "no"),
    ]


def test_pages_lead_to_their_files(client, agency, chief, three):
    held = enter(agency, chief, three)
    for page, file in (
        (f"{DESK}/classes/", f"{DESK}/classes/classes"),
        (f"{DESK}/courses/", f"{DESK}/courses/courses"),
        (f"/classes/{held.reference}/", f"/classes/{held.reference}/officers"),
        (f"{DESK}/people/", f"{DESK}/people/people"),
    ):
        text = client.get(page).content.decode()
        for kind in ("csv", "xlsx"):
            assert f'href="{file}.{kind}' in text
            assert client.get(f"{file}.{kind}").status_code == 200


@pytest.mark.parametrize(
    "file", ["classes/classes", "courses/courses", "imports/files", "held/rows", "duplicates/pairs", "people/people"]
)
def test_files_take_a_constant_number_of_statements(client, agency, chief, three, file):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            b"".join(client.get(f"{DESK}/{file}.csv"))
        return len(queries)

    for title in ("Winter driving", "Winter Driving", "Legal update"):
        enter(agency, chief, three, title=title)
    few = ask()
    for number in range(4):
        enter(agency, chief, three, title=f"Course {number}")
        enter(agency, chief, three, title=f"course {number}")
    assert ask() == few
