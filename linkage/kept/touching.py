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
from linkage.kept.places import Blocks, Given, Part, Rule, slabs
from linkage.kept.state import Flags, Kept, Rows
from linkage.paired.blocking import parts_of
from linkage.paired.coded import Numbers
from linkage.paired.grouping import apart, distinct, spans, together
from linkage.paired.levels import PAIRS_AT_ONCE
from linkage.threads import side_by_side

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
    side_by_side(given.column, dict.fromkeys(part for rule in rules for part in rule.parts))
    met = side_by_side(lambda rule: _met(rule, given, lives), rules)
    with ThreadPoolExecutor(1) as beside:
        lost = beside.submit(_lost, kept, lives, rules, np.concatenate([it.grown for it in met]))
        pairs = side_by_side(_once, *(it.pairs for it in met))
        return Touched([part for parts in pairs for part in parts], lost.result())


@dataclass(frozen=True)
class _Lives:
    """Which rows lived before, and which live now."""

    before: Flags
    now: Flags

    @cached_property
    def changed(self) -> Rows:
        """Rows that came or went."""
        return np.flatnonzero(self.before != self.now)

    @cached_property
    def came(self) -> Rows:
        """Rows that came."""
        return self.changed[self.now[self.changed]]


@dataclass(frozen=True)
class _Met:
    """What one rule brings together now and did not before, as ``together`` has it: by slab, of its rows and others.

    ``grown``: rows of blocks that outgrew their limit.
    """

    pairs: list[NDArray[np.uint64]]
    grown: Rows


def _met(rule: Rule, given: Given, lives: _Lives) -> _Met:
    blocks = given.blocks(rule)
    now = blocks.sizes(lives.now)
    came, went = (np.bincount(blocks.given[it[lives.changed]], minlength=len(now)) for it in (lives.now, lives.before))
    before = now - came + went
    small, was_small = now <= rule.most, before <= rule.most
    met = small & (now > 1)
    first = lives.came[met[blocks.of.take(lives.came)]]  # (1)
    if (met & ~was_small).any():  # (3)
        shrank = blocks.within(met & ~was_small)
        first = np.union1d(first, shrank[lives.now[shrank]])
    grown = blocks.within(was_small & ~small & (before > 1))
    return _Met(_pairs(blocks, first, lives.now), grown[lives.before[grown]])


def _pairs(blocks: Blocks, first: Rows, alive: Flags) -> list[NDArray[np.uint64]]:
    """Each of ``first``, which ascend, with every other row of its block, once; slab by slab of the smaller row.

    Every row is taken with the first ones of its block, which follow it: rows that came are behind all others, and of
    a block that shrank all are first. A first one is taken with those that follow it.
    """
    block = blocks.of.take(first)
    order = np.argsort(block, kind="stable")
    sizes = np.bincount(block, minlength=blocks.count + 1)
    ends, ones, after, some = np.cumsum(sizes), first.take(order), np.empty(len(first), dtype=np.int64), sizes > 0
    after[order] = np.arange(1, len(order) + 1)
    found: list[NDArray[np.uint64]] = []
    for slab in slabs(len(blocks.of)):
        rows = np.flatnonzero(some.take(blocks.of[slab]) & alive[slab]) + slab.start
        block = blocks.of.take(rows)
        end, begin = ends.take(block), ends.take(block) - sizes.take(block)
        here = slice(*np.searchsorted(first, [slab.start, slab.stop]))
        begin[np.searchsorted(rows, first[here])] = after[here]
        one, other = np.repeat(rows, end - begin), ones.take(spans(begin, end - begin))
        found.append(together(one, other))
    return found


def _once(*found: NDArray[np.uint64]) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """A slab's pairs by all rules, each once: their left and right rows, some at a time."""
    left, right = apart(distinct(np.concatenate(found)))
    starts = range(0, max(len(left), 1), PAIRS_AT_ONCE)
    return [(left[at : at + PAIRS_AT_ONCE], right[at : at + PAIRS_AT_ONCE]) for at in starts]


def _rules(kept: Kept, config: LinkageConfig) -> Iterator[Rule]:
    parts = {(word, name): [Part(it)] for name, it in kept.coded.tokens.items() for word in ("same", "rare")}
    for name, found in kept.bands.items():
        parts["near", name] = [Part(kept.coded.encodings[name].which, band) for band in found]
    for rule, largest in config.largest_blocks.items():
        most = min(config.rare_block, largest) if _RARE.search(rule) else largest
        yield from (Rule(chosen, most) for chosen in product(*(parts[part] for part in parts_of(rule))))


def _lost(kept: Kept, lives: _Lives, rules: Sequence[Rule], grown: Rows) -> Rows:
    """Rule 2: pairs within blocks that outgrew their limit, and within no other."""
    crossed = np.zeros(len(lives.now), dtype=bool)
    crossed[grown] = True
    doubtful = kept.pairs.places(lambda it: crossed.take(it.left) & crossed.take(it.right))
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
