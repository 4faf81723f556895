"""What the database must refuse of the training desk's facts; registered beside those of constraint_cases.py."""

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, a_class, a_record, insert, refused
from training.models import (
    ColumnMapping,
    Commission,
    CommissionQuestion,
    ImportRow,
    NotCompleted,
    OfficerGroup,
    RosterConfirmation,
    TrainingImport,
    TrainingRecord,
)
from training.tests import factories


def an_import(**values) -> TrainingImport:
    return insert(TrainingImport, **{"agency": factories.agency(), "name": "roster.csv", **values})


def a_row(**values) -> ImportRow:
    return insert(ImportRow, **{"training_import": an_import(), "number": 2, "cells": ["Abbott, Ada"], **values})


def a_commission() -> Commission:
    return insert(Commission, officer=factories.officer(), agency=factories.agency(), started_on=DAY)


@refused("record_twin_only_where_not_counted")
def _():
    TrainingRecord.objects.filter(pk=a_record().pk).update(twin=a_record())


@refused("record_kept_is_counted")
def _():
    TrainingRecord.objects.filter(pk=a_record().pk).update(not_counted="repeat", kept_because="The second part")


@refused("not_completed_once_per_class")
def _():
    officer, held = factories.officer(), a_class()
    insert(NotCompleted, officer=officer, training_class=held)
    insert(NotCompleted, officer=officer, training_class=held)


@refused("record_of_who_completed")
def _():
    officer, held = factories.officer(), a_class()
    insert(NotCompleted, officer=officer, training_class=held)
    a_record(officer=officer, training_class=held)


@refused("not_completed_without_credit")
def _():
    record = a_record()
    insert(NotCompleted, officer=record.officer, training_class=record.training_class)


@refused("commission_question_open_once")
def _():
    commission, asking = a_commission(), factories.agency()
    insert(CommissionQuestion, commission=commission, asked_by_agency=asking)
    insert(CommissionQuestion, commission=commission, asked_by_agency=asking)


@refused("commission_question_answer_whole")
def _():
    insert(CommissionQuestion, commission=a_commission(), asked_by_agency=factories.agency(), answer="left")


@refused("roster_confirmed_once_a_year")
def _():
    agency = factories.agency()
    insert(RosterConfirmation, agency=agency, year=2025, officers=3)
    insert(RosterConfirmation, agency=agency, year=2025, officers=4)


@refused("officer_group_named_once")
def _():
    agency = factories.agency()
    insert(OfficerGroup, agency=agency, name="Night shift")
    insert(OfficerGroup, agency=agency, name="night SHIFT")


@refused("column_mapping_once")
def _():
    agency = factories.agency()
    insert(ColumnMapping, agency=agency, shape="0" * 64)
    insert(ColumnMapping, agency=agency, shape="0" * 64)


@refused("import_file_once")
def _():
    agency = factories.agency()
    an_import(agency=agency, sha256="0" * 64)
    an_import(agency=agency, sha256="0" * 64, state="running")


@refused("import_of_agency_or_provider")
def _():
    an_import(agency=factories.agency(), provider=factories.provider())


@refused("column_mapping_of_agency_or_provider")
def _():
    insert(ColumnMapping, shape="0" * 64)


@refused("import_undo_has_reason")
def _():
    an_import(state="undone", undone_at=clock.now())


@refused("import_row_once")
def _():
    of = an_import()
    a_row(training_import=of)
    a_row(training_import=of)


@refused("import_row_held_says_why")
def _():
    a_row(fate="held")


@refused("import_row_dropped_says_why")
def _():
    a_row(fate="dropped")


@refused("import_row_attendance")
def _():
    a_row(how="nonsense")


@refused("file_never_changes")
def _():
    TrainingImport.objects.filter(pk=an_import(content=b"Name,Hours").pk).update(content=b"Name")
