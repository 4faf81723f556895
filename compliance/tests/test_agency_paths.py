"""The fewest class-hours for an agency: proved against trying every plan there is, and case by case."""

import datetime as dt
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance import agency_paths
from compliance.agency_paths import LEFT, Cell, Kind, Open, find
from compliance.paths import Offered
from compliance.tests.test_paths import FIRST, is_allowed, offered

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
    """By trying every class for every officer, and every number of hosted hours up to the most anybody lacks."""
    people = [(one.missing, one.barred) for one in kinds for _ in one.officers]
    if not people:
        return Decimal(0)
    most = max(hours for missing, _ in people for hours in missing)
    sets = [
        taken
        for size in range(len(classes) + 1)
        for taken in combinations(range(len(classes)), size)
        if is_allowed([classes[at].offered for at in taken])
    ]
    ways = [[taken for taken in sets if not {classes[at].offered.key for at in taken} & bar] for _, bar in people]
    hosts = []
    for each in product(range(int(most) + 1), repeat=len(cells)):
        gives = [
            sum(h for h, cell in zip(each, cells, strict=True) if cell.serves[r]) for r in range(len(people[0][0]))
        ]
        hosts.append((sum(each), gives))
    best = None
    for chosen in product(*ways):
        used = [at for taken in chosen for at in taken]
        if any(used.count(at) > classes[at].seats for at in set(used)):
            continue
        hours = sum(classes[at].offered.hours for at in set(used))
        rests = [
            [missing[r] - sum(classes[at].offered.gives[r] for at in taken) for r in range(len(missing))]
            for (missing, _), taken in zip(people, chosen, strict=True)
        ]
        for held, gives in hosts:
            left = sum(max(0, rest - given) for each in rests for rest, given in zip(each, gives, strict=True))
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


@given(questions())
@settings(max_examples=120, deadline=None)
def test_every_plan_costs_exactly_what_the_best_of_all_plans_costs(question):
    kinds, classes, cells = question
    found = find(kinds, classes, cells, seconds=10)
    check(found, kinds, classes, cells)
    assert found.cost == found.least == cheapest(kinds, classes, cells)
    assert found.is_proved


@given(questions())
@settings(max_examples=40, deadline=None)
def test_what_is_found_without_the_whole_question_is_true_and_its_bound_too(question):
    kinds, classes, cells = question
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agency_paths, "PAIRS", ())
        found = find(kinds, classes, cells, seconds=10)
    check(found, kinds, classes, cells)
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
    again = find(kinds, classes, CELLS, seconds=5, known=agency_paths.AgencyPath(first.seated, (), (), Decimal(0)))
    assert again == first


def test_progress_is_told_and_never_says_too_much():
    heard = []
    classes = [open_class(n, 0, 0, 2 + n % 3, seats=2, day=n % 5, hours=3 + n % 4) for n in range(12)]
    kinds = [kind(n % 3, n % 2, 3 + n % 4, officers=(n,)) for n in range(8)]
    found = find(kinds, classes, CELLS, seconds=20, told=lambda cost, least: heard.append((cost, least)))
    assert heard
    assert all(least <= found.cost <= cost for cost, least in heard)
    check(found, kinds, classes, CELLS)
