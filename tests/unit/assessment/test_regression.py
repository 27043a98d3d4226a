"""The regression against answers known in closed form, and the rule for several findings."""

from math import exp, sqrt

import numpy as np
import pytest

from assessment.evaluation import e_value
from assessment.regression import discoveries, poisson


def test_the_ratio_of_two_groups_is_that_of_their_rates_with_the_error_of_the_sandwich() -> None:
    counts = np.array([1.0, 3.0, 2.0, 6.0, 4.0, 8.0])
    group = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    ones = np.ones(6)
    told = poisson(np.column_stack([ones, group]), counts, ones, np.arange(6), ones)[1]
    spread = [float(((part - part.mean()) ** 2).sum() / part.sum() ** 2) for part in (counts[:3], counts[3:])]
    error = sqrt(sum(spread) * 6 / 5)
    assert told.ratio == pytest.approx(3.0)
    assert (told.low, told.high) == pytest.approx((3 * exp(-1.959964 * error), 3 * exp(1.959964 * error)), rel=1e-4)


def test_the_same_person_twice_is_no_second_person() -> None:
    once = np.array([1.0, 3.0, 2.0, 6.0, 4.0, 8.0])
    group = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])

    def width(times: int) -> float:
        counts, x = np.tile(once, times), np.tile(np.column_stack([np.ones(6), group]), (times, 1))
        told = poisson(x, counts, np.ones(len(counts)), np.tile(np.arange(6), times), np.ones(len(counts)))[1]
        return told.high / told.low

    assert width(5) == pytest.approx(width(1), rel=1e-4)


def test_a_column_without_any_event_gets_no_ratio() -> None:
    counts, group, ones = np.array([1.0, 2.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4)
    assert not poisson(np.column_stack([ones, group]), counts, ones, np.arange(4), ones)[1].told


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
    assert discoveries(p, 0.05) == [True, True, False, False, False, False, False, False]
    assert discoveries([], 0.05) == []


def test_the_e_value_is_that_of_the_paper() -> None:
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert e_value(1 / 3.9) == pytest.approx(7.26, abs=0.01)
