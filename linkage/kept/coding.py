"""New records as numbers beside those that are kept: equal values have equal numbers, and a new value a new one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.kept.state import Ids, Kept, Rows
from linkage.paired.blocking import bands
from linkage.paired.coded import MISSING, Coded, Encodings, code
from linkage.threads import side_by_side

_HEX = 16


@dataclass(frozen=True)
class Fresh:
    """Records in order of their ids, numbered as ``Kept`` numbers; with what their values and encodings add to it."""

    coded: Coded
    values: Mapping[str, Ids]
    pieces: Mapping[str, tuple[int, ...]]
    bands: Mapping[str, list[NDArray[np.int32]]]

    @classmethod
    def first(cls, own: Coded, records: pl.DataFrame, near: frozenset[str]) -> "Fresh":
        """All records at once, which are numbered already."""
        found = {name: values_of(records[name]) for name in own.tokens}
        return cls(own, found, dict.fromkeys(found, (0,)), {name: _bands(own.encodings[name]) for name in sorted(near)})

    @classmethod
    def beside(cls, kept: Kept, records: pl.DataFrame, columns: tuple[str, ...], near: frozenset[str]) -> "Fresh":
        """Number records, sorted by id; raises LinkageRefused if they are not well formed."""
        own = code(records, columns)
        merged = side_by_side(
            lambda name: _merged(kept.values[name], kept.pieces[name], values_of(records[name])), own.tokens
        )
        of = dict(zip(own.tokens, merged, strict=True))
        tokens = {name: np.append(of[name][0], np.int32(MISSING))[numbers] for name, numbers in own.tokens.items()}
        values, pieces = {name: it[1] for name, it in of.items()}, {name: it[2] for name, it in of.items()}
        encodings = {name: _after(kept.coded.encodings[name], it) for name, it in own.encodings.items()}
        more = {name: _joined(kept.bands[name], _bands(own.encodings[name])) for name in sorted(near)}
        return cls(Coded(own.records, tokens, encodings), values, pieces, more)


def values_of(tokens: pl.Series) -> Ids:
    """The first 64 bits of each distinct token, ascending: two that agree in them are taken as one."""
    distinct = tokens.drop_nulls().unique().sort().str.head(_HEX)
    return np.frombuffer(b"".join(distinct.str.decode("hex").to_list()), dtype=">u8").astype(np.uint64)


def _merged(values: Ids, pieces: tuple[int, ...], new: Ids) -> tuple[NDArray[np.int32], Ids, tuple[int, ...]]:
    """Of each new value its number; and all values, with where they ascend anew."""
    to = np.full(len(new), MISSING, dtype=np.int32)
    for first, end in zip(pieces, (*pieces[1:], len(values)), strict=True):
        piece = values[first:end]
        place = np.minimum(np.searchsorted(piece, new), max(len(piece) - 1, 0))
        known = piece[place] == new if len(piece) else np.zeros(len(new), dtype=bool)
        to[known] = place[known] + first
    unknown = np.flatnonzero(to == MISSING)
    to[unknown] = len(values) + np.arange(len(unknown))
    more = (*pieces, len(values)) if len(unknown) else pieces
    return to, np.concatenate([values, new[unknown]]), more


def _after(kept: Encodings, new: Encodings) -> Encodings:
    """New encodings behind the kept ones."""
    which = np.where(new.which >= 0, new.which + len(kept.words), MISSING).astype(np.int32)
    return Encodings(which, np.concatenate([kept.words, new.words]), np.concatenate([kept.bits, new.bits]))


def _bands(encodings: Encodings) -> list[NDArray[np.int32]]:
    """The bands of every distinct encoding, in order."""
    each = Encodings(np.arange(len(encodings.words), dtype=np.int32), encodings.words, encodings.bits)
    return [band.astype(np.int32) for band in bands(each)]


def _joined(kept: list[NDArray[np.int32]], new: list[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    return [np.concatenate([one, other]) for one, other in zip(kept, new, strict=True)]


def same_as_before(kept: Kept, rows: Rows, fresh: Fresh, at: Rows) -> NDArray[np.bool_]:
    """Whether kept rows say the very same as fresh records do."""
    same = np.ones(len(rows), dtype=bool)
    for name, numbers in fresh.coded.tokens.items():
        same &= kept.coded.tokens[name][rows] == numbers[at]
    for name, new in fresh.coded.encodings.items():
        before, now = kept.coded.encodings[name].which[rows], new.which[at]
        both = np.flatnonzero((before >= 0) & (now >= 0))
        same &= (before >= 0) == (now >= 0)
        same[both] &= (new.words[before[both]] == new.words[now[both]]).all(axis=1)
    return same
