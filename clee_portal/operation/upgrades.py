"""Two releases at work at once: during an upgrade the old code runs on the new tables.

Whatever was migrated since the last release (`deploy/released-migrations.txt`) must let the release before go on: what
it writes has to be taken, what it reads has to be there. A step that does not, or of which that cannot be told, is
named; its migration may say in `runs_beside_old_code` why it does no harm.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.migrations import operations as steps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from clee_portal.history.operations import AtOnce

RELEASED = Path(settings.BASE_DIR) / "deploy" / "released-migrations.txt"
HEAD = "# The last migrations of the release that is at work. Written by: bin/manage check_migrations --release\n"
TAKEN_AWAY = (steps.RemoveField, steps.DeleteModel, steps.RenameField, steps.RenameModel, steps.AlterModelTable)
CANNOT_BE_TOLD = (steps.RunPython, steps.RunSQL, steps.SeparateDatabaseAndState)


def released() -> list[tuple[str, str]]:
    """The last migrations of the release that is at work, one for each app."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(".", 1)) for line in lines if line and not line.startswith("#")]


def release(loader: MigrationLoader) -> None:
    """Note that everything there is now is released."""
    leaves = sorted(".".join(node) for node in loader.graph.leaf_nodes())
    RELEASED.write_text(HEAD + "\n".join(leaves) + "\n", encoding="utf-8")


def state_released(loader: MigrationLoader) -> ProjectState:
    """The models as that release knows them."""
    return loader.project_state(released(), at_end=True)


def what_breaks_old_code(loader: MigrationLoader) -> list[str]:
    """Every step since the last release that the release before may not survive, in plain words."""
    before = {node for leaf in released() for node in loader.graph.forwards_plan(leaf)}
    state, found = state_released(loader), []
    known = set(state.models)
    for node in _in_order(loader):
        if node in before:
            continue
        migration = loader.graph.nodes[node]
        for operation in migration.operations:
            wrong = list(wrongs(operation, node[0], state, known))
            operation.state_forwards(node[0], state)
            if wrong and not getattr(migration, "runs_beside_old_code", ""):
                found += [f"{'.'.join(node)}: {one}" for one in wrong]
    return found


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    plan: dict = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return list(plan)


def wrongs(operation: Operation, app: str, state: ProjectState, known: set) -> Iterator[str]:
    """What is wrong with one step; `known` are the models that the release before has."""
    if isinstance(operation, AtOnce):
        state = state.clone()
        for step in operation.steps:
            yield from wrongs(step, app, state, known)
            step.state_forwards(app, state)
        return
    name = getattr(operation, "model_name", "") or getattr(operation, "old_name", "") or getattr(operation, "name", "")
    model = (app, name.lower())
    if isinstance(operation, CANNOT_BE_TOLD):
        if not getattr(operation, "elidable", False):
            yield f"{type(operation).__name__} may do anything"
    elif model not in known:
        return
    elif isinstance(operation, TAKEN_AWAY):
        yield f"{operation.describe()}, which the release before still uses"
    elif _is_history(state, model):
        return
    elif isinstance(operation, steps.AddField):
        yield from _added(operation.field, f"{name}.{operation.name}")
    elif isinstance(operation, steps.AlterField):
        before = state.models[model].fields[operation.name]
        yield from _altered(before, operation.field, f"{name}.{operation.name}")
    elif isinstance(operation, steps.AddConstraint):
        yield f"the constraint {operation.constraint.name} may refuse what the release before writes"
    elif isinstance(operation, steps.AlterUniqueTogether) and operation.option_value:
        yield f"unique together on {name} may refuse what the release before writes"


def _is_history(state: ProjectState, model: tuple[str, str]) -> bool:
    """A table that is written by triggers alone, which are replaced with it; pages only read it."""
    return model in state.models and "pgh_id" in state.models[model].fields


def _added(field: models.Field, name: str) -> Iterator[str]:
    if field.many_to_many or field.null or getattr(field, "generated", False):
        return
    if not field.has_db_default():
        yield f"{name} must be given by whoever adds a row, and the release before does not: give it a db_default"
    if field.unique and not field.null:
        yield f"{name} is unique and the same for all rows of the release before"


def _altered(before: models.Field, now: models.Field, name: str) -> Iterator[str]:
    if before.null and not now.null:
        yield f"{name} may not be empty any more, and the release before leaves it so"
    if before.get_internal_type() != now.get_internal_type():
        yield f"{name} changes from {before.get_internal_type()} to {now.get_internal_type()}"
    for size in ("max_length", "max_digits"):
        was, becomes = getattr(before, size, None), getattr(now, size, None)
        if becomes is not None and (was is None or becomes < was):
            yield f"{name} becomes shorter than what the release before writes"
    if now.unique and not before.unique:
        yield f"{name} becomes unique, and the release before may write it twice"
    if before.db_column != now.db_column:
        yield f"{name} moves to another column"
    if before.has_db_default() and not now.has_db_default():
        yield f"{name} loses its db_default, on which the release before may rest"
