"""Every version of a row gets the hash of its content when it is written, whoever writes it, in whichever zone."""

import hashlib

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from clee_portal.history.models import RowForm
from clee_portal.history.sealing import contents, guards
from clee_portal.history.sealing.rows import Rows
from clee_portal.history.sealing.tables import sealed_tables
from training.models import Officer
from training.tests import factories

pytestmark = pytest.mark.django_db

NAMES = list(sealed_tables())


def query(statement: str, *params) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def officer():
    return Officer.objects.create(license_number="70001", first_name="Renée", last_name="Abbott")


def versions(thing, table: str = "training_officerevent") -> list:
    with Rows(sealed_tables()[table], contents.forms()[table], contents.columns_now()[table]) as rows:
        return [one for one in rows.rest() if one.thing == thing.pk]


def test_every_sealed_table_has_the_hash_its_trigger_and_the_form_of_its_rows():
    standing = query(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'content_hash' AND t.tgenabled = 'O'"
        " WHERE c.relname = ANY(%s) GROUP BY c.relname",
        NAMES,
    )
    forms = {one.table_name: one.columns for one in RowForm.objects.all()}
    assert dict(standing) == forms
    assert set(forms) == set(NAMES)
    assert all(contents.HASH in columns for columns in forms.values())


def test_no_column_has_a_type_whose_text_depends_on_a_setting():
    types = query(
        "SELECT DISTINCT y.typname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_type y ON y.oid = a.atttypid WHERE c.relname = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped",
        NAMES,
    )
    assert {name for (name,) in types} - contents.FIRM_TYPES == set()


def test_no_column_of_a_sealed_table_holds_bytes_but_the_hash():
    """Their text would depend on a setting (bytea_output)."""
    assert query(
        "SELECT a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relname = ANY(%s) AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped GROUP BY 1",
        NAMES,
    ) == [(contents.HASH,)]


def test_numbers_are_given_one_at_a_time():
    """A session that took numbers ahead would add rows below a mark."""
    assert query(
        "SELECT DISTINCT s.seqcache FROM unnest(%s::text[], %s::text[]) AS asked(name, key)"
        " JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence(name, key)::regclass",
        NAMES,
        [one.key for one in sealed_tables().values()],
    ) == [(1,)]


def test_hash_is_that_of_the_content(officer):
    (version,) = versions(officer)
    assert version.content.startswith(f'{{"pgh_id":{version.number},"pgh_created_at":"')
    assert '"first_name":"Renée"' in version.content
    assert version.content.endswith('"content_hash":null}')
    assert version.noted == hashlib.sha256(version.content.encode()).digest()


@pytest.mark.parametrize("zone", ["America/Chicago", "UTC", "Asia/Kathmandu"])
def test_hash_does_not_depend_on_the_time_zone_of_who_writes(officer, zone):
    query("SELECT set_config('TimeZone', %s, true)", zone)
    Officer.objects.filter(pk=officer.pk).update(last_name="Calloway")
    assert query("SHOW TimeZone") == [(zone,)]
    query("SET LOCAL TimeZone = 'UTC'")
    assert [one.noted == one.hash for one in versions(officer)] == [True, True]


def test_hash_does_not_depend_on_how_many_digits_are_shown():
    held = factories.scheduled_class(factories.provider_course(factories.provider(), legal=2))
    query("SET LOCAL extra_float_digits = -10")
    type(held).objects.filter(pk=held.pk).update(latitude=38.5767017, longitude=-92.1735164)
    assert query("SHOW extra_float_digits") == [("-10",)]
    query("SET LOCAL extra_float_digits = 1")
    found = versions(held, "training_scheduledclassevent")
    assert '"latitude":38.5767017' in found[-1].content
    assert [one.noted == one.hash for one in found] == [True] * len(found)


def test_nobody_chooses_the_hash(officer):
    query("INSERT INTO training_officerevent SELECT (jsonb_populate_record(NULL::training_officerevent,"
          " to_jsonb(e) || jsonb_build_object('pgh_id', nextval(pg_get_serial_sequence('training_officerevent',"
          " 'pgh_id')), 'content_hash', '\\x00'))).* FROM training_officerevent e WHERE pgh_obj_id = %s",
          officer.pk)  # fmt: skip
    assert [one.noted == one.hash for one in versions(officer)] == [True, True]


def test_a_row_written_before_there_were_hashes_gets_the_same_when_it_is_sealed(officer, as_owner):
    with as_owner():
        query("ALTER TABLE training_officerevent DISABLE TRIGGER USER")
        query("UPDATE training_officerevent SET content_hash = NULL WHERE pgh_obj_id = %s", officer.pk)
    (version,) = versions(officer)
    form = contents.forms()["training_officerevent"][0]
    assert version.noted is None
    assert (version.number, version.hash) in list(contents.hashes("training_officerevent", 0, version.number, form))


def test_a_column_that_is_added_makes_a_new_form_and_old_rows_keep_theirs(officer, as_owner):
    with as_owner():
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query("ALTER TABLE training_officerevent ADD COLUMN badge text DEFAULT 'none' NOT NULL")
        contents.install()
    Officer.objects.filter(pk=officer.pk).update(last_name="Calloway")
    forms = contents.forms()["training_officerevent"]
    assert [("badge" in one.columns) for one in forms] == [True, False]
    before, after = versions(officer)
    assert ('"badge"' in before.content, '"badge":"none"' in after.content) == (False, True)
    assert [one.noted == one.hash for one in (before, after)] == [True, True]


def test_installing_again_changes_nothing(as_owner):
    before = list(RowForm.objects.order_by("pk").values_list("pk", flat=True))
    with as_owner():
        contents.install()
    assert list(RowForm.objects.order_by("pk").values_list("pk", flat=True)) == before


# Nobody but the owner passes a trigger by -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "name"), [("training.Officer", "update_update"), ("training.OfficerEvent", "append_only")]
)
def test_application_cannot_pass_a_trigger_of_the_history_by(officer, model, name):
    query(f"SET LOCAL pgtrigger.ignore = '{{{_pgid(model, name)}}}'")
    query("UPDATE training_officer SET last_name = 'Nobody' WHERE id = %s", officer.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        query("UPDATE training_officerevent SET last_name = 'Nobody'")
    assert query("SELECT last_name FROM training_officerevent WHERE pgh_obj_id = %s ORDER BY pgh_id", officer.pk) == [
        ("Abbott",),
        ("Nobody",),
    ]


def test_owner_can_pass_by_for_what_two_people_decided(officer, as_owner):
    with as_owner():
        query(f"SET LOCAL pgtrigger.ignore = '{{{_pgid('training.Officer', 'no_delete')}}}'")
        query("DELETE FROM training_officer WHERE id = %s", officer.pk)
    assert not Officer.objects.filter(pk=officer.pk).exists()


def _pgid(model: str, name: str) -> str:
    named = {(of._meta.label, one.name): one.get_pgid(of) for of, one in pgtrigger.registered()}
    return named[model, name]


# The guards -----------------------------------------------------------------------------------------------------------


def test_every_guard_stands():
    assert list(guards.missing()) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE training_agency DISABLE TRIGGER ALL_OF_IT", "is switched off"),
        ("DROP TRIGGER content_hash ON training_agencyevent", "its trigger content_hash is gone"),
        ("CREATE OR REPLACE FUNCTION public.history_content_hash() RETURNS trigger LANGUAGE plpgsql AS"
         " 'BEGIN RETURN NEW; END'", "its trigger content_hash does something else"),
        ("CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
         " LANGUAGE sql AS 'SELECT true'", "any session may pass triggers by"),
    ],
)  # fmt: skip
def test_a_guard_that_fell_is_told(statement, told, as_owner):
    factories.agency("cedar-hollow")
    with as_owner():
        query("SET CONSTRAINTS ALL IMMEDIATE")
        query(statement.replace("ALL_OF_IT", "USER"))
    found = [str(one) for one in guards.missing()]
    assert found
    assert all(told in one for one in found)
