"""Signing in and out with e-mail and password, and the way back in when the password is forgotten."""

import re

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from clee_portal import clock
from clee_portal.accounts import sessions
from clee_portal.accounts.models import Session, User
from clee_portal.accounts.sessions import SessionStore
from notifications.models import DemonstrationMessage
from training.tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"
# Nothing listens there.
DEAD_BROKER = "redis://127.0.0.1:1/0"


@pytest.fixture
def person():
    """Somebody with an account, without any role."""
    return factories.user("dana.whitlock@example.org", "Dana Whitlock", password=PASSWORD)


def sign_in(client, email="dana.whitlock@example.org", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_sign_in_goes_home(client, person):
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, "/")
    assert is_signed_in(client)


def test_sign_in_ignores_the_case_of_the_address(client, person):
    assert sign_in(client, "Dana.Whitlock@Example.ORG").url == "/"


def test_sign_in_goes_to_next(client, person):
    assert sign_in(client, next="/standing/?period=2025").url == "/standing/?period=2025"


def test_session_that_somebody_else_began_is_not_signed_in(client, person):
    """Whoever puts a session of their own into a browser that is not theirs has nothing when its owner signs in."""
    forged = SessionStore()
    forged["marked"] = "mine"
    forged.create()
    client.cookies["sessionid"] = forged.session_key
    assert sign_in(client).url == "/"
    assert client.cookies["sessionid"].value != forged.session_key
    assert list(Session.objects.values_list("user_id", flat=True)) == [person.pk]
    assert not SessionStore(forged.session_key).load()


def test_sign_out_takes_the_pages_out_of_the_browser(client, person):
    """Computers are shared: who comes next presses “Back”."""
    sign_in(client)
    ended = client.post(reverse("account_logout"))
    assert (ended.status_code, ended["Clear-Site-Data"]) == (302, '"cache"')
    assert not Session.objects.filter(user__isnull=False).exists()  # only what the next page says, to nobody


@pytest.mark.parametrize(
    "away", ["https://example.com/", "//example.com/", "/\\example.com", "///example.com", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(client, person, away):
    assert sign_in(client, next=away).url == "/"


def test_sign_in_wrong_password_and_unknown_address_look_the_same(client, person):
    wrong = sign_in(client, password="not-the-password")
    unknown = sign_in(client, "nobody@example.org")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not is_signed_in(client)


def test_sign_in_of_an_inactive_account_is_refused(client, person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, reverse("account_inactive"))
    assert not is_signed_in(client)


def test_account_made_inactive_is_out_at_the_next_request(client, person):
    sign_in(client)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("account_change_password")).status_code == 302


def test_sign_in_with_argon2_and_without_redis(client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.CELERY_RESULT_BACKEND = DEAD_BROKER
    person = factories.user("ada@example.org", "Ada", password=PASSWORD)
    assert identify_hasher(person.password).algorithm == "argon2"
    assert sign_in(client, "ada@example.org").status_code == 302
    assert client.get("/").status_code == 200
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    assert settings.SESSION_ENGINE == "clee_portal.accounts.sessions"


def test_old_hashes_are_made_anew_with_argon2_at_sign_in(client, person, settings):
    User.objects.filter(pk=person.pk).update(password=make_password(PASSWORD, hasher="md5"))
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    sign_in(client)
    person.refresh_from_db()
    assert identify_hasher(person.password).algorithm == "argon2"


def test_session_ends_after_half_an_hour_of_nothing_and_with_the_browser(client, person, time_machine):
    time_machine.move_to("2026-03-02 08:00:00-06:00", tick=False)
    response = sign_in(client)
    session = Session.objects.get(user=person)
    assert (session.expire_date - clock.now()).total_seconds() == 30 * 60 + sessions.GRAIN
    assert response.cookies["sessionid"]["max-age"] == ""
    assert response.cookies["sessionid"]["httponly"] is True


def test_reading_a_page_writes_nothing(client, person):
    sign_in(client)
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert [q["sql"] for q in queries if re.match("(INSERT|UPDATE|DELETE)", q["sql"])] == []


def test_too_many_wrong_passwords_are_stopped_for_a_while(client, person, time_machine):
    time_machine.move_to("2026-03-02 08:00:00-06:00", tick=False)
    for _ in range(5):
        assert sign_in(client, password="not-the-password").status_code == 200
    stopped = sign_in(client)
    assert not is_signed_in(client)
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "300")
    assert "Too many wrong passwords. Wait 5 minutes, then try again." in stopped.content.decode()
    assert 'value="dana.whitlock@example.org"' in stopped.content.decode()
    time_machine.shift(300)
    assert sign_in(client).status_code == 302


def test_too_many_attempts_from_one_address_are_answered_429(client, person):
    answers = [sign_in(client, f"nobody{i}@example.org").status_code for i in range(31)]
    assert answers == [200] * 30 + [429]


def test_a_whole_office_signs_in_from_one_address(person):
    """Successes are not counted, whatever their number."""
    for _ in range(40):
        assert sign_in(Client()).status_code == 302


def test_browser_that_was_signed_in_before_is_not_stopped_by_what_others_do(client, person):
    sign_in(client)
    client.post(reverse("account_logout"))
    for _ in range(6):
        stopped = sign_in(Client(), password="not-the-password")
    assert stopped.status_code == 429
    assert sign_in(client).status_code == 302


def test_new_password_by_mail_takes_the_failures_with_the_old_one_away(client, person):
    for _ in range(5):
        sign_in(client, password="not-the-password")
    get_adapter().set_password(person, "another-long-secret")
    assert sign_in(client, password="another-long-secret").status_code == 302


def test_sign_out_by_post_only(client, person):
    sign_in(client)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    assert client.post(reverse("account_logout")).url == "/"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/abc/",
        "/accounts/login/code/confirm/",
        "/accounts/social/connections/",
        "/accounts/3rdparty/",
    ],
)
def test_pages_of_allauth_that_are_not_opened_do_not_exist(client, person, path):
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    sign_in(client)
    assert client.get(path).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@override_settings(EMAIL_BACKEND="notifications.demonstration.DemonstrationBackend", IS_DEMONSTRATION=True)
def test_forgotten_password_by_the_mail_of_the_demonstration(client, person):
    asked = client.post(reverse("account_reset_password"), {"email": "dana.whitlock@example.org"})
    assert asked.url == reverse("account_reset_password_done")
    page = client.get(reverse("notifications:demonstration_mail"))
    link = re.search(r"http://testserver(/accounts/password/reset/key/[^\s<\"]+)", page.content.decode())[1]
    form = client.get(link)
    assert form.status_code == 302
    chosen = {"password1": "another-long-secret", "password2": "another-long-secret"}
    assert client.post(form.url, chosen).url == reverse("account_reset_password_from_key_done")
    assert sign_in(client).status_code == 200
    assert sign_in(client, password="another-long-secret").status_code == 302
    used = client.get(link)
    assert used.status_code == 200
    assert used.context["token_fail"] is True


@pytest.mark.parametrize("address", ["nobody@example.org", "dana.whitlock@example.org"])
def test_forgotten_password_says_the_same_for_every_address(client, person, address):
    response = client.post(reverse("account_reset_password"), {"email": address})
    assert (response.status_code, response.url) == (302, reverse("account_reset_password_done"))
    assert [message.to for message in mail.outbox] == ([[address]] if address.startswith("dana") else [])
    assert {message.subject for message in mail.outbox} <= {"Set a new password for the CLEE Portal"}
    assert DemonstrationMessage.objects.count() == 0


def test_demonstration_accounts_are_shown_beside_embedded_servers_only(client, settings):
    assert settings.CLEE_EMBEDDED is False
    assert "demonstration_accounts" not in client.get(reverse("account_login")).context


def test_demonstration_accounts_are_shown_beside_embedded_servers(client, settings):
    settings.CLEE_EMBEDDED = True
    demonstration = pytest.importorskip("clee_portal.accounts.demonstration")
    page = client.get(reverse("account_login"))
    assert page.context["demonstration_accounts"] == demonstration.ACCOUNTS
    assert all(account.email in page.content.decode() for account in demonstration.ACCOUNTS)
    assert demonstration.PASSWORD in page.content.decode()
