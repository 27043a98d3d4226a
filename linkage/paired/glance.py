"""What the tokens of many pairs tell, at a glance: each pair's facts are bits of one number, looked up in tables.

1. A fact of a pair is that both records hold one token, or that one of them lacks it. A comparison looks at few facts,
   so what they tell of it is worked out once for every combination, and looked up for each pair.
2. What encodings decide is left in doubt: a table says which levels they may still decide, and which level the pair
   stands at should they decide for none of these.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from linkage.config import Comparison, LinkageConfig
from linkage.errors import LinkageConfigurationError
from linkage.paired.coded import MISSING, Coded, Numbers
from linkage.paired.language import Fact, facts_of
from linkage.paired.rules import Pairs

DOUBT = np.int8(-2)  # in the place of a level that encodings decide
Flags = NDArray[np.bool_]
Word = NDArray[np.unsignedinteger[Any]]
_WIDTHS = (8, 16, 32, 64)
_AT_ONCE = 4096
_FEW = 8  # one in so many records
_MOST_FACTS = 16  # of one comparison: a table of 65,536


@dataclass(frozen=True)
class Told:
    """What tokens tell of one comparison, by place in a table: bit ``n`` of the place says whether fact ``n`` holds.

    ``sure``: the level if encodings decide for none, -1 unknown; ``doubt``: by level from different upwards, then
    unknown, whether encodings may decide for it. ``level``: that of a pair, or DOUBT.
    """

    facts: tuple[Fact, ...]
    sure: NDArray[np.int8]
    doubt: NDArray[np.bool_]

    @cached_property
    def level(self) -> NDArray[np.int8]:
        """By place."""
        return np.where(self.doubt.any(axis=0), DOUBT, self.sure)


def told(comparison: Comparison) -> Told:
    """Work out a comparison's table. Raises LinkageConfigurationError if it looks at too many tokens."""
    return _told(*comparison.rules)


@lru_cache(maxsize=256)
def _told(unknown: str, *levels: str) -> Told:
    facts = facts_of((unknown, *levels))
    if len(facts) > _MOST_FACTS:
        raise _too_many("one comparison", len(facts), _MOST_FACTS)
    pairs = _Combinations(facts)
    sure, open_ = np.full(len(pairs), -1, dtype=np.int8), ~pairs.surely(unknown)
    doubt = np.zeros((len(levels) + 2, len(pairs)), dtype=bool)
    doubt[-1] = open_ & pairs.may(unknown)
    for place, rule in zip(range(len(levels), 0, -1), levels, strict=True):
        holds = open_ & pairs.surely(rule)
        doubt[place] = open_ & pairs.may(rule) & ~holds  # (2)
        sure[holds] = place
        open_ &= ~holds
    sure[open_] = 0
    return Told(facts, sure, doubt)


class _Combinations(Pairs):
    """As many pairs as facts combine, each of another combination."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        places = np.arange(1 << len(facts))
        self._count = len(places)
        self._known = {fact: (places >> bit & 1).astype(bool) for bit, fact in enumerate(facts)}
        self._known |= {("both", column): ~held for (word, column), held in self._known.items() if word == "missing"}

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True)
class _Side:
    """The tokens of records from ``first`` on, before ``end``: a row a record, a column a token; none is below 0.

    ``held``: the tokens that a record has, as bits.
    """

    first: int
    end: int
    tokens: NDArray[np.int32]
    held: Word

    def take(self, records: Numbers) -> tuple[NDArray[np.int32], Word]:
        """Those of some of them."""
        at = records - self.first if self.first else records
        return self.tokens.take(at, axis=0), self.held.take(at)


@dataclass(frozen=True)
class Facts:
    """All facts of pairs of some records, each with its ``bit``: first which tokens are the same, in order of columns.

    Then follows which tokens one of the two lacks: those of the first ``lacks`` columns.

    Tokens are laid side by side for the records that pairs are of: for all, once, unless these follow each other
    closely, as where few new records are compared with all others. Memory for all of them would take longer.
    """

    coded: Coded
    columns: tuple[str, ...]
    lacks: int
    bit: Mapping[Fact, int]
    _narrow: dict[str, _Side] = field(default_factory=dict, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def of(cls, coded: Coded, config: LinkageConfig) -> "Facts":
        """Those that a configuration's comparisons look at; made once for these records."""
        facts = facts_of(rule for comparison in config.comparisons.values() for rule in comparison.rules)
        return coded.made_once(facts, lambda: cls._made(coded, facts))

    @classmethod
    def _made(cls, coded: Coded, facts: tuple[Fact, ...]) -> Self:
        lacks = [column for word, column in facts if word == "missing"]
        columns = tuple(dict.fromkeys([*lacks, *(column for _, column in facts)]))
        if len(columns) + len(lacks) > _WIDTHS[-1]:
            raise _too_many("all comparisons", len(columns) + len(lacks), _WIDTHS[-1])
        bit = {("same", column): at for at, column in enumerate(columns)}
        bit |= {("missing", column): at for at, column in enumerate(lacks, len(columns))}
        return cls(coded, columns, len(lacks), bit)

    def words(self, left: Numbers, right: Numbers) -> Word:
        """Each pair's facts as bits; so many at once as stay in the processor's cache."""
        one, other = self._side("left", left), self._side("right", right)
        word = np.dtype(f"u{_wide(len(self.bit)) // 8}").type
        found, some, behind = np.empty(len(left), dtype=word), word((1 << self.lacks) - 1), word(len(self.columns))
        for at in range(0, len(left), _AT_ONCE):
            rows = slice(at, at + _AT_ONCE)
            (mine, held), (theirs, had) = one.take(left[rows]), other.take(right[rows])
            found[rows] = _bits(mine == theirs) & held
            found[rows] |= (~(held & had) & some).astype(word) << behind
        return found

    def _side(self, which: str, records: Numbers) -> _Side:
        """Where to look for these."""
        whole = self.coded.records
        first = int(records.min()) // _AT_ONCE * _AT_ONCE if len(records) else 0
        end = min(-(-(int(records.max()) + 1) // _AT_ONCE) * _AT_ONCE, whole) if len(records) else 0
        if (end - first) * _FEW >= whole or "_all" in self.__dict__:
            with self._lock:  # or else two threads make it at once
                return self._all
        known = self._narrow.get(which)
        if known is None or first < known.first or end > known.end:
            self._narrow[which] = known = self._laid(first, end)
        return known

    @cached_property
    def _all(self) -> _Side:
        return self._laid(0, self.coded.records)

    def _laid(self, first: int, end: int) -> _Side:
        width = _wide(len(self.columns))
        tokens, held = np.full((end - first, width), MISSING, dtype=np.int32), np.empty(end - first, f"u{width // 8}")
        for start in range(first, end, _AT_ONCE):  # some rows of all columns stay in the processor's cache
            of, rows = slice(start, start + _AT_ONCE), slice(start - first, start - first + _AT_ONCE)
            part = tokens[rows]
            for at, column in enumerate(self.columns):
                part[:, at] = self.coded.numbers(column)[of][: len(part)]
            held[rows] = _bits(part >= 0)
        return _Side(first, end, tokens, held)

    def places(self, facts: Iterable[Fact], words: Word) -> NDArray[np.intp]:
        """Where each pair is in a table of these facts; runs of bits that follow each other are moved at once."""
        place = np.zeros(len(words), dtype=words.dtype)
        for at, bit, length in _runs([self.bit[fact] for fact in facts]):
            mask = words.dtype.type((1 << length) - 1)
            place |= (words >> words.dtype.type(bit) & mask) << words.dtype.type(at)
        return place.astype(np.intp)


def _wide(bits: int) -> int:
    return next(it for it in _WIDTHS if it >= bits)


def _bits(flags: Flags) -> Word:
    """Each row of flags, 8 to 64, as one number; the first is the lowest bit."""
    return np.packbits(flags.reshape(-1), bitorder="little").view(f"u{flags.shape[1] // 8}")


def _runs(bits: list[int]) -> Iterator[tuple[int, int, int]]:
    """Place, bit and length of each run of bits."""
    first = 0
    for at in range(1, len(bits) + 1):
        if at == len(bits) or bits[at] != bits[at - 1] + 1:
            yield first, bits[first], at - first
            first = at


def _too_many(where: str, facts: int, most: int) -> LinkageConfigurationError:
    return LinkageConfigurationError(
        "The comparisons look at too many tokens",
        where=f"config/linkage.yaml, {where}",
        why=f"they ask {facts} times whether a token is the same or missing, and {most} is the most",
        fix="Compare by fewer tokens",
    )
