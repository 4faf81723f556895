"""Which message a worker takes, and what is written down about it. All in the database; nothing here sends.

A worker takes a few rows (`claim`), under `FOR UPDATE SKIP LOCKED`, for as long as its claim holds, and commits. Before
a mail is handed over its row becomes `sending`; afterwards its outcome is written (both by `step`). A worker that dies
leaves rows whose claim runs out: those still waiting are simply taken again; one that was `sending` becomes `unknown`
(`recover`), is sent once more with the same Message-ID, and is flagged.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from clee_portal import clock
from notifications.models import Message, Pace

State = Message.State

# RFC 5321, 4.5.4.1: give up after four or five days.
GIVE_UP = dt.timedelta(days=5)
DIED = "The worker ended while it was sending. It may have arrived; it is sent once more."
UNKNOWN_FOR_GOOD = "It was sent twice and both times nobody said whether it arrived."


class Ended(NamedTuple):
    """How a message that was begun ended: the state, the reason, and when it may be tried again (None: never)."""

    pk: int
    attempt: int
    state: str
    note: str = ""
    next_try_at: dt.datetime | None = None


def lease() -> dt.timedelta:
    """How long a claim holds: longer than any one mail can take, with every step of SMTP as slow as is waited for."""
    return dt.timedelta(seconds=settings.OUTBOX_LEASE)


def is_free() -> Q:
    """Nobody has it: no claim, or one that ran out."""
    return Q(claimed_until=None) | Q(claimed_until__lt=Now())


@transaction.atomic
def claim(worker: UUID, how_many: int) -> list[Message]:
    """Take up to `how_many` messages whose turn it is, for a while. Other workers skip them."""
    waiting = Message.objects.to_look_at(clock.now()).filter(is_free())
    taken = list(waiting.select_for_update(skip_locked=True)[:how_many])
    if taken:
        Message.objects.filter(pk__in=[one.pk for one in taken]).update(
            claimed_by=worker, claimed_until=Now() + lease()
        )
    return taken


def let_go(worker: UUID) -> None:
    """Give back what was taken and not begun."""
    mine = Message.objects.filter(claimed_by=worker).exclude(state=State.SENDING)
    mine.update(claimed_by=None, claimed_until=None)


def settle_unsent(messages: Iterable[Message], state: str, note: str) -> None:
    """Messages that were taken and will not be sent. One that may have arrived already stays `unknown`."""
    ids = [one.pk for one in messages]
    free = {"claimed_by": None, "claimed_until": None, "next_try_at": None, "settled_at": clock.now()}
    ours = Message.objects.filter(pk__in=ids, next_try_at__isnull=False)
    ours.filter(state=State.UNKNOWN).update(**free)
    ours.exclude(state=State.UNKNOWN).update(state=state, note=note, **free)


def superseded(messages: Sequence[Message]) -> set[int]:
    """The ids of those in whose series a later one is due or was sent."""
    in_series = [one.pk for one in messages if one.series]
    later = Message.objects.filter(series=OuterRef("series"), series_order__gt=OuterRef("series_order"))
    later = later.exclude(series="")  # so that the index serves
    return (
        set(Message.objects.filter(Exists(later), pk__in=in_series).values_list("pk", flat=True))
        if in_series
        else set()
    )


_STEP = """
UPDATE notifications_message m SET
    state = v.state, note = v.note, next_try_at = v.next_try_at,
    attempts = m.attempts + v.begins::int,
    first_tried_at = COALESCE(m.first_tried_at, %(now)s),
    times_unknown = m.times_unknown + (v.state = 'unknown')::int,
    settled_at = CASE WHEN v.begins OR v.next_try_at IS NOT NULL THEN NULL ELSE %(now)s END,
    claimed_by = CASE WHEN v.begins THEN m.claimed_by END,
    claimed_until = CASE WHEN v.begins THEN statement_timestamp() + %(lease)s END
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(notes)s::text[], %(tries)s::timestamptz[],
            %(begins)s::bool[]) AS v(id, attempt, state, note, next_try_at, begins)
WHERE m.id = v.id AND m.attempts = v.attempt
  AND CASE WHEN v.begins THEN m.claimed_by = %(worker)s AND m.state <> 'sending'
           ELSE m.state IN ('sending', 'unknown') END
RETURNING m.id, v.begins
"""


def step(worker: UUID, *, ended: Ended | None = None, begins: Message | None = None) -> bool:
    """Write down how one message ended and that the next one is begun, in one statement; whether the next one may be.

    It may not where its claim ran out meanwhile and somebody else has it. An outcome is written although the claim ran
    out, as long as nobody has begun the message again: then "unknown" becomes known.
    """
    rows = [(*ended[:2], ended.state, ended.note, ended.next_try_at, False)] if ended else []
    if begins is not None:
        rows.append((begins.pk, begins.attempts, State.SENDING.value, begins.note, None, True))
    if not rows:
        return True
    columns = dict(
        zip(("ids", "attempts", "states", "notes", "tries", "begins"), map(list, zip(*rows, strict=True)), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_STEP, {**columns, "worker": worker, "now": clock.now(), "lease": lease()})
        return begins is None or (begins.pk, True) in cursor.fetchall()


def ended(message: Message, state: str, note: str = "") -> Ended:
    """How a message that was begun ended, with what follows from it: when it is tried again, and when that is over."""
    attempt, now = message.attempts + 1, clock.now()
    if state == State.UNKNOWN:
        first = message.times_unknown == 0
        return Ended(
            message.pk, attempt, state, note if first else f"{UNKNOWN_FOR_GOOD} {note}", now if first else None
        )
    if state == State.FAILED:
        if (message.first_tried_at or now) + GIVE_UP <= now:
            return Ended(message.pk, attempt, State.GAVE_UP, f"Tried for five days. {note}")
        return Ended(message.pk, attempt, state, note, now + _pause_after(attempt))
    return Ended(message.pk, attempt, state, note)


def _pause_after(attempt: int) -> dt.timedelta:
    pauses = settings.OUTBOX_RETRY_AFTER
    return dt.timedelta(seconds=pauses[min(attempt, len(pauses)) - 1])


def fail_unsent(message: Message, note: str) -> None:
    """A message that was taken and could not even be written: a try that failed. One that may have arrived already
    stays `unknown`."""
    how = ended(message, State.FAILED, note)
    is_unknown = message.state == State.UNKNOWN
    Message.objects.filter(pk=message.pk, attempts=message.attempts).update(
        state=State.UNKNOWN if is_unknown else how.state,
        note=how.note,
        next_try_at=how.next_try_at,
        attempts=how.attempt,
        first_tried_at=message.first_tried_at or clock.now(),
        settled_at=None if how.next_try_at else clock.now(),
        claimed_by=None,
        claimed_until=None,
    )


def recover() -> int:
    """Messages that were being sent by a worker that is gone: nobody knows whether they arrived. Returns how many."""
    gone = Message.objects.filter(state=State.SENDING, claimed_until__lt=Now())
    free = {"claimed_by": None, "claimed_until": None, "times_unknown": F("times_unknown") + 1}
    now = clock.now()
    with transaction.atomic():
        locked = list(gone.select_for_update(skip_locked=True).values_list("pk", "times_unknown"))
        first = [pk for pk, times in locked if times == 0]
        again = [pk for pk, times in locked if times > 0]
        Message.objects.filter(pk__in=first).update(state=State.UNKNOWN, note=DIED, next_try_at=now, **free)
        Message.objects.filter(pk__in=again).update(
            state=State.UNKNOWN, note=UNKNOWN_FOR_GOOD, next_try_at=None, settled_at=now, **free
        )
    return len(locked)


# The pace ------------------------------------------------------------------------------------------------------------

_SLOT = """
INSERT INTO notifications_pace (id, next_at, note) VALUES (1, clock_timestamp() + %(step)s, '')
ON CONFLICT (id) DO UPDATE
SET next_at = GREATEST(notifications_pace.next_at, clock_timestamp()) + %(step)s
RETURNING EXTRACT(EPOCH FROM next_at - %(step)s - clock_timestamp())::float
"""


def seconds_until_turn() -> float:
    """Seconds until one more mail may go, which is hereby taken as gone; all workers of the state share one pace
    (`OUTBOX_RATE` mails a second; 0: as fast as the server takes them)."""
    if not settings.OUTBOX_RATE:
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(_SLOT, {"step": dt.timedelta(seconds=1 / settings.OUTBOX_RATE)})
        return max(0.0, cursor.fetchone()[0])


def stop_knocking(note: str) -> None:
    """The server takes nothing just now: nobody tries before `OUTBOX_PAUSE` seconds are over."""
    until = Now() + dt.timedelta(seconds=settings.OUTBOX_PAUSE)
    Pace.objects.update_or_create(pk=1, defaults={"waits_until": until, "note": note[:500]})


def is_paused() -> bool:
    """Whether nobody is to knock just now."""
    return Pace.objects.filter(waits_until__gt=Now()).exists()
