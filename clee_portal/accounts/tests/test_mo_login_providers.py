"""The whole way with three other providers: the demonstration's, one made for tests by others, and a certified one."""

import contextlib
import io
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clee_portal.accounts.demonstration import ACCOUNTS, NOT_CONNECTED, PERSONS
from clee_portal.accounts.tests import providers
from clee_portal.accounts.tests.providers import CLIENT, free_port, name_in_settings, process
from training.tests import factories

pytestmark = pytest.mark.django_db
CALLBACK = "http://testserver/accounts/mo-login/callback/"
SHERIFF = next(account for account in ACCOUNTS if account.key == "sheriff")


@pytest.fixture(scope="module")
def demonstration_issuer():
    """The demonstration's provider."""
    with providers.demonstration("http://testserver") as issuer:
        yield issuer


@pytest.fixture
def demonstration(demonstration_issuer, settings) -> str:
    """The portal knows the demonstration, and the sheriff is connected."""
    cache.clear()
    name_in_settings(settings, demonstration_issuer, **CLIENT)
    user = factories.user(SHERIFF.email)
    SocialAccount.objects.create(user=user, provider=demonstration_issuer, uid=SHERIFF.subject)
    return demonstration_issuer


def token_in(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]


def choose(browser: requests.Session, address: str, **answer) -> str:
    """Answer the demonstration's page; where it sends the browser."""
    page = browser.get(address, timeout=10)
    assert "Demonstration of MO Login.</b> Not the state’s sign-in." in page.text
    sent = browser.post(
        address, {**answer, "csrfmiddlewaretoken": token_in(page.text)}, allow_redirects=False, timeout=10
    )
    assert sent.status_code == 302, sent.text
    return sent.headers["Location"]


def back(client, location: str):
    assert location.startswith(CALLBACK)
    return client.get(f"{reverse('account_mo_login_callback')}?{urlsplit(location).query}")


def begin(client) -> str:
    return client.post(reverse("account_mo_login")).url


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_demonstration_signs_in_and_out_again(client, demonstration):
    browser = requests.Session()
    location = choose(browser, begin(client), person=SHERIFF.subject)
    assert parse_qs(urlsplit(location).query)["iss"] == [demonstration]
    assert back(client, location).url == "/"
    assert signed_in(client)
    # Signed in there still: a second time nothing is asked.
    again = browser.get(begin(Client()), allow_redirects=False, timeout=10)
    assert (again.status_code, again.headers["Location"].startswith(CALLBACK)) == (302, True)
    # Signed out at both.
    away = client.post(reverse("account_logout")).url
    ended = browser.get(away, allow_redirects=False, timeout=10)
    assert (ended.status_code, ended.headers["Location"]) == (302, "http://testserver/")
    assert browser.get(begin(Client()), allow_redirects=False, timeout=10).status_code == 200


def test_demonstration_offers_every_person_and_one_who_is_not_connected(client, demonstration):
    page = requests.get(begin(client), timeout=10).text
    assert [f'value="{person.subject}"' in page for person in PERSONS] == [True] * len(PERSONS)
    location = choose(requests.Session(), begin(client), person=NOT_CONNECTED.subject)
    assert back(client, location).url == reverse("account_mo_login_stranger")


def test_demonstration_can_be_left(client, demonstration):
    response = back(client, choose(requests.Session(), begin(client), leave="1"))
    assert response.url == reverse("account_login")
    assert not signed_in(client)


def test_demonstration_asks_before_it_signs_out_whoever_comes_by_a_link(demonstration):
    page = requests.get(f"{demonstration}/end", timeout=10)
    assert "Sign out of the demonstration of MO Login?" in page.text
    page = requests.get(f"{demonstration}/end", {"id_token_hint": "forged"}, timeout=10)
    assert page.status_code == 400


def test_demonstration_says_what_it_is(demonstration):
    assert "This is where the portal’s sign-in leads." in requests.get(demonstration, timeout=10).text


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example.org/"},
        {"client_id": "somebody"},
        {"response_type": "token"},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"nonce": None},
    ],
    ids=lambda change: ", ".join(change),
)
def test_demonstration_takes_only_what_the_portal_asks(client, demonstration, change):
    parts = urlsplit(begin(client))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
    asked = {name: value for name, value in query.items() if value is not None}
    page = requests.get(f"{demonstration}/authorize", asked, allow_redirects=False, timeout=10)
    assert (page.status_code, "Nobody can be signed in this way." in page.text) == (400, True)


def test_demonstration_gives_a_code_once_to_who_can_show_the_verifier(client, demonstration):
    location = choose(requests.Session(), begin(client), person=SHERIFF.subject)
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(location).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": "x" * 43,
    }
    who = (CLIENT["client_id"], CLIENT["secret"])
    asked = requests.post(f"{demonstration}/token", form, auth=(who[0], "wrong"), timeout=10)
    assert (asked.status_code, asked.json()["error"]) == (401, "invalid_client")
    asked = requests.post(f"{demonstration}/token", form, auth=who, timeout=10)
    assert (asked.status_code, asked.json()["error"]) == (400, "invalid_grant")
    assert back(client, location).status_code == 401  # it was tried, and is gone


def test_demonstration_accounts_are_connected_anew_at_another_address(settings):
    settings.CLEE_EMBEDDED = True
    users = [factories.user(account.email) for account in ACCOUNTS[:2]]
    other = factories.user()
    SocialAccount.objects.create(user=other, provider="http://127.0.0.1:9400", uid="other")
    for issuer in ("http://127.0.0.1:9400", "http://127.0.0.1:9401", "http://127.0.0.1:9401"):
        settings.MO_LOGIN_ISSUER = issuer
        call_command("connect_demonstration", stdout=io.StringIO())
        connected = SocialAccount.objects.exclude(user=other).order_by("user_id")
        assert list(connected.values_list("user", "provider", "uid")) == [
            (user.pk, issuer, account.subject) for user, account in zip(users, ACCOUNTS[:2], strict=True)
        ]
    assert other.socialaccount_set.count() == 1
    settings.CLEE_EMBEDDED = False
    with pytest.raises(CommandError, match="beside the embedded servers only"):
        call_command("connect_demonstration")


def test_demonstration_refuses_to_run_elsewhere():
    done = subprocess.run(
        [sys.executable, "-c", "import clee_portal.demonstration_provider.settings"],
        cwd=django_settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "x" * 50,
            "ALLOWED_HOSTS": "clee.example.org",
            "DATABASE_URL": "postgres://db/clee",
            "REDIS_URL": "redis://broker/0",
            "EMAIL_URL": "smtp://mail.example.org",
            "PORTAL_URL": "https://clee.example.org",
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SIGNING_KEYS": Fernet.generate_key().decode(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "runs beside the embedded servers only" in done.stderr


def test_whole_way_with_a_provider_made_by_others(client, settings):
    """oidc-provider-mock, built on Flask: other addresses, address and name in the ID token itself."""
    port = free_port()
    claims = json.dumps({"sub": "ada", "email": "ada@example.org", "name": "Ada Brandt"})
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "-n", "true", "--user-claims", claims]
    with process(command, port) as issuer:
        cache.clear()
        name_in_settings(settings, issuer, **CLIENT)
        user = factories.user("ada@agency.example.org")
        SocialAccount.objects.create(user=user, provider=issuer, uid="ada")
        sent = requests.post(begin(client), {"sub": "ada"}, allow_redirects=False, timeout=10)
        assert back(client, sent.headers["Location"]).url == "/"
        assert signed_in(client)
        assert client.post(reverse("account_logout")).url.startswith(f"{issuer}/oauth2/end_session?id_token_hint=ey")


CERTIFIED = """
import Provider from "oidc-provider";
const issuer = process.env.ISSUER;
const provider = new Provider(issuer, {
  clients: [{
    client_id: process.env.CLIENT_ID, client_secret: process.env.CLIENT_SECRET,
    redirect_uris: [process.env.CALLBACK], post_logout_redirect_uris: ["http://testserver/"],
    backchannel_logout_uri: process.env.SIGNED_OUT, backchannel_logout_session_required: true,
  }],
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),  // its dispatcher sends nothing to the own machine
  features: { backchannelLogout: { enabled: true } },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  findAccount: (ctx, id) => ({
    accountId: id, claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: "Ada Brandt" }),
  }),
});
provider.listen(new URL(issuer).port, "127.0.0.1");
"""


@pytest.mark.skipif(
    not os.environ.get("CLEE_OIDC_INTEROP"),
    reason="CLEE_OIDC_INTEROP=1 runs it; it takes Node.js and npm, and installs oidc-provider",
)
def test_whole_way_with_a_certified_provider(client, settings, tmp_path):
    """oidc-provider, certified by the OpenID Foundation: its development pages for signing in and consent."""
    for program in ("node", "npm"):
        assert shutil.which(program), f"{program} is needed"
    Path(tmp_path / "package.json").write_text('{"type": "module"}')
    Path(tmp_path / "provider.mjs").write_text(CERTIFIED)
    subprocess.run(["npm", "install", "--no-fund", "--no-audit", "oidc-provider@9"], cwd=tmp_path, check=True)
    port = free_port()
    about = {"ISSUER": f"http://127.0.0.1:{port}", "CALLBACK": CALLBACK}
    about |= {"CLIENT_ID": CLIENT["client_id"], "CLIENT_SECRET": CLIENT["secret"]}
    with (
        portals_server() as (address, sent),
        process(["node", str(tmp_path / "provider.mjs")], port, SIGNED_OUT=address, **about) as issuer,
    ):
        cache.clear()
        name_in_settings(settings, issuer, **CLIENT)
        user = factories.user("ada@agency.example.org")
        SocialAccount.objects.create(user=user, provider=issuer, uid="ada")
        browser = requests.Session()
        assert back(client, through_its_pages(browser, begin(client))).url == "/"
        assert signed_in(client)
        account = SocialAccount.objects.get()
        assert (account.extra_data["email"], account.extra_data["name"]) == ("ada@example.org", "Ada Brandt")
        other = Client()  # of the same session there
        assert back(other, through_its_pages(browser, begin(other))).url == "/"
        page = browser.get(client.post(reverse("account_logout")).url, timeout=10)
        assert "Do you want to sign-out from" in page.text
        # Signed out there, its server says so, and the other browser is out here too.
        xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)[1]
        action = urljoin(issuer, re.search(r'action="([^"]+)"', page.text)[1])
        browser.post(action, {"xsrf": xsrf, "logout": "yes"}, allow_redirects=False, timeout=10)
        assert signed_in(other)
        told = Client(enforce_csrf_checks=True).post(reverse("mo_login_signed_out"), sent.get(timeout=10))
        assert told.status_code == 200
        assert other.get("/accounts/sessions/").status_code == 302


@contextlib.contextmanager
def portals_server():
    """Where the provider's server reaches the portal's: its address, and what was sent to it."""
    sent = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *unused):
            """Nothing on the terminal."""

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent.put({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def through_its_pages(browser: requests.Session, address: str) -> str:
    """Sign in and consent on the development pages, until the browser is sent to the portal."""
    for _ in range(10):
        page = browser.get(address, allow_redirects=False, timeout=10)
        while page.status_code == 200:
            action = urljoin(address, re.search(r'action="([^"]+)"', page.text)[1])
            prompt = re.search(r'name="prompt" value="([^"]+)"', page.text)[1]
            page = browser.post(
                action, {"prompt": prompt, "login": "ada", "password": "x"}, allow_redirects=False, timeout=10
            )
        address = urljoin(address, page.headers["Location"])
        if address.startswith(CALLBACK):
            return address
    raise AssertionError(f"never came back: {address}")
