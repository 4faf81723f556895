"""Copies of the portal: a folder each, with what the database held, the documents, and a manifest that says what is in
it.

A copy is encrypted for one or more recipients (the public keys in BACKUP_RECIPIENTS) in the format of the tool `age`,
which can open it too, with or without the portal. The machine that makes copies cannot read them: the other half of
the key is kept elsewhere.
"""

import base64
import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyrage

from clee_portal import clock
from clee_portal.refusal import Refused

MANIFEST = "manifest.json"
FORMAT = 1
_NAME = re.compile(r"clee-(\d{8}T\d{6}Z)$")
_BLOCK = 1 << 20


@dataclass
class Copy:
    """A copy that was made: its folder, and what its manifest says."""

    folder: Path
    manifest: dict = field(repr=False)

    @property
    def made_at(self) -> dt.datetime:
        """The moment of its snapshot."""
        return dt.datetime.fromisoformat(self.manifest["made_at"])

    @property
    def day(self) -> dt.date:
        """The day in Missouri on which it was made."""
        return clock.day_of(self.made_at)

    @property
    def is_encrypted(self) -> bool:
        """Whether a key is needed to read it."""
        return bool(self.manifest["encrypted_for"])

    def size(self) -> int:
        """Its bytes on the disk, documents it shares with an earlier copy included."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


def folder_name(moment: dt.datetime) -> str:
    """What the folder of a copy is called."""
    return f"clee-{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def opened(folder: Path) -> Copy:
    """The copy in a folder. Raises `Refused` where there is none, or one of a later release."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refused(f"{folder} holds no copy of the portal: its {MANIFEST} is missing or cannot be read.") from None
    if manifest.get("format") != FORMAT:
        raise Refused(f"The copy in {folder} was made by another release of the portal, which has to restore it.")
    return Copy(folder, manifest)


def kept_in(folder: Path) -> list[Copy]:
    """The whole copies in a folder, the latest first. What was being made when its maker was stopped is none."""
    if not folder.is_dir():
        return []
    found = sorted((path for path in folder.iterdir() if _NAME.match(path.name)), reverse=True)
    return [opened(path) for path in found if (path / MANIFEST).exists()]


def to_keep(copies: list[Copy], *, daily: int, weekly: int, monthly: int) -> list[Copy]:
    """Of `copies`, the latest first, those that are kept: all of one day back from the latest, and the last one of each
    of the last so many days, weeks and months in which there is one."""
    kept = [copy for copy in copies if copy.made_at > copies[0].made_at - dt.timedelta(days=1)]
    for how_many, of in ((daily, lambda day: day), (weekly, lambda day: day.isocalendar()[:2]), (monthly, _month)):
        last_of: dict = {}
        for copy in copies:
            last_of.setdefault(of(copy.day), copy)
        kept += list(last_of.values())[:how_many]
    return [copy for copy in copies if copy in kept]


def _month(day: dt.date) -> tuple[int, int]:
    return day.year, day.month


def remove(copy: Copy) -> None:
    """Remove a copy: first its manifest, so that half a copy is never taken for a whole one."""
    (copy.folder / MANIFEST).unlink()
    shutil.rmtree(copy.folder)


# Keys ----------------------------------------------------------------------------------------------------------------


def new_key() -> tuple[str, str]:
    """A new key: what encrypts (public, for BACKUP_RECIPIENTS) and what decrypts (secret, kept elsewhere)."""
    secret = pyrage.x25519.Identity.generate()
    return str(secret.to_public()), str(secret)


def recipients_of(keys: list[str]) -> list:
    """The public keys of BACKUP_RECIPIENTS, read. Raises `Refused`."""
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError:
        raise Refused("BACKUP_RECIPIENTS: each is a public key that begins with “age1”.") from None


def key_check(recipients: list) -> str:
    """What only the right key decrypts: it is tried before anything else is done with a copy."""
    return base64.b64encode(pyrage.encrypt(b"the key fits", recipients)).decode() if recipients else ""


def must_fit(copy: Copy, identities: list) -> None:
    """Raises `Refused` where none of the secret keys decrypts the copy."""
    try:
        pyrage.decrypt(base64.b64decode(copy.manifest["key_check"]), identities)
    except pyrage.DecryptError:
        raise Refused(f"The copy in {copy.folder} cannot be decrypted with this key.") from None


def identities_in(file: Path) -> list:
    """The secret keys in a file, one a line; lines that begin with # are passed over. Raises `Refused`."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError:
        raise Refused(f"The key in {file} cannot be read.") from None
    except pyrage.IdentityError:
        raise Refused(f"{file} holds no key: a line of it begins with “AGE-SECRET-KEY-1”.") from None


# Files ---------------------------------------------------------------------------------------------------------------


class Digesting:
    """A file that is written to or read from, and the digest and number of the bytes that went by."""

    def __init__(self, file: BinaryIO):
        self.file, self.digest, self.bytes = file, hashlib.sha256(), 0

    def write(self, block: bytes) -> int:
        """Write it on."""
        self._note(block)
        self.file.write(block)
        return len(block)

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self.file.read(size)
        self._note(block)
        return block

    def flush(self) -> None:
        """To the disk's keeper."""
        self.file.flush()

    def _note(self, block: bytes) -> None:
        self.digest.update(block)
        self.bytes += len(block)

    @property
    def said(self) -> dict:
        """For the manifest."""
        return {"bytes": self.bytes, "sha256": self.digest.hexdigest()}


def write(source: BinaryIO, path: Path, recipients: list) -> dict:
    """Write `source` to `path`, encrypted where there are recipients; what the manifest says of the file. On the disk
    for good when it returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        written = Digesting(file)
        if recipients:
            pyrage.encrypt_io(source, written, recipients)
        else:
            shutil.copyfileobj(source, written, _BLOCK)
        file.flush()
        os.fsync(file.fileno())
    return written.said


def read(path: Path, target: BinaryIO, identities: list | None) -> None:
    """Write what `path` holds to `target`, decrypted where the copy is encrypted (`identities` is None where not)."""
    with path.open("rb") as file:
        if identities is None:
            shutil.copyfileobj(file, target, _BLOCK)
        else:
            pyrage.decrypt_io(file, target, identities)


def must_be_whole(copy: Copy, said: Callable[[str], None]) -> None:
    """Raises `Refused` where a file of the copy is missing or is not what was written; `said` is told of progress."""
    files = dict(copy.manifest["files"])
    files |= {one["file"]: one["kept"] for one in copy.manifest["documents"].values()}
    for name, told in files.items():
        path = copy.folder / name
        if not path.is_file():
            raise Refused(f"The copy in {copy.folder} is not whole: {name} is missing.")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != told["sha256"]:
            raise Refused(f"The copy in {copy.folder} was changed: {name} is not what was written.")
    said(f"{len(files)} files are what was written")
