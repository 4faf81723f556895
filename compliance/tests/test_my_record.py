"""The officer's own record: every entry with its credit, source and certificate; none, hundreds, eight periods."""

import datetime as dt
import io
import json
import uuid
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.history.models import Access
from training.models import Certificate, TrainingRecord
from training.services import classes, corrections
from training.services.classes import Attendance
from training.tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/my-record/"
MOST_BYTES = 100_000


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    return factories.officer(agency, name="Renee Abbott", license_number="38120")


@pytest.fixture
def account(client, officer):
    made = factories.officer_account(officer, "renee@example.org")
    client.force_login(made)
    return made


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_record_without_a_class_says_so(client, account):
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "No class is on your record yet." in text(page)
    assert "Report a class that is missing" in text(page)
    assert client.get("/my-record/record.csv").getvalue().decode().count("\n") == 1


def test_entry_says_credit_source_who_and_when(client, account, officer, agency):
    day = clock.today() - dt.timedelta(days=3)
    made = factories.record(officer, day, course=factories.course(agency, "Night driving"), skill=3, skill__firearms=1)
    row = client.get(PAGE).context["years"][0][2][0]
    assert (row.course.title, row.hours, row.reporter, row.chip.label) == ("Night driving", 4, str(agency), "Counts")
    assert row.credit.startswith("Skill")
    assert "of these" in row.credit
    page = text(client.get(PAGE))
    assert "4 hours count for" in page
    assert f"?record={made.pk}" in page


def test_what_was_taken_back_and_what_is_not_counted_stay_visible(client, account, officer, agency):
    day = clock.today() - dt.timedelta(days=3)
    gone = factories.record(officer, day, course=factories.course(agency, "Entered twice"))
    classes.void(by=None, training_class=gone.training_class, reason="It was never held")
    twice = factories.record(officer, day, course=factories.course(agency, "Again"))
    TrainingRecord.objects.filter(pk=twice.pk).update(not_counted="duplicate", not_counted_note="As C-1")
    refused = factories.record(officer, day, course=factories.course(agency, "Yoga", refused_on=day))
    rows = {row.one.pk: row for row in client.get(PAGE).context["years"][0][2]}
    assert [rows[one.pk].chip.label for one in (gone, twice, refused)] == [
        "Taken back",
        "Counted once",
        "Course refused",
    ]
    assert rows[gone.pk].why.endswith(": It was never held")
    assert rows[twice.pk].why == "Duplicate of another entry. As C-1"
    assert client.get(PAGE).context["years"][0][1].hours == 0


def test_correction_says_what_it_was_what_it_is_and_why(client, account, officer, agency):
    day = clock.today() - dt.timedelta(days=3)
    now = clock.today()
    given = {"by": factories.ceo(agency), "agency": agency, "title": "Night driving", "today": now}
    given |= {"starts_on": day, "ends_on": day, "attendances": [Attendance(officer, by_number=True)]}
    held, _ = classes.record(lines=factories.lines(skill=2), submission_key=uuid.uuid4(), **given)
    corrections.correct(
        training_class=held,
        lines=factories.lines(skill=3),
        reason="The sheet says three hours",
        submission_key=uuid.uuid4(),
        **given,
    )
    rows = client.get(PAGE).context["years"][0][2]
    told = f"{now:%B} {now.day}, {now.year}"
    assert [row.was for row in rows if row.is_live] == [
        f"Corrected on {told}: hours 2, now 3. The sheet says three hours"
    ]
    (gone,) = [row for row in rows if not row.is_live]
    ended = f"{day:%B} {day.day}, {day.year}"
    assert (gone.chip.label, gone.why) == ("Corrected", f"{told}: The sheet says three hours")
    assert gone.now_stands == f"3 h, completed on {ended}"
    assert f'It now stands as <a href="/classes/{gone.anew.training_class.reference}/">' in text(client.get(PAGE))


def test_make_up_credit_stands_under_the_year_it_counts_for(client, account, officer, agency):
    day = dt.date(clock.today().year, 1, 5)
    made = factories.record(officer, day, course=factories.course(agency))
    TrainingRecord.objects.filter(pk=made.pk).update(credited_year=day.year - 1)
    (year, total, rows), *_ = client.get(PAGE).context["years"]
    assert (year, total.hours, rows[0].chip.label) == (day.year - 1, 2, f"Counts for {day.year - 1}")


def test_certificate_is_one_click(client, account, officer, agency):
    made = factories.record(officer, clock.today() - dt.timedelta(days=3), course=factories.course(agency))
    answer = client.post(PAGE, {"certificate": made.pk})
    given = Certificate.objects.get()
    assert (given.officer, answer["Location"]) == (officer, reverse("training:certificate_pdf", args=[given.code]))
    assert given.code in client.get(PAGE).content.decode()
    other = factories.record(factories.officer(agency), clock.today(), course=factories.course(agency))
    assert client.post(PAGE, {"certificate": other.pk}).status_code == 404


def test_hundreds_of_entries_over_eight_periods_cost_what_one_costs(client, account, officer, agency):
    course, year = factories.course(agency), clock.today().year - 1
    first = factories.record(officer, dt.date(year, 1, 9), course=course)
    corrected = factories.record(officer, dt.date(year, 1, 10), course=factories.course(agency))
    TrainingRecord.objects.filter(pk=corrected.pk).update(replaces=first)

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    statements()
    one = statements()
    school = factories.provider("Academy of the Ozarks")
    courses = [factories.course(agency), factories.provider_course(school)]
    for number in range(398):
        day = dt.date(year, 12, 31) - dt.timedelta(weeks=number)
        before, first = first, factories.record(officer, day, course=courses[number % 2])
        if number % 50 == 1:
            TrainingRecord.objects.filter(pk=first.pk).update(replaces=before)
    assert statements() == one
    page = client.get(PAGE)
    assert page.context["entries"] == 400
    assert page.context["periods"] == 8
    assert len(page.content) < MOST_BYTES
    assert client.get("/my-record/record.csv").getvalue().decode().count("\n") == 401
    assert client.get("/my-record/record.xlsx").status_code == 200


def test_of_two_licenses_each_has_its_record(client, account, officer, agency):
    other = factories.officer(agency, license_number="99120")
    account.memberships.create(role="officer", officer=other, starts_on=factories.LONG_AGO)
    factories.record(other, clock.today(), course=factories.course(agency, "Of the other"))
    assert client.get(PAGE).context["entries"] == 0
    assert client.get(PAGE, {"license": "99120"}).context["entries"] == 1
    assert client.get(PAGE, {"license": "77777"}).context["officer"] == officer


# Who looked, and my data ----------------------------------------------------------------------------------------------


def test_looks_of_others_are_listed_in_words(client, account, officer, agency):
    assert "Nobody has looked at your record yet." in text(client.get("/my-record/looks/"))
    client.force_login(factories.ceo(agency))
    client.get(reverse("compliance:officer_standing", args=["38120"]))
    client.force_login(account)
    client.get(reverse("compliance:officer_standing", args=["38120"]))  # one's own look is none
    page = text(client.get("/my-record/looks/"))
    assert "Your record was looked at 1 time." in page
    assert "CEO, Cedar Hollow Police" in page
    assert f"Standing of {clock.today().year}" in page


def test_all_data_is_one_download_and_that_is_written_down(client, account, officer, agency):
    factories.record(officer, clock.today(), course=factories.course(agency, "Night driving"))
    answer = client.get("/my-record/data.zip")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        names = sorted(file.namelist())
        told = json.loads(file.read("my-data.json"))
        assert "Night driving" in file.read("record.csv").decode()
    assert names == [
        "certificates.csv",
        "commissions.csv",
        "contact-changes.csv",
        "extensions.csv",
        "license.csv",
        "messages.csv",
        "my-data.json",
        "person.csv",
        "record.csv",
        "registrations.csv",
        "reports.csv",
        "sign-ins.csv",
        "transcripts.csv",
        "who-looked.csv",
    ]
    assert {"What": "Signs in with", "As it stands": "renee@example.org"} in told["tables"]["person"]
    assert (told["license_number"], told["tables"]["record"][0]["Course"]) == ("38120", "Night driving")
    assert [one["Agency"] for one in told["tables"]["commissions"]] == ["Cedar Hollow Police"]
    row = Access.objects.get(kind="exported")
    assert (row.by, row.rows) == (account, 14)
