"""The embedded Redis-compatible server (Valkey): on the loopback, with a password, keeping its queue on disk."""

import os
import socket
import subprocess
import time

from . import binaries, ports
from .messages import Stop
from .places import Home, last_lines, shown, write_private
from .processes import end_left_over, is_running, wait_gone

FIRST_PORT = 63790

CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
set-proc-title no
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Broker:
    """The server of one state folder."""

    def __init__(self, home: Home):
        self.home = home
        self.configuration = home.broker / "broker.conf"
        self.port = None
        self.pid = None
        self._process = None

    @property
    def url(self) -> str:
        """The address of the server, with its password."""
        return f"redis://:{self.home.secrets()['broker']}@{ports.LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Starts the server and waits until it answers; ends one left over by a killed run before."""
        program = binaries.find_broker()
        self.stop_left_over()
        wanted = self.home.state().get("broker", {}).get("port") or FIRST_PORT
        for _ in range(5):
            self.port = ports.choose(wanted)
            if self._start_server(program):
                self.home.note(broker={"port": self.port, "pid": self.pid})
                return
            wanted = self.port + 1
        raise Stop("The Redis-compatible server found no free port on this machine.")

    def _start_server(self, program) -> bool:
        text = CONFIGURATION.format(
            host=ports.LOOPBACK,
            port=self.port,
            password=self.home.secrets()["broker"],
            folder=_quoted(self.home.broker),
        )
        write_private(self.configuration, text)
        log = self.home.log("broker")
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [program, self.configuration],
                cwd=self.home.broker,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        until = time.monotonic() + 15
        while time.monotonic() < until:
            if self._process.poll() is not None:
                if "ddress already in use" in log.read_text(errors="replace"):
                    return False
                break
            if self.answers():
                return True
            time.sleep(0.02)
        self.stop()
        raise Stop(f"The Redis-compatible server did not start. The last lines of {shown(log)}:\n{last_lines(log)}")

    def answers(self) -> bool:
        """Whether the server answers, and to our password."""
        return b"+PONG" in self._ask("PING")

    def is_running(self) -> bool:
        """Whether the server's process is there."""
        if self._process is not None:
            return self._process.poll() is None
        return self.pid is not None and is_running(self.pid, str(self.configuration))

    def adopt(self, noted: dict) -> bool:
        """Takes over what another command of ours started; False when it is not there any more."""
        self.port, self.pid = noted["port"], noted["pid"]
        return self.is_running() and self.answers()

    def stop(self) -> None:
        """Asks the server to write down its queue and end, and ends it where it does not."""
        if not self.is_running():
            return
        self._ask("SHUTDOWN")
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        elif not wait_gone(self.pid, str(self.configuration), 10):
            end_left_over(self.pid, str(self.configuration))
        self.pid = None
        self.home.note(broker={"port": self.port})

    def stop_left_over(self) -> None:
        """Stops the server, whichever command started it: a killed run leaves one behind."""
        if not self.is_running() and (noted := self.home.state().get("broker")):
            self.port, self.pid = noted["port"], noted.get("pid")
        self.stop()

    def _ask(self, command: str) -> bytes:
        """One command over the wire, after our password; empty when nobody answers."""
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.home.secrets()['broker']}\r\n{command}\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := line.recv(4096)):
                    answer += part
                return answer
        except OSError:
            return b""


def _quoted(path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
