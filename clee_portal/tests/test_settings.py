"""Settings come from the environment, and what is not set safely does not start."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.core.cache import caches
from django.urls import reverse

from clee_portal.accounts.sessions import SessionStore

PRODUCTION = {
    "FIELD_ENCRYPTION_KEYS": "b25lLWtleS1vZi0zMi1ieXRlcy1mb3ItdGhpcy10ZXM=",
    "SIGNING_KEYS": "YSBrZXkgdGhhdCBzaWducyBpbiB0aGlzIHRlc3QuLi4=",
    "SECRET_KEY": "a-key-of-more-than-fifty-characters-made-for-this-test-0123456789",
    "ALLOWED_HOSTS": "clee.example.org",
    "DATABASE_URL": "postgres://clee_app:secret@db.example.org/clee",
    "REDIS_URL": "redis://broker.example.org/0",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.org:587",
    "PORTAL_URL": "https://clee.example.org/",
}


def run(*arguments, **environment) -> subprocess.CompletedProcess:
    """Python in a process of its own, in nothing but the given environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def value_of(expression: str, **environment) -> str:
    """What a setting is in a given environment."""
    done = run("-c", f"from clee_portal import settings; print({expression})", **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_settings_refuse_to_start_without(missing):
    done = run(
        "-c", "import clee_portal.settings", **{name: PRODUCTION[name] for name in PRODUCTION if name != missing}
    )
    assert done.returncode == 1
    assert f"ImproperlyConfigured: Set {missing}" in done.stderr


def test_the_images_own_step_has_every_setting_it_needs():
    """What the Dockerfile sets to collect static files is enough for the settings to start."""
    step = (settings.BASE_DIR / "deploy" / "Dockerfile").read_text().split("\nRUN \\\n")[1].split("python manage.py")[0]
    given = dict(re.findall(r"([A-Z_]+)=(\S+)", step))
    assert set(given) == set(PRODUCTION)
    assert run("-c", "import clee_portal.settings", **given).stderr == ""


def test_no_command_runs_without_settings():
    done = run("manage.py", "check")
    assert done.returncode == 1
    assert "ImproperlyConfigured" in done.stderr


def test_check_deploy_is_clean_in_production():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "System check identified no issues (0 silenced)."


def test_check_deploy_finds_what_is_wrong():
    done = run(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, SECURE_SSL_REDIRECT="0", DEBUG="1"
    )
    assert done.returncode != 0
    assert "security.W008" in done.stderr
    assert "security.W018" in done.stderr


def test_production_is_strict():
    names = {
        "IS_DEMONSTRATION": False,
        "CLEE_EMBEDDED": False,
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "LANGUAGE_COOKIE_SECURE": True,
        "LANGUAGE_COOKIE_NAME": "__Host-django_language",
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https",
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "STRONG_SIGN_IN_ACR": [],
        "STRONG_SIGN_IN_AMR": [],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    }
    assert value_of(f"{{name: getattr(settings, name) for name in {list(names)}}}", **PRODUCTION) == str(names)


@pytest.mark.parametrize("script", ["door.js", "session.js"])
def test_scripts_find_the_token_under_each_name_it_has(script):
    (pattern,) = re.findall(
        r"document\.cookie\.match\(/(.+?)/\)", (settings.BASE_DIR / "static" / "portal" / script).read_text()
    )
    for name in (value_of("settings.CSRF_COOKIE_NAME", **PRODUCTION), settings.CSRF_COOKIE_NAME):
        assert re.search(pattern, f"one=1; {name}=abc; not_{name}=d")[1] == "abc"
        assert not re.search(pattern, f"not_{name}=d")


def test_embedded_default_with_a_mail_server_is_no_demonstration():
    both = "settings.IS_DEMONSTRATION, settings.EMAIL_BACKEND"
    assert value_of(both, CLEE_EMBEDDED="1") == "True notifications.demonstration.DemonstrationBackend"
    mail = {"EMAIL_URL": PRODUCTION["EMAIL_URL"]}
    assert value_of(both, CLEE_EMBEDDED="1", **mail) == "False notifications.transport.SmtpBackend"


def test_the_clock_turns_under_test_only(tmp_path):
    turned = tmp_path / "offset"
    turned.write_text("86400")
    ask = "from clee_portal import clock; from django.utils import timezone; print(clock.now() - timezone.now())"
    testing = {"CLEE_TESTING": "1", "DJANGO_SETTINGS_MODULE": "clee_portal.settings"}
    for offset, begin in ((str(turned), "23:59:59."), ("", "-1 day, 23:59:59.")):
        done = run("-c", ask, **testing, CLOCK_OFFSET_FILE=offset)
        assert (done.stdout.startswith(begin), done.stderr) == (True, "")
    for place in ({"CLEE_EMBEDDED": "1"}, PRODUCTION):
        refused = run("-c", "import clee_portal.settings", **place, CLOCK_OFFSET_FILE=str(turned))
        assert "CLOCK_OFFSET_FILE turns the clock, and is for tests only" in refused.stderr


def test_mail_without_a_host_of_its_own_has_that_of_its_sender():
    assert value_of("settings.MAIL_DOMAIN", **PRODUCTION) == "dps.mo.gov"
    assert value_of("settings.PORTAL_URL", **PRODUCTION) == "https://clee.example.org"


def test_application_uses_its_own_role_unless_told_otherwise():
    owner = {**PRODUCTION, "DATABASE_OWNER_URL": "postgres://clee_owner:secret@db.example.org/clee"}
    assert value_of("settings.DATABASES['default']['USER']", **owner) == "clee_app"
    assert value_of("settings.DATABASES['default']['USER']", **owner, CLEE_AS_OWNER="1") == "clee_owner"


MO_LOGIN = {
    "MO_LOGIN_ISSUER": "https://login.example.org",
    "MO_LOGIN_CLIENT_ID": "clee",
    "MO_LOGIN_CLIENT_SECRET": "secret",
}


def test_mo_login_is_offered_where_it_is_named_and_nowhere_else():
    policy = "settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']"
    both = f"(settings.MO_LOGIN_ORIGINS, {policy}, len(settings.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS']))"
    assert value_of(both, **PRODUCTION) == "([], [\"'self'\"], 0)"
    origin = "https://login.example.org"
    assert value_of(both, **PRODUCTION, **MO_LOGIN) == f"(['{origin}'], [\"'self'\", '{origin}'], 1)"
    more = {**MO_LOGIN, "MO_LOGIN_ORIGINS": f"{origin},https://id.example.org"}
    assert value_of("settings.MO_LOGIN_ORIGINS", **PRODUCTION, **more) == f"['{origin}', 'https://id.example.org']"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MO_LOGIN_ISSUER", "http://login.example.org", "has to begin with https://"),
        ("MO_LOGIN_ISSUER", "http://127.0.0.1:9400", "has to begin with https://"),
        ("MO_LOGIN_ISSUER", "login.example.org", "has to begin with https://"),
        ("MO_LOGIN_ISSUER", "https://login.example.org?x=1", "is the address the provider calls itself by"),
        ("MO_LOGIN_ISSUER", "https://login.example.org/" + "x" * 200, "of at most 200 characters"),
        ("MO_LOGIN_CLIENT_ID", "", "Set MO_LOGIN_CLIENT_ID in the environment"),
        ("MO_LOGIN_CLIENT_SECRET", "", "Set MO_LOGIN_CLIENT_SECRET in the environment"),
    ],
)
def test_settings_refuse_a_mo_login_that_is_not_safe(name, value, words):
    done = run("-c", "import clee_portal.settings", **PRODUCTION, **{**MO_LOGIN, name: value})
    assert done.returncode == 1
    assert words in done.stderr


def test_check_deploy_is_clean_with_mo_login():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **MO_LOGIN)
    assert (done.returncode, done.stderr) == (0, "")


def test_sessions_and_cache_do_not_need_redis():
    assert settings.SESSION_ENGINE == "clee_portal.accounts.sessions"
    assert issubclass(SessionStore, DatabaseSessionStore)
    assert type(caches["default"]).__name__ == "DatabaseCache"


def test_session_lasts_twelve_hours_and_half_an_hour_of_nothing():
    assert settings.SESSION_COOKIE_AGE == 12 * 60 * 60
    assert (settings.SESSION_IDLE_MINUTES, settings.SESSION_IDLE_MINUTES_STATE, settings.STEP_UP_MINUTES) == (
        30,
        15,
        10,
    )


@pytest.mark.parametrize("keys", ["too-short", "b25lLWtleS1vZi0zMi1ieXRlcy1mb3ItdGhpcy10ZXM=,not a key"])
def test_settings_refuse_to_start_with_a_key_that_encrypts_nothing(keys):
    done = run("-c", "import clee_portal.settings", **{**PRODUCTION, "FIELD_ENCRYPTION_KEYS": keys})
    assert done.returncode == 1
    assert "ImproperlyConfigured: FIELD_ENCRYPTION_KEYS: each is 32 random bytes" in done.stderr
    assert keys not in done.stderr


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_settings_refuse_to_start_with_what_is_empty(name):
    done = run("-c", "import clee_portal.settings", **{**PRODUCTION, name: ""})
    assert done.returncode == 1
    assert f"ImproperlyConfigured: Set {name}" in done.stderr


def test_policy_forbids_inline_script_and_style(client, db):
    policy = client.get(reverse("help"))["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["script-src"] == directives["style-src"] == directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["object-src"] == directives["base-uri"] == "'none'"
    assert "unsafe" not in policy


def test_pages_are_kept_by_no_shared_cache(client, db):
    assert client.get(reverse("help"))["Cache-Control"] == "private"
    assert "no-store" in client.get(reverse("account_login"))["Cache-Control"]
