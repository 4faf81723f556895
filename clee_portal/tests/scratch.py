"""A portal of its own for tests that stop servers, kill processes and put databases back: real processes, real servers,
and the small state of `world.py` in it. One for a whole run of the tests; made in a few seconds from the migrated
cluster that `bin/test` keeps.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from bootstrap import template
from bootstrap.messages import Progress
from bootstrap.places import VAR, Home
from bootstrap.postgres import APPLICATION, OWNER, Postgres
from bootstrap.processes import die_with_parent
from bootstrap.servers import Servers

from notifications.tests.sink import free_port

ROOT = Path(__file__).resolve().parents[2]
# Seconds until something that does not come about is given up: the long forms run beside other work, which may leave
# them a fraction of the machine for minutes.
PATIENCE = 300.0 if os.environ.get("CLEE_FAULTS") == "long" else 30.0
PASSWORD = "correct-horse-battery"
CHIEF = "ceo@maplewood.example"
POPULATE = f"""
import django
django.setup()
from clee_portal.accounts.models import User
from clee_portal.tests import world
from django.db import transaction
with transaction.atomic():
    world.build()
    for user in User.objects.all():
        user.set_password({PASSWORD!r})
        user.save()
"""

MANAGE_ALL = """
import io, json, sys
import django
django.setup()
from django.core.management import CommandError, call_command
told = []
for name, *arguments in json.loads(sys.argv[1]):
    said, complaint, refused = io.StringIO(), io.StringIO(), ""
    try:
        call_command(name, *arguments, stdout=said, stderr=complaint)
    except (CommandError, SystemExit) as error:
        refused = f"{complaint.getvalue()}{error}"
    told.append([said.getvalue(), refused])
print(json.dumps(told))
"""


class Answer(NamedTuple):
    """What a page answered."""

    status: int
    headers: dict
    text: str


class Scratch:
    """The servers, the environment and the processes."""

    WEB_PROCESSES = 1

    def __init__(self):
        # A number that is no process, for another test has the folder by the number of this one. The lock tells the
        # next bin/test that it is in use, and its end that it was left by one that was killed.
        self.home = Home(VAR / f"test-{os.getpid() * 10**7}").make()
        self.home.run_lock.take()
        self.folder = self.home.path / "files"
        self.folder.mkdir(exist_ok=True)
        template.start_from_copy(self.home, Progress(quiet=True))
        self.servers = Servers(self.home, for_tests=True)
        self.servers.join(Progress(quiet=True))
        self.port = free_port()
        self.web = None
        self.others: list[subprocess.Popen] = []

    # Where it is

    @property
    def environment(self) -> dict:
        """What its processes read: the application's role, folders of its own."""
        env = self.servers.test_environment()
        programs = self.servers.postgres.find_programs()
        return env | {
            "DATABASE_URL": self.servers.postgres.url(APPLICATION),
            "DATABASE_OWNER_URL": self.servers.postgres.url(OWNER),
            "PATH": f"{programs}{os.pathsep}{env.get('PATH', os.defpath)}",
            "DOCUMENTS_ROOT": str(self.folder / "documents"),
            "BACKUP_FOLDER": str(self.folder / "backups"),
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            "METRICS_TOKEN": "the-token",
        }

    def connect(self, database: str = "clee", role: str = OWNER) -> psycopg.Connection:
        """A connection of the test's own."""
        url = self.servers.postgres.url(role).rpartition("/")[0]
        return psycopg.connect(f"{url}/{database}", autocommit=True)

    def ask(self, statement: str, *params, database: str = "clee"):
        """The first row of a statement, as the owner; None where it gives none."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchone() if cursor.description else None

    # Commands

    def python(self, *arguments: str, owner: bool = False, **more: str) -> subprocess.CompletedProcess:
        """Python with the environment of the portal; `more` is added to it."""
        env = self.environment | ({"CLEE_AS_OWNER": "1"} if owner else {}) | more
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False
        )

    def manage(self, *arguments: str, owner: bool = False, **more: str) -> subprocess.CompletedProcess:
        """A management command."""
        return self.python("manage.py", *arguments, owner=owner, **more)

    def manage_all(self, *commands: list[str], owner: bool = False, **more: str) -> list[tuple[str, str]]:
        """Several management commands one after the other in one process, since each start of one costs a second: what
        each said, and why it was refused (empty where it was not)."""
        done = self.python("-c", MANAGE_ALL, json.dumps(commands), owner=owner, **more)
        assert done.returncode == 0, done.stderr
        return [tuple(one) for one in json.loads(done.stdout.splitlines()[-1])]

    # The web server and other processes

    def start(self, *command: str, folder: Path = ROOT, **more: str) -> subprocess.Popen:
        """A process of the code in `folder`, in a session of its own."""
        with (self.home.logs / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=folder,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        self.others.append(process)
        return process

    def end(self, process: subprocess.Popen, number: int = signal.SIGTERM) -> None:
        """End a process with all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.others.remove(process)

    def start_web(self) -> None:
        """The web server, where it does not run yet; returns when it answers."""
        if self.web is None or self.web.poll() is not None:
            bind = f"127.0.0.1:{self.port}"
            self.web = self.start(
                "gunicorn", "-c", "deploy/gunicorn.conf.py", "--preload", "-w", str(self.WEB_PROCESSES), "-b", bind,
                "clee_portal.wsgi",
            )  # fmt: skip
        self.until(lambda: self.get("/healthz").status == 200, seconds=120)

    def web_workers(self) -> list[int]:
        """The numbers of the processes that answer."""
        told = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text()
        return [int(number) for number in told.split()]

    def log(self, name: str) -> str:
        """What a process has logged."""
        return (self.home.logs / f"{name}.log").read_text()

    def get(self, path: str, **headers: str) -> Answer:
        """One request of nobody."""
        return Browser(self).get(path, **headers)

    @staticmethod
    def until(holds, seconds: float = PATIENCE):
        """Wait until something holds, and return it; what goes wrong meanwhile is asked again."""
        end, wrong = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                if found := holds():
                    return found
            except (OSError, psycopg.Error, http.client.HTTPException) as error:
                wrong = error
            time.sleep(0.05)
        raise AssertionError(f"It did not come about in {seconds} seconds ({wrong!r})")

    def stop(self) -> None:
        """Everything, and what it left."""
        for process in list(self.others):
            self.end(process)
        self.servers.leave()
        Postgres(self.home, for_tests=True).remove()
        self.home.run_lock.release()
        shutil.rmtree(self.home.path, ignore_errors=True)


class Browser:
    """Cookies and forms over real HTTP, with a new connection for each request."""

    def __init__(self, scratch: Scratch):
        self.scratch, self.cookies = scratch, SimpleCookie()

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page; `Some_Header` is sent as `Some-Header`."""
        return self._send("GET", path, None, headers)

    def post(self, path: str, data: list[tuple[str, str]] | dict, **headers: str) -> Answer:
        """Send a form, with the token that protects it."""
        pairs = list(data.items()) if isinstance(data, dict) else list(data)
        if "csrftoken" in self.cookies:
            pairs.append(("csrfmiddlewaretoken", self.cookies["csrftoken"].value))
        body = urllib.parse.urlencode(pairs)
        return self._send("POST", path, body, {"Content_Type": "application/x-www-form-urlencoded", **headers})

    def sign_in(self, email: str = CHIEF) -> "Browser":
        """By password."""
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert answer.status == 302, answer
        return self

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.scratch.port, timeout=PATIENCE)

    def _send(self, method: str, path: str, body: str | None, headers: dict) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        connection = self._connection()
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            for line in response.headers.get_all("Set-Cookie") or ():
                self.cookies.load(line)
            return Answer(response.status, dict(response.headers), response.read().decode(errors="replace"))
        finally:
            connection.close()


@pytest.fixture(scope="session")
def scratch():
    """The portal, with its state; a test that changes it beyond its own rows puts it back."""
    portal = Scratch()
    try:
        owner = portal.servers.postgres.url(OWNER)
        made = portal.python("-c", POPULATE, DATABASE_URL=owner)
        assert made.returncode == 0, made.stderr
        yield portal
    finally:
        portal.stop()
