"""Statements that are asked for every page: Django writes them once, afterwards only their values differ.

To write the statements behind a standing page takes longer than PostgreSQL takes to answer them. What is asked is still
defined once, as a QuerySet; here it is written down with places, and asked again with other values.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import psycopg
from django.db import connection
from django.db.models import Model, QuerySet
from psycopg.sql import Literal

# What stands in a statement where a value will be. Nothing else has these values: the years and days lie far beyond any
# record, the number beyond any row.
NUMBER = 9_007_199_254_740_881
YEAR = 32_203
FIRST_DAY, LAST_DAY = dt.date(9998, 3, 4), dt.date(9998, 5, 6)
MOMENT = dt.datetime(9998, 7, 8, 9, 10, 11, 121314, tzinfo=dt.UTC)


class Statement:
    """What a QuerySet asks, with places for values: `places` says which name each of the values above stands for."""

    def __init__(self, queryset: QuerySet, places: Mapping[str, object]):
        sql, parameters = queryset.query.sql_with_params()
        named = [(_name_of(one, places), one) for one in parameters]
        self._names = [name for name, _ in named if name]
        if unused := places.keys() - set(self._names):
            raise ValueError(f"nothing is asked of {', '.join(sorted(unused))}")
        # What is the same every time stands in the statement, where PostgreSQL plans with it; `%%` stays what it is.
        self.sql = re.sub("%[s%]", partial(_written, iter(named)), sql)

    def rows(self, **values) -> list[tuple]:
        """What the database answers with these values in the places."""
        with _cursor() as cursor:
            cursor.execute(self.sql, [values[name] for name in self._names])
            return cursor.fetchall()


def _written(parameters: Iterator[tuple[str, object]], place: re.Match) -> str:
    """A place of a statement as it is sent: the place again, or the value that always stands there."""
    if place[0] == "%%":
        return "%%"
    name, fixed = next(parameters)
    return "%s" if name else Literal(fixed).as_string(None).replace("%", "%%")


_prepares = False


def prepare(*, on: bool = True) -> None:
    """From now on PostgreSQL plans what is asked here once for each connection (`prepare_threshold` in the settings).

    For the processes that answer pages (`clee_portal.wsgi`). A worker does not: one that sends mail prepares a
    statement of its own (`notifications.queue`), which psycopg takes away with all it prepared after a rollback.
    """
    global _prepares
    _prepares = on


def _cursor():
    """A cursor; where statements are prepared, one that sends values beside the statement, not in it."""
    if not _prepares:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    return connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)


def _name_of(parameter, places: Mapping[str, object]) -> str:
    """The name of the place a parameter is, or "" where it is a value of its own."""
    return next((name for name, one in places.items() if isinstance(parameter, type(one)) and one == parameter), "")


def made(model: type[Model], names: list[str], values: Iterable):
    """An object of these columns (`attname`s in the order of the model), as the database has it; None where its key is
    None: where there is no row. What else it has is fetched when somebody asks for it."""
    values = list(values)
    return model.from_db("default", names, values) if values[0] is not None else None
