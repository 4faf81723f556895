"""The tables whose rows are sealed: every event table of evidence, and the tombstones."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Model

from clee_portal.history.models import Tombstone, TombstoneRow


@dataclass(frozen=True, slots=True)
class SealedTable:
    """One table that is sealed: its key, which a sequence gives in order, and the model it keeps the versions of."""

    name: str
    key: str
    tracked: type[Model] | None

    @property
    def thing(self) -> str:
        """The column that says of which thing a row is a version; empty where there is none."""
        return "pgh_obj_id" if self.tracked else ""


@cache
def sealed_tables() -> dict[str, SealedTable]:
    """Every sealed table by its name, in the order of names."""
    found = [
        SealedTable(model._meta.db_table, model._meta.pk.column, model.pgh_tracked_model)
        for model in apps.get_models()
        if getattr(model, "pgh_tracked_model", None)
    ]
    found += [SealedTable(model._meta.db_table, model._meta.pk.column, None) for model in (Tombstone, TombstoneRow)]
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}
