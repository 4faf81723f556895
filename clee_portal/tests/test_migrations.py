"""Migrations do their steps at once: the same tables as step by step, and back again."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from clee_portal.history.operations import AtOnce

OURS = ("accounts", "history", "notifications", "training", "compliance")
FEW = 4
AS_IT_STANDS = """
SELECT 'column', attname, format_type(atttypid, atttypmod), attnotnull::text, attnum::int FROM pg_attribute
WHERE attrelid = to_regclass('training_station') AND attnum > 0
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid), '', 0 FROM pg_constraint
WHERE conrelid = to_regclass('training_station')
UNION ALL SELECT 'index', indexname, indexdef, '', 0 FROM pg_indexes WHERE tablename = 'training_station'
ORDER BY 1, 5, 2
"""


def steps() -> list:
    """A table, and what a generated migration adds to it afterwards."""
    return [
        migrations.CreateModel("Station", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("station", "name", models.CharField(max_length=20, unique=True)),
        migrations.AddField("station", "near", models.ForeignKey("self", models.PROTECT, null=True)),
        migrations.AddIndex("station", models.Index(fields=["near", "name"], name="station_near")),
        migrations.AddConstraint("station", models.CheckConstraint(condition=~models.Q(name=""), name="station_named")),
    ]


def migrated(operations: list) -> list:
    """What stands in the database after a migration of these operations, which is then taken back."""
    migration = migrations.Migration("stations", "training")
    migration.operations = operations
    with connection.schema_editor() as editor:
        migration.apply(ProjectState(), editor)
    with connection.cursor() as cursor:
        cursor.execute(AS_IT_STANDS)
        found = cursor.fetchall()
        with connection.schema_editor() as editor:
            migration.unapply(ProjectState(), editor)
        cursor.execute("SELECT to_regclass('training_station')")
        assert cursor.fetchone() == (None,)
    return found


@pytest.mark.django_db
def test_at_once_makes_the_same_table_as_step_by_step_and_takes_it_back(as_owner):
    with as_owner():
        expected = migrated(steps())
        at_once = migrated([AtOnce(steps())])
    names = {row[1] for row in expected}
    assert {"id", "name", "near_id", "station_near", "station_named"} <= names
    assert at_once == expected


def test_a_step_that_has_to_see_the_models_in_between_is_refused():
    with pytest.raises(TypeError, match=r"^RunPython has to see the models in between: put it outside of AtOnce\.$"):
        AtOnce([migrations.RunPython(migrations.RunPython.noop)])


def test_long_migrations_do_their_steps_at_once():
    """Each step of its own renders nearly every model anew: wrap what is generated, `operations = [AtOnce([...])]`."""
    known = MigrationLoader(None).disk_migrations
    ours = {key: one for key, one in known.items() if key[0] in OURS}
    assert ("compliance", "0010_rule_drafts") in ours
    assert [key for key, one in ours.items() if len(one.operations) > FEW] == []
