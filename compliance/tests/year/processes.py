"""The processes of the year: two workers, two beats, a mail server. What dies is started again, as systemd would."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from bootstrap.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[3]


class Process:
    """One process, in a session of its own so that it can be killed with all it started."""

    def __init__(self, name: str, command: list[str], env: dict, logs: Path):
        self.name, self.command, self.env, self.log = name, command, env, logs / f"{name}.log"
        self.process = None
        self.start()

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )

    def kill(self, number: int = signal.SIGKILL) -> None:
        """kill -9, with its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait()

    def must_run(self) -> None:
        """Start it again where it ended by itself."""
        if self.process.poll() is not None:
            self.start()


def all_of(env: dict, mails: Path, logs: Path) -> dict[str, Process]:
    """Every process, by name."""
    quiet = ["--without-gossip", "--without-mingle"]
    worker = ["celery", "-A", "clee_portal", "worker", "--concurrency", "1", "--loglevel", "WARNING", *quiet]
    beat = ["celery", "-A", "clee_portal", "beat", "--loglevel", "WARNING", "--max-interval", "1", "--pidfile="]
    port = env["EMAIL_URL"].rpartition(":")[2]
    commands = {
        "mail": ["notifications.tests.sink", port, str(mails)],
        "worker-1": [*worker, "-n", "one@year"],
        "worker-2": [*worker, "-n", "two@year"],
        "beat-1": beat,
        "beat-2": beat,
    }
    return {name: Process(name, command, env, logs) for name, command in commands.items()}
