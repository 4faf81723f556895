"""The image is built and everything of `deploy/compose.yaml` run, as docs/operations.md tells (In containers).

Only on demand, since it takes minutes, Docker with compose and the base images: `CLEE_CONTAINERS=docker
bin/test clee_portal/tests/test_containers.py`. PostgreSQL with TLS and a mail server, which are the operator's own, run
in containers beside it. Ports 8000 and 8001 have to be free. Everything is removed again but for the image,
which has two names.
"""

import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import threading
import time
from types import SimpleNamespace

import pytest
import yaml
from cryptography.fernet import Fernet

from clee_portal.tests.scratch import ROOT, Browser, Scratch

ASKED = os.environ.get("CLEE_CONTAINERS") == "docker"
POSTGRES, BROKER = "docker.io/library/postgres:17", "docker.io/valkey/valkey:8-alpine"
BASE = f"docker.io/library/{re.search('^FROM (.*)$', (ROOT / 'deploy' / 'Dockerfile').read_text(), re.M)[1]}"
HOST, OPERATOR = "clee.example.gov", "first.last@example.gov"
PASSWORD, PROJECT = "correct-horse-battery", "cleetest"
PORTAL = ("web-a", "web-b", "worker", "mail-worker", "beat")
SECOND_STEP = "/accounts/security/?next=%2F"  # to be set up by whoever acts for the state
SEAL_KEY = "/etc/clee/sealing/key.pem"

# A mail server in a few lines: it takes every mail, and writes it to its log.
MAIL_SERVER = """
import socketserver
class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 mail\\r\\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\\r\\n")
                while (part := self.rfile.readline()) not in (b".\\r\\n", b""):
                    print(part.decode(errors="replace").rstrip(), flush=True)
            self.wfile.write(b"221 bye\\r\\n" if verb == b"QUIT" else b"250 OK\\r\\n")
            if verb == b"QUIT":
                return
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("", 2525), Mail).serve_forever()
"""
# PostgreSQL as the operator keeps it: TLS, and no connection without.
DATABASE = """
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=db -keyout /tmp/db.key -out /tmp/db.pem 2>/dev/null
chown postgres /tmp/db.key && chmod 600 /tmp/db.key
exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/tmp/db.pem -c ssl_key_file=/tmp/db.key
"""
ROLES = """
CREATE ROLE clee_owner LOGIN PASSWORD 'of-the-owner' CREATEDB;
CREATE ROLE clee_app LOGIN PASSWORD 'of-the-portal';
CREATE DATABASE clee OWNER clee_owner;
"""
FIRST_ACCOUNT = f"""
from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from notifications import outbox
from training import occasions
user = User.objects.create_user({OPERATOR!r}, name='First Last')
role = StateRole.objects.create(user=user, role='post_staff', starts_on=clock.today())
outbox.put(occasion=occasions.STATE_ROLE, key=str(role.pk), address=user.email, user=user)
"""
KEEP = "from django.core.files.base import ContentFile as C; from django.core.files.storage import storages as s;"
KEPT = f"{KEEP} print(s['documents'].open('ab/of-the-test').read().decode())"


def missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if not ASKED:
        return "only with CLEE_CONTAINERS=docker"
    if not shutil.which("docker") or not _works("compose", "version") or not _works("info"):
        return "there is no Docker with compose here, or its daemon does not run"
    for image in (BASE, BROKER, POSTGRES):
        if not _works("image", "inspect", image):
            return f"the base image {image} is not at hand: docker pull {image}"
    return ""


def _works(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0


pytestmark = [pytest.mark.skipif(bool(why := missing()), reason=why), pytest.mark.long]


class Outside(Browser):
    """A browser behind the proxy: that ends TLS, and asks the web service of a port."""

    def __init__(self, port: int):
        super().__init__(SimpleNamespace(port=port))

    def _send(self, method, path, body, headers):
        of_proxy = {"Host": HOST, "Referer": f"https://{HOST}/", "X-Forwarded-Proto": "https", "X-Forwarded-For": "::1"}
        return super()._send(method, path, body, {**headers, **of_proxy})


class Containers:
    """The engine, the file of the repository, and what is the operator's own beside it."""

    def __init__(self, folder):
        self.folder, self.release = folder, "one"
        key = Fernet.generate_key().decode()
        url = "postgres://{}:{}@db/clee?sslmode=require"
        self.settings = {
            "SECRET_KEY": secrets.token_urlsafe(50), "FIELD_ENCRYPTION_KEYS": key, "SIGNING_KEYS": key,
            "ALLOWED_HOSTS": HOST, "PORTAL_URL": f"https://{HOST}/", "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
            "BEHIND_PROXY": "1", "EMAIL_URL": "smtp://mail:2525", "LOG_LEVEL": "INFO", "METRICS_TOKEN": "the-token",
            "DATABASE_URL": url.format("clee_app", "of-the-portal"), "INVITATION_PASSWORDS": "1",
            "DATABASE_OWNER_URL": url.format("clee_owner", "of-the-owner"), "OUTBOX_LOOK_EVERY": "2",
        }  # fmt: skip
        (folder / "mail.py").write_text(MAIL_SERVER)
        (folder / "database.sh").write_text(DATABASE)
        beside = {
            "db": {"image": POSTGRES, "environment": {"POSTGRES_PASSWORD": "of-the-server"},
                   "entrypoint": ["bash", "/database.sh"], "volumes": [f"{folder}/database.sh:/database.sh:ro"]},
            "mail": {"image": BASE, "command": ["python", "/mail.py"], "volumes": [f"{folder}/mail.py:/mail.py:ro"]},
        }  # fmt: skip
        (folder / "beside.yaml").write_text(yaml.safe_dump({"services": beside}))
        self.write_settings()

    def write_settings(self, **more: str) -> None:
        """The environment file, of plain lines."""
        self.settings |= more
        (self.folder / "environment").write_text("".join(f"{name}={told}\n" for name, told in self.settings.items()))

    def compose(self, *arguments: str, fails: bool = False, told: str | None = None) -> str:
        """One command of compose; what it printed."""
        files = ["-f", str(ROOT / "deploy" / "compose.yaml"), "-f", str(self.folder / "beside.yaml")]
        env = os.environ | {"CLEE_ENVIRONMENT": str(self.folder / "environment"), "CLEE_RELEASE": self.release}
        done = subprocess.run(
            ["docker", "compose", "-p", PROJECT, *files, *arguments],
            cwd=ROOT, env=env, input=told, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def engine(self, *arguments: str) -> str:
        """One command of Docker."""
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()

    def of(self, service: str) -> dict:
        """What the engine knows of a service's container."""
        told = {"service": service, "project": PROJECT}
        pairs = [("--filter", f"label=com.docker.compose.{name}={value}") for name, value in told.items()]
        filters = [word for pair in pairs for word in pair]
        found = self.engine("ps", "-aq", *filters).split()
        return json.loads(self.engine("inspect", found[0]))[0]

    def inside(self, service: str, *command: str) -> str:
        """A command in the container of a service."""
        return self.compose("exec", "-T", service, *command)

    def sql(self, statement: str, database: str = "clee") -> str:
        """A statement, as the server's superuser."""
        psql = ("psql", "-h", "/var/run/postgresql", "-U", "postgres", "-tA", "-v", "ON_ERROR_STOP=1")
        return self.inside("db", *psql, "-d", database, "-c", statement)

    def is_healthy(self, service: str) -> bool:
        """What its own health check says."""
        return self.of(service)["State"]["Health"]["Status"] == "healthy"

    def up(self, *services: str) -> None:
        """Start services, or exchange them for those of the release, and wait for the web's."""
        self.compose("up", "-d", "--no-deps", *services)
        for one in services:
            if one.startswith("web-"):
                Scratch.until(lambda one=one: self.is_healthy(one), 120)


@pytest.fixture(scope="module")
def containers(tmp_path_factory):
    """Built, migrated and started as the document says."""
    folder = tmp_path_factory.mktemp("containers")
    folder.chmod(0o755)
    one = Containers(folder)
    remove = ("--profile", "*", "down", "-v", "--timeout", "5")
    one.compose(*remove)
    try:
        one.compose("build")
        one.compose("up", "-d", "db", "mail", "broker")
        ready = "psql -h db -U postgres -c 'SELECT 1'"
        Scratch.until(lambda: _answers(one, "db", "sh", "-c", f"PGPASSWORD=of-the-server {ready}"), 60)
        for statement in ROLES.strip().splitlines():
            one.sql(statement, "postgres")
        one.compose("run", "--rm", "migrate")
        one.up(*PORTAL)
        yield one
    finally:
        one.compose(*remove)


def _answers(containers, *command: str) -> bool:
    try:
        containers.inside(*command)
    except AssertionError:
        return False
    return True


@pytest.fixture(scope="module")
def post(containers) -> Outside:
    """The first member of POST, made by the command of the document; signed in by a password set through the mail."""
    containers.inside("web-a", "python", "manage.py", "shell", "-v", "0", "-c", FIRST_ACCOUNT)
    browser = Outside(8000)
    browser.get("/accounts/password/reset/")
    assert browser.post("/accounts/password/reset/", {"email": OPERATOR}).status == 302
    mail = Scratch.until(lambda: re.search(rf"https://{HOST}(/accounts/password/reset/key/\S+)", _mails(containers)))
    form = browser.get(mail[1]).headers["Location"]
    browser.get(form)
    browser.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    signed_in = Outside(8001)
    signed_in.get("/accounts/login/")
    assert signed_in.post("/accounts/login/", {"login": OPERATOR, "password": PASSWORD}).status == 302
    return signed_in


def _mails(containers) -> str:
    return re.sub(r"=\r?\n(mail-1\s+\| )?", "", containers.compose("logs", "--no-color", "mail")).replace("=3D", "=")


def test_probes_answer_and_everything_is_healthy(containers):
    for port in (8000, 8001):
        for path in ("/healthz", "/readyz", "/readyz/web"):
            assert Browser(SimpleNamespace(port=port)).get(path).status == 200
    for service in ("web-a", "web-b", "broker"):
        Scratch.until(lambda service=service: containers.is_healthy(service), 60)
    told = Browser(SimpleNamespace(port=8000)).get("/metrics", Authorization="Bearer the-token").text
    assert 'clee_up{part="broker"} 1.0' in told


def test_portal_is_nobody_special_and_writes_only_where_it_must(containers):
    for service in PORTAL:
        told = containers.of(service)
        assert told["Config"]["User"] == "clee"
        assert told["HostConfig"]["ReadonlyRootfs"] is True
        status = containers.inside(service, "cat", "/proc/1/status")
        assert re.findall(r"^(?:Uid:\s+(\d+)|CapEff:\s+(\w+)|NoNewPrivs:\s+(\d))", status, re.M) == [
            ("10001", "", ""), ("", "0" * 16, ""), ("", "", "1")
        ]  # fmt: skip
        for place in ("/opt/clee/x", "/home/clee/x", "/usr/x"):
            assert "Read-only file system" in containers.compose("exec", "-T", service, "touch", place, fails=True)


def test_someone_signs_in_by_either_web_service_and_mail_goes(containers, post):
    step = post.get("/")
    assert (step.status, step.headers["Location"]) == (302, SECOND_STEP)
    other = Outside(8000)
    other.cookies = post.cookies
    page = other.get(SECOND_STEP)
    assert page.status == 200
    assert other.get(re.search(r'href="(/static/[^"]+\.css)"', page.text)[1]).status == 200
    Scratch.until(lambda: "You can act for the POST Program" in _mails(containers), 60)


def test_workers_take_what_beat_says(containers):
    said = {"worker": "training.tasks.settle_seats", "mail-worker": "notifications.tasks.send_waiting"}
    for service, task in said.items():
        done = rf"Task {re.escape(task)}\[[^\]]+\] succeeded"
        Scratch.until(lambda service=service, done=done: re.search(done, containers.compose("logs", service)), 90)


def test_documents_are_shared(containers):
    containers.inside("web-a", "python", "manage.py", "shell", "-v", "0", "-c",
                      f"{KEEP} s['documents'].save('ab/of-the-test', C(b'a paper'))")  # fmt: skip
    assert containers.inside("worker", "python", "manage.py", "shell", "-v", "0", "-c", KEPT).strip() == "a paper"


def test_copy_over_tls_is_made_and_rehearsed(containers):
    assert "Copy made: /var/lib/clee/backups/" in containers.compose("run", "--rm", "backup")
    restore = ("python", "manage.py", "restore", "--rehearse")
    assert "The same: " in containers.compose("run", "--rm", "-e", "CLEE_AS_OWNER=1", "backup", *restore)


def test_history_is_sealed_and_verified(containers):
    make = ("python", "manage.py", "make_sealing_key", SEAL_KEY)
    told = containers.compose("run", "--rm", "-v", f"{PROJECT}_sealing:/etc/clee/sealing", "sealer", *make)
    public = re.search("SEALING_PUBLIC_KEYS=([0-9a-f]{64})", told)[1]
    containers.write_settings(SEALING_KEY=SEAL_KEY, SEALING_PUBLIC_KEYS=public, SEAL_DESTINATIONS="file:///mnt/seals")
    containers.compose("--profile", "sealing", "up", "-d", "--no-deps", "sealer")
    Scratch.until(lambda: containers.sql("SELECT count(*) FROM history_sealkept").strip() not in ("", "0"), 90)
    verified = containers.compose("run", "--rm", "sealer", "python", "manage.py", "verify_history")
    assert "Nothing was changed" in verified
    assert "roots kept elsewhere" in verified


def test_what_was_asked_is_answered_before_a_web_service_ends(containers):
    lock = "BEGIN; LOCK TABLE django_migrations; SELECT pg_sleep(6); COMMIT"
    holding = threading.Thread(target=containers.sql, args=[lock])
    holding.start()
    Scratch.until(lambda: "t" in containers.sql(
        "SELECT bool_or(mode = 'AccessExclusiveLock') FROM pg_locks WHERE relation = 'django_migrations'::regclass"
    ))  # fmt: skip
    told: list[int] = []
    asking = threading.Thread(target=lambda: told.append(Browser(SimpleNamespace(port=8001)).get("/readyz/web").status))
    asking.start()
    time.sleep(1)
    containers.compose("stop", "web-b")
    for thread in (asking, holding):
        thread.join(60)
    assert (told, containers.of("web-b")["State"]["ExitCode"]) == ([200], 0)
    containers.up("web-b")


def test_each_is_ended_in_its_own_time_and_comes_back(containers):
    for service in (*PORTAL, "sealer", "broker"):
        began = time.monotonic()
        containers.compose("--profile", "sealing", "restart", service)
        assert time.monotonic() - began < 35, service
        assert containers.of(service)["State"]["Running"] is True
    for service in ("worker", "mail-worker", "beat"):
        containers.compose("stop", service)
        assert containers.of(service)["State"]["ExitCode"] == 0, service
    containers.up("worker", "mail-worker", "beat")
    Scratch.until(lambda: Browser(SimpleNamespace(port=8000)).get("/readyz").status == 200, 60)


def test_killed_ones_are_started_again_by_the_engine(containers):
    for service in ("worker", "web-a"):
        before = containers.of(service)["State"]
        os.kill(before["Pid"], 9)
        Scratch.until(lambda s=service, b=before: containers.of(s)["State"]["Pid"] not in (0, b["Pid"]), 30)
    Scratch.until(lambda: containers.is_healthy("web-a"), 120)


def test_releases_are_exchanged_without_an_interruption(containers, post):
    """As the document says; meanwhile somebody asks all the time, as the proxy does: the other where one is away."""
    answers, over = [], threading.Event()

    def asking():
        while not over.is_set():
            answers.append(_by_either(post))
            time.sleep(0.05)

    before = {service: containers.of(service)["Id"] for service in PORTAL}
    containers.engine("tag", "clee-portal:one", "clee-portal:two")
    containers.release = "two"
    thread = threading.Thread(target=asking)
    thread.start()
    try:
        check = ("python", "manage.py", "check_migrations")
        assert "The release at work survives" in containers.compose("run", "--rm", "migrate", *check)
        containers.compose("run", "--rm", "migrate")
        for service in PORTAL:
            containers.up(service)
    finally:
        over.set()
        thread.join(60)
    assert [one for one in PORTAL if containers.of(one)["Id"] == before[one]] == []
    assert {containers.of(one)["Config"]["Image"].rpartition("/")[2] for one in PORTAL} == {"clee-portal:two"}
    assert (len(answers) > 50, set(answers)) == (True, {200})
    containers.release = "one"
    containers.up("web-a", "web-b")
    assert containers.of("web-b")["Config"]["Image"].endswith("clee-portal:one")


def _by_either(browser: Outside) -> int:
    for port in (8000, 8001):
        one = Outside(port)
        one.cookies = browser.cookies
        with contextlib.suppress(OSError, http.client.HTTPException):
            return one.get(SECOND_STEP).status
    return 0
