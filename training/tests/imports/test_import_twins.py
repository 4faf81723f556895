"""Which of two entries of one training counts when one of them comes from a file."""

import datetime as dt

import pytest

from training.imports import reading, running
from training.imports.problems import Fate
from training.models import Course, CourseReview, TrainingRecord
from training.services import duplicates
from training.tests.imports import world

pytestmark = pytest.mark.django_db

HEAD = "license number,title,completed on,hours,area"


@pytest.fixture(autouse=True)
def state():
    """The small state."""
    world.make()


def recorded(columns: str, *rows: str) -> None:
    """Import rows, each of which is recorded."""
    table = reading.open_bytes("\n".join([f"{HEAD},{columns}", *rows]).encode(), name="in.csv")
    report = running.run(world.importer("training", {}), table, today=world.TODAY)
    assert report.count(Fate.RECORDED) == len(rows)


def live() -> list:
    """License number, source and why not counted of every live record."""
    rows = TrainingRecord.objects.live().values_list("officer__license_number", "source_kind", "not_counted")
    return sorted(rows)


def test_recognized_course_goes_before_in_service_but_not_before_the_provider():
    recorded("source agency", "40001,Law Update,2024-05-01,3,legal,ashby-pd")
    recorded("provider", "40002,Law Update,2024-05-01,2,legal,OTA-1")
    outside = [f"{number},Law Update,2024-05-01,2,legal,out_of_state,FBI" for number in (40001, 40002)]
    recorded("source,sponsor", *outside)
    assert live() == [
        ("40001", "in_service", "duplicate"),
        ("40001", "out_of_state", ""),
        ("40002", "approved_provider", ""),
        ("40002", "out_of_state", "duplicate"),
    ]
    twins = TrainingRecord.objects.live().exclude(twin=None)
    assert sorted(twins.values_list("source_kind", "twin__source_kind")) == [
        ("in_service", "out_of_state"),
        ("out_of_state", "approved_provider"),
    ]


def test_twin_whose_course_was_refused_takes_no_credit():
    recorded("source agency", "40001,Law Update,2024-05-01,2,legal,ashby-pd")
    day = dt.date(2024, 6, 1)
    CourseReview.objects.create(course=Course.objects.get(), decision="refused", decided_on=day, reason="No synopsis")
    recorded("provider", "40001,Law Update,2024-05-01,2,legal,OTA-1")
    assert live() == [("40001", "approved_provider", ""), ("40001", "in_service", "")]


def test_what_was_kept_as_other_training_does_not_yield_to_one_entry_of_the_provider():
    """Two parts of a conference, entered by the agency and kept with a reason; the provider reports one entry."""
    recorded("source agency,place", "40001,Winter Conference,2024-05-01,4,legal,ashby-pd,Hall 1")
    recorded("source agency,place", "40001,Winter Conference,2024-05-01,3,legal,ashby-pd,Hall 2")
    second = TrainingRecord.objects.live().get(not_counted="duplicate")
    duplicates.keep(by=None, record=second, reason="Part two, in the afternoon")
    recorded("provider", "40001,Winter Conference,2024-05-01,4,legal,OTA-1")
    assert live() == [
        ("40001", "approved_provider", ""),
        ("40001", "in_service", ""),
        ("40001", "in_service", "duplicate"),
    ]
    assert TrainingRecord.objects.live().get(not_counted="", source_kind="in_service").kept_because.startswith("Part")
    reported = TrainingRecord.objects.get(source_kind="approved_provider")
    assert TrainingRecord.objects.live().get(not_counted="duplicate").twin == reported
