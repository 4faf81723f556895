"""An S3-compatible server in a process of its own, and buckets in it."""

import http.client
import itertools
import subprocess
import sys
import time

import pytest

from clee_portal.buckets import Access, Bucket
from notifications.tests.sink import free_port

NOWHERE = Access("http://127.0.0.1:9", "us-east-1", "a-key", "a-secret", "path")


class BucketServer:
    """The server; it keeps what it holds in memory."""

    def __init__(self):
        self.port, self.numbers = free_port(), itertools.count(1)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.access = Access(f"http://127.0.0.1:{self.port}", "us-east-1", "a-key", "a-secret", "path")

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

    def bucket(self, prefix: str = "", *, locks: bool = False, **parameters: str) -> Bucket:
        """A new, empty bucket; with `locks` one whose objects can be locked, which keeps every version."""
        one = Bucket(self.access, f"bucket-{next(self.numbers)}", prefix, tuple(parameters.items()))
        one._client.create_bucket(Bucket=one.name, ObjectLockEnabledForBucket=locks)
        return one

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="session")
def s3():
    """The server, for a whole run of the tests."""
    server = BucketServer()
    try:
        yield server.wait()
    finally:
        server.stop()
