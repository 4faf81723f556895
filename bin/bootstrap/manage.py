"""bin/manage: one management command, with the servers up, beside a running bin/run or alone."""

import os
import signal
import subprocess
import sys

from . import environment, prepare
from .environment import PYTHON
from .messages import Interrupted, Progress
from .places import ROOT
from .processes import stop_listening
from .servers import Servers

AS_OWNER = {
    "migrate",
    "createcachetable",
    "makemigrations",
    "restore",
    "dbshell",
    "flush",
    "showmigrations",
    "sqlmigrate",
    "pgtrigger",
}
CHANGES_TABLES = {"migrate", "dbshell", "flush", "pgtrigger"}
WITHOUT_TABLES = AS_OWNER | {
    "",
    "help",
    "--help",
    "-h",
    "version",
    "--version",
    "check",
    "check_migrations",
    "collectstatic",
    "diffsettings",
}


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code. What is said here goes to the error stream."""
    progress = Progress(sys.stderr, quiet=not sys.stderr.isatty())
    command = next(
        (argument for argument in arguments if not argument.startswith("-")), arguments[0] if arguments else ""
    )
    environment.ensure(Progress(sys.stderr))
    servers = Servers.of_the_portal()
    try:
        servers.join(progress)
        if servers.is_embedded and command not in WITHOUT_TABLES:
            prepare.database(servers, Progress(sys.stderr), only_if_never=True)
        if command in CHANGES_TABLES:
            prepare.forget_migrated(servers)
        as_owner = command in AS_OWNER or os.environ.get("CLEE_AS_OWNER") == "1"
        env = servers.environment(as_owner=as_owner)
        if servers.postgres:
            programs = servers.postgres.find_programs()
            env["PATH"] = f"{programs}{os.pathsep}{env.get('PATH', os.defpath)}"  # psql for dbshell
        return run_in_front([str(PYTHON), str(ROOT / "manage.py"), *arguments], env)
    finally:
        stop_listening()
        servers.leave()


def run_in_front(command: list[str], env: dict) -> int:
    """Runs a command as if it had been typed: with the terminal, and Ctrl-C and other signals reaching it once."""
    process = None

    def pass_on(number, frame):
        if process is None:
            raise Interrupted(number)
        if number != signal.SIGINT or not sys.stdin.isatty():  # on a terminal it has Ctrl-C already
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    process = subprocess.Popen(command, env=env)  # in the person's own folder: paths they give are meant from there
    code = process.wait()
    return 128 - code if code < 0 else code
