"""docs/permissions.md, made from the code: every predicate of every `access.py` and every `visible_to`, asked.

Nothing is declared here: a predicate's sentence is its docstring, and its answers are what it answers for somebody of
each role about a thing of their own and about somebody else's. A new predicate appears by itself; one whose sentence or
whose parameter cannot be read stops the making, and so the tests.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import product

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model

from clee_portal import clock, permission_samples
from clee_portal.accounts.models import FactorRecovery
from clee_portal.permission_samples import Things
from compliance.models import RecordReport, ReliefRequest
from training.models import Agency, Officer, Provider, Registration, TrainingClass, TrainingRecord

OWN, ALL, YES, NO = "own", "all", "yes", "–"
# How a parameter of a predicate is called in its sentence, and what is handed in for it.
PARAMETERS: dict[str, tuple[str, type[Model] | tuple[type[Model], ...]]] = {
    "agency": ("an agency", Agency),
    "body": ("an agency or a provider", (Agency, Provider)),
    "agency_id": ("an agency", Agency),
    "officer": ("an officer", Officer),
    "provider": ("a provider", Provider),
    "training_class": ("a class", TrainingClass),
    "recovery": ("that somebody sets their second step up anew", FactorRecovery),
    "request": ("a request for more time", ReliefRequest),
    "report": ("what an officer reported", RecordReport),
    "record": ("an officer’s record of a class", TrainingRecord),
    "registration": ("an officer’s registration for a class", Registration),
}
_SENTENCE = re.compile(r"Whether `user` may (?P<verb>.+?)(?:: (?P<who>.+?))?\.(?: |$)")
HEAD = """\
# Who may do what

Made by `bin/manage permissions --write` from the code, and compared with it in the tests
(`clee_portal/tests/test_permissions.py`): do not edit it. Each cell is what the code answered for somebody of the role.

- **own**: for what is theirs: the agency they act for, the provider they work for, their own license, and classes and
  records of these. A delegate may as much as the CEO says: the two columns are the most and the least.
- **all**: for everybody's. **yes**: it belongs to nobody in particular. **–**: no.

A person with several roles may do what each of them may. Whoever has no role, whose role has ended or was revoked, and
whoever is not signed in may do none of it. Roles have a first and a last day and end at once when revoked.
"""


class Unreadable(Exception):
    """A predicate or a model that this page cannot speak of; says what to add where."""


@dataclass(frozen=True)
class Row:
    """One line of a table: what may be done or seen, and the cell of each role."""

    text: str
    cells: tuple[str, ...]


def predicates() -> Iterator[Callable]:
    """Every `can_…` of every `access.py`, in the order it stands there."""
    for app in apps.get_app_configs():
        name = f"{app.name}.access"
        if app.name.split(".")[0] in ("clee_portal", "notifications", "training", "compliance") and find_spec(name):
            module = import_module(name)
            found = inspect.getmembers(module, inspect.isfunction)
            ours = [one for label, one in found if label.startswith("can_") and one.__module__ == name]
            yield from sorted(ours, key=lambda one: one.__code__.co_firstlineno)


def sentence_of(predicate: Callable) -> str:
    """What it allows, as its docstring says it, without the words of the code."""
    text = " ".join((inspect.getdoc(predicate) or "").split())
    if (match := _SENTENCE.match(text)) is None:
        raise Unreadable(f"{predicate.__name__}: its docstring has to begin “Whether `user` may …: who.”")
    verb = re.sub(r"`(\w+)`", lambda name: PARAMETERS.get(name[1], (name[1],))[0], match["verb"])
    return verb[0].upper() + verb[1:]


def answer(predicate: Callable, user, own: Things, others: Things) -> str:
    """What a predicate answers for `user` about their own things and about others'."""
    # What may be left out is known to the caller already, and changes no answer.
    asks = list(inspect.signature(predicate).parameters.values())[1:]
    parameters = [one.name for one in asks if one.default is one.empty]
    if not parameters:
        return YES if predicate(user) else NO
    unknown = [name for name in parameters if name not in PARAMETERS]
    if unknown:
        raise Unreadable(f"{predicate.__name__}: say in permissions.PARAMETERS what `{unknown[0]}` is.")

    def asked(of: Things) -> bool:
        every = product(*(samples(name, of) for name in parameters))
        return any(predicate(user, *map(as_asked, parameters, given)) for given in every)

    def samples(name: str, of: Things) -> tuple[Model, ...]:
        kinds = PARAMETERS[name][1]
        return tuple(one for kind in (kinds if isinstance(kinds, tuple) else (kinds,)) for one in of[kind])

    def as_asked(name: str, one: Model):
        return one.pk if name.endswith("_id") else one

    return cell(asked(own), asked(others))


def cell(is_own: bool, is_others: bool) -> str:
    """One cell; whoever may with others' things and not with their own would be a mistake of the code."""
    if is_others and not is_own:
        raise Unreadable("Allowed with what is somebody else's and not with what is one's own.")
    return ALL if is_others else OWN if is_own else NO


def scoped_models() -> list[type[Model]]:
    """Every model whose rows are somebody's."""
    found = [model for model in apps.get_models() if hasattr(model._default_manager, "visible_to")]
    return sorted(found, key=lambda model: str(model._meta.verbose_name_plural))


def seen(model: type[Model], user, own: Things, others: Things) -> str:
    """Whose rows of a model `user` sees."""
    if model not in own.kinds:
        raise Unreadable(f"{model.__name__}: make one in permission_samples.things.")
    return cell(*(any(is_seen(one, user) for one in of[model]) for of in (own, others)))


def is_seen(one: Model, user) -> bool:
    """Whether `user` sees a row."""
    return type(one)._default_manager.visible_to(user).filter(pk=one.pk).exists()


def document() -> str:
    """The page. Writes people and things into the database, asks, and takes them back."""
    with transaction.atomic():
        today = clock.today()
        own, others = permission_samples.things("own", today), permission_samples.things("others", today)
        people = permission_samples.people(own, today)
        strangers = [AnonymousUser(), permission_samples.nobody()]
        acts = [
            Row(sentence_of(one), tuple(answer(one, user, own, others) for user in people.values()))
            for one in predicates()
        ]
        rows = [
            Row(words_of(model), tuple(seen(model, user, own, others) for user in people.values()))
            for model in scoped_models()
        ]
        rows += [
            Row(name, tuple(cell(is_seen(one, user), is_seen(others.special[name], user)) for user in people.values()))
            for name, one in own.special.items()
        ]
        for stranger in strangers:
            given = [one.__name__ for one in predicates() if answer(one, stranger, own, others) != NO]
            given += [model.__name__ for model in scoped_models() if seen(model, stranger, own, others) != NO]
            given += [name for of in (own, others) for name, one in of.special.items() if is_seen(one, stranger)]
            if given:
                raise Unreadable(f"Somebody without any role may: {', '.join(given)}.")
        transaction.set_rollback(True)
    roles = list(people)
    return "\n".join([HEAD, *table("What one may do", roles, acts), "", *table("Whose rows one sees", roles, rows), ""])


def words_of(model: type[Model]) -> str:
    """What the rows of a model are called."""
    name = str(model._meta.verbose_name_plural)
    return name[0].upper() + name[1:]


def table(title: str, roles: list[str], rows: list[Row]) -> list[str]:
    """A table of Markdown under its heading."""
    lines = [f"## {title}", "", f"| | {' | '.join(roles)} |", f"|---|{'---|' * len(roles)}"]
    return [*lines, *(f"| {row.text} | {' | '.join(row.cells)} |" for row in rows)]
