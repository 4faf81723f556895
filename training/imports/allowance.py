"""How long the reading of one file may take: a small one can be made to keep a reader busy for a long time."""

import io
import time
from collections.abc import Iterator
from itertools import count
from typing import TypeVar

from training.imports import limits
from training.imports.problems import Unreadable

One = TypeVar("One")


class Allowance:
    """Processor time of this thread, in seconds from now; None: as long as it takes."""

    def __init__(self, seconds: float | None):
        self._until = None if seconds is None else time.thread_time() + seconds

    def check(self) -> None:
        """Raise `Unreadable` where it is used up."""
        if self._until is not None and time.thread_time() > self._until:
            raise Unreadable(
                "The file takes too long to read. Save only the table that is needed as CSV, or divide the file into "
                "several, and send that."
            )

    def within(self, rows: Iterator[One]) -> Iterator[One]:
        """The rows, as long as there is time."""
        for at, row in zip(count(1), rows):
            if at % limits.ROWS_BETWEEN_LOOKS == 0:
                self.check()
            yield row
        self.check()

    def file(self, data: bytes) -> io.BytesIO:
        """The data as a file, each reading of which looks at the time: whatever a library does between two."""
        return _Watched(data, self)


class _Watched(io.BytesIO):
    def __init__(self, data: bytes, allowance: Allowance):
        super().__init__(data)
        self._allowance = allowance

    def read(self, size: int | None = -1) -> bytes:
        self._allowance.check()
        return super().read(size)
