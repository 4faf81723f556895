"""What two people had removed is missing by right, and nothing else is."""

import pytest
from django.db import connection, transaction

from clee_portal.history.models import Tombstone
from clee_portal.history.sealing import sealer, statements, tombstones
from clee_portal.history.tests.verified import findings, verify, versions
from clee_portal.refusal import Refused
from training.models import Officer
from training.tests import factories

pytestmark = pytest.mark.django_db


# Tombstones -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two():
    return factories.post_staff(), factories.director()


def remove(officer, by, approved_by, as_owner) -> Tombstone:
    with as_owner(), transaction.atomic():
        stone = tombstones.lay(
            by=by, approved_by=approved_by, reason="Past six years", removes=[(Officer, [officer.pk])]
        )
        with connection.cursor() as cursor:
            for table, column in (("training_officerevent", "pgh_obj_id"), ("training_officer", "id")):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [officer.pk])  # noqa: S608
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
