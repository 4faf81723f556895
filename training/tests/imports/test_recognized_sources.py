"""Out-of-state courses: the source was on the Director's list that year, or somebody says why it is recorded."""

import pytest

from training.imports import reading, running
from training.imports.problems import Fate
from training.models import RecognizedSource, TrainingClass
from training.tests import factories
from training.tests.imports import world

pytestmark = pytest.mark.django_db

HEAD = "license number,course title,completed,hours,area,source"


@pytest.fixture(autouse=True)
def state():
    """The small state, whose list holds the FBI from 2021 to 2024."""
    world.make()


def imported(columns: str, row: str, **options):
    """What became of one row."""
    table = reading.open_bytes(f"{HEAD},{columns}\n{row}".encode(), name="in.csv")
    return running.run(world.importer("training", options), table, today=world.TODAY)


def out_of_state(day: str = "2024-12-31", **cells) -> tuple[str, str]:
    """Columns and the row of a course out of state."""
    return ",".join(cells), f"40001,Law Update,{day},2,legal,out_of_state,{','.join(cells.values())}"


@pytest.mark.parametrize(
    ("day", "cells"),
    [
        ("2024-12-31", {"sponsor": "fbi"}),
        ("2021-01-01", {"sponsor": "FBI"}),
        ("2022-05-01", {"sponsor": "Quantico Academy", "approved_by": "F.B.I."}),
        ("2022-05-01", {"sponsor": "FBI", "although": "Not needed"}),
    ],
)
def test_source_on_the_list_of_that_year_is_kept_with_the_class(day, cells):
    assert imported(*out_of_state(day, **cells)).count(Fate.RECORDED) == 1
    held = TrainingClass.objects.get()
    assert (held.recognized_source, held.recorded_although) == (RecognizedSource.objects.get(), "")


@pytest.mark.parametrize(
    ("day", "cells", "column", "named"),
    [
        ("2020-12-31", {"sponsor": "FBI"}, "sponsor", "FBI"),
        ("2025-01-01", {"sponsor": "FBI"}, "sponsor", "FBI"),
        ("2024-05-01", {"sponsor": "Illinois"}, "sponsor", "Illinois"),
        ("2024-05-01", {"sponsor": "FBI", "approved_by": "Illinois"}, "approved_by", "Illinois"),
    ],
)
def test_source_that_was_not_on_the_list_is_refused(day, cells, column, named):
    report = imported(*out_of_state(day, **cells))
    (problem,) = report.problems
    assert problem.column == column
    assert problem.wrong == f"“{named}” was not on the list of recognized sources in {day[:4]}."
    assert TrainingClass.objects.count() == 0


def test_reason_why_it_is_recorded_nevertheless_is_kept():
    cells = {"sponsor": "Illinois", "although": "The Director agreed by letter of May 2"}
    assert imported(*out_of_state("2024-05-01", **cells)).count(Fate.RECORDED) == 1
    held = TrainingClass.objects.get()
    assert (held.recognized_source, held.recorded_although) == (None, "The Director agreed by letter of May 2")


def test_entry_that_was_taken_back_recognizes_nothing():
    RecognizedSource.objects.update(voided_at=factories.clock.now(), void_reason="Never decided")
    assert imported(*out_of_state(sponsor="FBI")).count(Fate.RECORDED) == 0


def test_older_register_is_carried_over_as_it_is():
    report = imported(*out_of_state("2024-05-01", sponsor="Illinois"), carried_over_from="Register of 2024")
    assert report.count(Fate.RECORDED) == 1


def test_the_page_of_the_class_says_it(client):
    cells = {"sponsor": "Illinois", "although": "By letter of May 2"}
    imported(*out_of_state("2024-05-01", **cells))
    client.force_login(factories.post_staff())
    page = client.get(f"/classes/{TrainingClass.objects.get().reference}/").content.decode()
    assert "Recorded nevertheless: By letter of May 2" in page
