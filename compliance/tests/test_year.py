"""A year in a minute: nothing is lost and no second copy is unaccounted for, whatever happens to the processes.

The short form runs with the other tests: 20 days, 3 kills. `CLEE_YEAR=long bin/test compliance/tests/test_year.py -s`
runs every day with 100 kills. `CLEE_YEAR_SEED=N` repeats what happened when.
"""

import faulthandler
import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.long
def test_a_year_in_a_minute():
    command = [sys.executable, "-m", "compliance.tests.year"]
    if os.environ.get("CLEE_YEAR") == "long":
        command.append("--long")
        faulthandler.cancel_dump_traceback_later()  # it takes longer than a test may; each wait in it has an end
    if seed := os.environ.get("CLEE_YEAR_SEED"):
        command += ["--seed", seed]
    done = subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    sys.stdout.write(done.stdout)
