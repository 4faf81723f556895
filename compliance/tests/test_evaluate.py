"""`evaluate`: the same findings on the command line."""

import csv
import datetime as dt
import io
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command

from clee_portal import clock
from training.models import Officer
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    agency = make.agency("harlan", "Harlan County Sheriff's Office")
    whole = make.officer(agency, license_number="40001", name="Renee Abbott")
    make.officer(agency, license_number="40002", name="Ana Ferrell")
    make.officer(make.agency("elsewhere"), license_number="50001", name="Elsewhere Person")
    day = dt.date(2025, 5, 1)
    record = make.record(whole, day, course=make.course(agency), legal=2, technical=2)
    type(record).objects.filter(pk=record.pk).update(recorded_at=clock.midday(day))
    return agency


def evaluate(capsys, *arguments) -> str:
    call_command("evaluate", "--period", "2025", "--as-of", "2026-03-16", *arguments)
    return capsys.readouterr().out


def test_evaluate_agency_as_csv(town, capsys):
    rows = list(csv.DictReader(io.StringIO(evaluate(capsys, "--agency", "harlan", "--format", "csv"))))
    assert [
        (r["license_number"], r["standing"], r["earned_total"], r["short_total"], r["short_legal"]) for r in rows
    ] == [
        ("40001", "candidate", "4", "20", "0"),
        ("40002", "candidate", "0", "24", "2"),
    ]


def test_evaluate_csv_holds_no_formula(town, capsys):
    Officer.objects.filter(license_number="40002").update(last_name="=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(evaluate(capsys, "--license", "40002", "--format", "csv"))))
    assert [row["officer"] for row in rows] == ["'=HYPERLINK(1), Ana"]


def test_evaluate_license_as_json(town, capsys):
    (row,) = map(json.loads, evaluate(capsys, "--license", "40001", "--format", "json").splitlines())
    assert (row["standing"], row["earned"]["technical"], row["short"]["total"]) == ("candidate", "2", "20")


def test_evaluate_table_counts_the_state(town, capsys):
    assert evaluate(capsys).splitlines()[-1] == "3 officers: Past March 15 (3)"
    assert evaluate(capsys, "--standing", "compliant").splitlines()[-1] == "0 officers: none"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--agency", "nowhere"], "No agency has the code “nowhere”."),
        (["--license", "1"], "No officer has the license number “1”."),
        (["--agency", "harlan", "--license", "50001"], "No officer at harlan has the license number “50001”."),
    ],
)
def test_evaluate_unknown_scope_is_refused(town, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("evaluate", "--period", "2025", *arguments)


def test_evaluate_period_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="There is no reporting period 1999: the first is 2018, the last 20"):
        call_command("evaluate", "--period", "1999")


def test_evaluate_tells_only_what_is_owed(town, capsys):
    for number, kind, day in (("40001", "upgraded", dt.date(2025, 6, 1)), ("40002", "revoked", dt.date(2025, 6, 1))):
        make.license_event(Officer.objects.get(license_number=number), kind, day, recorded_at=clock.midday(day))
    lines = evaluate(capsys, "--agency", "harlan").splitlines()
    assert [line.split() for line in lines[2:4]] == [
        ["40001", "Abbott,", "Renee", "Exempt", "4"],
        ["40002", "Ferrell,", "Ana", "Not", "applicable", "0"],
    ]
    assert lines[-1] == "2 officers: Not applicable (1), Exempt (1)"
    rows = list(csv.DictReader(io.StringIO(evaluate(capsys, "--agency", "harlan", "--format", "csv"))))
    assert [(row["standing"], row["earned_total"], row["short_total"]) for row in rows] == [
        ("exempt", "4", "0"),
        ("not_applicable", "0", "0"),
    ]
    (row,) = map(json.loads, evaluate(capsys, "--license", "40001", "--format", "json").splitlines())
    assert (row["earned"]["total"], row["short"]) == ("4", {})


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        (["2025", "--as-of", "2026-03-16"], ""),
        (
            ["2019", "--as-of", "2026-03-16"],
            "Warning: No training of 2019 was on record by March 16, 2026. Whoever seems short may have completed it: "
            "it was not kept here.\n",
        ),
        (
            ["2025", "--as-of", "2025-04-30"],
            "Warning: No training of 2025 was on record by April 30, 2025. Whoever seems short may have completed it: "
            "it was not kept here.\n",
        ),
        (["2025", "--as-of", "2024-12-31"], "Warning: On December 31, 2024 the 2025 reporting period has not begun.\n"),
        (
            ["2025", "--as-of", "2026-11-25"],
            "Warning: November 25, 2026 is still to come. This is how it would be if nothing were added until then.\n",
        ),
    ],
)
def test_evaluate_warns_where_standings_say_little(town, capsys, arguments, warning):
    with time_machine.travel(dt.datetime(2026, 11, 24, 12, tzinfo=clock.CHICAGO), tick=False):
        call_command("evaluate", "--format", "csv", "--period", *arguments)
    out, err = capsys.readouterr()
    assert err == warning
    assert len(list(csv.DictReader(io.StringIO(out)))) == 3


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            "2026-13-01",
            "--as-of: “2026-13-01” is not a day of the calendar. Write year, month and day like 2026-03-16.",
        ),
        ("yesterday", "--as-of: “yesterday” is not a day of the calendar."),
        ("2017-12-31", "--as-of: The periods kept here begin with 2018. Give a day since then."),
    ],
)
def test_evaluate_says_what_is_wrong_with_a_day(typed, message):
    with pytest.raises(CommandError, match=message):
        call_command("evaluate", "--period", "2025", "--as-of", typed)


def test_evaluate_names_one_officer(town, capsys):
    assert evaluate(capsys, "--license", "40001").splitlines()[-1] == "1 officer: Past March 15 (1)"
