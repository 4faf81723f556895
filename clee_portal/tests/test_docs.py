"""README and documents: every link leads somewhere, every test they name is there, and benchmarks use what there is."""

import ast
import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]


def links(text: str) -> set[tuple[str, str]]:
    """Links to other files of the repository and within a page: (path or nothing, heading or nothing)."""
    told = re.findall(r"\]\(([^)\s]+)\)", text)
    return {tuple(one.partition("#")[::2]) for one in told if not one.startswith(("http://", "https://", "mailto:"))}


def headings(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    told = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in told}


def lost(page: Path) -> list[str]:
    """Links of a page that lead nowhere, and files of `bin/test …` that are not there."""
    text, found = page.read_text(encoding="utf-8"), []
    for path, heading in links(text):
        there = page.parent / path if path else page
        if not there.exists() or (heading and heading not in headings(there)):
            found.append(f"{path}#{heading}")
    commands = re.findall(r"bin/test ([^`#\n]+)", text)
    words = {word.partition("::")[0] for command in commands for word in command.split()}
    named = {word for word in words if re.fullmatch(r"\w+/[\w/.]+", word)}
    return sorted(found + [word for word in named if not (ROOT / word).exists()])


def test_what_leads_nowhere_is_found(tmp_path):
    page = tmp_path / "page.md"
    text = "# A `page`, of two\n[a](#a-page-of-two) [b](#b) [c](c.md) [d](https://d.example) `bin/test e/f.py`\n"
    page.write_text(text, encoding="utf-8")
    assert lost(page) == ["#b", "c.md#", "e/f.py"]


def test_security_names_many():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert len(set(re.findall(r"[\w/]+/test_\w+\.py", text))) >= 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_leads_to_what_is_there(page):
    assert lost(page) == []


# Loading it begins what a web server does for as long as it lives: plans kept by the database, reports of faults.
BEGINS = "clee_portal.wsgi"


def taken_from_the_portal(tree: ast.Module) -> dict[str, object]:
    """What a script imports of the portal, by the name it has there. Raises `ImportError` for what is gone."""
    ours = ("clee_portal", "training", "compliance", "notifications")
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != BEGINS and node.module.partition(".")[0] in ours:
            for name in (one for one in node.names if one.name != "*"):
                try:
                    there = importlib.import_module(f"{node.module}.{name.name}")
                except ImportError:
                    there = getattr(importlib.import_module(node.module), name.name, None)
                if there is None:
                    raise ImportError(f"{node.module} has no {name.name}")
                found[name.asname or name.name] = there
    return found


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda script: script.name)
def test_benchmark_uses_what_there_is(script):
    """They are run by hand: one that names a function which has another name by now would fail there."""
    tree, has_begun = ast.parse(script.read_text(encoding="utf-8")), BEGINS in sys.modules
    modules = {name: one for name, one in taken_from_the_portal(tree).items() if isinstance(one, ModuleType)}
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }
    assert [f"{name}.{what}" for name, what in sorted(used) if not hasattr(modules[name], what)] == []
    assert (BEGINS in sys.modules) is has_begun
