"""Whatever is done to the history after it was sealed is found and named, also by whoever may do everything."""

from unittest.mock import ANY

import pytest
from django.db import connection, transaction

from clee_portal.history.models import Seal, SealPart, Verification
from clee_portal.history.sealing import keys, sealer, statements
from clee_portal.history.tests.verified import WITH_ITS_HASH, findings, verify, versions
from training.models import Agency
from training.tests import factories

pytestmark = pytest.mark.django_db


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
    assert [(one.table_name, one.rows) for one in second.parts.filter(rows__gt=0)] == [("training_officerevent", 1)]
    for one in (first, second):
        assert one.digest == statements.of_seal(one).digest
        assert keys.is_signed(statements.signed(one.number, one.digest), key=one.key, signature=one.signature)
    assert findings() == []


def test_a_look_with_nothing_to_seal_makes_no_seal(kept, officers):
    assert len(sealer.look()) == 1
    assert sealer.look() == []
    assert sealer.look() == []


def given_up() -> int:
    """A number that a transaction took and did not use in the end."""
    with transaction.atomic():
        (number,) = versions(factories.officer(name="Dana Never", issued_on=None))
        transaction.set_rollback(True)
    return number


def test_numbers_that_were_given_up_delay_nothing(kept, officers):
    sealer.look()
    given_up()
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


EARLIER = "UPDATE {table} SET pgh_created_at = pgh_created_at - interval '1 day' WHERE pgh_id = %s"


@pytest.mark.parametrize("table", ["training_officerevent", "training_agencyevent", "training_commissionevent"])
@pytest.mark.parametrize("and_its_hash", [False, True])
def test_a_changed_row_is_named(kept, tampering, table, and_its_hash):
    factories.commission(factories.officer(), factories.agency("cedar-hollow"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pgh_id FROM {table} ORDER BY pgh_id DESC LIMIT 1")  # noqa: S608
        (number,) = cursor.fetchone()
    sealer.look()
    again = [(WITH_ITS_HASH.format(table=table), [number])] if and_its_hash else []
    tampering(
        (EARLIER.format(table=table), [number]),
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
    assert [one.endswith("in last_name, search_name") or one.endswith("in last_name") for one in found[2:]] == [
        True
    ] * 2


COPY_OF = (
    "INSERT INTO training_officerevent SELECT (jsonb_populate_record(e, jsonb_build_object('pgh_id', %s::bigint))).*"
    " FROM training_officerevent e WHERE pgh_id = %s"
)


def test_a_row_inserted_in_the_past_is_named(kept, officers, tampering):
    gap = given_up()
    late = factories.officer(name="Dana Dwyer", issued_on=None)
    sealer.look()
    (number,) = versions(late)
    tampering((COPY_OF, [gap, number]))
    (found,) = findings()
    assert found.startswith(f"inserted training_officerevent {gap} (officer {late.pk}): seal 1 of ")


WHEN = "when it was sealed"


def test_a_row_that_was_given_another_number_is_named(kept, officers, tampering):
    sealer.look()
    (number,) = versions(officers[0])
    tampering(("UPDATE training_officerevent SET pgh_id = -1 WHERE pgh_id = %s", [number]))
    assert [one.partition(": ") for one in findings()] == [
        (
            f"moved training_officerevent -1 (officer {officers[0].pk})",
            ": ",
            f"this was number {number} when it was sealed",
        ),
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
        f"changed training_officerevent {number} (officer {late.pk}): "
        "it is not sealed yet, and is not as it was written"
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
    copy = f"INSERT INTO training_agency ({columns}) SELECT {values} FROM training_agency WHERE id = %s"  # noqa: S608
    tampering((copy, [made.pk]), tables=["training_agency"])
    assert findings() == ["untraced training_agency -7 (agency): it has no version: it was inserted past the triggers"]
