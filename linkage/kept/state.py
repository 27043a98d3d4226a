"""All that linkage knows of the records, as numbers: what the next link starts from.

1. A row is one record as one delivery has it; ``alive`` are those that count now. Rows are only ever added.
2. Of a record are kept the numbers of its tokens and encodings, of each pair that may matter its levels and weight.
3. A region is a set of records whose persons depend on each other, and on no record outside (``linkage.kept.regions``).
4. Frequencies stay as they were when the model first served: they belong to it. A value that came later is rare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.clustered.deaths import Days
from linkage.clustered.once import once_of
from linkage.config import LinkageConfig
from linkage.kept.frequent import Frequent
from linkage.learned.model import Model
from linkage.learned.weighing import Scale
from linkage.paired.coded import Coded, Encodings, Numbers
from linkage.paired.compared import Compared
from linkage.paired.grouping import Weights
from linkage.paired.levels import Levels

Flags = NDArray[np.bool_]
Ids = NDArray[np.uint64]  # record ids, two halves each
Rows = NDArray[np.int64]
_AT_ONCE, _PAIRS_AT_ONCE = 1 << 15, 1 << 17  # rows and pairs that are looked at at once
_SLOTS, _SHIFT = 1 << 21, np.uint64(64 - 21)


@dataclass(frozen=True)
class Pairs:
    """Compared pairs by row, the smaller record id left; ``constraint`` is -1 where none held.

    ``number`` names a pair for ever, in the order in which pairs were first kept.
    """

    number: NDArray[np.int64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    weight: Weights
    levels: Levels
    constraint: NDArray[np.int8]

    def at(self, which: Flags | Rows) -> "Pairs":
        """Some of them."""
        rows = np.flatnonzero(which) if which.dtype == np.bool_ else which  # numpy takes rows faster than it masks them
        return Pairs(*(column.take(rows, axis=0) for column in self.columns))

    def places(self, asked: Callable[["Pairs"], Flags]) -> Rows:
        """Where it is so; asked of some at a time."""
        found = [np.zeros(0, dtype=np.int64)]
        for at in range(0, len(self.left), _PAIRS_AT_ONCE):
            some = Pairs(*(column[at : at + _PAIRS_AT_ONCE] for column in self.columns))
            found.append(np.flatnonzero(asked(some)) + at)
        return np.concatenate(found)

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """Its columns, in order."""
        return self.number, self.left, self.right, self.weight, self.levels, self.constraint

    def compared(self, place: Rows) -> Compared:
        """The same pairs between renumbered records, in their order."""
        left, right = place[self.left], place[self.right]
        order = np.lexsort((right, left))
        return Compared(left[order], right[order], self.levels[order], self.weight[order], self.constraint[order])


@dataclass(frozen=True)
class Links:
    """All pairs: those of ``before``, without those at the places ``lost``, which ascend; then ``more``.

    They are put together once all are asked for: it is millions, and a link looks at few.
    """

    before: Pairs
    lost: Rows
    more: Pairs

    @classmethod
    def of(cls, pairs: Pairs) -> "Links":
        """Pairs that are together."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls(pairs, nothing, pairs.at(nothing))

    @cached_property
    def all(self) -> Pairs:
        """Every one."""
        if not len(self.lost) and not len(self.more.left):
            return self.before
        ends = zip([0, *(self.lost + 1).tolist()], [*self.lost.tolist(), len(self.before.left)], strict=True)
        stay = [slice(*it) for it in ends]  # each is copied but once
        return Pairs(
            *(
                np.concatenate([*(mine[part] for part in stay), theirs])
                for mine, theirs in zip(self.before.columns, self.more.columns, strict=True)
            )
        )

    def where(self, asked: Callable[[Pairs], Flags]) -> Pairs:
        """Those of which it is so."""
        stay = np.setdiff1d(self.before.places(asked), self.lost, assume_unique=True)
        some = self.before.at(stay), self.more.at(asked(self.more))
        return Pairs(*(np.concatenate(both) for both in zip(*(it.columns for it in some), strict=True)))


@dataclass(frozen=True)
class Kept:
    """``values``: of each token column the first 64 bits of each number's value; ``pieces``: where they ascend anew.

    ``bands`` are those of linkage.paired.blocking, of each distinct encoding. ``rarity`` is what
    ``frequent`` says of each number's value. ``region`` and ``label`` name each row's region and person by a row.
    ``source`` is by number the delivery that a row is of, ``feed`` the feed, whose name is in
    ``feeds``; ``earlier``: an older delivery has it too.
    ``traits``: sex, ethnic group and year of birth, by the codes of linkage.assessed.traits; for quality alone.
    ``days``: when its person died and was seen last, as its newest delivery tells (linkage.clustered.deaths).
    """

    ids: Ids
    alive: Flags
    earlier: Flags
    source: NDArray[np.int32]
    feed: NDArray[np.int32]
    traits: NDArray[np.int16]
    days: Days
    coded: Coded
    values: Mapping[str, Ids]
    pieces: Mapping[str, tuple[int, ...]]
    bands: Mapping[str, list[NDArray[np.int32]]]
    frequent: Frequent
    rarity: Mapping[str, Weights]
    region: Rows
    label: Rows
    links: Links
    pairs_made: int
    feeds: tuple[str, ...] = ()

    @property
    def pairs(self) -> Pairs:
        """All of them."""
        return self.links.all

    @property
    def records(self) -> int:
        """How many records there are now."""
        return int(np.count_nonzero(self.alive))

    @property
    def persons(self) -> int:
        """Of how many persons they are."""
        named = np.zeros(len(self.label), dtype=bool)
        named[self.label[self.alive]] = True
        return int(np.count_nonzero(named))

    def scale(self, rows: Rows, model: Model, config: LinkageConfig) -> Scale:
        """What pairs of some rows are weighed by; they are numbered in the order given."""
        once = once_of(self.feed[rows], self.feeds, config.clustering.one_record_per_person)
        return Scale(only(self.coded, rows), config, model, self.rarity, once, self.days[rows])

    def find(self, ids: Ids) -> Rows:
        """The living row of each of these record ids, -1 where there is none. No id comes twice."""
        if not len(ids):
            return np.zeros(0, dtype=np.int64)
        order = np.argsort(ids[:, 0], kind="stable")
        asked = np.zeros(_SLOTS, dtype=bool)
        asked[ids[:, 0] >> _SHIFT] = True
        high, starts = self.ids[:, 0], range(0, len(self.ids), _AT_ONCE)
        some = [np.flatnonzero(asked.take(high[at : at + _AT_ONCE] >> _SHIFT)) + at for at in starts]
        rows = np.concatenate([ids[:0, 0].astype(np.int64), *some])
        rows = rows[self.alive[rows]]
        place = np.minimum(np.searchsorted(ids[order, 0], self.ids[rows, 0]), len(ids) - 1)
        same = (ids[order[place]] == self.ids[rows]).all(axis=1)
        found = np.full(len(ids), -1, dtype=np.int64)
        found[order[place[same]]] = rows[same]
        return found

    def smaller_first(self, one: Numbers, other: Numbers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pairs of rows, the smaller record id left."""
        high, low = self.ids[:, 0], self.ids[:, 1]
        turned = (high[one] > high[other]) | ((high[one] == high[other]) & (low[one] > low[other]))
        left, right = np.where(turned, other, one), np.where(turned, one, other)
        return left.astype(np.int32), right.astype(np.int32)

    def in_order(self, rows: Rows) -> Rows:
        """Rows in the order of their record ids, which is what linkage numbers records by."""
        return np.asarray(rows[np.lexsort((self.ids[rows, 1], self.ids[rows, 0]))])


def only(coded: Coded, rows: Rows) -> Coded:
    """Some records, in the order given; their tokens keep their numbers."""
    tokens = {name: numbers[rows] for name, numbers in coded.tokens.items()}
    encodings = {name: Encodings(it.which[rows], it.words, it.bits) for name, it in coded.encodings.items()}
    return Coded(len(rows), tokens, encodings)


def halves_of(record_ids: pl.Series) -> Ids:
    """Record ids of 32 hex digits as two numbers each, which order as the ids do."""
    raw = b"".join(record_ids.str.decode("hex").to_list())
    return np.frombuffer(raw, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def names_of(ids: Ids) -> pl.Series:
    """The record ids again."""
    raw = ids.astype(">u8").view("V16").ravel().tolist()
    return pl.Series("record_id", raw, dtype=pl.Binary).bin.encode("hex")
