"""A migrated cluster kept for the tests: each run starts from a copy, since migrating takes longer than most runs.

It is made anew when a migration, what migrations read, or a package changes.
"""

import hashlib
import shutil
from pathlib import Path

from .environment import packages_fingerprint
from .messages import Progress
from .places import ROOT, VAR, Home, Lock
from .postgres import DATABASE, Postgres
from .prepare import code_files, migrate
from .servers import Servers

NAME = "tests-template-"


def fingerprint(root: Path = ROOT) -> str:
    """What the state of a migrated database depends on: migrations, the code and data they use, the packages."""
    digest = hashlib.sha256(packages_fingerprint().encode())
    for file in sorted(code_files(root)):
        if file.suffix != ".py" or {"migrations", "history", "seed"} & set(file.relative_to(root).parts):
            digest.update(f"\0{file.relative_to(root)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def start_from_copy(home: Home, progress: Progress) -> str:
    """Gives the home of a test run, before its servers start, a copy of the migrated cluster; the database in it that
    test databases are made from."""
    with Lock(VAR / "tests-template.lock"):
        kept = Home(VAR / f"{NAME}{fingerprint()}")
        if not (kept.path / "ready").exists():
            for old in VAR.glob(f"{NAME}*/"):
                _remove(Home(old))
            _make(kept, progress)
        shutil.copy2(kept.secrets_file, home.secrets_file)
        source, target = Postgres(kept, for_tests=True), Postgres(home, for_tests=True)
        shutil.copytree(source.folder, target.folder, copy_function=_copy, dirs_exist_ok=True)
        _give(target.folder, source.folder)
    return DATABASE


def _make(kept: Home, progress: Progress) -> None:
    servers = Servers(kept.make(), for_tests=True)
    servers.join(progress)
    try:
        migrate(servers, progress, servers.test_environment() | {"CLEE_AS_OWNER": "1"})
    finally:
        servers.leave()
    (kept.path / "ready").touch()


def _remove(kept: Home) -> None:
    """Removes one that is out of date, or whose making was cut short with its servers running."""
    Servers(kept, for_tests=True).stop_all()
    Postgres(kept, for_tests=True).remove()
    shutil.rmtree(kept.path, ignore_errors=True)


def _copy(source: str, target: str) -> None:
    shutil.copy2(source, target)


def _give(target: Path, source: Path) -> None:
    """The copies to the account that the originals belong to."""
    for path in [source, *source.rglob("*")]:
        owner = path.lstat()
        shutil.chown(target / path.relative_to(source), owner.st_uid, owner.st_gid)
