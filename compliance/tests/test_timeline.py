"""Any officer, any day: what happened in order, who did it and why, to each reader what is theirs; then and now."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock, history
from clee_portal.history.models import Access
from compliance.models import ReliefDecision
from compliance.services import relief_decisions
from compliance.tests import people
from compliance.tests.relief_people import ask
from compliance.timeline import Kind, Timeline, reading
from compliance.timeline_sources import SOURCES
from notifications.models import Message, MessageText
from training.models import Commission, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def officer(agency):
    return make.officer(agency, name="Renee Abbott", license_number="30118")


@pytest.fixture
def post(client):
    account = make.post_staff("petra@example.org", "Petra Post")
    client.force_login(account)
    return account


def page_of(officer) -> str:
    return f"/officers/{officer.license_number}/timeline/"


def titles(user, officer, *kinds) -> list[str]:
    return [entry.told.title for entry in Timeline(SOURCES, reading(user, officer), kinds).all()]


def everything(officer, agency, post) -> TrainingRecord:
    """Something of each kind."""
    this_year = clock.today().year
    record = people.credit(officer, dt.date(this_year - 1, 4, 14), make.course(agency, "Night driving"), skill=4)
    with history.because("Entered for the wrong officer"):
        TrainingRecord.objects.filter(pk=record.pk).update(
            voided_at=clock.now(), voided_by=post, void_reason="Entered for the wrong officer"
        )
    suspended = clock.today() - dt.timedelta(days=40)
    make.license_event(
        officer, "suspended", suspended, reference="S-1", decided_by="D. Director", recorded_at=clock.midday(suspended)
    )
    make.license_event(officer, "suspension_ended", clock.today() - dt.timedelta(days=30))
    first = clock.today() - dt.timedelta(days=3)
    made = ask(post, officer, year=this_year, leave_from=first, reason="medical", caller="Renee’s wife")
    relief_decisions.deny(by=post, request=made, reason="No certificate.", seen=0, today=clock.today())
    account = make.officer_account(officer, "renee@example.org")
    message = Message.objects.create(
        occasion="reminder", key="1", user=account, address=account.email, priority=2, state="sent", next_try_at=None
    )
    MessageText.objects.create(message=message, subject="Three hours are missing", body=".")
    Access.objects.create(
        kind="viewed", by=post, acting_as="POST staff", license_number="30118", what="Standing of 2025"
    )
    officer.last_name = "Abbott-Lane"
    officer.save()
    return record


def test_everything_is_told_with_who_and_why(client, post, officer, agency):
    record = everything(officer, agency, post)
    told = titles(post, officer)
    held, year = record.training_class.reference, clock.today().year
    for one in (
        f"4 hours for {year - 1}: Night driving, {held}",
        f"Credit withdrawn: Night driving, {held}",
        "License suspended",
        f"Extension for {year} asked for",
        f"Extension for {year}: denied",
        "Account renee@example.org connected to the license",
        "Looked at by POST staff",
        "Register: last name changed",
        "Entered in the register",
    ):
        assert one in told
    assert any(title.startswith("Commission at Harlan County Sheriff, from") for title in told)
    entries = list(Timeline(SOURCES, reading(post, officer), ()).all())
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    assert {entry.kind for entry in entries} == set(Kind) - {Kind.CASE}
    void = next(entry for entry in entries if entry.told.title.startswith("Credit withdrawn"))
    assert void.told.reason == "Entered for the wrong officer"
    assert next(e for e in entries if e.kind == Kind.VIEW).who == "Petra Post"
    page = " ".join(client.get(page_of(officer)).content.decode().split())
    assert "Night driving" in page
    assert "by Petra Post" in page
    assert Access.objects.filter(license_number="30118", what="Timeline").count() == 1


def test_it_is_limited_by_kind_and_had_as_a_file(client, post, officer, agency):
    everything(officer, agency, post)
    page = client.get(page_of(officer), {"kind": ["request", "view", "nothing"]})
    kinds = {entry.kind for _, entries in page.context["days"] for entry, _ in entries}
    assert kinds == {Kind.REQUEST, Kind.VIEW}
    answer = client.get(page_of(officer).rstrip("/") + ".csv", {"kind": "license"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == ["License suspension ended", "License suspended", "License issued"]
    assert rows[2][3] == "Decided by D. Director, S-1"
    assert Access.objects.filter(kind="exported").count() == 1


def test_officer_reads_their_own_without_names_and_sees_who_looked(client, post, officer, agency):
    everything(officer, agency, post)
    client.force_login(officer.memberships.get().user)
    page = " ".join(client.get(page_of(officer)).content.decode().split())
    assert "Looked at by POST staff" in page
    for hidden in ("Petra", "No certificate", "Medical", "wife", "Three hours are missing", "Register:"):
        assert (hidden, hidden in page) == (hidden, False)
    assert not Access.objects.filter(what="Timeline").exists()


def test_agency_reads_credit_and_license_in_the_days_of_its_commission(client, post, officer, agency):
    today = clock.today()
    other = make.agency("quinn", "Quinn Police")
    everything(officer, agency, post)
    Commission.objects.filter(officer=officer).update(started_on=dt.date(2015, 1, 1))
    make.commission(officer, other)
    Commission.objects.filter(agency=other).update(started_on=today - dt.timedelta(days=10))
    client.force_login(make.ceo(other))
    told = titles(make.ceo(other), officer)
    assert any("Credit withdrawn" in title for title in told)
    assert "License suspension ended" in told
    assert "License suspended" not in told  # known before the commission began
    assert not any("Harlan" in title for title in told)
    page = client.get(page_of(officer)).content.decode()
    for hidden in ("Extension", "Looked at by", "renee@example.org", "Petra"):
        assert (hidden, hidden in page) == (hidden, False)
    client.force_login(make.ceo(make.agency(name="Strangers")))
    assert client.get(page_of(officer)).status_code == 404


def test_standing_of_a_day_beside_today(client, post, officer, agency):
    year = clock.today().year - 1
    people.complete(officer, agency, year)
    page = client.get(page_of(officer), {"as_of": f"{year}-05-01", "period": year})
    assert (page.context["before"].label, page.context["now"].label) == ("In progress", "Compliant")
    row = next(row for row in page.context["rows"] if row["name"].startswith("Total") or row["minimum"] == 24)
    assert (row["before"], row["now"], row["change"]) == (8, 24, 16)
    text = " ".join(page.content.decode().split())
    assert f"In progress on May 1, {year}, Compliant today" in text
    assert "is not a date" in client.get(page_of(officer), {"as_of": "soon"}).content.decode()
    assert client.get(page_of(officer), {"period": "1999"}).status_code == 404


def test_statements_do_not_depend_on_how_many_entries_there_are(client, post, officer, agency):
    everything(officer, agency, post)
    counts = []
    for more in (0, 30):
        for number in range(more):
            people.credit(officer, dt.date(2024, 3, 1), make.course(agency, f"Course {number}"), legal=1)
        client.get(page_of(officer))
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of(officer))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_pages_of_it_follow_each_other(client, post, officer, agency):
    for number in range(60):
        people.credit(officer, dt.date(2024, 3, 1), make.course(agency, f"Course {number}"), legal=1)
    first, second = (client.get(page_of(officer), {"page": page, "kind": "credit"}) for page in (1, 2))
    told = [entry.told.title for page in (first, second) for _, entries in page.context["days"] for entry, _ in entries]
    assert len(told) == len(set(told)) == 60
    assert ReliefDecision.objects.count() == 0
