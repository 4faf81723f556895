"""Whoever acts on a page is the person who asks: `by=None` is the command line's, and no view may pass it.

The predicates of `access.py` give the command line every right, so that a view which forgot the person would open
everything.
"""

import ast
import importlib
import inspect

import pytest

from clee_portal.tests.test_architecture import MODULES, ROOT, dotted

VIEWS = [path for path in MODULES if "views" in path.with_suffix("").parts and "tests" not in path.parts]
# `self.reader` is whose mail the link is that switches a kind of mail off: there nobody signs in.
THE_PERSON = {"request.user", "self.request.user", "user", "self.reader"}


def acts(source: str) -> list[tuple[int, str]]:
    """Line and expression of each `by=` a module passes."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [(one.lineno, ast.unparse(key.value)) for one in calls for key in one.keywords if key.arg == "by"]


def test_views_are_found():
    assert sum(len(acts((ROOT / path).read_text())) for path in VIEWS) > 10


@pytest.mark.parametrize("path", VIEWS, ids=str)
def test_view_acts_as_the_person_who_asks(path):
    source = (ROOT / path).read_text()
    assert [one for one in acts(source) if one[1] not in THE_PERSON] == []
    assert "user = None" not in source


def test_a_view_that_forgets_the_person_would_be_found():
    source = "def post(self):\n    classes.void(by=None, reason='x')\n    classes.void(by=self.request.user)\n"
    assert [one for one in acts(source) if one[1] not in THE_PERSON] == [(2, "None")]


def services():
    """Every public function of the services, by its dotted name."""
    for path in MODULES:
        if "services" not in path.parts or "tests" in path.parts or path.name == "__init__.py":
            continue
        module = importlib.import_module(dotted(path))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module.__name__}.{name}", function


def test_no_service_acts_for_nobody_by_default():
    """Who acts is always said: a service that takes `by` takes it by name, and has no default for it."""
    found = 0
    for name, function in services():
        by = inspect.signature(function).parameters.get("by")
        if by is not None:
            found += 1
            assert (name, by.kind, by.default) == (name, inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty)
    assert found > 20
