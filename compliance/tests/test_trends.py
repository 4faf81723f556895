"""Over the year: the curves, the class that would help most with whom, and what hangs on a review."""

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import selectors, trends
from compliance.tests import people
from training.models import Officer
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
PAGE = "/agencies/harlan/trends/"


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(client, agency):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def curve_of(agency, year: int, until: dt.date):
    question = selectors.questions(clock.END_OF_TIME, [year])[year]
    return trends.curve(question, Officer.objects.commissioned_at(agency, until), until)


def test_curve_rises_in_the_month_in_which_the_last_hours_were_completed(agency):
    done, late, short = (make.officer(agency) for _ in range(3))
    people.complete(done, agency, 2026)  # in April and May
    people.complete(late, agency, 2026, technical=2)
    people.credit(late, dt.date(2026, 9, 9), people.academy_course("Late course"), technical=4)
    people.complete(short, agency, 2026, legal=1)
    make.officer(agency, issued_on=dt.date(2026, 2, 2))  # exempt: owes nothing
    found = curve_of(agency, 2026, dt.date(2026, 11, 23))
    assert (found.year, found.owing) == (2026, 3)
    assert found.compliant == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert found.shares[-1] == 67


def test_ended_year_has_twelve_months(agency):
    officer = make.officer(agency)
    people.complete(officer, agency, 2025)
    assert curve_of(agency, 2025, dt.date(2026, 1, 1)).compliant == [0] * 4 + [1] * 8


def test_page_shows_this_year_beside_last_with_the_table_behind(client, chief, agency):
    officer = make.officer(agency)
    people.complete(officer, agency, 2025)
    page = client.get(PAGE)
    rows = page.context["months"]
    assert [rows[0]["now"], rows[10]["now"], rows[11]["now"]] == [0, 0, None]
    assert [rows[3]["last"], rows[4]["last"], rows[11]["last"]] == [0, 1, 1]
    assert "0 of 1 officer has all hours of 2026" in page.content.decode()
    answer = client.get("/agencies/harlan/trends.csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    of = "(of those here on 2025-11-23)"
    assert table[0] == ["month", "compliant 2026", "owing 2026", f"compliant 2025 {of}", f"owing 2025 {of}"]
    assert table[5] == ["May", "0", "1", "1", "1"]
    assert table[12] == ["Dec", "", "", "1", "1"]


def test_last_year_is_said_to_be_about_those_who_were_here_a_year_ago(client, chief, agency):
    people.complete(make.officer(agency, until=dt.date(2026, 1, 31)), agency, 2025)
    people.complete(make.officer(agency, since=dt.date(2026, 1, 1)), agency, 2025)
    page = client.get(PAGE)
    assert (page.context["now"].owing, page.context["last"].owing) == (1, 1)
    text = " ".join(page.content.decode().split())
    assert "2025, of 1 who were here a year ago" in text
    assert "2025 is about those who were commissioned here a year ago, on November 23, 2025, wherever they are" in text


def test_requirements_are_shown_beside_those_of_a_year_ago_as_known_then(client, chief, agency):
    """What came in after that day last year does not tell."""
    here, fresh = make.officer(agency), make.officer(agency, since=dt.date(2026, 1, 1))
    gone = make.officer(agency, until=dt.date(2026, 1, 31))
    course = people.academy_course()
    people.credit(here, dt.date(2026, 5, 5), course, legal=2)
    people.credit(fresh, dt.date(2026, 5, 5), course, technical=1)
    people.credit(gone, dt.date(2025, 6, 1), course, legal=2)
    people.credit(here, dt.date(2025, 12, 5), course, legal=2)
    page = client.get(PAGE)
    found = {one.requirement.code: one for one in page.context["met"]}
    assert (found["legal"].met, found["legal"].owing, found["legal"].share) == (1, 2, 50)
    assert (found["legal"].last_met, found["legal"].last_owing, found["legal"].last_share) == (1, 2, 50)
    assert (found["technical"].met, found["technical"].last_met) == (0, 0)
    assert "Who has met what, beside a year ago" in page.content.decode()
    answer = client.get("/agencies/harlan/trends/met.csv")
    table = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    row = next(row for row in table if row[0] == found["legal"].requirement.name)
    assert row[2:] == ["1", "2", "1", "2"]


@pytest.mark.parametrize(
    ("today", "before"),
    [((2026, 11, 30), (2025, 11, 30)), ((2024, 2, 29), (2023, 2, 28)), ((2024, 3, 1), (2023, 3, 1))],
)
def test_a_year_ago_is_the_same_day(client, chief, today, before):
    with time_machine.travel(dt.datetime(*today, 12, tzinfo=clock.CHICAGO), tick=False):
        client.force_login(chief)
        assert client.get(PAGE).context["before"] == dt.date(*before)


def test_class_that_helps_most_comes_with_the_names_of_whom_it_helps(client, chief, agency):
    helped = [make.officer(agency, name=f"{name} Vance") for name in ("Ann", "Ben")]
    for one in helped:
        people.complete(one, agency, 2026, interpersonal__racial_profiling=1)
    other = make.officer(agency, name="Cal Vance")
    people.complete(other, agency, 2026, technical=9)
    page = client.get(PAGE)
    assert page.context["best"].officers == helped
    text = " ".join(page.content.decode().split())
    assert "would bring 2 of the 3 who are short to compliance" in text
    assert "Vance, Ann" in text
    assert "Vance, Cal" not in text.partition('id="stake"')[0]


def test_refusal_of_a_course_not_reviewed_names_who_would_lose(client, chief, agency):
    loses, keeps = make.officer(agency, name="Ann Vance"), make.officer(agency, name="Ben Vance")
    for one in (loses, keeps):
        people.complete(one, agency, 2026)
    people.credit(keeps, dt.date(2026, 6, 6), people.academy_course("More"), legal=8, technical=8, skill__firearms=4,
                  interpersonal__racial_profiling=2)  # fmt: skip
    first, second = client.get(PAGE).context["stake"]
    assert [who for who, _ in first[1]] == [loses]
    assert second[1] == []
    assert (first[0].course.title, first[0].officers, first[0].hours) == ("Spring firearms and use of force", 1, 16)
    for one, _ in (first, second):
        one.course.reviews.create(decision="approved", decided_on=dt.date(2026, 6, 1))
    assert client.get(PAGE).context["stake"] == []


def test_statements_do_not_grow(client, chief, agency):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    people.complete(make.officer(agency), agency, 2026, legal=1)
    few = ask()
    for _ in range(6):
        people.complete(make.officer(agency), agency, 2026, legal=1)
    assert ask() == few
