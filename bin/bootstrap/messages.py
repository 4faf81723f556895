"""What the commands say: progress lines with seconds, and the sentence that ends a command."""

import contextlib
import sys
import time


class Stop(Exception):
    """Ends the command; its text is for the person at the keyboard and says what to do next."""


class Interrupted(BaseException):
    """The command was asked to end, by Ctrl-C or a signal."""


class Progress:
    """Prints one line per step, with the seconds since the command began."""

    def __init__(self, stream=None, *, quiet: bool = False):
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self.began = time.monotonic()
        self._passing_width = 0

    @property
    def seconds(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self.began

    def step(self, text: str) -> None:
        """A step that is done, with its time."""
        if not self.quiet:
            self.say(f"{self.seconds:6.1f} s  {text}")

    def say(self, text: str) -> None:
        """A line as it is."""
        self._wipe()
        self._print(text)

    def passing(self, text: str) -> None:
        """Something still going on: on a terminal a line that is overwritten, elsewhere a line."""
        line = f"{self.seconds:6.1f} s  {text}"[:100]
        if not self.is_terminal:
            self._print(line)
            return
        self._wipe()
        self._passing_width = len(line)
        self._print(line, end="")

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches, so that a line can be overwritten."""
        return self.stream.isatty()

    def _print(self, text: str, end: str = "\n") -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody reads any more; that stops nothing
            print(text, end=end, file=self.stream, flush=True)

    def _wipe(self) -> None:
        if self._passing_width:
            self._print("\r" + " " * self._passing_width + "\r", end="")
            self._passing_width = 0
