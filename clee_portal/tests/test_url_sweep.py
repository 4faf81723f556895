"""Every address of the portal, asked for by everybody: deny by default, proved by walking.

`pages.PAGES` declares for each URL name who may open it; a new name that is not declared fails. What is of another
agency looks exactly like what does not exist.
"""

import datetime as dt
import re

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from zeal import NPlusOneError

from clee_portal import clock
from clee_portal.tests import statements
from clee_portal.tests import world as state
from clee_portal.tests.fields_of_page import WITHOUT_MARK, unmarked
from clee_portal.tests.pages import ABOUT_SOMETHING, ALLAUTH, METHODS, OF_B, OURS, PAGES, STATE, WORKBOOKS
from clee_portal.tests.people_of_world import PEOPLE, SEE_ALIKE
from training.models import Officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_in_the_log")]

# A method a page does not take is refused by the same lines of code for everybody: these two try all of them, and
# with the anonymous they send to pages that take nothing.
BY_EVERY_METHOD = {"nobody", "CEO of B"}
# They have as little as nobody has; test_outsiders.py looks at what they get.
ONCE = frozenset(person for person in PEOPLE if "yesterday" in person or "tomorrow" in person or "revoked" in person)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@pytest.fixture(scope="module")
def a_day():
    """Not before April: until then more is asked, of the year that ended beside the one that runs. It is never behind
    the clock of the database, which is in the rows too."""
    now = clock.now()
    april = dt.datetime(now.year, 4, 1, 12, tzinfo=clock.CHICAGO)
    with time_machine.travel(max(now, april)):
        yield


@pytest.fixture(scope="module")
def built(a_day, built):
    """The state, as it is on that day."""
    return built


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
        "compliance:check_transcript",
        "compliance:check_transcript_file",
        "compliance:check_transcript_json_sig",
        "compliance:check_transcript_pdf_sig",
        "compliance:signing_keys",
        "accessibility",
        "home",
        "help",
        "mo_login_signed_out",
        "notifications:demonstration_mail",
        "notifications:stop",
        "recovery_use",
        "recovery_link",
        "robots",
        "set_language",
        "training:calendar",
        "training:calendar_class",
        "training:calendar_class_ics",
        "training:calendar_ics",
        "training:calendar_private",
        "training:check",
        "training:check_code",
        "training:invitation",
        "web_manifest",
    }


@pytest.mark.parametrize("person", PEOPLE)
def test_page_is_open_to_those_declared_and_nobody_else(client, world, still, settings, one_statement_for_all, person):
    """And it asks about all of its rows in one statement: the world has two of everything; how many in all says
    docs/statements.md. No two pages with other words are called the same, each has one heading over all, and a form
    that shows what stands has a mark of it."""
    settings.DATABASE_PREPARE_AFTER = 0  # where a process prepares statements, that is one more now and then
    sign_in(client, world.people[person])
    counted, overwrites, titles, headings = {}, {}, {}, {}
    for name in OURS:
        page, path = PAGES[name], state.of_house(name, world.a)
        if "GET" in page.methods:
            if person in statements.COUNTED:
                statements.forget()
            connection.queries_log.clear()  # it holds the last 9,000 only
            with one_statement_for_all(), CaptureQueriesContext(connection) as asked:
                response = client.get(path)
            if response.status_code == 200:
                counted[name] = len(asked)
            assert (name, response.status_code) == (name, page.status(person))
            is_page = response.status_code == 200 and not response.streaming and "text/html" in response["Content-Type"]
            if is_page and (title := TITLE.search(response.text)):
                titles.setdefault(title[1].strip(), {})[name] = state.body(response).partition("<main")[2]
                headings[name] = response.text.count("<h1")
                if person in statements.COUNTED and name not in WITHOUT_MARK and (shown := unmarked(response)):
                    overwrites[name] = shown
        else:
            response = client.get(path)
            is_closed = person == "anonymous" and not page.is_public
            assert (name, response.status_code) == (name, 302 if is_closed else 405)
        if not page.is_public and person == "anonymous":
            assert leads_to_sign_in(response)
    if person in statements.COUNTED:
        assert statements.differences(person, counted) == []
    assert {title: set(pages) for title, pages in titles.items() if len(set(pages.values())) > 1} == {}
    assert headings == dict.fromkeys(headings, 1)
    assert not overwrites, "\n".join(f"{name} shows {shown} without a mark of it" for name, shown in overwrites.items())


@pytest.mark.parametrize("person", PEOPLE)
def test_sending_is_open_to_those_declared_and_nobody_else(client, world, person):
    """With nothing in it, so that whoever may send is told what is missing."""
    sign_in(client, world.people[person])
    for name in OURS:
        page = PAGES[name]
        if "POST" not in page.methods and person not in BY_EVERY_METHOD | {"anonymous"}:
            continue
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
    for name in sorted(set(ABOUT_SOMETHING) - WORKBOOKS):
        methods = METHODS if person in BY_EVERY_METHOD else METHODS[:2]
        of_nothing = {method: ask(client, method, state.of_nothing(name)) for method in methods}
        asked = [(method, state.of_house(name, house)) for method in methods[2:]]
        # Whoever sees the rows of somebody walked here is walked by one thing of each kind.
        things = [state.of_house(name, house)] if person in SEE_ALIKE else state.everything_of(name, house)
        asked += [(method, path) for method in methods[:2] for path in things]
        told = {(method, path): ask(client, method, path) == of_nothing[method] for method, path in asked}
        assert not [(name, asked) for asked, is_alike in told.items() if not is_alike]
        for method, (status, _, _) in of_nothing.items():
            assert status in ((302,) if person == "anonymous" else (200, 404) if method == "options" else (404, 405))


def test_workbook_is_made_by_the_view_of_its_csv():
    def made_by(name):
        match = get_resolver().resolve(state.of_nothing(name))
        return match.func.view_class, set(match.kwargs) - {"kind"}, PAGES[name]

    assert not [name for name in WORKBOOKS if made_by(name) != made_by(f"{name.removesuffix('xlsx')}csv")]


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


def test_rows_asked_about_one_by_one_are_found(world, one_statement_for_all):
    """Or the sweep would prove nothing of it."""
    with one_statement_for_all():
        assert [list(officer.commissions.all()) for officer in Officer.objects.prefetch_related("commissions")]
    with one_statement_for_all(), pytest.raises(NPlusOneError, match=r"training\.Officer\.commissions"):
        assert [list(officer.commissions.all()) for officer in Officer.objects.all()]


def test_sign_in_is_required_by_middleware():
    assert "clee_portal.accounts.middleware.SignInRequiredMiddleware" in settings.MIDDLEWARE
    assert AnonymousUser().is_authenticated is False
