"""The three commands: their words, their exit codes, the file of bad rows."""

import csv
import getpass
import io

import openpyxl
import pytest
import time_machine
from django.core.management import CommandError, call_command

from clee_portal.history import because
from training.models import Officer, TrainingRecord
from training.tests.imports import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world():
    with time_machine.travel("2026-03-01 12:00-06:00", tick=False):
        world.make()
        yield


def _run(command, path, *options) -> tuple[str, int]:
    """What the command says, and its exit code."""
    out, code = io.StringIO(), 0
    try:
        call_command(command, str(path), *options, stdout=out, stderr=out)
    except CommandError as error:
        out.write(f"{error}\n")
        code = error.returncode
    return out.getvalue(), code


def _file(tmp_path, text, name="in.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


TRAINING = "license number,title,completed on,hours,area\n"


def test_command_exits_0_when_all_rows_went_in(tmp_path):
    path = _file(tmp_path, TRAINING + "40001,Law Update,2025-05-01,2,legal\n")
    said, code = _run("import_training", path, "--agency", "ASHBY-PD")
    assert code == 0
    assert said.splitlines() == [
        "Column names in row 1: “license number” is license_number, “title” is title, “completed on” is completed_on, "
        "“hours” is hours, “area” is area",
        "1 row read = 1 recorded + 0 already there + 0 refused + 0 skipped",
    ]
    said, code = _run("import_training", path, "--agency", "ashby-pd")
    assert code == 0
    assert said.splitlines()[-1] == "1 row read = 0 recorded + 1 already there + 0 refused + 0 skipped"


def test_the_history_says_who_gave_which_command_and_where_rows_come_from(tmp_path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anna")
    _run("import_training", _file(tmp_path, TRAINING + "40001,Law Update,2025-05-01,2,legal\n"), "--agency", "ASHBY-PD")
    note = {"command": "import_training", "account": f"anna as {getpass.getuser()}"}
    event = TrainingRecord.pgh_event_model.objects.get()
    assert event.pgh_context == note | {"reason": "Import of training: in.csv"}
    with because("Typed wrong"):  # the command is over
        Officer.objects.filter(license_number="40001").update(last_name="Abbot")
    assert Officer.objects.get(license_number="40001").events.latest("pgh_id").pgh_context == {"reason": "Typed wrong"}


def test_command_exits_1_when_rows_were_refused_and_the_good_ones_are_in(tmp_path):
    path = _file(tmp_path, TRAINING + "40001,Law Update,2025-05-01,2,legal\n40002,Law Update,soon,2,legal\n")
    said, code = _run("import_training", path, "--agency", "ashby-pd")
    assert code == 1
    assert "row 3, column “completed on”, “soon”: “soon” is not a date. Write it like 2025-03-14 or 3/14/2025." in said
    assert said.splitlines()[-2:] == [
        "2 rows read = 1 recorded + 0 already there + 1 refused + 0 skipped",
        "1 of 2 rows was refused.",
    ]
    assert TrainingRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--map", "x=title"], "in.csv: There is no column “x”."),
        (["--set", "x=title"], "in.csv: --set x=title: there is no field “x”."),
        (["--agency", "nowhere"], "in.csv: --agency nowhere: there is no agency with this code."),
        (["--sheet", "1"], "in.csv: A CSV file has no sheets: leave --sheet out."),
        (["--errors", "/no/such/folder/out.csv"], "in.csv: --errors: out.csv cannot be written there."),
    ],
)
def test_command_exits_2_when_options_do_not_fit(tmp_path, options, told):
    path = _file(tmp_path, TRAINING + "40001,Law Update,2025-05-01,2,legal\n")
    said, code = _run("import_training", path, *options)
    assert (code, said.startswith(told), TrainingRecord.objects.count()) == (2, True, 0)


@pytest.mark.parametrize("command", ["import_agencies", "import_officers", "import_training"])
def test_command_exits_2_when_the_file_cannot_be_read(tmp_path, command):
    assert _run(command, _file(tmp_path, "")) == ("in.csv: The file is empty.\n", 2)


def test_dry_run_says_what_would_be_and_changes_nothing(tmp_path):
    path = _file(tmp_path, 'license number,name,licensed on\n41900,"Whitlock, Dana",2016-05-01\n')
    said, code = _run("import_officers", path, "--dry-run")
    assert code == 0
    assert said.splitlines()[-2:] == [
        "1 row read = 1 would be recorded + 0 already there + 0 refused + 0 skipped",
        "Dry run: nothing was changed.",
    ]
    assert not Officer.objects.filter(license_number="41900").exists()


def test_refused_rows_come_back_as_given_and_can_be_mended(tmp_path):
    path = _file(
        tmp_path,
        "List of May,,,,,\nlicense number,title,completed on,hours,area,remarks\n"
        "40001,Law Update,2025-05-01,2,legal,\n40002,=Law+1,2025-05-01,-2,legal,@home\n"
        "40003,-Other,,2,legal,+1\n",
    )
    bad = tmp_path / "bad.csv"
    _, code = _run("import_training", path, "--agency", "ashby-pd", "--errors", str(bad))
    assert code == 1
    raw = bad.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows == [
        ["license number", "title", "completed on", "hours", "area", "remarks", "What is wrong", "How to fix it"],
        [
            "40002",
            "'=Law+1",
            "2025-05-01",
            "'-2",
            "legal",
            "'@home",
            "hours: Hours cannot be negative.",
            "Correct the hours.",
        ],
        ["40003", "'-Other", "", "2", "legal", "'+1", "completed on: There is no day of completion.", "Fill it in."],
    ]

    bad.write_text(bad.read_text(encoding="utf-8-sig").replace("'-2", "2").replace("Other,,", "Other,5/2/2025,"))
    again = tmp_path / "again.csv"
    said, code = _run("import_training", bad, "--agency", "ashby-pd", "--errors", str(again))
    assert code == 0
    assert "2 rows read = 2 recorded + 0 already there + 0 refused + 0 skipped" in said
    assert set(TrainingRecord.objects.values_list("training_class__course__title", flat=True)) == {
        "Law Update",
        "=Law+1",
        "-Other",
    }


def test_file_of_bad_rows_is_never_the_file_that_is_read(tmp_path):
    path = _file(tmp_path, TRAINING + "40001,Law Update,2025-05-01,2,legal\n")
    said, code = _run("import_training", path, "--errors", str(path))
    assert (code, said) == (2, "in.csv: --errors names the file that is read: give another name.\n")


def test_many_problems_are_summed_up(tmp_path):
    path = _file(tmp_path, TRAINING + "".join(f"{90000 + i},Law Update,2025-05-01,2,\n" for i in range(30)))
    said, code = _run("import_training", path, "--agency", "ashby-pd")
    assert code == 1
    assert "… and 10 more (--errors OUT.csv gives them all), in all:" in said
    assert "  30 times: The area of the hours is not given." in said


def test_other_sheets_and_unused_columns_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Agencies"
    book.active.append(["code", "name", "fax"])
    book.active.append(["corwin-pd", "Corwin Police Department", "1"])
    book.create_sheet("Notes")
    book.save(tmp_path / "in.xlsx")
    said, code = _run("import_agencies", tmp_path / "in.xlsx")
    assert code == 0
    assert "Reading sheet “Agencies” (others, chosen by --sheet: Notes)" in said
    assert "Columns not used: fax" in said


def test_roster_without_license_numbers_says_what_to_map(tmp_path):
    path = _file(tmp_path, "last_name,first_name,badge\nAdler,Cristina,1\n")
    said, code = _run("import_officers", path, "--agency", "ashby-pd")
    assert code == 1
    assert "No column holds the POST license number: give it with --map COLUMN=license_number." in said
    assert "1 row read = 0 recorded + 0 already there + 1 refused + 0 skipped" in said
