"""The menu, the hats and the home page: everybody is led to their work, and only there."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from clee_portal import clock, navigation, rooms, worn
from clee_portal.accounts.models import StateRole
from clee_portal.tests import world as state
from clee_portal.tests.pages import CHIEFS, OURS, PAGES, SCHOOL
from clee_portal.tests.world import LONG_AGO
from training.models import Membership, Provider
from training.tests import factories

# Pages about one officer, by license number or by a request of theirs.
OF_ONE_OFFICER = re.compile(
    r"compliance:(case$|will_be|record_report|officer_(contact|standing|timeline|transcripts)|issued_transcript"
    r"|relief_(?!of_agency|queue|document))|training:officer_messages"
)

pytestmark = pytest.mark.django_db

ENTER, CLASSES, ROSTER = "training:class_enter", "training:class_list", "training:roster"
OVERVIEW = "compliance:agency_overview"


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def other_agency():
    return factories.agency("birch-county", "Birch County Sheriff")


def member(user, role, **of):
    return Membership.objects.create(user=user, role=role, starts_on=LONG_AGO, **of)


def at(user, path="/"):
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user, resolve(path)
    return request


def menu(user, path="/") -> list[tuple[str, str]]:
    return [(entry.label, entry.url) for entry in navigation.menu(at(user, path))]


def worn_at(user, path="/") -> list[str]:
    return [hat.name for hat in navigation.site(at(user, path))["hats"]]


def of(name, agency) -> str:
    return reverse(name, args=[agency.code])


def test_menu_of_an_officer():
    officer = factories.officer(license_number="38120")
    user = factories.officer_account(officer)
    assert menu(user) == [("My standing", "/standing/"), ("My record", "/my-record/"), ("My classes", "/my-classes/")]
    assert worn_at(user) == ["Officer, license 38120"]


@pytest.mark.parametrize(
    ("make", "hat"),
    [
        (factories.ceo, "CEO, Cedar Hollow Police"),
        (factories.delegate, "Delegate, Cedar Hollow Police"),
    ],
)
def test_menu_of_an_agency(agency, make, hat):
    user = make(agency)
    assert menu(user) == [
        ("Overview", of(OVERVIEW, agency)),
        ("Enter a class", of(ENTER, agency)),
        ("Classes", of(CLASSES, agency)),
        ("Roster", of(ROSTER, agency)),
    ]
    assert worn_at(user) == [hat]


@pytest.mark.parametrize(
    ("make", "hat"), [(factories.post_staff, "POST staff"), (factories.director, "Director of Public Safety")]
)
def test_menu_of_the_state(make, hat):
    user = make()
    assert menu(user) == [
        ("Find an officer", "/officers/"),
        ("To review", "/workbench/"),
        ("The state", "/state/"),
        ("Register", "/register/agencies/"),
        ("People", "/invitations/"),
        ("March 15", "/candidates/"),
        ("Messages", "/mailings/"),
        ("Rules", "/rules/"),
    ]
    assert worn_at(user) == [hat]


def test_menu_of_nobody_and_of_an_account_without_a_role():
    for user in (AnonymousUser(), factories.user()):
        assert menu(user) == []
        assert navigation.workplaces(user) == []
        assert worn_at(user) == []


def test_menu_of_two_agencies_names_both_and_unfolds_the_one_at_hand(agency, other_agency):
    user = factories.ceo(agency)
    member(user, "delegate", agency=other_agency)
    birch, cedar = (
        ("Birch County Sheriff", of(OVERVIEW, other_agency)),
        ("Cedar Hollow Police", of(OVERVIEW, agency)),
    )
    assert menu(user) == [birch, cedar]
    assert menu(user, of(CLASSES, agency)) == [
        birch,
        cedar,
        ("Enter a class", of(ENTER, agency)),
        ("Classes", of(CLASSES, agency)),
        ("Roster", of(ROSTER, agency)),
    ]
    assert menu(user, of(ENTER, other_agency)) == [
        birch,
        ("Enter a class", of(ENTER, other_agency)),
        ("Classes", of(CLASSES, other_agency)),
        ("Roster", of(ROSTER, other_agency)),
        cedar,
    ]


def test_two_roles_at_one_agency_are_one_hat(agency):
    user = factories.ceo(agency)
    member(user, "delegate", agency=agency)
    assert worn_at(user) == ["CEO and Delegate, Cedar Hollow Police"]
    assert len(menu(user)) == 4


def test_hat_of_the_open_page_comes_first_and_is_on(agency):
    user = factories.post_staff()
    member(user, "delegate", agency=agency)
    member(user, "officer", officer=factories.officer(license_number="38120"))
    state, delegate, officer = (
        "POST staff",
        "Delegate, Cedar Hollow Police",
        "Officer, license 38120",
    )
    for path, names, on in (
        ("/", [state, delegate, officer], []),
        ("/accounts/sessions/", [state, delegate, officer], []),
        ("/messages/", [state, delegate, officer], []),
        ("/standing/", [officer, state, delegate], [officer]),
        (of(ENTER, agency), [delegate, state, officer], [delegate]),
        ("/officers/", [state, delegate, officer], [state]),
    ):
        hats = navigation.site(at(user, path))["hats"]
        assert ([hat.name for hat in hats], [hat.name for hat in hats if hat.is_on]) == (names, on)
    leads = {hat.name: hat.url for hat in navigation.site(at(user))["hats"]}
    assert leads == {state: "/officers/", delegate: of(OVERVIEW, agency), officer: "/standing/"}
    assert [label for label, _ in menu(user)] == [
        "Find an officer",
        "To review",
        "The state",
        "Register",
        "People",
        "March 15",
        "Messages",
        "Rules",
        "Overview",
        "Enter a class",
        "Classes",
        "Roster",
        "My standing",
        "My record",
        "My classes",
    ]


def test_hat_that_is_on_is_shown_on_every_page_of_somebody_with_four(client):
    """Whatever the address names: an agency, a class, a file, a course, a commission, a person, a license."""
    world = state.build()
    user = world.a.ceo
    Membership.objects.filter(officer=world.b.officer).update(revoked_at=clock.now())
    member(user, "officer", officer=world.b.officer)
    member(user, "delegate", agency=world.b.agency)
    member(user, "provider_staff", provider=world.p.provider)
    StateRole.objects.create(user=user, role="post_staff", starts_on=LONG_AGO)
    client.force_login(user)
    a, b = "CEO, Alderbrook Police", "Delegate, Birchmere Police"
    officer = f"Officer, license {world.b.officer.license_number}"
    shown, about = {}, {}
    for name in OURS:
        match PAGES[name]:
            case page if "GET" not in page.methods or page.get != 200 or name == "training:invitation":
                continue
        for house, hat in ((world.a, a), (world.b, b)):
            path = state.of_house(name, house)
            response = client.get(path)
            if response.status_code != 200 or "text/html" not in response["Content-Type"]:
                continue
            if (seen := list(navigation.site(response.wsgi_request)["hats"])) and "masthead" in response.text:
                shown[name, hat] = seen[0].name if seen[0].is_on else "none"
                about[name] = path
    own = dict.fromkeys(worn.OF_THE_OFFICER, officer)
    schools = [name for name in OURS if SCHOOL & (may := PAGES[name].may) and not CHIEFS & may]
    own |= {name: "Provider staff, Pinnacle Academy" for name in schools if not PAGES[name].is_general}
    wrong = {}
    for (name, hat), seen in shown.items():
        if name in own:
            right = own[name] if hat == a or name in worn.OF_THE_OFFICER else "POST staff"
        elif OF_ONE_OFFICER.match(name) and hat == b:
            right = officer
        elif name in ("home", "help", "accessibility") or name.startswith("notifications:"):
            right = "none"
        elif PAGES[name].is_general:
            right = "POST staff"
        else:
            right = hat
        if seen == "POST staff" and not CHIEFS & PAGES[name].may:
            continue  # a page of the state alone, about an officer of theirs
        if seen != right and not name.startswith("training:invitation_confirm"):
            wrong[name, hat] = seen
    assert wrong == {}
    assert len(shown) > 60


def test_open_page_is_marked(agency):
    user = factories.ceo(agency)
    entries = navigation.menu(at(user, of(CLASSES, agency)))
    assert [entry.label for entry in entries if entry.current] == ["Classes"]


def test_pages_of_a_room_stand_side_by_side_and_the_open_one_is_marked(agency):
    user = factories.ceo(agency)
    tabs = navigation.tabs(at(user, of("training:held_rows", agency)))
    assert [(tab.label, tab.current) for tab in tabs] == [
        ("Classes", False),
        ("Courses", False),
        ("Files", False),
        ("Held rows", True),
        ("Duplicates", False),
        ("Registrations", False),
    ]
    assert tabs[0].url == of(CLASSES, agency)
    assert [entry.label for entry in navigation.menu(at(user, tabs[3].url)) if entry.current] == ["Classes"]
    assert navigation.tabs(at(user, of(ENTER, agency))) == []
    assert navigation.tabs(at(AnonymousUser(), tabs[3].url)) == []


def test_every_page_of_a_room_opens_for_those_whose_room_it_is(client, agency):
    school = factories.provider()
    for user, all_rooms, args in (
        (factories.ceo(agency), rooms.AGENCY, [agency.code]),
        (factories.provider_staff(school), rooms.PROVIDER, [school.pk]),
        (factories.post_staff(), rooms.STATE, []),
    ):
        client.force_login(user)
        for page in [page for room in all_rooms for page in room.pages]:
            assert (page.name, client.get(reverse(page.name, args=args)).status_code) == (page.name, 200)


def test_home_leads_each_hat_to_its_work(client, agency):
    user = factories.post_staff("dana@example.org")
    member(user, "delegate", agency=agency)
    member(user, "officer", officer=factories.officer())
    member(user, "provider_staff", provider=Provider.objects.create(name="Academy of the Ozarks"))
    client.force_login(user)
    response = client.get("/")
    assert [(place.title, place.url, place.primary) for place in response.context["workplaces"]] == [
        ("Find an officer", "/officers/", True),
        ("What waits for POST", "/workbench/", False),
        ("The state at a glance", "/state/", False),
        ("Messages to many people", "/mailings/", False),
        ("Past the last day", "/candidates/", False),
        ("Before the Director", "/director/", False),
        ("The rules", "/rules/", False),
        ("Register and exports", "/register/agencies/", False),
        ("Invitations and people", "/invitations/", False),
        ("Overview of Cedar Hollow Police", of(OVERVIEW, agency), True),
        ("Enter a class for Cedar Hollow Police", of(ENTER, agency), False),
        ("Send a file for Cedar Hollow Police", of("training:import_list", agency), False),
        ("Classes of Cedar Hollow Police", of(CLASSES, agency), False),
        ("Roster of Cedar Hollow Police", of(ROSTER, agency), False),
        ("Seats in classes for Cedar Hollow Police", of("training:registrations_of_agency", agency), False),
        ("Calendar of Academy of the Ozarks", f"/providers/{Provider.objects.get().pk}/calendar/", True),
        ("Courses of Academy of the Ozarks", f"/providers/{Provider.objects.get().pk}/courses/", False),
        ("Classes of Academy of the Ozarks", f"/providers/{Provider.objects.get().pk}/classes/", False),
        ("People of Academy of the Ozarks", f"/providers/{Provider.objects.get().pk}/people/", False),
        ("My standing", "/standing/", True),
        ("My record", "/my-record/", False),
        ("My classes", "/my-classes/", False),
        ("Find a class", "/calendar/", False),
    ]
    for place in response.context["workplaces"]:
        assert client.get(place.url).status_code == 200


def test_menu_and_home_of_provider_staff_lead_to_their_calendar(client):
    user = factories.provider_staff(provider := factories.provider("Academy of the Ozarks"))
    of = f"/providers/{provider.pk}"
    assert menu(user) == [
        ("Calendar", f"{of}/calendar/"),
        ("Overview", f"{of}/overview/"),
        ("Courses", f"{of}/courses/"),
        ("Enter a class", f"{of}/classes/enter/"),
        ("Classes", f"{of}/classes/"),
        ("People", f"{of}/people/"),
    ]
    client.force_login(user)
    page = client.get("/")
    assert page.context["workplaces"][0].url == f"{of}/calendar/"
    assert "Provider staff, Academy of the Ozarks" in page.text
    tabs = navigation.tabs(at(user, f"{of}/calendar/import/"))
    assert [(tab.label, tab.current) for tab in tabs] == [
        ("Classes to come", False),
        ("Plan a class", False),
        ("Bring in a calendar", True),
    ]


def test_menu_of_an_agency_and_a_provider_names_both_and_unfolds_the_one_at_hand(agency):
    provider = factories.provider("Academy of the Ozarks")
    user = factories.ceo(agency)
    member(user, "provider_staff", provider=provider)
    calendar, overview = (f"/providers/{provider.pk}/{page}/" for page in ("calendar", "overview"))
    both = [("Cedar Hollow Police", of(OVERVIEW, agency)), ("Academy of the Ozarks", calendar)]
    assert menu(user) == both
    assert menu(user, overview)[:3] == [*both, ("Overview", overview)]


def test_home_says_what_this_year_asks(client):
    page = client.get("/")
    assert page.context["period"] == clock.today().year
    assert [one.code for one in page.context["requirements"]][:2] == ["total", "approved_provider"]
    assert client.get("/help/").context["period"] == clock.today().year


def test_menu_costs_a_session_a_user_memberships_and_roles(client, agency, other_agency):
    user = factories.ceo(agency)
    member(user, "delegate", agency=other_agency)
    member(user, "officer", officer=factories.officer())
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        client.get("/nowhere/")
    assert [query["sql"].split('FROM "')[1].split('"')[0] for query in queries] == [
        "accounts_session",
        "accounts_user",
        "accounts_staterole",
        "training_membership",
    ]


def test_menu_costs_nothing_where_it_is_not_shown(django_assert_num_queries):
    with django_assert_num_queries(0):
        navigation.site(RequestFactory().get("/"))


@pytest.mark.parametrize("path", ["/nowhere/", "/agencies/nowhere/", "/classes/C-999999/"])
def test_not_found_is_a_page_of_the_portal(client, agency, path):
    client.force_login(factories.ceo(agency))
    response = client.get(path)
    assert response.status_code == 404
    assert "This page does not exist, or is not yours to see." in response.content.decode()
    assert "Overview" in response.content.decode()


def test_refused_is_a_page_of_the_portal(client, agency):
    client.force_login(factories.ceo(agency))
    response = client.get("/officers/")
    assert response.status_code == 403
    assert "Your account may not do this." in response.content.decode()


def test_bad_request_is_a_page_of_the_portal(client):
    client.raise_request_exception = False
    response = client.get("/", headers={"host": "elsewhere.example.org"})
    assert response.status_code == 400
    assert "<h1" in response.content.decode()


def test_error_is_a_page_of_the_portal_that_needs_no_database(client, monkeypatch):
    def fail(self, **kwargs):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("clee_portal.views.HelpView.get_context_data", fail)
    client.raise_request_exception = False
    response = client.get("/help/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "<h1" in page
    assert "(573) 751-3409" in page
    assert "a secret of the inside" not in page
