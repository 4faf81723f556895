"""What is logged while tests walk the portal, as it would stand in the log of a real one."""

import json
import logging

import pytest

from clee_portal.operation import logs
from clee_portal.tests import world as state


class Kept(logging.Handler):
    """The lines as they would stand in the log."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logs.JsonFormatter())

    def emit(self, record):
        self.lines.append(self.format(record))

    def told(self, logger: str = "") -> list[dict]:
        return [line for line in map(json.loads, self.lines) if line["logger"].startswith(logger)]


def in_the_lines(lines: list[str]) -> list[str]:
    """The lines that hold a name, an address or a number of the world's people, or any e-mail address."""
    return [line for line in lines if "@" in line or state.traces(line)]


@pytest.fixture
def kept():
    """Everything that anybody logs, at the most talkative level; SQL stays out of it (`logs.configuration`)."""
    handler, root = Kept(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@pytest.fixture
def nobody_in_the_log(kept):
    """Whatever a test asks for: nobody is in the lines."""
    yield
    assert in_the_lines(kept.lines) == []
