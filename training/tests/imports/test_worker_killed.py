"""A worker killed in the middle of a file: what it had committed stays, the rest is done once, by the next."""

import os
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
WORK = """
import sys, time, django
django.setup()
from training.imports import working
working.ROWS_A_CHUNK = 20
whole = working._write
def slowly(*args):
    whole(*args)
    time.sleep(0.05)
working._write = slowly
working.work(int(sys.argv[1]))
"""


def test_killed_worker_loses_and_doubles_nothing(agency):
    officers = make.roster(agency, 30)
    rows = [f"{one.license_number},Class {at},2026-02-{at + 1:02d},2,Legal" for at in range(20) for one in officers]
    data = "\n".join(["License,Title,Date,Hours,Area", *rows]).encode()
    chief = make.ceo(agency)
    made, _ = imports.upload(by=chief, body=agency, name="long.csv", data=data)
    imports.send(by=chief, training_import=made)
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    env = os.environ | {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}"}
    env["DJANGO_SETTINGS_MODULE"] = "clee_portal.settings"
    worker = subprocess.Popen([sys.executable, "-c", WORK, str(made.pk)], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + 60
        while ImportRow.objects.count() < 60:
            assert worker.poll() is None, "the worker ended by itself"
            assert time.monotonic() < until, "the worker did nothing"
            time.sleep(0.01)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    made.refresh_from_db()
    done = ImportRow.objects.count()
    assert made.state == "running"
    assert 60 <= done < 600
    assert TrainingRecord.objects.count() == done
    assert working.work(made.pk)
    made.refresh_from_db()
    assert made.state == "done"
    assert Counter(made.rows.values_list("fate", flat=True)) == {"credited": 600}
    assert TrainingRecord.objects.count() == 600
