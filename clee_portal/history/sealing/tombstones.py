"""Tombstones: the one way by which evidence past its time may be missing. Laid for two people, signed like a seal."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import Model
from psycopg import sql

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history import events_of
from clee_portal.history.models import Tombstone, TombstoneRow
from clee_portal.history.sealing import contents, keys
from clee_portal.refusal import Refused

FORMAT = "clee-tombstone-1"


@transaction.atomic
def lay(*, by: User, approved_by: User, reason: str, removes: Iterable[tuple[type[Model], Sequence[int]]]) -> Tombstone:
    """Lay a tombstone for rows of evidence with all their versions, before they are removed in the same transaction.

    `removes` has models of evidence, each with primary keys. Whoever calls has checked the right of both people and
    that the evidence is past its time, and then removes the rows and their versions, all of them. Raises Refused where
    both are one person, no reason is given, nothing would be removed, something has a stone already, or this host has
    not the key that signs.
    """
    if by.pk == approved_by.pk:
        raise Refused("Whoever asks for a removal may not approve it.")
    if not reason.strip():
        raise Refused("Give the reason for the removal.", field="reason")
    key = keys.private()
    if key is None:
        raise Refused("Only the host that has the key of the seals can remove evidence (SEALING_KEY).")
    gone = [row for model, pks in removes for row in _versions(model, list(pks))]
    if not gone:
        raise Refused("There is nothing to remove.")
    if _have_stones(gone):
        raise Refused("Some of this was removed before.")
    stone = Tombstone(
        laid_at=clock.now(), by=by, approved_by=approved_by, reason=reason.strip(), rows=len(gone),
        key=keys.public_of(key),
    )  # fmt: skip
    stone.digest = _digest(stone, gone)
    stone.signature = key.sign(_signed(stone.digest)).hex()
    stone.save(force_insert=True)
    TombstoneRow.objects.bulk_create(
        TombstoneRow(tombstone=stone, table_name=table, row_id=row, object_id=thing, hash=content_hash)
        for table, row, thing, content_hash in gone
    )
    return stone


def problem_of(stone: Tombstone, trusted: frozenset[str]) -> str:
    """Why a tombstone does not hold; empty where it does."""
    if stone.by_id == stone.approved_by_id:
        return "it was asked for and approved by the same person"
    if stone.key not in trusted:
        return f"it is signed by a key that is not trusted ({stone.key[:16]}…)"
    rows = stone.removed.order_by("table_name", "row_id").values_list("table_name", "row_id", "object_id", "hash")
    if _digest(stone, rows.iterator()) != stone.digest:
        return "it was changed: what it says and which rows it names is not what was signed"
    if not keys.is_signed(_signed(stone.digest), key=stone.key, signature=stone.signature):
        return "its signature does not hold"
    return ""


def _versions(model: type[Model], pks: list[int]) -> list[tuple[str, int, int, str]]:
    """(table, number, thing, hash) of every version of rows of evidence."""
    name = events_of(model)._meta.db_table
    form = contents.forms()[name][0]
    with connection.cursor() as cursor:
        cursor.execute(contents.USUAL)
        cursor.execute(
            sql.SQL("SELECT t.pgh_id, t.pgh_obj_id, encode({}, 'hex') FROM {} t WHERE t.pgh_obj_id = ANY(%s)")
            .format(contents.hash_of(form.columns), sql.Identifier(name))
            .as_string(),
            [pks],
        )
        return [(name, *row) for row in cursor.fetchall()]


def _have_stones(gone: list[tuple[str, int, int, str]]) -> bool:
    tables = {table for table, _, _, _ in gone}
    return any(
        TombstoneRow.objects.filter(
            table_name=name, row_id__in=[row for table, row, _, _ in gone if table == name]
        ).exists()
        for name in tables
    )


def _digest(stone: Tombstone, rows: Iterable[tuple[str, int, int, str]]) -> str:
    """The SHA-256 of what a tombstone says and of the rows it names, in whichever order they come."""
    told = hashlib.sha256()
    about = {
        "format": FORMAT,
        "laid_at": stone.laid_at.astimezone(dt.UTC).isoformat(),
        "by": stone.by_id,
        "approved_by": stone.approved_by_id,
        "reason": stone.reason,
        "rows": stone.rows,
    }
    told.update(json.dumps(about, sort_keys=True, separators=(",", ":")).encode())
    for table, row, thing, content_hash in sorted(rows):
        told.update(f"\n{table} {row} {thing} {content_hash}".encode())
    return told.hexdigest()


def _signed(digest: str) -> bytes:
    return f"{FORMAT} {digest}".encode()
