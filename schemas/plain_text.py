"""Clean text of one column, found without looking at each value where a look at all the bytes at once will do."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.gathered import held_where

NULL_WORDS = ("", "NULL", "null")
_SPACE, _BEYOND_ASCII = 0x20, 0x80
_WORD, _N = 4, ord("n")  # letters of NULL, and the first
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PlainText:
    """Trimmed text, null where blank.

    ``data`` has the bytes of all values, one after the other, and ``ends`` where each ends, beginning with 0; a blank
    has none.
    """

    values: pl.Series
    data: Bytes
    ends: NDArray[np.int64]

    @cached_property
    def lowest(self) -> int:
        """The lowest byte of all; without any, a letter's."""
        return int(self.data.min()) if len(self.data) else _BEYOND_ASCII - 1

    @cached_property
    def highest(self) -> int:
        """The highest byte of all; without any, a letter's."""
        return int(self.data.max()) if len(self.data) else _BEYOND_ASCII - 1

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many bytes each value has."""
        return np.diff(self.ends)

    @property
    def firsts(self) -> Bytes:
        """The first byte of each value; of a blank the next one's, which does no harm where some byte is looked for."""
        return self.data.take(self.ends[:-1], mode="clip") if len(self.data) else self.data

    @property
    def lasts(self) -> Bytes:
        """The last byte of each value; of a blank the one's before."""
        return self.data.take(self.ends[1:] - 1, mode="clip") if len(self.data) else self.data

    @property
    def may_hold_controls(self) -> bool:
        """Whether some value may hold a control character."""
        return self.lowest < _SPACE

    @property
    def digits_alone(self) -> bool:
        """Whether every value consists of ASCII digits."""
        return self.lowest >= ord("0") and self.highest <= ord("9")


def plain_text(raw: pl.Series) -> PlainText:
    """Trim what has white space at its ends, and take a blank or the word NULL for no value.

    1. A column without a byte up to the space or beyond ASCII has nothing to trim. In any other, only values that begin
       or end with such a byte can have.
    2. NULL is looked for among the values of four letters that begin like it.
    """
    text = _text(raw)
    if _may_need_trimming(text):  # (1)
        text = _text(raw.str.strip_chars())
    words = _null_words(text)
    if len(words):  # (2)
        text = _text(text.values.clone().scatter(words, ""))
    blank = text.sizes == 0
    return PlainText(held_where(text.values, ~blank), text.data, text.ends) if blank.any() else text


def bytes_of(raw: pl.Series) -> tuple[Bytes, NDArray[np.int64]]:
    """All bytes of a column's values, one after the other, and where each value ends (and the first begins)."""
    array = raw.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, data = array.buffers()
    places = np.frombuffer(ends, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    return held[places[0] : places[-1]], places - places[0]


def _text(raw: pl.Series) -> PlainText:
    return PlainText(raw.fill_null("") if raw.null_count() else raw, *bytes_of(raw))


def _may_need_trimming(text: PlainText) -> bool:
    if text.lowest > _SPACE and text.highest < _BEYOND_ASCII:
        return False
    return any(bool(edge.min() <= _SPACE or edge.max() >= _BEYOND_ASCII) for edge in (text.firsts, text.lasts))


def _null_words(text: PlainText) -> NDArray[np.intp]:
    """The rows that say NULL."""
    rows = np.flatnonzero(text.sizes == _WORD)
    alike = rows[text.data[text.ends[rows]] | _SPACE == _N]
    said: NDArray[np.intp] = alike[text.values.gather(alike).is_in(NULL_WORDS).to_numpy()] if len(alike) else alike
    return said
