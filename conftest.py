"""For every test: the database is used as the application's role, so that a missing right is noticed.

The test database is made and emptied by the owner. What browser tests need is in clee_portal/tests/browser.py.
"""

import functools
import gc
import time
from contextlib import contextmanager

import pgtrigger
import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import Client, TransactionTestCase
from django.urls import URLResolver

from clee_portal.accounts import second_factor, sessions
from clee_portal.tests import browser, bucket_server

# The requests that are being answered at this moment, by whatever thread.
BEING_ANSWERED: set[int] = set()

browser_type_launch_args = browser.browser_type_launch_args
browser_context_args = browser.browser_context_args
page_errors = browser.page_errors
axe = browser.axe
tab_to = browser.tab_to
visit = browser.visit
s3 = bucket_server.s3


def pytest_configure(config):
    """Leave out, by name, warnings of third parties that say nothing about the portal."""
    config.addinivalue_line("filterwarnings", "ignore:No directory at:UserWarning")  # tests collect no static files
    by_plugin = r"ignore:Session-scoped fixtures defined as instance methods[\s\S]*'base_url'"
    config.addinivalue_line("filterwarnings", f"{by_plugin}:pytest.PytestRemovedIn10Warning")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The long ones first, so that of two processes none is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish(session):
    """What is loaded now stays loaded: the collector of garbage, which took a tenth of the time, looks at the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_terminal_summary(terminalreporter):
    """How often tests tried to get at what is not theirs (`record_property("attempts", …)`), and what they got; how many
    pairs of acts were raced, how many forms sent twice, and how often something hostile was sent."""
    told = dict.fromkeys(
        ("attempts", "leaks", "pairs", "races", "sent twice", "acts", "hostile", "hostile mails", "forms", "examples"),
        0,
    )
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, value in report.user_properties if report.when == "call" else ():
            if name in told:
                told[name] += value
    if told["attempts"]:
        terminalreporter.write_line(f"Isolation: {told['attempts']:,} attempts, {told['leaks']} leaks")
    if told["pairs"]:
        terminalreporter.write_line(f"Two at once: {told['pairs']:,} pairs of acts, {told['races']:,} races")
    if told["sent twice"]:
        terminalreporter.write_line(
            f"Sent twice: {told['sent twice']:,} forms, {told['acts']:,} of which did something"
        )
    if told["hostile"]:
        terminalreporter.write_line(
            f"Hostile: {told['hostile']:,} requests, which made {told['hostile mails']:,} mails;"
            f" {told['forms']:,} forms made {told['examples']:,} times"
        )


def pytest_runtest_setup(item):
    """Playwright leaves an event loop running in the thread; only browser tests may use the database beside it."""
    if item.get_closest_marker("browser"):
        browser.allow_database_beside_the_loop()


def become_application(sender=None, connection=connection, **kwargs):
    """Take the application's role on a connection."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{settings.DATABASE_APP_ROLE}"')


def become_owner():
    """Be the owner again on this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def wait_for_others(seconds=20):
    """Wait until nobody else works in the database: a request whose page is closed already may still be answered, and
    between two of its statements nothing of it is seen there."""
    until, quiet = time.monotonic() + seconds, 0
    while quiet < 2 and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] or BEING_ANSWERED else quiet + 1
        time.sleep(0.02)


def end_others():
    """End what others still have open in the database: a page that a failed test left open keeps its connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND usename = session_user"
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, made by the owner, then used as the application's role by every connection."""
    empty = TransactionTestCase._fixture_teardown
    guards = [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if trigger.name == "no_truncate"
    ]

    def empty_as_owner(case):
        become_owner()
        wait_for_others()
        try:
            with pgtrigger.ignore(*guards):
                empty(case)
        finally:
            become_application(connection=connection)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", empty_as_owner)
    connection_created.connect(become_application, dispatch_uid="tests")
    with django_db_blocker.unblock():
        become_application(connection=connection)
    yield
    connection_created.disconnect(dispatch_uid="tests")
    patch.undo()
    with django_db_blocker.unblock():
        become_owner()
        end_others()
        for alias in connections:
            connections[alias].close()


@pytest.fixture(scope="session", autouse=True)
def signed_in_by_force():
    """`client.force_login(user)` is a whole sign-in: the session counts its time, and whoever needs a second step has
    proved it just now, by the functions that the real sign-in calls. `second_step=False` leaves that out."""
    force = Client.force_login

    def sign_in(client, user, backend=None, *, second_step=True):
        force(client, user, backend)
        session = client.session
        sessions.begin(session, user)
        if second_step and second_factor.is_required_of(user):
            second_factor.confirm(session, user)
        session.save()

    patch = pytest.MonkeyPatch()
    patch.setattr(Client, "force_login", sign_in)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def requests_are_counted():
    """`BEING_ANSWERED` knows every request from its first middleware to its last."""
    patch = pytest.MonkeyPatch()
    get_response = BaseHandler.get_response

    def answer(handler, request):
        BEING_ANSWERED.add(id(request))
        try:
            return get_response(handler, request)
        finally:
            BEING_ANSWERED.discard(id(request))

    patch.setattr(BaseHandler, "get_response", answer)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def addresses_are_looked_up_once():
    """The walks ask for the same addresses for one person after the other: which view answers is remembered."""
    patch = pytest.MonkeyPatch()
    resolve = URLResolver.resolve
    remembered = functools.lru_cache(maxsize=20_000)(resolve)

    def look_up(resolver, path):
        return remembered(resolver, path) if isinstance(path, str) and path.startswith("/") else resolve(resolver, path)

    patch.setattr(URLResolver, "resolve", look_up)
    yield
    patch.undo()


@contextmanager
def owners_turn():
    """The owner's role on this thread's connection."""
    become_owner()
    try:
        yield
    finally:
        if not connection.needs_rollback:
            become_application(connection=connection)


@pytest.fixture
def as_owner():
    """Statements inside `with as_owner():` run as the database's owner."""
    return owners_turn
