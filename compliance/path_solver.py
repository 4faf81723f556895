"""The exact solver behind `paths`: a linear program with yes-or-no columns in, a proven optimum out (HiGHS).

Nothing of the domain is known here. Everything is whole numbers, so an answer can be checked without rounding.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# The solver stops at a gap of a hundredth of a percent unless it is told that only the best will do.
_EXACT = {"output_flag": False, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "threads": 1, "parallel": "off"}


MILLION = 1_000_000
# With how many columns an answer is looked for first.
FIRST_LOOK = 150


class SolverFailed(Exception):
    """The solver ended in a way that is no answer; its text is for whoever runs the portal."""


@dataclass(frozen=True, slots=True)
class Row:
    """A condition: the sum of times x column lies between `least` and `most`, both inclusive; None is open."""

    terms: tuple[tuple[int, int], ...]
    least: int | None = None
    most: int | None = None

    def holds(self, values: Sequence[int]) -> bool:
        """Whether whole values meet it."""
        total = sum(times * values[column] for column, times in self.terms)
        return (self.least is None or total >= self.least) and (self.most is None or total <= self.most)


@dataclass(frozen=True, slots=True)
class Solved:
    """The best values found, what they cost, and the proven bound below which nothing costs."""

    values: tuple[int, ...]
    cost: int
    bound: int

    @property
    def is_proved(self) -> bool:
        """Whether nothing better exists."""
        return self.bound >= self.cost


def bound(costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], *, seconds: float) -> int | None:
    """What no whole values that meet every row cost less than, with fractions allowed; None: nothing meets them."""
    relaxed = _run(costs, most, rows, seconds, whole=False)
    return None if relaxed is None else max(0, math.ceil(relaxed.cost - 0.01))


def solve(
    costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], *, seconds: float, below: float = math.inf
) -> Solved | None:
    """The cheapest whole values, each between 0 and its `most`, that meet every row and cost less than `below`; None:
    there are none.

    First with fractions allowed: that cost is a bound, and what each column would add to it at least. Then with the
    columns that add least, which gives a good answer quickly; then with every column that could still better it. No
    other can, so the answer is the best of all.

    After `seconds` the best found so far, with the bound proved by then. Raises `SolverFailed` where there is no answer
    at all by then.
    """
    relaxed = _run(costs, most, rows, seconds, whole=False)
    if relaxed is None or relaxed.cost > below - 0.5:
        return None
    adds = relaxed.adds
    # Costs are whole: whoever adds half of one or more to what was found cannot lead to something better.
    able = [column for column, more in enumerate(adds) if relaxed.cost + more <= below - 0.5]
    promising = sorted(able, key=lambda column: (adds[column], column))[:FIRST_LOOK]
    first = _whole(costs, most, rows, seconds, set(promising))
    if first is None:
        return _cheaper(_whole(costs, most, rows, seconds, set(able)), below) if len(able) > FIRST_LOOK else None
    could_better = {column for column in able if relaxed.cost + adds[column] <= first.cost - 0.5}
    if first.is_proved and could_better <= set(promising):
        return _cheaper(first, below)
    try:
        better = _whole(costs, most, rows, seconds, could_better)
    except SolverFailed:
        return Solved(first.values, first.cost, min(first.cost, max(0, math.ceil(relaxed.cost - 0.01))))
    if better is None:
        return _cheaper(Solved(first.values, first.cost, first.cost), below)
    if better.cost > first.cost:  # its time was over before it came as far
        return Solved(first.values, first.cost, min(first.cost, better.bound))
    return _cheaper(better, below)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An answer with fractions allowed: no whole one costs less than `least`, proved without rounding, and what each
    column that is 0 adds to its cost at least."""

    values: tuple[float, ...]
    cost: float
    adds: tuple[float, ...]
    least: int


def relaxed(costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], *, seconds: float) -> Relaxed | None:
    """The cheapest values between 0 and `most` that meet every row, fractions allowed; None: nothing meets them."""
    ran = _run(costs, most, rows, seconds, whole=False)
    if ran is None:
        return None
    return Relaxed(tuple(ran.values), ran.cost, tuple(ran.adds), surely(costs, most, rows, ran.prices))


def surely(costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], prices: Sequence[float]) -> int:
    """What no whole values that meet every row cost less than, counted in whole numbers: a price for each row, however
    it was found, proves a bound (weak duality). Prices are taken in millionths."""
    total, over = 0, [MILLION * cost for cost in costs]
    for row, price in zip(rows, prices, strict=True):
        each = round(MILLION * price)
        side = row.least if each > 0 else row.most
        if not each or side is None:
            continue
        total += each * side
        for column, times in row.terms:
            over[column] -= each * times
    total += sum(upto * min(0, rest) for rest, upto in zip(over, most, strict=True))
    return max(0, -(-total // MILLION))


def search(
    costs: Sequence[int],
    most: Sequence[int],
    rows: Sequence[Row],
    *,
    seconds: float,
    told: Callable[[float, float], None] | None = None,
    as_it_is: bool = False,
) -> Solved | None:
    """The cheapest whole values found in `seconds`, with what is proved of them; None: there are none. `as_it_is`: the
    solver does not make the question smaller first, which is slower and another way to the same answer.

    `told` hears now and then what the best costs and the bound. Raises `SolverFailed` where there is no answer by
    then.
    """
    found = _run(costs, most, rows, seconds, whole=True, told=told, as_it_is=as_it_is)
    return None if found is None else _solved(costs, rows, [round(value) for value in found.values], found)


def _cheaper(found: Solved | None, below: float) -> Solved | None:
    """What was found, unless it is proved that nothing costs less than `below`."""
    return None if found is None or (found.is_proved and found.cost >= below) else found


def _whole(
    costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], seconds: float, columns: set[int]
) -> Solved | None:
    """The cheapest whole values with some of the columns, the others being 0."""
    kept = sorted(columns)
    place = {column: at for at, column in enumerate(kept)}
    fewer = [
        Row(tuple((place[column], times) for column, times in row.terms if column in place), row.least, row.most)
        for row in rows
    ]
    found = _run([costs[one] for one in kept], [most[one] for one in kept], fewer, seconds, whole=True)
    if found is None:
        return None
    values = [0] * len(costs)
    for column, value in zip(kept, found.values, strict=True):
        values[column] = round(value)
    return _solved(costs, rows, values, found)


def _solved(costs: Sequence[int], rows: Sequence[Row], values: list[int], found: "_Ran") -> Solved:
    """Whole values, looked at again, and what is proved of them."""
    if not all(row.holds(values) for row in rows):
        raise SolverFailed("The solver's answer does not meet its own conditions.")
    cost = sum(each * value for each, value in zip(costs, values, strict=True))
    # Nothing lies strictly between a bound and the next whole number; the solver's own rounding is far smaller than a
    # hundredth.
    proved = max(0.0, found.cost)  # before anything is proved it is minus infinity
    bound = cost if found.is_optimal else min(cost, math.ceil(proved - 0.01))
    return Solved(tuple(values), cost, bound)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What a run found: `cost` is that of the best where it is optimal, else what is proved; `adds` what each column
    that is 0 adds to it at least, `prices` what a step more of each row does."""

    values: Sequence[float]
    cost: float
    is_optimal: bool
    adds: Sequence[float]
    prices: Sequence[float]


def _run(
    costs: Sequence[int],
    most: Sequence[int],
    rows: Sequence[Row],
    seconds: float,
    *,
    whole: bool,
    told: Callable[[float, float], None] | None = None,
    as_it_is: bool = False,
) -> _Ran | None:
    import highspy  # it and numpy take a quarter of a second to import, which no other page needs
    import numpy as np  # as above

    infinity = highspy.kHighsInf
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_ = np.array(costs, dtype=np.float64)
    model.col_lower_ = np.zeros(len(costs))
    model.col_upper_ = np.array(most, dtype=np.float64)
    model.row_lower_ = np.array([-infinity if one.least is None else one.least for one in rows], dtype=np.float64)
    model.row_upper_ = np.array([infinity if one.most is None else one.most for one in rows], dtype=np.float64)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *(len(one.terms) for one in rows)]).astype(np.int32)
    matrix.index_ = np.array([column for one in rows for column, _ in one.terms], dtype=np.int32)
    matrix.value_ = np.array([times for one in rows for _, times in one.terms], dtype=np.float64)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    solver = highspy.Highs()
    for name, value in {**_EXACT, "time_limit": float(seconds)}.items():
        solver.setOptionValue(name, value)
    if as_it_is:
        solver.setOptionValue("presolve", "off")
    solver.passModel(model)
    if told is not None:
        solver.cbMipLogging += lambda event: told(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
    solver.run()
    status, status_of = solver.getModelStatus(), highspy.HighsModelStatus
    if status in (status_of.kInfeasible, status_of.kUnboundedOrInfeasible):
        return None
    info, is_optimal = solver.getInfo(), status == status_of.kOptimal
    has_answer = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not has_answer or not (is_optimal or (whole and status == status_of.kTimeLimit)):
        raise SolverFailed(f"No answer within {seconds} s: {solver.modelStatusToString(status)}")
    solution = solver.getSolution()
    cost = info.objective_function_value if is_optimal else info.mip_dual_bound
    values, duals = list(solution.col_value), list(solution.col_dual)
    # A column that is not 0 may add nothing.
    adds = [] if whole else [dual if value < 1e-9 else 0.0 for value, dual in zip(values, duals, strict=True)]
    return _Ran(values, cost, is_optimal, adds, [] if whole else list(solution.row_dual))
