"""The pages of an agency's files: chosen, looked at, sent, followed."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from training.imports import working
from training.models import ImportRow, TrainingImport, TrainingRecord
from training.services import imports
from training.tests import factories as make

pytestmark = pytest.mark.django_db

CLASS = b",Winter driving,2026-02-03,4"
GOOD = b"License,Title,Date,Hours,Area\n40218" + CLASS + b",Technical\n29944" + CLASS + b",Technical\n"
ODD = b"Harlan County,,,\nWho,What,When,How long\n40218" + CLASS + b"\nNobody Known" + CLASS + b"\n"


@pytest.fixture
def chief(agency, three):
    return make.ceo(agency)


@pytest.fixture
def signed_in(client, chief):
    client.force_login(chief)
    return client


def upload(client, agency, data=GOOD, name="feb.csv", **more):
    url = reverse("training:import_list", args=[agency.code])
    return client.post(url, {"file": SimpleUploadedFile(name, data), **more})


def page_of(made) -> str:
    return reverse("training:import_detail", args=[made.reference])


def chosen(form, **changes) -> dict:
    """What a browser would send of the columns form."""
    return {name: form[name].value() or "" for name in form.fields} | changes


def test_file_is_taken_in_looked_at_sent_and_followed(signed_in, agency, chief):
    response = upload(signed_in, agency)
    made = TrainingImport.objects.get()
    assert response.url == page_of(made)
    page = signed_in.get(page_of(made))
    assert "feb.csv: look, then send" in page.content.decode()
    assert [(name, samples[0]) for name, samples, _ in page.context["form"].column_rows()][:2] == [
        ("License", "40218"),
        ("Title", "Winter driving"),
    ]
    part = signed_in.get(page_of(made) + "preview/", headers={"HX-Request": "true"}).content.decode()
    assert "2 rows would be credited" in part
    assert "<html" not in part
    assert TrainingRecord.objects.count() == 0
    assert signed_in.post(page_of(made), chosen(page.context["form"], send="1")).url == page_of(made)
    running = signed_in.get(page_of(made)).content.decode()
    assert "feb.csv: being worked on" in running
    assert 'hx-trigger="every 1s"' in running
    working.work(made.pk)
    done = signed_in.get(page_of(made), headers={"HX-Request": "true"}).content.decode()
    assert "feb.csv: 2 rows credited" in done
    assert "hx-trigger" not in done
    assert "Winter driving" in done
    assert TrainingRecord.objects.filter(recorded_by=chief).count() == 2


def test_odd_columns_are_chosen_once_and_remembered(signed_in, agency):
    upload(signed_in, agency, ODD, "odd.csv")
    made = TrainingImport.objects.get()
    page = signed_in.get(page_of(made))
    assert page.context["lacking"][0] == "who attended: the column of license numbers, or of names"
    assert b'name="send"' not in page.content
    answers = chosen(page.context["form"], **{"header_row": "2"})
    signed_in.post(page_of(made), answers)
    page = signed_in.get(page_of(made))
    held = {"column-0": "license_number", "column-1": "title", "column-2": "completed_on", "column-3": "hours"}
    signed_in.post(page_of(made), chosen(page.context["form"], **held, **{"set-area": "technical"}))
    made.refresh_from_db()
    assert (made.header_row, made.columns) == (2, ["Who", "What", "When", "How long"])
    assert made.fields == ["license_number", "title", "completed_on", "hours"]
    preview = signed_in.get(page_of(made) + "preview/").content.decode()
    assert "1 row would be credited, 1 held" in preview
    assert "<html" in preview
    upload(signed_in, agency, ODD.replace(b"2026-02-03", b"2026-02-04"), "next.csv")
    later = TrainingImport.objects.first()
    assert (later.name, later.fields, later.set_values) == ("next.csv", made.fields, ["technical"])
    assert signed_in.get(page_of(later)).context["lacking"] == []


def test_what_lacks_something_is_not_sent(signed_in, agency):
    upload(signed_in, agency, ODD, "odd.csv")
    made = TrainingImport.objects.get()
    page = signed_in.get(page_of(made))
    signed_in.post(page_of(made), chosen(page.context["form"], send="1"))
    made.refresh_from_db()
    assert made.state == "uploaded"


def test_changed_columns_are_looked_at_before_they_are_sent(signed_in, agency):
    upload(signed_in, agency)
    made = TrainingImport.objects.get()
    page = signed_in.get(page_of(made))
    answers = chosen(page.context["form"], send="1", **{"column-4": "-", "set-area": "legal"})
    response = signed_in.post(page_of(made), answers, follow=True)
    made.refresh_from_db()
    assert (made.state, made.set_values) == ("uploaded", ["legal"])
    assert "The columns were changed. Look at what would happen now, then send." in response.content.decode()
    signed_in.post(page_of(made), answers)
    made.refresh_from_db()
    assert made.state == "running"


def test_two_columns_of_one_meaning_are_told_and_the_choice_is_kept(signed_in, agency):
    upload(signed_in, agency)
    made = TrainingImport.objects.get()
    page = signed_in.get(page_of(made))
    response = signed_in.post(page_of(made), chosen(page.context["form"], **{"column-1": "license_number"}))
    assert response.status_code == 200
    assert "Two columns are given the same meaning." in response.content.decode()
    assert response.context["form"]["column-1"].value() == "license_number"


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "x.csv", "The file is empty."),
        (b"%PDF-1.7 etc", "x.pdf", "This is a PDF, not a table."),
        (b"License,Title\n", "x.csv", "Below the column names the file has no rows."),
    ],
)
def test_what_cannot_be_read_is_told_and_not_kept(signed_in, agency, data, name, said):
    response = upload(signed_in, agency, data, name)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert TrainingImport.objects.count() == 0


def test_no_file_chosen(signed_in, agency):
    response = signed_in.post(reverse("training:import_list", args=[agency.code]), {})
    assert "Choose a file." in response.content.decode()


def test_same_file_of_somebody_else_leads_to_the_first_one(signed_in, client, agency, chief):
    made, _ = imports.upload(by=make.delegate(agency, name="Ann First"), body=agency, name="feb.csv", data=GOOD)
    response = upload(signed_in, agency, name="copy.csv")
    assert response.url == page_of(made)
    assert "This very file is here already: Ann First chose it first." in signed_in.get(page_of(made)).content.decode()
    assert TrainingImport.objects.count() == 1


def test_director_sees_and_sends_nothing(client, agency, chief):
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=GOOD)
    client.force_login(make.director())
    page = client.get(page_of(made))
    assert page.status_code == 200
    assert b'name="send"' not in page.content
    assert client.post(page_of(made), chosen(page.context["form"], send="1")).status_code == 403
    assert upload(client, agency).status_code == 403
    made.refresh_from_db()
    assert made.state == "uploaded"


def test_list_says_what_became_of_each_in_constant_statements(signed_in, agency, chief):
    def ask() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            page = signed_in.get(reverse("training:import_list", args=[agency.code]))
        return len(queries), page.content.decode()

    def add(number: int) -> None:
        data = GOOD.replace(b"Winter", f"Winter {number}".encode())
        made, _ = imports.upload(by=chief, body=agency, name=f"file {number}.csv", data=data)
        imports.send(by=chief, training_import=made)
        working.work(made.pk)

    add(0)
    few, page = ask()
    assert "file 0.csv" in page
    for number in range(1, 4):
        add(number)
    many, page = ask()
    assert many == few
    assert page.count("Done") >= 4


def test_outcome_tells_classes_notices_and_rows_without_credit(signed_in, agency, chief):
    data = GOOD + b"38120,Winter driving,2026-02-03,0,Technical\n40218,Winter driving,2026-02-03,4,Technical\n"
    made, _ = imports.upload(by=chief, body=agency, name="feb.csv", data=data)
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    page = signed_in.get(page_of(made))
    assert [(one.course.title, one.people) for one in page.context["classes"]] == [("Winter driving", 2)]
    assert [(row.number, row.notice) for row in page.context["notices"]] == [(5, "it is row 2 again")]
    assert [(row.number, row.wrong) for row in page.context["refused"]] == [(4, "Zero hours: nothing to credit.")]
    assert ImportRow.objects.count() == 4


def test_officers_of_other_agencies_are_shown_to_confirm_before_a_file_is_sent(signed_in, agency, monkeypatch):
    elsewhere = make.agency()
    make.officer(elsewhere, name="Zed Stranger", license_number="60001")
    monkeypatch.setattr(working, "ROWS_A_PREVIEW", 1)  # also those below the rows looked at
    upload(signed_in, agency, GOOD + b"60001" + CLASS + b",Technical\n")
    made = TrainingImport.objects.get()
    part = signed_in.get(page_of(made) + "preview/", headers={"HX-Request": "true"})
    [one] = part.context["preview"].outsiders
    assert (one.officer.name, one.officer.agencies, one.rows) == ("Stranger, Zed", (str(elsewhere),), 1)
    assert "One officer was not of your agency on the day of the class" in part.content.decode()
    assert "Stranger, Zed" in part.content.decode()


def test_officer_who_had_left_is_named_before_the_file_is_sent_and_beside_the_row(signed_in, agency, chief):
    make.officer(agency, license_number="17755", name="Leonard Yates", until=dt.date(2026, 1, 31))
    there = b"License,Title,Date,Hours,Area\n17755,Winter driving,2026-01-30,4,Technical\n40218" + CLASS + b",Legal\n"
    upload(signed_in, agency, there + b"17755,Night range,2026-02-03,2,Skill\n")
    made = TrainingImport.objects.get()
    part = signed_in.get(page_of(made) + "preview/", headers={"HX-Request": "true"})
    [one] = part.context["preview"].outsiders
    assert (one.officer.license_number, one.officer.agencies, one.rows) == ("17755", ("no agency today",), 1)
    assert "One officer was not of your agency on the day of the class" in part.content.decode()
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    assert list(ImportRow.objects.order_by("number").values_list("fate", "notice")) == [
        ("credited", ""),
        ("credited", ""),
        ("credited", f"Yates, Leonard (17755) was not commissioned at {agency} on 2026-02-03"),
    ]


def test_what_is_wrong_with_a_value_is_said_beside_it(signed_in, agency):
    upload(signed_in, agency)
    made = TrainingImport.objects.get()
    form = signed_in.get(page_of(made)).context["form"]
    wrong = {"set-title": "x" * 201, "column-0": "nothing", "header_row": "90"}
    page = signed_in.post(page_of(made), chosen(form, look="1", **wrong)).content.decode()
    for name in wrong:
        assert re.search(rf'name="{name}"[^>]* aria-describedby="id_{name}_error"', page)
        assert page.count(f'id="id_{name}_error"') == 1


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("hours", "many", "“many” is not a number of hours. Write it like 1.5."),
        ("completed_on", "someday", "“someday” is not a date. "),
    ],
)
def test_value_for_a_whole_file_that_no_cell_could_hold_is_refused(signed_in, agency, name, given, told):
    upload(signed_in, agency)
    made = TrainingImport.objects.get()
    form = signed_in.get(page_of(made)).context["form"]
    response = signed_in.post(page_of(made), chosen(form, look="1", **{f"set-{name}": given}))
    (error,) = response.context["form"].errors[f"set-{name}"]
    assert error.startswith(told)
    made.refresh_from_db()
    assert given not in made.set_values


def workbook(**sheets) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def test_every_sheet_of_a_workbook_is_offered_and_taken_in_once(signed_in, agency, chief):
    head = ["License", "Title", "Date", "Hours", "Area"]
    january = [head, ["40218", "Search law", "2026-01-05", 2, "Legal"]]
    february = [head, ["29944", "Winter driving", "2026-02-03", 4, "Technical"]]
    data = workbook(January=january, February=february, Notes=[])
    upload(signed_in, agency, data, "year.xlsx")
    first = TrainingImport.objects.get()
    page = signed_in.get(page_of(first))
    assert page.context["other_sheets"] == [("February", None), ("Notes", None)]
    assert "Only the sheet “January” is looked at here" in page.content.decode()
    for _ in range(2):
        response = signed_in.post(page_of(first), {"other_sheet": "February"})
    second = TrainingImport.objects.exclude(pk=first.pk).get()
    assert (response.url, second.sheet, second.name) == (page_of(second), "February", "year.xlsx")
    assert signed_in.get(page_of(second)).context["other_sheets"] == [("January", first), ("Notes", None)]
    empty = signed_in.post(page_of(first), {"other_sheet": "Notes"}, follow=True)
    assert "Notes: The file has no rows." in empty.content.decode()
    assert (
        "There is no sheet “March”"
        in signed_in.post(page_of(first), {"other_sheet": "March"}, follow=True).content.decode()
    )
    assert TrainingImport.objects.count() == 2
    assert upload(signed_in, agency, data, "year.xlsx").url == page_of(first)
    assert upload(signed_in, agency, data, "year.xlsx", sheet="february").url == page_of(second)
    for one in (first, second):
        imports.send(by=chief, training_import=one)
        working.work(one.pk)
    assert set(TrainingRecord.objects.values_list("officer__license_number", "training_class__course__title")) == {
        ("40218", "Search law"),
        ("29944", "Winter driving"),
    }


def test_only_those_who_may_send_take_a_sheet_in(client, agency, chief):
    data = workbook(January=[["License", "Title"], ["40218", "x"]], February=[["License", "Title"], ["29944", "y"]])
    made, _ = imports.upload(by=chief, body=agency, name="year.xlsx", data=data)
    client.force_login(make.director())
    assert client.post(page_of(made), {"other_sheet": "February"}).status_code == 403
    client.force_login(make.ceo(make.agency()))
    assert client.post(page_of(made), {"other_sheet": "February"}).status_code == 404
    assert TrainingImport.objects.count() == 1
