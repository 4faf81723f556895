"""The exact solver behind `paths`: a linear program with yes-or-no columns in, a proven optimum out (HiGHS).

Nothing of the domain is known here. Everything is whole numbers, so an answer can be checked without rounding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# The solver stops at a gap of a hundredth of a percent unless it is told that only the best will do.
_EXACT = {"output_flag": False, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "threads": 1, "parallel": "off"}


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


def solve(costs: Sequence[int], most: Sequence[int], rows: Sequence[Row], *, seconds: float) -> Solved | None:
    """The cheapest whole values, each between 0 and its `most`, that meet every row; None: there are none.

    After `seconds` the best found so far, with the bound proved by then. Raises `SolverFailed` where there is no answer
    at all by then.
    """
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
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    solver = highspy.Highs()
    for name, value in {**_EXACT, "time_limit": float(seconds)}.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    status, status_of = solver.getModelStatus(), highspy.HighsModelStatus
    if status in (status_of.kInfeasible, status_of.kUnboundedOrInfeasible):
        return None
    info = solver.getInfo()
    has_answer = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if status not in (status_of.kOptimal, status_of.kTimeLimit) or not has_answer:
        raise SolverFailed(f"No answer within {seconds} s: {solver.modelStatusToString(status)}")
    values = tuple(round(value) for value in solver.getSolution().col_value)
    if not all(row.holds(values) for row in rows):
        raise SolverFailed("The solver's answer does not meet its own conditions.")
    cost = sum(each * value for each, value in zip(costs, values, strict=True))
    # Costs are whole, so nothing lies strictly between a bound and the next whole number; the solver's own rounding is
    # far smaller than a hundredth.
    bound = cost if status == status_of.kOptimal else min(cost, max(0, math.ceil(info.mip_dual_bound - 0.01)))
    return Solved(values, cost, bound)
