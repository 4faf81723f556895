"""Processes: starting them so that they end with us, watching them, stopping them in order."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .messages import Interrupted, Progress, Stop
from .places import ROOT, last_lines, shown

PATIENCE = 15  # seconds between asking a process to end and ending it
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
_PR_SET_PDEATHSIG = 1


def listen_for_the_end() -> None:
    """Ctrl-C and the polite signals end the command, also when a script started it with them ignored."""

    def end(number, frame):
        raise Interrupted(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def stop_listening() -> None:
    """From here on the command only cleans up: a second Ctrl-C changes nothing (what it starts still starts afresh)."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *unused: None)


def die_with_parent(parent: int):
    """What a child does before it begins, so that it is asked to end when its parent is killed (Linux)."""

    def arrange():
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return arrange


def command_line(pid: int) -> str:
    """The command line of a process; empty when there is none, or only its remains."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if sys.platform.startswith("linux"):
            return ""
    found = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
    return found.stdout.strip()


def is_running(pid: int, mark: str) -> bool:
    """Whether that process is there and is the one meant: its command line holds the mark. Numbers are used again."""
    return mark in command_line(pid)


def wait_gone(pid: int, mark: str, seconds: float) -> bool:
    """Waits until that process is gone; False when it still is there afterwards."""
    until = time.monotonic() + seconds
    while is_running(pid, mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def end_left_over(pid: int, mark: str) -> None:
    """Ends a process, with its session, that a killed run left behind; never another that got its number."""
    for number, seconds in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 5)):
        if not is_running(pid, mark):
            return
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        wait_gone(pid, mark, seconds)


class Child:
    """One of the portal's processes, in a session of its own so that Ctrl-C reaches only who started it."""

    def __init__(self, name: str, command: list[str], *, env: dict, log: Path):
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        self.pid = self.process.pid

    def must_be_running(self) -> None:
        """Raises Stop with the exit code and the last log lines once the process has ended by itself."""
        code = self.process.poll()
        if code is not None:
            ended = f"was ended by signal {-code}" if code < 0 else f"ended by itself with exit code {code}"
            raise Stop(f"{self.name} {ended}. The last lines of {shown(self.log)}:\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Asks the process to end, waits, and then ends it with all it started."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def run_watched(progress: Progress, what: str, command: list[str], *, log: Path, env: dict) -> int:
    """Runs a command with its output in a log, saying now and then how far it is; returns its exit code."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(os.getpid()),
        )
    pause = 0.5 if progress.is_terminal else 5
    spoken = time.monotonic()
    try:
        while process.poll() is None:
            time.sleep(0.02)
            if time.monotonic() - spoken > pause:
                newest = last_lines(log, 1).split("\r")[-1].strip() if log.stat().st_size else ""
                progress.passing(f"{what} … {newest}")
                spoken = time.monotonic()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return process.returncode
