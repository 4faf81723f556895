"""What the database must refuse of what officers report; registered like those of constraint_cases.py."""

import uuid

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, LATER, a_record, insert, refused
from compliance.models import RecordReport, RecordReportDocument
from training.tests import factories


def a_report(**more):
    given = {"kind": "missing", "title": "Night driving", "starts_on": DAY, "completed_on": DAY, "asked_on": DAY,
             "submission_key": uuid.uuid4()}  # fmt: skip
    if "officer" not in more:
        given["officer"] = factories.officer()
    if not {"agency", "provider"} & set(more):
        given["agency"] = factories.agency()
    if "reported_by" not in more:
        given["reported_by"] = factories.user()
    return insert(RecordReport, **given | more)


@refused("record_report_asks_one")
def _():
    a_report(agency=factories.agency(), provider=factories.provider())


@refused("record_report_names_what_is_wrong")
def _():
    a_report(kind="wrong")


@refused("record_report_is_with_somebody")
def _():
    a_report(agency=None)


@refused("record_report_outside_says_whose")
def _():
    a_report(kind="outside", agency=None, escalated_at=clock.now(), escalated_why="outside", source="Kansas")


@refused("record_report_answer_whole")
def _():
    a_report(answer="coming")


@refused("record_report_not_theirs_says_why")
def _():
    a_report(answer="not_ours", answered_at=clock.now(), answered_by=factories.user())


@refused("record_report_with_post_says_why")
def _():
    a_report(escalated_at=clock.now())


@refused("record_report_settled_whole")
def _():
    a_report(outcome="withdrawn")


@refused("record_report_refused_says_why")
def _():
    a_report(outcome="refused", settled_at=clock.now(), settled_by=factories.user())


@refused("record_report_settled_by_a_record")
def _():
    a_report(outcome="recorded", settled_at=clock.now())


@refused("record_report_days_in_order")
def _():
    a_report(starts_on=LATER)


@refused("record_report_one_open_of_a_record")
def _():
    record = a_record()
    for _ in range(2):
        a_report(kind="wrong", record=record, officer=record.officer)


def a_paper(**more):
    given = {"name": "certificate.pdf", "type": "application/pdf", "size": 9, "sha256": "0" * 64, "file": "ab/abcdef"}
    report = more.pop("report", None) or a_report()
    return insert(RecordReportDocument, report=report, sent_by=report.reported_by, **given | more)


@refused("record_report_document_is_something")
def _():
    a_paper(size=0)


@refused("record_report_document_once")
def _():
    a_paper()
    a_paper()
