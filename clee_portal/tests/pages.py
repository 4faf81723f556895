"""Every address of the portal and who may open it: what test_url_sweep.py and its companions walk."""

from dataclasses import dataclass, field

from clee_portal.tests.people_of_world import PEOPLE
from training.exports import EXPORTS, KINDS
from training.views.exports import name_of

SIGNED_IN = frozenset(PEOPLE) - {"anonymous"}
CHIEFS = frozenset({"CEO of A", "delegate of A"})
POST = frozenset({"POST staff"})
DIRECTOR = frozenset({"Director", "agent of the Director"})
STATE = POST | DIRECTOR
OFFICER = frozenset({"officer of A"})
# Of an agency the CEO alone names people; these know of the page and are refused.
CEO = frozenset({"CEO of A"})
HEAD = frozenset({"head of P"})
SCHOOL = HEAD | {"staff of P"}
OF_B = frozenset({"officer of B", "CEO of B", "delegate of B"})
OTHERS_OF_A = frozenset({"delegate of A"}) | DIRECTOR


@dataclass(frozen=True)
class Page:
    """Who may open a page about agency A's things: `may` get it, `refused` know that it is there (403), for all others
    it does not exist. A page about nothing in particular is `general`: there whoever may not open it is refused."""

    may: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    is_public: bool = False
    is_general: bool = False
    get: int = 200  # what whoever may gets
    methods: frozenset[str] = field(default=frozenset({"GET"}))
    only_look: frozenset[str] = frozenset()  # who may open it and may send nothing to it

    def status(self, person: str) -> int:
        """What a person is answered; for the anonymous on a page that is not public, the way to sign in."""
        if self.is_public:
            return self.get
        if person == "anonymous":
            return 302
        if person in self.may:
            return self.get
        return 403 if person in self.refused or self.is_general else 404


def public(**more) -> Page:
    return Page(frozenset(PEOPLE), is_public=True, is_general=True, **more)


def own(**more) -> Page:
    return Page(SIGNED_IN, is_general=True, **more)


BOTH = frozenset({"GET", "POST"})
# Pages of allauth send whoever has no business there elsewhere, so only who may open them is declared.
PAGES = {
    "home": public(),
    "help": public(),
    "robots": public(),
    "account_login": public(methods=BOTH),
    "account_logout": public(methods=BOTH),
    "account_inactive": public(),
    "account_mo_login": public(methods=BOTH),
    "account_mo_login_callback": public(),
    "account_mo_login_stranger": public(),
    "account_mo_login_connection": own(methods=BOTH),
    "mo_login_signed_out": public(methods=frozenset({"POST"}), get=404),
    "account_change_password": own(methods=BOTH),
    "account_set_password": own(methods=BOTH),
    "account_reset_password": public(methods=BOTH),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": public(methods=BOTH),
    "account_reset_password_from_key_done": public(),
    "account_reauthenticate": own(methods=BOTH),
    "account_step_up": own(methods=BOTH),
    "account_sessions": own(methods=BOTH),
    "account_session_time": public(methods=BOTH),
    "mfa_index": own(),
    "mfa_authenticate": public(methods=BOTH),
    "mfa_login_webauthn": public(methods=BOTH),
    "mfa_activate_totp": own(methods=BOTH),
    "mfa_deactivate_totp": own(methods=BOTH),
    "mfa_add_webauthn": own(methods=BOTH),
    "mfa_edit_webauthn": own(methods=BOTH),
    "mfa_remove_webauthn": own(methods=BOTH),
    "mfa_view_recovery_codes": own(methods=BOTH),
    "mfa_generate_recovery_codes": own(methods=BOTH),
    "recovery_list": Page(STATE, is_general=True),
    "recovery_open": Page(POST, is_general=True, methods=BOTH),
    "recovery_detail": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "recovery_use": public(get=404, methods=BOTH),
    "recovery_link": public(get=404),
    "notifications:demonstration_mail": public(get=404),
    "notifications:my_messages": own(),
    "notifications:preferences": own(methods=BOTH),
    "notifications:stop": public(methods=BOTH, get=404),
    "training:calendar": public(),
    "training:calendar_ics": public(),
    "training:calendar_class": public(get=404),  # the world's classes have no such number; test_calendar_page.py
    "training:calendar_class_ics": public(get=404),
    "training:calendar_private": public(get=404),
    "training:calendar_feed": own(methods=BOTH),
    "training:officer_messages": Page(STATE, CHIEFS | OFFICER),
    "training:agency_messages": Page(CHIEFS | STATE),
    # The world's classes have no such number: what is public is tested in test_registration_pages.py.
    "training:register": own(get=404, methods=BOTH),
    "training:my_classes": own(),
    # The colleague of A has a seat in a class of P.
    "training:registration": Page(CHIEFS | SCHOOL | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:registration_give_back": Page(CHIEFS | SCHOOL | POST, DIRECTOR, methods=BOTH),
    "training:registration_hand_over": Page(CHIEFS | POST, SCHOOL | DIRECTOR, methods=BOTH),
    "training:registrations_of_agency": Page(CHIEFS | STATE),
    "training:registrations_enter": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:registrations_of_class": Page(SCHOOL | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:registrations_of_class_add": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "compliance:will_be": Page(CHIEFS | STATE | OFFICER),
    "compliance:officer_letter": Page(CHIEFS | STATE),
    "compliance:agency_letters": Page(CHIEFS | STATE),
    "compliance:agency_letters_pdf": Page(CHIEFS | STATE),
    "compliance:letters_of_state": Page(STATE, is_general=True),
    "compliance:occasion_list": Page(STATE, is_general=True),
    "compliance:mail_preview": Page(STATE, is_general=True),
    "notifications:confirm_address": own(get=302, methods=frozenset({"POST"})),
    "training:class_enter": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:group_list": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:class_list": Page(CHIEFS | STATE),
    "training:class_detail": Page(CHIEFS | STATE | OFFICER),
    "training:class_void": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    "training:course_list": Page(CHIEFS | STATE),
    "training:course_queue": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "training:course_detail": Page(CHIEFS | STATE),
    "training:course_submission": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:course_review": Page(POST, CHIEFS | DIRECTOR, methods=BOTH),
    "training:import_list": Page(CHIEFS | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:import_detail": Page(CHIEFS | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:import_preview": Page(CHIEFS | POST, DIRECTOR, get=302),
    "training:import_undo": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:import_csv": Page(CHIEFS | STATE),
    "training:import_xlsx": Page(CHIEFS | STATE),
    "training:held_rows": Page(CHIEFS | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:held_for_post": Page(STATE, is_general=True),
    "training:duplicate_list": Page(CHIEFS | STATE),
    "training:duplicates_of_state": Page(STATE, is_general=True),
    "training:duplicate_settle": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    "training:class_correct": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    "training:class_move": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    "training:officer_find": Page(STATE, is_general=True),
    "training:officer_add": Page(POST, is_general=True, methods=BOTH),
    "training:officer_register": Page(STATE, is_general=True),
    "training:officer_edit": Page(POST, is_general=True, methods=BOTH),
    "training:officer_number": Page(POST, is_general=True, methods=BOTH),
    "training:officer_license": Page(POST, is_general=True, methods=BOTH),
    "training:officer_merge": Page(POST, is_general=True, methods=BOTH),
    "training:merge_undo": Page(POST, is_general=True, methods=BOTH),
    "training:license_event_void": Page(POST, is_general=True, methods=BOTH),
    "training:commission_transfer": Page(POST, is_general=True, methods=BOTH),
    "training:agency_list": Page(STATE, is_general=True),
    "training:agency_add": Page(POST, is_general=True, methods=BOTH),
    "training:agency_register": Page(STATE, is_general=True),
    "training:agency_edit": Page(POST, is_general=True, methods=BOTH),
    "training:provider_list": Page(STATE, is_general=True),
    "training:provider_add": Page(POST, is_general=True, methods=BOTH),
    "training:provider_register": Page(STATE, is_general=True),
    "training:provider_edit": Page(POST, is_general=True, methods=BOTH),
    "training:provider_license_add": Page(POST, is_general=True, methods=BOTH),
    "training:provider_license_change": Page(POST, is_general=True, methods=BOTH),
    "training:provider_license_void": Page(POST, is_general=True, methods=BOTH),
    "training:expiring_list": Page(STATE, is_general=True),
    "training:source_list": Page(STATE, is_general=True),
    "training:source_add": Page(POST, is_general=True, methods=BOTH),
    "training:source_end": Page(POST, is_general=True, methods=BOTH),
    "training:source_void": Page(POST, is_general=True, methods=BOTH),
    "training:export_list": Page(STATE, is_general=True),
    "training:accesses": Page(STATE, is_general=True),
    "training:accesses_csv": Page(STATE, is_general=True),
    "training:accesses_xlsx": Page(STATE, is_general=True),
    "training:roster": Page(CHIEFS | STATE),
    "training:roster_csv": Page(CHIEFS | STATE),
    "training:roster_xlsx": Page(CHIEFS | STATE),
    "training:roster_add": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:roster_confirm": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:roster_reminder": Page(CHIEFS | STATE),
    "training:commission_detail": Page(CHIEFS | STATE),
    "training:commission_end": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:commission_correct": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:commission_ask": Page(CHIEFS | POST, DIRECTOR, get=302, methods=frozenset({"POST"})),
    "training:commission_settle": Page(POST, CHIEFS | DIRECTOR, get=302, methods=frozenset({"POST"})),
    "training:question_answer": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:commission_claims": Page(STATE, is_general=True),
    "training:commission_claims_csv": Page(STATE, is_general=True),
    "training:commission_claims_xlsx": Page(STATE, is_general=True),
    "training:roster_unconfirmed_csv": Page(STATE, is_general=True),
    "training:roster_unconfirmed_xlsx": Page(STATE, is_general=True),
    "training:commission_notices": Page(STATE, is_general=True),
    "training:commission_notices_csv": Page(STATE, is_general=True),
    "training:commission_notices_xlsx": Page(STATE, is_general=True),
    "training:agency_people": Page(CHIEFS | STATE, methods=BOTH, only_look=(CHIEFS | STATE) - CEO),
    "training:people_name": Page(CEO | POST, OTHERS_OF_A, methods=BOTH),
    "training:people_hand_over": Page(CEO | POST, OTHERS_OF_A, methods=BOTH),
    "training:member_revoke": Page(CEO | POST, OTHERS_OF_A, methods=BOTH),
    "training:member_rights": Page(CEO | POST, OTHERS_OF_A, methods=BOTH),
    "training:invitation_again": Page(CEO | POST, OTHERS_OF_A, get=302, methods=frozenset({"POST"})),
    # Whoever has the token may read what the mail said; every other token does not exist.
    "training:invitation": public(get=404, methods=BOTH),
    "training:invitation_confirm": own(methods=BOTH),
    "training:invitation_list": Page(STATE, is_general=True),
    "training:invitation_csv": Page(STATE, is_general=True),
    "training:invitation_xlsx": Page(STATE, is_general=True),
    "training:invitation_new": Page(POST, is_general=True, methods=BOTH),
    "training:invitation_requests": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "training:invitation_detail": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "training:campaign_list": Page(STATE, is_general=True),
    "training:campaign_list_csv": Page(STATE, is_general=True),
    "training:campaign_list_xlsx": Page(STATE, is_general=True),
    "training:invitation_requests_csv": Page(STATE, is_general=True),
    "training:invitation_requests_xlsx": Page(STATE, is_general=True),
    "training:body_list_csv": Page(STATE, is_general=True),
    "training:body_list_xlsx": Page(STATE, is_general=True),
    "training:campaign_new": Page(POST, is_general=True, methods=BOTH),
    "training:campaign_detail": Page(STATE, is_general=True),
    "training:campaign_csv": Page(STATE, is_general=True),
    "training:campaign_xlsx": Page(STATE, is_general=True),
    "training:not_connected": Page(CHIEFS | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:not_connected_csv": Page(CHIEFS | STATE),
    "training:not_connected_xlsx": Page(CHIEFS | STATE),
    "training:door": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "training:door_state": Page(SCHOOL | POST, DIRECTOR),
    "training:door_send": Page(SCHOOL | POST, DIRECTOR, get=400, methods=frozenset({"POST"})),
    "training:door_worker": Page(SCHOOL | POST, DIRECTOR),
    "training:door_mark": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "training:sign_in_sheet": Page(SCHOOL | POST, DIRECTOR),
    "training:class_confirm": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "compliance:confirm_effect": Page(SCHOOL | POST, DIRECTOR, methods=frozenset({"POST"})),
    "training:held_class_list": Page(SCHOOL | STATE | {"staff of Q"}, is_general=True),
    "training:held_class": Page(SCHOOL | STATE, methods=BOTH, only_look=SCHOOL | DIRECTOR),
    "training:held_class_drop": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "training:provider_class_enter": Page(SCHOOL | POST, DIRECTOR, methods=BOTH),
    "training:provider_class_list": Page(SCHOOL | STATE),
    "training:provider_import_list": Page(SCHOOL | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:provider_held_rows": Page(SCHOOL | STATE, methods=BOTH, only_look=DIRECTOR),
    "training:provider_duplicate_list": Page(SCHOOL | STATE),
    "training:provider_late_list": Page(SCHOOL | STATE),
    "training:late_rosters": Page(STATE, is_general=True),
    "training:provider_people": Page(SCHOOL | STATE, methods=BOTH, only_look=SCHOOL - HEAD | STATE),
    "training:provider_people_name": Page(HEAD | POST, SCHOOL | DIRECTOR, methods=BOTH),
    "training:provider_member_revoke": Page(HEAD | POST, SCHOOL | DIRECTOR, get=302, methods=frozenset({"POST"})),
    "training:provider_invitation": Page(HEAD | POST, SCHOOL | DIRECTOR, get=302, methods=frozenset({"POST"})),
    "training:state_people": Page(STATE, is_general=True, methods=BOTH, only_look=STATE - {"Director"}),
    "training:state_people_name": Page(DIRECTOR, is_general=True, methods=BOTH),
    "training:state_role_end": Page(DIRECTOR, is_general=True, get=302, methods=frozenset({"POST"})),
    "training:state_invitation": Page(DIRECTOR, is_general=True, get=302, methods=frozenset({"POST"})),
    "training:body_list": Page(STATE, is_general=True),
    "training:people_unconfirmed": Page(STATE, is_general=True),
    "training:people_unconfirmed_csv": Page(STATE, is_general=True),
    "training:people_unconfirmed_xlsx": Page(STATE, is_general=True),
    "training:officer_access": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:my_standing": own(),
    "compliance:officer_standing": Page(CHIEFS | STATE | OFFICER),
    "compliance:agency_overview": Page(CHIEFS | STATE),
    "compliance:agency_overview_csv": Page(CHIEFS | STATE),
    "compliance:draft_effect": Page(CHIEFS | POST, DIRECTOR, methods=frozenset({"POST"})),
    "compliance:roster_standing": Page(CHIEFS | STATE),
    "compliance:commission_effect": Page(CHIEFS | POST, DIRECTOR, methods=frozenset({"POST"})),
    "compliance:course_effect": Page(CHIEFS | STATE),
    "compliance:course_review_effect": Page(POST, CHIEFS | DIRECTOR, methods=frozenset({"POST"})),
    "compliance:import_undo_effect": Page(CHIEFS | POST, DIRECTOR, methods=frozenset({"POST"})),
    "compliance:duplicate_effect": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=frozenset({"POST"})),
    "compliance:correct_effect": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=frozenset({"POST"})),
    "compliance:move_effect": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=frozenset({"POST"})),
    "compliance:make_up": Page(CHIEFS | STATE, methods=BOTH),
    "compliance:make_up_of_state": Page(STATE, methods=BOTH, is_general=True),
    "compliance:class_make_up": Page(CHIEFS | STATE, OFFICER, methods=BOTH),
    "compliance:make_up_notice": Page(CHIEFS | STATE, OFFICER),
    "compliance:relief_ask": Page(CHIEFS | POST | OFFICER, DIRECTOR, methods=BOTH),
    "compliance:gaps_of_agency": Page(CHIEFS | STATE, methods=BOTH, only_look=DIRECTOR),
    "compliance:gap_queue": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:gap_search": Page(POST, is_general=True, get=302, methods=BOTH),
    "compliance:relief_of_agency": Page(CHIEFS | STATE),
    "compliance:relief_queue": Page(STATE, is_general=True),
    "compliance:medical_readers": Page(STATE, is_general=True, methods=BOTH, only_look=POST),
    "compliance:relief_request": Page(CHIEFS | STATE | OFFICER),
    "compliance:relief_answer": Page(STATE | OFFICER, CHIEFS, methods=BOTH),
    "compliance:relief_add": Page(POST | OFFICER, CHIEFS | DIRECTOR, methods=BOTH),
    "compliance:relief_withdraw": Page(OFFICER, CHIEFS | STATE, methods=BOTH),
    "compliance:relief_grant": Page(STATE, CHIEFS | OFFICER, methods=BOTH),
    "compliance:relief_deny": Page(STATE, CHIEFS | OFFICER, methods=BOTH),
    "compliance:relief_more": Page(STATE, CHIEFS | OFFICER, methods=BOTH),
    "compliance:relief_end": Page(STATE, CHIEFS | OFFICER, methods=BOTH),
    # The paper is medical and the officer's own; of the state only those named for it read it (test_relief_pages).
    "compliance:relief_document": Page(OFFICER),
    "compliance:agency_overview_xlsx": Page(CHIEFS | STATE),
    "compliance:waiting": Page(CHIEFS | STATE),
    "compliance:trends": Page(CHIEFS | STATE),
    "compliance:trends_csv": Page(CHIEFS | STATE),
    "compliance:trends_xlsx": Page(CHIEFS | STATE),
    "compliance:statement": Page(CHIEFS | STATE),
    "compliance:statement_pdf": Page(CHIEFS | STATE),
    "compliance:statement_csv": Page(CHIEFS | STATE),
    "compliance:statement_xlsx": Page(CHIEFS | STATE),
    "compliance:officer_timeline": Page(CHIEFS | STATE | OFFICER),
    "compliance:glance": Page(STATE, is_general=True),
    "compliance:workbench": Page(STATE, is_general=True),
    "compliance:queue_count": Page(STATE, is_general=True),
    "compliance:mailings": Page(STATE, is_general=True),
    "compliance:mailing": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:reminder_days": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:mailing_progress": Page(STATE, is_general=True),
    "compliance:rules": Page(STATE, is_general=True),
    "compliance:rule_begin": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set": Page(STATE, is_general=True),
    "compliance:rule_set_frame": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_add": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_topic": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_dry_run": Page(STATE, is_general=True),
    "compliance:rule_set_cases": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:rule_set_cases_yaml": Page(STATE, is_general=True),
    "compliance:rule_set_case_new": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_hand_in": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_decide": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_set_discard": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_requirement": Page(POST, is_general=True, methods=BOTH),
    "compliance:rule_case": Page(POST, is_general=True, methods=BOTH),
    "compliance:candidate_list": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:candidate": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_list": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_uncommissioned": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_notice_letters": Page(STATE, is_general=True),
    "compliance:case_response_days": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_notice": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_forward": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case_leave": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:case": Page(OFFICER | CHIEFS | STATE, methods=BOTH),
    "compliance:cases_of_agency": Page(CHIEFS | STATE),
    "compliance:case_document": Page(OFFICER | STATE),
    # The Director and agents decide; being of POST staff is not enough.
    "compliance:case_queue": Page(STATE, is_general=True, methods=BOTH, only_look=POST),
    "compliance:case_review": Page(STATE, is_general=True, methods=BOTH, only_look=POST),
    "compliance:reinstatement_list": Page(STATE, is_general=True, methods=BOTH, only_look=POST),
    "compliance:decided_list": Page(STATE, is_general=True),
    "compliance:decided_letters": Page(STATE, is_general=True),
    "compliance:case_decision": Page(STATE, is_general=True),
    "compliance:case_packet_data": Page(STATE, is_general=True),
    "compliance:case_packet_pdf": Page(STATE, is_general=True),
    "compliance:case_reverse": Page(STATE, is_general=True, methods=BOTH, only_look=POST),
    "compliance:case_appeal": Page(STATE, is_general=True, methods=BOTH, only_look=DIRECTOR),
    "compliance:class_effect": Page(CHIEFS | STATE | OFFICER),
}
# Lists that are had as files too, as CSV and XLSX, by the same people.
FILES = {
    "training:officer_messages": Page(STATE, CHIEFS | OFFICER),
    "training:class_list": Page(CHIEFS | STATE),
    "training:class_people": Page(CHIEFS | STATE | OFFICER),
    "training:course_list": Page(CHIEFS | STATE),
    "training:course_queue": Page(STATE, is_general=True),
    "training:provider_class_list": Page(SCHOOL | STATE),
    "training:provider_import_list": Page(SCHOOL | STATE),
    "training:provider_held_rows": Page(SCHOOL | STATE),
    "training:provider_duplicate_list": Page(SCHOOL | STATE),
    "training:import_list": Page(CHIEFS | STATE),
    "training:held_rows": Page(CHIEFS | STATE),
    "training:held_for_post": Page(STATE, is_general=True),
    "training:duplicate_list": Page(CHIEFS | STATE),
    "training:duplicates_of_state": Page(STATE, is_general=True),
    "training:group_list": Page(CHIEFS | POST, DIRECTOR),
    "training:agency_people": Page(CHIEFS | STATE),
    "training:registrations_of_agency": Page(CHIEFS | STATE),
    "training:registrations_of_class": Page(SCHOOL | STATE),
    "training:provider_people": Page(SCHOOL | STATE),
    "training:recovery_list": Page(STATE, is_general=True),
    "compliance:officer_timeline": Page(CHIEFS | STATE | OFFICER),
}
FILES |= {
    f"compliance:{name}": Page(STATE, is_general=True)
    for name in (
        "make_up_of_state", "mailing", "mailings", "candidate_list", "decided_list", "relief_queue",
        "letters_of_state", "occasion_list", "medical_readers", "case_list", "case_uncommissioned", "case_queue",
        "reinstatement_list", "gap_queue", "glance_season", "glance_needs", "glance_places", "glance_late",
        "rule_set_dry_run", "rule_set_agencies",
    )
}  # fmt: skip
FILES |= {
    f"compliance:{name}": Page(CHIEFS | STATE)
    for name in (
        "trends_best", "trends_met", "trends_stake", "make_up", "relief_of_agency", "agency_letters",
        "cases_of_agency",
    )
}  # fmt: skip
FILES |= {
    f"training:{name}": Page(STATE, is_general=True)
    for name in ("agency_list", "provider_list", "expiring_list", "source_list", "officer_find", "state_people")
}
PAGES |= {name_of(one.code, kind): Page(STATE, is_general=True) for one in EXPORTS for kind in KINDS}
PAGES |= {f"{name}_{kind}": page for name, page in FILES.items() for kind in ("csv", "xlsx")}
ALLAUTH = [name for name in PAGES if name.startswith(("account_", "mfa_"))]
OURS = [name for name in PAGES if name not in ALLAUTH]
ABOUT_SOMETHING = [name for name in OURS if not PAGES[name].is_general]
METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
