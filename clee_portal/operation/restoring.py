"""A copy put back into an empty database, and proved: the same rows, the same register, the same documents."""

import contextlib
import hashlib
import io
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyrage
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import connect, sql
from psycopg.errors import InsufficientPrivilege

from clee_portal import clock
from clee_portal.history.grants import grant_application_role
from clee_portal.operation import backups, copies, digests, programs
from clee_portal.refusal import Refused

_ANYTHING = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname LIMIT 3
"""


class Proof(NamedTuple):
    """What was compared with the copy's manifest, and every difference (none: it is the same)."""

    tables: int
    rows: int
    register: int
    documents: int
    differences: list[str]


def restore(
    copy: copies.Copy, *, identities: list | None, said: Callable[[str], None], documents: bool = True
) -> Proof:
    """Put `copy` into the database of the settings, as its owner, with its documents, and prove it.

    The database must be empty; it is restored in one transaction, so it is whole or still empty. Documents are written
    where the settings say; one that is there with other content is refused before anything is done. With `documents`
    off they are only decrypted and compared. `identities` are the keys, None where the copy is not encrypted.
    Raises `Refused`.
    """
    if copy.is_encrypted and not identities:
        raise Refused("This copy is encrypted: name the file with its secret key with --identity.")
    if copy.is_encrypted:
        copies.must_fit(copy, identities)
    copies.must_be_whole(copy, said)
    _must_be_of_this_release(copy)
    must_be_empty()
    if documents:
        _must_not_be_others(copy)
    program = programs.find("pg_restore")
    file = copy.folder / next(iter(copy.manifest["files"]))
    keys = identities if copy.is_encrypted else None
    _load(program, file, keys, _wanted(_contents(program, file, keys)))
    connection.close()  # what was known of the empty database
    grant_application_role()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    said(f"database {connection.settings_dict['NAME']} restored")
    differences = [] if not documents else _write_documents(copy, keys)
    return prove(copy, keys, said, differences)


def prove(copy: copies.Copy, keys: list | None, said: Callable[[str], None], differences: list[str]) -> Proof:
    """Compare the database of the settings, and the documents of the copy, with what the manifest says."""
    manifest = copy.manifest
    with backups.one_snapshot(), clock.turned_to(copy.made_at):
        tables = digests.of_tables(manifest["left_out"])
        register = digests.of_register() if _is_of_the_same_migrations(copy) else None
    differences = [*differences, *_compared("Table", manifest["tables"], tables)]
    if register is None:
        said("the files of the register were not compared: this release has migrations that the copy has not")
    else:
        differences += _compared("File", manifest["register"], register)
    for name, told in manifest["documents"].items():
        content = io.BytesIO()
        copies.read(copy.folder / told["file"], content, keys)
        if hashlib.sha256(content.getbuffer()).hexdigest() != told["sha256"]:
            differences.append(f"Document {name} is not what it was")
    rows = sum(one.rows for one in tables.values())
    return Proof(len(tables), rows, len(register or ()), len(manifest["documents"]), differences)


def must_be_empty() -> None:
    """Raises `Refused` where anything is in the database: a copy is never mixed with what is there."""
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING)
        if found := [name for (name,) in cursor.fetchall()]:
            raise Refused(
                f"The database {connection.settings_dict['NAME']} is not empty (it has {', '.join(found)} …). A copy "
                "is put into an empty one only: name a new one with --into."
            )


@contextlib.contextmanager
def database(name: str, *, for_good: bool) -> Iterator[None]:
    """Inside, the settings mean the database `name`, made new beside their own. One that is not `for_good`, or into
    which nothing was put, is removed afterwards. Raises `Refused` where it exists or may not be made."""
    before = connection.settings_dict["NAME"]
    connection.ensure_connection()
    _create(name)
    connection.close()
    connection.settings_dict["NAME"] = name
    kept = False
    try:
        yield
        kept = for_good
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        if not kept:
            _outside(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _create(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
        if cursor.fetchone()[0]:
            raise Refused(f"There is a database {name} already. Name another one, or remove it first.")
    try:
        _outside(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except InsufficientPrivilege:
        raise Refused(
            "This role may not make a database. Run it as the owner (CLEE_AS_OWNER=1) with the right CREATEDB, or let "
            "whoever keeps the server make an empty one and point DATABASE_OWNER_URL at it."
        ) from None


def _outside(statement: sql.Composed) -> None:
    """One statement that no transaction may hold, on a connection of its own to the settings' database."""
    told = connection.get_connection_params()
    wanted = {name: told[name] for name in ("host", "port", "user", "password", "dbname", "sslmode") if told.get(name)}
    with connect(**wanted, autocommit=True) as own:
        own.execute(statement)


def _must_be_of_this_release(copy: copies.Copy) -> None:
    ours = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(copy.manifest["migrations"]) - ours):
        raise Refused(
            f"The copy was made by a later release (it has the migration {unknown[-1]}). Install that release first."
        )


def _is_of_the_same_migrations(copy: copies.Copy) -> bool:
    return set(copy.manifest["migrations"]) == {".".join(key) for key in MigrationLoader(None).disk_migrations}


def _must_not_be_others(copy: copies.Copy) -> None:
    storage = storages[backups.DOCUMENTS]
    for name, told in copy.manifest["documents"].items():
        if storage.exists(name):
            with storage.open(name) as file:
                if hashlib.sha256(file.read()).hexdigest() != told["sha256"]:
                    raise Refused(f"The document {name} is there already with other content. Nothing was restored.")


def _write_documents(copy: copies.Copy, keys: list | None) -> list[str]:
    """Write those that are not there; what could not be written under its own name."""
    storage, wrong = storages[backups.DOCUMENTS], []
    for name, told in copy.manifest["documents"].items():
        if storage.exists(name):
            continue
        content = io.BytesIO()
        copies.read(copy.folder / told["file"], content, keys)
        if storage.save(name, ContentFile(content.getvalue())) != name:
            wrong.append(f"Document {name} could not be written under its name")
    return wrong


def _contents(program: str, file: Path, keys: list | None) -> list[str]:
    """The table of contents of the dump."""
    return _run([program, "--list"], file, keys).splitlines()


def _wanted(contents: list[str]) -> list[str]:
    """The entries to restore: all but extensions that are there already, or that only the server's keeper may make."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_available_extension_versions WHERE trusted AND NOT installed "
            "AND name NOT IN (SELECT extname FROM pg_extension)"
        )
        ours = {name for (name,) in cursor.fetchall()}
    return [line for line in contents if (name := _extension(line)) is None or name in ours]


def _extension(line: str) -> str | None:
    """The extension an entry is about: `12; 3079 16385 EXTENSION - btree_gist` and its COMMENT."""
    words = line.partition(";")[2].split()[2:]
    if words[:1] == ["EXTENSION"]:
        return words[2]
    return words[3] if words[:3] == ["COMMENT", "-", "EXTENSION"] else None


def _load(program: str, file: Path, keys: list | None, wanted: list[str]) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="clee-restore-") as entries:
        entries.write("\n".join(wanted) + "\n")
        entries.flush()
        name = connection.settings_dict["NAME"]
        options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--no-password"]
        _run([program, *options, f"--use-list={entries.name}", f"--dbname={name}"], file, keys)


def _run(command: list[str], file: Path, keys: list | None) -> str:
    """Run a program on the dump, which is decrypted on its way: no plain copy of it touches the disk."""
    with tempfile.TemporaryFile() as complaint, tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(  # noqa: S603 - one of PostgreSQL's own programs
            command, stdin=subprocess.PIPE, stdout=answer, stderr=complaint, env=programs.environment()
        )

        def feed():
            # Whoever lists stops reading after the head; what pg_restore lacks, it says itself.
            with contextlib.suppress(OSError, pyrage.DecryptError), process.stdin as pipe:
                copies.read(file, pipe, keys)

        feeding = threading.Thread(target=feed)
        feeding.start()
        code = process.wait()
        feeding.join()
        complaint.seek(0)
        answer.seek(0)
        if code:
            told = complaint.read().decode(errors="replace").strip()
            raise Refused(f"{Path(command[0]).name} ended with an error, and nothing was restored: {told}")
        return answer.read().decode()


def _compared(what: str, before: dict, now: dict) -> list[str]:
    """Every difference between what the manifest says and what is there."""
    found = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now or name not in before:
            found.append(f"{what} {name} is {'missing' if name not in now else 'not in the copy'}")
        elif digests.Held(**before[name]) != now[name]:
            found.append(f"{what} {name}: {before[name]['rows']:,} rows were copied, {now[name].rows:,} are there")
    return found
