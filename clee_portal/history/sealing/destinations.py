"""Where seals are kept outside of the database: in a folder of another machine, and as mail to whom it is named.

A folder gets one file for each seal, with what it states, its signed root, and number and hash of every row, so that a
changed row can be named whatever the database says by then. Mail gets the line of the latest root now and then, which
fixes the whole chain up to it. A place that cannot be reached gets what it lacks as soon as it can.
"""

import base64
import datetime as dt
import logging
import os
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.db import connection, transaction

from clee_portal import clock
from clee_portal.history.models import Seal, SealKept
from clee_portal.history.sealing import contents, statements

log = logging.getLogger(__name__)
ONE_AT_A_TIME = 0x5EA1_0002
IN_ONE_FOLDER = 10_000


class NotKept(Exception):
    """A seal could not be brought to where it is to be kept; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, of another machine or on a medium that is written once. Files are added, never changed."""

    name: str
    path: Path

    def keep_what_is_due(self) -> None:
        """Bring every seal it has not, the oldest first."""
        while self._keep_next():
            pass

    @transaction.atomic
    def _keep_next(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(contents.USUAL)
        last = SealKept.objects.filter(destination=self.name).order_by("-seal").values_list("seal", flat=True).first()
        due = Seal.objects.filter(number__gt=last or 0).prefetch_related("parts").order_by("number").first()
        if due is None:
            return False
        self._write(due)
        SealKept.objects.create(seal=due, destination=self.name)
        return True

    def _write(self, seal: Seal) -> None:
        path = self.path / file_name(seal.number)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
                file.writelines(lines_of(seal))
                file.flush()
                os.fsync(file.fileno())
            if path.exists():  # kept before a sealer was killed, or another chain's
                if root_line(path) != root_line(new):
                    raise NotKept(f"{path} has another seal of this number: was an older backup restored?")
                new.unlink()
            else:
                new.rename(path)
        except OSError as error:
            raise NotKept(f"{path}: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True)
class Mail:
    """A person or mailbox that gets the line of the latest root every SEAL_MAIL_EVERY_HOURS."""

    name: str
    address: str

    def keep_what_is_due(self) -> None:
        """Send the latest root, where the last was sent long enough ago."""
        last = SealKept.objects.filter(destination=self.name).order_by("-seal").first()
        if last and last.kept_at > clock.now() - dt.timedelta(hours=settings.SEAL_MAIL_EVERY_HOURS):
            return
        seal = Seal.objects.order_by("-number").first()
        if seal is None or (last and last.seal_id == seal.number):
            return
        text = (
            f"The history of the CLEE Portal is sealed up to {seal.sealed_at:%Y-%m-%d %H:%M} UTC.\n\n"
            "Keep this message as it is. The line below fixes every seal up to this one; with it a changed history is\n"
            "found out: manage.py verify_history --roots FILE\n\n"
            f"{statements.root_of(seal)}\n"
        )
        message = EmailMessage(f"History sealed: seal {seal.number}", text, None, [self.address])
        try:
            message.send()
        except (OSError, smtplib.SMTPException) as error:
            raise NotKept(f"mail to {self.address}: {error}") from None
        SealKept.objects.bulk_create([SealKept(seal=seal, destination=self.name)], ignore_conflicts=True)


def configured() -> list[Folder | Mail]:
    """The places named in SEAL_DESTINATIONS. Raises ImproperlyConfigured for one that is none."""
    found: list[Folder | Mail] = []
    for name in settings.SEAL_DESTINATIONS:
        told = urlsplit(name)
        if told.scheme == "file" and told.path.startswith("/") and not told.netloc:
            found.append(Folder(name, Path(unquote(told.path))))
        elif told.scheme == "mailto" and "@" in told.path:
            found.append(Mail(name, unquote(told.path)))
        else:
            raise ImproperlyConfigured(f"SEAL_DESTINATIONS: {name} is neither file:///FOLDER nor mailto:ADDRESS.")
    return found


def folders() -> list[Path]:
    """The folders among them."""
    return [one.path for one in configured() if isinstance(one, Folder)]


def keep_all() -> None:
    """Bring every place what it lacks; one that cannot be reached is an error in the log and stops no other."""
    for one in configured():
        try:
            one.keep_what_is_due()
        except NotKept as problem:
            log.error("A seal could not be kept: %s", problem)


def file_name(number: int) -> str:
    """Where the file of a seal lies in a folder."""
    return f"{number // IN_ONE_FOLDER:06}/{number:010}.seal"


def root_line(path: Path) -> bytes:
    """The line of the root in a file of a seal."""
    with path.open("rb") as file:
        file.readline()
        return file.readline()


def lines_of(seal: Seal) -> Iterator[bytes]:
    """The file of a seal. Inside a transaction."""
    statement = statements.of_seal(seal)
    yield statement.as_bytes() + b"\n"
    yield str(statements.root_of(seal)).encode() + b"\n"
    forms = contents.forms()
    count = 0
    for part in statement.parts:
        yield f"table {part.table}\n".encode()
        for number, content_hash in contents.hashes(part.table, part.after, part.up_to, forms[part.table][0]):
            count += 1
            yield b"%d %s\n" % (number, base64.b64encode(content_hash))
    yield b"end %d\n" % count
