"""What the tests themselves stand on: the application's role, and a database that is emptied and filled again."""

import threading
import time

import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from conftest import end_others, wait_for_others
from training.models import Agency, Area
from training.tests import factories


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_application():
    assert role() == settings.DATABASE_APP_ROLE


@pytest.mark.django_db
def test_application_cannot_delete_evidence():
    factories.agency()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Agency.objects.all()._raw_delete("default")


@pytest.mark.django_db
def test_owner_is_the_owner_only_for_a_while(as_owner):
    with as_owner():
        assert role() != settings.DATABASE_APP_ROLE
    assert role() == settings.DATABASE_APP_ROLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_gone_in_the_next_test(turn):
    assert Agency.objects.count() == 0
    assert Area.objects.count() == 4
    factories.agency()


@pytest.mark.django_db(transaction=True)
def test_emptying_waits_for_a_request_that_is_still_answered(as_owner):
    began, said = threading.Event(), []

    def answer():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM training_agency")
            began.set()
            cursor.execute("SELECT pg_sleep(0.5)")
            said.append("answered")
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    began.wait(5)
    with as_owner():
        wait_for_others()
    assert said == ["answered"]
    thread.join()


BEGAN, SAID = threading.Event(), []


def slow(get_response):
    """A middleware that takes its time between two statements."""

    def answer(request):
        BEGAN.set()
        time.sleep(0.3)
        SAID.append("answered")
        return HttpResponse()

    return answer


@pytest.mark.django_db(transaction=True)
def test_request_is_waited_for_that_is_between_two_statements(as_owner, settings):
    settings.MIDDLEWARE = [f"{__name__}.slow"]
    thread = threading.Thread(target=Client().get, args=["/"])
    thread.start()
    BEGAN.wait(5)
    with as_owner():
        wait_for_others()
    assert SAID == ["answered"]
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_connection_left_open_is_ended_before_the_database_is_removed(as_owner):
    opened, may_ask, heard = threading.Event(), threading.Event(), []

    def stay():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            opened.set()
            may_ask.wait(10)
            try:
                cursor.execute("SELECT 1")
            except OperationalError as ended:
                heard.append(ended)
        connection.close()

    thread = threading.Thread(target=stay)
    thread.start()
    opened.wait(5)
    with as_owner():
        end_others()
    may_ask.set()
    thread.join()
    assert len(heard) == 1
