"""Reading from a replica: what is large or public, where it is as far as the database; else the database answers.

Against a PostgreSQL that follows the one of the scratch portal, and by the pages themselves.
"""

import json
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from bootstrap.postgres import APPLICATION
from django.db import OperationalError

from clee_portal import replica
from clee_portal.tests.standby import Standby
from training.models import Officer

WALK = """
import json, sys
import django
django.setup()
import psycopg
from django.db import connections
from django.test import Client
from clee_portal import clock
from clee_portal.accounts import second_factor, sessions
from clee_portal.accounts.models import User
from training.models import Course, ScheduledClass

counted = {"default": 0, "replica": 0}
def counter(alias):
    def count(execute, sql, params, many, context):
        counted[alias] += "training_" in sql
        return execute(sql, params, many, context)
    return count

def client_of(email):
    client, user = Client(), User.objects.get(email=email)
    client.force_login(user)
    session = client.session
    sessions.begin(session, user)
    second_factor.confirm(session, user)
    session.save()
    return client

def asked(client, path, word=""):
    counted.update(default=0, replica=0)
    answer = client.get(path)
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told.append([path, answer.status_code, word.encode() in text, counted["default"] > 0, counted["replica"] > 0])

def rename(title):
    Course.objects.filter(pk=held.course_id).update(title=title)

told, nobody, standby = [], Client(), psycopg.connect(sys.argv[1], autocommit=True)
held = ScheduledClass.objects.open_to_all(clock.today()).order_by("pk").first()
page = f"/calendar/{held.reference}/"
post, officer = client_of("post@statehouse.example"), client_of("ona@oakley.example")
with connections["default"].execute_wrapper(counter("default")):
    with connections["replica"].execute_wrapper(counter("replica")):
        rename("Renamed a moment ago")
        asked(nobody, page, "Renamed a moment ago")
        asked(nobody, "/calendar.ics", "BEGIN:VCALENDAR")
        asked(post, "/state/")
        asked(post, "/exports/officers.csv", "OAKLEY")
        asked(officer, "/standing/")
        standby.execute("SELECT pg_wal_replay_pause()")
        rename("Renamed while it stands still")
        asked(nobody, page, "Renamed while it stands still")
        standby.execute("SELECT pg_wal_replay_resume()")
        rename("Renamed again")
        asked(nobody, page, "Renamed again")
        connections["replica"].close()
        connections["replica"].settings_dict["PORT"] = 9
        asked(nobody, page, "Renamed again")
print(json.dumps(told))
"""


def test_pages_are_read_from_a_replica_that_is_up_to_now_and_from_no_other(scratch):
    standby = Standby(scratch)
    try:
        url = standby.start().url(scratch.servers.postgres.url(APPLICATION))
        done = scratch.python("-c", WALK, standby.superuser, REPLICA_URL=url, REPLICA_WAIT="2")
    finally:
        standby.stop()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    from_replica, from_database = [200, True, False, True], [200, True, True, False]
    first, feed, state, export, standing, paused, again, away = (one[1:] for one in told)
    assert [first, again] == [from_replica] * 2
    assert [feed[0], feed[3], state[0], state[3], export[:2], export[3]] == [200, True, 200, True, [200, True], True]
    assert standing == [200, True, True, False]  # an own page is never read there
    assert [paused, away] == [from_database] * 2


# By itself


@pytest.fixture
def far(monkeypatch, settings):
    """A replica whose answers are told: as far as the database, or behind, or lost."""
    settings.REPLICA_URL, settings.REPLICA_WAIT = "postgres://replica", 0.02
    told = SimpleNamespace(is_up=True, lost=None, asked=0)

    def has(until):
        told.asked += 1
        if told.lost:
            raise told.lost
        return told.is_up

    cursor = SimpleNamespace(execute=lambda *one: None, fetchone=lambda: ["0/1"])
    database = SimpleNamespace(in_atomic_block=False, cursor=lambda: nullcontext(cursor), close=lambda: None)
    told.database = database
    monkeypatch.setattr(replica, "connections", {"default": database, "replica": database})
    monkeypatch.setattr(replica, "_has", has)
    monkeypatch.setattr(replica, "_away_until", 0.0)
    return told


def where() -> str:
    """Where rows are read from just here."""
    return replica.Router().db_for_read(Officer)


def test_read_inside_and_nowhere_else(far):
    assert (replica.read(where), where()) == ("replica", "default")
    assert replica.read(lambda: replica.Router().db_for_write(Officer)) == "default"
    assert replica.read(lambda: replica.read(where)) == "replica"


def test_what_is_read_inside_asks_again(far):
    """Between the two something may have been written that the second must see."""

    def work():
        far.is_up = False
        return where(), replica.read(where), where()

    assert replica.read(work) == ("replica", "default", "replica")


def test_behind_or_in_a_transaction_the_database_answers(far):
    far.is_up = False
    assert replica.read(where) == "default"
    assert far.asked > 1  # it was given its time
    far.is_up, far.database.in_atomic_block = True, True
    assert replica.read(where) == "default"


def test_lost_it_is_left_alone_for_a_while(far, caplog):
    far.lost = OperationalError("gone")
    assert [replica.read(where), replica.read(where)] == ["default"] * 2
    assert far.asked == 1
    assert "The replica does not answer" in caplog.text


def test_lost_in_the_middle_the_page_is_made_again(far):
    begun = []

    def work():
        begun.append(where())
        if begun == ["replica"]:
            raise OperationalError("canceling statement due to conflict with recovery")
        return where()

    assert (replica.read(work), begun) == ("default", ["replica", "default"])
    assert time.monotonic() < replica._away_until


def test_without_a_replica_nobody_is_asked(settings, monkeypatch):
    settings.REPLICA_URL = ""
    monkeypatch.setattr(replica, "connections", {})
    assert replica.read(where) == "default"
    assert replica.Router().allow_relation(None, None)
    assert [replica.Router().allow_migrate(one, "training") for one in ("default", "replica")] == [True, False]
