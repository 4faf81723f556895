"""Whatever is done to the history after it was sealed is found and named, also by whoever may do everything."""

import io
from itertools import chain
from unittest.mock import ANY

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from clee_portal.history.models import Seal, SealPart, Tombstone, Verification
from clee_portal.history.sealing import destinations, keys, sealer, statements, tombstones
from clee_portal.refusal import Refused
from training.models import Agency, Officer
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(tmp_path, settings):
    """A key, and a folder on another machine."""
    settings.SEALING_KEY, folder = str(tmp_path / "key.pem"), tmp_path / "kept"
    keys.make(tmp_path / "key.pem")
    settings.SEAL_DESTINATIONS = [folder.as_uri()]
    return folder


@pytest.fixture
def officers():
    return [factories.officer(name=f"Dana {name}", issued_on=None) for name in ("Abbott", "Bell", "Cole")]


@pytest.fixture
def tampering(as_owner):
    """As the owner, with every trigger of the tables named switched off; nothing that a superuser could not do."""

    def tamper(*statements: tuple[str, list], tables=("training_officerevent",)):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement, params in statements:
                cursor.execute(statement, params)
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return tamper


def verify(*paths, **options) -> tuple[int, list[str]]:
    """The exit code and the lines of the command."""
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_history", *chain(*(("--roots", str(path)) for path in paths)), stdout=out, **options)
    except SystemExit as end:
        code = end.code
    return code, [" ".join(line.split()) for line in out.getvalue().splitlines()]


def findings(*paths) -> list[str]:
    code, lines = verify(*paths)
    told = lines[: next(at for at, line in enumerate(lines) if " rows under " in line)]
    found = [line for line in told if not line.startswith("Removed under tombstone")]
    assert code == (1 if found else 0)
    return found


def versions(thing) -> list[int]:
    return list(thing.events.order_by("pgh_id").values_list("pgh_id", flat=True))


# Nothing happened -----------------------------------------------------------------------------------------------------


def test_what_nobody_touched_is_found_as_it_was_sealed(kept, officers):
    (seal,) = sealer.look()
    code, lines = verify()
    assert (code, lines[-3:]) == (
        0,
        ["Compared with 1 roots kept elsewhere", "Not sealed yet: nothing", "Nothing was changed"],
    )
    assert lines[0].startswith(f"{seal.rows:,} rows under 1 seals read in ")
    done = Verification.objects.get()
    assert (done.seals, done.kept_roots, done.rows, done.unsealed, done.findings) == (1, 1, seal.rows, 0, 0)


def test_tail_that_is_not_sealed_is_stated(kept, officers):
    sealer.look()
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    since = late.events.get().pgh_created_at
    code, lines = verify()
    assert (code, lines[-2]) == (0, f"Not sealed yet: 1 rows since {since:%Y-%m-%d %H:%M:%S} UTC")


def test_seals_follow_each_other_and_are_signed(kept, officers):
    sealer.look()
    factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    first, second = Seal.objects.order_by("number")
    assert (first.number, first.previous, second.number, second.previous) == (1, "", 2, first.digest)
    assert [(one.table_name, one.rows) for one in second.parts.all()] == [("training_officerevent", 1)]
    for one in (first, second):
        assert one.digest == statements.of_seal(one).digest
        assert keys.is_signed(statements.signed(one.number, one.digest), key=one.key, signature=one.signature)
    assert findings() == []


def test_a_look_with_nothing_to_seal_makes_no_seal(kept, officers):
    assert len(sealer.look()) == 1
    assert sealer.look() == []
    assert sealer.look() == []


def test_numbers_that_were_given_up_delay_nothing(kept, officers):
    sealer.look()
    with pytest.raises(RuntimeError), transaction.atomic():
        factories.officer(name="Dana Never", issued_on=None)
        raise RuntimeError
    assert sealer.look() == []
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    assert SealPart.objects.filter(table_name="training_officerevent").latest("pk").up_to_id == versions(late)[0]
    assert findings() == []


def test_a_long_history_is_several_seals(kept, officers, monkeypatch):
    monkeypatch.setattr(sealer, "MOST_ROWS", 10)
    made = sealer.look()
    assert len(made) > 2
    assert [one.rows for one in made[:-1]] == [10] * (len(made) - 1)
    assert findings() == []


# What was done to rows ------------------------------------------------------------------------------------------------

WITH_ITS_HASH = (
    "UPDATE {table} t SET content_hash = sha256(convert_to((SELECT row_to_json(x)::text FROM"
    " (SELECT (jsonb_populate_record(t, '{{\"content_hash\": null}}'::jsonb)).*) x), 'UTF8')) WHERE pgh_id = %s"
)


@pytest.mark.parametrize("table", ["training_officerevent", "training_agencyevent", "training_commissionevent"])
@pytest.mark.parametrize("and_its_hash", [False, True])
def test_a_changed_row_is_named(kept, tampering, table, and_its_hash):
    factories.commission(factories.officer(), factories.agency("cedar-hollow"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pgh_id FROM {table} ORDER BY pgh_id DESC LIMIT 1")
        (number,) = cursor.fetchone()
    sealer.look()
    again = [(WITH_ITS_HASH.format(table=table), [number])] if and_its_hash else []
    tampering(
        (f"UPDATE {table} SET pgh_created_at = pgh_created_at - interval '1 day' WHERE pgh_id = %s", [number]),
        *again,
        tables=[table],
    )
    (found,) = findings()
    assert found.startswith(f"changed {table} {number} (")
    assert "it is not what seal 1 of " in found


def test_a_removed_row_is_named(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[1])
    tampering(("DELETE FROM training_officerevent WHERE pgh_id = %s", [number]))
    assert [one.partition(": ")[0] for one in findings()] == [
        f"removed training_officerevent {number}",
        f"untraced training_officer {officers[1].pk} (officer)",
    ]


def test_rows_that_changed_places_are_named(kept, officers, tampering):
    sealer.look()
    (first,), (second,) = versions(officers[0]), versions(officers[1])
    swap = "UPDATE training_officerevent SET pgh_id = %s WHERE pgh_id = %s"
    tampering((swap, [-1, first]), (swap, [first, second]), (swap, [second, -1]))
    assert findings() == [
        f"moved training_officerevent {first} (officer {officers[1].pk}): this was number {second} when it was sealed",
        f"moved training_officerevent {second} (officer {officers[0].pk}): this was number {first} when it was sealed",
    ]


def test_contents_that_were_swapped_are_named(kept, officers, tampering):
    sealer.look()
    (first,), (second,) = versions(officers[0]), versions(officers[1])
    tampering(
        (
            "UPDATE training_officerevent a SET last_name = b.last_name FROM training_officerevent b"
            " WHERE (a.pgh_id, b.pgh_id) IN ((%s, %s), (%s, %s))",
            [first, second, second, first],
        )
    )
    found = findings()
    assert [one.split(" (")[0] for one in found[:2]] == [
        f"changed training_officerevent {first}",
        f"changed training_officerevent {second}",
    ]
    assert [one.endswith("in last_name, search_name") or one.endswith("in last_name") for one in found[2:]] == [True] * 2


COPY_OF = (
    "INSERT INTO training_officerevent SELECT (jsonb_populate_record(e, jsonb_build_object('pgh_id', %s::bigint))).*"
    " FROM training_officerevent e WHERE pgh_id = %s"
)


def test_a_row_inserted_in_the_past_is_named(kept, officers, tampering):
    with pytest.raises(RuntimeError), transaction.atomic():
        gap = versions(factories.officer(name="Dana Never", issued_on=None))[0]
        raise RuntimeError
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    (number,) = versions(late)
    tampering((COPY_OF, [gap, number]))
    (found,) = findings()
    assert found.startswith(f"inserted training_officerevent {gap} (officer {late.pk}): seal 1 of ")


def test_a_row_that_was_given_another_number_is_named(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[0])
    tampering(("UPDATE training_officerevent SET pgh_id = -1 WHERE pgh_id = %s", [number]))
    assert [one.partition(": ") for one in findings()] == [
        (f"moved training_officerevent -1 (officer {officers[0].pk})", ": ", f"this was number {number} when it was sealed"),
        (f"removed training_officerevent {number}", ": ", ANY),
    ]


def test_a_row_inserted_before_the_first_or_past_the_last_number_is_named(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[0])
    tampering(
        (COPY_OF, [-5, number]),
        (COPY_OF, [number + 1_000_000, number]),
        ("UPDATE training_officerevent SET first_name = 'X' WHERE pgh_id = -5", []),
    )
    found = findings()
    assert [one.split(": ")[0] for one in found[:2]] == [
        f"inserted training_officerevent {number + 1_000_000} (officer {officers[0].pk})",
        f"inserted training_officerevent -5 (officer {officers[0].pk})",
    ]


def test_a_row_changed_before_it_was_sealed_is_named(kept, officers, tampering):
    sealer.look()
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    (number,) = versions(late)
    tampering(
        ("UPDATE training_officerevent SET last_name = 'Nobody' WHERE pgh_id = %s", [number]),
        ("UPDATE training_officer SET last_name = 'Nobody' WHERE id = %s", [late.pk]),
        tables=["training_officerevent", "training_officer"],
    )
    assert findings() == [
        f"changed training_officerevent {number} (officer {late.pk}): it is not sealed yet, and is not as it was written"
    ]
    sealer.look()
    (found,) = findings()
    assert found.startswith(f"changed training_officerevent {number} (officer {late.pk}): it is not what seal 2 of ")


def test_a_row_written_past_the_trigger_is_named(kept, officers, tampering):
    (number,) = versions(officers[0])
    statement = COPY_OF.replace("%s::bigint", "nextval(pg_get_serial_sequence('training_officerevent', 'pgh_id'))")
    tampering(
        (statement, [number]),
        ("UPDATE training_officerevent SET content_hash = NULL WHERE pgh_id > %s", [versions(officers[2])[0]]),
    )
    for _ in range(2):
        (found,) = findings()
        assert found.endswith("it has no hash of its own: it was written past the trigger")
        sealer.look()


def test_a_hash_that_was_changed_alone_is_named(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[0])
    tampering((r"UPDATE training_officerevent SET content_hash = '\x00' WHERE pgh_id = %s", [number]))
    (found,) = findings()
    assert found == (
        f"changed training_officerevent {number} (officer {officers[0].pk}): "
        "the hash noted in it was changed; what it holds is as it was sealed"
    )


# Evidence itself ------------------------------------------------------------------------------------------------------


def test_evidence_that_differs_from_its_last_version_is_named(kept, officers, tampering):
    sealer.look()
    first, second, _ = officers
    tampering(
        ("UPDATE training_officer SET first_name = 'Somebody' WHERE id = %s", [first.pk]),
        ("DELETE FROM training_officer WHERE id = %s", [second.pk]),
        tables=["training_officer"],
    )
    assert findings() == [
        f"changed training_officer {first.pk} (officer): "
        f"it differs from its last version ({versions(first)[-1]}) in first_name",
        f"removed training_officer {second.pk} (officer): it is gone, and version {versions(second)[-1]} is not of its "
        "removal",
    ]


def test_evidence_inserted_past_the_triggers_is_named(kept, officers, tampering):
    sealer.look()
    columns = ", ".join(f'"{one.column}"' for one in Agency._meta.concrete_fields if not one.generated)
    values = columns.replace('"id"', "-7").replace('"code"', "'nowhere'")
    made = factories.agency("cedar-hollow")
    tampering(
        (f"INSERT INTO training_agency ({columns}) SELECT {values} FROM training_agency WHERE id = %s", [made.pk]),
        tables=["training_agency"],
    )
    assert findings() == ["untraced training_agency -7 (agency): it has no version: it was inserted past the triggers"]


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
    for table in ("history_seal", "history_sealpart", "history_sealkept", "history_rowform"):
        for statement in (f"UPDATE {table} SET id = 5", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            statement = statement.replace("SET id", "SET number") if table == "history_seal" else statement
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


# Tombstones -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two():
    return factories.post_staff(), factories.director()


def remove(officer, by, approved_by, as_owner) -> Tombstone:
    with as_owner(), transaction.atomic():
        stone = tombstones.lay(by=by, approved_by=approved_by, reason="Past six years", removes=[(Officer, [officer.pk])])
        with connection.cursor() as cursor:
            for table, column in (("training_officerevent", "pgh_obj_id"), ("training_officer", "id")):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [officer.pk])
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return stone


def test_what_two_people_removed_is_accepted_and_told(kept, officers, two, as_owner):
    sealer.look()
    stone = remove(officers[1], *two, as_owner)
    for _ in range(2):
        code, lines = verify()
        assert code == 0
        assert lines[0] == (
            f"Removed under tombstone {stone.pk}: 1 versions, on {stone.laid_at:%Y-%m-%d}, asked for by {two[0]}, "
            f"approved by {two[1]}: Past six years"
        )
        sealer.look()


def test_what_is_removed_before_it_was_sealed_is_accepted_too(kept, officers, two, as_owner):
    remove(officers[1], *two, as_owner)
    sealer.look()
    assert findings() == []


def test_without_the_kept_rows_a_tombstone_is_accepted_too(kept, officers, two, as_owner, tmp_path):
    (seal,) = sealer.look()
    (tmp_path / "roots.txt").write_text(str(statements.root_of(seal)))
    remove(officers[1], *two, as_owner)
    code, lines = verify(tmp_path / "roots.txt")
    assert (code, lines[-1]) == (0, "Nothing was changed")


def test_a_tombstone_that_was_changed_covers_nothing(kept, officers, two, as_owner, tampering):
    sealer.look()
    (number,) = versions(officers[1])
    stone = remove(officers[1], *two, as_owner)
    tampering(("UPDATE history_tombstone SET reason = 'Another'", []), tables=["history_tombstone"])
    found = [one.split(": ")[0] for one in findings()]
    assert f"tombstone tombstone {stone.pk}" in found
    assert f"removed training_officerevent {number}" in found


def test_a_row_that_stands_under_a_tombstone_is_named(kept, officers, two, as_owner):
    sealer.look()
    with as_owner():
        tombstones.lay(by=two[0], approved_by=two[1], reason="Past", removes=[(Officer, [officers[0].pk])])
    (found,) = findings()
    assert found.endswith("it stands, though a tombstone says that it was removed")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"approved_by": "by"}, "Whoever asks for a removal may not approve it."),
        ({"reason": " "}, "Give the reason for the removal."),
        ({"removes": []}, "There is nothing to remove."),
    ],
)
def test_a_tombstone_is_refused(kept, officers, two, change, told):
    given = {"by": two[0], "approved_by": two[1], "reason": "Past", "removes": [(Officer, [officers[0].pk])]} | change
    given["approved_by"] = two[0] if given["approved_by"] == "by" else given["approved_by"]
    with pytest.raises(Refused) as refusal:
        tombstones.lay(**given)
    assert str(refusal.value) == told


def test_a_tombstone_is_laid_once_and_with_the_key_only(kept, officers, two, settings):
    given = {"by": two[0], "approved_by": two[1], "reason": "Past", "removes": [(Officer, [officers[0].pk])]}
    tombstones.lay(**given)
    with pytest.raises(Refused, match=r"^Some of this was removed before\.$"):
        tombstones.lay(**given)
    settings.SEALING_KEY = ""
    with pytest.raises(Refused, match=r"^Only the host that has the key"):
        tombstones.lay(**given)
