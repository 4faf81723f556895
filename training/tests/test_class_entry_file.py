"""A file chosen on the entry page: its people come into the paste box; one with classes becomes an import."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from training.models import TrainingClass, TrainingImport
from training.tables import xlsx_response
from training.tests import factories as make

pytestmark = pytest.mark.django_db

ENTER = "/agencies/harlan/classes/enter/"


@pytest.fixture(autouse=True)
def chief(agency, client, three, monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: dt.date(2026, 11, 20))
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def choose(client):
    def call(content, name="people.csv", **more):
        content = content.encode() if isinstance(content, str) else content
        return client.post(ENTER, {"step": "file", "file": SimpleUploadedFile(name, content), "course": "X", **more})

    return call


def found(page) -> list[str]:
    return sorted(one.person.license_number for one in page.context["form"].judged.credited.values())


@pytest.mark.parametrize(
    "content",
    [
        "License number,Name\n38120,Renee Abbott\n40218,Marcus Calloway\n",
        "Harlan County Sheriff\n\nLast name;First name;Rank\nAbbott;Renee;Sgt.\nCalloway;Marcus;Deputy\n",
        "POST License,Employee\n38120,4471\n40218,4472\n",
        "Renee Abbott\nMarcus Calloway\n",
    ],
)
def test_people_of_a_file_come_into_the_box(choose, content):
    page = choose(content, pasted="29944")
    assert found(page) == ["29944", "38120", "40218"]
    assert 'value="X"' in page.content.decode()
    assert not TrainingClass.objects.exists()
    assert not TrainingImport.objects.exists()


def test_hours_and_roles_of_a_file_count(choose):
    page = choose("License,Hours,Role\n38120,2,\n40218,,Instructor\n")
    assert [(one.hours, one.how) for one in page.context["form"].pasted_lines.lines] == [(2, ""), (None, "taught")]


def test_workbook(choose):
    book = xlsx_response("people.xlsx", ["License number", "Name"], [["38120", "Renee Abbott"]])
    content = book.content if not book.streaming else b"".join(book.streaming_content)
    assert found(choose(content, name="people.xlsx")) == ["38120"]


def test_file_of_classes_becomes_an_import(choose):
    page = choose("License number,Course title,Date,Hours\n38120,Winter driving,2026-11-18,4\n")
    sent = TrainingImport.objects.get()
    assert (page.status_code, page.url) == (302, f"/imports/{sent.reference}/")


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "people.csv", "The file is empty."),
        (b"%PDF-1.7 x", "people.csv", "This is a PDF, not a table. Give a CSV or XLSX file."),
        (b"PK\x03\x04 broken", "people.xlsx", None),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(choose, content, name, error):
    page = choose(content, name=name, pasted="38120")
    assert page.status_code == 200
    assert page.context["file_error"]
    if error:
        assert page.context["file_error"] == error
    assert found(page) == ["38120"]


def test_no_file(client):
    assert client.post(ENTER, {"step": "file"}).context["file_error"] == "Choose a file first."
