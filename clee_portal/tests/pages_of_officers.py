"""Who may open the pages of an officer’s own, and of what officers report; part of pages.py."""

from clee_portal.tests.page import BOTH, CHIEFS, DIRECTOR, OFFICER, POST, SCHOOL, STATE, Page, own

PAGES_OF_OFFICERS = {
    "compliance:my_plan": own(methods=BOTH),
    "compliance:what_if": own(get=404),  # the world's classes have no such number; test_my_plan.py
    "compliance:my_record": own(methods=BOTH),
    "compliance:who_looked": own(),
    "compliance:my_data": own(),
    "compliance:report_record": own(methods=BOTH),
    "compliance:outside_training": own(methods=BOTH),
    "compliance:my_contact": own(methods=BOTH),
    "compliance:my_contact_address": own(methods=BOTH),
    "compliance:my_contact_confirm": own(methods=BOTH),
    "compliance:officer_contact": Page(CHIEFS | STATE | OFFICER),
    "compliance:report_queue": Page(STATE, is_general=True),
    "compliance:record_report": Page(CHIEFS | STATE | OFFICER, methods=BOTH, only_look=CHIEFS | STATE),
    "compliance:record_report_answer": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    # Only what is settled can be disagreed with, and the world's report is open.
    "compliance:record_report_disagree": Page(OFFICER, CHIEFS | STATE, get=302, methods=BOTH),
    "compliance:record_report_decide": Page(POST, CHIEFS | DIRECTOR | OFFICER, methods=BOTH),
    "compliance:record_report_add": Page(OFFICER, CHIEFS | STATE, methods=BOTH),
    "compliance:record_report_document": Page(CHIEFS | STATE | OFFICER),
    "compliance:agency_reports": Page(CHIEFS | STATE),
    "compliance:provider_reports": Page(SCHOOL | STATE),
}
