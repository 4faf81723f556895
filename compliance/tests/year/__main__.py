"""Servers and processes of their own, then the days one by one. Exit code 0 where nothing was lost or doubled."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "bin")]

from bootstrap import prepare  # noqa: E402  (its folder is on the path only now)
from bootstrap.messages import Progress  # noqa: E402
from bootstrap.places import VAR, Home  # noqa: E402
from bootstrap.postgres import APPLICATION, Postgres  # noqa: E402
from bootstrap.servers import Servers  # noqa: E402

from notifications.tests.sink import free_port  # noqa: E402


def main() -> int:
    """Run the short or the long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="every day, 100 kills")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what happens when")
    options = parser.parse_args()
    began = time.monotonic()
    home = Home(VAR / f"test-{os.getpid()}").make()
    home.run_lock.take()
    servers = Servers(home, for_tests=True)
    mails = Path(tempfile.mkdtemp(prefix="clee-year-"))
    try:
        servers.join(Progress(quiet=True))
        environment = environment_of(servers, mails)
        owner = environment | {"DATABASE_URL": environment["DATABASE_OWNER_URL"]}
        subprocess.run([sys.executable, "-c", prepare.MIGRATE], cwd=ROOT, env=owner, check=True, capture_output=True)
        os.environ.update(environment)
        os.environ.pop("CLEE_EMBEDDED", None)
        import django  # the environment it reads is made only now

        django.setup()
        from compliance.tests.year.turning import Year  # as above

        say(f"seed {options.seed}, servers and tables ready after {time.monotonic() - began:.0f} s")
        year = Year(servers, environment, mails, is_long=options.long, seed=options.seed, say=say)
        try:
            year.turn()
        except BaseException:
            year.tell_logs()
            raise
        finally:
            year.stop()
        say(f"{year.report()} ({time.monotonic() - began:.0f} s)")
        return 0
    finally:
        servers.leave()
        Postgres(home, for_tests=True).remove()
        shutil.rmtree(home.path, ignore_errors=True)
        shutil.rmtree(mails, ignore_errors=True)


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def environment_of(servers: Servers, mails: Path) -> dict:
    """What the processes read: the application's role, a mail server of our own, a clock that can be turned, and short
    times for everything that is waited for."""
    (mails / "offset").write_text("0")
    return servers.test_environment() | {
        "DATABASE_URL": servers.postgres.url(APPLICATION),
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "CLOCK_OFFSET_FILE": str(mails / "offset"),
        "EMAIL_TIMEOUT": "3",
        "OUTBOX_LEASE": "8",
        "OUTBOX_RETRY_AFTER": "0.5,1",
        "OUTBOX_PAUSE": "0.5",
        "OUTBOX_LOOK_EVERY": "2",
        "REMINDERS_LOOK_EVERY": "2",
        "LOG_LEVEL": "WARNING",
    }


if __name__ == "__main__":
    sys.exit(main())
