"""Where benchmarks run: servers of their own under var/bench, with the demonstration state in the size asked for.

Standard library only until `enter` has handed over to the portal's own Python with the servers up. The state is made
the first time and kept for the next; `rm -r var/bench*` frees its space.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_ANYBODY = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_database_size(current_database()) / 1048576.0")
    print(f"without anybody the database has {cursor.fetchone()[0]:.0f} MB")
"""


def enter(script: str, *, nation: bool = False, small: bool = False, seed: int = 1, as_owner: bool = False) -> None:
    """Inside the portal's Python: set Django up on the benchmark state. Outside it: bring that about, then exit.
    `small`: the state of 40 agencies and 1,500 officers. `as_owner`: as the owner of the tables, who may switch
    triggers off."""
    if os.environ.get("CLEE_BENCHMARK"):
        sys.path.insert(0, str(ROOT))
        import django  # only there once the environment is made

        django.setup()
        return
    sys.path.insert(0, str(ROOT / "bin"))
    from bootstrap import environment  # the bootstrap's folder is on the path only now
    from bootstrap.messages import Progress
    from bootstrap.places import VAR, Home
    from bootstrap.servers import Servers

    progress = Progress()
    environment.ensure(progress)
    Home().make()
    folder = "bench-nation" if nation else "bench-small" if small else "bench" if seed == 1 else f"bench-{seed}"
    servers = Servers(Home(VAR / folder).make())
    servers.join(progress)
    code = 1
    try:
        _prepare(servers, progress, "--nation" if nation else "" if small else "--full", seed)
        env = servers.environment(as_owner=as_owner) | {"CLEE_BENCHMARK": folder}
        code = subprocess.call([str(environment.PYTHON), script, *sys.argv[1:]], cwd=ROOT, env=env)
    finally:
        servers.leave()
    sys.exit(code)


def _prepare(servers, progress, size: str, seed: int) -> None:
    """Migrate, load the state of this size once, and let PostgreSQL learn its tables."""
    from bootstrap import prepare  # as above
    from bootstrap.environment import PYTHON

    prepare.database(servers, progress)
    loaded = servers.postgres.folder / "benchmark-state"
    if not loaded.exists():
        subprocess.check_call([str(PYTHON), "-c", WITHOUT_ANYBODY], cwd=ROOT, env=servers.environment())
        progress.step(f"loading the demonstration state ({size.removeprefix('--') or 'small'}); this is done once")
        command = [str(PYTHON), "manage.py", "seed_demo", *([size] if size else []), "--seed", str(seed), "--yes"]
        subprocess.check_call(command, cwd=ROOT, env=servers.environment())
        loaded.touch()
    vacuum = (
        "import django; django.setup(); from django.db import connection; connection.cursor().execute('VACUUM ANALYZE')"
    )
    subprocess.check_call([str(PYTHON), "-c", vacuum], cwd=ROOT, env=servers.environment(as_owner=True))
