"""The fewest class-hours for an agency: proved against trying every plan there is, and case by case."""

import datetime as dt
import os
import time
from decimal import Decimal
from itertools import combinations, product
from math import inf
from operator import add
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance import agency_paths, agency_ways
from compliance.agency_building import LEFT
from compliance.agency_paths import find
from compliance.agency_question import AgencyPath, Cell, Kind, Open, Question
from compliance.paths import Offered
from compliance.tests.test_paths import FIRST, is_allowed, offered

# `CLEE_PLANS=long` tries thousands.
LONG = os.environ.get("CLEE_PLANS") == "long"
# Two requirements that a hosted hour may serve, alone or both, and one it cannot.
CELLS = [Cell("legal", (True, False, False)), Cell("calm", (False, True, False)), Cell("both", (True, True, False))]


def open_class(key: int, *gives, seats: int = 9, **more) -> Open:
    return Open(offered(key, *gives, **more), seats)


def kind(*missing, officers=(1,), barred=()) -> Kind:
    return Kind(tuple(officers), tuple(map(Decimal, missing)), frozenset(barred))


def sat(found) -> dict[int, list[Offered]]:
    """Officer -> the classes of the calendar they go to."""
    who: dict[int, list[Offered]] = {}
    for one, officers in found.seated:
        for officer in officers:
            who.setdefault(officer, []).append(one)
    return who


def check(found, kinds, classes, cells) -> None:
    """Nothing a plan says is untrue: seats, conflicts, what everybody lacks and gets."""
    seats = {one.offered.key: one.seats for one in classes}
    serves = {one.key: one.serves for one in cells}
    went, left = sat(found), dict(found.left)
    assert all(0 < len(set(who)) == len(who) <= seats[one.key] for one, who in found.seated)
    assert all(one.officers and one.hours > 0 for one in found.hosted)
    for one in kinds:
        for officer in one.officers:
            classes_of = went.get(officer, [])
            assert is_allowed(classes_of)
            assert not {each.key for each in classes_of} & one.barred
            sits = [part for each in found.hosted if officer in each.officers for part in each.parts]
            for need, missing in enumerate(one.missing):
                got = sum(each.gives[need] for each in classes_of)
                got += sum(hours for key, hours in sits if serves[key][need])
                assert left.get(officer, (Decimal(0),) * 9)[need] == max(Decimal(0), missing - got)


def cheapest(kinds, classes, cells) -> Decimal:
    """By trying every set of classes for every officer, with every number of hosted hours up to the most anybody lacks:
    officer after officer, of every use of the seats the fewest hours left."""
    people = [one for one in kinds for _ in one.officers]
    if not people:
        return Decimal(0)
    needs = range(len(people[0].missing))
    most = max(hours for one in people for hours in one.missing)
    sets = [
        taken
        for size in range(len(classes) + 1)
        for taken in combinations(range(len(classes)), size)
        if is_allowed([classes[at].offered for at in taken])
    ]
    gives = {taken: [sum(classes[at].offered.gives[need] for at in taken) for need in needs] for taken in sets}
    ways = [[taken for taken in sets if not {classes[at].offered.key for at in taken} & one.barred] for one in people]
    hosts: dict[tuple, int] = {}
    for each in sorted(product(range(int(most) + 1), repeat=len(cells)), key=sum):
        given = tuple(sum(h for h, cell in zip(each, cells, strict=True) if cell.serves[need]) for need in needs)
        hosts.setdefault(tuple(min(most, hours) for hours in given), sum(each))
    best = None
    for given, held in hosts.items():
        if best is not None and held >= best:
            continue
        states = {(0,) * len(classes): Decimal(0)}
        for one, of in zip(people, ways, strict=True):
            options = [
                (
                    [int(at in taken) for at in range(len(classes))],
                    sum(max(Decimal(0), one.missing[need] - gives[taken][need] - given[need]) for need in needs),
                )
                for taken in of
            ]
            after: dict[tuple, Decimal] = {}
            for used, before in states.items():
                for seats, left in options:
                    now = tuple(map(add, used, seats))
                    if all(n <= one.seats for n, one in zip(now, classes, strict=True)):
                        after[now] = min(after.get(now, before + left), before + left)
            states = after
        for used, left in states.items():
            hours = sum(one.offered.hours for n, one in zip(used, classes, strict=True) if n)
            cost = hours + held + LEFT * left
            best = cost if best is None else min(best, cost)
    return best


@st.composite
def questions(draw):
    needs = draw(st.integers(1, 3))
    kinds, number = [], 0
    for _ in range(draw(st.integers(0, 2))):
        many = draw(st.integers(1, 2))
        missing = tuple(Decimal(draw(st.integers(0, 3))) for _ in range(needs))
        barred = frozenset(draw(st.sets(st.integers(0, 2), max_size=1)))
        kinds.append(Kind(tuple(range(number, number + many)), missing, barred))
        number += many
    if number > 3:
        kinds = kinds[:1]
    classes = []
    for key in range(draw(st.integers(0, 3))):
        begins = FIRST + dt.timedelta(hours=3 * draw(st.integers(0, 3)))
        gives = tuple(Decimal(draw(st.integers(0, 3))) for _ in range(needs))
        hours = max(gives) + draw(st.integers(0, 2))
        if not hours:
            continue
        meetings = ((begins, begins + dt.timedelta(hours=4)),)
        classes.append(Open(Offered(key, draw(st.integers(0, 2)), gives, hours, 0, meetings), draw(st.integers(0, 3))))
    hosts = draw(st.integers(0, 3))
    cells = [Cell(one.key, one.serves[:needs]) for one in CELLS[:hosts] if any(one.serves[:needs])]
    return kinds, classes, cells


@st.composite
def crowds(draw):
    """More officers than seats: few seats in each class, classes at the same hours and of the same course, officers who
    lack the same; half hours too, so that hours are left over."""
    needs, half = draw(st.integers(1, 2)), Decimal(draw(st.sampled_from(("0.5", "1", "1"))))
    kinds, number = [], 0
    for _ in range(draw(st.integers(1, 3))):
        many = draw(st.integers(1, 3)) if number < 3 else 1
        missing = tuple(half * draw(st.integers(0, 4)) for _ in range(needs))
        barred = frozenset(draw(st.sets(st.integers(0, 3), max_size=1)))
        kinds.append(Kind(tuple(range(number, number + many)), missing, barred))
        number += many
    classes = []
    for key in range(draw(st.integers(2, 4))):
        begins = FIRST + dt.timedelta(hours=3 * draw(st.integers(0, 4)))
        gives = tuple(Decimal(draw(st.integers(0, 3))) for _ in range(needs))
        if not any(gives):
            continue
        meetings = ((begins, begins + dt.timedelta(hours=4)),)
        hours = max(gives) + draw(st.sampled_from((0, 0, 1)))
        classes.append(Open(Offered(key, draw(st.integers(0, 3)), gives, hours, 0, meetings), draw(st.integers(1, 3))))
    # Hosted hours are tried in whole numbers alone.
    hosts = 0 if half != 1 else draw(st.integers(0, 2))
    cells = [Cell(one.key, one.serves[:needs]) for one in CELLS[:hosts] if any(one.serves[:needs])]
    return kinds, classes, cells


@given(questions() | crowds())
@settings(max_examples=3_000 if LONG else 200, deadline=None)
def test_every_plan_costs_exactly_what_the_best_of_all_plans_costs(question):
    kinds, classes, cells = question
    found = find(kinds, classes, cells, seconds=10)
    check(found, kinds, classes, cells)
    assert found.cost == found.least == cheapest(kinds, classes, cells)
    assert found.is_proved


@given(questions() | crowds(), st.sampled_from((0, agency_ways.STEPS_A_SECOND)))
@settings(max_examples=3_000 if LONG else 80, deadline=None)
def test_what_is_found_without_the_whole_question_is_true_and_its_bound_too(question, steps):
    kinds, classes, cells = question
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agency_paths, "PAIRS", ())
        patch.setattr(agency_ways, "STEPS_A_SECOND", steps)
        found = find(kinds, classes, cells, seconds=10)
    check(found, kinds, classes, cells)
    assert found.least <= cheapest(kinds, classes, cells) <= found.cost


@given(crowds(), st.sets(st.integers(0, 1), min_size=1))
@settings(max_examples=3_000 if LONG else 80, deadline=None)
def test_what_the_ways_cost_is_never_more_than_a_plan_whatever_is_kept(question, kept):
    kinds, classes, cells = question
    lacking = [one for one in kinds if any(one.missing)]
    assume(lacking)
    asked = Question(lacking, classes, cells)
    best = asked.seats.built([], inf)
    ends = time.monotonic() + 10
    ways = agency_ways.Ways(asked.seats, sorted(kept & set(asked.seats.needs)) or [0], best.cost, ends)
    found, least = agency_ways.prove(ways, best, ends, lambda *_: None, lambda *_: None)
    assert found == best
    assert asked.hours(least) <= cheapest(lacking, classes, cells)


def test_a_crowd_that_nobody_could_try_every_plan_of_is_proved_by_the_ways_alone(monkeypatch):
    monkeypatch.setattr(agency_paths, "PAIRS", ())
    chance = Random("a crowd")
    cells = [Cell("in-service", (True, False))]
    kinds = [
        kind(chance.choice((24, 20, 12, 6)), chance.choice((8, 6.5, 4, 0.5)), officers=(n,), barred=(n % 40,))
        for n in range(60)
    ]
    classes = [
        open_class(n, hours, hours, course=f"course {n % 30}", seats=6 + n % 3, day=n % 12, lasts=hours)
        for n, hours in enumerate(chance.choices((2, 3, 4, 5, 6, 8), k=40))
    ]
    found = find(kinds, classes, cells, seconds=20)
    check(found, kinds, classes, cells)
    assert found.is_proved
    assert found.hours_left == 0


@given(crowds())
@settings(max_examples=1_000 if LONG else 40, deadline=None)
def test_a_solver_that_says_impossible_where_it_is_not_proves_nothing(question):
    kinds, classes, cells = question
    with pytest.MonkeyPatch.context() as patch:
        wrong = SimpleNamespace(relaxed=agency_ways.path_solver.relaxed, search=lambda *_, **__: None)
        patch.setattr(agency_ways, "path_solver", wrong)
        patch.setattr(agency_paths, "PAIRS", ())
        found = find(kinds, classes, cells, seconds=10)
    assert found.least <= cheapest(kinds, classes, cells) <= found.cost


def test_nobody_lacks_anything():
    found = find([], [open_class(1, 4)], CELLS, seconds=1)
    assert (found.seated, found.hosted, found.class_hours, found.is_proved) == ((), (), 0, True)


def test_one_class_for_many_counts_once():
    classes = [open_class(1, 0, 0, 8, seats=3), open_class(2, 0, 0, 4, day=1), open_class(3, 0, 0, 4, day=2)]
    found = find([kind(0, 0, 8, officers=(1, 2, 3))], classes, CELLS, seconds=5)
    assert found.class_hours == 8
    assert found.officer_hours == 24
    fewer = find([kind(0, 0, 8, officers=(1, 2, 3))], [open_class(1, 0, 0, 8, seats=2), *classes[1:]], CELLS, seconds=5)
    assert fewer.class_hours == 8
    assert [one.key for one, _ in fewer.seated] == [2, 3]


def test_what_the_calendar_must_give_is_taken_there_and_the_rest_is_hosted():
    kinds = [kind(2, 1, 4, officers=(1, 2)), kind(2, 0, 0, officers=(3,)), kind(1, 0, 0, officers=(4,))]
    found = find(kinds, [open_class(1, 0, 0, 4)], CELLS, seconds=5)
    assert [(one.key, who) for one, who in found.seated] == [(1, (1, 2))]
    assert found.class_hours == 6
    assert [(one.hours, one.officers) for one in found.hosted] == [(1, (1, 2, 3, 4)), (1, (1, 2, 3))] or {
        one.officers for one in found.hosted
    } <= {(1, 2, 3, 4), (1, 2, 3), (1, 2)}
    assert found.is_proved


def test_who_cannot_be_brought_there_is_said_with_the_hours():
    kinds = [kind(0, 0, 4, officers=(1, 2)), kind(1, 0, 2, officers=(3,), barred=(1,))]
    found = find(kinds, [open_class(1, 0, 0, 4, seats=1)], CELLS, seconds=5)
    assert len(found.left) == 2
    assert found.hours_left == 6
    assert (3, (0, 0, 2)) in found.left
    assert found.class_hours == 5
    assert found.least_hours == 5


def test_a_plan_known_before_is_given_back_with_a_better_proof():
    kinds, classes = [kind(0, 0, 8, officers=(1, 2))], [open_class(1, 0, 0, 8)]
    first = find(kinds, classes, CELLS, seconds=5)
    again = find(kinds, classes, CELLS, seconds=5, known=AgencyPath(first.seated, (), (), Decimal(0)))
    assert again == first


def test_progress_is_told_and_never_says_too_much():
    heard = []
    classes = [open_class(n, 0, 0, 2 + n % 3, seats=2, day=n % 5, hours=3 + n % 4) for n in range(12)]
    kinds = [kind(n % 3, n % 2, 3 + n % 4, officers=(n,)) for n in range(8)]
    found = find(kinds, classes, CELLS, seconds=20, told=lambda cost, least: heard.append((cost, least)))
    assert heard
    assert all(least <= found.cost <= cost for cost, least in heard)
    check(found, kinds, classes, CELLS)
