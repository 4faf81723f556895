"""A file chosen on the entry page: its people come into the paste box; one with classes becomes an import."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from training.models import TrainingClass, TrainingImport
from training.services import imports
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


def test_sheets_that_were_not_read_are_named(choose):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Tuesday"
    book.active.append(["License number"])
    book.active.append(["38120"])
    book.create_sheet("Wednesday").append(["40218"])
    book.save(out)
    page = choose(out.getvalue(), name="people.xlsx")
    assert found(page) == ["38120"]
    said = page.context["file_mapping"]
    assert said.endswith("Only the sheet “Tuesday” was read; the workbook also has “Wednesday”.")


CLASSES = "License number,Course title,Date,Hours\n38120,Winter driving,2026-11-18,4\n"


def test_file_of_classes_becomes_an_import_and_nothing_typed_is_lost(choose, three):
    ticked = [three[2].pk]
    page = choose(CLASSES, pasted="40218", place="Range", officers=ticked, **{"hours-area-skill": "6"})
    sent = TrainingImport.objects.get()
    assert page.status_code == 200
    text = " ".join(page.content.decode().split())
    assert f"It was taken in under Files, as {sent.reference}; nothing of it is recorded yet." in text
    assert f'href="/imports/{sent.reference}/"' in text
    form = page.context["form"]
    assert found(page) == ["40218"]
    assert (form.ticked, form["course"].value(), form["place"].value()) == (set(ticked), "X", "Range")
    assert form.hours.data["hours-area-skill"] == "6"
    again = choose(CLASSES, pasted="40218")
    assert f"It was taken in before under Files, as {sent.reference}" in " ".join(again.content.decode().split())
    assert TrainingImport.objects.count() == 1


def said(page) -> list[tuple[str, str, str]]:
    """Of each line who is meant, how and with which hours; "?" where somebody is asked."""
    return [
        (
            (one.person or one.named).license_number,
            "?" if one.fate == "held" else one.how,
            "" if one.hours is None else f"{one.hours.normalize():f}",
        )
        for one in page.context["form"].pasted_lines.lines
        if one.person or one.named
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "License,Name,Hours\n38120,Renee Abbott,2 hrs\n40218,Marcus Calloway,2\n29944,Patrick Dwyer,“2,5”\n",
            [("", "2"), ("", "2"), ("", "2.5")],
        ),
        (
            "License,Role,Status\n38120,Student,Incomplete\n40218,Instructor,Passed\n29944,Student,Passed\n",
            [("left", ""), ("taught", ""), ("", "")],
        ),
        (
            "License,Status\n38120,Withdrawn\n40218,No\n29944,perhaps\n",
            [("left", ""), ("left", ""), ("?", "")],
        ),
        ("License,Attended\n38120,Yes\n40218,No\n29944,\n", [("", ""), ("left", ""), ("?", "")]),
        ("License,Completed\n38120,Yes\n40218,No\n29944,Y\n", [("", ""), ("left", ""), ("", "")]),
        ("License,Absent\n38120,X\n40218,\n29944,no\n", [("left", ""), ("", ""), ("", "")]),
        ("License,Hours\n38120,0\n40218,\n29944,all\n", [("", "0"), ("?", ""), ("?", "")]),
        ("License,Hours Attended\n38120,1:30\n40218,90 min\n29944,two\n", [("", "1.5"), ("", "1.5"), ("", "2")]),
        ("License,Remarks\n38120,left early\n40218,\n29944,Deputy\n", [("?", ""), ("", ""), ("", "")]),
        ("License,Range hrs\n38120,2\n40218,4\n29944,\n", [("?", ""), ("?", ""), ("", "")]),
        ("License,Status,Hours\n38120,Failed,4\n40218,Passed,4\n29944,Absent,\n", [("?", ""), ("", "4"), ("left", "")]),
        ("License,Hours,Unit\n38120,,2\n40218,,3\n29944,,\n", [("", ""), ("", ""), ("", "")]),
        ("Officer DSN,Hours\n38120,2\n40218,4\n", [("?", ""), ("?", "")]),
    ],
)  # fmt: skip
def test_what_a_file_says_of_each_person_is_kept_or_asked(choose, content, expected):
    assert [one[1:] for one in said(choose(content.replace("“", '"').replace("”", '"')))] == expected


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("License,Legal Studies,Skill\n38120,2,1\n", "columns Legal Studies, Skill of the file say of"),
        ("License,Hours,Area\n38120,2,Legal\n", "column Area of the file says of"),
        ("License,Hours,Provider\n38120,2,Some academy\n", "column Provider of the file says of"),
    ],
)
def test_what_lines_cannot_say_is_refused_with_what_to_do(choose, content, columns):
    page = choose(content, pasted="40218")
    assert columns in page.context["file_error"]
    assert "Send the file under Files" in page.context["file_error"]
    assert found(page) == ["40218"]


def test_columns_are_shown_as_they_were_read(choose):
    page = choose("License,Name,Hours,Unit,Absent\n38120,Renee Abbott,2,4,\n40218,Marcus Calloway,,5,X\n")
    mapping = "License → POST license number; Name → whole name; Hours → hours in all; Absent → did not complete."
    assert page.context["file_mapping"] == f"{mapping} Left out: Unit."
    assert "Its columns were read so: License → POST license number" in page.content.decode()
    assert said(page) == [("38120", "", "2"), ("40218", "left", "")]


def test_columns_chosen_for_an_earlier_file_of_the_shape_are_remembered(choose, agency, chief):
    content = b"Nr,Zeit,Extra hours\n38120,2,8\n"
    sent, _ = imports.upload(by=chief, body=agency, name="a.csv", data=content)
    chosen = ["license_number", "hours", "-"]
    imports.choose(by=chief, training_import=sent, header_row=1, columns=sent.columns, fields=chosen, settings={})
    page = choose(content + b"40218,3,8\n")
    assert said(page) == [("38120", "", "2"), ("40218", "", "3")]
    assert page.context["file_mapping"] == "Nr → POST license number; Zeit → hours in all. Left out: Extra hours."


def test_a_cell_of_several_lines_stays_one_line(choose):
    page = choose('License,Remarks\n38120,"came\nlate"\n40218,\n')
    assert said(page) == [("38120", "?", ""), ("40218", "", "")]


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
