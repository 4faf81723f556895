"""Every file of the two folders is imported, twice, and what comes of it is compared with what stands beside it."""

from pathlib import Path

import pytest
import yaml

from training.imports import reading, running
from training.imports.problems import Fate
from training.models import TrainingClass
from training.tests.imports import world

HERE = Path(__file__).parent
CASES = sorted([*HERE.glob("passing/*.yaml"), *HERE.glob("failing/*.yaml")])


def _import(case: dict, path: Path, **more) -> running.Report:
    return running.run(
        world.importer(case["import"], case.get("options", {})),
        reading.open_path(path),
        today=world.TODAY,
        mapping=case.get("map", {}),
        settings=case.get("set", {}),
        **more,
    )


def _totals(report: running.Report) -> dict:
    return {fate.value: report.count(fate) for fate in Fate}


def test_import_folders_are_complete():
    files = {path for path in [*HERE.glob("passing/*"), *HERE.glob("failing/*")] if path.suffix in (".csv", ".xlsx")}
    assert {path.with_suffix(".yaml") for path in files} == set(CASES)
    assert len(CASES) == len(files) == 17


@pytest.mark.django_db
@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_import_file_gives_what_stands_beside_it(path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    source = next(one for one in path.parent.glob(f"{path.stem}.*") if one.suffix != ".yaml")
    world.make()

    dry = _import(case, source, dry_run=True)
    assert (world.agencies(), world.officers(), world.records()) == ({}, {}, [])

    report = _import(case, source)
    assert _totals(report) == case["totals"] == _totals(dry)
    assert sum(_totals(report).values()) == report.read
    found = [[one.row, one.column, one.wrong] for one in report.problems]
    assert sorted(found) == sorted(case.get("problems", []))
    assert all(one.fix for one in report.problems)
    for kind in ("agencies", "officers"):
        if kind in case:
            assert getattr(world, kind)() == case[kind]
    if "records" in case:
        assert world.records() == sorted(case["records"], key=str)
        assert TrainingClass.objects.count() == case["classes"]

    after = (world.agencies(), world.officers(), world.records())
    again = _import(case, source)
    assert again.count(Fate.RECORDED) == 0
    assert again.count(Fate.ALREADY_THERE) == report.count(Fate.RECORDED) + report.count(Fate.ALREADY_THERE)
    assert (world.agencies(), world.officers(), world.records()) == after
