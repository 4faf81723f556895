"""Every file of the two folders is sent by an agency, and the fate of each row compared with what stands beside it."""

from pathlib import Path

import pytest
import time_machine
import yaml

from clee_portal import clock
from training.imports import working
from training.models import Agency, ImportRow, TrainingRecord
from training.services import imports
from training.tests import factories as make
from training.tests.imports import world

HERE = Path(__file__).parent / "desk"
FILES = sorted(one for one in HERE.glob("*/*") if one.suffix != ".yaml")


def test_every_file_has_its_expected_results():
    assert {one.with_suffix(".yaml") for one in FILES} == set(HERE.glob("*/*.yaml"))
    assert len(FILES) == 17


@pytest.fixture(autouse=True)
def day():
    with time_machine.travel(clock.midday(world.TODAY), tick=False):
        yield


def outcome(made) -> dict:
    rows = ImportRow.objects.filter(training_import=made).order_by("number")
    found = {}
    for row in rows:
        told = {"fate": row.fate}
        for name in ("column", "wrong", "fix", "notice"):
            if value := getattr(row, name):
                told[name] = value
        if row.is_for_post:
            told["for_post"] = True
        found[row.number] = told
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_agency_file_gives_what_stands_beside_it(path):
    world.make()
    agency = Agency.objects.get(code="ashby-pd")
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name=path.name, data=path.read_bytes())
    seen = working.preview(made, chief)
    imports.send(by=chief, training_import=made)
    working.work(made.pk)
    found = outcome(made)
    expected = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    assert found == expected["rows"]
    assert world.records() == sorted(expected["records"], key=str)
    fates = [row["fate"] for row in found.values()]
    assert seen.counts == {fate: fates.count(fate) for fate in set(fates)}
    assert seen.total == len(found)
    is_good = {row["fate"] for row in found.values() if row.get("wrong", "")[:5] != "Taken"} <= {"credited", "known"}
    assert is_good is (path.parent.name == "passing")
    credited = ImportRow.objects.filter(training_import=made, fate="credited")
    assert credited.count() == TrainingRecord.objects.count()
