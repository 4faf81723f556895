"""docs/permissions.md says what the code does, and cannot be forgotten when a predicate is added."""

import pytest
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
    def predicate(user, thing=None):
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
