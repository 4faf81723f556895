"""A search for a path by which a program, or anybody but the Director or a designated agent, makes a license inactive.

Every address is sent the Director's own act by everybody else, every task of the worker is run past March 15, and the
rest of the code may not even write such a row (`test_architecture`). What the database itself refuses: the tests of
decisions (`compliance/tests/test_case_decisions.py`).
"""

import ast
import inspect

import pytest
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg.errors import CheckViolation

from clee_portal.tests import world as state
from clee_portal.tests.pages import DIRECTOR, OURS, PAGES
from clee_portal.tests.people_of_world import PEOPLE
from clee_portal.tests.test_architecture import MODULES, ROOT, dotted, is_test
from compliance.models import CaseSubmission
from training.models import LicenseEvent

pytestmark = pytest.mark.django_db

ACT = "compliance:case_review"
# What takes nothing refuses whatever is sent to it (test_url_sweep.py).
TAKING = [name for name in OURS if "POST" in PAGES[name].methods]


def inactive() -> int:
    return LicenseEvent.objects.filter(kind__in=["made_inactive", "reinstated"]).count()


def the_act(submission: CaseSubmission) -> dict:
    """What the Director sends to make a license inactive, on one case's page and on the queue."""
    officer, year = submission.candidacy.officer_id, submission.candidacy.period.year
    return {
        "kind": "make_inactive",
        "act": "forward",
        "everyone": "on",
        "case": submission.pk,
        "facts": submission.facts_sha256,
        f"facts-{submission.pk}": submission.facts_sha256,
        "license": f"{officer}:{year}",
        "event": "made_inactive",
        "reason": "Hours are missing",
    }


def submission_of(world) -> CaseSubmission:
    return world.a.case["case_review"][0]


@pytest.mark.parametrize("person", [person for person in PEOPLE if person not in DIRECTOR])
def test_no_address_lets_anybody_else_make_a_license_inactive(client, world, person):
    if world.people[person] is not None:
        client.force_login(world.people[person])
    before, given = inactive(), the_act(submission_of(world))
    for name in TAKING:
        with transaction.atomic():
            client.post(state.of_house(name, world.a), given)
            assert (name, inactive()) == (name, before)
            transaction.set_rollback(True)


@pytest.mark.parametrize("person", sorted(DIRECTOR))
def test_the_search_finds_the_one_address_where_the_director_does(client, world, person):
    client.force_login(world.people[person])
    before, given = inactive(), the_act(submission_of(world))
    found = []
    for name in TAKING:
        with transaction.atomic():
            client.post(state.of_house(name, world.a), given)
            found += [name] if inactive() > before else []
            transaction.set_rollback(True)
    assert sorted(found) == ["compliance:case_queue", ACT]


def tasks() -> dict[str, object]:
    """Every task of ours that the worker may be told to run."""
    current_app.loader.import_default_modules()
    ours = ("clee_portal.", "notifications.", "training.", "compliance.")
    return {name: task for name, task in current_app.tasks.items() if name.startswith(ours)}


def test_no_task_makes_a_license_inactive(world):
    """They run with a case before the Director and its facts unchanged: whatever one did by itself would be seen."""
    found, before = tasks(), inactive()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(found)
    for name, task in found.items():
        needs = [one for one in inspect.signature(task.run).parameters.values() if one.default is one.empty]
        if needs:
            continue
        with transaction.atomic():
            task.run()
            assert (name, inactive()) == (name, before)
            transaction.set_rollback(True)


def test_only_the_decision_of_the_director_calls_what_writes_one():
    """Who calls the service that decides: the Director's pages alone; no task, command, form or other service."""
    callers = set()
    for path in MODULES:
        if is_test(dotted(path)):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            is_import = isinstance(node, ast.ImportFrom) and any(one.name == "case_decisions" for one in node.names)
            if is_import and node.module == "compliance.services":
                callers.add(dotted(path))
    assert callers == {"compliance.views.case_decisions", "compliance.views.case_director"}


def test_the_applications_role_cannot_pass_by_the_guard(world):
    """Neither by SQL of its own nor by COPY; nor can it take the guard away."""
    officer = world.a.officer
    insert = (
        "INSERT INTO training_licenseevent (officer_id, kind, occurred_on, period_year, decided_by, reference,"
        " void_reason, carried_over_from) VALUES (%s, 'made_inactive', CURRENT_DATE, 2024, 'x', 'D-000001', '', '')"
    )
    copied = (
        "COPY training_licenseevent (officer_id, kind, occurred_on, period_year, decided_by, reference, void_reason,"
        " carried_over_from) FROM STDIN"
    )

    def refused(kind):
        return pytest.raises(kind, match="decision of the Director")

    with refused(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [officer.pk])
    with refused(CheckViolation), transaction.atomic(), connection.cursor() as cursor, cursor.copy(copied) as copy:
        copy.write(f"{officer.pk}\tmade_inactive\t2026-04-01\t2024\tx\tD-1\t\t\n")
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE training_licenseevent DISABLE TRIGGER only_the_director")


def test_the_act_is_declared_as_one_of_the_state_alone():
    assert PAGES[ACT].only_look == {"POST staff"}
