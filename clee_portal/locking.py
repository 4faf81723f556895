"""Locking rows that are read together with what they name.

PostgreSQL reads a row it had to wait for once more, but not what was joined to it: where the row names something else
by now, it is left out of the answer, or comes without what it names. So rows are locked by themselves, and read then.
"""

from django.db.models import QuerySet


def locked(rows: QuerySet) -> QuerySet:
    """These rows, locked until the end of the transaction in the order of their keys, to be read now: those that are
    still among `rows`, as they are since. One statement, and the one that reads them."""
    alone = rows.select_related(None).prefetch_related(None).order_by("pk")
    list(alone.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    return rows
