"""Two releases at once: the old code on the new tables, and two hosts that migrate in the same moment.

`CLEE_FAULTS=long bin/test clee_portal/tests/test_upgrades.py` lets two migrate an empty database.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from bootstrap.postgres import APPLICATION, OWNER
from django.core.management import call_command
from django.core.management.commands import migrate as django_migrate
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q

from clee_portal.history.operations import AtOnce
from clee_portal.management.commands import migrate
from clee_portal.operation import upgrades

LONG = os.environ.get("CLEE_FAULTS") == "long"


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


def test_release_at_work_survives_every_migration_since(loader):
    assert upgrades.what_breaks_old_code(loader) == []


@pytest.mark.django_db
def test_release_at_work_can_read_and_write_its_tables_as_they_are_now(loader):
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
