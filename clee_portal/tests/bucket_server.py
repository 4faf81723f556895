"""An S3-compatible server in a process of its own, and buckets in it.

Another one, that runs already, is used where `CLEE_S3` has its address with key and secret (docs/operations.md). What
the tests write there stays there, and some of it is locked.
"""

import http.client
import itertools
import os
import subprocess
import sys
import time
from urllib.parse import unquote, urlsplit

import pytest

from clee_portal.buckets import Access, Bucket
from notifications.tests.sink import free_port

NOWHERE = Access("http://127.0.0.1:9", "us-east-1", "a-key", "a-secret", "path")
ANOTHER = os.environ.get("CLEE_S3", "")


class Buckets:
    """Buckets of a server that somebody else keeps."""

    def __init__(self, address: str):
        told = urlsplit(address)
        endpoint = f"{told.scheme}://{told.hostname}:{told.port}" if told.port else f"{told.scheme}://{told.hostname}"
        self.access = Access(endpoint, "us-east-1", unquote(told.username), unquote(told.password), "path")
        self.run, self.numbers = f"clee-{int(time.time())}-{os.getpid()}", itertools.count(1)

    def bucket(self, prefix: str = "", *, locks: bool = False, **parameters: str) -> Bucket:
        """A new, empty bucket; with `locks` one whose objects can be locked, which keeps every version."""
        one = Bucket(self.access, f"{self.run}-{next(self.numbers)}", prefix, tuple(parameters.items()))
        one._client.create_bucket(Bucket=one.name, **({"ObjectLockEnabledForBucket": True} if locks else {}))
        return one


class BucketServer(Buckets):
    """A server of our own; it keeps what it holds in memory."""

    def __init__(self):
        self.port = free_port()
        super().__init__(f"http://{NOWHERE.key_id}:{NOWHERE.secret}@127.0.0.1:{self.port}")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> "BucketServer":
        """Until it answers."""
        end = time.monotonic() + 30
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
                return self
            except OSError:
                assert time.monotonic() < end, "the S3-compatible server did not start"
                time.sleep(0.05)
            finally:
                connection.close()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="session")
def s3():
    """The server, for a whole run of the tests."""
    if ANOTHER:
        yield Buckets(ANOTHER)
        return
    server = BucketServer()
    try:
        yield server.wait()
    finally:
        server.stop()
