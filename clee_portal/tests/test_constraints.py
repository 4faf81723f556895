"""For every named constraint and every lock of our models the *database* refuses (cases: constraint_cases.py)."""

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.tests import (  # noqa: F401  (they register their cases)
    access_constraint_cases,
    brought_constraint_cases,
    calendar_constraint_cases,
    case_constraint_cases,
    desk_constraint_cases,
    gap_constraint_cases,
    held_class_constraint_cases,
    mail_constraint_cases,
    onboarding_constraint_cases,
    plan_constraint_cases,
    recovery_constraint_cases,
    register_constraint_cases,
    relief_constraint_cases,
    report_constraint_cases,
    rule_constraint_cases,
    seal_constraint_cases,
    season_constraint_cases,
    transcript_constraint_cases,
)
from clee_portal.tests.constraint_cases import CASES, DAY, EARLIER, LATER, a_draft, a_record, a_requirement, insert
from compliance.models import Requirement, RequirementSet
from training.models import Agency, Commission, CreditLine, Membership, Provider, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db

OURS = ("clee_portal.", "notifications", "training", "compliance")


WORDS_OF_LOCKS = {
    "published_set_is_locked": "a published requirement set never changes",
    "published_requirement_is_locked": "a published requirement set never changes",
    "set_approved_by_another": "whoever worked on a draft may not approve it",
    "published_topics_are_locked": "a published requirement set never changes",
    "published_cases_are_locked": "a published requirement set never changes",
    "access_never_changes": "Cannot update rows from history_access table",
    "row_form_never_changes": "Cannot update or delete rows from history_rowform table",
    "seal_never_changes": "Cannot update or delete rows from history_seal table",
    "seal_part_never_changes": "Cannot update or delete rows from history_sealpart table",
    "seal_kept_never_changes": "Cannot update or delete rows from history_sealkept table",
    "verification_never_changes": "Cannot update or delete rows from history_verification table",
    "tombstone_never_changes": "Cannot update or delete rows from history_tombstone table",
    "tombstone_row_never_changes": "Cannot update or delete rows from history_tombstonerow table",
    "access_kept_a_year": "may not be deleted yet",
    "only_drafts_go": "Cannot delete rows from training_scheduledclass table",
    "transcript_look_stays": "Cannot update or delete rows from compliance_transcriptlook table",
    "file_never_changes": "Cannot update rows from training_trainingimport table",
}


def models():
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith(OURS) and not hasattr(model, "pgh_tracked_model")
    ]


def named_constraints() -> set[str]:
    """Constraints of our models, and the triggers that are ours (those of the history have tests of their own)."""
    ours = set(models())
    locks = {trigger.name for model, trigger in pgtrigger.registered() if model in ours}
    history = {"insert_insert", "update_update", "delete_delete", "no_truncate", "no_delete"}
    writes = {"relief_is_decided", "seats_taken"}  # refuse nothing; tried in test_relief.py, test_calendar_models.py
    return {constraint.name for model in ours for constraint in model._meta.constraints} | (locks - history - writes)


def test_every_named_constraint_has_a_case():
    assert set(CASES) == named_constraints()


@pytest.mark.parametrize("name", sorted(CASES))
def test_database_refuses(name):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        CASES[name]()
    if isinstance(refusal.value, IntegrityError):
        assert refusal.value.__cause__.diag.constraint_name == name
    else:
        assert isinstance(refusal.value, ProgrammingError | DatabaseError)
        assert WORDS_OF_LOCKS[name] in str(refusal.value)


@pytest.mark.parametrize("act", ["insert", "delete", "move into", "move out"])
def test_requirements_of_a_published_set_are_locked_against(act):
    published = RequirementSet.objects.get(period__year=2025, version=1)
    draft = a_draft()
    requirement = Requirement.objects.filter(pk=a_requirement(draft, code="more").pk)
    acts = {
        "insert": lambda: a_requirement(published, code="more"),
        "delete": lambda: published.requirements.all().delete(),
        "move into": lambda: requirement.update(requirement_set=published),
        "move out": lambda: published.requirements.filter(code="total").update(requirement_set=draft),
    }
    with pytest.raises(ProgrammingError, match="never changes"), transaction.atomic():
        acts[act]()


def test_requirements_of_a_draft_are_not_locked():
    requirement = a_requirement(a_draft())
    assert Requirement.objects.filter(pk=requirement.pk).update(minimum=12) == 1
    assert Requirement.objects.filter(pk=requirement.pk).delete()[0] == 1


@pytest.mark.parametrize(
    ("role", "of"),
    [
        (role, of)
        for role in Membership.Role.values
        for of in (set(), {"officer"}, {"agency"}, {"provider"}, {"officer", "agency"}, {"agency", "provider"})
    ],
)
def test_membership_of_each_role_takes_its_own_object_only(role, of):
    fits = {"officer": {"officer"}, "provider_staff": {"provider"}}.get(role, {"agency"}) == of
    make = {
        "officer": factories.officer,
        "agency": factories.agency,
        "provider": lambda: Provider.objects.create(name="Academy of the Ozarks"),
    }
    values = {name: make[name]() for name in of}
    user = factories.user()
    if fits:
        assert insert(Membership, user=user, role=role, starts_on=DAY, **values).pk
    else:
        with pytest.raises(IntegrityError, match="membership_role_fits_its_object"), transaction.atomic():
            insert(Membership, user=user, role=role, starts_on=DAY, **values)


def test_membership_may_be_given_again_after_it_was_revoked():
    officer, account = factories.officer(), factories.user()
    first = insert(Membership, user=account, role="officer", officer=officer, starts_on=DAY)
    Membership.objects.filter(pk=first.pk).update(revoked_at=clock.now())
    assert insert(Membership, user=factories.user(), role="officer", officer=officer, starts_on=DAY).pk


def test_commission_may_be_held_again_from_the_next_day():
    officer, agency = factories.officer(), factories.agency()
    insert(Commission, officer=officer, agency=agency, started_on=EARLIER, ended_on=DAY)
    assert insert(Commission, officer=officer, agency=agency, started_on=LATER).pk


def test_every_model_has_its_checks_in_the_database_too():
    """The constraints stand in PostgreSQL, validated, under the names the models give."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE convalidated")
        standing = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indisvalid")
        standing |= {name for (name,) in cursor.fetchall()}
    assert {c.name for model in models() for c in model._meta.constraints} <= standing


def test_evidence_points_are_protected():
    """No foreign key of ours takes a row of evidence along when another is deleted."""
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in models()
        for field in model._meta.get_fields()
        if field.is_relation and field.many_to_one and field.remote_field.on_delete.__name__ != "PROTECT"
    ]
    assert loose == []
    assert {User, Agency, CreditLine, Requirement} <= set(models())


def test_course_of_a_record_is_that_of_its_class_whatever_is_said():
    record = a_record()
    said = TrainingRecord.objects.bulk_create(
        [
            TrainingRecord(
                officer=factories.officer(),
                training_class=record.training_class,
                course=factories.course(factories.agency()),
                completed_on=record.completed_on,
                credited_year=2025,
                source_kind="in_service",
            )
        ]
    )[0]
    said.refresh_from_db()
    assert said.course == record.training_class.course
