"""The second step: needed by the state's people before anything opens, proved once, kept encrypted."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from clee_portal.accounts import encryption, second_factor, totp
from clee_portal.accounts.demonstration import ACCOUNTS, code_for
from clee_portal.accounts.models import StateRole
from clee_portal.accounts.tests.factors import app_of, code_now, give_code, give_password, with_password
from clee_portal.history.models import Access
from training.tests import factories

pytestmark = pytest.mark.django_db

START = "2026-03-02 08:00:10-06:00"
SECURITY = "/accounts/security/"
ROLES = ["post_staff", "director", "director_agent"]


@pytest.fixture
def post():
    return with_password(factories.post_staff("post@example.org", "Grace Lindqvist"))


@pytest.fixture
def chief():
    return with_password(factories.ceo(factories.agency("cedar-hollow"), "chief@example.org", "Dana Whitlock"))


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


# What opens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_nothing_opens_to_the_states_people_before_it_is_set_up(client, role):
    user = with_password(factories.user())
    StateRole.objects.create(user=user, role=role, starts_on=factories.LONG_AGO)
    assert give_password(client, user).url == "/"
    for path in ("/", "/officers/", "/agencies/nowhere/overview.csv", "/accounts/password/change/", "/standing/"):
        assert client.get(path).url.startswith(f"{SECURITY}?next=")
    assert client.get("/officers/").url == f"{SECURITY}?next=%2Fofficers%2F"
    page = client.get(SECURITY).content.decode()
    assert "Set up a second step to go on." in page
    assert client.get(reverse("help")).status_code == 200
    assert client.post(reverse("account_logout")).url == "/"


def test_fragments_and_what_is_sent_stay_closed_too(client, post):
    client.force_login(post, second_step=False)
    answer = client.get("/courses/to-review/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert client.post("/officers/").url == f"{SECURITY}?next=%2Fofficers%2F"


def test_whoever_has_one_and_has_not_proved_it_is_asked_for_it(client, post):
    app_of(post)
    client.force_login(post, second_step=False)
    assert client.get("/officers/").url == "/accounts/confirm/?next=%2Fofficers%2F"


def test_role_given_while_signed_in_closes_at_once(client, chief):
    client.force_login(chief)
    assert client.get("/").status_code == 200
    StateRole.objects.create(user=chief, role="post_staff", starts_on=factories.LONG_AGO)
    assert client.get("/").url == f"{SECURITY}?next=%2F"


def test_others_need_none(client, chief):
    give_password(client, chief)
    assert client.get("/agencies/cedar-hollow/").status_code == 200


def test_proof_of_one_person_is_none_of_another(rf, post):
    session = {}
    second_factor.confirm(session, factories.post_staff())
    request = rf.get("/")
    request.session, request.user = session, post
    assert second_factor.opens(request) is False


# Signing in -----------------------------------------------------------------------------------------------------------


def test_sign_in_with_the_code_of_the_app_goes_on_to_the_page(client, post):
    app = app_of(post)
    assert give_password(client, post, next="/officers/").url == "/accounts/login/second-step/"
    assert not is_signed_in(client)
    assert client.get("/officers/").url.startswith("/accounts/login/")
    page = client.get("/accounts/login/second-step/").content.decode()
    assert "Now the code of your app" in page
    assert "Demonstration" not in page
    assert give_code(client, code_now(app)).url == "/officers/"
    assert client.get("/officers/").status_code == 200


def test_wrong_code_says_so_and_signs_nobody_in(client, post):
    app_of(post)
    give_password(client, post)
    answer = give_code(client, "000000")
    assert (answer.status_code, is_signed_in(client)) == (200, False)
    assert Access.objects.get().what == "Wrong code of the second step"
    assert "This code is not right, or was used before." in answer.content.decode()


def test_a_code_is_good_once_and_no_earlier_one_after_it(client, post, time_machine):
    time_machine.move_to(START, tick=False)
    app = app_of(post)
    code, before = code_now(app), code_now(app, -1)
    for given, is_right in ((code, True), (code, False), (before, False), (code_now(app, 1), True)):
        assert (given, totp.use(app, given)) == (given, is_right)
    time_machine.shift(90)
    assert totp.use(app, code_now(app, -1)) is True


@pytest.mark.parametrize(("seconds", "is_right"), [(30, True), (49, True), (50, False), (-30, True), (-41, False)])
def test_a_clock_may_be_half_a_minute_wrong(client, post, time_machine, seconds, is_right):
    time_machine.move_to(START, tick=False)
    app = app_of(post)
    code = code_now(app)
    time_machine.shift(seconds)
    assert totp.use(app, code) is is_right


def test_known_values_of_the_standard():
    """RFC 6238, appendix B, the last six of its eight figures (SHA-1)."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    known = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp.code_of(secret, at // 30) for at in known} == known


def test_recovery_code_signs_in_once(client, post):
    app_of(post)
    code = RecoveryCodes.activate(post).generate_codes()[0]
    give_password(client, post)
    assert give_code(client, code).url == "/"
    again = Client()
    give_password(again, post)
    assert give_code(again, code).status_code == 200
    assert not is_signed_in(again)


def test_too_many_wrong_codes_wait_and_a_known_browser_does_not(client, post, time_machine):
    time_machine.move_to(START, tick=False)
    app = app_of(post)
    give_password(client, post)
    give_code(client, code_now(app))
    client.post(reverse("account_logout"))
    guesser = Client()
    give_password(guesser, post)
    for _ in range(5):
        assert give_code(guesser, "000000").status_code == 200
    stopped = give_code(guesser, code_now(app, 1))
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "300")
    assert "Too many wrong codes. Wait 5 minutes, then try again." in stopped.content.decode()
    give_password(client, post)
    assert give_code(client, code_now(app, 1)).url == "/"


def test_the_states_sign_in_exempts_nobody_unless_the_settings_name_what_it_says(settings):
    claims = {"acr": "urn:mo:2fa", "amr": ["pwd", "otp"]}
    assert second_factor.said_by(claims) is False
    settings.STRONG_SIGN_IN_AMR = ["hwk", "otp"]
    assert second_factor.said_by(claims) is True
    assert [second_factor.said_by(one) for one in ({"amr": "otp"}, {"amr": ["pwd"]}, {"amr": None}, {})] == [
        True,
        False,
        False,
        False,
    ]
    settings.STRONG_SIGN_IN_AMR, settings.STRONG_SIGN_IN_ACR = [], ["urn:mo:2fa"]
    assert (second_factor.said_by(claims), second_factor.said_by({"acr": None})) == (True, False)


# Setting up -----------------------------------------------------------------------------------------------------------


def secret_on(page) -> str:
    return re.search(r'class="secret">([A-Z2-7]{32})<', page.content.decode())[1]


def set_up(client) -> tuple:
    secret = secret_on(client.get(reverse("mfa_activate_totp")))
    code = totp.code_of(secret, totp.now_counter())
    return secret, code, client.post(reverse("mfa_activate_totp"), {"code": code})


def test_set_up_opens_the_portal_and_shows_the_codes_once(client, post):
    give_password(client, post)
    client.get(client.get("/officers/").url)
    _, _, done = set_up(client)
    assert done.url == reverse("mfa_view_recovery_codes")
    shown = client.get(done.url).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", shown)
    assert len(codes) == 10
    assert 'href="/officers/">I have kept them' in shown
    assert client.get("/officers/").status_code == 200
    again = client.get(done.url).content.decode()
    assert [code in again for code in codes] == [False] * 10
    assert "10 of 10 recovery codes are left." in again


@pytest.mark.django_db(transaction=True)
def test_set_up_is_told_by_mail(client, post):
    give_password(client, post)
    set_up(client)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["post@example.org"], "An authenticator app was added to your CLEE Portal account")
    ]
    assert "127.0.0.1" not in mail.outbox[0].body


def test_code_that_set_it_up_does_not_sign_in(client, post, time_machine):
    time_machine.move_to(START, tick=False)
    give_password(client, post)
    _, code, _ = set_up(client)
    other = Client()
    give_password(other, post)
    assert give_code(other, code).status_code == 200
    assert not is_signed_in(other)
    time_machine.shift(30)
    app = Authenticator.objects.get(type="totp")
    assert give_code(other, code_now(app)).url == "/"


def test_wrong_code_keeps_the_same_secret(client, post):
    give_password(client, post)
    secret = secret_on(client.get(reverse("mfa_activate_totp")))
    answer = client.post(reverse("mfa_activate_totp"), {"code": "12"})
    assert "This is not the code of this app just now." in answer.content.decode()
    assert secret_on(answer) == secret_on(client.get(reverse("mfa_activate_totp"))) == secret
    assert Authenticator.objects.count() == 0


def test_change_is_not_open_to_a_session_left_alone(client, chief, time_machine):
    """Without a second step the password is asked for once more, ten minutes after the sign-in."""
    time_machine.move_to(START, tick=False)
    give_password(client, chief)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    time_machine.shift(600)
    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        path = reverse(name)
        assert client.get(path).url == f"/accounts/reauthenticate/?next={path.replace('/', '%2F')}"
        assert client.post(path, {"code": "123456"}).url.startswith("/accounts/reauthenticate/")
    wrong = client.post("/accounts/reauthenticate/", {"password": "not-it", "next": reverse("mfa_activate_totp")})
    assert wrong.status_code == 200
    right = client.post(
        "/accounts/reauthenticate/", {"password": "correct-horse-battery", "next": reverse("mfa_activate_totp")}
    )
    assert right.url == reverse("mfa_activate_totp")
    assert client.get(right.url).status_code == 200


def test_change_asks_for_the_second_step_where_there_is_one(client, chief):
    app = app_of(chief)
    key = Authenticator.objects.create(user=chief, type="webauthn", data={"name": "Key", "credential": {}})
    client.force_login(chief)
    paths = [
        reverse(name)
        for name in (
            "mfa_deactivate_totp",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_activate_totp",
        )
    ]
    paths += [reverse(name, args=[key.pk]) for name in ("mfa_edit_webauthn", "mfa_remove_webauthn")]
    for path in paths:
        for answer in (client.get(path), client.post(path)):
            assert answer.url == f"/accounts/confirm/?next={path.replace('/', '%2F')}"
    assert Authenticator.objects.count() == 2
    client.post("/accounts/confirm/", {"code": code_now(app)})
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200


def test_who_signed_in_by_the_state_alone_signs_in_anew(client, chief, time_machine):
    time_machine.move_to(START, tick=False)
    chief.set_unusable_password()
    chief.save()
    client.force_login(chief)
    time_machine.shift(600)
    assert client.get(reverse("mfa_add_webauthn")).url.startswith("/accounts/logout/?next=%2Faccounts%2Flogin%2F")


def test_last_one_of_the_states_people_stays(client, post):
    app_of(post)
    client.force_login(post)
    page = client.get(reverse("mfa_deactivate_totp")).content.decode()
    assert "needs a second step. Add another one first" in page
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.count() == 1
    key = Authenticator.objects.create(user=post, type="webauthn", data={"name": "Key", "credential": {}})
    client.post(reverse("mfa_deactivate_totp"))
    assert [one.type for one in Authenticator.objects.all()] == ["webauthn"]
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert Authenticator.objects.count() == 1


def test_others_may_do_without(client, chief):
    app = app_of(chief)
    client.force_login(chief)
    client.post("/accounts/confirm/", {"code": code_now(app)})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.count() == 0
    assert [one.subject for one in mail.outbox] == ["The authenticator app of your CLEE Portal account was removed"]


def test_keys_of_others_do_not_exist(client, post, chief):
    key = Authenticator.objects.create(user=chief, type="webauthn", data={"name": "Key", "credential": {}})
    client.force_login(post)
    app_of(post)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.get(reverse(name, args=[key.pk])).status_code == 404
        assert client.post(reverse(name, args=[key.pk]), {"name": "Mine"}).status_code == 404


# Kept encrypted -------------------------------------------------------------------------------------------------------


def test_nothing_readable_is_in_the_database(client, post):
    give_password(client, post)
    secret = secret_on(client.get(reverse("mfa_activate_totp")))
    assert secret not in str(dict(client.session))
    assert encryption.decrypt(client.session[SECRET_SESSION_KEY]) == secret
    client.post(reverse("mfa_activate_totp"), {"code": totp.code_of(secret, totp.now_counter())})
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data::text FROM mfa_authenticator ORDER BY type")
        rows = dict(cursor.fetchall())
    seed = encryption.decrypt(Authenticator.objects.get(type="recovery_codes").data["seed"])
    assert re.fullmatch(r"[0-9a-f]{80}", seed)
    assert set(rows) == {"totp", "recovery_codes"}
    assert secret not in rows["totp"]
    assert seed not in rows["recovery_codes"]
    assert all("gAAAAA" in row for row in rows.values())


def test_keys_are_changed_without_anybody_noticing(settings, post, capsys):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    app = app_of(post)
    RecoveryCodes.activate(post)
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert totp.use(app, code_now(app)) is True
    call_command("encrypt_anew")
    assert capsys.readouterr().out == "2 secrets are encrypted with the first key.\n"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    app.refresh_from_db()
    assert totp.use(app, code_now(app, 1)) is True
    settings.FIELD_ENCRYPTION_KEYS = [old]
    with pytest.raises(encryption.Unreadable):
        totp.use(app, "123456")


# The demonstration ----------------------------------------------------------------------------------------------------


def test_demonstration_shows_the_code_of_its_own_accounts_alone(client, settings, time_machine):
    time_machine.move_to(START, tick=False)
    made_up = next(one for one in ACCOUNTS if one.state_role)
    user = with_password(factories.post_staff(made_up.email))
    app = app_of(user)
    stranger = factories.post_staff("post@example.org")
    app_of(stranger)
    assert code_for(user) is None
    settings.IS_DEMONSTRATION = True
    assert code_for(stranger) is None
    assert code_for(user) == code_now(app)
    give_password(client, user)
    shown = client.get("/accounts/login/second-step/").content.decode()
    assert f"the code is now <code><b>{code_now(app)}</b></code>" in shown
    assert give_code(client, code_for(user)).url == "/"
    assert code_for(user) == code_now(app, 1)
