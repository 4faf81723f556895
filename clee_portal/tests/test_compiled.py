"""Statements written once: they answer as their QuerySet does, and PostgreSQL plans them once for each connection."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from clee_portal import compiled
from training.models import LicenseClass, Officer
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
            [f"PREPARE {statement._name} AS {statement._plan}"],
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
    assert planned(of_number) == [5 - settings.DATABASE_PREPARE_AFTER]


def test_stays_prepared_when_a_transaction_is_taken_back(of_number):
    for run in range(4):
        of_number.rows(officer=run)
    with transaction.atomic():
        of_number.rows(officer=4)
        transaction.set_rollback(True)
    of_number.rows(officer=5)
    assert planned(of_number) == [6 - settings.DATABASE_PREPARE_AFTER]


def test_is_prepared_anew_on_a_new_connection(of_number):
    officer = make.officer(name="Dana Whitlock")
    for _ in range(3):
        for _ in range(4):
            assert of_number.rows(officer=officer.pk) == [(officer.pk, "Whitlock")]
        connection.close()


def test_a_list_is_one_statement_however_long():
    one, two, three = (make.officer(name=name) for name in ("Dana Whitlock", "Ray Ortiz", "Ona Ames"))
    some = compiled.Statement(
        Officer.objects.filter(pk__in=[compiled.SOME]).order_by("pk").values_list("pk"), {"officers": compiled.SOME}
    )
    for chosen in ([], [one.pk], [three.pk, one.pk], {two.pk, three.pk}, [one.pk, two.pk, three.pk]):
        assert some.rows(officers=chosen) == [(pk,) for pk in sorted(chosen)]
    assert planned(some) == [5 - settings.DATABASE_PREPARE_AFTER]


def test_a_day_of_its_own_is_refused():
    """What is written once would be asked as of the day on which it was written."""
    officers = Officer.objects.filter(commissions__started_on__lte=dt.date(2026, 11, 26), pk=compiled.NUMBER)
    with pytest.raises(ValueError, match="2026-11-26 for ever"):
        compiled.Statement(officers, {"officer": compiled.NUMBER})


def test_a_list_of_which_something_else_is_asked_is_refused():
    with pytest.raises(ValueError, match="officers is a list"):
        compiled.Statement(Officer.objects.filter(pk=compiled.SOME), {"officers": compiled.SOME})


def with_all(officers):
    """Officers, with something joined, something added up and something fetched beside them."""
    found = Officer.objects.filter(pk__in=officers).select_related("license_class").annotate(many=Count("commissions"))
    return found.prefetch_related("commissions__agency").order_by("pk")


def told(officers):
    """Everything that is known of each without asking again."""
    return [
        (
            {name: value for name, value in vars(one).items() if not name.startswith("_")},
            one.license_class and str(one.license_class),
            [each.agency.name for each in one.commissions.all()],
        )
        for one in officers
    ]


def test_gives_the_objects_its_queryset_gives(django_assert_num_queries):
    ranked = LicenseClass.objects.first()
    agency = make.agency(name="Ames PD")
    pks = [make.officer(agency=agency, license_class=one).pk for one in (ranked, None)]
    expected = told(with_all(pks))
    statement = compiled.Statement(with_all([compiled.SOME]), {"officers": compiled.SOME})
    for _ in range(settings.DATABASE_PREPARE_AFTER):
        with django_assert_num_queries(3):
            assert told(statement.objects(officers=pks)) == expected
    statement.objects(officers=pks)  # is prepared now, which is one more
    with django_assert_num_queries(3) as asked:
        assert told(statement.objects(officers=pks)) == expected
    assert "EXECUTE" in asked[0]["sql"]
    assert [name for _, _, name in expected] == [["Ames PD"]] * 2


def test_place_nothing_is_asked_of_is_refused():
    with pytest.raises(ValueError, match="nothing is asked of year"):
        compiled.Statement(Officer.objects.filter(pk=compiled.NUMBER), {"n": compiled.NUMBER, "year": compiled.YEAR})
