"""HiGHS as we use it: one thread, one seed, no word printed, so that the same question has the same answer."""

import highspy
import numpy as np

INFINITE: float = highspy.kHighsInf


class _Silent(highspy.Highs):
    """A solver that has no callbacks, with which it would print its name before it can be told not to."""

    def enableCallbacks(self) -> None:  # noqa: N802 (its name in highspy)
        """Enable none."""


def solver() -> highspy.Highs:
    """A new solver."""
    found: highspy.Highs = _Silent()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
        found.setOptionValue(option, value)
    return found


def programme(
    cost: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
    *,
    whole: bool = False,
) -> highspy.HighsLp:
    """A linear programme whose rows (starts, places, factors) are all 0."""
    starts, places, factors = rows
    found = highspy.HighsLp()
    found.num_col_, found.num_row_ = len(cost), len(starts) - 1
    found.col_cost_, found.col_lower_, found.col_upper_ = cost, lower, upper
    found.row_lower_ = found.row_upper_ = np.zeros(len(starts) - 1)
    found.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    found.a_matrix_.start_, found.a_matrix_.index_, found.a_matrix_.value_ = starts, places, factors
    if whole:
        found.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    return found


def solved(programme_solver: highspy.Highs) -> bool:
    """Solve; whether there is an answer that is the best, or the best found within the limit of nodes."""
    programme_solver.run()
    status = programme_solver.getModelStatus()
    fine = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)
    feasible = highspy.SolutionStatus.kSolutionStatusFeasible
    return status in fine and programme_solver.getInfo().primal_solution_status == feasible
