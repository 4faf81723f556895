"""docs/permissions.md says what the code does, and cannot be forgotten when a predicate is added."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from clee_portal import permissions
from clee_portal.accounts.models import User
from clee_portal.management.commands.permissions import PAGE
from training import access
from training.models import Agency

pytestmark = pytest.mark.django_db


def test_page_is_what_the_code_says(capsys):
    """The same as `bin/manage permissions --check`; mend with `--write`."""
    call_command("permissions", "--check")
    assert capsys.readouterr().out == "docs/permissions.md is what the code says.\n"


def test_samples_are_taken_back():
    permissions.document()
    assert (User.objects.count(), Agency.objects.count()) == (0, 0)


def test_every_predicate_has_a_row():
    names = {one.__name__ for one in permissions.predicates()}
    assert {"can_enter_class", "can_see_accesses"} <= names
    assert names >= {name for name in dir(access) if name.startswith("can_")}
    text = PAGE.read_text(encoding="utf-8")
    assert [one.__name__ for one in permissions.predicates() if f"| {permissions.sentence_of(one)} |" not in text] == []


def test_page_that_differs_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr("clee_portal.management.commands.permissions.PAGE", tmp_path / "permissions.md")
    with pytest.raises(CommandError, match="Run: bin/manage permissions --write"):
        call_command("permissions", "--check")


def _new(name, sentence, answer):
    def predicate(user, thing):
        return answer

    predicate.__doc__, predicate.__name__ = sentence, name
    return predicate


@pytest.mark.parametrize(
    ("predicate", "problem"),
    [
        (_new("can_fly", "Flies.", False), "its docstring has to begin"),
        (_new("can_fly", "Whether `user` may fly: pilots.", False), "what `thing` is"),
        (lambda user: True, "its docstring has to begin"),
    ],
)
def test_new_predicate_that_cannot_be_read_is_an_error(monkeypatch, predicate, problem):
    monkeypatch.setattr(permissions, "predicates", lambda: iter([predicate]))
    with pytest.raises(permissions.Unreadable, match=problem):
        permissions.document()


def test_predicate_that_lets_in_a_stranger_is_an_error(monkeypatch):
    def can_fly(user):
        """Whether `user` may fly: everybody."""
        return True

    monkeypatch.setattr(permissions, "predicates", lambda: iter([can_fly]))
    with pytest.raises(permissions.Unreadable, match="Somebody without any role may: can_fly"):
        permissions.document()


@pytest.mark.parametrize(("own", "others", "cell"), [(0, 0, "–"), (1, 0, "own"), (1, 1, "all")])
def test_cells(own, others, cell):
    assert permissions.cell(bool(own), bool(others)) == cell


def test_cell_of_others_alone_is_a_mistake():
    with pytest.raises(permissions.Unreadable, match="not with what is one's own"):
        permissions.cell(False, True)


# Asked as whom somebody acts, or handed on to the predicate of an agency or a provider: no right by itself.
NO_RIGHTS = {
    "compliance.access.asks_for",
    "compliance.access.is_requester",
    "training.access.may_report_class",
    "training.access.may_see_body",
}
# Where a role is read and not asked for: who is who, which rows one sees, how long a session lasts, whom one may
# name, who is told.
READ_ROLES = {
    "clee_portal/accounts/models.py",
    "clee_portal/accounts/second_factor.py",
    "clee_portal/accounts/sessions.py",
    "clee_portal/navigation.py",
    "clee_portal/operation/digests.py",
    "compliance/timeline.py",
    "compliance/views/standing.py",
    "compliance/services/medical_readers.py",
    "training/services/held_rows.py",
    "training/views/seen.py",
}
ROLES = {"is_post_staff", "is_director", "is_the_director", "sees_the_state", "reads_medical"}


def modules() -> list[Path]:
    """Every module of the portal but the tests and what is made by programs."""
    houses = ("clee_portal", "notifications", "training", "compliance")
    found = [path for house in houses for path in (settings.BASE_DIR / house).rglob("*.py")]
    return [path for path in found if not {"tests", "migrations"} & set(path.parts)]


def used(path: Path) -> set[str]:
    """Every name and attribute a module uses."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {one.attr for one in nodes if isinstance(one, ast.Attribute)} | {
        one.id for one in nodes if isinstance(one, ast.Name)
    }


def test_right_is_asked_of_access_alone():
    """Or an act could be guarded by something that the page does not know."""
    asking = {
        str(path.relative_to(settings.BASE_DIR)): sorted(used(path) & ROLES)
        for path in modules()
        if path.name != "access.py" and path.parent.name != "models" and used(path) & ROLES
    }
    assert set(asking) == READ_ROLES, asking


def test_every_question_of_access_is_a_predicate():
    questions = set()
    for path in modules():
        if path.name == "access.py":
            module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for one in ast.parse(path.read_text(encoding="utf-8")).body:
                is_question = isinstance(one, ast.FunctionDef) and ast.unparse(one.returns) == "bool"
                if is_question and not one.name.startswith(("can_", "_")):
                    questions.add(f"{module}.{one.name}")
    assert questions == NO_RIGHTS


def test_no_row_is_of_a_right_that_nobody_asks_for():
    asked = set().union(*(used(path) for path in modules()))
    assert [one.__name__ for one in permissions.predicates() if one.__name__ not in asked] == []
