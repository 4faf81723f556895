"""S3-compatible storage: a bucket, asked through one client a process, and one plain error for whatever it refuses.

boto3 is loaded when a bucket is asked for the first time: where none is named it costs nothing. Nothing here makes an
address that works without the portal.
"""

import base64
import contextlib
import errno
import functools
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

# Seconds: whoever asks holds a request, and often a row. Asked once more where the answer says that it may pass.
CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 3, 10, 2
_BLOCK = 1 << 20
_NOT_THERE = {"404", "NoSuchKey", "NotFound"}


class Away(OSError):
    """A bucket did not answer, or refused: `strerror` says what was asked and the code of the answer, nothing else."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the storage is and by which key: empty parts are found as the AWS tools find them (a role of the machine).

    `addressing` is `auto`, `path` or `virtual`; `authorities` a file of certificates to believe beside the system's.
    """

    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)
    addressing: str = "auto"
    authorities: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or what lies in it under `prefix`; `parameters` go with every object that is written (encryption)."""

    access: Access
    name: str
    prefix: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def put(self, key: str, body: bytes | IO[bytes], **more: Any) -> None:
        """Write an object, whole or not at all; its digest goes with it. Raises `Away`."""
        with self._asked("PutObject"):
            self._client.put_object(
                **self._of(key), Body=body, ContentMD5=_md5(body), **{**dict(self.parameters), **more}
            )

    def get(self, key: str, **more: Any) -> tuple[bytes, dict]:
        """What an object holds, and what is told of it. Raises FileNotFoundError, `Away`."""
        with self._asked("GetObject"):
            told = self._client.get_object(**self._of(key), **more)
            return told["Body"].read(), told

    def head(self, key: str) -> dict | None:
        """What is told of an object; None where it is not there. Raises `Away`."""
        try:
            with self._asked("HeadObject"):
                return self._client.head_object(**self._of(key))
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Remove an object, if it is there. Raises `Away`."""
        with self._asked("DeleteObject"):
            self._client.delete_object(**self._of(key))

    def listed(self) -> Iterator[tuple[str, dict]]:
        """Key (without the prefix) and what is told of every object, in the order of the keys. Raises `Away`."""
        yield from self._pages("list_objects_v2", "ListObjects", "Contents")

    def versions(self) -> Iterator[tuple[str, dict]]:
        """The same of every version; a removal is one without `Size`. Raises `Away`, also where it is not offered."""
        yield from self._pages("list_object_versions", "ListObjectVersions", "Versions", "DeleteMarkers")

    def _pages(self, operation: str, told_as: str, *lists: str) -> Iterator[tuple[str, dict]]:
        prefix = self._key("")
        with self._asked(told_as):
            for page in self._client.get_paginator(operation).paginate(Bucket=self.name, Prefix=prefix):
                for one in (one for name in lists for one in page.get(name, ())):
                    yield one["Key"].removeprefix(prefix), one

    def _of(self, key: str) -> dict:
        return {"Bucket": self.name, "Key": self._key(key)}

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    @property
    def _client(self):
        return _client(self.access, os.getpid())

    @contextlib.contextmanager
    def _asked(self, operation: str) -> Iterator[None]:
        """What goes wrong inside becomes FileNotFoundError or `Away`."""
        from botocore.exceptions import BotoCoreError, ClientError  # only where there is a bucket
        from urllib3.exceptions import HTTPError  # as above

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _NOT_THERE:
                raise FileNotFoundError(errno.ENOENT, f"{operation}: {code}") from None
            raise Away(errno.EIO, f"{operation}: {code}") from error
        except (BotoCoreError, HTTPError) as error:
            raise Away(errno.EIO, f"{operation}: {type(error).__name__}") from error


def place(address: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://BUCKET/PREFIX`. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.hostname or parts.netloc.lower() != parts.hostname or parts.query:
        raise ValueError(f"{address} is not s3://BUCKET or s3://BUCKET/PREFIX.")
    return parts.netloc, parts.path.strip("/")


@functools.lru_cache(maxsize=8)
def _client(access: Access, process: int):
    """One for a process and all its threads; a process that was forked makes its own (`process`)."""
    import boto3  # only where there is a bucket
    from botocore.config import Config  # as above

    return boto3.session.Session().client(
        "s3",
        endpoint_url=access.endpoint or None,
        region_name=access.region or None,
        aws_access_key_id=access.key_id or None,
        aws_secret_access_key=access.secret or None,
        verify=access.authorities or None,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=16,
            s3={"addressing_style": access.addressing},
            # Content-MD5 goes with what is written; checksums in trailers are not understood by every maker's server.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _md5(body: bytes | IO[bytes]) -> str:
    digest = hashlib.md5(usedforsecurity=False)  # what S3 compares with what arrived
    if isinstance(body, bytes):
        digest.update(body)
    else:
        body.seek(0)
        for block in iter(lambda: body.read(_BLOCK), b""):
            digest.update(block)
        body.seek(0)
    return base64.b64encode(digest.digest()).decode()
