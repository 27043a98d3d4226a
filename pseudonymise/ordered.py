"""Rows in the order of their keyed ids, which says nothing of the order in which they came.

Ids are digests, 32 hex digits as good as drawn at random. So rows are put in order by one number, made of the first
bits of their ids, which nearly always tells all apart. Whether it has done so is looked at afterwards; if it has not,
polars sorts by the texts themselves.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

_ID_BYTES, _WORD_BYTES = 32, 8
_SECOND_BITS = 26  # of the second id in the number; the first has all others
Words = NDArray[np.uint64]
Order = NDArray[np.intp]


def last_by(frame: pl.DataFrame, *key: str) -> pl.DataFrame:
    """One row for each key, the last one given, in order of the key. Its first columns are ids."""
    order = _order([frame[name] for name in key[:2]])
    if order is not None:
        return frame.select(pl.all().gather(pl.lit(pl.Series(order.astype(np.uint32)))))
    ordered = frame.sort(key, maintain_order=True)
    another = (pl.col(name).ne_missing(pl.col(name).shift(-1)) for name in key)
    is_last = pl.int_range(pl.len()) == pl.len() - 1
    return ordered.filter(pl.any_horizontal(is_last, *another))


def _order(ids: Sequence[pl.Series]) -> Order | None:
    """The order of rows by one id, or by two; none if it is not sure, or two rows have the same."""
    words = [_words(each) for each in ids]
    if any(each is None for each in words):
        return None
    found = [each for each in words if each is not None]
    order: Order = np.argsort(_number(found))
    return order if _rise([each[order, place].byteswap() for each in found for place in range(each.shape[1])]) else None


def _words(ids: pl.Series) -> Words | None:
    """The bytes of each id in four words; none if they are no ids."""
    if ids.dtype != pl.String or ids.null_count() or ids.is_empty():
        return None
    array = ids.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, data = array.buffers()
    places = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    if not (np.diff(places) == _ID_BYTES).all():
        return None
    start = int(places[0])
    return np.frombuffer(data, np.uint64, len(array) * (_ID_BYTES // _WORD_BYTES), start).reshape(len(array), -1)


def _number(words: Sequence[Words]) -> Words:
    """A number of which 64 bits, or of two ids 38 and 26, are as in the ids."""
    first = _value(words[0][:, 0]) << np.uint64(32) | _value(words[0][:, 1])
    if len(words) == 1:
        return first
    bits = np.uint64(_SECOND_BITS)
    return first >> bits << bits | _value(words[1][:, 0]) >> np.uint64(32 - _SECOND_BITS)


def _value(hexadecimal: Words) -> Words:
    """The number of 32 bits that eight lower-case hex digits, the first in the lowest byte, are written for."""
    digits = (hexadecimal & np.uint64(0x0F0F0F0F0F0F0F0F)) + (
        hexadecimal >> np.uint64(6) & np.uint64(0x0101010101010101)
    ) * np.uint64(9)
    pairs = (digits << np.uint64(4) | digits >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs | pairs >> np.uint64(8)) & np.uint64(0x0000FFFF0000FFFF)
    return (fours | fours >> np.uint64(16)).astype(np.uint32).byteswap().astype(np.uint64)


def _rise(words: Sequence[Words]) -> bool:
    """Whether each row is greater than the one before, by the first word in which they differ."""
    greater, same = (np.full(max(len(words[0]) - 1, 0), start) for start in (False, True))
    for word in words:
        greater |= same & (word[1:] > word[:-1])
        same &= word[1:] == word[:-1]
    return bool(greater.all())
