"""Which message a worker takes, and what is written down about it. All in the database; nothing here sends.

A worker takes a few rows (`claim`), under `FOR UPDATE SKIP LOCKED`, for as long as its claim holds, and commits. Before
a mail is handed over its row becomes `sending`; afterwards its outcome is written (both by `step`). A worker that dies
leaves rows whose claim runs out: those still waiting are simply taken again; one that was `sending` becomes `unknown`
(`recover`), is sent once more with the same Message-ID, and is flagged.

A worker that sends holds an advisory lock (`appear`): it vanishes with its connection, so what a killed worker had
taken is taken again at once, and what it was sending after the time for which a mail server is waited for: neither has
to wait until the claim runs out.
"""

import datetime as dt
import select
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID
from weakref import WeakSet

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Now, Right
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from clee_portal import clock
from notifications.models import Message, Pace

State = Message.State

# RFC 5321, 4.5.4.1: give up after four or five days.
GIVE_UP = dt.timedelta(days=5)
FEW = 10  # so few are taken at once however little is left
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


# The kind of the advisory locks by which workers show that they are there; a worker's own is the end of its id.
_PRESENCE = 0x4D41494C
_DIGITS = 8
_PRESENT = """
SELECT lpad(to_hex(objid::bigint), %s, '0') FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND classid = %s AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def appear(worker: UUID) -> None:
    """Show that a worker is there, for as long as this connection lives or until it leaves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_PRESENCE, _number(worker)])


def leave(worker: UUID) -> None:
    """It is gone: what it still has anybody may take."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_PRESENCE, _number(worker)])


def _number(worker: UUID) -> int:
    return int.from_bytes(worker.bytes[-_DIGITS // 2 :], signed=True)


def _present() -> list[str]:
    """The ends of the ids of the workers that are there."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [_DIGITS, _PRESENCE])
        return [row[0] for row in cursor.fetchall()]


def _with_holder(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Messages, with the end of the id of the worker that has each."""
    return messages.alias(holder=Right(Cast("claimed_by", CharField()), _DIGITS))


@transaction.atomic
def claim(worker: UUID, how_many: int) -> list[Message]:
    """Take up to `how_many` messages whose turn it is and that nobody has, for a while. Other workers skip them.

    Nobody has what was never taken, whose claim ran out, or whose worker is gone. Where little is left a worker takes
    less than its share of it, so that none has much to do while the others have nothing.
    """
    present = _present()
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=Now()) | ~Q(holder__in=present)
    waiting = _with_holder(Message.objects.to_look_at(clock.now())).filter(is_free)
    if how_many > FEW:
        shares = 2 * max(1, len(present))
        left = waiting.order_by().values("pk")[: how_many * shares].count()
        how_many = max(FEW, left // shares)
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


# Prepared once for each connection and asked once a mail: to read and plan it anew would take as long as to do it.
_STEP = """
UPDATE notifications_message m SET
    state = v.state, note = v.note, next_try_at = v.next_try_at,
    attempts = v.attempt + v.begins::int,
    first_tried_at = COALESCE(m.first_tried_at, $1::timestamptz),
    times_unknown = m.times_unknown + (v.state = 'unknown' AND m.state <> 'unknown')::int,
    settled_at = CASE WHEN v.begins OR v.next_try_at IS NOT NULL THEN NULL ELSE $1::timestamptz END,
    claimed_by = CASE WHEN v.begins THEN m.claimed_by END,
    claimed_until = CASE WHEN v.begins THEN statement_timestamp() + $2::interval END
FROM (VALUES
        ($4::bigint, $5::int, $6::text, $7::text, $8::timestamptz, false),
        ($9::bigint, $10::int, 'sending', $11::text, NULL, true)
     ) AS v(id, attempt, state, note, next_try_at, begins)
WHERE m.id = v.id
  AND CASE WHEN v.begins THEN m.claimed_by = $3::uuid AND m.attempts = v.attempt + (m.state = 'sending')::int
           ELSE m.attempts = v.attempt AND m.state IN ('sending', 'unknown') END
RETURNING v.begins
"""
_STEP_NAME = b"notifications_step"
_knowing_the_step: WeakSet[psycopg.Connection] = WeakSet()


class Step:
    """How one message ended and that the next one is begun, in one statement. It is sent to the database at once, and
    `result` waits for it: meanwhile the worker may do something else, but nothing with the database.

    A connection that is lost raises OperationalError, here or there; it may have been written all the same. To write it
    again, on another connection, changes nothing then and answers the same.
    """

    def __init__(self, worker: UUID, *, ended: Ended | None = None, begins: Message | None = None):
        self.begins = begins
        last = ended or Ended(None, None, None, None)
        said = [clock.now(), f"{lease().total_seconds()} s", worker, *last]
        said += [begins.pk, begins.attempts, begins.note] if begins is not None else [None, None, None]
        connection.ensure_connection()
        self.server = connection.connection.pgconn
        with connection.wrap_database_errors:
            if connection.connection not in _knowing_the_step:
                _raise_if_wrong(self.server.prepare(_STEP_NAME, _STEP.encode()))
                _knowing_the_step.add(connection.connection)
            self.server.send_query_prepared(_STEP_NAME, [None if one is None else str(one).encode() for one in said])
            while self.server.flush():
                self._wait_for(select.POLLOUT)

    def result(self) -> bool:
        """Wait until it is written; whether the next message may be handed over.

        It may not where its claim ran out meanwhile and somebody else has it. An outcome is written although the claim
        ran out, as long as nobody has begun the message again: then "unknown" becomes known.
        """
        with connection.wrap_database_errors:
            answers = list(iter(self._next_answer, None))
            for answer in answers:
                _raise_if_wrong(answer)
        written = [answer.get_value(row, 0) for answer in answers for row in range(answer.ntuples)]
        return self.begins is None or b"t" in written

    def _next_answer(self) -> PGresult | None:
        while self.server.is_busy():
            self._wait_for(select.POLLIN)
            self.server.consume_input()
        return self.server.get_result()

    def _wait_for(self, what: int) -> None:
        waiting = select.poll()
        waiting.register(self.server.socket, what)
        waiting.poll()


def _raise_if_wrong(answer: PGresult) -> None:
    if answer.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(answer)


def step(worker: UUID, *, ended: Ended | None = None, begins: Message | None = None) -> bool:
    """Write down how one message ended and that the next one is begun; whether the next one may be (`Step`)."""
    return (ended is None and begins is None) or Step(worker, ended=ended, begins=begins).result()


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
    return Ended(message.pk, attempt, str(state), note)


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
    """Messages that were being sent by a worker that is gone: nobody knows whether they arrived. Returns how many.

    Gone is a worker whose claim ran out, or that is not there any more. The latter may have lost its connection to the
    database alone, so it has the time for which a mail server's answer is waited for to come back and say how it ended.
    """
    back = lease() - dt.timedelta(seconds=settings.EMAIL_TIMEOUT)
    is_away = ~Q(holder__in=_present()) & Q(claimed_until__lt=Now() + back)
    gone = _with_holder(Message.objects.filter(state=State.SENDING)).filter(Q(claimed_until__lt=Now()) | is_away)
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
