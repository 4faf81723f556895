"""Golden cases: the project's own set agrees, and a case that is wrong is found."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from training.models import Officer, TrainingRecord

CASES = Path(__file__).parent / "cases"

RIGHT = """
- name: no records at all
  period: 2018
  as_of: 2018-11-01
  officer: {licensed_on: 2010-05-01}
  expect:
    standing: in_progress
    earned: {total: 0}
"""


def _check(capsys, *paths) -> tuple[int, list[str]]:
    code = 0
    try:
        call_command("check_cases", *map(str, paths))
    except SystemExit as stop:
        code = stop.code
    return code, capsys.readouterr().out.splitlines()


@pytest.mark.django_db
def test_own_cases_agree(capsys):
    code, lines = _check(capsys, CASES)
    assert (code, lines) == (0, ["174 passed, 0 failed"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("in_progress", "compliant", "no records at all: standing: expected compliant, came out in_progress"),
        ("{total: 0}", "{total: 0.5}", "no records at all: earned total: expected 0.5, came out 0"),
    ],
)
def test_case_that_disagrees_is_printed(capsys, tmp_path, old, new, line):
    path = tmp_path / "case.yaml"
    path.write_text(RIGHT.replace(old, new))
    assert _check(capsys, path) == (1, [line, "0 passed, 1 failed"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("period: 2018", "periods: 2018", "unknown key 'periods'"),
        ("standing: in_progress", "standing: fine", "expect.standing: 'fine' is not one of"),
        ("as_of: 2018-11-01", "as_of: yesterday", "as_of: 'yesterday' is not a date"),
        ("{total: 0}", "{everything: 0}", "expect.earned: 'everything' is no requirement of the period"),
        ("period: 2018", "period: 1999", "ReportingPeriod matching query does not exist"),
        ("  officer:", "  period: 2019\n  officer:", "the key 'period' stands twice"),
        (
            "  expect:",
            "  training:\n    - {completed_on: 2018-01-02, source: college, hours: {legal: 1}, topics: {firearms: 1}}\n"
            "  expect:",
            "1 hour of Firearms does not fit",
        ),
    ],
)
def test_case_of_another_shape_is_an_error(capsys, tmp_path, old, new, message):
    path = tmp_path / "case.yaml"
    path.write_text(RIGHT.replace(old, new))
    with pytest.raises(CommandError, match=message):
        call_command("check_cases", str(path))


@pytest.mark.django_db
def test_checking_leaves_nothing_behind(capsys):
    _check(capsys, CASES / "credit.yaml")
    assert (Officer.objects.count(), TrainingRecord.objects.count()) == (0, 0)
