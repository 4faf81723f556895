"""Occasions and people of the tests: `news` goes to connected people, `summons` (an invitation) to anybody."""

from contextlib import contextmanager
from pathlib import Path

from notifications import occasions
from notifications.occasions import Occasion

TEMPLATES = Path(__file__).parent / "templates"


class Said:
    """What the occasions of the tests answer, changed by a test as it needs."""

    def __init__(self):
        self.over: set[str] = set()
        self.asked: list[str] = []
        self.name = "Renée O'Dell"
        self.broken: set[str] = set()

    def context(self, key: str) -> dict:
        """What the templates need."""
        if key in self.broken:
            raise RuntimeError(f"No news about {key}")
        return {"name": self.name, "news": f"<{key}>"}

    def still_due(self, key: str) -> bool:
        """Whether there is still something to say."""
        self.asked.append(key)
        return key not in self.over


def with_templates(templates: list[dict]) -> list[dict]:
    """The template settings, with the mails of the tests."""
    return [{**one, "DIRS": [*one["DIRS"], TEMPLATES]} for one in templates]


@contextmanager
def said():
    """The occasions of the tests, registered for as long as the block lasts."""
    answers = Said()
    made = [
        Occasion("news", "News", answers.context, answers.still_due),
        Occasion("bulletin", "Bulletin", answers.context, answers.still_due, in_bulk=True),
        Occasion("summons", "Summons", answers.context, answers.still_due, to_unconnected=True),
    ]
    for one in made:
        occasions.register(one)
    try:
        yield answers
    finally:
        for one in made:
            del occasions._registered[one.code]
