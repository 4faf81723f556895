"""`evaluate`: the same findings on the command line."""

import csv
import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from clee_portal import clock
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


def test_evaluate_license_as_json(town, capsys):
    (row,) = map(json.loads, evaluate(capsys, "--license", "40001", "--format", "json").splitlines())
    assert (row["standing"], row["earned"]["technical"], row["short"]["total"]) == ("candidate", "2", "20")


def test_evaluate_table_counts_the_state(town, capsys):
    assert evaluate(capsys).splitlines()[-1] == "3 officers: 3 candidate"
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
    with pytest.raises(CommandError, match="There is no reporting period 1999"):
        call_command("evaluate", "--period", "1999")
