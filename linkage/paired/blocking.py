"""Which records are compared: those that agree by at least one blocking rule.

1. A rule is what two records must have in common: ``same(token)``; ``rare(token)``, a value that no more than
   ``rare_block`` records have; and ``near(encoding)`` for encodings that are much alike.
2. ``near`` takes, of an encoding's set bits, the first in each of several fixed orders (min-wise hashing, Broder
   1997); four in a row are one band, and records that share any band meet. Two encodings share a first bit as often
   as their Jaccard coefficient says: at Dice 0.9 they meet nearly always, at 0.8 mostly, at 0.4 hardly ever.
3. A value that more than ``largest_block`` records share tells too little to compare them all by it; other rules will.
   For rules that say little by themselves ``smaller_blocks`` sets the limit.
"""

import re
from collections.abc import Collection, Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from linkage.paired.coded import MISSING, Coded, Encodings, Numbers
from linkage.paired.grouping import components

Keys = NDArray[np.int64]
Parts = dict[tuple[str, str], list[Numbers]]
_PART = re.compile(r"(same|rare|near)\(([a-z_]+)\)")
_BANDS, _ROWS = 6, 4
_BITS = 512
_MIX, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def keys_of(coded: Coded, rules: Collection[str], rare_block: int) -> Iterator[tuple[str, Keys]]:
    """Each rule with the records' keys by it, as often as it has some."""
    parts: Parts = {}
    for word, column in dict.fromkeys(part for rule in rules for part in parts_of(rule)):
        tokens = coded.tokens.get(column)
        if tokens is None:
            parts[word, column] = bands(coded.encodings[column])
        else:
            parts[word, column] = [tokens if word == "same" else _rare(tokens, rare_block)]
    for rule in rules:
        yield from ((rule, key) for key in keys_by(rule, parts))


def distinct(keys: Keys) -> Keys:
    """Each once, in order."""
    keys.sort()
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def groups(coded: Coded, rules: list[str]) -> Keys:
    """Records that the rules connect, however far: for each the smallest record of its group. No block is too large."""
    left, right = [], []
    parts: Parts = {("same", column): [tokens] for column, tokens in coded.tokens.items()}
    for key in (key for rule in rules for key in keys_by(rule, parts)):
        known = np.flatnonzero(key >= 0)
        order = known[np.argsort(key[known], kind="stable")]
        next_to = key[order[1:]] == key[order[:-1]]
        left.append(order[:-1][next_to])
        right.append(order[1:][next_to])
    return components(coded.records, np.concatenate(left), np.concatenate(right))


def keys_by(rule: str, parts: Parts) -> list[Keys]:
    """The records' keys by this rule, -1 where a part is missing; several where it says near."""
    return [joined(chosen) for chosen in product(*(parts[part] for part in parts_of(rule)))]  # (1)


def parts_of(rule: str) -> list[tuple[str, str]]:
    """What a blocking rule looks at: word and column of each part."""
    return _PART.findall(rule)


def _rare(tokens: Numbers, most: int) -> Numbers:
    counts = np.bincount(tokens[tokens >= 0], minlength=1)
    return np.where((tokens >= 0) & (counts[tokens] <= most), tokens, np.int32(MISSING))


def joined(parts: tuple[Numbers, ...]) -> Keys:
    """One number for the values of all parts. Should two meet in it, some pairs are compared for nothing."""
    key = parts[0].astype(np.uint64)
    missing = parts[0] < 0
    for part in parts[1:]:
        key = (key ^ (key >> _HALF)) * _MIX + part.astype(np.uint64)
        missing |= part < 0
    return np.where(missing, MISSING, ((key ^ (key >> _HALF)) * _MIX >> np.uint64(1)).astype(np.int64))


def bands(encodings: Encodings) -> list[Numbers]:
    """One number a record and band; -1 where there is no encoding."""
    if not len(encodings.words):
        return [encodings.which] * _BANDS
    row, bit = np.nonzero(np.unpackbits(encodings.words.view(np.uint8), axis=1))
    starts = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
    orders = np.random.default_rng(1997)
    found: list[Numbers] = []
    for _ in range(_BANDS):
        band = np.zeros(len(encodings.words), dtype=np.int32)
        for _ in range(_ROWS):
            band = band * _BITS + np.minimum.reduceat(orders.permutation(_BITS).astype(np.int32)[bit], starts)  # (2)
        found.append(np.append(band, np.int32(MISSING))[encodings.which])
    return found
