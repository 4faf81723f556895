"""Cases of constraint_cases.py for seals and tombstones."""

from django.db import connection

from clee_portal import clock
from clee_portal.history.models import RowForm, Seal, SealKept, SealPart, Tombstone, TombstoneRow, Verification
from clee_portal.tests.constraint_cases import insert, refused
from training.tests import factories


def _seal(number: int = 1, **changes) -> Seal:
    given = {
        "previous": "0" * 64 if number > 1 else "",
        "rows": 1,
        "digest": f"{number:064}",
        "key": "k",
        "signature": "s",
    }
    return insert(Seal, number=number, sealed_at=clock.now(), **{**given, **changes})


def _part(seal: Seal, **changes) -> SealPart:
    given = {"table_name": "training_officerevent", "after_id": 0, "up_to_id": 5, "rows": 5, "root": "r"}
    return insert(SealPart, seal=seal, **{**given, **changes})


def _stone(**changes) -> Tombstone:
    given = {"reason": "Past six years", "rows": 1, "digest": "d", "key": "k", "signature": "s"}
    if "approved_by" not in changes:
        given |= {"by": factories.post_staff(), "approved_by": factories.director()}
    return insert(Tombstone, laid_at=clock.now(), **{**given, **changes})


def _buried() -> TombstoneRow:
    return insert(TombstoneRow, tombstone=_stone(), table_name="training_officerevent", row_id=1, object_id=1, hash="h")


def _change(one, **values):
    """As the owner, whom no right is withheld from; taken back with the transaction that is refused."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    type(one).objects.filter(pk=one.pk).update(**values)


@refused("row_form_has_columns")
def _():
    insert(RowForm, table_name="training_officerevent", columns=[], after_id=0)


@refused("row_form_never_changes")
def _():
    _change(RowForm.objects.first(), after_id=5)


@refused("seal_names_the_one_before")
def _():
    _seal(2, previous="")


@refused("seal_has_rows")
def _():
    _seal(rows=0)


@refused("seal_never_changes")
def _():
    _change(_seal(), sealed_at=clock.now())


@refused("seal_part_unique")
def _():
    seal = _seal()
    _part(seal)
    _part(seal, after_id=5, up_to_id=9)


@refused("seal_part_follows_another")
def _():
    _part(_seal())
    _part(_seal(2))


@refused("seal_part_goes_forward")
def _():
    _part(_seal(), up_to_id=0)


@refused("seal_part_never_changes")
def _():
    _change(_part(_seal()), rows=4)


@refused("seal_kept_once")
def _():
    seal = _seal()
    insert(SealKept, seal=seal, destination="file:///mnt/seals")
    insert(SealKept, seal=seal, destination="file:///mnt/seals")


@refused("seal_kept_never_changes")
def _():
    _change(insert(SealKept, seal=_seal(), destination="file:///mnt/seals"), destination="file:///tmp")


@refused("verification_never_changes")
def _():
    done = insert(Verification, started_at=clock.now(), seals=1, kept_roots=1, rows=1, unsealed=0, findings=3)
    _change(done, findings=0)


@refused("tombstone_is_of_two")
def _():
    alone = factories.post_staff()
    _stone(by=alone, approved_by=alone)


@refused("tombstone_says_why_and_of_what")
def _():
    _stone(reason="")


@refused("tombstone_never_changes")
def _():
    _change(_stone(), reason="Another")


@refused("tombstone_row_once")
def _():
    row = _buried()
    insert(TombstoneRow, tombstone=row.tombstone, table_name=row.table_name, row_id=1, object_id=1, hash="h")


@refused("tombstone_row_never_changes")
def _():
    _change(_buried(), hash="another")
