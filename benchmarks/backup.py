"""How long a copy of everything takes, how large it is, and how long it takes to put it back and to prove it the same.

    python3 benchmarks/backup.py               18,000 officers

`backup` as the portal's role, encrypted, into a folder that is thrown away, then `restore --rehearse` as the owner:
each a process of its own, as an operator types it. Seconds by the clock, the copy's bytes and the database's, and the
highest memory.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import stage

MB = 1024 * 1024


def done(command: list[str], env: dict) -> float:
    """Run a command of manage.py and show what it says; seconds it took. Ends the benchmark where it fails."""
    began = time.perf_counter()
    code = subprocess.call([sys.executable, "manage.py", *command], cwd=stage.ROOT, env=env)
    if code:
        sys.exit(f"{command[0]} ended with {code}")
    return time.perf_counter() - began


def highest() -> float:
    """The highest memory of any process that was started and has ended, in MB (Linux)."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    stage.enter(__file__, as_owner=True)
    from django.db import connection  # Django is set up only now

    from clee_portal.operation import copies

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    public, secret = copies.new_key()
    owner = {name: value for name, value in os.environ.items() if name != "CLEE_BENCHMARK"}
    portal = {name: value for name, value in owner.items() if name not in ("CLEE_AS_OWNER", "DATABASE_OWNER_URL")}
    with tempfile.TemporaryDirectory() as folder:
        key, there = Path(folder) / "key", Path(folder) / "copies"
        key.write_text(f"{secret}\n", encoding="ascii")
        made = done(["backup", "--to", str(there)], portal | {"BACKUP_RECIPIENTS": public})
        copy = copies.kept_in(there)[0]
        print(
            f"backup: {made:.1f} s, {copy.size() / MB:,.0f} MB of a database of {size / MB:,.0f} MB; "
            f"no process had more than {highest():.0f} MB",
            flush=True,
        )
        proved = done(["restore", str(copy.folder), "--rehearse", "--identity", str(key)], owner)
        print(f"restore --rehearse: {proved:.1f} s; no process had more than {highest():.0f} MB")


if __name__ == "__main__":
    main()
