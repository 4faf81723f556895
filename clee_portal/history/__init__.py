"""History: every version of every row of evidence, kept by the database itself.

`evidence` is the decorator every evidence model wears. It makes PostgreSQL triggers that copy each insert and update
into an append-only event table (with who and why), and that refuse DELETE and TRUNCATE whoever asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
import pgtrigger
from django.apps import apps as installed  # the package has a module of that name
from django.db import connection
from django.db.models import Model


def _no_truncate() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'evidence is never emptied: % may not be truncated', TG_TABLE_NAME;",
    )


def evidence(*, exclude: tuple[str, ...] = (), deletable: bool = False):
    """Class decorator: keep the history of a model of evidence and refuse to lose any of its rows.

    `exclude` names columns that are computed by the database and need no copy. `deletable` is for rows that describe
    rather than prove (the lines of a draft); it still keeps their history, deletion included.
    """

    def decorate(model: type[Model]) -> type[Model]:
        trackers = [pghistory.InsertEvent(), pghistory.UpdateEvent()]
        triggers = [_no_truncate()]
        if deletable:
            trackers.append(pghistory.DeleteEvent())
        else:
            triggers.append(pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete))
        model = pghistory.track(
            *trackers, exclude=list(exclude), meta={"triggers": [_no_truncate()]}, append_only=True
        )(model)
        for trigger in triggers:
            pgtrigger.register(trigger)(model)
        model.is_evidence = True
        model.is_deletable_evidence = deletable
        return model

    return decorate


def events_of(model: type[Model]) -> type[Model]:
    """The model of the event table that keeps every version of a model of evidence."""
    return next(one for one in installed.get_models() if getattr(one, "pgh_tracked_model", None) is model)


@contextmanager
def because(reason: str, **more) -> Iterator[None]:
    """Note in the history why the rows inside the block change; `more` is stored beside the reason.

    Inside another such block, or a request, the outer note holds again afterwards.
    """
    with noted(reason=reason, **more):
        yield


@contextmanager
def noted(**more) -> Iterator[None]:
    """Note `more` in the history with the rows that change inside the block."""
    with pghistory.context() as note:
        outer = dict(note.metadata)
        note.metadata.update(more)
        try:
            yield
        finally:
            note.metadata.clear()
            note.metadata.update(outer)
    if not outer and connection.in_atomic_block:
        # The outermost note was set for the transaction, which goes on.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pghistory.context_id', '', true), "
                "set_config('pghistory.context_metadata', '', true)"
            )
