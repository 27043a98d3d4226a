"""What the tokens of many pairs tell, at a glance: each pair's facts are bits of one number, looked up in tables.

1. A fact of a pair is that both records hold one token, or that one of them lacks it. A comparison looks at few facts,
   so what they tell of it is worked out once for every combination, and looked up for each pair.
2. What encodings decide is left in doubt: a table says which levels they may still decide, and which level the pair
   stands at should they decide for none of these.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from linkage.config import Comparison, LinkageConfig
from linkage.errors import LinkageConfigurationError
from linkage.paired.coded import Coded, Numbers
from linkage.paired.language import Fact, facts_of
from linkage.paired.rules import Pairs

DOUBT = np.int8(-2)  # in the place of a level that encodings decide
Word = NDArray[np.unsignedinteger[Any]]
_WIDTHS = (8, 16, 32, 64)
_AT_ONCE = 4096
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
class Facts:
    """All facts of pairs of some records. ``tokens``: a row a record, a column a token, as wide as a word has bits.

    ``held``: the tokens that a record has, as bits; ``lacks``: of those whose lack is a fact, the ones it has not.
    """

    bit: Mapping[Fact, int]
    tokens: NDArray[np.int32]
    held: Word
    lacks: Word

    @classmethod
    def of(cls, coded: Coded, config: LinkageConfig) -> "Facts":
        """Those that a configuration's comparisons look at; made once for these records."""
        facts = facts_of(rule for comparison in config.comparisons.values() for rule in comparison.rules)
        return coded.made_once(facts, lambda: cls._made(coded, facts))

    @classmethod
    def _made(cls, coded: Coded, facts: tuple[Fact, ...]) -> Self:
        same, missing = ([column for word, column in facts if word == kind] for kind in ("same", "missing"))
        width = next((it for it in _WIDTHS if it >= len(same)), 0)
        bits = next((it for it in _WIDTHS if it >= max(width, len(facts))), 0)
        if not width or not bits:
            raise _too_many("all comparisons", len(facts), _WIDTHS[-1])
        tokens, word = np.zeros((coded.records, width), dtype=np.int32), np.dtype(f"u{bits // 8}")
        held, lacks = np.zeros(coded.records, dtype=word), np.zeros(coded.records, dtype=word)
        for first in range(0, coded.records, _AT_ONCE):  # some rows of all columns stay in the processor's cache
            rows = slice(first, first + _AT_ONCE)
            for at, column in enumerate(same):
                tokens[rows, at] = numbers = coded.numbers(column)[rows]
                held[rows] |= (numbers >= 0).astype(word) << word.type(at)
            for at, column in enumerate(missing, len(same)):
                lacks[rows] |= (coded.numbers(column)[rows] < 0).astype(word) << word.type(at)
        bit = {fact: at for at, fact in enumerate(sorted(facts, key=lambda fact: fact[0] != "same"))}  # stable
        return cls(bit, tokens, held, lacks)

    def words(self, left: Numbers, right: Numbers) -> Word:
        """Each pair's facts as bits; so many at once as stay in the processor's cache."""
        found = np.empty(len(left), dtype=self.held.dtype)
        for at in range(0, len(left), _AT_ONCE):
            rows = slice(at, at + _AT_ONCE)
            alike = self.tokens.take(left[rows], axis=0) == self.tokens.take(right[rows], axis=0)
            found[rows] = np.packbits(alike.reshape(-1), bitorder="little").view(f"u{self.tokens.shape[1] // 8}")
        found &= self.held.take(left)
        found |= self.lacks.take(left)
        found |= self.lacks.take(right)
        return found

    def places(self, facts: Iterable[Fact], words: Word) -> NDArray[np.intp]:
        """Where each pair is in a table of these facts; runs of bits that follow each other are moved at once."""
        place = np.zeros(len(words), dtype=words.dtype)
        for at, bit, length in _runs([self.bit[fact] for fact in facts]):
            mask = words.dtype.type((1 << length) - 1)
            place |= (words >> words.dtype.type(bit) & mask) << words.dtype.type(at)
        return place.astype(np.intp)


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
