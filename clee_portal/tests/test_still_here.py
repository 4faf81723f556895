"""What a killed worker had comes back in seconds, and what a living one has stays with it, however long it takes: with
real workers and a real broker."""

import os
import signal
import subprocess
import sys
import time

import pytest
from celery import current_app
from django.conf import settings

from clee_portal.tests.slow_work import NAME, QUEUE

COME_BACK_AFTER = 4
PATIENCE = 60


@pytest.fixture(scope="module")
def workers():
    """Two workers. Process id -> process."""
    command = ["celery", "-A", "clee_portal", "worker", "-I", NAME, "-Q", QUEUE, "--concurrency", "1"]
    env = os.environ | {"TASKS_COME_BACK_AFTER": str(COME_BACK_AFTER)}
    running = {}
    for name in ("one", "two"):
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "-n", f"{name}@still-here", "--loglevel", "ERROR", "--without-mingle"],
            cwd=settings.BASE_DIR,
            env=env,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running[process.pid] = process
    yield running
    for process in running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def lines(path, how_many: int) -> list[str]:
    """The notes of the task, once there are so many."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = path.read_text().splitlines() if path.exists() else []
        if len(found) >= how_many:
            return found
        time.sleep(0.05)
    raise AssertionError(f"Only {found} after {PATIENCE} s")


def send(path, seconds: float) -> None:
    """Ask for the task by a connection of its own: the application's pool may have been closed by another test."""
    with current_app.connection_for_write() as connection:
        current_app.send_task(NAME, [str(path), seconds], queue=QUEUE, connection=connection)


def test_a_task_longer_than_the_timeout_stays_with_its_worker(workers, tmp_path):
    path = tmp_path / "notes"
    send(path, 3 * COME_BACK_AFTER)
    began, ended = lines(path, 2)
    assert (int(began.removeprefix("began ")) in workers, ended) == (True, "ended")
    time.sleep(COME_BACK_AFTER + 2.5)  # and it is not begun again by whoever looks for lost work
    assert lines(path, 2) == [began, "ended"]


def test_what_a_killed_worker_had_comes_back_in_seconds(workers, tmp_path):
    path = tmp_path / "notes"
    send(path, PATIENCE)
    (began,) = lines(path, 1)
    killed = int(began.removeprefix("began "))
    os.killpg(killed, signal.SIGKILL)
    at = time.monotonic()
    _, again = lines(path, 2)
    (other,) = set(workers) - {killed}
    assert again == f"began {other}"
    assert time.monotonic() - at < COME_BACK_AFTER + 20  # it is looked for every two seconds
