"""Two releases at once: the old code on the new tables, and two hosts that migrate in the same moment.

`CLEE_FAULTS=long bin/test clee_portal/tests/test_upgrades.py` lets two migrate an empty database, and starts the web
server of the release at work on the tables of today.
"""

import datetime as dt
import inspect
import os
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from bootstrap.places import ROOT
from bootstrap.postgres import APPLICATION, OWNER
from django.apps import apps
from django.core.management import call_command
from django.core.management.commands import migrate as django_migrate
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q

from clee_portal import clock
from clee_portal.history.operations import AtOnce
from clee_portal.management.commands import migrate
from clee_portal.operation import upgrades
from clee_portal.tests.scratch import Browser
from clee_portal.tests.test_faults import ENTER, class_of, courses_of, pairs, there_is_of
from notifications.tests.sink import free_port
from training.models import CourseLine, ScheduledClass, TrainingRecord
from training.tests import factories

LONG = os.environ.get("CLEE_FAULTS") == "long"


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


def test_release_at_work_survives_every_migration_since(loader):
    assert upgrades.what_breaks_old_code(loader) == []


@pytest.mark.django_db
def test_release_at_work_can_read_its_tables_as_they_are_now_and_is_asked_for_no_more(loader):
    """Every model as that release knows it is read from the tables of today; and what those ask for beyond it, may be
    left empty or is filled in by the database."""
    wanted, asked = {}, set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES'"
            " OR is_generated = 'ALWAYS' FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, is_free in cursor.fetchall():
            wanted.setdefault(table, {})[column] = is_free
    for model in upgrades.state_released(loader).apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        list(model._base_manager.all()[:1])
        if "pgh_id" not in {field.name for field in model._meta.fields}:  # those are written by triggers of today
            known = {field.column for field in model._meta.concrete_fields}
            table = model._meta.db_table
            asked |= {f"{table}.{name}" for name, is_free in wanted[table].items() if not (is_free or name in known)}
    assert asked == set()


def moment(day: dt.date, hour: int = 8) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.CHICAGO)


@pytest.mark.django_db
def test_what_the_release_at_work_writes_is_taken_and_read_today(loader, monkeypatch):
    """A class with credit and all that it needs, a planned class and a mail, written by that release's own models, and
    changed and voided by them. Today's code reads them, and the history has each step."""
    old = upgrades.state_released(loader).apps
    names = [name for name, one in vars(factories).items() if inspect.isclass(one) and issubclass(one, models.Model)]
    for name in set(names) - {"User", "StateRole", "ScheduledClass", "Registration"}:
        monkeypatch.setattr(factories, name, old.get_model("training", name))
    town, academy = factories.agency("old-town", "Police of Old Town"), factories.provider("Old academy")
    officer = factories.officer(town, license_number="OLD-1", name="Dana Whitlock")
    taught = factories.provider_course(academy, "Winter driving", legal=4)
    course, day = factories.course(town, "Night driving", skill__firearms="1.5", legal=2), dt.date(2026, 3, 2)
    record = factories.record(officer, day, course=course, skill__firearms="1.5", legal=2)
    account = old.get_model("accounts", "User").objects.create(email="old@example.org", name="Old", password="!")
    held = old.get_model("training", "ScheduledClass").objects.create(
        provider=academy, course=taught, state=ScheduledClass.State.DRAFT, capacity=20, place="Hall", city="Columbia",
        zip_code="65201", changed_at=moment(day), begins_at=moment(day),
        ends_at=moment(day, 16),
    )  # fmt: skip
    message = old.get_model("notifications", "Message").objects.create(
        occasion="old", key="old", user=account, address=account.email, priority=1
    )
    officer.last_name = "Renamed"
    record.refresh_from_db()  # the database fills in the course
    record.voided_at, record.void_reason, record.voided_by = clock.now(), "Wrong day", account
    for one in (officer, record, held, message, course, town, academy):
        one.save()
    now = TrainingRecord.objects.get(officer__license_number="OLD-1")
    assert (now.course.title, now.voided_by.email, now.officer.last_name) == ("Night driving", account.email, "Renamed")
    assert sorted((line.area.code, line.topic and line.topic.code, str(line.hours)) for line in now.lines.all()) == [
        ("legal", None, "2.00"), ("skill", "firearms", "1.50"),
    ]  # fmt: skip
    assert CourseLine.objects.filter(course__title="Winter driving").count() == 1
    events = apps.get_model("training", "OfficerEvent").objects.filter(pgh_obj_id=officer.pk).order_by("pgh_id")
    assert [(one.pgh_label, one.last_name) for one in events] == [("insert", "Whitlock"), ("update", "Renamed")]


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


@pytest.mark.skipif(not LONG, reason="CLEE_FAULTS=long starts the web server of the release at work")
def test_web_server_of_the_release_at_work_serves_from_the_tables_of_today(scratch, tmp_path, loader, monkeypatch):
    """The code of the commit that noted what is released: somebody signs in, enters a class, sees it and undoes it, all
    answered by that code; the tables are migrated to today."""
    commit = git("log", "-1", "--format=%H", "--", "deploy/released-migrations.txt").decode().strip()
    (tmp_path / "code.tar").write_bytes(git("archive", commit))
    with tarfile.open(tmp_path / "code.tar") as code:
        code.extractall(tmp_path / "code", filter="data")
    applied = "SELECT count(*) FROM django_migrations WHERE (app || '.' || name) = ANY(%s)"
    today = [".".join(node) for node in loader.graph.leaf_nodes()]
    assert scratch.ask(applied, today) == (len(today),)
    monkeypatch.setattr(scratch, "port", free_port())
    process = scratch.start(
        "gunicorn", "-c", "deploy/gunicorn.conf.py", "-w", "1", "-b", f"127.0.0.1:{scratch.port}", "clee_portal.wsgi",
        folder=tmp_path / "code",
    )  # fmt: skip
    try:
        scratch.until(lambda: scratch.get("/healthz").status == 200, seconds=120)
        assert os.readlink(f"/proc/{process.pid}/cwd") == str(tmp_path / "code")
        chief, title = Browser(scratch).sign_in(), "Entered by the release before"
        form = pairs(class_of(scratch, title))
        answer = chief.post(ENTER, form)
        assert answer.status == 302, answer
        assert (there_is_of(scratch, title), courses_of(scratch, title)) == ((1, 2, 8), 1)
        held = answer.headers["Location"].partition("?")[0]
        assert title in chief.get(held).text
        assert chief.get("/agencies/alderbrook/roster/").status == 200
        assert chief.post(f"{held}void/", {"reason": "Entered twice"}).status == 302
        voided = "SELECT count(*) FROM training_trainingrecord r JOIN training_course k ON k.id = r.course_id"
        assert scratch.ask(f"{voided} WHERE k.title = %s AND r.voided_at IS NOT NULL", title) == (2,)
    finally:
        scratch.end(process)


@pytest.fixture
def state() -> ProjectState:
    """A release with one model, its history, and what is added to it."""
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("note", models.TextField(null=True)),
        ("hours", models.IntegerField(db_default=0)),
    ]
    state.add_model(ModelState("training", "Thing", fields))
    state.add_model(
        ModelState("training", "ThingEvent", [("pgh_id", models.BigAutoField(primary_key=True)), *fields[1:]])
    )
    return state


CHAR = models.CharField


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddField("thing", "more", CHAR(max_length=5, null=True)), ""),
        (migrations.AddField("thing", "more", CHAR(max_length=5, default="x")), "give it a db_default"),
        (migrations.AddField("thing", "more", CHAR(max_length=5, default="x", db_default="x")), ""),
        (migrations.AddField("thing", "more", CHAR(max_length=5, db_default="", unique=True)), "is unique"),
        (migrations.AddField("thingevent", "more", CHAR(max_length=5, default="x")), ""),
        (migrations.AddField("thing", "more", models.ManyToManyField("training.Thing")), ""),
        (migrations.RemoveField("thing", "note"), "still uses"),
        (migrations.RemoveField("thingevent", "note"), "still uses"),
        (migrations.RenameField("thing", "note", "words"), "still uses"),
        (migrations.RenameModel("Thing", "Other"), "still uses"),
        (migrations.DeleteModel("Thing"), "still uses"),
        (migrations.AlterModelTable("thing", "things"), "still uses"),
        (migrations.AlterField("thing", "name", CHAR(max_length=10)), "becomes shorter"),
        (migrations.AlterField("thing", "name", CHAR(max_length=40)), ""),
        (migrations.AlterField("thing", "name", CHAR(max_length=20, unique=True)), "becomes unique"),
        (migrations.AlterField("thing", "name", CHAR(max_length=20, db_column="called")), "another column"),
        (migrations.AlterField("thing", "name", models.IntegerField()), "changes from CharField to IntegerField"),
        (migrations.AlterField("thing", "note", models.TextField()), "may not be empty any more"),
        (migrations.AlterField("thing", "hours", models.IntegerField()), "loses its db_default"),
        (
            migrations.AddConstraint("thing", models.CheckConstraint(condition=Q(hours__gt=1), name="more_than_one")),
            "more_than_one may refuse",
        ),
        (migrations.AlterUniqueTogether("thing", {("name", "hours")}), "may refuse"),
        (migrations.RunPython(migrations.RunPython.noop), "may do anything"),
        (migrations.RunSQL("SELECT 1"), "may do anything"),
        (AtOnce([migrations.AlterField("thing", "note", models.TextField())]), "may not be empty any more"),
        (migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]), ""),
    ],
)  # fmt: skip
def test_step_that_breaks_old_code_is_named(state, operation, words):
    found = list(upgrades.wrongs(operation, "training", state, set(state.models)))
    assert words in " ".join(found)
    assert bool(found) is bool(words)


def test_new_table_may_be_changed_at_will(state):
    """What the release before does not know, it does not use."""
    assert list(upgrades.wrongs(migrations.RemoveField("thing", "note"), "training", state, set())) == []


@pytest.mark.django_db
def test_second_deployment_waits_until_the_first_has_migrated(monkeypatch):
    happened = []
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [migrate.ONE_AT_A_TIME])

        def waited(seconds):
            happened.append("waited")
            if len(happened) == 2:
                first.execute("SELECT pg_advisory_unlock(%s)", [migrate.ONE_AT_A_TIME])

        monkeypatch.setattr(migrate.time, "sleep", waited)
        monkeypatch.setattr(django_migrate.Command, "handle", lambda *args, **options: happened.append("migrated"))
        call_command("migrate", verbosity=0)
        assert happened == ["waited", "waited", "migrated"]
        free = first.execute("SELECT pg_try_advisory_lock(%s)", [migrate.ONE_AT_A_TIME]).fetchone()
        assert free == (True,)


@pytest.mark.skipif(not LONG, reason="CLEE_FAULTS=long migrates an empty database twice at once")
def test_two_deployments_migrate_an_empty_database_at_once(scratch):
    scratch.ask("CREATE DATABASE clee_twice")
    roles = {"DATABASE_URL": APPLICATION, "DATABASE_OWNER_URL": OWNER}
    more = {name: f"{scratch.servers.postgres.url(role)}_twice" for name, role in roles.items()}
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: scratch.manage("migrate", "--noinput", owner=True, **more), range(2)))
    assert [one.returncode for one in done] == [0, 0], [one.stderr[-2000:] for one in done]
    assert sorted("No migrations to apply." in one.stdout for one in done) == [False, True]
    named = "SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations"
    assert scratch.ask(named, database="clee_twice") == scratch.ask(named)
    periods = "SELECT array_agg(year ORDER BY year) FROM compliance_reportingperiod"
    assert scratch.ask(periods, database="clee_twice") == scratch.ask(periods)
    scratch.ask("DROP DATABASE clee_twice")
