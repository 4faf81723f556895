"""Databases beside the one of the benchmark state: a copy that a run may write into and that is thrown away after it.

So every run begins with the same state, and the state itself stays as it was made.
"""

import os
import time
from urllib.parse import urlsplit


def owner_url() -> str:
    """The address of the benchmark state as its owner: `stage.enter(..., as_owner=True)` gave it."""
    return os.environ["DATABASE_OWNER_URL"]


def renamed(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def run(url: str, *statements: str) -> None:
    """Statements one after the other, each in a transaction of its own."""
    import psycopg  # of the portal's environment

    with psycopg.connect(url, autocommit=True) as link:
        for one in statements:
            link.execute(one)


def make(name: str) -> float:
    """A copy of the benchmark state in a database of this name, in the place of an older one; seconds it took."""
    state, began = urlsplit(owner_url()).path.lstrip("/"), time.monotonic()
    remove(name)
    run(renamed(owner_url(), "postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{state}" STRATEGY file_copy')
    return time.monotonic() - began


def remove(name: str) -> None:
    """Throw it away, whoever is connected."""
    run(renamed(owner_url(), "postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def is_there(name: str) -> bool:
    """Whether there is a database of this name."""
    import psycopg

    with psycopg.connect(renamed(owner_url(), "postgres"), autocommit=True) as link:
        return link.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def work_on(name: str) -> None:
    """From now on this process, and those it starts, work on the copy as the application's role."""
    os.environ["DATABASE_URL"] = renamed(os.environ["DATABASE_URL"], name)
    os.environ.pop("CLEE_AS_OWNER", None)
