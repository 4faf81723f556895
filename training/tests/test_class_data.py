"""A class told as the entry form would have been sent to record it."""

import datetime as dt

import pytest

from training.forms.class_data import data_of
from training.models import CreditLine, NotCompleted
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)


@pytest.fixture
def held(agency, three):
    course = make.course(agency, "Winter driving", skill=4, skill__firearms=2)
    first = make.record(three[0], DAY, course=course, skill=4, skill__firearms=2)
    taught = make.record(three[1], DAY, course=course, held=first.training_class, skill=4, skill__firearms=2)
    type(taught).objects.filter(pk=taught.pk).update(role="instructor")
    visitor = make.officer(make.agency(), name="Alma Vance", license_number="51200")
    make.record(visitor, DAY, course=course, held=first.training_class, skill=3)
    NotCompleted.objects.create(officer=three[2], training_class=first.training_class)
    for line in CreditLine.objects.filter(record=first):
        first.training_class.lines.create(area=line.area, topic=line.topic, hours=line.hours)
    return first.training_class


def test_everything_of_a_class(held, three):
    visitor = held.records.get(officer__license_number="51200").officer
    assert dict(data_of(held).lists()) == {
        "course": ["Winter driving"],
        "delivery": ["classroom"],
        "place": [""],
        "hours-area-skill": ["6"],
        "hours-topic-firearms": ["2"],
        "hours-in-firearms": ["skill"],
        "ends_on": ["2026-11-18"],
        "starts_on": [""],
        "officers": [str(one.pk) for one in three],
        f"person-{three[1].pk}-how": ["taught"],
        f"person-{visitor.pk}-how": ["part"],
        f"part-{visitor.pk}-area-skill": ["3"],
        f"person-{three[2].pk}-how": ["left"],
        "pasted": ["51200 Alma Vance"],
    }


def test_only_what_is_asked_for(held):
    assert set(data_of(held, people=False, dates=False)) == {
        "course", "delivery", "place", "hours-area-skill", "hours-topic-firearms", "hours-in-firearms"
    }  # fmt: skip
    assert set(data_of(held, people=False, course=False)) == {"ends_on", "starts_on"}


@pytest.mark.parametrize("size", [1, 30])
def test_constant_number_of_statements(agency, held, size, django_assert_num_queries):
    for officer in make.roster(agency, size):
        make.record(officer, DAY, course=held.course, held=held)
    with django_assert_num_queries(9):
        data_of(held)
