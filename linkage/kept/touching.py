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
from linkage.kept.places import Part, Places, Rule
from linkage.kept.state import Flags, Kept, Rows
from linkage.paired.blocking import parts_of
from linkage.paired.coded import Numbers
from linkage.paired.grouping import apart, distinct, spans, together
from linkage.paired.levels import THREADS

_NEAR, _RARE = re.compile(r"near\((\w+)\)"), re.compile(r"rare\(\w+\)")


@dataclass(frozen=True)
class Touched:
    """``left``, ``right``: pairs to compare, each once, by row. ``lost``: kept pairs, by place, that are none now."""

    left: Numbers
    right: Numbers
    lost: Rows


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
    rules, lives = list(_rules(kept, config)), _Lives(before, kept.alive)
    with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter while it works
        met = list(pool.map(lambda rule: _met(rule, lives), rules))
    pairs = distinct(np.concatenate([it.pairs for it in met]))
    grown = np.concatenate([it.grown for it in met])
    return Touched(*apart(pairs), _lost(kept, lives, rules, grown))


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


def _met(rule: Rule, lives: _Lives) -> _Met:
    blocks = _blocks(rule, lives)
    alive, came = lives.now[blocks.rows], ~lives.before[blocks.rows]
    small, was_small = blocks.now <= rule.most, blocks.before <= rule.most
    anew = (small & ~was_small)[blocks.block]  # (3)
    pairs = _pairs(blocks, alive & small[blocks.block], (anew | came) & alive)  # (1)
    outgrown = (was_small & ~small & (blocks.before > 1))[blocks.block]
    return _Met(pairs, blocks.rows[outgrown & ~came])


def _rules(kept: Kept, config: LinkageConfig) -> Iterator[Rule]:
    parts = {(word, name): [Part(name, it)] for name, it in kept.coded.tokens.items() for word in ("same", "rare")}
    for name, found in kept.bands.items():
        parts["near", name] = [Part(name, kept.coded.encodings[name].which, band) for band in found]
    for rule, largest in config.largest_blocks.items():
        most = min(config.rare_block, largest) if _RARE.search(rule) else largest
        yield from (Rule(chosen, most) for chosen in product(*(parts[part] for part in parts_of(rule))))


def _blocks(rule: Rule, lives: _Lives) -> _Blocks:
    """The blocks that changed.

    Those of blocks that are, and were, too large to bring anybody together are left out.
    """
    places = Places.of(rule.keys(lives.changed[rule.has(lives.changed)]))
    rows, place = rule.find(places)
    now = np.bincount(place[lives.now[rows]], minlength=len(places.keys))
    changed = places.find(rule.keys(lives.changed))
    came, went = (np.bincount(changed[(changed >= 0) & it], minlength=len(now))
                  for it in (lives.now[lives.changed], lives.before[lives.changed]))  # fmt: skip
    before = now - came + went
    some = np.flatnonzero((np.minimum(before, now) <= rule.most)[place])
    short = place[some].astype(np.min_scalar_type(len(now)))  # numbers of two bytes are sorted by counting them
    order = some[np.argsort(short, kind="stable")]
    return _Blocks(rows[order], place[order], before, now)


def _pairs(blocks: _Blocks, members: Flags, first: Flags) -> NDArray[np.uint64]:
    """Each of ``first`` with every member of its block but itself."""
    sizes = np.bincount(blocks.block[members], minlength=len(blocks.now))
    starts = np.cumsum(sizes) - sizes
    of, chosen = blocks.rows[members], members & first
    block = blocks.block[chosen]
    counts = sizes[block]
    return together(np.repeat(blocks.rows[chosen], counts), of[spans(starts[block], counts)])


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
        keys = rule.keys(left[open_])
        alike = (keys == rule.keys(right[open_])) & rule.has(left[open_])
        if alike.any():
            places = Places.of(keys[alike])
            rows, place = rule.find(places)
            now = np.bincount(place[lives.now[rows]], minlength=len(places.keys))
            held[open_[alike]] = now[places.find(keys[alike])] <= rule.most
    return np.asarray(doubtful[~held])
