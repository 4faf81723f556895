"""Two people at the same thing at once: each has a thread and a connection of their own, and the first is stopped at a
point that is named, until the second has ended or waits for a lock that the first holds. Nothing sleeps.
"""

import re
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

from django.db import connection, transaction

from clee_portal.refusal import Refused

# Statements that take locks: said so, or writing.
EXPLICIT = re.compile(r"\bFOR (NO KEY )?UPDATE\b|\bFOR (KEY )?SHARE\b|pg_advisory", re.IGNORECASE)
WRITING = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\b|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \w+ SET\b", re.IGNORECASE)
# Where the first one stops: before its first lock, after its n-th statement that locks, or just before it commits.
BEFORE, COMMIT = 0, -1
AT_MOST = 400.0  # seconds: whoever has not ended then never will


class Ending(NamedTuple):
    """What became of one person's act: `done`, `refused` with the words, or `wrong` with what was raised."""

    how: str
    words: str = ""


class Person:
    """Somebody with a browser: does what is asked, one act after the other, on a connection of their own."""

    def __init__(self):
        self._acts, self._ended = SimpleQueue(), threading.Event()
        self.stopped, self._go_on, self._halted = threading.Event(), threading.Event(), threading.Event()
        self.ending, self.locks, self.process = None, [], 0
        self.written: list[str] = []
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def begin(self, act: Callable, stop_at: int | None = None) -> None:
        """Begin an act, and stop at a point of it."""
        for event in (self._ended, self.stopped, self._go_on, self._halted):
            event.clear()
        self.ending, self.locks, self.written = None, [], []
        self._acts.put((act, stop_at))

    def wait_for_stop(self) -> bool:
        """Whether the act came to the point; False where it ended before."""
        assert self._halted.wait(AT_MOST), "an act neither came to its point nor ended"
        return self.stopped.is_set()

    def wait_for_end_or_lock(self) -> bool:
        """Wait until the act has ended or waits for somebody's lock; whether it ended."""
        with connection.cursor() as cursor:
            until, look = time.monotonic() + AT_MOST, 0.004
            while time.monotonic() < until:
                if self._ended.wait(look):
                    return True
                look = min(look * 1.5, 0.05)
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self.process])
                if cursor.fetchone()[0]:
                    return False
        raise AssertionError("an act neither ended nor waits for a lock")

    def go_on(self) -> None:
        """Go on from where the act stopped."""
        self._go_on.set()

    def end(self) -> Ending:
        """Wait for the end of the act."""
        assert self._ended.wait(AT_MOST), "an act has not ended"
        return self.ending

    def leave(self) -> None:
        """Close the connection."""
        self._acts.put(None)
        self._thread.join(AT_MOST)

    # In the thread

    def _live(self):
        connection.ensure_connection()
        self.process = connection.connection.info.backend_pid
        commit = connection._commit

        def commit_after_stop():
            if self._stop_at == COMMIT:
                self._stop()
            return commit()

        connection._commit = commit_after_stop
        while (todo := self._acts.get()) is not None:
            act, self._stop_at = todo
            with connection.execute_wrapper(self._watch):
                self.ending = self.outcome(act)
            self._ended.set()
            self._halted.set()
        connection.close()

    def outcome(self, act) -> Ending:
        """What becomes of an act."""
        try:
            act()
        except Refused as refusal:
            return Ending("refused", refusal.message)
        except Exception as error:
            return Ending("wrong", f"{type(error).__name__}: {error}")
        return Ending("done")

    def _watch(self, execute, sql, params, many, context):
        locks = "L" if EXPLICIT.search(sql) else "W" if WRITING.search(sql) else ""
        if not locks:
            return execute(sql, params, many, context)
        if self._stop_at == BEFORE and not self.locks:
            self._stop()
        result = execute(sql, params, many, context)
        self.locks.append(locks)
        if locks == "W":
            self.written.append(sql)
        if self._stop_at == len(self.locks):
            self._stop()
        return result

    def _stop(self):
        if not self.stopped.is_set():
            self.stopped.set()
            self._halted.set()
            assert self._go_on.wait(AT_MOST), "nobody let the act go on"


class Couple:
    """The two of them."""

    def __init__(self):
        self.first, self.second = Person(), Person()
        self.has_waited = False  # whether the second had to wait for a lock of the first
        self.waits_first = False  # and whether that was before it held any of its own

    def one_after_the_other(self, one: Callable, other: Callable, then: Callable) -> tuple[Ending, Ending, object]:
        """The second acts when the first has ended; `then` tells what that left, and all of it is rolled back."""
        endings, told, locks = [], None, []

        def both():
            nonlocal told
            with transaction.atomic():
                for act in (one, other):
                    endings.append(self.first.outcome(act))
                    locks.append(self.first.locks)
                    self.first.locks = []
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                told = then()
                transaction.set_rollback(True)

        self.first.begin(both)
        whole = self.first.end()
        assert whole.how == "done", whole
        self.first.locks = locks[0]
        return *endings, told

    def at_once(self, one: Callable, other: Callable, stop_at: int) -> tuple[Ending, Ending]:
        """The first stops at a point; then the second acts until it ends or waits; then both go on."""
        self.first.begin(one, stop_at)
        self.first.wait_for_stop()
        self.second.begin(other)
        self.has_waited = not self.second.wait_for_end_or_lock()
        self.waits_first = self.has_waited and not self.second.locks
        self.first.go_on()
        return self.first.end(), self.second.end()

    def leave(self) -> None:
        """Both close their connections."""
        self.first.leave()
        self.second.leave()


def points(locks: list[str]) -> list[int]:
    """Where to stop an act that takes these locks: after the first; after each other that is said to be one, and the
    first that writes; before it commits."""
    said = [at for at, kind in enumerate(locks, 1) if kind == "L"]
    writes = [at for at, kind in enumerate(locks, 1) if kind == "W"]
    return [*sorted({*said, *writes[:1], *([1] if locks else [])}), COMMIT]
