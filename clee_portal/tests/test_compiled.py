"""Statements written once: they answer as their QuerySet does, and PostgreSQL plans them once for each connection."""

import pytest
from django.conf import settings
from django.db import connection

from clee_portal import compiled
from training.models import Officer
from training.tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def prepared():
    """As the web server asks, on connections of its own."""
    connection.close()
    compiled.prepare()
    yield
    compiled.prepare(on=False)
    connection.close()


@pytest.fixture
def of_number():
    officers = Officer.objects.filter(pk=compiled.NUMBER).exclude(first_name="100 % of 'em").order_by("pk")
    return compiled.Statement(officers.values_list("pk", "last_name"), {"officer": compiled.NUMBER})


def planned(statement) -> list[int]:
    """How often PostgreSQL has planned it for all values, for the connection's prepared statements of its text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = %s",
            [statement.sql.replace("%s", "$1").replace("%%", "%")],
        )
        return [runs for (runs,) in cursor.fetchall()]


def test_answers_as_its_queryset_does(of_number):
    one, two = make.officer(name="Dana Whitlock"), make.officer(name="Ray Ortiz")
    for officer in (one, two):
        assert of_number.rows(officer=officer.pk) == [(officer.pk, officer.last_name)]
    assert of_number.rows(officer=two.pk + 1000) == []


def test_one_whose_value_always_stands_there_is_left_out(of_number):
    officer = make.officer(name="Dana Whitlock")
    Officer.objects.filter(pk=officer.pk).update(first_name="100 % of 'em")
    assert of_number.rows(officer=officer.pk) == []


def test_is_counted_as_any_other(of_number, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        of_number.rows(officer=7)
    assert 'FROM "training_officer"' in asked[0]["sql"]


def test_is_prepared_when_it_comes_again(of_number):
    for run in range(5):
        of_number.rows(officer=run)
    assert planned(of_number) == [5 - settings.DATABASES["default"]["OPTIONS"]["prepare_threshold"]]


def test_place_nothing_is_asked_of_is_refused():
    with pytest.raises(ValueError, match="nothing is asked of year"):
        compiled.Statement(Officer.objects.filter(pk=compiled.NUMBER), {"n": compiled.NUMBER, "year": compiled.YEAR})
