"""Where documents lie: a folder (DOCUMENTS_ROOT) or a bucket (DOCUMENTS_BUCKET) that no address leads to."""

import contextlib
import datetime as dt
import io
import os
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage

from clee_portal.buckets import Away, Bucket


class _HandedOutByViews:
    """Files that are handed out by a view alone, which asks who may read them."""

    def url(self, name):
        """There is none. Raises ValueError."""
        raise ValueError("A document has no address of its own: compliance:relief_document hands it out.")


class PrivateStorage(_HandedOutByViews, FileSystemStorage):
    """A folder."""

    def _save(self, name, content):
        """Whole or not at all: what was written before the disk was full is taken away again."""
        try:
            return super()._save(name, content)
        except OSError:
            with contextlib.suppress(OSError):
                os.remove(self.path(name))
            raise

    def all_files(self) -> Iterator[tuple[str, dt.datetime]]:
        """Every file, and when it was written."""
        root = Path(self.location)
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            yield path.relative_to(root).as_posix(), dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


class PrivateBucket(_HandedOutByViews, Storage):
    """A bucket of S3-compatible storage, read by the portal alone: no address that works without it is ever made."""

    def __init__(self, bucket: Bucket):
        self.bucket = bucket

    def _open(self, name, mode="rb"):
        """The whole file. Raises FileNotFoundError, and `Away` where the storage does not answer."""
        if mode != "rb":
            raise ValueError("A document is read as it was written.")
        return File(io.BytesIO(self.bucket.get(name)[0]), name)

    def _save(self, name, content):
        """Whole or not at all: where no answer came it may have been written, and is taken away again."""
        content.seek(0)
        try:
            self.bucket.put(name, content.read())
        except Away:
            with contextlib.suppress(Away):
                self.bucket.delete(name)
            raise
        return name

    def delete(self, name):
        """Remove it, if it is there."""
        self.bucket.delete(name)

    def exists(self, name):
        """Whether it is there."""
        return self.bucket.head(name) is not None

    def size(self, name):
        """Its bytes. Raises FileNotFoundError."""
        if (told := self.bucket.head(name)) is None:
            raise FileNotFoundError(name)
        return told["ContentLength"]

    def all_files(self) -> Iterator[tuple[str, dt.datetime]]:
        """Every file, and when it was written."""
        for name, told in self.bucket.listed():
            yield name, told["LastModified"]
