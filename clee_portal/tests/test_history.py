"""Every version of every row of evidence is kept, whoever wrote it and however, and nobody can take it away."""

import pgtrigger
import pytest
from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from clee_portal.history import because
from clee_portal.history.exempt import EXEMPT
from clee_portal.history.grants import withheld_rights
from clee_portal.history.middleware import HistoryMiddleware
from clee_portal.operation.requests import RequestMiddleware
from training.models import CourseLine, Officer
from training.services.bulk import copy_rows
from training.tests import factories

pytestmark = pytest.mark.django_db

MODELS = [
    model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
]
EVENTS = [model for model in MODELS if hasattr(model, "pgh_tracked_model")]
EVIDENCE = [model for model in MODELS if getattr(model, "is_evidence", False) and model not in EVENTS]
KEPT = [model for model in EVIDENCE if not model.is_deletable_evidence]


def label(model) -> str:
    return model._meta.label


def table(model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def run(statement: str, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def rights_of(role: str, model) -> set[str]:
    """What the database lets a role do with a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS r(right)"
            " WHERE has_table_privilege(%s, %s, right)".replace("right", "privilege"),
            [role, table(model)],
        )
        return {name for (name,) in cursor.fetchall()}


# What is tracked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_model_is_tracked_or_exempt_with_a_reason(model):
    if model in EVENTS or model in EVIDENCE:
        assert label(model) not in EXEMPT
    else:
        assert EXEMPT.get(label(model), "").strip()


def test_no_exemption_is_left_over():
    assert {name for name in EXEMPT if name not in map(label, MODELS)} == set()


@pytest.mark.parametrize("model", EVIDENCE, ids=label)
def test_evidence_wears_every_trigger(model):
    """They stand in the database, enabled, not only in the code; a history without a copy of a column says which."""
    expected = {"insert_insert", "update_update", "no_truncate"}
    expected |= {"delete_delete"} if model.is_deletable_evidence else {"no_delete"}
    named = {trigger.name: trigger for of, trigger in pgtrigger.registered() if of is model}
    assert expected <= set(named)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'",
            [table(model)],
        )
        standing = {name for (name,) in cursor.fetchall()}
    assert {named[name].get_pgid(model) for name in expected} <= standing


# What a trigger of its own keeps from ever changing needs no copies (test_constraints.py has the database refuse it).
NEVER_CHANGES = {"training.TrainingImport": {"content"}}
# Which worker has a message just now proves nothing, and changes more often than what became of it; how many seats are
# taken follows from the registrations, whose history is kept; and of a secret no copy may lie in a history.
OF_THE_MOMENT = {
    "accounts.ContactDetails": {"asked_digest"},
    "notifications.Message": {"claimed_by", "claimed_until"},
    "training.ScheduledClass": {"seats_taken"},
}

# The text of a mail is removed after a time that is set, so no copy of it may lie in a history that only grows.
REMOVED_IN_TIME = {"notifications.MessageText": {"body"}}


@pytest.mark.parametrize("model", EVIDENCE, ids=label)
def test_history_copies_every_column_but_those_the_database_computes(model):
    (events,) = [event for event in EVENTS if event.pgh_tracked_model is model]
    copied = {field.column for field in events._meta.concrete_fields}
    kept = {field.column for field in model._meta.concrete_fields if not field.generated}
    left_out = [listed.get(label(model), set()) for listed in (NEVER_CHANGES, OF_THE_MOMENT, REMOVED_IN_TIME)]
    assert kept - copied == set().union(*left_out)


# What nobody may do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", EVENTS, ids=label)
def test_application_may_only_add_to_the_history(model):
    assert rights_of(settings.DATABASE_APP_ROLE, model) == {"SELECT", "INSERT"}


@pytest.mark.parametrize("model", KEPT, ids=label)
def test_application_may_not_remove_evidence(model):
    assert rights_of(settings.DATABASE_APP_ROLE, model) == {"SELECT", "INSERT", "UPDATE"}


def test_application_owns_nothing_and_is_no_superuser():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = %s",
            [settings.DATABASE_APP_ROLE],
        )
        assert cursor.fetchone() == (False, False, False, False, 0)
        cursor.execute(
            "SELECT pg_has_role(%s, tableowner, 'MEMBER') FROM pg_tables WHERE tablename = 'training_officer'",
            [settings.DATABASE_APP_ROLE],
        )
        assert cursor.fetchone() == (False,)


def test_rights_are_withheld_from_every_table_of_evidence():
    assert {model._meta.db_table for model in [*EVENTS, *KEPT]} <= set(withheld_rights())


@pytest.mark.parametrize("model", [*EVENTS, *KEPT], ids=label)
def test_application_is_refused_truncate_and_delete(model):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.DATABASE_APP_ROLE,)
    for statement in ("TRUNCATE {} CASCADE", "DELETE FROM {}"):
        with pytest.raises(DatabaseError, match="permission denied"):
            run(statement.format(table(model)))


@pytest.mark.parametrize("model", [*EVENTS, *EVIDENCE], ids=label)
def test_owner_cannot_truncate(model, as_owner):
    with as_owner(), pytest.raises(DatabaseError, match="evidence is never emptied"):
        run(f"TRUNCATE {table(model)} CASCADE")


def test_owner_cannot_delete_evidence_or_change_its_history(as_owner):
    factories.agency("cedar-hollow")
    with as_owner():
        with pytest.raises(DatabaseError, match="Cannot delete rows from training_agency"):
            run("DELETE FROM training_agency")
        with pytest.raises(DatabaseError, match="Cannot update or delete rows from training_agencyevent"):
            run("DELETE FROM training_agencyevent")
        with pytest.raises(DatabaseError, match="Cannot update or delete rows from training_agencyevent"):
            run("UPDATE training_agencyevent SET name = 'Somebody else'")
    with pytest.raises(DatabaseError, match="permission denied"):
        run("UPDATE training_agencyevent SET name = 'Somebody else'")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE training_agency DISABLE TRIGGER ALL",
        "DROP FUNCTION public.immutable_unaccent(text) CASCADE",
        "SET session_replication_role = 'replica'",
        "ALTER TABLE training_agencyevent DISABLE TRIGGER content_hash",
        "DROP TRIGGER content_hash ON training_agencyevent",
        "ALTER TABLE training_agencyevent OWNER TO clee_app",
        "CREATE TRIGGER mine BEFORE INSERT ON training_agencyevent"
        " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE OR REPLACE FUNCTION public.immutable_unaccent(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_application_cannot_switch_the_triggers_off(statement):
    with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
        run(statement)


# Whoever wrote it -----------------------------------------------------------------------------------------------------


def events_of(officer) -> list[tuple[str, str, str | None]]:
    """What the history holds of an officer: which act, the last name then, and the reason."""
    events = apps.get_model("training", "OfficerEvent").objects.filter(pgh_obj=officer).order_by("pgh_id")
    return [(event.pgh_label, event.last_name, (event.pgh_context or {}).get("reason")) for event in events]


@pytest.fixture
def officer():
    return Officer.objects.create(license_number="70001", first_name="Renee", last_name="Abbott")


def save(officer):
    officer.last_name = "Calloway"
    officer.save()


def update(officer):
    Officer.objects.filter(pk=officer.pk).update(last_name="Calloway")


def bulk_update(officer):
    officer.last_name = "Calloway"
    Officer.objects.bulk_update([officer], ["last_name"])


def upsert(officer):
    Officer.objects.bulk_create(
        [Officer(license_number="70001", first_name="Renee", last_name="Calloway")],
        update_conflicts=True,
        unique_fields=["license_number"],
        update_fields=["last_name"],
    )


def raw_sql(officer):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE training_officer SET last_name = 'Calloway' WHERE id = %s", [officer.pk])


@pytest.mark.parametrize("write", [save, update, bulk_update, upsert, raw_sql])
def test_change_leaves_an_event_with_its_reason(officer, write):
    with because("Married"):
        write(officer)
    assert events_of(officer) == [("insert", "Abbott", None), ("update", "Calloway", "Married")]


def test_bulk_create_leaves_an_event_for_each_row_with_the_reason():
    with because("Register of 2025"):
        made = Officer.objects.bulk_create(
            Officer(license_number=str(71000 + i), first_name="Dana", last_name=f"Yates {i}") for i in range(3)
        )
    assert [events_of(one) for one in made] == [[("insert", f"Yates {i}", "Register of 2025")] for i in range(3)]


def test_copy_leaves_events_with_the_reason():
    fields = ["license_number", "first_name", "middle_name", "last_name", "suffix", "email", "postal_address"]
    with because("Register of 2025"):
        copy_rows(Officer, fields, [(number, "Theo", "", "Vance", "", "", "") for number in ("72001", "72002")])
    made = Officer.objects.filter(last_name="Vance")
    assert [events_of(one) for one in made] == [[("insert", "Vance", "Register of 2025")]] * 2


def test_a_statement_that_changes_nothing_leaves_no_event(officer):
    Officer.objects.filter(pk=officer.pk).update(last_name="Abbott")
    assert events_of(officer) == [("insert", "Abbott", None)]


def test_deletable_evidence_leaves_an_event_when_it_goes():
    course = factories.course(factories.agency(), legal=2)
    line = course.lines.get()
    with because("Entered twice"):
        CourseLine.objects.filter(pk=line.pk).delete()
    events = apps.get_model("training", "CourseLineEvent").objects.filter(pgh_obj_id=line.pk).order_by("pgh_id")
    assert [(one.pgh_label, one.hours) for one in events] == [("insert", line.hours), ("delete", line.hours)]
    assert events.last().pgh_context["reason"] == "Entered twice"


def test_a_failure_leaves_neither_the_row_nor_its_event(officer):
    def fail():
        with transaction.atomic():
            update(officer)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert events_of(officer) == [("insert", "Abbott", None)]


def test_request_notes_who_where_and_its_reference_but_never_the_query(officer, kept):
    person = factories.user()

    def change(request):
        update(officer)
        return HttpResponse()

    request = RequestFactory().post("/officers/?q=Renee+Abbott")
    request.user, request.resolver_match = person, None
    answer = RequestMiddleware(HistoryMiddleware(change))(request)
    event = apps.get_model("training", "OfficerEvent").objects.filter(pgh_obj=officer).latest("pgh_id")
    assert event.pgh_context == {"user": person.pk, "url": "/officers/", "request": answer["X-Request-ID"]}
    assert [line["request"] for line in kept.told("clee_portal.requests")] == [answer["X-Request-ID"]]


def test_request_of_nobody_notes_no_user(officer):
    request = RequestFactory().post("/officers/")
    request.user, request.reference = AnonymousUser(), "3f9a-2c1b-77de-0a41"
    HistoryMiddleware(lambda request: update(officer))(request)
    event = apps.get_model("training", "OfficerEvent").objects.filter(pgh_obj=officer).latest("pgh_id")
    assert event.pgh_context["user"] is None


def test_a_task_is_noted_by_its_name(officer):
    @shared_task(name="history.tests.marry")
    def marry():
        update(officer)
        with because("Married again"):
            Officer.objects.filter(pk=officer.pk).update(last_name="Dwyer")

    marry()
    marry.apply()
    notes = [one.pgh_context for one in officer.events.order_by("pgh_id")[1:]]
    assert (
        notes
        == [
            {"task": "history.tests.marry"},
            {"task": "history.tests.marry", "reason": "Married again"},
        ]
        * 2
    )


@pytest.mark.parametrize("write", [raw_sql, update])
def test_a_change_past_the_portal_is_noted_with_the_account_of_the_database(officer, write):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL application_name = 'psql'")
        write(officer)
        cursor.execute("SELECT session_user::text")
        (account,) = cursor.fetchone()
    assert officer.events.latest("pgh_id").pgh_context == {"role": account, "program": "psql"}


def test_reason_does_not_reach_beyond_its_block(officer):
    with because("Married"):
        update(officer)
    Officer.objects.filter(pk=officer.pk).update(last_name="Dwyer")
    assert events_of(officer)[1:] == [("update", "Calloway", "Married"), ("update", "Dwyer", None)]


def test_reason_of_an_inner_block_gives_way_to_the_outer(officer):
    with because("Register of 2025"):
        with because("Married"):
            update(officer)
        Officer.objects.filter(pk=officer.pk).update(last_name="Dwyer")
    assert events_of(officer)[1:] == [("update", "Calloway", "Married"), ("update", "Dwyer", "Register of 2025")]
