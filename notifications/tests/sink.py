"""A real mail server for tests: takes mail, notes every one, and misbehaves as it is told.

`python -m notifications.tests.sink PORT FOLDER` runs it in a process of its own: every mail is a file in FOLDER, and
the file `FOLDER/mood` says how it behaves just now.
"""

import asyncio
import sys
import threading
import uuid
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller

UNSURE = ("drops after taking", "drops before taking", "silent after taking")
SLOW = 30  # seconds a stalled answer takes: longer than anybody waits


class Handler:
    """Takes mail in the mood of the moment. What was taken is in `received`, a list of (envelope, message)."""

    def __init__(self):
        self.mood = "well"
        self.received: list[tuple] = []
        self.connections = 0
        self.refused_addresses: set[str] = set()
        self.pause = 0.0

    def note(self, envelope) -> None:
        """Keep a mail that was taken."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append((envelope, message))

    def feel(self, mood: str) -> None:
        """Somebody meets with the mood of the moment."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        """Somebody came."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        """A mail begins."""
        if self.mood in ("stalls", "hangs up"):
            self.feel(self.mood)
        if self.mood == "stalls":
            await asyncio.sleep(SLOW)
        if self.mood == "hangs up":
            server.transport.close()
        if self.mood == "sender refused":
            return "530 5.7.0 Authentication required"
        if self.mood == "closing":
            return "421 4.3.2 Closing"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """To whom."""
        if address in self.refused_addresses:
            return "550 5.1.1 No such person here"
        if self.mood == "full":
            return "552 5.2.2 Mailbox full"
        if self.mood == "greylisting":
            self.feel(self.mood)
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """The content."""
        if self.pause:
            await asyncio.sleep(self.pause)
        mood = self.mood
        if mood in UNSURE:
            self.feel(mood)
        if mood == "drops before taking":
            server.transport.close()
            return "250 never said"
        if mood == "content refused":
            return "554 5.6.0 Not this"
        self.note(envelope)
        if mood == "drops after taking":
            server.transport.close()
        if mood == "silent after taking":
            await asyncio.sleep(SLOW)
        return "250 OK"


class KeepingHandler(Handler):
    """Keeps every mail as a file, and reads its mood from one."""

    def __init__(self, folder: Path):
        self.folder = folder
        super().__init__()
        self.pause = float((folder / "pause").read_text()) if (folder / "pause").exists() else 0.0

    def feel(self, mood: str) -> None:
        """A line for each."""
        with (self.folder / "felt").open("a") as felt:
            felt.write(f"{mood}\n")

    @property
    def mood(self) -> str:
        """How it behaves just now; written by the test."""
        path = self.folder / "mood"
        return path.read_text() if path.exists() else "well"

    @mood.setter
    def mood(self, said: str) -> None:
        pass

    def note(self, envelope) -> None:
        """A file for every mail, whole the moment it has its name."""
        path = self.folder / f"{uuid.uuid4()}.part"
        path.write_bytes(f"X-Envelope-To: {envelope.rcpt_tos[0]}\r\n".encode() + envelope.content)
        path.rename(path.with_suffix(".eml"))


class Sink:
    """The server, in a thread of this process."""

    def __init__(self, handler: Handler | None = None, port: int = 0):
        self.handler = handler or Handler()
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=port or free_port())
        self.port = self.controller.port

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *unused):
        self.controller.stop(no_assert=True)

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of what was taken, in order."""
        return [message["Message-ID"] for _, message in self.handler.received]


def free_port() -> int:
    """A port nobody uses."""
    import socket  # only here

    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def main() -> None:
    """Run until ended."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    with Sink(KeepingHandler(folder), port):
        threading.Event().wait()


if __name__ == "__main__":
    main()
