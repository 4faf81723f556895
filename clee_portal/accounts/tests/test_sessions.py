"""Sessions: how long they last, what prolongs them, where a person is signed in, and how all of it ends."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import InternalError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal.accounts import devices, interrupted, sessions
from clee_portal.accounts.models import Session
from clee_portal.accounts.sessions import SessionStore
from clee_portal.accounts.tests.factors import PASSWORD, give_password, with_password
from training.models import TrainingClass, TrainingImport
from training.tests import factories

pytestmark = pytest.mark.django_db

START = "2026-03-02 08:00:00-06:00"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
TIME = "/accounts/session/"
OVER = {"seconds": 0, "can_be_prolonged": False}
MINUTE = 60


@pytest.fixture(autouse=True)
def clock_of(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def chief(agency):
    return with_password(factories.ceo(agency, "chief@example.org", "Dana Whitlock"))


def is_in(client) -> bool:
    """Whether the session still lasts; asking changes nothing."""
    return client.get(TIME).json() != OVER


# By time -------------------------------------------------------------------------------------------------------------


def test_it_ends_after_half_an_hour_of_nothing(client, chief, clock_of):
    give_password(client, chief)
    clock_of.shift(30 * MINUTE + sessions.GRAIN - 1)
    assert is_in(client)
    clock_of.shift(1)
    assert not is_in(client)
    assert client.get("/agencies/cedar-hollow/").url.startswith("/accounts/login/?next=")


def test_the_states_people_have_a_quarter_of_an_hour(client, clock_of):
    client.force_login(factories.post_staff())
    assert client.get(TIME).json() == {"seconds": 15 * MINUTE, "can_be_prolonged": True}
    clock_of.shift(16 * MINUTE)
    assert not is_in(client)


def test_doing_something_prolongs_it_and_is_written_once_a_minute(client, chief, clock_of):
    give_password(client, chief)
    for _ in range(4):
        clock_of.shift(20 * MINUTE)
        assert client.get("/agencies/cedar-hollow/").status_code == 200
        with CaptureQueriesContext(connection) as queries:
            client.get("/agencies/cedar-hollow/")
        assert [q for q in queries if "UPDATE" in q["sql"]] == []
    assert is_in(client)


@pytest.mark.parametrize("wrong", [InternalError("only reads"), OperationalError("No space left on device")])
def test_page_is_read_where_the_database_takes_nothing(client, chief, clock_of, monkeypatch, caplog, wrong):
    """And the next page is the one that notes it."""
    give_password(client, chief)
    clock_of.shift(20 * MINUTE)
    before = Session.objects.get().session_data
    with monkeypatch.context() as patch:
        patch.setattr(Session, "save", raising(wrong))
        assert client.get("/agencies/cedar-hollow/").status_code == 200
    assert "The time of the last act could not be written" in caplog.text
    assert Session.objects.get().session_data == before
    clock_of.shift(9 * MINUTE)
    assert client.get("/agencies/cedar-hollow/").status_code == 200
    clock_of.shift(20 * MINUTE)
    assert is_in(client)


def test_fault_of_the_database_is_not_a_session_that_was_ended(client, chief, monkeypatch):
    give_password(client, chief)
    kept = SessionStore(Session.objects.get().session_key)
    kept["typed"] = "something"
    with monkeypatch.context() as patch:
        patch.setattr(Session, "save", raising(OperationalError("No space left on device")))
        with pytest.raises(OperationalError, match="No space left on device"):
            kept.save()
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        kept.save()


def raising(error: Exception):
    def save(*args, **kwargs):
        raise error

    return save


def test_it_ends_twelve_hours_after_the_sign_in_whatever_is_done(client, chief, clock_of):
    give_password(client, chief)
    for _ in range(35):
        clock_of.shift(20 * MINUTE)
        assert client.post(TIME).status_code == 200
    assert client.post(TIME).json() == {"seconds": 20 * MINUTE, "can_be_prolonged": False}
    clock_of.shift(20 * MINUTE + sessions.GRAIN)
    assert not is_in(client)


def test_what_a_page_asks_by_itself_does_not_prolong_it(client, chief, agency, clock_of):
    """The progress of a file asks every second; a page left open with it is still left alone."""
    sent = TrainingImport.objects.create(
        agency=agency,
        name="roster.csv",
        state="waiting",
        content=b"x",
        sha256="a" * 64,
        header_row=1,
        uploaded_by=chief,
    )
    give_password(client, chief)
    path = reverse("training:import_detail", args=[sent.reference])
    for _ in range(30):
        clock_of.shift(MINUTE)
        assert client.get(path, headers={"HX-Request": "true"}).status_code in (200, 286)
        assert client.get(TIME).status_code == 200
    clock_of.shift(MINUTE)
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_sending_by_htmx_is_an_act(client, chief, clock_of):
    give_password(client, chief)
    clock_of.shift(29 * MINUTE)
    client.post(reverse("compliance:draft_effect", args=["cedar-hollow"]), {}, headers={"HX-Request": "true"})
    assert client.get(TIME).json()["seconds"] == 30 * MINUTE


def test_staying_signed_in_says_how_long(client, chief, clock_of):
    give_password(client, chief)
    clock_of.shift(28 * MINUTE)
    assert client.get(TIME).json() == {"seconds": 2 * MINUTE, "can_be_prolonged": True}
    answer = client.post(TIME)
    assert (answer.json(), answer["Cache-Control"]) == ({"seconds": 30 * MINUTE, "can_be_prolonged": True}, "no-store")


def test_what_was_typed_on_the_entry_page_outlives_the_session(client, chief, clock_of):
    give_password(client, chief)
    path = reverse("training:class_enter", args=["cedar-hollow"])
    client.get(path)
    clock_of.shift(40 * MINUTE)
    typed = {"course": "Vehicle stops à nuit", "signed_in_as": interrupted.token(chief)}
    sent = client.post(path, typed)
    assert sent.url == f"/accounts/login/?next={path}"
    assert "You were signed out. What you typed is kept" in client.get(sent.url).content.decode()
    back = client.post("/accounts/login/", {"login": chief.email, "password": PASSWORD, "next": path})
    assert back.url == path
    assert "Vehicle stops à nuit" in client.get(path).content.decode()
    assert TrainingClass.objects.count() == 0


def test_page_warns_and_says_so_without_a_script(client, chief):
    give_password(client, chief)
    page = client.get("/agencies/cedar-hollow/").content.decode()
    assert 'data-left="1800" data-prolongable="yes" data-ask="/accounts/session/"' in page
    assert "<noscript><li>You are signed out after 30 minutes in which you do nothing" in page
    assert "session-ends" not in Client().get("/help/").content.decode()


def test_session_that_was_not_begun_gets_the_shortest_time(chief):
    """Whatever signs somebody in on another way."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(chief.pk), "x"
    session[HASH_SESSION_KEY] = chief.get_session_auth_hash()
    session.create()
    assert session[sessions.IDLE_SECONDS] == 15 * MINUTE
    assert Session.objects.get().user == chief


# Where ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Windows"),
        (CHROME.replace("Safari/537.36", "Safari/537.36 Edg/156.0"), "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
            "Safari on an iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36", "Chrome on Android"),
        ("", "A browser"),
    ],
)
def test_device_is_named_coarsely(agent, name):
    assert devices.name_of(agent) == name


def test_list_names_this_place_and_the_others_and_ends_them(client, chief, clock_of):
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36"})
    give_password(phone, chief)
    clock_of.shift(5 * MINUTE)
    here = Client(headers={"user-agent": CHROME})
    give_password(here, chief)
    give_password(client, with_password(factories.user("other@example.org")))
    page = here.get("/accounts/sessions/").content.decode()
    assert "You are signed in at 2 places." in page
    assert page.index("Chrome on Windows") < page.index("Chrome on Android")
    assert "127.0.0.1" not in page
    assert here.post("/accounts/sessions/", {"which": "others"}).url == "/accounts/sessions/"
    assert "Signed out of 1 other place." in here.get("/accounts/sessions/").content.decode()
    assert not is_in(phone)
    assert (is_in(here), is_in(client)) == (True, True)


def test_sign_out_everywhere_here_too(client, chief):
    other = Client()
    for one in (client, other):
        give_password(one, chief)
    assert client.post("/accounts/sessions/", {"which": "all"}).url == "/accounts/login/"
    assert (is_in(client), is_in(other)) == (False, False)
    assert Session.objects.filter(user=chief).count() == 0


def test_end_all_is_one_statement_however_many_there_are(chief, django_assert_num_queries):
    for user in (chief, chief, chief, factories.user()):
        Client().force_login(user)
    with django_assert_num_queries(1):
        assert sessions.end_all(chief) == 3
    assert Session.objects.count() == 1
