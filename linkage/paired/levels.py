"""At which level each comparison of a pair stands, for many pairs at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from linkage.config import Comparison, LinkageConfig
from linkage.paired.coded import Coded, Numbers
from linkage.paired.glance import DOUBT, Facts, Told, told
from linkage.paired.rules import Pairs
from linkage.threads import side_by_side

Levels = NDArray[np.int8]
PAIRS_AT_ONCE = 1 << 18  # memory stays flat; of fewer, threads would mostly wait for each other between two calls


class Comparing(Protocol):
    """Compares pairs elsewhere (linkage.engines), if there are so many."""

    fewest: int

    def __call__(self, coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
        """As ``levels_here``."""


_elsewhere: ContextVar[Comparing | None] = ContextVar("linkage_elsewhere", default=None)


@contextmanager
def compared_by(comparing: Comparing) -> Iterator[None]:
    """A block in which ``levels`` has many pairs compared elsewhere."""
    before = _elsewhere.set(comparing)
    try:
        yield
    finally:
        _elsewhere.reset(before)


def levels(coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
    """One row a pair, one column a comparison in order: -1 unknown, 0 different, higher is better."""
    elsewhere = _elsewhere.get()
    if elsewhere is None or len(left) < elsewhere.fewest:
        return levels_here(coded, left, right, config)
    return elsewhere(coded, left, right, config)


def levels_here(coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
    """``levels``, in this process."""
    found = np.empty((len(left), len(config.comparisons)), dtype=np.int8)

    facts = Facts.of(coded, config)

    def part(first: int) -> None:
        rows = slice(first, first + PAIRS_AT_ONCE)
        pairs, words = Pairs(coded, left[rows], right[rows]), facts.words(left[rows], right[rows])
        for number, comparison in enumerate(config.comparisons.values()):
            it = told(comparison)
            found[rows, number] = level_of(pairs, comparison, it, facts.places(it.facts, words))

    side_by_side(part, range(0, len(left), PAIRS_AT_ONCE))
    return found


def level_of(pairs: Pairs, comparison: Comparison, tokens: Told, place: NDArray[np.intp]) -> Levels:
    """The first level that holds, from the top; encodings are compared where ``tokens`` leave it in doubt."""
    found = tokens.level.take(place)
    doubt = np.flatnonzero(found == DOUBT)
    found[doubt] = settle(pairs.only_at(doubt), comparison, tokens, place.take(doubt))
    return found


def settle(pairs: Pairs, comparison: Comparison, tokens: Told, place: NDArray[np.intp]) -> Levels:
    """The level of pairs in doubt: from the lowest upwards, so that the first that holds is what stays.

    To take out those that are decided would take longer than to look at all of them at each level: most are strangers.
    """
    found = tokens.sure.take(place)
    levels = (-1, *range(len(comparison.levels), 0, -1))
    for level, rule in reversed(list(zip(levels, comparison.rules, strict=True))):
        if tokens.doubt[level].any():
            holds = pairs.holds(rule) & tokens.doubt[level].take(place)
            np.copyto(found, np.int8(level), where=holds)
    return found
