"""Statements that are asked for every page: Django writes them once, afterwards only their values differ.

To write the statements behind a standing page takes longer than PostgreSQL takes to answer them. What is asked is still
defined once, as a QuerySet; here it is written down with places, and asked again with other values.
"""

import copy
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial, wraps
from itertools import count
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal
from psycopg.types.string import TextLoader

from clee_portal import clock
from clee_portal.replica import connection_to_read

# What stands in a statement where a value will be. Nothing else has these values: the years and days lie far beyond any
# record, the numbers beyond any row.
NUMBER, ANOTHER = 9_007_199_254_740_881, 9_007_199_254_740_847
YEAR = 32_203
FIRST_DAY, LAST_DAY = dt.date(9998, 3, 4), dt.date(9998, 5, 6)
MOMENT = dt.datetime(9998, 7, 8, 9, 10, 11, 121314, tzinfo=dt.UTC)
DAY = clock.day_of(MOMENT)
TEXT = "\ue000 stands where a text will be"
# Where a list of whole numbers will be: `pk__in=[compiled.SOME]`.
SOME, OTHERS = 9_007_199_254_740_761, 9_007_199_254_740_727


class Statement:
    """What a QuerySet asks, with places for values: `places` says which name each of the values above stands for.

    Where `numbers_are_text`, `rows` gives hours as the text the database sends, which takes less than a Decimal each.
    """

    def __init__(self, queryset: QuerySet, places: Mapping[str, object], *, numbers_are_text: bool = False):
        compiler = queryset.query.get_compiler(connection=connection_to_read())
        sql, parameters = compiler.as_sql()
        named = [(_name_of(one, places), one) for one in parameters]
        self._names = [name for name, _ in named if name]
        if unused := places.keys() - set(self._names):
            raise ValueError(f"nothing is asked of {', '.join(sorted(unused))}")
        if days := [one for name, one in named if not name and isinstance(one, dt.date) and one != clock.END_OF_TIME]:
            raise ValueError(f"what is written once would be asked with {days[0]} for ever: give it a place")
        self._lists = {name for name, one in places.items() if one in (SOME, OTHERS)}
        # What is the same every time stands in the statement, where PostgreSQL plans with it; `%%` stays what it is.
        self.sql = re.sub(r"IN \(%s\)|%[s%]", partial(self._written, iter(named)), sql)
        self._numbers_are_text = numbers_are_text
        self._name = f"clee_{next(_numbers)}"
        places_sent = (f"${number}" for number in count(1))
        self._plan = re.sub("%[s%]", lambda one: "%" if one[0] == "%%" else next(places_sent), self.sql)
        values = f" ({', '.join(['%s'] * len(self._names))})" if self._names else ""
        self._run = f"EXECUTE {self._name}{values}"
        self._like = _Like(queryset, compiler)

    def _written(self, parameters: Iterator[tuple[str, object]], place: re.Match) -> str:
        """A place of a statement as it is sent: the place again, or the value that always stands there."""
        if place[0] == "%%":
            return "%%"
        name, fixed = next(parameters)
        is_list = place[0] != "%s"
        if name in self._lists:
            if not is_list:
                raise ValueError(f"{name} is a list, and something else is asked of it")
            return "= ANY(%s::bigint[])"
        value = "%s" if name else Literal(fixed).as_string(None).replace("%", "%%")
        return f"IN ({value})" if is_list else value

    def rows(self, **values) -> list[tuple]:
        """What the database answers with these values in the places."""
        sent = [self._sent(name, values[name]) for name in self._names]
        connection = connection_to_read()
        with _cursor(connection) as cursor, connection.wrap_database_errors:
            if self._numbers_are_text:
                getattr(cursor, "cursor", cursor).adapters.register_loader("numeric", TextLoader)
            cursor.execute(self._text(connection, cursor), sent)
            return cursor.fetchall()

    def _text(self, connection: BaseDatabaseWrapper, cursor) -> str:
        """What is sent: the statement, or after some times that what PostgreSQL planned for this connection is done."""
        if not _prepares or not settings.DATABASE_PREPARE_AFTER:
            return self.sql
        asked = _asked.setdefault(connection.connection, Counter())
        if asked[self._name] == settings.DATABASE_PREPARE_AFTER:
            cursor.execute(f"PREPARE {self._name} AS {self._plan}")
        asked[self._name] += 1
        return self.sql if asked[self._name] <= settings.DATABASE_PREPARE_AFTER else self._run

    def objects(self, **values) -> list:
        """The objects the QuerySet gives with these values, with all it selects and fetches beside them."""
        return self._like.objects(self.rows(**values))

    def _sent(self, name: str, value):
        """A list goes as one text, so that it is one statement however long it is."""
        return f"{{{','.join(map(str, value))}}}" if name in self._lists else value


def written(**places: object) -> Callable[[Callable[..., QuerySet]], Callable[[], Statement]]:
    """For a function that makes a QuerySet of values: now it gives the statement, written when it is first asked for.

    `places` names its arguments, each with one of the values above; one with `SOME` or `OTHERS` is given a list.
    """

    def decorate(make: Callable[..., QuerySet]) -> Callable[[], Statement]:
        values = {name: [place] if place in (SOME, OTHERS) else place for name, place in places.items()}

        @lru_cache(maxsize=1)
        @wraps(make)
        def statement() -> Statement:
            return Statement(make(**values), places)

        return statement

    return decorate


class _Like:
    """Makes of rows what a QuerySet makes of them, by Django's own hands: only the asking is left out."""

    def __init__(self, queryset: QuerySet, compiler: SQLCompiler):
        self._model, self._hands = queryset.model, queryset._iterable_class
        self._beside = queryset._prefetch_related_lookups
        self._compiler = compiler
        converters = compiler.get_converters([one[0] for one in compiler.select])
        compiler.get_converters = lambda _fields: converters

    def objects(self, rows: list[tuple]) -> list:
        """The objects of these rows."""
        compiler = copy.copy(self._compiler)
        compiler.connection = connection_to_read()
        compiler.execute_sql = lambda *_args, **_more: [rows]
        made = QuerySet(self._model, query=_Asked(compiler))
        made._iterable_class, made._prefetch_related_lookups = self._hands, self._beside
        return list(made)


class _Asked:
    """Stands where a QuerySet has its query; what that says was asked already."""

    def __init__(self, compiler: SQLCompiler):
        self._compiler = compiler

    def get_compiler(self, using=None, **_more) -> SQLCompiler:
        """The one that has the rows."""
        return self._compiler

    def __getattr__(self, name: str):
        """What the query itself says of it."""
        return getattr(self._compiler.query, name)


_prepares = False
_numbers = count(1)
# How often each statement was asked on a connection that is open.
_asked: WeakKeyDictionary[psycopg.Connection, Counter[str]] = WeakKeyDictionary()


def prepare(*, on: bool = True) -> None:
    """From now on PostgreSQL plans what is asked here once for each connection (`DATABASE_PREPARE_AFTER`).

    For the processes that answer pages (`clee_portal.wsgi`). It is done by SQL, not by psycopg, which forgets what it
    prepared whenever a transaction is taken back, as every rehearsal is.
    """
    global _prepares
    _prepares = on


def _cursor(connection: BaseDatabaseWrapper):
    """A cursor that nothing looks at on its way (these statements write nothing), unless statements are counted."""
    if connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.create_cursor()


def _name_of(parameter, places: Mapping[str, object]) -> str:
    """The name of the place a parameter is, or "" where it is a value of its own."""
    return next((name for name, one in places.items() if isinstance(parameter, type(one)) and one == parameter), "")


def made(model: type[Model], names: list[str], values: Iterable):
    """An object of these columns (`attname`s in the order of the model), as the database has it; None where its key is
    None: where there is no row. What else it has is fetched when somebody asks for it."""
    values = list(values)
    return model.from_db("default", names, values) if values[0] is not None else None
