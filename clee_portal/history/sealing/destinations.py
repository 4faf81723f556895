"""Where seals are kept outside of the database: in a folder of another machine, in a bucket, and as mail to whom it is
named.

A folder or bucket gets one file for each seal, with what it states, its signed root, and number and hash of every row,
so that a changed row can be named whatever the database says by then. Mail gets the line of the latest root now and
then, which fixes the whole chain up to it. A place that cannot be reached gets what it lacks as soon as it can.
"""

import datetime as dt
import logging
import os
import smtplib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage

from clee_portal import clock
from clee_portal.history.models import Seal, SealKept
from clee_portal.history.sealing import statements, vault
from clee_portal.history.sealing.places import NotKept, Place, file_name, is_another, lines_of
from clee_portal.history.sealing.vault import Vault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folder(Place):
    """A folder, of another machine or on a medium that is written once."""

    path: Path

    def write(self, seal: Seal) -> None:
        """Its file, whole or not at all."""
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
                    raise is_another(str(path))
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


def configured() -> list[Folder | Vault | Mail]:
    """The places named in SEAL_DESTINATIONS. Raises ImproperlyConfigured for one that is none."""
    found: list[Folder | Vault | Mail] = []
    for name in settings.SEAL_DESTINATIONS:
        told = urlsplit(name)
        if told.scheme == "file" and told.path.startswith("/") and not told.netloc:
            found.append(Folder(name, Path(unquote(told.path))))
        elif told.scheme == "s3":
            found.append(vault.at(name))
        elif told.scheme == "mailto" and "@" in told.path:
            found.append(Mail(name, unquote(told.path)))
        else:
            raise ImproperlyConfigured(
                f"SEAL_DESTINATIONS: {name} is none of file:///FOLDER, s3://BUCKET/PREFIX and mailto:ADDRESS."
            )
    return found


def readable() -> list[str]:
    """The names of those that can be read again: folders that are there, and buckets."""
    there = (one for one in configured() if not isinstance(one, Mail))
    return [one.name for one in there if isinstance(one, Vault) or one.path.exists()]


def keep_all() -> None:
    """Bring every place what it lacks; one that cannot be reached is an error in the log and stops no other."""
    for one in configured():
        try:
            one.keep_what_is_due()
        except NotKept as problem:
            log.error("A seal could not be kept: %s", problem)


def root_line(path: Path) -> bytes:
    """The line of the root in a file of a seal."""
    with path.open("rb") as file:
        file.readline()
        return file.readline()
