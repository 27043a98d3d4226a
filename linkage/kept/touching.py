"""Which pairs blocking brings together that it did not before, and which no more, once some records came or went.

The same pairs come of it as if all records were blocked anew (linkage.paired.blocking):

1. A record that came is compared with all that share a block with it.
2. A block that grew beyond its limit brings nothing together any more: a kept pair of it stays only if another block
   has it too.
3. A block that shrank to its limit brings all its records together.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from linkage.config import LinkageConfig
from linkage.kept.places import Given, Part, Rule, Small
from linkage.kept.state import Flags, Kept, Rows
from linkage.paired.blocking import parts_of
from linkage.paired.coded import Numbers
from linkage.paired.grouping import apart, distinct, spans, together
from linkage.paired.levels import PAIRS_AT_ONCE, THREADS

_AT_ONCE = 2 * PAIRS_AT_ONCE  # pairs that are sorted at once; half of them are found by several rules
_NEAR, _RARE = re.compile(r"near\((\w+)\)"), re.compile(r"rare\(\w+\)")


@dataclass(frozen=True)
class Touched:
    """``pairs`` to compare, each once: their left and right rows, in parts. ``lost``: kept pairs that are none now."""

    pairs: Sequence[tuple[Numbers, Numbers]]
    lost: Rows


def may_follow(config: LinkageConfig) -> bool:
    """Whether these rules can be followed step by step: what is rare is so by itself, not beside other parts."""
    return all(_RARE.fullmatch(rule) or not _RARE.search(rule) for rule in config.blocking)


def near_columns(config: LinkageConfig) -> frozenset[str]:
    """The encodings that blocking looks at."""
    return frozenset(column for rule in config.blocking for column in _NEAR.findall(rule))


def touched(kept: Kept, before: Flags, config: LinkageConfig) -> Touched:
    """``kept.alive`` says who lives now, ``before`` who lived; its pairs are those of before."""
    rules, lives = list(_rules(kept, config)), _Lives(before, kept.alive)
    given = Given(lives.changed)
    with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter while it works
        list(pool.map(given.column, {part: None for rule in rules for part in rule.parts}))
        met = list(pool.map(lambda rule: _met(rule, given, lives), rules))
        lost = pool.submit(_lost, kept, lives, rules, np.concatenate([it.grown for it in met]))
        pairs = list(pool.map(lambda some: apart(distinct(some)), _slabs([it.pairs for it in met], len(before))))
        return Touched(pairs, lost.result())


@dataclass(frozen=True)
class _Lives:
    """Which rows lived before, and which live now."""

    before: Flags
    now: Flags

    @cached_property
    def changed(self) -> Rows:
        """Rows that came or went."""
        return np.flatnonzero(self.before != self.now)


@dataclass(frozen=True)
class _Met:
    """What one rule brings together now and did not before, as ``together`` has it; and rows of blocks that outgrew."""

    pairs: NDArray[np.uint64]
    grown: Rows


def _met(rule: Rule, given: Given, lives: _Lives) -> _Met:
    blocks = given.blocks(rule)
    now = blocks.sizes(lives.now)
    came, went = (np.bincount(blocks.given[it[lives.changed]], minlength=len(now)) for it in (lives.now, lives.before))
    before = now - came + went
    small, was_small = now <= rule.most, before <= rule.most
    met, outgrown = small & (now > 1), was_small & ~small & (before > 1)
    rows, block = blocks.within(met | outgrown)
    alive, lived, new = lives.now.take(rows), lives.before.take(rows), (small & ~was_small).take(block)
    rest = np.flatnonzero(outgrown.take(block) & lived)
    here = np.flatnonzero(met.take(block) & alive)
    first = np.flatnonzero((new | ~lived).take(here))  # (3), (1)
    return _Met(_pairs(rows.take(here), block.take(here), first, len(now)), rows.take(rest))


def _slabs(found: Sequence[NDArray[np.uint64]], rows: int) -> Iterator[NDArray[np.uint64]]:
    """All pairs that rules found, each rule's in order, some at a time: those of some rows, then of the next ones."""
    count = sum(map(len, found)) // _AT_ONCE + 1
    bounds = (np.arange(1, count, dtype=np.uint64) * np.uint64(rows) // np.uint64(count)) << np.uint64(32)
    ends = [[0, *np.searchsorted(pairs, bounds).tolist(), len(pairs)] for pairs in found]
    for at in range(count):
        yield np.concatenate([pairs[end[at] : end[at + 1]] for pairs, end in zip(found, ends, strict=True)])


def _rules(kept: Kept, config: LinkageConfig) -> Iterator[Rule]:
    parts = {(word, name): [Part(it)] for name, it in kept.coded.tokens.items() for word in ("same", "rare")}
    for name, found in kept.bands.items():
        parts["near", name] = [Part(kept.coded.encodings[name].which, band) for band in found]
    for rule, largest in config.largest_blocks.items():
        most = min(config.rare_block, largest) if _RARE.search(rule) else largest
        yield from (Rule(chosen, most) for chosen in product(*(parts[part] for part in parts_of(rule))))


def _pairs(rows: Rows, block: Small, first: Rows, blocks: int) -> NDArray[np.uint64]:
    """Each of ``first``, by place, with every other row of its block, once. ``rows`` ascend, and so do the pairs.

    1. Every row is taken with the first ones of its block, and a first one with those that follow it.
    2. Mostly all first ones are new and follow all others. If not, the pairs must be put in order.
    """
    order = first.take(np.argsort(block.take(first), kind="stable"))
    ones, sizes = rows.take(order), np.bincount(block.take(order), minlength=blocks)
    ends = np.cumsum(sizes)
    begin, end = (ends - sizes).take(block), ends.take(block)
    begin[order] = np.arange(1, len(order) + 1)  # (1)
    counts = end - begin
    one, other = np.repeat(rows, counts), ones.take(spans(begin, counts))
    turned = len(ones) and ones.min() < np.delete(rows, first).max(initial=-1)  # (2)
    pairs = together(np.minimum(one, other), np.maximum(one, other)) if turned else together(one, other)
    return np.sort(pairs) if turned else pairs


def _lost(kept: Kept, lives: _Lives, rules: Sequence[Rule], grown: Rows) -> Rows:
    """Rule 2: pairs within blocks that outgrew their limit, and within no other."""
    crossed = np.zeros(len(lives.now), dtype=bool)
    crossed[grown] = True
    doubtful = np.flatnonzero(crossed[kept.pairs.left] & crossed[kept.pairs.right])
    left, right = kept.pairs.left[doubtful], kept.pairs.right[doubtful]
    held = np.zeros(len(doubtful), dtype=bool)
    for rule in rules:
        open_ = np.flatnonzero(~held)
        if not len(open_):
            break
        alike = open_[rule.alike(left[open_], right[open_])]
        if len(alike):
            blocks = Given(left[alike]).blocks(rule)
            held[alike] = blocks.sizes(lives.now)[blocks.given] <= rule.most
    return np.asarray(doubtful[~held])
