"""Every address of the portal, asked for by everybody: deny by default, proved by walking.

`PAGES` declares for each URL name who may open it; a new name that is not declared fails. What is of another agency
looks exactly like what does not exist.
"""

from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from clee_portal.tests import world as state
from clee_portal.tests.world import PEOPLE

pytestmark = pytest.mark.django_db

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
    "account_login": public(methods=BOTH),
    "account_logout": public(methods=BOTH),
    "account_inactive": public(),
    "account_mo_login": public(methods=BOTH),
    "account_mo_login_callback": public(),
    "account_mo_login_stranger": public(),
    "account_mo_login_connection": own(methods=BOTH),
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
    "notifications:confirm_address": own(get=302, methods=frozenset({"POST"})),
    "training:class_enter": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:group_list": Page(CHIEFS | POST, DIRECTOR, methods=BOTH),
    "training:class_list": Page(CHIEFS | STATE),
    "training:class_detail": Page(CHIEFS | STATE | OFFICER),
    "training:class_void": Page(CHIEFS | POST, DIRECTOR | OFFICER, methods=BOTH),
    "training:course_list": Page(CHIEFS | STATE),
    "training:course_queue": Page(STATE, is_general=True),
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
    "compliance:agency_overview_xlsx": Page(CHIEFS | STATE),
    "compliance:waiting": Page(CHIEFS | STATE),
    "compliance:trends": Page(CHIEFS | STATE),
    "compliance:trends_csv": Page(CHIEFS | STATE),
    "compliance:trends_xlsx": Page(CHIEFS | STATE),
    "compliance:statement": Page(CHIEFS | STATE),
    "compliance:statement_pdf": Page(CHIEFS | STATE),
    "compliance:statement_csv": Page(CHIEFS | STATE),
    "compliance:statement_xlsx": Page(CHIEFS | STATE),
    "compliance:class_effect": Page(CHIEFS | STATE | OFFICER),
}
# Lists that are had as files too, as CSV and XLSX, by the same people.
FILES = {
    "training:class_list": Page(CHIEFS | STATE),
    "training:class_people": Page(CHIEFS | STATE | OFFICER),
    "training:course_list": Page(CHIEFS | STATE),
    "training:course_queue": Page(STATE, is_general=True),
    "training:import_list": Page(CHIEFS | STATE),
    "training:held_rows": Page(CHIEFS | STATE),
    "training:held_for_post": Page(STATE, is_general=True),
    "training:duplicate_list": Page(CHIEFS | STATE),
    "training:duplicates_of_state": Page(STATE, is_general=True),
    "training:group_list": Page(CHIEFS | POST, DIRECTOR),
    "training:agency_people": Page(CHIEFS | STATE),
    "compliance:trends_best": Page(CHIEFS | STATE),
    "compliance:trends_stake": Page(CHIEFS | STATE),
    "compliance:make_up": Page(CHIEFS | STATE),
    "compliance:make_up_of_state": Page(STATE, is_general=True),
}
PAGES |= {f"{name}_{kind}": page for name, page in FILES.items() for kind in ("csv", "xlsx")}
ALLAUTH = [name for name in PAGES if name.startswith(("account_", "mfa_"))]
OURS = [name for name in PAGES if name not in ALLAUTH]
ABOUT_SOMETHING = [name for name in OURS if not PAGES[name].is_general]
METHODS = ("get", "post", "head", "put", "patch", "delete", "options")
# A method a page does not take is refused by the same lines of code for everybody: these two try all of them.
BY_EVERY_METHOD = {"nobody", "CEO of B"}
# They have as little as nobody has; test_outsiders.py looks at what they get.
ONCE = frozenset(person for person in PEOPLE if "yesterday" in person or "tomorrow" in person or "revoked" in person)


def names(patterns=None, namespace="") -> list[str]:
    """Every URL name of the portal; a pattern without a name is an error."""
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            found.append(f"{namespace}{pattern.name}")
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += names(pattern.url_patterns, inner)
    return found


def sign_in(client, user) -> None:
    if user is not None:
        client.force_login(user)


def of_allauth(name: str) -> str:
    """The address of a page of allauth, about nothing."""
    if name == "account_reset_password_from_key":
        return reverse(name, kwargs={"uidb36": "1", "key": "not-a-key"})
    return state.of_nothing(name)


def leads_to_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith(reverse("account_login") + "?next=")


def test_every_address_is_declared():
    assert sorted(names()) == sorted(PAGES)


def test_public_pages_are_few_and_named():
    assert {name for name in OURS if PAGES[name].is_public} == {
        "home",
        "help",
        "notifications:demonstration_mail",
        "recovery_use",
        "recovery_link",
        "training:invitation",
    }


@pytest.mark.parametrize("person", PEOPLE)
def test_page_is_open_to_those_declared_and_nobody_else(client, world, person):
    sign_in(client, world.people[person])
    for name in OURS:
        page, path = PAGES[name], state.of_house(name, world.a)
        if "GET" in page.methods:
            response = client.get(path)
            assert (name, response.status_code) == (name, page.status(person))
        else:
            response = client.get(path)
            assert (name, response.status_code) == (name, 302 if person == "anonymous" else 405)
        if not page.is_public and person == "anonymous":
            assert leads_to_sign_in(response)


@pytest.mark.parametrize("person", PEOPLE)
def test_sending_is_open_to_those_declared_and_nobody_else(client, world, person):
    """With nothing in it, so that whoever may send is told what is missing."""
    sign_in(client, world.people[person])
    for name in OURS:
        page = PAGES[name]
        response = client.post(state.of_house(name, world.a), {})
        if "POST" in page.methods:
            assert (name, response.status_code) == (name, 403 if person in page.only_look else page.status(person))
        elif page.is_public:
            assert (name, response.status_code) == (name, page.get if page.get == 404 else 405)
        elif person == "anonymous":
            assert leads_to_sign_in(response)
        else:
            assert (name, response.status_code in (403, 404, 405)) == (name, True)


@pytest.mark.parametrize("name", [name for name in OURS if not PAGES[name].is_public])
def test_fragment_of_an_ended_session_is_401(client, world, name):
    for method in ("get", "post"):
        response = getattr(client, method)(state.of_house(name, world.a), headers={"HX-Request": "true"})
        assert (response.status_code, state.traces(state.body(response))) == (401, set())


@pytest.mark.parametrize("person", [person for person in PEOPLE if person not in STATE | ONCE])
def test_what_is_anothers_looks_like_what_does_not_exist(client, world, still, person):
    """Whatever of it is asked for, by whatever method: the same status, the same words, by as many statements."""
    house = world.a if person in OF_B | {"staff of Q"} else world.b
    sign_in(client, world.people[person])
    for name in ABOUT_SOMETHING:
        methods = METHODS if person in BY_EVERY_METHOD else METHODS[:2]
        of_nothing = {method: ask(client, method, state.of_nothing(name)) for method in methods}
        asked = [(method, state.of_house(name, house)) for method in methods[2:]]
        asked += [(method, path) for method in methods[:2] for path in state.everything_of(name, house)]
        told = {(method, path): ask(client, method, path) == of_nothing[method] for method, path in asked}
        assert not [(name, asked) for asked, is_alike in told.items() if not is_alike]
        for method, (status, _, _) in of_nothing.items():
            assert status in ((302,) if person == "anonymous" else (200, 404) if method == "options" else (404, 405))


def ask(client, method: str, path: str) -> tuple[int, str, int]:
    """What is answered: the status, the words, and how many statements it took."""
    connection.queries_log.clear()  # it holds the last 9,000 only
    with CaptureQueriesContext(connection) as statements:
        response = getattr(client, method)(path)
    return response.status_code, state.body(response), len(statements)


@pytest.mark.parametrize("name", ABOUT_SOMETHING)
def test_what_does_not_exist_is_404_to_the_state(client, world, name):
    sign_in(client, world.people["POST staff"])
    send = client.get if "GET" in PAGES[name].methods else client.post
    assert send(state.of_nothing(name)).status_code == 404


def test_officer_opens_the_own_record_and_nobody_elses(client, world):
    sign_in(client, world.a.officer_account)
    for officer, status in ((world.a.officer, 200), (world.a.colleague, 404), (world.a.former, 404)):
        path = reverse("compliance:officer_standing", args=[officer.license_number])
        assert client.get(path).status_code == status


def test_former_officer_is_not_the_agencys_to_see(client, world):
    path = reverse("compliance:officer_standing", args=[world.a.former.license_number])
    sign_in(client, world.a.ceo)
    assert client.get(path).status_code == 404
    sign_in(client, world.people["former officer of A"])
    assert client.get(path).status_code == 200


def test_class_that_was_undone_is_shown_instead_of_undone_again(client, world):
    path = reverse("training:class_void", args=[world.a.undone.reference])
    sign_in(client, world.a.ceo)
    assert client.get(path).url == reverse("training:class_detail", args=[world.a.undone.reference])
    sign_in(client, world.b.ceo)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ALLAUTH)
def test_account_pages_need_a_session_unless_declared_public(client, world, name):
    path = of_allauth(name)
    response = client.get(path)
    assert leads_to_sign_in(response) is not PAGES[name].is_public
    assert response.status_code in (200, 302)
    assert state.traces(state.body(response)) == set()


def test_account_of_the_inactive_opens_nothing(client, world):
    for person in ("CEO of A", "POST staff", "officer of A"):
        user = world.people[person]
        client.force_login(user)
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        for name in OURS:
            if not PAGES[name].is_public:
                assert leads_to_sign_in(client.get(state.of_house(name, world.a)))


def test_views_that_open_themselves_to_all_are_declared():
    """`login_not_required` is on the declared public views alone."""
    opened = set()
    resolver = get_resolver()
    for name in PAGES:
        path = of_allauth(name) if name in ALLAUTH else state.of_nothing(name)
        if not getattr(resolver.resolve(path).func, "login_required", True):
            opened.add(name)
    assert opened == {name for name in PAGES if PAGES[name].is_public}


def test_sign_in_is_required_by_middleware():
    assert "clee_portal.accounts.middleware.SignInRequiredMiddleware" in settings.MIDDLEWARE
    assert AnonymousUser().is_authenticated is False
