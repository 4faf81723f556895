"""docs/security.md names only tests that are there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "security.md"
TEXT = PAGE.read_text(encoding="utf-8")


def paths() -> list[str]:
    """Every path that a `bin/test …` of the page names."""
    commands = re.findall(r"`bin/test ([^`]+)`", TEXT)
    return sorted({word for command in commands for word in command.split() if "/" in word})


def test_it_names_many():
    assert len(paths()) >= 20


@pytest.mark.parametrize("path", paths())
def test_it_is_there(path):
    assert (Path(settings.BASE_DIR) / path).exists()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_link_leads_somewhere(link):
    assert (PAGE.parent / link).exists()
