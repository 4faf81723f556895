"""A copy of everything at one moment, made while writers write, and put back: the same to the byte.

`CLEE_FAULTS=long bin/test clee_portal/tests/test_backup.py` makes ten copies while four write, and puts each back.
"""

import datetime as dt
import itertools
import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from clee_portal.operation import copies
from clee_portal.refusal import Refused
from training import exports

LONG = os.environ.get("CLEE_FAULTS") == "long"
COPIES, WRITERS = (10, 4) if LONG else (1, 1)
RESTORED = "clee_restored"
WRITE_REGISTER = """
import sys
import django
django.setup()
from django.db import connection
from clee_portal.operation.digests import Reader
from training import exports
for database in ("clee", sys.argv[1]):
    if database != "clee":
        print("-- restored --")
    connection.close()
    connection.settings_dict["NAME"] = database
    for one in exports.EXPORTS:
        for kind in exports.KINDS:
            for line in sorted(b"".join(one.lines(Reader(), kind)).splitlines()):
                if b"while-" not in line:
                    print(f"{one.code}.{kind}", line)
"""


@pytest.fixture(scope="module")
def key(scratch) -> tuple[str, Path]:
    """A public key, and the file with the secret one, as the command makes them."""
    told = scratch.manage("backup", "--new-key").stdout
    file = scratch.folder / "identity.txt"
    file.write_text(told)
    return told.splitlines()[0].partition("=")[2], file


class Writers:
    """They add rows all the time: an agency and a group of it, in one transaction. `written` counts."""

    numbers = itertools.count(1)

    def __init__(self, scratch):
        self.scratch, self.stopped, self.written = scratch, threading.Event(), 0
        self.threads = [threading.Thread(target=self.write) for _ in range(WRITERS)]

    def write(self):
        with self.scratch.connect() as connection:
            while not self.stopped.is_set():
                self.written += 1
                with connection.transaction():
                    connection.execute(
                        "WITH one AS (INSERT INTO training_agency"
                        " (code, name, kind, county, city, address, phone, email)"
                        " VALUES (%s, 'Written meanwhile', 'city', '', '', '', '', '') RETURNING id)"
                        " INSERT INTO training_officergroup (agency_id, name) SELECT id, 'meanwhile' FROM one",
                        [f"while-{next(self.numbers)}"],
                    )

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.scratch.until(lambda: self.written > 3)
        return self

    def __exit__(self, *unused):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="module", params=range(COPIES))
def copy(scratch, key) -> copies.Copy:
    """An encrypted copy, made while rows were added before, during and after its snapshot."""
    shutil.rmtree(scratch.folder / "backups", ignore_errors=True)
    with Writers(scratch) as writers:
        before = writers.written
        made = scratch.manage("backup", BACKUP_RECIPIENTS=key[0])
        assert made.returncode == 0, made.stderr
        assert writers.written > before + 10
    (found,) = copies.kept_in(scratch.folder / "backups")
    return found


@pytest.fixture(scope="module")
def restored(scratch, copy, key):
    """The copy in a second database, with documents in a second folder."""
    done = scratch.manage(
        "restore", str(copy.folder), "--into", RESTORED, "--identity", str(key[1]), owner=True,
        DOCUMENTS_ROOT=str(scratch.folder / "documents-again"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield done.stdout
    scratch.ask(f"DROP DATABASE {RESTORED}")


def test_what_was_written_meanwhile_is_in_it_whole_or_not_at_all(scratch, copy, restored):
    agencies = scratch.ask("SELECT count(*) FROM training_agency WHERE code LIKE 'while-%%'", database=RESTORED)
    groups = scratch.ask("SELECT count(*) FROM training_officergroup WHERE name = 'meanwhile'", database=RESTORED)
    now = scratch.ask("SELECT count(*) FROM training_agency WHERE code LIKE 'while-%%'")
    assert 0 < agencies[0] == groups[0] < now[0]
    assert copy.manifest["tables"]["training_officergroup"]["rows"] >= groups[0]


def test_it_is_proved_the_same(scratch, copy, restored):
    manifest = copy.manifest
    rows = sum(one["rows"] for one in manifest["tables"].values())
    assert len(manifest["tables"]) > 120
    officers = scratch.ask("SELECT count(*) FROM training_officer WHERE merged_into_id IS NULL", database=RESTORED)
    assert manifest["register"]["officers.jsonl"]["rows"] == officers[0] > 5
    assert len(manifest["register"]) == 2 * len(exports.EXPORTS)
    assert len(manifest["documents"]) > 2
    tables, files, documents = (len(manifest[what]) for what in ("tables", "register", "documents"))
    same = f"The same: {rows:,} rows of {tables} tables, {files} files of the register, {documents} documents."
    assert same in restored


def test_register_of_both_is_the_same_file(scratch, copy, restored):
    """Not by the digests of the manifest, but line by line, as PostgreSQL gives it from either database."""
    told = scratch.python("-c", WRITE_REGISTER, RESTORED)
    assert told.returncode == 0, told.stderr
    first, second = told.stdout.split("-- restored --\n")
    assert first.count("credit-lines.jsonl") > 5
    assert first == second


def test_documents_are_back(scratch, copy, restored):
    for name, told in copy.manifest["documents"].items():
        assert (scratch.folder / "documents-again" / name).read_bytes() == (
            scratch.folder / "documents" / name
        ).read_bytes()
        assert told["kept"]["bytes"] > 0


def test_triggers_and_rights_are_back(scratch, restored):
    """Evidence cannot be lost from what was restored either, by either role."""
    with scratch.connect(RESTORED, role="clee_app") as connection:
        for statement in ("DELETE FROM training_officer", "TRUNCATE training_officerevent"):
            with pytest.raises(Exception, match=r"permission denied|must be owner"):
                connection.execute(statement)
    with scratch.connect(RESTORED) as connection, pytest.raises(Exception, match="Cannot delete"):
        connection.execute("DELETE FROM training_officer")
    triggers = "SELECT count(*), md5(string_agg(tgname, ',' ORDER BY tgname)) FROM pg_trigger WHERE NOT tgisinternal"
    assert scratch.ask(triggers, database=RESTORED) == scratch.ask(triggers)


def test_who_is_signed_in_is_not_copied(scratch, copy, restored):
    assert scratch.ask("SELECT count(*) FROM accounts_session", database=RESTORED) == (0,)
    assert "accounts_session" in copy.manifest["left_out"]


def test_nothing_in_it_can_be_read_without_the_key(copy):
    for path in copy.folder.rglob("*"):
        if path.is_file() and path.name != copies.MANIFEST:
            assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
            assert path.stat().st_mode & 0o777 == 0o600
    words = (copy.folder / copies.MANIFEST).read_text().lower()
    assert not [word for word in ("oakley", "alderbrook", "maplewood") if word in words]


def test_restore_refuses(scratch, copy, key):
    """A database that is not empty or there already, no key, another one, a copy that names another number of rows:
    the last is found out by the proof, and leaves no database behind either."""
    other, wrong = scratch.folder / "other.txt", scratch.folder / "wrong" / copy.folder.name
    other.write_text(copies.new_key()[1])
    shutil.copytree(copy.folder, wrong)
    told = json.loads((wrong / copies.MANIFEST).read_text())
    there = told["tables"]["training_officer"]["rows"]
    told["tables"]["training_officer"]["rows"] += 1
    (wrong / copies.MANIFEST).write_text(json.dumps(told))
    restore, own, others = ["restore", str(copy.folder)], ["--identity", str(key[1])], ["--identity", str(other)]
    tries = {
        "is not empty (it has": [*restore, *own],
        "There is a database clee already": [*restore, "--into", "clee", *own],
        "This copy is encrypted": [*restore, "--into", "clee_other"],
        "cannot be decrypted with this key": [*restore, "--into", "clee_other", *others],
        "leave --into out": [*restore, "--into", "clee_other", "--rehearse", *own],
        "holds no copy of the portal": ["restore", str(scratch.folder), "--into", "clee_other", *own],
        f"Table training_officer: {there + 1} rows were copied, {there} are there\nThe restored state is NOT": [
            "restore", str(wrong), "--rehearse", *own
        ],
    }  # fmt: skip
    for words, (_, refused) in zip(tries, scratch.manage_all(*tries.values(), owner=True), strict=True):
        assert words in refused
    databases = "SELECT count(*) FROM pg_database WHERE datname ~ 'clee_(other|rehearsal)'"
    assert scratch.ask(databases) == (0,)


def test_restore_refuses_what_was_changed_or_is_not_whole(scratch, copy, key, tmp_path):
    changed = tmp_path / copy.folder.name
    shutil.copytree(copy.folder, changed)
    dump = changed / "database.dump.age"
    content = bytearray(dump.read_bytes())
    content[-40] ^= 1
    dump.write_bytes(content)
    said = []
    with pytest.raises(Refused, match=r"was changed: database\.dump\.age is not what was written"):
        copies.must_be_whole(copies.opened(changed), said.append)
    dump.unlink()
    with pytest.raises(Refused, match=r"is not whole: database\.dump\.age is missing"):
        copies.must_be_whole(copies.opened(changed), said.append)
    (changed / copies.MANIFEST).unlink()
    with pytest.raises(Refused, match="holds no copy of the portal"):
        copies.opened(changed)
    assert said == []


def test_copy_without_a_key_shares_documents_and_says_that_it_is_open(scratch, tmp_path):
    """Two copies in a folder of their own: the second has its documents by a second name for the same bytes."""
    make = ["backup", "--to", str(tmp_path)]
    ((first, _),) = scratch.manage_all(make)
    time.sleep(1.1)  # a copy is named by its second
    (_, refused), (listed, _) = scratch.manage_all(make, [*make, "--list"])
    assert "NOT encrypted (set BACKUP_RECIPIENTS)" in first
    assert refused == ""
    later, earlier = copies.kept_in(tmp_path)
    name = next(iter(later.manifest["documents"]))
    assert (later.folder / "documents" / name).samefile(earlier.folder / "documents" / name)
    assert sorted(later.manifest["tables"]) == sorted(earlier.manifest["tables"])
    assert [line.split()[0] for line in listed.splitlines()] == [str(later.folder), str(earlier.folder)]


def made_on(*days: str) -> list[copies.Copy]:
    """Copies of those days, the latest first."""
    moments = [dt.datetime.fromisoformat(f"{day}T08:15:00+00:00") for day in sorted(days, reverse=True)]
    return [copies.Copy(Path(f"{day}"), {"made_at": day.isoformat()}) for day in moments]


def test_copies_are_kept_by_day_week_and_month():
    days = [(dt.date(2026, 11, 26) - dt.timedelta(days=back)).isoformat() for back in range(120)]
    kept = copies.to_keep(made_on(*days), daily=3, weekly=3, monthly=3)
    assert [str(copy.day) for copy in kept] == [
        "2026-11-26", "2026-11-25", "2026-11-24", "2026-11-22", "2026-11-15", "2026-10-31", "2026-09-30",
    ]  # fmt: skip
    assert copies.to_keep(made_on("2026-01-01"), daily=0, weekly=0, monthly=0) == made_on("2026-01-01")
    assert copies.to_keep([], daily=1, weekly=1, monthly=1) == []


@pytest.mark.parametrize("key", ["", "age1nothing", "AGE-SECRET-KEY-1"])
def test_key_that_is_none_is_refused(key):
    with pytest.raises(Refused, match="each is a public key that begins with"):
        copies.recipients_of([key])
