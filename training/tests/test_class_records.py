"""The record set of a class: everything that is kept of it, in one file that says what it holds."""

import csv
import datetime as dt
import hashlib
import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.history.models import Access
from clee_portal.refusal import Refused
from training.models import AttendanceMark, NotCompleted, Officer, ScheduledClass
from training.services import certificates, class_records
from training.services import classes as class_services
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = clock.today() - dt.timedelta(20)


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy")


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy)


@pytest.fixture
def held(academy):
    """A confirmed class of the calendar: one completed it, one did not, one stayed away."""
    course = make.provider_course(
        academy, "Report writing", more={"synopsis": "Facts first.", "objectives": "Write it down."}
    )
    begins_at = dt.datetime.combine(DAY, dt.time(8), clock.CHICAGO)
    planned = make.scheduled_class(course, begins_at, instructors="I. Lindqvist", administrator="A. Abbott")
    done, left, absent = make.officer(name="Ann Ash"), make.officer(name="Ben Birch"), make.officer(name="Cy Cedar")
    for one in (done, left, absent):
        make.registration(planned, one)
    seat = planned.registrations.get(officer=done)
    AttendanceMark.objects.create(registration=seat, meeting=planned.meetings.get(), kind="in", at=begins_at)
    record = make.record(done, DAY, course=course, legal=4)
    record.training_class.lines.create(area=make.area("legal"), hours=4)
    NotCompleted.objects.create(officer=left, training_class=record.training_class)
    ScheduledClass.objects.update(training_class=record.training_class)
    return record.training_class


def opened(made: class_records.RecordSet) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.testzip() is None
        return {one.filename.split("/", 1)[1]: archive.read(one) for one in archive.infolist()}


def rows(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_set_holds_all_that_is_kept(held, staff):
    made = class_records.make(by=staff, training_class=held)
    files = opened(made)
    assert set(files) == {
        "course.txt", "completed.csv", "not-completed.csv", "registrations.csv", "attendance.csv", "corrections.csv",
        "README.txt", "SHA256SUMS.txt",
    }  # fmt: skip
    assert (made.name, made.how_many) == (f"{held.reference}-records.zip", 3)
    (done,) = rows(files["completed.csv"])
    assert (done["Name"], done["Hours in all"], done["Legal Studies"], done["Gives credit"]) == (
        "Ash, Ann", "4", "4", "yes",
    )  # fmt: skip
    assert [one["Name"] for one in rows(files["not-completed.csv"])] == ["Birch, Ben"]
    assert [one["Name"] for one in rows(files["registrations.csv"])] == ["Ash, Ann", "Birch, Ben", "Cedar, Cy"]
    assert [(one["Name"], one["What"]) for one in rows(files["attendance.csv"])] == [("Ash, Ann", "Came in")]
    assert rows(files["corrections.csv"]) == []
    course = files["course.txt"].decode()
    for words in ("Facts first.", "Write it down.", "I. Lindqvist", "A. Abbott", "4 hours Legal Studies"):
        assert words in course
    for name in set(files) - {"README.txt"}:
        assert name in files["README.txt"].decode()


def test_sums_are_those_of_the_files(held, staff):
    files = opened(class_records.make(by=staff, training_class=held))
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS.txt"].decode().splitlines())
    del files["SHA256SUMS.txt"]
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_certificates_that_were_given_are_in_it(held, staff):
    certificates.give(by=staff, training_class=held)
    files = opened(class_records.make(by=staff, training_class=held))
    assert files["certificates.pdf"].startswith(b"%PDF-")
    assert "There is no certificates.pdf" not in files["README.txt"].decode()


def test_class_outside_the_calendar_has_neither_registrations_nor_marks(held, staff):
    ScheduledClass.objects.update(training_class=None)
    files = opened(class_records.make(by=staff, training_class=held))
    assert set(files) == {
        "course.txt", "completed.csv", "not-completed.csv", "corrections.csv", "README.txt", "SHA256SUMS.txt",
    }  # fmt: skip


def test_what_was_undone_is_told_with_the_reason(held, staff):
    class_services.void(by=staff, training_class=held, reason="Entered under the wrong day")
    held.refresh_from_db()
    files = opened(class_records.make(by=staff, training_class=held))
    told = [(one["What"], one["Why"]) for one in rows(files["corrections.csv"])]
    assert sorted(told) == [(what, "Entered under the wrong day") for what in ("Credit", "Not completed", "The class")]
    (done,) = rows(files["completed.csv"])
    assert (done["Name"], done["Gives credit"], done["Why not"]) == ("Ash, Ann", "no", "Entered under the wrong day")
    assert "The class was undone: Entered under the wrong day" in files["README.txt"].decode()


def test_name_that_is_closed_stays_closed_to_the_provider(held, staff):
    Officer.objects.filter(last_name="Ash").update(is_name_closed=True)
    certificates.give(by=make.post_staff(), training_class=held)
    whole = b"".join(opened(class_records.make(by=staff, training_class=held)).values())
    assert b"Ash" not in whole
    assert b"Name closed" in whole
    assert "certificates.pdf" not in opened(class_records.make(by=staff, training_class=held))
    assert b"Ash" in b"".join(opened(class_records.make(by=make.post_staff(), training_class=held)).values())


def test_only_whoever_reported_it_and_the_state_take_it(client, held, staff):
    done = held.records.get().officer
    make.commission(done, agency := make.agency())
    url = reverse("training:class_records", args=[held.reference])
    for user, status in (
        (staff, 200),
        (make.post_staff(), 200),
        (make.director(), 200),
        (make.ceo(agency), 403),
        (make.officer_account(done), 403),
        (make.provider_staff(make.provider()), 404),
    ):
        client.force_login(user)
        assert (user, client.get(url).status_code) == (user, status)
    with pytest.raises(Refused, match="kept by whoever reported it"):
        class_records.make(by=make.ceo(agency), training_class=held)


def test_download_is_written_in_the_record_of_access(client, held, staff):
    client.force_login(staff)
    answer = client.get(reverse("training:class_records", args=[held.reference]))
    assert (answer["Content-Type"], answer.status_code) == ("application/zip", 200)
    row = Access.objects.get(kind="exported")
    assert (row.by, row.what, row.rows) == (staff, f"{held.reference}-records.zip", 3)
    assert (
        reverse("training:class_records", args=[held.reference])
        in client.get(reverse("training:class_detail", args=[held.reference])).text
    )


def test_as_many_statements_with_one_officer_as_with_forty(held, staff):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            class_records.make(by=staff, training_class=held)
        return len(queries)

    count()  # whose roles are read once
    before = count()
    planned = ScheduledClass.objects.get()
    ScheduledClass.objects.update(capacity=100)
    for one in make.roster(make.agency(), 40):
        make.record(one, DAY, course=held.course, held=held)
        seat = make.registration(planned, one)
        AttendanceMark.objects.create(registration=seat, meeting=planned.meetings.get(), kind="in", at=clock.now())
    assert count() == before
