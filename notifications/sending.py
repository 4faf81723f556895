"""Sending what waits: take, ask whether it is still due, hand over, write down. Safe to run many times at once.

Nothing is sent inside a transaction. The outcome of one mail and the beginning of the next are one statement, so a
worker that is killed leaves at most one mail of which nobody knows whether it arrived.
"""

import contextlib
import logging
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections

from clee_portal import clock
from notifications import addresses, composing, occasions, preferences, queue, recipients
from notifications.composing import Letter
from notifications.models import Message, MessageText
from notifications.queue import State
from notifications.transport import Ending, Outcome, Transport

log = logging.getLogger(__name__)

# Larger ones cost less a mail: what is asked about a batch is asked in twenty statements, however large it is.
FIRST_BATCH, LARGEST_BATCH = queue.FEW, 100
GROWTH = 3  # times the batch before, at most: the next is prepared in the time in which that one is sent
SHORT_TURN = 0.0001  # seconds
LONG_WAIT = 0.05  # seconds; before a longer one the last outcome is written at once
DATABASE_PATIENCE = 60  # seconds in which an outcome is tried to be written while the database is away


class Written(NamedTuple):
    """A mail ready to go, and what is kept of it."""

    letter: Letter
    text: MessageText


STATES = {
    Ending.SENT: State.SENT,
    Ending.REFUSED: State.REFUSED,
    Ending.FAILED: State.FAILED,
    Ending.NO_SERVER: State.FAILED,
    Ending.UNKNOWN: State.UNKNOWN,
}


def send_waiting(seconds: float, *, ahead: bool = True) -> bool:
    """Send what waits for at most about `seconds`; whether there may be more. One SMTP connection for all of it.

    `ahead`: while a batch is sent the next is taken and written in a thread of its own (with a database connection of
    its own, so not inside a transaction of the caller).
    """
    queue.recover()
    if queue.is_paused():
        return False
    worker = uuid.uuid4()
    queue.appear(worker)
    try:
        return _send_as(worker, time.monotonic() + seconds, ahead)
    finally:
        with contextlib.suppress(OperationalError, InterfaceError):  # without a connection it is gone already
            queue.leave(worker)


def _send_as(worker: uuid.UUID, until: float, ahead: bool) -> bool:
    """Send batch after batch as one worker, until a moment; whether there may be more."""
    how_many = batch_size()
    try:
        taken, letters = _prepare(worker, how_many)
    except BaseException:
        _persist(worker, queue.let_go, worker)
        raise
    if not taken:
        return False  # as nearly always: no thread, no connection to anybody
    there_is_more = ahead and len(taken) == how_many
    with Transport() as transport, _Ahead() if there_is_more else _InTurn() as desk:
        coming = None
        try:
            while True:
                coming = desk.submit(_prepare, worker, how_many)
                began = time.monotonic()
                if not _send_all(worker, transport, letters, until):
                    return False
                if time.monotonic() > until:
                    return True
                how_many = min(GROWTH * how_many, batch_size(len(letters) / max(time.monotonic() - began, 0.001)))
                taken, letters = coming.result()
                if not taken:
                    return False
        finally:
            if coming and not coming.cancel():
                with contextlib.suppress(Exception):  # what went wrong is told where it is taken up again
                    coming.result()
            _persist(worker, queue.let_go, worker)


class _Ahead(ThreadPoolExecutor):
    """One thread that prepares; its database connection is closed with it.

    While it works the interpreter changes threads more often: the one that sends waits ten times a mail for an answer,
    and would lose 5 ms each time to the one that writes.
    """

    def __init__(self):
        super().__init__(max_workers=1, thread_name_prefix="outbox")

    def __enter__(self):
        self.interval = sys.getswitchinterval()
        sys.setswitchinterval(SHORT_TURN)
        return super().__enter__()

    def __exit__(self, *unused):
        self.submit(connections.close_all).result()
        sys.setswitchinterval(self.interval)
        return super().__exit__(*unused)


class _InTurn:
    """The same without a thread: what is submitted is done when its result is asked for."""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        """Nothing to put away."""

    def submit(self, work: Callable, *arguments) -> "_Later":
        """Work for later."""
        return _Later(work, arguments)


class _Later:
    """Work that is done once, when its result is asked for."""

    def __init__(self, work: Callable, arguments: tuple):
        self.work, self.arguments = work, arguments

    def cancel(self) -> bool:
        """Leave it."""
        return True

    def result(self):
        """Do it."""
        return self.work(*self.arguments)


def _prepare(worker: uuid.UUID, how_many: int) -> tuple[list[Message], list[tuple[Message, Letter]]]:
    """Take a batch, and write what is still due of it."""
    taken = queue.claim(worker, how_many)
    return taken, still_to_send(taken)


def _send_all(worker: uuid.UUID, transport: Transport, letters: Sequence[tuple[Message, Letter]], until: float) -> bool:
    """Send a batch; False once the server takes nothing more."""
    last: queue.Ended | None = None
    try:
        for message, letter in letters:
            if (wait := _persist(worker, queue.seconds_until_turn)) > LONG_WAIT:
                last = _persist(worker, queue.step, worker, ended=last) and None
                time.sleep(wait)
            begun = _Beginning(worker, last, message)
            outcome = transport.send(letter, begun.is_written)
            is_begun = begun.is_written()
            last = None
            if not is_begun or outcome is None:
                continue
            last = queue.ended(message, STATES[outcome.ending], outcome.note)
            _look_at(message, outcome)
            if outcome.ending in (Ending.NO_SERVER, Ending.UNKNOWN):
                _persist(worker, queue.stop_knocking, outcome.note)
                return False
            if time.monotonic() > until:
                break
    finally:
        _persist(worker, queue.step, worker, ended=last)
    return True


class _Beginning:
    """That a mail is begun, and how the one before it ended, on its way to the database. It is waited for only when the
    mail server has taken sender and recipient: to ask it for that hands nothing over."""

    def __init__(self, worker: uuid.UUID, last: queue.Ended | None, message: Message):
        self.worker, self.what = worker, {"ended": last, "begins": message}
        self.answer: bool | None = None
        self.on_its_way: queue.Step | None = None
        with contextlib.suppress(OperationalError, InterfaceError):  # it is tried again where it is waited for
            self.on_its_way = queue.Step(worker, **self.what)

    def is_written(self) -> bool:
        """Wait until it is written; whether the mail may be handed over."""
        if self.answer is None:
            self.answer = _persist(self.worker, self._write)
        return self.answer

    def _write(self) -> bool:
        step, self.on_its_way = self.on_its_way or queue.Step(self.worker, **self.what), None
        return step.result()


def _look_at(message: Message, outcome: Outcome) -> None:
    if outcome.address_fails:
        addresses.mark_failing(message.address, outcome.note)
    if outcome.ending is not Ending.SENT:
        log.warning("Message %s (%s): %s %s", message.uuid, message.occasion, outcome.ending.value, outcome.note)


def _persist(worker: uuid.UUID, write: Callable, *arguments, **named):
    """Do `write`, again and again while the database is away: what happened to a mail must not be forgotten. On another
    connection the worker shows anew that it is there."""
    until, is_another = time.monotonic() + DATABASE_PATIENCE, False
    while True:
        try:
            if is_another:
                queue.appear(worker)
            return write(*arguments, **named)
        except (OperationalError, InterfaceError):
            if time.monotonic() > until or connection.in_atomic_block:
                raise
            connection.close()
            is_another = True
            time.sleep(0.2)


def batch_size(pace: float | None = None) -> int:
    """How many are taken at once: what goes in two seconds at the pace (mails a second) of the batch before, at most
    `LARGEST_BATCH`, so that "is it still due" was asked a moment before it goes."""
    if settings.OUTBOX_RATE:
        pace = min(pace or settings.OUTBOX_RATE, settings.OUTBOX_RATE)
    return FIRST_BATCH if pace is None else max(1, min(LARGEST_BATCH, int(2 * pace)))


def still_to_send(taken: Sequence[Message]) -> list[tuple[Message, Letter]]:
    """Those of the messages taken that are still to be sent, ready to go; the others are settled, each with its
    reason."""
    now, left = clock.now(), list(taken)

    def settle(which: set[int], state: str, note: str) -> None:
        nonlocal left
        if which:
            queue.settle_unsent([one for one in left if one.pk in which], state, note)
            left = [one for one in left if one.pk not in which]

    settle({one.pk for one in left if one.lapses_at and one.lapses_at <= now}, State.LAPSED, "Its time was over.")
    settle(queue.superseded(left), State.SUPERSEDED, "A later one of the same series is due.")
    settle(_not_connected(left), State.OVERTAKEN, "The person is no longer connected.")
    settle(_switched_off(left), State.OVERTAKEN, preferences.NOTE)
    failing = addresses.failing_among({one.address for one in left})
    for address, reason in failing.items():
        settle({one.pk for one in left if one.address.lower() == address}, State.REFUSED, f"Mail comes back. {reason}")
    by_occasion = defaultdict(list)
    for one in left:
        by_occasion[one.occasion].append(one)
    written: dict[int, Written] = {}
    for code, messages in by_occasion.items():
        written |= _written(code, messages, settle)
    MessageText.objects.bulk_create(
        [text for _, text in written.values()],
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["subject", "body", "template"],
    )
    return [(one, written[one.pk].letter) for one in left if one.pk in written]


def _written(code: str, messages: Sequence[Message], settle) -> dict[int, Written]:
    """The messages of one occasion that are still due, ready to go. One that cannot be written is tried again later."""
    try:
        occasion = occasions.get(code)
        keys = [one.key for one in messages]
        contexts = occasion.contexts_of(keys)
        settle({one.pk for one in messages if one.key not in contexts}, State.OVERTAKEN, "It was no longer true.")
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        return _one_by_one(code, messages, settle, error)
    written = {}
    for one in messages:
        if one.key in contexts:
            try:
                stop_url = preferences.stop_url(one.user_id, occasion)
                said = composing.words(occasion, contexts[one.key], stop_url)
                text = MessageText(
                    message=one,
                    subject=said.subject,
                    body=said.text if occasion.keeps_text else "",
                    template=composing.version(occasion),
                )
                written[one.pk] = Written(composing.letter(one, said, stop_url), text)
            except Exception as error:  # whatever a template or a context can raise; the others must go out
                _cannot_be_written(one, error)
    return written


def _one_by_one(code: str, messages: Sequence[Message], settle, error: Exception) -> dict[int, Written]:
    """One of them cannot be asked about: find out which, and let the others go."""
    if len(messages) == 1:
        _cannot_be_written(messages[0], error)
        return {}
    written: dict[int, Written] = {}
    for one in messages:
        written |= _written(code, [one], settle)
    return written


def _cannot_be_written(message: Message, error: Exception) -> None:
    """A fault of ours: it counts as a try that failed, and shows in the list of what failed."""
    log.error("Message %s (%s %s) cannot be written", message.uuid, message.occasion, message.key, exc_info=error)
    queue.fail_unsent(message, f"It could not be written: {type(error).__name__}: {error}"[:500])


def _not_connected(messages: Sequence[Message]) -> set[int]:
    """Messages to people who are not connected any more, about what goes only to those who are."""
    strict = [one for one in messages if not _goes_to_anybody(one.occasion)]
    tied = recipients.connected({one.user_id for one in strict if one.user_id})
    return {one.pk for one in strict if one.user_id not in tied}


def _switched_off(messages: Sequence[Message]) -> set[int]:
    """Messages of an optional kind to people who have switched it off since."""
    by_code = defaultdict(list)
    for one in messages:
        by_code[one.occasion].append(one)
    found: set[int] = set()
    for code, together in by_code.items():
        if code in preferences.optional():
            off = preferences.switched_off(code, {one.user_id for one in together})
            found |= {one.pk for one in together if one.user_id in off}
    return found


def _goes_to_anybody(code: str) -> bool:
    try:
        return occasions.get(code).goes_to_anybody
    except LookupError:  # it cannot be written, and says so there
        return True
