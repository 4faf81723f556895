"""Seals in a bucket of S3-compatible storage: written once, locked against removal where the bucket can do that, and
read with every version there is, so that one written over or removed later is found out."""

import contextlib
import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clee_portal import clock
from clee_portal.buckets import Away, Bucket, place
from clee_portal.history.models import Seal
from clee_portal.history.sealing.places import NotKept, Place, file_name, is_another, lines_of, root_line_of

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Vault(Place):
    """A bucket. The key in SEALS_S3_… needs to write and to read there, and nothing else."""

    bucket: Bucket

    def write(self, seal: Seal) -> None:
        """Its file, whole or not at all."""
        key = file_name(seal.number)
        try:
            if self.bucket.head(key) is not None:  # kept before a sealer was killed, or another chain's
                if self.bucket.get(key)[0].split(b"\n", 2)[1] + b"\n" != root_line_of(seal):
                    raise is_another(f"{self.name}/{key}")
                return
            with tempfile.TemporaryFile() as file:
                file.writelines(lines_of(seal))
                self.bucket.put(key, file, ContentType="text/plain", **_lock())
        except OSError as error:
            raise NotKept(f"{self.name}/{key}: {error.strerror}") from None

    def fetch(self, folder: Path) -> list[tuple[str, str]]:
        """Bring everything kept there into `folder`, and tell what is wrong with it: (which, what).

        Of a file with several versions the first is taken (they are listed with the last one first). What lies in
        `folder` already with the same digest is not asked for again. Raises `Away`.
        """
        firsts, wrong = [], []
        for key, versions in groupby(sorted(self._listed(wrong), key=itemgetter(0)), key=itemgetter(0)):
            told = [one for _, one in versions]
            there = sorted((one for one in reversed(told) if "Size" in one), key=itemgetter("LastModified"))
            if len(there) > 1:
                wrong.append((f"{self.name}/{key}", "it was written over; its first version is compared"))
            if len(there) < len(told):
                wrong.append((f"{self.name}/{key}", "it was removed; its first version is compared"))
            if there and key.endswith(".seal"):
                firsts.append((key, there[0]))
        there = {_path_in(folder, key) for key, _ in firsts}
        for path in sorted(set(folder.rglob("*.seal")) - there):
            wrong.append((f"{self.name}/{path.relative_to(folder).as_posix()}", "it is not there any more"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            wrong += filter(None, pool.map(lambda one: self._bring(folder, *one), firsts))
        return wrong

    def _listed(self, wrong: list) -> Iterator[tuple[str, dict]]:
        """Every version, where the storage tells them; else what lies there now."""
        try:
            return iter(list(self.bucket.versions()))
        except Away as error:
            if settings.SEALS_S3_LOCK:
                wrong.append((self.name, f"its versions cannot be listed ({error.strerror})"))
            return self.bucket.listed()

    def _bring(self, folder: Path, key: str, told: dict) -> tuple[str, str] | None:
        path = _path_in(folder, key)
        if path.exists() and _md5(path) == told["ETag"].strip('"'):
            return None
        version = told.get("VersionId")
        content, answer = self.bucket.get(key, **({"VersionId": version} if version not in (None, "null") else {}))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        until = answer.get("ObjectLockRetainUntilDate")
        if settings.SEALS_S3_LOCK and (answer.get("ObjectLockMode") != settings.SEALS_S3_LOCK or until is None):
            return f"{self.name}/{key}", f"it is not locked ({settings.SEALS_S3_LOCK}), so it could be removed"
        return None


@contextlib.contextmanager
def brought(places: Iterable[str]) -> Iterator[tuple[list[Path], list[tuple[str, str]]]]:
    """Folders and files as they are named (a path, `file:///FOLDER`, `s3://BUCKET/PREFIX`); inside, what buckets hold
    lies in folders of this machine too. Also what is wrong with it. Raises `NotKept` where a bucket cannot be read."""
    with contextlib.ExitStack() as stack:
        paths, wrong = [], []
        for name in places:
            if name.startswith("s3://"):
                folder = _folder_for(name, stack)
                try:
                    wrong += at(name).fetch(folder)
                except OSError as error:
                    raise NotKept(f"{name} cannot be read: {error.strerror}") from None
                paths.append(folder)
            else:
                paths.append(Path(unquote(urlsplit(name).path) if name.startswith("file://") else name))
        yield paths, wrong


def _folder_for(name: str, stack: contextlib.ExitStack) -> Path:
    """Kept from one time to the next where SEALS_S3_CACHE says so: what is read there is proved by its signature."""
    if settings.SEALS_S3_CACHE:
        folder = Path(settings.SEALS_S3_CACHE) / hashlib.sha256(name.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clee-seals-")))


def at(name: str) -> Vault:
    """The place `s3://BUCKET/PREFIX`. Raises ImproperlyConfigured."""
    try:
        return Vault(name, Bucket(settings.SEALS_S3, *place(name)))
    except ValueError as error:
        raise ImproperlyConfigured(f"SEAL_DESTINATIONS: {error}") from None


def _lock() -> dict:
    """What an object is written with so that nobody removes it before its time."""
    if not settings.SEALS_S3_LOCK:
        return {}
    until = clock.now() + dt.timedelta(days=settings.SEALS_S3_LOCK_DAYS)
    return {"ObjectLockMode": settings.SEALS_S3_LOCK, "ObjectLockRetainUntilDate": until}


def _path_in(folder: Path, key: str) -> Path:
    return folder.joinpath(*(part for part in key.split("/") if part not in ("", ".", "..")))


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
