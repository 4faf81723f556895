"""Statements that are asked for every page: Django writes them once, afterwards only their values differ.

To write the statements behind a standing page takes longer than PostgreSQL takes to answer them. What is asked is still
defined once, as a QuerySet; here it is written down with places, and asked again with other values.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Model, QuerySet

# What stands in a statement where a value will be. Nothing else has these values: the years and days lie far beyond any
# record, the number beyond any row.
NUMBER = 9_007_199_254_740_881
YEAR = 32_203
FIRST_DAY, LAST_DAY = dt.date(9998, 3, 4), dt.date(9998, 5, 6)
MOMENT = dt.datetime(9998, 7, 8, 9, 10, 11, 121314, tzinfo=dt.UTC)


class Statement:
    """What a QuerySet asks, with places for values: `places` says which name each of the values above stands for."""

    def __init__(self, queryset: QuerySet, places: Mapping[str, object]):
        self.sql, parameters = queryset.query.sql_with_params()
        self._parameters = [(_name_of(one, places), one) for one in parameters]
        if unused := places.keys() - {name for name, _ in self._parameters}:
            raise ValueError(f"nothing is asked of {', '.join(sorted(unused))}")

    def rows(self, **values) -> list[tuple]:
        """What the database answers with these values in the places."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values[name] if name else fixed for name, fixed in self._parameters])
            return cursor.fetchall()


def _name_of(parameter, places: Mapping[str, object]) -> str:
    """The name of the place a parameter is, or "" where it is a value of its own."""
    return next((name for name, one in places.items() if isinstance(parameter, type(one)) and one == parameter), "")


def made(model: type[Model], names: list[str], values: Iterable):
    """An object of these columns (`attname`s in the order of the model), as the database has it; None where its key is
    None: where there is no row. What else it has is fetched when somebody asks for it."""
    values = list(values)
    return model.from_db("default", names, values) if values[0] is not None else None
