"""Two hosts in everything but the machine: two web processes behind a balancer, two workers, two beats, each with an
environment and folders of its own, against one PostgreSQL, one Redis and one bucket. What is begun on one goes on on
the other, and what is to be done once is done once.
"""

import contextlib
import signal
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from clee_portal.accounts import totp
from clee_portal.tests.balancer import Balancer
from clee_portal.tests.scratch import CHIEF, PASSWORD, Answer, Browser
from clee_portal.tests.test_faults import ENTER, class_of, held_up, in_the_background, pairs, there_is_of
from compliance.tests.relief_people import pdf
from notifications.tests.sink import Sink, free_port

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OFFICER, POST, DELEGATE = "ona@oakley.example", "post@statehouse.example", "delegate@hawthorn.example"
# An app for a member of POST; and a mail to everybody named to act for an agency or a provider.
PREPARE = f"""
import django
django.setup()
from allauth.mfa.models import Authenticator
from clee_portal.accounts import encryption
from clee_portal.accounts.models import User
from notifications import outbox
from training import occasions
from training.models import Membership
post = User.objects.get(email={POST!r})
Authenticator.objects.create(user=post, type="totp", data={{"secret": encryption.encrypt({SECRET!r})}})
for one in Membership.objects.exclude(role="officer").select_related("user"):
    outbox.put(occasion=occasions.NAMED, key=str(one.pk), address=one.user.email, user=one.user)
"""
NAMED = 8  # of them at least have the right today


class Host:
    """What one machine runs: a web process, a worker and beat, and its own folders."""

    def __init__(self, scratch, name: str, shared: dict):
        self.scratch, self.port, self.folder = scratch, free_port(), scratch.folder / name
        for part in ("documents", "static", "tmp"):
            (self.folder / part).mkdir(parents=True)
        own = {
            "DOCUMENTS_ROOT": self.folder / "documents",
            "STATIC_ROOT": self.folder / "static",
            "TMPDIR": self.folder / "tmp",
            "BACKUP_FOLDER": self.folder / "backups",
        }
        env = shared | {key: str(value) for key, value in own.items()}
        web = ["-c", "deploy/gunicorn.conf.py", "-w", "1", "-b", f"127.0.0.1:{self.port}", "clee_portal.wsgi"]
        quiet = ["--without-gossip", "--without-mingle", "-n", f"{name}@scale"]
        self.web = scratch.start("gunicorn", *web, **env)
        scratch.start("celery", "-A", "clee_portal", "worker", "--concurrency", "1", *quiet, **env)
        scratch.start("celery", "-A", "clee_portal", "beat", "--max-interval", "1", "--pidfile=", **env)

    def browser(self, like: Browser | None = None) -> Browser:
        """Straight to this host; with the cookies of another browser."""
        made = Browser(SimpleNamespace(port=self.port))
        if like:
            made.cookies = like.cookies
        return made

    def answers(self) -> bool:
        """Whether its web process does."""
        return self.browser().get("/readyz/web").status == 200


@pytest.fixture(scope="module")
def hosts(scratch, s3):
    """Both, a balancer before them, and a mail server."""
    bucket, balancer = s3.bucket("documents"), None
    shared = {
        "DOCUMENTS_BUCKET": f"s3://{bucket.name}/documents",
        "S3_ENDPOINT_URL": s3.access.endpoint,
        "S3_ACCESS_KEY_ID": s3.access.key_id,
        "S3_SECRET_ACCESS_KEY": s3.access.secret,
        "OUTBOX_LOOK_EVERY": "1",
        "OUTBOX_RETRY_AFTER": "1",
        "OUTBOX_PAUSE": "1",
    }
    with Sink() as sink:
        shared["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
        before, began = list(scratch.others), scratch.ask("SELECT now()")[0]
        try:
            both = [Host(scratch, name, shared) for name in ("east", "west")]
            prepared = scratch.python("-c", PREPARE, **shared)
            assert prepared.returncode == 0, prepared.stderr
            scratch.until(lambda: all(host.answers() for host in both), 60)
            balancer = Balancer([host.port for host in both])
            yield SimpleNamespace(
                began=began, east=both[0], west=both[1], sink=sink, bucket=bucket, balancer=balancer, scratch=scratch
            )
        finally:
            if balancer:
                balancer.stop()
            for process in [one for one in scratch.others if one not in before]:
                with contextlib.suppress(ProcessLookupError):
                    scratch.end(process, signal.SIGKILL)


@pytest.fixture
def before_both(hosts) -> Browser:
    """A browser at the balancer."""
    return Browser(SimpleNamespace(port=hosts.balancer.port))


def sent_as_file(browser: Browser, path: str, name: str, content: bytes) -> Answer:
    """One file by a form."""
    parts, mark = [("csrfmiddlewaretoken", "", browser.cookies["csrftoken"].value.encode())], uuid.uuid4().hex
    parts.append((name, '; filename="orders.pdf"', content))
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for field, more, value in parts
    )
    headers = {"Content_Type": f"multipart/form-data; boundary={mark}"}
    return browser._send("POST", path, body + f"--{mark}--\r\n".encode(), headers)


def test_a_session_is_that_of_every_host(hosts, before_both):
    hosts.balancer.served.clear()
    before_both.sign_in(CHIEF)
    pages = [before_both.get("/agencies/alderbrook/roster/").status for _ in range(4)]
    assert pages == [200] * 4
    assert set(hosts.balancer.served) == {hosts.east.port, hosts.west.port}
    left = hosts.east.browser(before_both).post("/accounts/logout/", {})
    assert left.status == 302
    assert hosts.west.browser(before_both).get("/agencies/alderbrook/roster/").status == 302


def test_a_document_sent_to_one_host_is_read_on_the_other(hosts):
    east = hosts.east.browser().sign_in(OFFICER)
    own = "SELECT r.id FROM compliance_reliefrequest r JOIN accounts_user u ON u.id = r.recorded_by_id WHERE email = %s"
    request = hosts.scratch.ask(own, OFFICER)[0]
    reference = f"R-{request:06d}"
    content = pdf()
    assert east.get(f"/extensions/{reference}/documents/").status == 200
    assert sent_as_file(east, f"/extensions/{reference}/documents/", "documents", content).status == 302
    number, name = hosts.scratch.ask(
        "SELECT id, file FROM compliance_reliefdocument WHERE request_id = %s ORDER BY id DESC LIMIT 1", request
    )
    west = hosts.west.browser(east)
    answer = west.get(f"/documents/{number}/")
    assert (answer.status, answer.text) == (200, content.decode(errors="replace"))
    assert hosts.bucket.get(name)[0] == content
    stranger = hosts.west.browser().sign_in("ceo@hawthorn.example")
    assert stranger.get(f"/documents/{number}/").status == 404
    of_their_own = [path for host in (hosts.east, hosts.west) for path in (host.folder / "documents").rglob("*")]
    assert of_their_own == []


def test_wrong_passwords_and_codes_are_counted_together(hosts):
    """Three at one host and two at the other are five: the right one is refused at both. A code is good once."""
    tries = [(hosts.east, "no")] * 3 + [(hosts.west, "no")] * 2 + [(hosts.east, PASSWORD), (hosts.west, PASSWORD)]
    told = []
    for host, password in tries:
        browser = host.browser()
        browser.get("/accounts/login/")
        told.append(browser.post("/accounts/login/", {"login": DELEGATE, "password": password}).status)
    assert told == [200] * 5 + [429] * 2
    east, west = hosts.east.browser().sign_in(POST), hosts.west.browser().sign_in(POST)
    code = {"code": totp.code_of(SECRET, totp.now_counter())}
    step = "/accounts/login/second-step/"
    east.get(step), west.get(step)
    first, second = hosts.west.browser(east).post(step, code), hosts.east.browser(west).post(step, code)
    assert (first.status, second.status) == (302, 200)
    assert hosts.east.browser(east).get("/officers/").status == 200


def test_two_workers_and_two_beats_do_everything_once(hosts):
    """Both beats say "look now" every second, and both workers look: each mail went once, and nothing is put twice."""
    # Those of other tests may have ended as they wanted it there: unknown for good, or failed until later.
    waiting = "SELECT count(*) FROM notifications_message WHERE next_try_at IS NOT NULL AND put_at > %s"
    hosts.scratch.until(lambda: hosts.scratch.ask(waiting, hosts.began)[0] == 0, 60)
    sent = hosts.scratch.ask(
        "SELECT count(*) FROM notifications_message WHERE state = 'sent' AND settled_at > %s", hosts.began
    )[0]
    assert sent >= NAMED
    assert (len(hosts.sink.ids), len(set(hosts.sink.ids))) == (sent, sent)
    twice = "SELECT count(*) FROM (SELECT 1 FROM notifications_message GROUP BY occasion, key HAVING count(*) > 1) x"
    assert hosts.scratch.ask(twice) == (0,)
    periods = "SELECT count(*) - count(DISTINCT year) FROM compliance_reportingperiod"
    assert hosts.scratch.ask(periods) == (0,)
    log = Path(hosts.scratch.home.logs / "celery.log").read_text()
    assert {host for host in ("east@scale", "west@scale") if host in log} == {"east@scale", "west@scale"}


def test_a_host_that_dies_takes_no_journey_with_it(hosts, before_both):
    """kill -9 of the whole web process while it records: no answer, nothing of it there; sent again it goes to the
    other host, in the same session, and is there once."""
    web, title = hosts.scratch, "When the east went away"
    before_both.sign_in(CHIEF)
    form = class_of(web, title)
    east = hosts.east.browser(before_both)
    with web.connect() as locker, locker.transaction():
        locker.execute("LOCK TABLE training_creditline IN ACCESS EXCLUSIVE MODE")
        answer = in_the_background(lambda: east.post(ENTER, pairs(form)))
        held_up(web, "training_creditline", locker)
        web.end(hosts.east.web, signal.SIGKILL)
        assert isinstance(answer(), OSError)
    hosts.balancer.served.clear()
    assert there_is_of(web, title) == (0, 0, 0)
    assert [before_both.post(ENTER, pairs(form)).status, before_both.get(ENTER).status] == [302, 200]
    assert there_is_of(web, title) == (1, 2, 8)
    assert set(hosts.balancer.served) == {hosts.west.port}
