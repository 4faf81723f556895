"""Servers go away, disks fill up, processes are killed: nothing is lost, nothing is half-done, and the page says what
to do while it lasts. Against a portal of its own (`scratch.py`): gunicorn, PostgreSQL and the broker are real.

The short form runs with the other tests. `CLEE_FAULTS=long bin/test clee_portal/tests/test_faults.py -s` kills the web
server a hundred times at moments of chance.
"""

import json
import os
import random
import re
import signal
import threading
import time
import uuid
from html import unescape

import pytest

from clee_portal.tests.logged import in_the_lines
from clee_portal.tests.scratch import Answer, Browser

LONG = os.environ.get("CLEE_FAULTS") == "long"
ENTER = "/agencies/alderbrook/classes/enter/"


@pytest.fixture(scope="module")
def web(scratch):
    """The web server, with its officers' numbers."""
    scratch.start_web()
    return scratch


@pytest.fixture
def chief(web) -> Browser:
    """The chief of Alderbrook, signed in."""
    return Browser(web).sign_in()


def class_of(web, title: str) -> dict:
    """What the entry form sends for a class of two officers."""
    officers = web.ask(
        "SELECT array_agg(o.id) FROM training_officer o WHERE license_number IN ('OAKLEY-1', 'LINDEN-1')"
    )[0]
    return {
        "step": "record", "submission_key": str(uuid.uuid4()), "course": title, "ends_on": "2026-01-15",
        "starts_on": "", "delivery": "classroom", "hours-area-skill": "4", "pasted": "", "officers": officers,
    }  # fmt: skip


def pairs(form: dict) -> list[tuple[str, str]]:
    """The fields as a browser sends them, in their order."""
    return [(name, str(one)) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]


def there_is_of(web, title: str) -> tuple[int, int, int]:
    """Classes, records and hours of a course of that title: (1, 2, 8) where it was recorded once and whole."""
    return web.ask(
        "SELECT count(DISTINCT c.id), count(DISTINCT r.id), coalesce(sum(l.hours), 0)::int FROM training_course k"
        " LEFT JOIN training_trainingclass c ON c.course_id = k.id LEFT JOIN training_trainingrecord r"
        " ON r.training_class_id = c.id LEFT JOIN training_creditline l ON l.record_id = r.id WHERE k.title = %s",
        title,
    )


def courses_of(web, title: str) -> int:
    """Courses of that title: entering a new one submits it, in the same step."""
    return web.ask("SELECT count(*) FROM training_course WHERE title = %s", title)[0]


def in_the_background(act):
    """Do it in a thread; a function that waits for its answer."""
    found: list = []

    def work():
        try:
            found.append(act())
        except OSError as cut:
            found.append(cut)

    thread = threading.Thread(target=work)
    thread.start()

    def answer():
        thread.join(30)
        return found[0]

    return answer


def held_up(web, table: str, locker) -> None:
    """Wait until a request waits for `table`, which `locker` has locked: it is in the middle of its transaction."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    web.until(lambda: web.ask(waiting, table)[0])


def is_the_page_of_an_interruption(answer: Answer, form: dict) -> list[tuple[str, str]]:
    """It says what to do, has a reference, and holds every field that was typed, in its order; what it sends again."""
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert "The portal is interrupted for a moment." in answer.text
    assert "nothing you typed is lost" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    sent = [(unescape(name), unescape(value)) for name, value in fields if name != "csrfmiddlewaretoken"]
    assert sent == pairs(form)
    assert f'action="{ENTER}"' in answer.text
    return sent


def test_web_killed_in_the_middle_of_recording(web, chief):
    """kill -9 while the class is written and its credit is not: nothing of it is there; sent again it is there once."""
    title = "Night driving <b>& more</b>"
    form = class_of(web, title)
    with web.connect() as locker:
        with locker.transaction():
            locker.execute("LOCK TABLE training_creditline IN ACCESS EXCLUSIVE MODE")
            answer = in_the_background(lambda: chief.post(ENTER, pairs(form)))
            held_up(web, "training_creditline", locker)
            killed = web.web_workers()
            for number in killed:
                os.kill(number, signal.SIGKILL)
            assert isinstance(answer(), OSError)
        web.until(lambda: web.web_workers() and web.web_workers() != killed)
        assert there_is_of(web, title) == (0, 0, 0)
        assert courses_of(web, title) == 0
    assert web.until(lambda: chief.post(ENTER, pairs(form))).status == 302
    assert chief.post(ENTER, pairs(form)).status in (200, 302)  # pressed twice
    assert (there_is_of(web, title), courses_of(web, title)) == ((1, 2, 8), 1)


@pytest.mark.parametrize("number", range(100 if LONG else 1))
def test_web_killed_at_any_moment(web, chief, number):
    """What was answered is there; what was not is there whole or not at all, and once when it is sent again."""
    chance = random.Random(f"{os.environ.get('CLEE_FAULTS_SEED', '7')} {number}")
    title, before = f"Killed at any moment {number}", web.web_workers()
    form = pairs(class_of(web, title))
    answer = in_the_background(lambda: chief.post(ENTER, form))
    time.sleep(chance.uniform(0, 0.3))
    for one in before:
        os.kill(one, signal.SIGKILL)
    was_recorded = getattr(answer(), "status", None) == 302
    web.until(lambda: web.get("/healthz").status == 200)
    assert there_is_of(web, title) in ([(1, 2, 8)] if was_recorded else [(0, 0, 0), (1, 2, 8)])
    web.until(lambda: chief.post(ENTER, form).status in (200, 302))
    assert (there_is_of(web, title), courses_of(web, title)) == ((1, 2, 8), 1)


def test_connections_cut(web, chief):
    """Idle ones: nobody notices. One in the middle: the page keeps what was typed, and sends it again."""
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'clee_app'"
    assert chief.get("/agencies/alderbrook/roster/").status == 200
    assert web.ask(cut)[0] > 0
    assert chief.get("/agencies/alderbrook/roster/").status == 200
    form = class_of(web, "Cut in the middle")
    with web.connect() as locker, locker.transaction():
        locker.execute("LOCK TABLE training_creditline IN ACCESS EXCLUSIVE MODE")
        answer = in_the_background(lambda: chief.post(ENTER, pairs(form)))
        held_up(web, "training_creditline", locker)
        web.ask(f"{cut} AND wait_event_type = 'Lock'")
        again = is_the_page_of_an_interruption(answer(), form)
    assert there_is_of(web, "Cut in the middle") == (0, 0, 0)
    assert chief.post(ENTER, again).status == 302
    assert there_is_of(web, "Cut in the middle") == (1, 2, 8)


def test_postgres_is_restarted(web, chief):
    """While it is away every page says so; what was sent meanwhile is sent again by the button of that page."""
    form, port = class_of(web, "Sent while it was away"), web.servers.postgres.port
    web.servers.postgres.stop()
    try:
        page = chief.get("/agencies/alderbrook/roster/")
        assert (page.status, page.headers["Retry-After"]) == (503, "30")
        assert 'href="/agencies/alderbrook/roster/">Try again</a>' in page.text
        again = is_the_page_of_an_interruption(chief.post(ENTER, pairs(form)), form)
        part = chief.get("/agencies/alderbrook/roster/", HX_Request="true")
        assert (part.status, part.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
        secret = chief.post("/accounts/login/", {"login": "ceo@maplewood.example", "password": "a secret"})
        assert secret.status == 503
        assert "a secret" not in secret.text
        assert "Back button" in secret.text
        assert web.get("/healthz").status == 200
        assert web.get("/readyz/web").text.startswith("database: PostgreSQL does not answer\n")
    finally:
        web.servers.postgres.start()
    assert web.servers.postgres.port == port
    assert web.get("/readyz/web").status == 200
    assert chief.post(ENTER, again).status == 302
    assert there_is_of(web, "Sent while it was away") == (1, 2, 8)


FULL = """
CREATE FUNCTION pg_temp_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file "base/5/16384": No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER a_full_disk BEFORE INSERT ON training_creditline FOR EACH STATEMENT EXECUTE FUNCTION pg_temp_full();
"""


def test_disk_of_the_database_is_full(web, chief):
    """PostgreSQL refuses a statement as it does then (SQLSTATE 53100, from a trigger: no disk was filled), in the
    middle of recording; reading goes on, nothing is half-done, and once there is room the same form is recorded."""
    form = class_of(web, "On a full disk")
    web.ask(FULL)
    try:
        again = is_the_page_of_an_interruption(chief.post(ENTER, pairs(form)), form)
        assert chief.get("/agencies/alderbrook/roster/").status == 200
        assert (there_is_of(web, "On a full disk"), courses_of(web, "On a full disk")) == ((0, 0, 0), 0)
    finally:
        web.ask("DROP TRIGGER a_full_disk ON training_creditline; DROP FUNCTION pg_temp_full()")
    assert chief.post(ENTER, again).status == 302
    assert there_is_of(web, "On a full disk") == (1, 2, 8)


def test_database_only_reads(web, chief):
    """As whoever runs it leaves it when its disk fills up, or another has taken over: pages are read, and
    what is sent stands on the page until it can be recorded."""
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'clee_app'"
    form = class_of(web, "To a database that only reads")
    web.ask("ALTER ROLE clee_app SET default_transaction_read_only = on")
    web.ask(cut)
    try:
        again = is_the_page_of_an_interruption(chief.post(ENTER, pairs(form)), form)
        assert chief.get("/agencies/alderbrook/roster/").status == 200
        assert web.get("/readyz/web").status == 200
        assert web.get("/accounts/login/").status == 200
    finally:
        web.ask("ALTER ROLE clee_app RESET default_transaction_read_only")
        web.ask(cut)
    assert chief.post(ENTER, again).status == 302
    assert there_is_of(web, "To a database that only reads") == (1, 2, 8)


WRITE_A_DOCUMENT = """
import resource, sys
import django
django.setup()
from django.core.files.base import ContentFile
from clee_portal.operation.faults import is_of_the_servers
from compliance.models.documents import document_storage
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    document_storage().save("zz/full", ContentFile(b"x" * 100_000))
except OSError as error:
    print(is_of_the_servers(error), document_storage().exists("zz/full"))
"""


def test_disk_of_the_documents_is_full(scratch):
    """The operating system lets no file grow (RLIMIT_FSIZE): the page of an interruption, and no half of a document."""
    done = scratch.python("-c", WRITE_A_DOCUMENT)
    assert (done.stdout, done.returncode) == ("True False\n", 0), done.stderr


def test_broker_gone_for_a_while(web, chief):
    """Recording a class and asking who gets mail work as always; the mail is put, and goes when somebody looks."""
    waiting = "SELECT count(*) FROM notifications_message WHERE state = 'waiting'"
    web.ask("UPDATE training_officer SET email = 'somebody@example.org'")
    before, port = web.ask(waiting)[0], web.servers.broker.port
    web.servers.broker.stop()
    try:
        began = time.monotonic()
        assert chief.post(ENTER, pairs(class_of(web, "Without a broker"))).status == 302
        assert time.monotonic() - began < 5  # it was tried once, not again and again
        assert there_is_of(web, "Without a broker") == (1, 2, 8)
        assert (web.get("/readyz").status, web.get("/readyz/web").status) == (503, 200)
    finally:
        web.servers.broker.start()
    assert web.servers.broker.port == port
    assert web.get("/readyz").status == 200
    put = web.ask(waiting)[0]
    assert put >= before
    done = web.python(
        "-c", "import django; django.setup(); from notifications.tasks import send_waiting; send_waiting()"
    )
    assert done.returncode == 0, done.stderr


def test_lines_of_the_log_hold_nobody(web):
    """Whatever of the above ran on this server is in its log; each line is JSON, and no word of anybody's is in it."""
    for _ in range(11):
        web.get("/help/")
    lines = web.log("gunicorn").splitlines()
    assert len([line for line in lines if json.loads(line)["message"] == "answered"]) > 10
    assert in_the_lines(lines) == []
