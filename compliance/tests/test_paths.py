"""The best sets of classes: proved against trying every set there is, and case by case."""

import datetime as dt
import math
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clee_portal import clock
from compliance import path_solver
from compliance.path_solver import Row, Solved, solve
from compliance.paths import Lack, Offered, Weights, find, meeting_at_once

FIRST = dt.datetime(2026, 5, 4, 8, tzinfo=clock.CHICAGO)
HOURS = Weights(hours=1, near=0, soon=0, fee=0)


def offered(key: int, *gives, course="", day: int = 0, hours=None, lasts: int = 4, **more) -> Offered:
    """A class of a course of its own on the day so many days from the first, from eight on."""
    begins = FIRST + dt.timedelta(days=day)
    return Offered(
        key,
        course or f"course {key}",
        tuple(map(Decimal, gives)),
        Decimal(hours if hours is not None else max(map(Decimal, gives))),
        more.pop("days", day),
        ((begins, begins + dt.timedelta(hours=lasts)),),
        **more,
    )


def lacks(*missing) -> list[Lack]:
    return [Lack(f"r{at}", Decimal(hours)) for at, hours in enumerate(missing)]


def keys(found) -> list[set[int]]:
    return [set(path.keys) for path in found.paths]


# Against trying every set ---------------------------------------------------------------------------------------------


def meet(one: Offered, other: Offered) -> bool:
    return any(a < d and c < b for a, b in one.meetings for c, d in other.meetings)


def is_allowed(taken) -> bool:
    return all(one.course != other.course and not meet(one, other) for one, other in combinations(taken, 2))


def left(needs, taken) -> Decimal:
    return sum(
        (max(Decimal(0), need.missing - sum(one.gives[at] for one in taken)) for at, need in enumerate(needs)),
        Decimal(0),
    )


def every_set(classes):
    for size in range(len(classes) + 1):
        yield from filter(is_allowed, combinations(classes, size))


QUARTERS = st.integers(0, 16).map(lambda n: Decimal(n) / 4)


@st.composite
def questions(draw):
    count = draw(st.integers(1, 3))
    needs = [Lack(f"r{at}", draw(st.integers(1, 24).map(lambda n: Decimal(n) / 4))) for at in range(count)]
    classes = []
    for key in range(draw(st.integers(0, 8))):
        starts = draw(st.lists(st.integers(0, 9), min_size=1, max_size=2, unique=True))
        meetings = tuple(
            (begins, begins + dt.timedelta(hours=draw(st.integers(1, 5))))
            for begins in (FIRST + dt.timedelta(hours=6 * n) for n in sorted(starts))
        )
        gives = tuple(draw(QUARTERS) for _ in needs)
        classes.append(
            Offered(
                key,
                draw(st.integers(0, 4)),
                gives,
                max(gives) + draw(QUARTERS),
                draw(st.integers(0, 40)),
                meetings,
                draw(st.sampled_from([0, 3.3, 40])),
                draw(st.sampled_from([Decimal(0), Decimal("12.50"), Decimal(100)])),
            )
        )
    weights = Weights(*(draw(st.sampled_from([0, 1, 3])) for _ in range(4)))
    return needs, classes, weights


@given(questions(), st.sampled_from([2, 5, path_solver.FIRST_LOOK]))
@settings(max_examples=200, deadline=None)
def test_every_path_costs_exactly_what_the_best_of_all_sets_costs(question, first_look):
    needs, classes, weights = question
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(path_solver, "FIRST_LOOK", first_look)
        found = find(needs, classes, weights)
    enough = [taken for taken in every_set(classes) if not left(needs, taken)]
    before: list[set] = []
    for path in found.paths if enough else ():
        others = [taken for taken in enough if all(courses - {one.course for one in taken} for courses in before)]
        taken = [step.offered for step in path.steps]
        assert is_allowed(taken)
        assert left(needs, taken) == 0
        assert path.left == ()
        assert path.is_proved
        assert path.cost == path.bound == weights.of(taken) == min(map(weights.of, others))
        assert all(step.needed_for for step in path.steps)  # nothing is in it for nothing
        before.append({one.course for one in taken})
    if enough:
        rest = [taken for taken in enough if all(courses - {one.course for one in taken} for courses in before)]
        assert len(found.paths) == 3 or not rest
        assert found.left == ()
    else:
        fewest = min(left(needs, taken) for taken in every_set(classes))
        assert sum((one.missing for one in found.left), Decimal(0)) == fewest
        for path in found.paths:
            taken = [step.offered for step in path.steps]
            assert is_allowed(taken)
            assert left(needs, taken) == fewest
            assert path.cost == min(
                weights.of(others) for others in every_set(classes) if left(needs, others) == fewest
            )
        assert len(found.paths) == (fewest < sum(one.missing for one in needs))


# Case by case ---------------------------------------------------------------------------------------------------------


def test_nothing_missing_needs_nothing():
    assert find([], [offered(1, 4)], HOURS).paths == ()


def test_best_is_not_what_taking_the_fullest_first_would_find():
    classes = [offered(1, 5, 5, hours=10), offered(2, 6, 0, day=1), offered(3, 0, 6, day=2)]
    found = find(lacks(6, 6), classes, HOURS)
    assert keys(found)[0] == {2, 3}
    assert found.paths[0].hours == 12


def test_each_class_says_what_would_be_missing_without_it():
    path = find(lacks(6, 2), [offered(1, 4, 2), offered(2, 3, 0, day=1)], HOURS).paths[0]
    assert [(step.offered.key, step.needed_for) for step in path.steps] == [
        (1, (Lack("r0", Decimal(3)), Lack("r1", Decimal(2)))),
        (2, (Lack("r0", Decimal(2)),)),
    ]


def test_classes_that_meet_at_once_are_not_taken_together():
    found = find(lacks(8), [offered(1, 4), offered(2, 4), offered(3, 5, day=1)], HOURS)
    assert sorted(map(sorted, keys(found))) == [[1, 3], [2, 3]]


def test_one_class_ends_when_the_next_begins():
    classes = [offered(1, 4, lasts=4), offered(2, 4)]
    later = Offered(
        2, "b", (Decimal(4),), Decimal(4), 0, ((FIRST + dt.timedelta(hours=4), FIRST + dt.timedelta(hours=8)),)
    )
    assert keys(find(lacks(8), [classes[0], later], HOURS)) == [{1, 2}]


def test_a_course_is_taken_once():
    found = find(lacks(8), [offered(1, 4, course="a"), offered(2, 4, course="a", day=1)], HOURS)
    assert keys(found) in ([{1}], [{2}])
    assert found.left == (Lack("r0", Decimal(4)),)


def test_what_the_calendar_cannot_give_is_said_by_requirement():
    found = find(lacks(2, 3), [offered(1, 2, 1), offered(2, 0, "0.5", day=1)], HOURS)
    assert keys(found) == [{1, 2}]
    assert found.left == (Lack("r1", Decimal("1.5")),)


def test_an_empty_calendar_leaves_everything():
    assert find(lacks(2), [], HOURS).left == tuple(lacks(2))
    assert find(lacks(2), [offered(1, 0, hours=4)], HOURS) == find(lacks(2), [], HOURS)


@pytest.mark.parametrize(
    ("weights", "best"),
    [
        (Weights(hours=3, near=0, soon=0, fee=0), 1),
        (Weights(hours=0, near=3, soon=0, fee=0), 2),
        (Weights(hours=0, near=0, soon=3, fee=0), 3),
        (Weights(hours=0, near=0, soon=0, fee=3), 4),
    ],
)
def test_each_weight_decides(weights, best):
    classes = [
        offered(1, 4, hours=4, day=20, miles=90, fee=Decimal(80)),
        offered(2, 4, hours=6, day=21, miles=2, fee=Decimal(80)),
        offered(3, 4, hours=6, day=3, miles=90, fee=Decimal(80)),
        offered(4, 4, hours=6, day=22, miles=90, fee=Decimal(0)),
    ]
    assert keys(find(lacks(4), classes, weights))[0] == {best}


def test_of_equal_cost_fewer_classes_are_better():
    classes = [offered(1, 2), offered(2, 2, day=1), offered(3, 4, day=2)]
    assert keys(find(lacks(4), classes, HOURS))[0] == {3}


def test_others_differ_by_a_course_and_not_by_a_class_more():
    classes = [offered(1, 4), offered(2, 5, day=1), offered(3, 6, day=2), offered(4, 7, day=3)]
    assert keys(find(lacks(4), classes, HOURS)) == [{1}, {2}, {3}]


def test_a_group_meets_at_once_only_where_all_do():
    classes = [offered(1, 1, lasts=2), offered(2, 1, lasts=6), offered(3, 1, lasts=1)]
    later = Offered(
        4, "d", (Decimal(1),), Decimal(1), 0, ((FIRST + dt.timedelta(hours=3), FIRST + dt.timedelta(hours=5)),)
    )
    assert meeting_at_once([*classes, later]) == {(0, 1, 2), (1, 3)}


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_bound_is_true_whatever_the_prices_and_as_good_as_the_solver_s_with_its_own(data):
    number = st.integers(0, 4)
    width = data.draw(st.integers(1, 3))
    costs, most = data.draw(st.lists(number, min_size=width, max_size=width)), [2] * width
    rows = [
        Row(tuple(enumerate(data.draw(st.lists(number, min_size=width, max_size=width)))), *sides)
        for sides in data.draw(st.lists(st.sampled_from(((3, None), (None, 5), (2, 6))), min_size=1, max_size=3))
    ]
    every = [values for values in product(range(3), repeat=width) if all(row.holds(values) for row in rows)]
    cheapest = min((sum(c * v for c, v in zip(costs, values, strict=True)) for values in every), default=math.inf)
    prices = data.draw(st.lists(st.floats(-9, 9), min_size=len(rows), max_size=len(rows)))
    assert path_solver.surely(costs, most, rows, prices) <= cheapest
    relaxed = path_solver.relaxed(costs, most, rows, seconds=5)
    if relaxed is not None:
        assert math.ceil(relaxed.cost - 0.001) <= relaxed.least <= cheapest


def test_solver_says_what_it_proved():
    rows = [Row(((0, 2), (1, 3)), least=5)]
    assert solve([3, 4], [1, 1], rows, seconds=5) == Solved((1, 1), 7, 7)
    assert solve([3, 4], [1, 0], rows, seconds=5) is None
    assert not Solved((1,), 7, 6).is_proved
