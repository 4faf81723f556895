"""What browser tests share: a real Chromium, sign-in without the form, console errors that fail, an axe audit.

A browser test is marked `browser`, takes `visit` (or `page` and `live_server`) and lives in `<app>/tests/browser/`.
"""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import expect

from clee_portal.accounts import second_factor, sessions
from clee_portal.accounts.sessions import SessionStore

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds until what is expected has to be there, on a machine that does other things as well

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",  # containers run as root
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
]


def allow_database_beside_the_loop() -> None:
    """Let Django use the database in the thread where Playwright's event loop runs."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Start the machine's own Chromium (CLEE_CHROMIUM, or the first of the usual names)."""
    program = os.environ.get("CLEE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("No Chromium was found. Name one in CLEE_CHROMIUM.")
    expect.set_options(timeout=PATIENCE)
    return {**browser_type_launch_args, "executable_path": program, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """A wide screen, in English of the United States."""
    return {**browser_context_args, "viewport": WIDE, "locale": "en-US", "timezone_id": "America/Chicago"}


@pytest.fixture
def page_errors(page):
    """Errors in the browser's console and uncaught exceptions; any left at the end fails the test."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield errors
    assert errors == []


@pytest.fixture
def axe(page):
    """`axe()` audits the page as it stands and fails, naming each fault and where it is."""

    def audit() -> None:
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []

    return audit


# Whether what is meant has the focus ("there"), or another choice of the same question has ("beside").
_WHERE = """(one) => {
    const at = document.activeElement;
    if (at === one) return "there";
    return one.type === "radio" && at.type === "radio" && at.name === one.name ? "beside" : "";
}"""


@pytest.fixture
def tab_to(page):
    """`tab_to(locator)` gets there as whoever has no mouse does: by Tab, and among the choices of a question by the
    arrow; returns it with the focus on it. What is passed by on the way has the focus in turn."""

    def go(target, most: int = 90):
        key = "Tab"
        for _ in range(most):
            page.keyboard.press(key)
            where = target.evaluate(_WHERE)
            if where == "there":
                return target
            key = "ArrowDown" if where == "beside" else "Tab"
        return pytest.fail(f"{most} keys do not lead to {target}.")

    return go


@pytest.fixture
def visit(page, live_server, page_errors):
    """`visit("/path/", as_=user)` opens a page of the running portal, signed in; console errors fail the test."""

    def open_page(path: str, *, as_=None):
        if as_ is not None:
            sign_in(page.context, live_server.url, as_)
        page.goto(live_server.url + path)
        return page

    return open_page


def sign_in(context, url: str, user) -> None:
    """Give a browser context the session of `user`, as if they had signed in, with the second step where needed."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    sessions.begin(session, user)
    if second_factor.is_required_of(user):
        second_factor.confirm(session, user)
    session.create()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}])
