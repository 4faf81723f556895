"""Redis stops, and people still sign in and read: the portal in a process of its own, the broker really stopped."""

import contextlib
import os
import subprocess
import sys
import time

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from bootstrap import places
from bootstrap.broker import Broker
from django.conf import settings as django_settings
from django.db import connection

from clee_portal.accounts.tests import provider_process
from clee_portal.accounts.tests.providers import free_port
from training.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-horse-battery"


@pytest.fixture
def broker(tmp_path):
    """A broker of this test's own."""
    home = places.Home(tmp_path)
    for folder in (home.logs, home.broker):
        folder.mkdir()
    broker = Broker(home)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def portal(broker, provider):
    """The portal by gunicorn, on the database of the test and that broker; its address."""
    port, database = free_port(), connection.settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}"
    environment = {
        "PATH": os.environ["PATH"],
        "CLEE_TESTING": "1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "REDIS_URL": broker.url,
        "MO_LOGIN_ISSUER": provider.issuer,
        "MO_LOGIN_CLIENT_ID": provider_process.CLIENT_ID,
        "MO_LOGIN_CLIENT_SECRET": provider_process.CLIENT_SECRET,
    }
    command = [sys.executable, "-m", "gunicorn", "clee_portal.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "2", "--no-control-socket"]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as web:
        until = time.monotonic() + 60
        while time.monotonic() < until and web.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{address}/help/", timeout=10).ok:
                    break
            time.sleep(0.1)
        else:
            pytest.fail("the portal did not answer")
        yield address
        web.terminate()


def pressed(browser: requests.Session, portal: str, path: str, **form) -> requests.Response:
    """Send a form of the sign-in page, and go where it leads."""
    browser.get(f"{portal}/accounts/login/", timeout=30)
    form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
    return browser.post(f"{portal}{path}", form, timeout=30)


def test_people_sign_in_and_read_while_redis_is_stopped(portal, broker, provider):
    agency = factories.agency("cedar-hollow", "Cedar Hollow Police")
    chief = factories.ceo(agency, "chief@example.org", "Dana Whitlock")
    chief.set_password(PASSWORD)
    chief.save()
    officer = factories.officer_account(factories.officer(agency), "ada@example.org")
    SocialAccount.objects.create(user=officer, provider=provider.issuer, uid="ada")
    assert broker.answers()
    broker.stop()
    assert not broker.answers()

    by_password = requests.Session()
    page = pressed(by_password, portal, "/accounts/login/", login="chief@example.org", password=PASSWORD)
    assert (page.url, page.status_code, "Signed in as chief@example.org" in page.text) == (f"{portal}/", 200, True)
    for path in ("/agencies/cedar-hollow/", "/agencies/cedar-hollow/classes/", "/agencies/cedar-hollow/roster/"):
        assert (path, by_password.get(f"{portal}{path}", timeout=30).status_code) == (path, 200)

    provider.told(sub="ada")
    by_mo_login = requests.Session()
    page = pressed(by_mo_login, portal, "/accounts/mo-login/")
    assert (page.url, page.status_code, "Signed in as ada@example.org" in page.text) == (f"{portal}/", 200, True)
    assert by_mo_login.get(f"{portal}/standing/", timeout=30).status_code == 200
