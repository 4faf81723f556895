"""The database's disk is full, its log finds no room and it ends, a process of it is killed: what was said to be
recorded is there, what was not is not there by half, the page says what to do, and once there is room it works again.

Against a portal of its own (`scratch.py`) with PostgreSQL's settings of production. The disk is a real one, and really
full (`small_disk.py`). `CLEE_FAULTS=long bin/test clee_portal/tests/test_database_crashes.py -s` does each many times.
"""

import itertools
import os
import random
import signal
import sys
import threading
import time
import uuid

import psycopg
import pytest
from bootstrap.postgres import SUPERUSER

from clee_portal.tests.scratch import Browser
from clee_portal.tests.small_disk import as_in_production, on_a_small_disk
from clee_portal.tests.test_faults import (
    ENTER,
    class_of,
    courses_of,
    is_the_page_of_an_interruption,
    pairs,
    there_is_of,
)

LONG = os.environ.get("CLEE_FAULTS") == "long"
PAGES = ("/agencies/alderbrook/roster/", "/agencies/alderbrook/", "/agencies/alderbrook/classes/", "/calendar/")
MOST = 400  # classes until a full disk has to be noticed
NO_ROOM = "No space left on device"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def disk(scratch):
    """The small disk with the database on it, and the web server."""
    with on_a_small_disk(scratch) as found:
        scratch.start_web()
        yield found


@pytest.fixture(scope="module")
def durable(scratch):
    """The portal, with a database that loses no commit."""
    with as_in_production(scratch):
        scratch.start_web()
        yield scratch


def another(form: dict) -> dict:
    """The same for another class."""
    title = f"When the database was in trouble {next(_numbers)}"
    return form | {"course": title, "submission_key": str(uuid.uuid4())}


def like(browser: Browser) -> Browser:
    """Another window of it."""
    other = Browser(browser.scratch)
    other.cookies.load(browser.cookies.output(header="", sep=";"))
    return other


class Recording:
    """Somebody records one class after the other, until there is no answer, or none that says that it was recorded."""

    def __init__(self, scratch, browser: Browser):
        self.scratch, self.browser = scratch, browser
        self.recorded: list[str] = []
        self.last = None  # the form of the one that was not
        form = class_of(scratch, "")
        self.thread = threading.Thread(target=self.record, args=[form])
        self.thread.start()

    def record(self, form: dict) -> None:
        while self.last is None:
            mine = another(form)
            try:
                answered = self.browser.post(ENTER, pairs(mine)).status
            except OSError:
                answered = None
            if answered == 302:
                self.recorded.append(mine["course"])
            else:
                self.last = mine

    def holds(self) -> None:
        """What was said to be recorded is there, whole; the last one whole or not at all, and sent again once."""
        self.thread.join(60)
        assert not self.thread.is_alive()
        for name in self.recorded:
            assert there_is_of(self.scratch, name) == (1, 2, 8)
        name = self.last["course"]
        assert there_is_of(self.scratch, name) in ((0, 0, 0), (1, 2, 8))
        assert self.browser.post(ENTER, pairs(self.last)).status in (200, 302)
        assert (there_is_of(self.scratch, name), courses_of(self.scratch, name)) == ((1, 2, 8), 1)


@pytest.mark.parametrize("number", range(100 if LONG else 1))
def test_database_killed_at_any_moment(durable, number):
    """kill -9 of one of its processes: it throws everybody out and starts anew, by itself."""
    chief = Browser(durable).sign_in()
    chance = random.Random(f"{os.environ.get('CLEE_FAULTS_SEED', '7')} {number}")
    both = [Recording(durable, like(chief)) for _ in range(2)]
    durable.until(lambda: all(one.recorded for one in both))
    time.sleep(chance.uniform(0, 0.5))
    ours = "SELECT pid FROM pg_stat_activity WHERE usename = 'clee_app' ORDER BY state = 'active' DESC, pid"
    os.kill(durable.ask(ours)[0], signal.SIGKILL)
    for one in both:
        one.thread.join(60)
    durable.until(lambda: durable.get("/readyz/web").status == 200)
    for one in both:
        one.holds()


def test_disk_of_the_database_is_full(scratch, disk):
    """The operating system gives PostgreSQL no block more. It fails wherever in recording a table or an index has to
    grow; what fits into the blocks there are is recorded, and pages are read. Only whom PostgreSQL does not let in any
    more (a new connection may have to write a file) reads what the page of an interruption says."""
    chief, form = Browser(scratch).sign_in(), class_of(scratch, "")
    pages, recorded, refused, read, unread = itertools.cycle(PAGES), 0, 0, 0, 0
    for blocks in range(0, 24 if LONG else 1, 2):
        done, not_done = [], {}
        disk.fill(but=blocks)
        try:
            while len(not_done) < 3:
                mine = another(form)
                answer = chief.post(ENTER, pairs(mine))
                if answer.status == 302:
                    done.append(mine["course"])
                    assert len(done) < MOST
                else:
                    not_done[mine["course"]] = is_the_page_of_an_interruption(answer, mine)
                status = chief.get(next(pages)).status
                assert status in (200, 503)
                read, unread = read + (status == 200), unread + (status == 503)
            assert scratch.get("/healthz").status == 200
        finally:
            disk.make_room()
        for name, again in not_done.items():
            assert (there_is_of(scratch, name), courses_of(scratch, name)) == ((0, 0, 0), 0)
            assert chief.post(ENTER, again).status == 302
            assert (there_is_of(scratch, name), courses_of(scratch, name)) == ((1, 2, 8), 1)
        assert [there_is_of(scratch, name) for name in done] == [(1, 2, 8)] * len(done)
        recorded, refused = recorded + len(done), refused + len(not_done)
    assert scratch.log("postgres").count(NO_ROOM) >= refused
    assert read > unread
    sys.stdout.write(f"\nOn a full disk {refused} refused, {recorded} recorded, {read} pages read, {unread} not\n")


def test_database_that_finds_no_room_for_its_log_ends_and_loses_nothing(scratch, disk):
    """Then PostgreSQL ends in the middle of whatever it does, and starts again by itself, or not until there is room.
    Two people record until it has."""
    chief, postgres, kept, away = Browser(scratch).sign_in(), scratch.servers.postgres, 0, 0
    url = f"postgres://{SUPERUSER}:{scratch.home.secrets()['superuser']}@127.0.0.1:{postgres.port}/clee"
    for _ in range(10 if LONG else 1):
        both = [Recording(scratch, like(chief)) for _ in range(2)]
        with psycopg.connect(url, autocommit=True) as connection:
            scratch.until(lambda both=both: all(one.recorded for one in both))
            disk.fill()
            try:
                with pytest.raises(psycopg.OperationalError):
                    for _ in range(200):  # segments that were to be used again are used up
                        connection.execute("SELECT pg_logical_emit_message(true, 'test', 'a'), pg_switch_wal()")
                for one in both:
                    one.thread.join(60)
                scratch.until(lambda: "PANIC" in scratch.log("postgres"))
                form = another(both[0].last)
                answer = chief.post(ENTER, pairs(form))
                if answer.status == 302:
                    both[0].recorded.append(form["course"])
                else:
                    is_the_page_of_an_interruption(answer, form)
                    away += 1
                assert scratch.get("/healthz").status == 200
            finally:
                disk.make_room()
        postgres.start()  # as systemd would: it does not try again for ever by itself
        scratch.until(lambda: scratch.get("/readyz/web").status == 200)
        for one in both:
            one.holds()
            kept += len(one.recorded)
    sys.stdout.write(
        f"\n{kept} classes recorded before it ended are there; it was away until there was room {away} times\n"
    )
