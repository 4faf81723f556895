"""How long signing in takes, against gunicorn as bin/run starts it, with 18,000 officers in the state.

    python3 benchmarks/sign_in.py [--seconds 30]

By MO Login 20 officers a second arrive, by password 3 a second, whether or not those before are done. What is told is
from the press of the button to the landing page, read to its end. With MO Login the provider's own time is left out:
the person's time there is not counted at all, and what the provider took to answer the portal is taken off. The
sign-in page itself is fetched before, and not counted. Clients, provider and database share the machine with the
portal; the processor's time the portal itself takes for one sign-in (with the page before it) is told beside, since it
says more than the clock where other work runs.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from urllib.parse import urlencode, urlsplit

import processor
import stage

PORT = 8790
PASSWORD = "a-password-of-the-benchmark"  # noqa: S105
PEOPLE = 400
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """One person's browser: a connection that is kept, cookies, and an address of its own for the rate limits."""

    def __init__(self, number: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.cookies: dict[str, str] = {}
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def ask(self, method: str, path: str, form: dict | None = None) -> tuple[int, str, str]:
        """Status, address it leads to, and text of one answer."""
        headers = {"X-Forwarded-For": self.address, "Host": f"localhost:{PORT}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, None if form is None else urlencode(form), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), text

    def landed(self, path: str) -> None:
        """The landing page, as somebody who is signed in gets it."""
        status, _, text = self.ask("GET", path)
        if status != http.client.OK or "Signed in as" not in text:
            raise RuntimeError(f"{path} answered {status}")


def by_mo_login(number: int, person: int) -> tuple[float, str]:
    """Seconds one sign-in took, provider included, and the code by which the provider knows its part of it."""
    browser = Browser(number)
    token = TOKEN.search(browser.ask("GET", "/accounts/login/")[2])[1]
    began = time.perf_counter()
    status, away, _ = browser.ask("POST", "/accounts/mo-login/", {"csrfmiddlewaretoken": token})
    there = time.perf_counter()
    if status != http.client.FOUND:
        raise RuntimeError(f"the sign-in page answered {status}")
    parts = urlsplit(away)
    provider = http.client.HTTPConnection(parts.netloc, timeout=60)
    provider.request("GET", f"{parts.path}?{parts.query}&login_hint=bench-{person}")
    back = urlsplit(provider.getresponse().headers["Location"])
    provider.close()
    returned = time.perf_counter()
    status, landing, _ = browser.ask("GET", f"{back.path}?{back.query}")
    if status != http.client.FOUND:
        raise RuntimeError(f"the way back answered {status}")
    browser.landed(landing)
    return there - began + time.perf_counter() - returned, re.search(r"code=([^&]+)", back.query)[1]


def by_password(number: int, person: int) -> tuple[float, str]:
    """Seconds one sign-in took."""
    browser = Browser(number)
    token = TOKEN.search(browser.ask("GET", "/accounts/login/")[2])[1]
    form = {"csrfmiddlewaretoken": token, "login": f"bench-{person}@example.org", "password": PASSWORD}
    began = time.perf_counter()
    status, landing, _ = browser.ask("POST", "/accounts/login/", form)
    if status != http.client.FOUND:
        raise RuntimeError(f"the sign-in page answered {status}")
    browser.landed(landing)
    return time.perf_counter() - began, ""


def load(sign_in, rate: float, seconds: int) -> tuple[list, list, float]:
    """So many a second for so long: what each took, what went wrong, and the rate that came out."""
    took, wrong = [], []

    def one(number: int) -> None:
        try:
            took.append(sign_in(number + 1, number % PEOPLE))
        except Exception as error:
            wrong.append(repr(error))

    threads = []
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        time.sleep(max(0, began + number / rate - time.perf_counter()))
        threads.append(threading.Thread(target=one, args=[number]))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return took, wrong, len(took) / (time.perf_counter() - began)


def people(issuer: str) -> None:
    """Officers with accounts, connected to the provider, with one password."""
    from allauth.socialaccount.models import SocialAccount
    from django.contrib.auth.hashers import make_password

    from clee_portal.accounts.models import User
    from training.models import Membership, Officer

    names = [f"bench-{number}" for number in range(PEOPLE)]
    hashed = make_password(PASSWORD)
    User.objects.bulk_create(
        [User(email=f"{name}@example.org", name=name, password=hashed) for name in names], ignore_conflicts=True
    )
    users = list(User.objects.filter(email__in=[f"{name}@example.org" for name in names]).order_by("pk"))
    SocialAccount.objects.filter(user__in=users).delete()
    SocialAccount.objects.bulk_create(
        SocialAccount(user=user, provider=issuer, uid=user.email.partition("@")[0]) for user in users
    )
    if not Membership.objects.filter(user__in=users).exists():
        officers = Officer.objects.exclude(memberships__isnull=False).order_by("pk")[:PEOPLE]
        Membership.objects.bulk_create(
            Membership(user=user, officer=officer, role=Membership.Role.OFFICER, starts_on="2020-01-01")
            for user, officer in zip(users, officers, strict=True)
        )


def told(what: str, milliseconds: list[float], wrong: list, rate: float, wanted: float, most: int) -> None:
    """One line of the result."""
    parts = statistics.quantiles(milliseconds, n=100)
    print(
        f"{what}: p50 {parts[49]:.0f} ms, p95 {parts[94]:.0f} ms (reach: under {most}), "
        f"slowest {max(milliseconds):.0f} ms; {len(milliseconds)} at {rate:.1f} a second of {wanted:g} wanted; "
        f"{len(wrong)} failed{': ' + wrong[0] if wrong else ''}"
    )


def wait_until_it_answers(process) -> None:
    """Until the home page is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            Browser(0).ask("GET", "/")
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("gunicorn does not answer.")


def main() -> None:
    """Start provider and portal, measure, print, and stop them."""
    from bootstrap.run import web_command

    from clee_portal.accounts.tests import provider_process

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30)
    seconds = parser.parse_args().seconds
    subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"])
    provider = subprocess.Popen(
        [sys.executable, provider_process.__file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    issuer = provider.stdout.readline().strip()
    people(issuer)
    environment = os.environ | {
        "MO_LOGIN_ISSUER": issuer,
        "MO_LOGIN_CLIENT_ID": provider_process.CLIENT_ID,
        "MO_LOGIN_CLIENT_SECRET": provider_process.CLIENT_SECRET,
        "BEHIND_PROXY": "1",  # each browser has an address of its own
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen([sys.executable, "-m", *web_command("127.0.0.1", PORT)], env=environment, **quiet)
    try:
        wait_until_it_answers(web)
        for number in range(16):  # every thread of the server has its connection, the provider's words are kept
            by_mo_login(number, number)
        before = processor.seconds(web.pid)
        taken, wrong, rate = load(by_mo_login, 20, seconds)
        print(f"by MO Login: {1000 * (processor.seconds(web.pid) - before) / len(taken):.0f} ms of processor each")
        asked = http.client.HTTPConnection(urlsplit(issuer).netloc)
        asked.request("GET", "/took")
        by_code = json.loads(asked.getresponse().read())
        milliseconds = [1000 * (took - by_code[code]) for took, code in taken]
        told("by MO Login", milliseconds, wrong, rate, 20, 400)
        print(f"  the provider's part, taken off: {1000 * statistics.mean(by_code.values()):.0f} ms on the average")
        before = processor.seconds(web.pid)
        taken, wrong, rate = load(by_password, 3, seconds)
        print(f"by password: {1000 * (processor.seconds(web.pid) - before) / len(taken):.0f} ms of processor each")
        told("by password", [1000 * took for took, _ in taken], wrong, rate, 3, 1000)
    finally:
        web.terminate()
        provider.terminate()
        web.wait()


if __name__ == "__main__":
    stage.enter(__file__)
    sys.path.insert(0, str(stage.ROOT / "bin"))
    main()
