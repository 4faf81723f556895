"""Seals, and what is kept of them, changed, removed, cut short or written anew: each is found and named."""

import pytest
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from clee_portal.history.sealing import destinations, keys, sealer, statements
from clee_portal.history.tests.verified import WITH_ITS_HASH, findings, verify, versions
from training.tests import factories

pytestmark = pytest.mark.django_db


# The seals themselves -------------------------------------------------------------------------------------------------

SEALS = ["history_seal", "history_sealpart", "history_sealkept"]


def test_a_changed_seal_is_named(kept, officers, tampering):
    sealer.look()
    tampering(("UPDATE history_seal SET sealed_at = sealed_at + interval '1 hour'", []), tables=SEALS)
    assert findings() == ["seal seal 1: it was changed in the database: it does not make its own digest"]


def test_a_seal_written_anew_with_another_key_is_named(kept, officers, tampering, tmp_path, settings):
    """Whoever has the database, and every key but the one that counts, seals a changed history anew."""
    sealer.look()
    trusted = keys.public_of(keys.private())
    (number,) = versions(officers[0])
    tampering(
        ("DELETE FROM history_sealkept", []), ("DELETE FROM history_sealpart", []), ("DELETE FROM history_seal", []),
        ("UPDATE training_officerevent SET last_name = 'Nobody' WHERE pgh_id = %s", [number]),
        (WITH_ITS_HASH.format(table="training_officerevent"), [number]),
        ("UPDATE training_officer SET last_name = 'Nobody' WHERE id = %s", [officers[0].pk]),
        tables=["training_officerevent", "training_officer", *SEALS],
    )  # fmt: skip
    settings.SEALING_KEY, settings.SEAL_DESTINATIONS = str(tmp_path / "other.pem"), []
    keys.make(tmp_path / "other.pem")
    sealer.look()
    settings.SEALING_PUBLIC_KEYS = [trusted]
    found = findings(kept)
    assert found[0] == "seal seal 1: it was changed in the database: the root that is kept is another"
    assert found[1].startswith(f"changed training_officerevent {number} (officer {officers[0].pk})")
    assert len(found) == 2
    (found,) = findings(kept.parent / "key.pem")  # nothing kept: the signature is left
    assert found.startswith("seal seal 1: it is signed by a key that is not trusted (")


def test_a_removed_seal_is_named_and_the_rows_are_read_by_the_one_that_is_kept(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[0])
    tampering(
        ("DELETE FROM history_sealkept", []), ("DELETE FROM history_sealpart", []), ("DELETE FROM history_seal", []),
        ("UPDATE training_officerevent SET first_name = 'Nobody' WHERE pgh_id = %s", [number]),
        tables=["training_officerevent", *SEALS],
    )  # fmt: skip
    found = findings()
    assert found[0] == "seal seal 1: it is not in the database, and its root is kept"
    assert found[1].startswith(f"changed training_officerevent {number} ")


def test_seals_that_changed_places_are_named(kept, officers, tampering):
    sealer.look()
    factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    name, change = "training_officerevent", "UPDATE history_sealpart SET seal_id = %s, table_name = %s"
    where = " WHERE seal_id = %s AND table_name = %s"
    tampering(
        (change + where, [2, "aside", 2, name]), (change + where, [2, name, 1, name]),
        (change + where, [1, name, 2, "aside"]), tables=SEALS,
    )  # fmt: skip
    assert [one.partition(": ")[0] for one in findings()] == ["seal seal 1", "seal seal 2"]


def test_without_the_kept_rows_a_row_changed_with_its_hash_is_named_by_its_seal(kept, officers, tampering, tmp_path):
    (seal,) = sealer.look()
    line = tmp_path / "roots.txt"
    line.write_text(f"> {statements.root_of(seal)}\n")
    (number,) = versions(officers[0])
    tampering(
        ("UPDATE training_officerevent SET first_name = 'Nobody' WHERE pgh_id = %s", [number]),
        (WITH_ITS_HASH.format(table="training_officerevent"), [number]),
    )
    found = findings(line)
    assert found[0].startswith("changed training_officerevent 1 to ")
    assert "kept elsewhere, would name it" in found[0]
    assert findings(kept)[0].startswith(f"changed training_officerevent {number} (officer {officers[0].pk})")


def test_nobody_changes_or_removes_a_seal(kept, officers, as_owner):
    sealer.look()
    tables = {"history_seal": "number", "history_sealpart": "id", "history_sealkept": "id", "history_rowform": "id"}
    for table, key in tables.items():
        for what in ("UPDATE {} SET {} = 5", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            statement = what.format(table, key)
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)
            refused = "Cannot update or delete|never emptied"
            with as_owner(), pytest.raises(DatabaseError, match=refused), transaction.atomic():
                connection.cursor().execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")


# What is kept ---------------------------------------------------------------------------------------------------------


def test_a_file_that_was_cut_short_is_named_and_the_rows_are_read_by_the_root(kept, officers):
    sealer.look()
    path = kept / destinations.file_name(1)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-200])
    found = findings()
    assert f"kept {path}: it is cut short, or was written over" in found
    assert all(one.startswith(f"kept {path}: ") for one in found)


def test_a_file_without_its_head_is_named(kept, officers):
    sealer.look()
    path = kept / destinations.file_name(1)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:100])
    assert findings() == [f"kept {path}: this is no whole file of a seal"]


def test_a_file_that_was_changed_is_named(kept, officers):
    sealer.look()
    path = kept / destinations.file_name(1)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"number":7', 1))
    assert findings() == [f"kept {path}: what it states is not what was signed"]


def test_a_missing_file_is_named(kept, officers):
    for name in ("Dwyer", "Estes"):
        sealer.look()
        factories.officer(name=f"Dana {name}", issued_on=None)
    sealer.look()
    (kept / destinations.file_name(2)).unlink()
    assert findings() == ["kept what is kept: the file of seal 2 is not there"]


def test_a_database_that_is_behind_what_is_kept_is_told(kept, officers, tampering):
    """An older backup was restored: what was lost is named by what is kept."""
    sealer.look()
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    (number,) = versions(late)
    tampering(
        ("DELETE FROM history_sealkept WHERE seal_id = 2", []), ("DELETE FROM history_sealpart WHERE seal_id = 2", []),
        ("DELETE FROM history_seal WHERE number = 2", []),
        ("DELETE FROM training_officerevent WHERE pgh_id = %s", [number]),
        ("DELETE FROM training_officer WHERE id = %s", [late.pk]),
        tables=["training_officerevent", "training_officer", *SEALS],
    )  # fmt: skip
    found = findings()
    assert found[0] == "seal seal 2: it is not in the database, and its root is kept"
    assert found[1].startswith(f"removed training_officerevent {number}: seal 2 of ")


def test_roots_that_are_not_there_are_an_error(kept, officers, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere is not there\.$"):
        verify(tmp_path / "nowhere")


def test_nothing_is_believed_without_a_key(settings):
    settings.SEALING_KEY, settings.SEALING_PUBLIC_KEYS = "", []
    with pytest.raises(CommandError, match=r"^No key is trusted"):
        verify()


def test_without_anything_kept_it_says_so(kept, officers, tmp_path):
    sealer.look()
    (tmp_path / "empty").mkdir()
    code, lines = verify(tmp_path / "empty")
    assert code == 0
    assert "No root kept elsewhere was compared: whoever has the database could have sealed it anew" in lines
