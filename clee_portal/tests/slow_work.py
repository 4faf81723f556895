"""A task of the tests: slow, and it notes when it began and ended."""

import os
import time

from clee_portal.celery import app

NAME, QUEUE = "clee_portal.tests.slow_work", "slow-work"


@app.task(name=NAME, ignore_result=True)
def slow_work(path: str, seconds: float) -> None:
    """Take so many seconds. `path` gets a line at the beginning, with the worker's process id, and one at the end."""
    _note(path, f"began {os.getppid()}")
    time.sleep(seconds)
    _note(path, "ended")


def _note(path: str, line: str) -> None:
    with open(path, "a") as file:
        file.write(f"{line}\n")
