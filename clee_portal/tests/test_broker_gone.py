"""The broker is away for an hour, and the portal goes on: classes are recorded, files and mail taken in, and workers
and beat wait for as long as it takes. When it is back everything that was to be done is done, once.

The short form is in test_faults.py, and here the hour of a clock that runs ahead. `CLEE_FAULTS=long bin/test
clee_portal/tests/test_broker_gone.py -s` waits a whole hour, with a worker and beat of their own; `CLEE_FAULTS_SECONDS`
another time. And a worker in a hurry tries a thousand times, as often as in eight hours: is it as large as before?
"""

import faulthandler
import gc
import os
import sys
import time
from pathlib import Path
from statistics import median

import kombu.utils.functional
import pytest
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis

from clee_portal.celery import app
from clee_portal.tests.balancer import Balancer
from clee_portal.tests.scratch import Browser
from clee_portal.tests.test_faults import ENTER, class_of, pairs, there_is_of
from notifications.tests.sink import Sink, free_port

LONG = os.environ.get("CLEE_FAULTS") == "long"
HOUR, EVERY = 3_600, 30  # seconds: an hour, and between what people do meanwhile
AWAY = int(os.environ.get("CLEE_FAULTS_SECONDS", HOUR))
# Kilobytes by which a process may have grown: in an hour without it, and by a thousand tries.
MOST_OF_AN_HOUR, MOST_OF_A_THOUSAND = 8_000, 4_000
FEW = 10  # tries, after which everything that is made once has been made
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
    """Celery's own limit of a hundred tries is 46 minutes: a worker would end, and with it whatever restarts nobody.
    And of no try anything is kept, for it may be away for days: one object of each would be twice as many as may be.
    """
    passed, tries, objects = [], [], []

    def count() -> None:
        gc.collect()
        objects.append(len(gc.get_objects()))

    def tried(error, interval: float) -> None:
        tries.append(interval)
        if len(tries) == FEW:
            count()

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        if sum(passed) > 2 * HOUR:
            count()
            raise Over

    monkeypatch.setattr(kombu.utils.functional, "sleep", sleep)
    with app.connection_for_read(url=f"redis://127.0.0.1:{free_port()}/0") as connection, pytest.raises(Over):
        connection.ensure_connection(tried, app.conf.broker_connection_max_retries)
    early, late = objects
    assert late - early < (len(tries) - FEW) / 2
    with app.connection_for_read(url=f"redis://127.0.0.1:{free_port()}/0") as connection:
        passed.clear()
        with pytest.raises(OperationalError):  # with that limit it ends, within the hour
            connection.ensure_connection(lambda error, interval: None, 100)
    assert sum(passed) < HOUR


def test_whoever_records_while_it_is_away_waits_for_no_second_try(monkeypatch):
    """What was to be done is found by beat: a page that tried again would take seconds, and a thread with it."""
    monkeypatch.setattr(kombu.utils.functional, "sleep", lambda seconds: pytest.fail("It is tried again."))
    url = f"redis://127.0.0.1:{free_port()}/0"
    with app.connection_for_write(url=url) as connection, pytest.raises(OperationalError):
        app.send_task("notifications.tasks.send_waiting", retry=False, ignore_result=True, connection=connection)


def test_a_worker_that_announces_itself_while_it_is_away_does_so_once(monkeypatch):
    """Celery tries again every second, for as long as it takes, in the loop that would notice that it is away."""
    url = settings.CELERY_BROKER_URL
    way = Balancer([Redis.from_url(url).connection_pool.connection_kwargs["port"]])
    between = f"{url.rpartition(':')[0]}:{way.port}/{url.rpartition('/')[2]}"
    with app.connection_for_write(url=between) as connection:
        announced = app.events.Dispatcher(connection, hostname="worker@test", groups=["worker"])
        announced.send("worker-online", retry=True)
        assert len(announced._outbound_buffer) == 0
        with connection.default_channel.conn_or_acquire() as client:
            number = client.client_id()
        way.stop()
        assert Redis.from_url(url).client_kill_filter(_id=number) == 1
        monkeypatch.setattr(kombu.utils.functional, "sleep", lambda seconds: pytest.fail("It is tried again."))
        announced.send("worker-heartbeat", retry=True)  # as Celery asks
        assert [kind for _, kind in announced._outbound_buffer] == ["worker.heartbeat"]


def resident(process) -> dict[int, int]:
    """Kilobytes in memory of a process and of each that it started. What those share with it counts for each of them:
    so they are not added up, and what one has written to since does not look as if it had grown."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    found = {}
    for number in [process.pid, *(int(child) for told in tasks for child in told.read_text().split())]:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
        found[number] = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return found


def more(before: dict[int, int], after: dict[int, int]) -> dict[int, int]:
    """By how much each has grown; they have to be the same ones."""
    assert set(before) == set(after)
    return {number: after[number] - before[number] for number in before}


def start_worker(scratch, *arguments: str, **more: str):
    """One that is at work: it has started its own process, and that has done something, and so loaded what it needs."""
    quiet = ["--concurrency", "1", "--without-gossip", "--without-mingle", "-n", "hour@faults", "--loglevel", "INFO"]
    worker = scratch.start("celery", "-A", "clee_portal", "worker", *quiet, *arguments, **more)
    beat = scratch.start("celery", "-A", "clee_portal", "beat", "--pidfile=", **more)
    scratch.until(lambda: "] ready." in scratch.log("celery") and "succeeded in" in scratch.log("celery"))
    return worker, beat


@pytest.mark.skipif(not LONG, reason="CLEE_FAULTS=long tries a thousand times")
def test_a_worker_grows_by_no_try(scratch):
    faulthandler.cancel_dump_traceback_later()
    worker, beat = start_worker(scratch, "-I", "clee_portal.tests.hurried")
    scratch.end(beat)
    found = {0: resident(worker)}
    scratch.servers.broker.stop()
    try:
        for tries in (100, 600, 1_100):
            scratch.until(lambda tries=tries: scratch.log("celery").count("/None)") >= tries, 600)
            found[tries] = resident(worker)
    finally:
        scratch.servers.broker.start()
    sys.stdout.write(f"kB of a worker and its process after so many tries: {found}\n")
    grown = more(found[100], found[1_100])
    assert {number: kilobytes for number, kilobytes in grown.items() if kilobytes > MOST_OF_A_THOUSAND} == {}
    scratch.end(worker)


@pytest.mark.skipif(not LONG, reason="CLEE_FAULTS=long waits an hour")
def test_broker_gone_for_an_hour(scratch):
    faulthandler.cancel_dump_traceback_later()  # every wait in it has an end of its own
    scratch.start_web()
    chief = Browser(scratch).sign_in()
    with Sink() as sink:
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}"}
        worker, beat = start_worker(scratch, **mail)
        overdue = "SELECT count(*) FROM notifications_message WHERE next_try_at < now()"
        scratch.until(lambda: scratch.get("/readyz").status == 200)
        scratch.until(lambda: scratch.ask(overdue)[0] == 0)
        began_at = scratch.ask("SELECT now()")[0]
        sink.handler.received.clear()
        before = [resident(process) for process in (scratch.web, worker, beat)]
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
            after = [resident(process) for process in (scratch.web, worker, beat)]
        finally:
            scratch.servers.broker.start()
        back = time.monotonic()
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
        grown = [more(*both) for both in zip(before[1:], after[1:], strict=True)]
        assert [one for one in grown if max(one.values()) > MOST_OF_AN_HOUR] == []
        sys.stdout.write(
            f"{back - began:.0f} s without a broker: {len(titles)} classes (median {median(took):.2f} s, the slowest"
            f" {max(took):.2f} s), {files} files, {put} messages ({sent} mails went, each once); all done"
            f" {caught_up:.0f} s after it was back; memory of web, worker and beat {before} kB before, {after} in the"
            " last moment without it\n"
        )
        for process in (worker, beat):
            scratch.end(process)
