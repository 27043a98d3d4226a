"""Which pairs blocking brings together that it did not before, and which no more, once some records came or went.

The same pairs come of it as if all records were blocked anew (linkage.blocking):

1. A record that came is compared with all that share a block with it.
2. A block that grew beyond its limit brings nothing together any more: a kept pair of it stays only if another block
   has it too.
3. A block that shrank to its limit brings all its records together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from linkage.blocking import Keys, joined, parts_of
from linkage.coded import MISSING, Numbers
from linkage.config import LinkageConfig
from linkage.grouping import spans
from linkage.kept.state import Flags, Kept, Rows

_NEAR, _RARE = re.compile(r"near\((\w+)\)"), re.compile(r"rare\(\w+\)")
_SLOTS = 1 << 21


@dataclass(frozen=True)
class Touched:
    """``left``, ``right``: pairs to compare, each once, by row. ``lost``: kept pairs, by place, that are none now."""

    left: Rows
    right: Rows
    lost: Rows


@dataclass(frozen=True)
class _Part:
    """What a rule looks at: ``which`` value is a row's (-1: none); and the ``number`` that stands for each value."""

    which: Numbers
    number: Numbers | None = None

    def of(self, rows: Numbers) -> Numbers:
        """The numbers of some rows, -1 where there is none."""
        which = self.which[rows]
        return which if self.number is None else np.where(which < 0, MISSING, self.number[which])

    def among(self, rows: Numbers) -> Flags:
        """Of all rows, those that have a number that any of these rows has; and, seldom, some more."""
        values = np.arange(int(self.which.max(initial=-1)) + 1) if self.number is None else self.number
        asked = np.zeros(_SLOTS, dtype=bool)
        own = self.of(rows)
        asked[own[own >= 0] & (_SLOTS - 1)] = True
        return np.append(asked[values & (_SLOTS - 1)], False)[self.which]


@dataclass(frozen=True)
class _Rule:
    """What records of one block have in common, and how many a block may have."""

    parts: tuple[_Part, ...]
    most: int

    def keys(self, rows: Numbers) -> Keys:
        """The keys of some rows."""
        return joined(tuple(part.of(rows) for part in self.parts))


@dataclass(frozen=True)
class _Blocks:
    """The blocks of some keys: their rows, block after block, and how many live in each before and now."""

    rows: Rows
    block: Rows
    before: Rows
    now: Rows


def may_follow(config: LinkageConfig) -> bool:
    """Whether these rules can be followed step by step: what is rare is so by itself, not beside other parts."""
    return all(_RARE.fullmatch(rule) or not _RARE.search(rule) for rule in config.blocking)


def near_columns(config: LinkageConfig) -> frozenset[str]:
    """The encodings that blocking looks at."""
    return frozenset(column for rule in config.blocking for column in _NEAR.findall(rule))


def touched(kept: Kept, before: Flags, config: LinkageConfig) -> Touched:
    """``kept.alive`` says who lives now, ``before`` who lived; its pairs are those of before."""
    came, changed = np.flatnonzero(kept.alive & ~before), np.flatnonzero(kept.alive != before)
    left, right, grown = [], [], []
    rules = list(_rules(kept, config))
    near = {id(part): part.among(changed) for part in {id(it): it for rule in rules for it in rule.parts}.values()}
    for rule in rules:
        rows = np.flatnonzero(np.logical_and.reduce([near[id(part)] for part in rule.parts]))
        blocks = _blocks(rule, np.unique(rule.keys(changed)), rows, before, kept.alive)
        lives = kept.alive[blocks.rows]
        small, was_small = blocks.now <= rule.most, blocks.before <= rule.most
        new = np.zeros(len(before), dtype=bool)
        new[came] = True
        anew = lives & (small & ~was_small)[blocks.block]  # (3)
        one, other = _pairs(blocks, lives & small[blocks.block], anew | (new[blocks.rows] & lives))  # (1)
        left.append(one)
        right.append(other)
        outgrown = (was_small & ~small & (blocks.before > 1))[blocks.block]
        grown.append(blocks.rows[outgrown & before[blocks.rows]])
    one, other = _distinct(np.concatenate(left), np.concatenate(right), len(before))
    return Touched(one, other, _lost(kept, before, rules, np.concatenate(grown)))


def _rules(kept: Kept, config: LinkageConfig) -> Iterator[_Rule]:
    tokens = {name: _Part(numbers) for name, numbers in kept.coded.tokens.items()}
    parts = {(word, name): [part] for name, part in tokens.items() for word in ("same", "rare")}
    for name, found in kept.bands.items():
        parts["near", name] = [_Part(kept.coded.encodings[name].which, band) for band in found]
    for rule in config.blocking:
        most = min(config.rare_block, config.largest_block) if _RARE.search(rule) else config.largest_block
        yield from (_Rule(chosen, most) for chosen in product(*(parts[part] for part in parts_of(rule))))


def _blocks(rule: _Rule, wanted: Keys, rows: Rows, before: Flags, now: Flags) -> _Blocks:
    """The blocks of these keys; ``rows`` are all that can be in them, at the least.

    Those of blocks that are, and were, too large to bring anybody together are left out.
    """
    wanted, keys = wanted[wanted >= 0], rule.keys(rows)
    place = _places(wanted, keys)
    here = np.flatnonzero(place >= 0)
    rows, place = rows[here], place[here]
    counts = [np.bincount(place[lives[rows]], minlength=len(wanted)) for lives in (before, now)]
    some = np.flatnonzero((np.minimum(*counts) <= rule.most)[place])
    order = some[np.argsort(place[some], kind="stable")]
    return _Blocks(rows[order], place[order], *counts)


def _places(wanted: Keys, keys: Keys) -> Rows:
    """Where each key is among those wanted, which ascend; -1 where it is not. Those that share a slot are searched."""
    slot, table = wanted & (_SLOTS - 1), np.full(_SLOTS, -1, dtype=np.int32)
    table[slot] = np.arange(len(wanted), dtype=np.int32)
    shared = np.flatnonzero(table[slot] != np.arange(len(wanted)))
    place = table[keys & (_SLOTS - 1)].astype(np.int64)
    held = np.flatnonzero(place >= 0)
    other = held[wanted[place[held]] != keys[held]]
    place[other] = -1
    if len(shared):
        near = np.minimum(np.searchsorted(wanted, keys[other]), len(wanted) - 1)
        place[other] = np.where(wanted[near] == keys[other], near, -1)
    return np.asarray(place)


def _pairs(blocks: _Blocks, members: Flags, first: Flags) -> tuple[Rows, Rows]:
    """Each of ``first`` with every member of its block."""
    sizes = np.bincount(blocks.block[members], minlength=len(blocks.now))
    starts = np.cumsum(sizes) - sizes
    of, block = blocks.rows[members], blocks.block[members & first]
    one = blocks.rows[members & first]
    counts = sizes[block]
    return np.repeat(one, counts), of[spans(starts[block], counts)]


def _distinct(one: Rows, other: Rows, rows: int) -> tuple[Rows, Rows]:
    apart = one != other
    keys = np.minimum(one, other)[apart] * rows + np.maximum(one, other)[apart]
    keys.sort()
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    return keys // rows, keys % rows


def _lost(kept: Kept, before: Flags, rules: list[_Rule], grown: Rows) -> Rows:
    """Rule 2: pairs within blocks that outgrew their limit, and within no other."""
    crossed = np.zeros(len(before), dtype=bool)
    crossed[grown] = True
    doubtful = np.flatnonzero(crossed[kept.pairs.left] & crossed[kept.pairs.right])
    left, right = kept.pairs.left[doubtful], kept.pairs.right[doubtful]
    held = np.zeros(len(doubtful), dtype=bool)
    for rule in rules:
        keys = rule.keys(left)
        alike = np.flatnonzero((keys == rule.keys(right)) & (keys >= 0) & ~held)
        if len(alike):
            wanted = np.unique(keys[alike])
            near = np.logical_and.reduce([part.among(left[alike]) for part in rule.parts])
            now = _blocks(rule, wanted, np.flatnonzero(near), before, kept.alive).now
            held[alike] = now[np.searchsorted(wanted, keys[alike])] <= rule.most
    return np.asarray(doubtful[~held])
