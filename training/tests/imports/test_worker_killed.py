"""A worker killed at any moment of a file: what it had committed stays, the rest is done once, by the next."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from training.imports import working
from training.models import ImportRow, TrainingRecord
from training.services import imports
from training.tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
KILLS = 100 if os.environ.get("CLEE_FAULTS") == "long" else 2
ROWS, ROWS_A_CHUNK = 600, 20
A_CHUNK_TAKES = 0.05  # seconds, about: the moment of a kill lies anywhere in one
WORK = f"""
import sys, django
django.setup()
from training.imports import working
working.ROWS_A_CHUNK = {ROWS_A_CHUNK}
working.work(int(sys.argv[1]))
"""


def sent(agency, chief, officers, month: int):
    days = [(at, f"2026-{month:02d}-{at + 1:02d}") for at in range(20)]
    rows = [f"{one.license_number},Class {at},{day},2,Legal" for at, day in days for one in officers]
    data = "\n".join(["License,Title,Date,Hours,Area", *rows]).encode()
    made, _ = imports.upload(by=chief, body=agency, name=f"month{month}.csv", data=data)
    return imports.send(by=chief, training_import=made)


def work_until(made, count: int, more: float) -> bool:
    """A worker at work in a process of its own, killed so many seconds after that many rows have their fate. False
    where it was done before."""
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    env = os.environ | {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}"}
    env["DJANGO_SETTINGS_MODULE"] = "clee_portal.settings"
    worker = subprocess.Popen([sys.executable, "-c", WORK, str(made.pk)], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + 120
        while made.rows.count() < count:
            assert worker.poll() in (None, 0), "the worker ended in an error"
            assert time.monotonic() < until, "the worker did nothing"
            time.sleep(0.005)
        time.sleep(more)
    finally:
        worker.send_signal(signal.SIGKILL)
        ended = worker.wait()
    while others():  # PostgreSQL ends what it was told to do, and then sees that nobody is there
        assert time.monotonic() < until, "its connection is still there"
        time.sleep(0.01)
    return ended == -signal.SIGKILL


def others() -> int:
    """Connections to this database that are not ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(agency):
    officers, chief, chance = make.roster(agency, ROWS // 20), make.ceo(agency), random.Random()
    kills = files = cut = 0
    while kills < KILLS:
        files += 1
        made = sent(agency, chief, officers, month=files)
        before, done = (files - 1) * ROWS, 0
        while kills < KILLS and done < ROWS - 2 * ROWS_A_CHUNK:
            count, more = done + chance.randrange(2 * ROWS_A_CHUNK), chance.uniform(0, A_CHUNK_TAKES)
            if not work_until(made, count, more):
                break
            kills += 1
            done = made.rows.count()
            cut += 0 < done < ROWS
            when = f"killed {more:.3f} s after {count} rows of file {files}"
            assert list(made.rows.order_by("number").values_list("number", flat=True)) == [*range(2, 2 + done)], when
            assert TrainingRecord.objects.count() == before + done, when
        assert working.work(made.pk)
        made.refresh_from_db()
        assert made.state == "done"
        assert Counter(made.rows.values_list("fate", flat=True)) == {"credited": ROWS}
        assert made.rows.values("record").distinct().count() == ROWS
        assert TrainingRecord.objects.count() == ImportRow.objects.count() == before + ROWS
    told = f"killed {kills} times in {files} files, {cut} times with some of a file done"
    print(told)  # noqa: T201 - asked for by -s
    assert cut >= KILLS // 2
