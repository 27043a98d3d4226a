"""Clean text of one column, found without looking at each value where a look at all the bytes at once will do."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

NULL_WORDS = ("", "NULL", "null")
_SPACE, _BEYOND_ASCII = 0x20, 0x80
_WORD = 4  # letters of NULL


@dataclass(frozen=True)
class PlainText:
    """Trimmed text, null where blank, and the lowest and highest byte that the column had before it was trimmed.

    ``data`` has the bytes of all values, one after the other, and ``ends`` where each ends, beginning with 0 (a blank
    has none); neither where the text had to be changed.
    """

    values: pl.Series
    lowest: int
    highest: int
    data: NDArray[np.uint8] | None = None
    ends: NDArray[np.int64] | None = None

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

    1. A column without a byte up to the space or beyond ASCII has nothing to trim.
    2. In any other, only values that begin or end with such a byte can have: if there is none, nothing is trimmed.
    3. NULL has four letters: if no value has, it is not looked for.
    """
    data, ends = bytes_of(raw)
    lowest, highest = (int(data.min()), int(data.max())) if len(data) else (_BEYOND_ASCII - 1, _BEYOND_ASCII - 1)
    sizes, changed = np.diff(ends), False
    if (lowest <= _SPACE or highest >= _BEYOND_ASCII) and _may_need_trimming(data, ends):  # (1), (2)
        raw, changed = raw.str.strip_chars(), True
        sizes = raw.str.len_bytes().fill_null(0).to_numpy()
    blank = sizes == 0
    if (sizes == _WORD).any():  # (3)
        words = raw.is_in(NULL_WORDS).fill_null(value=True).to_numpy() & ~blank
        blank, changed = blank | words, changed or bool(words.any())
    if blank.any():
        raw = raw.to_frame().select(pl.when(pl.Series(~blank)).then(pl.first())).to_series()
    return PlainText(raw, lowest, highest, None if changed else data, None if changed else ends)


def bytes_of(raw: pl.Series) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All bytes of a column's values, one after the other, and where each value ends (and the first begins)."""
    array = raw.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, data = array.buffers()
    places = np.frombuffer(ends, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    held = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    return held[places[0] : places[-1]], places - places[0]


def _may_need_trimming(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> bool:
    """Look at the first and the last byte of each value; of a blank, at those of its neighbours, which does no harm."""
    firsts, lasts = data[np.minimum(ends[:-1], len(data) - 1)], data[ends[1:] - 1]
    return any(bool(edge.min() <= _SPACE or edge.max() >= _BEYOND_ASCII) for edge in (firsts, lasts))
