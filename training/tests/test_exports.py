"""Whole files: every row once, escaped, scoped, recorded; closed fields closed; the page of columns is the code's."""

import csv
import datetime as dt
import io
import json
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal.history.models import Access
from training import exports
from training.models import Agency, Officer, OfficerBirthDate, TrainingClass
from training.tests import factories
from training.views.exports import name_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 5, 4)


@pytest.fixture
def post():
    return factories.post_staff()


@pytest.fixture
def officer():
    agency = factories.agency("elm-fork", "Elm Fork Police")
    one = factories.officer(
        agency, license_number="70001", name="Dana Whitlock", email="dana@home.example", postal_address="1 Home\nStreet"
    )
    OfficerBirthDate.objects.create(officer=one, born_on=dt.date(1990, 1, 2))
    factories.record(one, DAY, course=factories.course(agency, "=SUM(A1)"), legal="1.50", skill__firearms=2)
    factories.license_event(one, "made_inactive", dt.date(2026, 4, 1))
    return one


def sent(export, user, kind) -> str:
    return b"".join(exports.named(export).lines(user, kind)).decode()


def table(export, user) -> list[dict]:
    text = sent(export, user, "csv")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def objects(export, user) -> list[dict]:
    return [json.loads(line) for line in sent(export, user, "jsonl").splitlines()]


@pytest.mark.parametrize("export", [one.code for one in exports.EXPORTS])
def test_both_kinds_have_the_columns_that_are_told_and_as_many_rows_as_said(post, officer, export):
    one = exports.named(export)
    columns, rows = [column.name for column in one.columns], table(export, post)
    assert len(set(columns)) == len(columns)
    assert sent(export, post, "csv").splitlines()[0].removeprefix("\ufeff").split(",") == columns
    assert len(rows) == len(objects(export, post)) == one.how_many(post)
    for row in objects(export, post):
        assert list(row) == columns


def test_credit_lines_say_the_hours(post, officer):
    rows = table("credit-lines", post)
    assert sorted((row["license_number"], row["area"], row["topic"], row["hours"]) for row in rows) == [
        ("70001", "legal", "", "1.5"),
        ("70001", "skill", "firearms", "2"),
    ]
    record = officer.records.get()
    assert {row["class"] for row in rows} == {record.training_class.reference}
    assert {row["completed_on"] for row in rows} == {"2026-05-04"}
    assert sorted(row["hours"] for row in objects("credit-lines", post)) == [1.5, 2]


def test_a_reference_longer_than_six_digits_is_whole(post, officer):
    course = factories.course(Agency.objects.get())
    TrainingClass.objects.create(pk=12345678, course=course, starts_on=DAY, ends_on=DAY, submission_key=uuid.uuid4())
    assert "C-12345678" in {row["class"] for row in table("classes", post)}


def test_a_text_like_a_formula_is_escaped_in_csv_and_as_it_is_in_json(post, officer):
    assert [row["title"] for row in table("training-records", post)] == ["'=SUM(A1)"]
    assert [row["title"] for row in objects("training-records", post)] == ["=SUM(A1)"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_beginning_of_a_formula_is_escaped(post, officer, start):
    Officer.objects.filter(pk=officer.pk).update(postal_address=f'{start}1"2,3')
    assert [row["postal_address"] for row in table("officers", post)] == [f"'{start}1\"2,3"]
    assert [row["postal_address"] for row in objects("officers", post)] == [f'{start}1"2,3']


def test_an_officer_of_the_register(post, officer):
    other = factories.agency("oak", "Oak Police")
    factories.commission(officer, other)
    (row,) = objects("officers", post)
    assert row == {
        "license_number": "70001",
        "last_name": "Whitlock",
        "first_name": "Dana",
        "middle_name": "",
        "suffix": "",
        "license_class": None,
        "licensed_on": "2015-03-02",
        "agency_codes": "elm-fork; oak",
        "agencies": "Elm Fork Police; Oak Police",
        "email": "dana@home.example",
        "postal_address": "1 Home\nStreet",
        "name_is_closed": False,
    }


def test_what_is_closed_is_said_so_and_nowhere_in_the_file(post, officer):
    for kind in ("csv", "jsonl"):
        text = sent("public-records", post, kind)
        for secret in ("dana@home.example", "1 Home", "1990", "made_inactive", "inactive"):
            assert secret not in text
    (row,) = table("public-records", post)
    assert {name: row[name] for name in exports.named("public-records").closed} == dict.fromkeys(
        ("birth_date", "postal_address", "email", "discipline", "requests_for_more_time"), "closed"
    )
    assert (row["last_name"], row["agency"], row["started_on"], row["ended_on"]) == (
        "Whitlock", "Elm Fork Police", "2015-03-02", "",
    )  # fmt: skip


def test_who_works_undercover_is_not_named_to_the_public(post, officer):
    Officer.objects.filter(pk=officer.pk).update(is_name_closed=True, suffix="Jr.")
    (row,) = table("public-records", post)
    shown = {name: value for name, value in row.items() if value != "closed"}
    assert shown == {"agency": "Elm Fork Police"}


@pytest.mark.parametrize("export", [one.code for one in exports.EXPORTS])
def test_rows_are_scoped_and_fail_closed(officer, export):
    stranger = factories.user()
    for user in (AnonymousUser(), stranger):
        assert exports.named(export).how_many(user) == 0
        assert objects(export, user) == []


def test_an_agency_would_get_its_own_rows_alone(officer):
    other = factories.officer(factories.agency(), license_number="80001")
    factories.record(other, DAY, course=factories.course(factories.agency()))
    chief = factories.ceo(Agency.objects.get(code="elm-fork"))
    for export in ("officers", "commissions", "credit-lines", "training-records", "license-events", "public-records"):
        assert {row["license_number"] for row in objects(export, chief)} == {"70001"}


def test_a_file_is_streamed_and_recorded_with_its_rows(client, post, officer):
    client.force_login(post)
    response = client.get(reverse(name_of("credit-lines", "csv")))
    assert response.streaming
    assert len(b"".join(response).splitlines()) == 3
    row = Access.objects.get()
    assert (row.kind, row.by, row.rows) == ("exported", post, 2)
    assert row.what.startswith("credit-lines-")
    response = client.get(reverse(name_of("public-records", "jsonl")))
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    b"".join(response)
    assert Access.objects.latest("pk").what.startswith("public-records-")


def test_nobody_is_sent_more_than_was_asked_for(client, post, officer):
    client.force_login(post)
    response = client.head(reverse(name_of("officers", "csv")))
    assert (response.status_code, b"".join(response)) == (200, b"")
    assert not Access.objects.exists()


def test_a_reader_who_leaves_ends_the_statement(post, officer):
    lines = exports.named("credit-lines").lines(post, "csv")
    assert next(lines) == "\ufeff".encode()
    lines.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_file_takes_one_statement_for_one_row_and_for_many(post, officer):
    exports.named("training-records").how_many(post)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as statements:
            table("training-records", post)
        counted.append(len(statements))
        for _ in range(20):
            factories.record(officer, DAY, course=factories.course(Agency.objects.get()))
    assert counted[0] == counted[1]


def test_the_page_of_columns_is_what_the_code_says(settings, tmp_path):
    page = (settings.BASE_DIR / "docs" / "exports.md").read_text(encoding="utf-8")
    assert page == exports.document()
    call_command("exports", "--check")


def test_a_page_that_differs_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("clee_portal.management.commands.exports.PAGE", tmp_path / "exports.md")
    with pytest.raises(CommandError, match="not what the code says"):
        call_command("exports", "--check")


def test_the_page_lists_every_file_and_says_what_is_closed(client, post):
    client.force_login(post)
    body = client.get(reverse("training:export_list")).content.decode()
    for one in exports.EXPORTS:
        assert one.title in body
        for kind in exports.KINDS:
            assert f'href="{reverse(name_of(one.code, kind))}"' in body
    for name in exports.named("public-records").closed:
        assert f"<code>{name}</code>" in body
