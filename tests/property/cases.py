"""Running a property on counted random cases, the same in each run."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import sqrt
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from tests.cases import cases
from tests.property.drawn import FIXED, stock

T = TypeVar("T")
CASES = {"collected": 1000, "stored": 800, "linked": 800, "released": 1500, "read": 1200}
"""How many cases each property is held against, where all are tried; 5,000 and more in all."""
PART = 20  # of them in make test one in so many: each takes a tenth of a second


def run(name: str, decide: Callable[[Agreement, Random], str]) -> Counter[str]:
    """Hold a property against its cases: an agreement of the stock, and a seed for all else. Counts what it found.

    Which case failed is printed: hypothesis tells ``place`` and ``seed``, which give the same case again.
    """
    found: Counter[str] = Counter()

    @settings(max_examples=cases(CASES[name], PART), **FIXED)
    @given(place=st.integers(0, len(stock()) - 1), seed=st.integers(0, 2**64 - 1))
    def case(place: int, seed: int) -> None:
        found[decide(stock()[place], Random(seed))] += 1

    case()
    print(f"{name}: {found.total():,} cases, derandomised, {dict(found)}")
    assert found.total() >= cases(CASES[name], PART)
    return found


def often(found: Counter[str], least: float, *outcomes: str) -> bool:
    """Whether this share of all cases at least had one of these outcomes, give or take three standard errors.

    It keeps a property from being held against cases of which next to none reach it. The allowance is what chance
    takes from the few cases of ``make test``.
    """
    cases, had = found.total(), sum(found[outcome] for outcome in outcomes)
    return had / cases >= least - 3 * sqrt(least * (1 - least) / cases) and had > 0


def permits(act: Callable[[], object]) -> bool:
    """Whether the agreement lets the act pass."""
    try:
        act()
    except AgreementRefusal:
        return False
    return True


def mostly(random: Random, usual: Sequence[T], other: Sequence[T]) -> T:
    """One of the usual, and now and then one of the others."""
    return random.choice(usual if usual and random.random() < 0.85 else other)
