"""Every pair of acts on one thing, by two people at once: it ends as one of the two orders would have ended, nothing hangs,
nothing but a refusal is raised, and who comes second is told in words (docs/security.md).

`CLEE_RACES=all` runs every pair of every kind, stopped at every point; `CLEE_RACES=NAME` those of kinds whose name has
the words. Without it, a part of the grave ones.
"""

import itertools
import os
import time

import pytest
from django.db import connection
from django.test import TransactionTestCase

from clee_portal.tests.races import (
    kinds_of_cases,
    kinds_of_classes,
    kinds_of_people,
    kinds_of_records,
    kinds_of_register,
    kinds_of_relief,
    left,
)
from clee_portal.tests.races.at_once import BEFORE, Couple, points
from clee_portal.tests.races.kinds import Report, known, people_of_the_state

MODULES = (kinds_of_relief, kinds_of_cases, kinds_of_classes, kinds_of_records, kinds_of_register, kinds_of_people)
KINDS = [kind for module in MODULES for kind in module.KINDS]
FORM = os.environ.get("CLEE_RACES", "")
CHOSEN = [
    one
    for one in KINDS
    if FORM == "all" or (any(part in one.name for part in FORM.split(",")) if FORM else one.is_grave)
]


@pytest.fixture(scope="module")
def state(django_db_setup, django_db_blocker):
    """The people of the state, committed; everything is removed when the module is through."""
    with django_db_blocker.unblock():
        yield people_of_the_state()
        TransactionTestCase._fixture_teardown(_Emptied())


class _Emptied(TransactionTestCase):
    """Whose emptying of the database this borrows."""

    available_apps = None

    __test__ = False

    def runTest(self): ...


@pytest.fixture(scope="module")
def couple(state):
    both = Couple()
    yield both
    both.leave()


class Race:
    """Two acts on a thing of a kind."""

    def __init__(self, kind, state, couple, report):
        self.kind, self.state, self.couple, self.report = kind, state, couple, report
        self.thing = None

    def _acts(self, one, other):
        """Both, on a thing that nobody has touched yet."""
        if self.thing is None:
            self.thing = self.kind.anew(self.state)
        return [act.of(self.thing, place) for act, place in (one, other)]

    def _left(self, moment):
        tables = left.written([*self.couple.first.written, *self.couple.second.written])
        return left.since(moment, tables, known(self.thing))

    def _in_turn(self, one, other):
        acts, moment = self._acts(one, other), left.now()
        self.couple.second.written = []
        *endings, rows = self.couple.one_after_the_other(*acts, lambda: self._left(moment))
        self.report.runs += 1
        return tuple(endings), rows

    def _at_once(self, one, other, stop):
        acts, moment = self._acts(one, other), left.now()
        endings = self.couple.at_once(*acts, stop)
        rows = self._left(moment)
        self.report.runs += 1
        self.thing = None
        return endings, rows

    def pair(self, one, other):
        """Both orders after each other, then at once with each of them first."""
        self.report.pairs += 1
        a, b = (one, 0), (other, 1)
        name = f"{self.kind.name}: {one.name} and {other.name}"
        serial, locks = [], {}
        for first, second in ((a, b), (b, a)):
            endings, rows = self._in_turn(first, second)
            locks[first] = self.couple.first.locks
            self._must_be_told(name + ", one after the other", endings)
            self.report.done.update(act.name for (act, _), end in zip((first, second), endings) if end.how == "done")
            serial.append((self._by_act(endings, first is a), rows))
        for first, second in ((a, b), (b, a)):
            is_known = False  # whether the second waits before it holds anything: then it read before the first acted
            for stop in points(locks[first]):
                is_known = self._try(name, first, second, stop, serial, first is a)
                if self.couple.has_waited:
                    break
            if not is_known:
                self._try(name, second, first, BEFORE, serial, first is not a)

    def _try(self, name, first, second, stop, serial, in_order) -> bool:
        endings, rows = self._at_once(first, second, stop)
        here = f"{name}, {first[0].name} stopped at {stop}"
        self._must_be_told(here, endings)
        got = (self._by_act(endings, in_order), rows)
        if got not in serial:
            self._note(here, got, serial)
        return self.couple.waits_first

    @staticmethod
    def _by_act(endings, in_order):
        hows = tuple(one.how for one in endings)
        return hows if in_order else hows[::-1]

    def _must_be_told(self, where, endings):
        for one in endings:
            if one.how == "wrong" or (one.how == "refused" and len(one.words) < 10):
                self.report.wrong.append(f"{where}: {one}")

    def _note(self, where, got, serial):
        near = min(serial, key=lambda one: ((one[0] != got[0]), len(one[1] - got[1]) + len(got[1] - one[1])))
        self.report.wrong.append(
            f"{where}: ended {got[0]}, one after the other {serial[0][0]} or {serial[1][0]}\n"
            + left.difference(got[1], near[1])
        )


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda one: one.name)
def test_two_at_once_end_as_one_after_the_other(kind, state, couple, django_db_blocker, record_property):
    report = Report()
    began = time.monotonic()
    with django_db_blocker.unblock():
        race = Race(kind, state, couple, report)
        for one, other in itertools.combinations_with_replacement(kind.acts, 2):
            race.pair(one, other)
    record_property("pairs", report.pairs)
    record_property("runs", report.runs)
    print(kind.name, report.pairs, report.runs, f"{time.monotonic() - began:.1f} s", {one.name for one in kind.acts} - report.done)
    print("\n".join(report.wrong))
    assert not report.wrong, f"{len(report.wrong)} of {report.runs} runs\n" + "\n".join(report.wrong)


@pytest.mark.skipif(not os.environ.get("SOLO"), reason="x")
@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.name)
def test_solo(kind, state, couple, django_db_blocker):
    if os.environ["SOLO"] not in kind.name:
        return
    with django_db_blocker.unblock():
        for act in kind.acts:
            c = [time.process_time()]
            thing = kind.anew(state)
            c.append(time.process_time())
            todo = act.of(thing, 0)
            c.append(time.process_time())
            m = left.now()
            couple.first.begin(todo)
            end = couple.first.end()
            c.append(time.process_time())
            left.since(m, left.written(couple.first.written), known(thing))
            c.append(time.process_time())
            print(f"{end.how:8} {kind.name}: {act.name} {end.words[:200]} {''.join(couple.first.locks)}", [round(1000*(b-a)) for a,b in zip(c,c[1:])])
