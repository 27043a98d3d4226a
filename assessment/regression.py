"""Poisson regression of counts, with standard errors that hold where one person counts several times.

Sources: McCullagh & Nelder, Generalized Linear Models (1989), ch. 2.5 (iteratively reweighted least squares);
Liang & Zeger, Biometrika 73 (1986) 13-22 (errors by cluster); Zou, Am J Epidemiol 159 (2004) 702-706;
Bell & McCaffrey, Survey Methodology 28 (2002) 169-181 (errors of few clusters, by leaving out one at a time).

numpy and no statistics package: statsmodels brings pandas, with which every command that checks a table loads a second
longer, and all that is needed of it are these lines, which the tests hold against answers known in closed form.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
_ROUNDS, _NEAR = 60, 1e-8
_AT_ONCE = 500
_NOTHING = 1e-13  # of the largest: nothing
_LEAST_WEIGHT = 1e-9  # ridge: what nobody has gets no coefficient instead of an endless one
_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its 95 % interval and its p-value. ``told`` is False where the data give none."""

    ratio: float
    low: float
    high: float
    p: float
    told: bool = True

    @classmethod
    def of(cls, log_ratio: float, error: float) -> "Ratio":
        """From a coefficient and its standard error."""
        if not isfinite(log_ratio) or not isfinite(error) or error <= 0 or abs(log_ratio) + _95 * error > 20:
            return cls(1.0, 0.0, float("inf"), 1.0, told=False)
        p = 2 * (1 - NormalDist().cdf(abs(log_ratio) / error))
        return cls(exp(log_ratio), exp(log_ratio - _95 * error), exp(log_ratio + _95 * error), p)


def poisson(
    x: Array, counts: Array, exposure: Array, cluster: Sequence[Any] | Array, weight: Array, *, few: bool = False
) -> list[Ratio]:
    """The rate ratio of each column of ``x`` (the first is the constant), adjusted for the others.

    1. Coefficients by iteratively reweighted least squares, with the logarithm of the exposure as offset.
    2. Errors by the sandwich whose filling is the sum of scores of each cluster, with the usual correction for few.
    3. ``few``: of some hundred clusters, among them some that weigh much, each is left out once instead (in one step).
    """
    beta = _fit(x, counts, np.log(exposure), weight)  # (1)
    mean = np.exp(np.clip(x @ beta + np.log(exposure), -30, 30))
    pull = _steadied((x * (weight * mean)[:, None]).T @ x)
    scores = x * (weight * (counts - mean))[:, None]
    place = np.unique(np.asarray(cluster), return_inverse=True)[1].astype(np.int64)
    clusters = int(place.max()) + 1
    summed = np.zeros((clusters, x.shape[1]))
    np.add.at(summed, place, scores)
    if few:
        moved = _left_out(x, weight * mean, place, summed, pull)  # (3)
        spread = moved.T @ moved * ((clusters - 1) / clusters)
    else:
        bread = np.linalg.pinv(pull)  # (2)
        spread = bread @ (summed.T @ summed) @ bread * (clusters / max(1, clusters - 1))
    errors = np.sqrt(np.clip(np.diag(spread), 0, None))
    return [Ratio.of(float(b), float(error)) for b, error in zip(beta, errors, strict=True)]


def _left_out(x: Array, weight: Array, place: Places, summed: Array, pull: Array) -> Array:
    """How far the coefficients move when each cluster is left out; some hundreds at a time, for the memory's sake."""
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(summed) + 1))
    moved = np.zeros_like(summed)
    for first in range(0, len(summed), _AT_ONCE):
        last = min(first + _AT_ONCE, len(summed))
        rows = order[bounds[first] : bounds[last]]
        own = np.zeros((last - first, x.shape[1], x.shape[1]))
        np.add.at(own, place[rows] - first, np.einsum("ni,nj->nij", x[rows] * weight[rows, None], x[rows]))
        moved[first:last] = np.linalg.solve(pull - own, summed[first:last, :, None])[:, :, 0]
    return moved


def _fit(x: Array, counts: Array, offset: Array, weight: Array) -> Array:
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(max(float(np.sum(weight * counts)), 0.5) / float(np.sum(weight * np.exp(offset))))
    for _ in range(_ROUNDS):
        linear = np.clip(x @ beta + offset, -30, 30)
        mean = np.exp(linear)
        working = (linear - offset) + (counts - mean) / mean
        by = x * (weight * mean)[:, None]
        step: Array = np.asarray(np.linalg.lstsq(_steadied(by.T @ x), by.T @ working, rcond=_NOTHING)[0], np.float64)
        if float(np.max(np.abs(step - beta))) < _NEAR:
            return step
        beta += np.clip(step - beta, -3, 3)
    return beta


def _steadied(pull: Array) -> Array:
    """With a little on the diagonal, as much as its size asks for: what nobody has gets no coefficient."""
    steadied: Array = pull + _LEAST_WEIGHT * max(1.0, float(np.trace(pull)) / len(pull)) * np.eye(len(pull))
    return steadied


def independent(columns: Sequence[Array]) -> list[Array]:
    """Of these columns each that is no combination of those before it: of two that say the same, one is enough."""
    kept: list[Array] = []
    units: list[Array] = []
    for column in columns:
        length = float(np.linalg.norm(column))
        tried = [*units, column / (length or 1.0)]
        if length > 0 and np.linalg.matrix_rank(np.column_stack(tried), tol=1e-7) == len(tried):
            kept, units = [*kept, column], tried
    return kept


def discoveries(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which of several findings may be called one, so that on average at most ``rate`` of these are false.

    Source: Benjamini & Hochberg, J R Stat Soc B 57 (1995) 289-300.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    held = [rank for rank, place in enumerate(order, 1) if p_values[place] <= rate * rank / len(order)]
    found = set(order[: max(held, default=0)])
    return [place in found for place in range(len(p_values))]
