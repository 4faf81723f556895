"""A file system with little room for the database of `scratch.py`, filled up and given room again: what PostgreSQL does
then it does by itself.

It is a piece of memory (tmpfs), mounted where the data lies, so it takes Linux and the right to mount. PostgreSQL runs
as in production there: whatever is committed is written down before anybody is told so. What happened goes with it.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clee_portal.tests.scratch import Scratch

BLOCK, MB = 4096, 1024 * 1024
ROOM = 96 * MB  # beside what is there
# The log's part of it: so much at most, where nothing is wrong.
SETTINGS = "max_wal_size = 48MB\nmin_wal_size = 32MB\n"
# Unmounts when its input ends, also because the tests were killed.
UNMOUNT = 'read -r _; exec umount -l "$0"'


class SmallDisk:
    """The file system, and a file of somebody else on it that may take all the room."""

    def __init__(self, folder: Path):
        self.ballast = folder / "ballast"

    def fill(self, *, but: int = 0) -> None:
        """Only so many blocks are free afterwards."""
        with self.ballast.open("ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(BLOCK))
            file.truncate(file.tell() - but * BLOCK)

    def make_room(self) -> None:
        """Somebody removes what was in the way."""
        self.ballast.unlink(missing_ok=True)


@contextlib.contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """An empty file system of so many bytes on a folder."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("to mount a small file system takes root, and Linux")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "clee-small-disk", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    with subprocess.Popen(["sh", "-c", UNMOUNT, str(folder)], stdin=subprocess.PIPE, start_new_session=True) as guard:
        yield
        guard.stdin.close()


@contextlib.contextmanager
def as_in_production(scratch: Scratch) -> Iterator[None]:
    """PostgreSQL started anew so that no commit is lost with the server (tests do without it elsewhere)."""
    postgres = scratch.servers.postgres
    postgres.stop()
    postgres.for_tests = False
    try:
        postgres.start()
        yield
    finally:
        postgres.for_tests = True
        postgres.stop()
        postgres.start()


@contextlib.contextmanager
def on_a_small_disk(scratch: Scratch) -> Iterator[SmallDisk]:
    """The database there until the end; then it is what it was before."""
    postgres = scratch.servers.postgres
    data, aside = postgres.data, postgres.data.with_name("data.aside")
    postgres.stop()
    data.rename(aside)
    data.mkdir()
    used = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
    try:
        with mounted(data, used + ROOM):
            # With what holes there are in its files, so that each byte of them has its room.
            subprocess.run(["cp", "-a", "--sparse=never", f"{aside}/.", str(data)], check=True)
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS)
            postgres.for_tests = False
            try:
                postgres.start()
                yield SmallDisk(data)
            finally:
                postgres.for_tests = True
                postgres.stop()
    finally:
        data.rmdir()
        aside.rename(data)
        postgres.start()
