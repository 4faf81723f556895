"""A PostgreSQL that follows that of a scratch portal, made with its own programs."""

import contextlib
import os
import shutil

import psycopg
from bootstrap import ports
from bootstrap.postgres import SUPERUSER, Postgres

from clee_portal.tests.scratch import Scratch


class Standby:
    """A streaming replica: made in a second or two, and removed with `stop`."""

    def __init__(self, scratch: Scratch):
        self.primary: Postgres = scratch.servers.postgres
        self.password = scratch.home.secrets()["superuser"]
        self.folder, self.port = self.primary.folder / "standby", ports.choose(self.primary.port + 1)
        self.log = scratch.home.log("standby")
        self.programs = self.primary.find_programs()

    def start(self) -> "Standby":
        """Copy the primary, and follow it."""
        self.folder.mkdir(mode=0o700)
        os.chown(self.folder, self.primary.account.uid, self.primary.account.gid)
        source = f"host={ports.LOOPBACK} port={self.primary.port} user={SUPERUSER} password={self.password}"
        copied = [self.programs / "pg_basebackup", "-D", self.folder, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        assert self.primary._run([*copied, "-d", source], self.log) == 0, self.log.read_text()
        options = self.primary._options().replace(f"port={self.primary.port}", f"port={self.port}")
        start = [self.programs / "pg_ctl", "start", "-w", "-t", "60", "-D", self.folder, "-o", options]
        assert self.primary._run(start, self.log) == 0, self.log.read_text()
        return self

    def url(self, of_primary: str) -> str:
        """The same database and role here."""
        return of_primary.replace(f":{self.primary.port}/", f":{self.port}/")

    @property
    def superuser(self) -> str:
        """For whoever pauses it."""
        return f"postgres://{SUPERUSER}:{self.password}@{ports.LOOPBACK}:{self.port}/clee"

    def stop(self) -> None:
        """End it, and remove what it had."""
        with contextlib.suppress(psycopg.Error, OSError):
            stop = [self.programs / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.folder]
            self.primary._run(stop, self.log)
        shutil.rmtree(self.folder, ignore_errors=True)
