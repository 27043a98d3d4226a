"""Records in the form in which pairs of them are compared fastest.

A token becomes a small whole number (equal tokens, equal numbers; -1 is missing). Of an encoding, each distinct one is
kept once as eight 64-bit words beside the count of its bits. Records are numbered in the order of their record ids, so
that neither the order of deliveries nor that of rows changes anything downstream.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.errors import LinkageRefused
from linkage.threads import side_by_side

MISSING = -1
WORDS = 8
_BYTES = 8 * WORDS
Made = TypeVar("Made")
Numbers = NDArray[np.integer[Any]]  # of records, or of values


@dataclass(frozen=True)
class Encodings:
    """One encoding of all records: ``which`` row of ``words`` is a record's (-1: none), and how many bits it sets."""

    which: Numbers
    words: NDArray[np.uint64]
    bits: NDArray[np.int32]


@dataclass(frozen=True)
class Coded:
    """The records of one run, by number: ``tokens`` and ``encodings`` by their columns' names."""

    records: int
    tokens: Mapping[str, Numbers]
    encodings: Mapping[str, Encodings]

    def numbers(self, column: str) -> Numbers:
        """Of each record the number of its token, or of its encoding; -1 where there is none."""
        return self.tokens[column] if column in self.tokens else self.encodings[column].which

    def made_once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What was made of these records before under this name, or is made now."""
        if what not in self._made:
            self._made[what] = make()
        return cast(Made, self._made[what])

    @cached_property
    def _made(self) -> dict[Hashable, object]:
        return {}


def code(records: pl.DataFrame, columns: tuple[str, ...]) -> Coded:
    """Number the records and turn ``columns`` into numbers.

    Raises LinkageRefused if a record id comes twice, a column is missing or an encoding is not 512 bits.
    """
    check(records, columns)
    records = records.sort("record_id")
    made = dict(zip(columns, side_by_side(lambda name: _made(records[name]), columns), strict=True))
    tokens = {name: it for name, it in made.items() if not isinstance(it, Encodings)}
    encodings = {name: it for name, it in made.items() if isinstance(it, Encodings)}
    return Coded(records.height, tokens, encodings)


def _made(values: pl.Series) -> Numbers | Encodings:
    return _numbers(values) if values.name.startswith("token_") else _encodings(values)


def check(records: pl.DataFrame, columns: tuple[str, ...]) -> None:
    """Raises LinkageRefused if a record id comes twice or a column is missing."""
    missing = [column for column in ("record_id", *columns) if column not in records.columns]
    if missing:
        raise refused(f"they have no column {', '.join(missing)}", "Pseudonymise them by token scheme 1")
    if records["record_id"].n_unique() < records.height:
        raise refused("a record id comes twice", "Give the newest delivery of each record only")


def refused(why: str, fix: str) -> LinkageRefused:
    """The refusal of records that are not well formed."""
    return LinkageRefused("The records cannot be linked", where="the records table", why=why, fix=fix)


def _numbers(values: pl.Series) -> Numbers:
    """The rank of each value among the distinct ones, from 0; -1 where there is none."""
    ranks = values.rank("dense").cast(pl.Int32) - 1
    return np.ascontiguousarray(ranks.fill_null(MISSING).to_numpy(), dtype=np.int32)


def _encodings(values: pl.Series) -> Encodings:
    which = _numbers(values)
    distinct = values.drop_nulls().unique().sort()
    if (distinct.bin.size() != _BYTES).any():
        raise refused("an encoding is not 512 bits long", "Encode them by token scheme 1")
    words = np.frombuffer(b"".join(distinct.to_list()), dtype=np.uint64).reshape(-1, WORDS)
    return Encodings(which, words, np.bitwise_count(words).sum(axis=1, dtype=np.int32))
