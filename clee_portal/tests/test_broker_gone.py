"""The broker is away for an hour, and the portal goes on: classes are recorded, files and mail taken in, and workers and
beat wait for as long as it takes. When it is back everything that was to be done is done, once.

The short form is in test_faults.py, and here the hour of a clock that runs ahead. `CLEE_FAULTS=long bin/test
clee_portal/tests/test_broker_gone.py -s` waits a whole hour, with a worker and beat of their own; `CLEE_FAULTS_SECONDS`
another time.
"""

import faulthandler
import os
import sys
import time
from pathlib import Path
from statistics import median

import kombu.utils.functional
import pytest
from kombu.exceptions import OperationalError

from clee_portal.celery import app
from clee_portal.tests.scratch import Browser
from clee_portal.tests.test_faults import ENTER, class_of, pairs, there_is_of
from notifications.tests.sink import Sink, free_port

LONG = os.environ.get("CLEE_FAULTS") == "long"
HOUR, EVERY = 3_600, 30  # seconds: an hour, and between what people do meanwhile
AWAY = int(os.environ.get("CLEE_FAULTS_SECONDS", HOUR))
ROUNDS = 6  # so often a file and mails are taken in
# Mail to every sixth of those named to act for somebody; and a file of one row, sent.
MEANWHILE = """
import sys
import django
django.setup()
from clee_portal.accounts.models import User
from notifications import outbox
from training import occasions
from training.models import Agency, Membership
from training.services import imports
number, of = int(sys.argv[1]), int(sys.argv[2])
for one in Membership.objects.exclude(role="officer").select_related("user").order_by("pk")[number::of]:
    outbox.put(occasion=occasions.NAMED, key=str(one.pk), address=one.user.email, user=one.user)
chief = User.objects.get(email="ceo@maplewood.example")
file = f"License,Name,Title,Date,Hours,Area\\nOAKLEY-1,Ona Oakley,Sent meanwhile {number},2026-02-03,4,Skill\\n"
made, _ = imports.upload(by=chief, body=Agency.objects.get(code="alderbrook"), name="a.csv", data=file.encode())
imports.send(by=chief, training_import=made)
"""


class Over(Exception):
    """The time of the test is over, and it still tries."""


def test_worker_and_beat_look_for_the_broker_for_as_long_as_it_is_away(monkeypatch):
    """Celery's own limit of a hundred tries is 46 minutes: a worker would end, and with it whatever restarts nobody."""
    passed = []

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        if sum(passed) > 6 * HOUR:
            raise Over

    monkeypatch.setattr(kombu.utils.functional, "sleep", sleep)
    with app.connection_for_read(url=f"redis://127.0.0.1:{free_port()}/0") as connection, pytest.raises(Over):
        connection.ensure_connection(lambda error, interval: None, app.conf.broker_connection_max_retries)
    with app.connection_for_read(url=f"redis://127.0.0.1:{free_port()}/0") as connection:
        passed.clear()
        with pytest.raises(OperationalError):  # with that limit it ends, within the hour
            connection.ensure_connection(lambda error, interval: None, 100)
    assert sum(passed) < HOUR


def kilobytes(process) -> int:
    """What a process and those it started hold in memory."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    found = 0
    for number in [str(process.pid), *children]:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
        found += next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
    return found


@pytest.mark.skipif(not LONG, reason="CLEE_FAULTS=long waits an hour")
def test_broker_gone_for_an_hour(scratch):
    faulthandler.cancel_dump_traceback_later()  # every wait in it has an end of its own
    scratch.start_web()
    chief = Browser(scratch).sign_in()
    with Sink() as sink:
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        quiet = ["--concurrency", "1", "--without-gossip", "--without-mingle", "-n", "hour@faults"]
        worker = scratch.start("celery", "-A", "clee_portal", "worker", *quiet, **mail)
        beat = scratch.start("celery", "-A", "clee_portal", "beat", "--pidfile=", **mail)
        overdue = "SELECT count(*) FROM notifications_message WHERE next_try_at < now()"
        scratch.until(lambda: scratch.get("/readyz").status == 200 and "hour@faults" in scratch.log("celery"), 60)
        scratch.until(lambda: scratch.ask(overdue)[0] == 0, 60)
        began_at = scratch.ask("SELECT now()")[0]
        sink.handler.received.clear()
        before = [kilobytes(process) for process in (scratch.web, worker, beat)]
        titles, took, files = [], [], 0
        scratch.servers.broker.stop()
        began = time.monotonic()
        try:
            while (passed := time.monotonic() - began) < AWAY:
                started, title = time.monotonic(), f"While the broker was away {len(titles)}"
                assert chief.post(ENTER, pairs(class_of(scratch, title))).status == 302
                took.append(time.monotonic() - started)
                assert there_is_of(scratch, title) == (1, 2, 8)
                assert chief.get("/agencies/alderbrook/roster/").status == 200
                assert (scratch.get("/readyz").status, scratch.get("/readyz/web").status) == (503, 200)
                if passed >= files * AWAY / ROUNDS:
                    done = scratch.python("-c", MEANWHILE, str(files), str(ROUNDS), **mail)
                    assert done.returncode == 0, done.stderr
                    files += 1
                titles.append(title)
                assert (worker.poll(), beat.poll()) == (None, None)
                time.sleep(min(EVERY, AWAY / ROUNDS))
        finally:
            scratch.servers.broker.start()
        back = time.monotonic()
        after = [kilobytes(process) for process in (scratch.web, worker, beat)]
        scratch.until(lambda: scratch.ask(overdue)[0] == 0, 240)
        undone = "SELECT count(*) FROM training_trainingimport WHERE name = 'a.csv' AND state = 'running'"
        scratch.until(lambda: scratch.ask(undone)[0] == 0, 240)
        caught_up = time.monotonic() - back
        mails = "SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FROM notifications_message WHERE put_at > %s"
        sent, put = scratch.ask(mails, began_at)
        assert put >= sent > 0
        assert (len(sink.ids), len(set(sink.ids))) == (sent, sent)
        assert [there_is_of(scratch, title) for title in titles] == [(1, 2, 8)] * len(titles)
        rows = [there_is_of(scratch, f"Sent meanwhile {number}") for number in range(files)]
        assert (rows, files) == ([(1, 1, 4)] * ROUNDS, ROUNDS)
        assert (worker.poll(), beat.poll()) == (None, None)
        sys.stdout.write(
            f"{back - began:.0f} s without a broker: {len(titles)} classes (median {median(took):.2f} s, the slowest"
            f" {max(took):.2f} s), {files} files, {put} messages ({sent} mails went, each once); all done {caught_up:.0f} s after it was back; memory of"
            f" web, worker and beat {before} kB before, {after} kB after\n"
        )
        for process in (worker, beat):
            scratch.end(process)
