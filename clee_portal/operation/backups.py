"""A copy of everything at one moment, made while the portal is at work: `bin/manage backup`."""

import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from clee_portal import clock
from clee_portal.operation import copies, digests, kept_documents, programs
from clee_portal.refusal import Refused
from compliance.services import medical_documents

DATABASE = "database.dump"
DOCUMENTS = kept_documents.DOCUMENTS


def make(*, folder: Path, recipients: list[str], said: Callable[[str], None]) -> copies.Copy:
    """Make a copy in a folder of its own in `folder`; `said` is told of each step.

    Whatever is written meanwhile: rows, their digests and the files of the register are of one snapshot. Documents are
    written before the row that names them and never changed, so those the snapshot names are all there. The folder has
    its name only when everything in it is on the disk. Raises `Refused` where there is no fitting `pg_dump`.
    """
    keys = copies.recipients_of(recipients)
    program = programs.find("pg_dump")
    began, moment = time.monotonic(), clock.now()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_left_over(folder)
    earlier = copies.kept_in(folder)
    target = folder / copies.folder_name(moment)
    if target.exists():
        raise Refused(f"{target} is there already: one copy a second.")
    part = folder / f"{target.name}.part-{os.getpid()}"
    part.mkdir(mode=0o700)
    try:
        with one_snapshot() as snapshot:
            dump = _dump(program, snapshot, part, keys)
            said(f"database copied: {dump[next(iter(dump))]['bytes']:,} bytes")
            with clock.turned_to(moment):
                held = {"tables": digests.of_tables(), "register": digests.of_register()}
            said(f"{sum(one.rows for one in held['tables'].values()):,} rows of {len(held['tables'])} tables")
            manifest = {
                "format": copies.FORMAT,
                "made_at": moment.isoformat(),
                "server": _server(),
                "program": program_version(program),
                "encrypted_for": recipients,
                "key_check": copies.key_check(keys),
                "migrations": sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
                "left_out": list(digests.LEFT_OUT),
                **{what: {name: one._asdict() for name, one in told.items()} for what, told in held.items()},
            }
            named = sorted(named_documents())
        manifest |= {"files": dump, **_documents(named, part, keys, recipients, earlier[0] if earlier else None)}
        gone = set(medical_documents.past(clock.day_of(moment)).values_list("file", flat=True))
        manifest["missing"] = [name for name in manifest["missing"] if name not in gone]  # removed in their time
        said(f"{len(manifest['documents']):,} documents")
        manifest["seconds"] = round(time.monotonic() - began, 1)
        _write_manifest(part, manifest)
        part.rename(target)
        _sync(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return copies.Copy(target, manifest)


@contextlib.contextmanager
def one_snapshot() -> Iterator[str]:
    """Inside, everything is read as of one moment; the name by which another connection reads the same."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        yield snapshot


def named_documents() -> Iterator[str]:
    """The names of all documents that a row names (not those of rows as they once were: the history)."""
    for model, name in kept_documents.fields_of_documents():
        if not hasattr(model, "pgh_tracked_model"):
            yield from model._base_manager.exclude(**{name: ""}).values_list(name, flat=True)


def program_version(program: str) -> str:
    """What a program of PostgreSQL says of itself."""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def _dump(program: str, snapshot: str, part: Path, keys: list) -> dict:
    """`pg_dump` of the snapshot, straight to the file; nothing unencrypted touches the disk where there is a key."""
    name = f"{DATABASE}.age" if keys else DATABASE
    left_out = [f"--exclude-table-data=public.{table}" for table in digests.LEFT_OUT]
    command = [program, "--format=custom", f"--snapshot={snapshot}", "--no-password", *left_out]
    with (
        tempfile.TemporaryFile() as complaint,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaint, env=programs.environment()) as process,  # noqa: S603
    ):
        written = copies.write(process.stdout, part / name, keys)
        if process.wait():
            complaint.seek(0)
            raise Refused(f"pg_dump ended with an error: {complaint.read().decode(errors='replace').strip()}")
    return {name: written}


def _documents(named: list[str], part: Path, keys: list, recipients: list[str], earlier: copies.Copy | None) -> dict:
    """Every document, in a file each. One that the last copy has too, for the same keys, is shared with it: a second
    name for the same bytes on the disk."""
    storage, told, missing = storages[DOCUMENTS], {}, []
    known = earlier.manifest["documents"] if earlier and earlier.manifest["encrypted_for"] == recipients else {}
    for name in named:
        try:
            with storage.open(name) as file:
                content = file.read()
        except FileNotFoundError:
            missing.append(name)
            continue
        digest = hashlib.sha256(content).hexdigest()
        path = f"{DOCUMENTS}/{name}{'.age' if keys else ''}"
        (part / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        before = known.get(name)
        if before and before["sha256"] == digest and _linked(earlier.folder / before["file"], part / path):
            kept = before["kept"]
        else:
            kept = copies.write(io.BytesIO(content), part / path, keys)
        told[name] = {"file": path, "sha256": digest, "kept": kept}
    return {"documents": told, "missing": missing}


def _linked(before: Path, now: Path) -> bool:
    """Whether the file could be given a second name; copies may lie on disks that cannot."""
    try:
        os.link(before, now)
    except OSError:
        return False
    return True


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0]


def _write_manifest(part: Path, manifest: dict) -> None:
    path = part / copies.MANIFEST
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _sync(part)


def _sync(folder: Path) -> None:
    """Names in a folder are on the disk too."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove_left_over(folder: Path, older_than: dt.timedelta = dt.timedelta(days=1)) -> None:
    """What a maker that was stopped left behind, when nobody can be at work on it any more."""
    for path in folder.glob("clee-*.part-*"):
        if clock.now() - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) > older_than:
            shutil.rmtree(path, ignore_errors=True)
