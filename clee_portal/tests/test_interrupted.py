"""A session that ended half-way: nothing typed is lost, and nobody else gets to see it."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from clee_portal.accounts import interrupted
from clee_portal.accounts.models import Session
from training.models import TrainingClass
from training.tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Police of Cedar Hollow")


@pytest.fixture
def chief(agency):
    """The CEO of the agency, who can sign in."""
    account = factories.ceo(agency, "chief@example.org")
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def address(agency) -> str:
    return reverse("training:class_enter", args=[agency.code])


def typed(user, **more) -> dict:
    """What the entry address sends, half filled."""
    return {"course": "Vehicle stops à nuit", "officers": ["7", "9"], "signed_in_as": interrupted.token(user), **more}


def sign_in(client, to, email="chief@example.org"):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD, "next": to})


def test_work_is_kept_over_the_sign_in_and_shown_again(client, chief, address):
    client.force_login(chief)
    Session.objects.all().delete()  # it ended
    sent = client.post(address, typed(chief))
    assert (sent.status_code, sent.url) == (302, f"{reverse('account_login')}?next={address}")
    before = client.session.session_key
    back = sign_in(client, address)
    assert back.url == address
    assert client.session.session_key != before
    shown = client.get(address)
    assert "Vehicle stops à nuit" in shown.content.decode()
    assert TrainingClass.objects.count() == 0
    assert "Vehicle stops" not in client.get(address).content.decode()


def test_work_is_kept_word_for_word_without_tokens_and_files(client, chief, address):
    with (settings.BASE_DIR / "manage.py").open("rb") as file:
        client.post(address + "?from=C-000012", typed(chief, csrfmiddlewaretoken="x" * 64, file=file))
    sign_in(client, address)
    request = RequestFactory().get(address)
    request.session, request.user = client.session, chief
    taken = interrupted.take(request)
    assert dict(taken.lists()) == {
        "course": ["Vehicle stops à nuit"],
        "officers": ["7", "9"],
        interrupted.FILES: ["manage.py"],  # its name, so that the page can say which to choose again
    }
    assert interrupted.take(request) is None


def test_work_of_the_page_is_not_shown_on_another(client, chief, address):
    client.post(address, typed(chief))
    sign_in(client, address)
    request = RequestFactory().get(address + "other/")
    request.session, request.user = client.session, chief
    assert interrupted.take(request) is None
    request.path = address
    assert interrupted.take(request) is not None
    assert "interrupted_work" not in request.session


def test_work_of_one_person_is_never_shown_to_the_next(client, chief, agency, address):
    other = factories.delegate(agency, "delegate@example.org")
    other.set_password(PASSWORD)
    other.save()
    client.post(address, typed(chief))
    sign_in(client, address, other.email)
    assert "interrupted_work" not in client.session
    assert "Vehicle stops" not in client.get(address).content.decode()


@pytest.mark.parametrize("token", ["", "not-a-token", "MQ:1abc:forged"])
def test_nothing_is_kept_without_a_token_of_the_page(client, address, token):
    sent = client.post(address, {"course": "Vehicle stops", "signed_in_as": token})
    assert sent.status_code == 302
    assert Session.objects.count() == 0


def test_nothing_is_kept_beyond_its_bounds(client, chief, address):
    assert client.post(address, typed(chief, note="x" * interrupted.MOST_BYTES)).status_code == 302
    assert Session.objects.count() == 0


def test_nothing_is_kept_with_a_token_that_is_too_old(chief, time_machine):
    time_machine.move_to("2026-03-02 08:00-06:00")
    token = interrupted.token(chief)
    assert interrupted.owner_of(token) == chief.pk
    time_machine.shift(interrupted.LONGEST + 1)
    assert interrupted.owner_of(token) is None


def test_nobody_has_no_token():
    assert interrupted.token(AnonymousUser()) == ""


def test_reading_keeps_nothing(client, address):
    assert client.get(address).url == f"{reverse('account_login')}?next={address}"
    assert Session.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_htmx_of_an_ended_session_leaves_the_page_as_it_is(client, chief, address, method):
    data = typed(chief) if method == "post" else {}
    answer = getattr(client, method)(address, data, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.lower().startswith(("hx-", "location"))]
    assert answer.content.decode().startswith("You have been signed out.")
    assert Session.objects.count() == 0


@pytest.fixture
def strict(chief):
    """A browser in which the protection against forged requests is on, signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(chief)
    return client


def test_page_of_an_earlier_session_is_shown_again_with_what_was_typed(strict, chief, address):
    """The tab was open while the person signed in anew in another: its protection token is of the session before."""
    sent = strict.post(address, typed(chief, csrfmiddlewaretoken="a" * 64))
    assert (sent.status_code, sent.url) == (302, address)
    assert "Vehicle stops à nuit" in strict.get(address).content.decode()
    assert TrainingClass.objects.count() == 0


def test_forged_form_gets_the_page_that_says_what_to_do_and_no_secret(strict, chief, agency, address):
    stranger = factories.ceo(factories.agency())
    for data in ({"course": "Vehicle stops"}, typed(stranger)):
        sent = strict.post(address, data)
        text = sent.content.decode()
        assert sent.status_code == 403
        assert "Nothing was saved" in text
        assert "Vehicle stops" not in text
        assert "CSRF cookie" not in text
    assert "Vehicle stops" not in strict.get(address).content.decode()


@pytest.mark.parametrize("is_another", [True, False])
def test_page_says_so_where_somebody_else_has_signed_in_since(strict, chief, agency, address, is_another):
    """In another tab of the same browser. It names who is signed in now, and nobody else."""
    data = typed(factories.ceo(agency, "other@harlan.example")) if is_another else {"course": "Vehicle stops"}
    text = strict.post(address, data).content.decode()
    assert ("Somebody else has signed in since." in text) is is_another
    assert (f"now signed in as {chief.email}" in text) is is_another
    assert "other@harlan.example" not in text


def test_htmx_with_an_old_token_leaves_the_page_as_it_is(strict, chief, address):
    answer = strict.post(address, typed(chief), headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("text/plain")
    assert "interrupted_work" not in strict.session
