"""The sealer: chains what is committed into seals. "Look now" is all it is told; what is to be sealed it asks.

Several may look at once, one seals. It reads, and writes to tables that nobody else writes, so no writer waits for it.
Killed at any point it leaves a whole seal or none, and the next look goes on from there.
"""

import logging
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from clee_portal import clock
from clee_portal.history.models import RowForm, Seal, SealMark, SealPart
from clee_portal.history.sealing import contents, destinations, keys, marks, statements
from clee_portal.history.sealing.merkle import Tree

log = logging.getLogger(__name__)
# An advisory lock of PostgreSQL: whoever holds it seals.
ONE_AT_A_TIME = 0x5EA1_0001
# Rows of one seal at the most, so that the first over a long history is several, each done in seconds.
MOST_ROWS = 250_000


def look(*, seconds: float = 40.0) -> list[Seal]:
    """Seal what can be sealed, and bring every seal to where it is kept; goes on for `seconds` where there is much.

    Nothing is sealed on a host without SEALING_KEY. Raises ImproperlyConfigured for a key that cannot be used.
    """
    key = keys.private()
    made: list[Seal] = []
    if key is None:
        return made
    until = time.monotonic() + seconds
    while (seal := _seal(key)) is not None:
        made.append(seal)
        if seal.rows < MOST_ROWS or time.monotonic() > until:
            break
    destinations.keep_all()
    return made


def take_turn(cursor, number: int = ONE_AT_A_TIME) -> bool:
    """Whether this transaction is the one that works; it stays so until it ends. Nobody waits."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
    return cursor.fetchone()[0]


@transaction.atomic
def _seal(key: Ed25519PrivateKey) -> Seal | None:
    with connection.cursor() as cursor:
        if not take_turn(cursor):
            return None
        cursor.execute(contents.USUAL)
    todo = marks.ready()
    forms, room = contents.forms(), MOST_ROWS
    parts = []
    for name, (after, up_to) in todo.items():
        part = _part(name, after, up_to, room, forms[name][0])
        parts.append(part)
        room -= part.rows
        if room <= 0:
            break
    if not any(part.rows for part in parts):
        # Numbers were taken and given up: a mark further on is set at the next look.
        SealMark.objects.filter(table_name__in=todo).delete()
        return None
    before = Seal.objects.order_by("-number").first()
    statement = statements.Statement(
        number=before.number + 1 if before else 1,
        sealed_at=clock.now(),
        previous=before.digest if before else "",
        parts=tuple(parts),
    )
    digest = statement.digest
    seal = Seal.objects.create(
        number=statement.number,
        sealed_at=statement.sealed_at,
        previous=statement.previous,
        rows=statement.rows,
        digest=digest,
        key=keys.public_of(key),
        signature=key.sign(statements.signed(statement.number, digest)).hex(),
    )
    SealPart.objects.bulk_create(
        SealPart(seal=seal, table_name=one.table, after_id=one.after, up_to_id=one.up_to, rows=one.rows, root=one.root)
        for one in parts
    )
    return seal


def _part(name: str, after: int, up_to: int, most: int, form: RowForm) -> statements.Part:
    """The part of one table: of its first `most` rows above `after`, up to the number `up_to` where they are fewer."""
    tree, last = Tree(), after
    for key, content_hash in contents.hashes(name, after, up_to, form, most=most):
        tree.add(key, content_hash)
        last = key
    return statements.Part(name, after, last if tree.count == most else up_to, tree.count, tree.root)
