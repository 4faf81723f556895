"""Before the portal can serve: the database migrated, the demonstration loaded, static files collected.

Each is left out when nothing it depends on has changed since it was last done.
"""

import contextlib
import hashlib
import os
from pathlib import Path

from .environment import PYTHON, packages_fingerprint
from .messages import Progress, Stop
from .mo_login import MoLogin
from .places import ROOT, VAR, Home, last_lines, shown, write_private
from .processes import Child, run_watched
from .servers import Servers

# One process instead of two: each start of Django costs a second. The cache's table comes first, so that the
# grants made after a migration cover it.
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("createcachetable")
call_command("migrate", interactive=False)
"""

CODE = {".py", ".yaml", ".yml", ".json", ".sql", ".csv"}
STATIC_STAMP = VAR / "static.stamp"
STATIC_LIST = VAR / "static" / "staticfiles.json"


def _digest(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256(packages_fingerprint().encode())
    for file in sorted(files):
        digest.update(f"\0{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def code_files(root: Path = ROOT) -> list[Path]:
    """Every file of the portal's own packages that a migration, or what runs after one, can depend on; no tests."""
    found = []
    for package in root.glob("*/__init__.py"):
        for folder, names, files in os.walk(package.parent):
            names[:] = [name for name in names if name not in ("tests", "__pycache__", "static")]
            found += [Path(folder, name) for name in files if Path(name).suffix in CODE]
    return found


def static_files(root: Path = ROOT) -> list[Path]:
    """Every static file of the portal's own, and the settings that say how they are collected."""
    folders = [root / "static", *(package.parent / "static" for package in root.glob("*/__init__.py"))]
    found = [root / "clee_portal" / "settings.py"]
    return found + [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _must_succeed(progress: Progress, home: Home, what: str, name: str, command: list[str], env: dict) -> None:
    log = home.log(name)
    if run_watched(progress, what, [str(PYTHON), *command], log=log, env=env):
        raise Stop(f"{what.capitalize()} failed. The last lines of {shown(log)}:\n{last_lines(log, 25)}")


def database(servers: Servers, progress: Progress, *, only_if_never: bool = False) -> None:
    """Migrates, where the code, the packages or the cluster changed since that was last done here.

    A server named by DATABASE_URL is changed by others too, so there it is always done. With `only_if_never` a database
    that was migrated once is left as it is.
    """
    home = servers.home
    with home.prepare_lock:
        stamp = servers.postgres.folder / "migrated" if servers.postgres else None
        mark = _digest(code_files(), ROOT)
        if stamp and stamp.exists() and (only_if_never or _read(stamp) == mark):
            return
        migrate(servers, progress, servers.environment(as_owner=True))
        if stamp:
            write_private(stamp, mark)


def migrate(servers: Servers, progress: Progress, env: dict) -> None:
    """Migrates the database that `env` names; raises Stop with the end of the log where that fails."""
    _must_succeed(progress, servers.home, "migrating the database", "migrate", ["-c", MIGRATE], env)
    progress.step("database migrated")


def forget_migrated(servers: Servers) -> None:
    """Before the owner changes the database by hand: the next start migrates again."""
    if servers.postgres and (stamp := servers.postgres.folder / "migrated").exists():
        write_private(stamp, "changed by hand")


def demonstration(servers: Servers, progress: Progress) -> None:
    """Loads the small demonstration state, once, and only where nothing is in the embedded database yet."""
    if not servers.is_embedded:
        return
    home = servers.home
    stamp = servers.postgres.folder / "seeded"
    with home.prepare_lock:
        if stamp.exists():
            return
        command = ["manage.py", "seed_demo", "--if-empty"]
        _must_succeed(progress, home, "loading the demonstration state", "seed", command, servers.environment())
        write_private(stamp, "")
        progress.step("demonstration state loaded")


def connected(servers: Servers, progress: Progress, mo_login: MoLogin) -> None:
    """Connects the demonstration accounts with the demonstration of MO Login, where its address is a new one."""
    home = servers.home
    stamp = servers.postgres.folder / "connected"
    with home.prepare_lock:
        if _read(stamp) == mo_login.issuer:
            return
        command = ["manage.py", "connect_demonstration"]
        env = servers.environment() | mo_login.environment()
        _must_succeed(progress, home, "connecting the demonstration accounts", "connect", command, env)
        write_private(stamp, mo_login.issuer)
        progress.step("demonstration accounts connected with MO Login")


@contextlib.contextmanager
def static(servers: Servers, progress: Progress):
    """Collects static files, where one of them or a package changed, beside what is done inside `with`."""
    mark = _digest(static_files(), ROOT)
    elsewhere = "STATIC_ROOT" in os.environ
    if not elsewhere and STATIC_LIST.exists() and _read(STATIC_STAMP) == mark:
        yield
        return
    STATIC_STAMP.unlink(missing_ok=True)
    command = [str(PYTHON), "manage.py", "collectstatic", "--noinput", "--clear", "-v", "0"]
    collecting = Child("Collecting static files", command, env=servers.environment(), log=servers.home.log("static"))
    try:
        yield
        if collecting.process.wait():
            collecting.must_be_running()
    finally:
        collecting.stop()
    if not elsewhere:
        write_private(STATIC_STAMP, mark)
    progress.step("static files collected")
