"""All blocks of some records, from which pairs are taken some at a time: a million records have a hundred million.

Pairs are given by their left records, in bounded memory.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from linkage.config import LinkageConfig
from linkage.paired.blocking import Keys, distinct, keys_of
from linkage.paired.coded import Coded, Numbers
from linkage.paired.grouping import Indices, spans

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Key:
    """One key's blocks. ``order``: records, block by block; by record its ``place`` there (-1) and the block's end."""

    order: NDArray[np.int32]
    place: NDArray[np.int32]
    end: NDArray[np.int32]

    @classmethod
    def of(cls, key: Keys, largest: int) -> Self:
        """Blocks of two records and more, no more than ``largest`` (paired.blocking, rule 3); in order of records."""
        known = np.flatnonzero(key >= 0)
        order = known[np.argsort(key[known], kind="stable")].astype(np.int32)
        starts = np.flatnonzero(np.append(True, key[order[1:]] != key[order[:-1]])) if len(order) else order
        sizes = np.diff(np.append(starts, len(order)))
        used = (sizes > 1) & (sizes <= largest)
        order, sizes = order[spans(starts[used].astype(np.int64), sizes[used])], sizes[used]
        place, end = np.full(len(key), -1, dtype=np.int32), np.full(len(key), -1, dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        end[order] = np.repeat(np.cumsum(sizes), sizes)
        return cls(order, place, end)

    def followers(self, records: Indices | slice) -> Indices:
        """How many records of its block come after each."""
        return np.asarray(np.where(self.place[records] < 0, 0, self.end[records] - self.place[records] - 1), np.int64)


@dataclass(frozen=True)
class Blocks:
    """The blocks of all rules."""

    records: int
    keys: tuple[_Key, ...]

    @classmethod
    def of(cls, coded: Coded, config: LinkageConfig) -> Self:
        """Block records by a configuration's rules."""
        largest = config.largest_blocks
        found = keys_of(coded, config.blocking, config.rare_block)
        return cls(coded.records, tuple(_Key.of(key, largest[rule]) for rule, key in found))

    @cached_property
    def followers(self) -> Indices:
        """Of each record how many pairs it is the left one of; a pair that two keys make counts twice."""
        return sum((key.followers(slice(None)) for key in self.keys), np.zeros(self.records, dtype=np.int64))

    def pairs_of(self, records: Indices) -> Keys:
        """Every pair of which one of these is the left record, once and in order: left * records + right."""
        found = [np.empty(0, dtype=np.int64)]
        for key in self.keys:
            counts = key.followers(records)
            right = key.order[spans(key.place[records].astype(np.int64) + 1, counts)]
            found.append(np.repeat(records, counts) * self.records + right)
        return distinct(np.concatenate(found))

    def slabs(self, most: int) -> list[Indices]:
        """The left records of all pairs, some at a time: about ``most`` pairs before those of two keys are one."""
        cuts = np.flatnonzero(np.diff(np.cumsum(self.followers) // most)) + 1
        return np.split(np.arange(self.records), cuts)

    def together(self, left: Numbers, right: Numbers) -> Flags:
        """Whether each pair is in a block together."""
        found = np.zeros(len(left), dtype=bool)
        for key in self.keys:
            found |= (key.place[left] >= 0) & (key.end[left] == key.end[right])
        return found
