"""Similarity encodings of scheme 1: one keyed Bloom filter of 512 bits a field, compared by the Dice coefficient.

Each distinct feature (a bigram, a name, or a character at its place) sets up to 16 bits, computed once; the masks of a
value's features are OR-ed.
Source: docs/token-scheme-1.md, section 6; Schnell, Bachteler and Reiher 2009; keyed as they advise.
"""

from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from pseudonymise.distinct import Distinct
from pseudonymise.permutation import BITS, BYTES
from pseudonymise.tokens import digest

WORDS = BYTES // 8
HASHES = 16  # the 16 two-byte words of one HMAC-SHA256
_SPACE_AND_LETTERS = 27
_BIGRAMS = pl.Series([one + two for one in " " + ascii_lowercase for two in " " + ascii_lowercase])
_Part = tuple[
    pl.Series, Callable[[pl.Series], list[pl.Series]]
]  # a part of each value; the features that follow from it
_VALUES_AT_ONCE = 8192  # keeps the gathered masks in the processor's cache, and memory flat


def masks(features: pl.Series, key: str, places: NDArray[np.uint16] | None = None) -> NDArray[np.uint64]:
    """The 512 bits that each feature sets, as 8 words; ``places`` moves the bits as stage 2 does.

    Bit numbers are the digest's 16 big-endian two-byte words modulo 512; bit 0 is the highest bit of byte 0.
    """
    digests = b"".join(digest(features, key).str.decode("hex"))
    bits = np.frombuffer(digests, dtype=">u2").reshape(-1, HASHES) % BITS
    if places is not None:
        bits = places[bits]
    single = np.zeros((len(bits), BITS), dtype=np.uint8)
    single[np.arange(len(bits))[:, None], bits] = 1
    return np.packbits(single, axis=1).view(np.uint64)


def encode_names(names: pl.Series, key: str, places: NDArray[np.uint16] | None = None) -> NDArray[np.uint64]:
    """The encodings of canonical names, letters a to z without nulls, by bigrams with a space before and after."""
    each = masks(_BIGRAMS, key, places)
    each[0] = 0  # two spaces stand between two names, in none
    spaced = (" " + names + " ").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    starts = np.frombuffer(spaced.buffers()[1], dtype=np.int64)[: len(names)]
    letters = np.frombuffer(spaced.buffers()[2], dtype=np.uint8)
    numbers = letters.astype(np.uint16) & 31  # 0 for a space, 1 to 26 for a to z
    return _folded(each, numbers[:-1] * _SPACE_AND_LETTERS + numbers[1:], starts)


def encode_families(names: pl.Series, key: str, places: NDArray[np.uint16] | None = None) -> NDArray[np.uint64]:
    """The encodings of families of forenames without nulls: each name in them is a feature."""
    members = names.str.split(" ")
    found = Distinct.of(members.explode())
    starts = np.concatenate(([0], np.cumsum(members.list.len().to_numpy().astype(np.int64))))
    return _folded(masks(found.values, key, places), found.places.to_numpy(), starts[:-1])


def _folded(each: NDArray[np.uint64], which: NDArray[np.integer[Any]], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The masks of each value OR-ed: those that ``which`` names from its start to the next one's."""
    folded = np.empty((len(starts), WORDS), dtype=np.uint64)
    stops = np.append(starts[1:], len(which))
    for first in range(0, len(starts), _VALUES_AT_ONCE):
        rows = slice(first, first + _VALUES_AT_ONCE)
        gathered = np.take(each, which[starts[first] : stops[rows][-1]], axis=0)
        np.bitwise_or.reduceat(gathered, starts[rows] - starts[first], axis=0, out=folded[rows])
    return folded


def _postcode_parts(postcodes: pl.Series) -> list[_Part]:
    """Six bigrams with their places in the 7-character form: outward part filled to 4 with spaces, then inward part.

    The first four follow from the sector, the last two from the inward part.
    """
    seven = postcodes.str.head(-4).str.pad_end(4) + postcodes.str.tail(3)
    return [
        (seven.str.slice(0, 5), lambda sector: [f"{place}" + sector.str.slice(place, 2) for place in range(4)]),
        (seven.str.slice(4, 3), lambda inward: [f"{place + 4}" + inward.str.slice(place, 2) for place in range(2)]),
    ]


def _date_parts(dates: pl.Series) -> list[_Part]:
    """Eight digits with their places in YYYYMMDD; year, month and day; and month and day as two numbers in no order.

    The last make dates with day and month swapped alike.
    """

    def features(first: int, digits: int, *letters: str) -> Callable[[pl.Series], list[pl.Series]]:
        return lambda part: [
            *(f"{first + place}|" + part.str.slice(place, 1) for place in range(digits)),
            *(f"{letter}|" + part for letter in letters),
        ]

    return [
        (dates.str.slice(0, 4), features(0, 4, "y")),
        (dates.str.slice(5, 2), features(4, 2, "m", "p")),
        (dates.str.slice(8, 2), features(6, 2, "d", "p")),
    ]


def _encode_parts(parts: list[_Part], key: str, places: NDArray[np.uint16] | None) -> NDArray[np.uint64]:
    folded = np.zeros((len(parts[0][0]), WORDS), dtype=np.uint64)
    for column, features in parts:
        found = Distinct.of(column)
        each = np.bitwise_or.reduce([masks(feature, key, places) for feature in features(found.values)])
        which = found.places.to_numpy()
        for first in range(0, len(which), _VALUES_AT_ONCE):
            rows = slice(first, first + _VALUES_AT_ONCE)
            folded[rows] |= np.take(each, which[rows], axis=0)
    return folded


def encode(values: pl.Series, field: str, key: str, places: NDArray[np.uint16] | None = None) -> pl.Series:
    """The encodings of canonical values, 64 bytes each; null stays null."""
    known = values.drop_nulls()
    if known.is_empty():
        return pl.Series(values.name, [None] * len(values), dtype=pl.Binary)
    folded = _ENCODERS[field](known, key, places)
    return from_words(folded, values.is_not_null().to_numpy(), values.name)


def from_words(rows: NDArray[np.uint64], known: NDArray[np.bool_], name: str) -> pl.Series:
    """Rows of 64 bytes as a column, null where a value is not known."""
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(BYTES), len(rows), [None, pa.py_buffer(rows.tobytes())])
    if not known.all():
        fixed = fixed.take(pa.array(np.cumsum(known) - 1, mask=~known))
    return pl.Series(name, pl.from_arrow(fixed.cast(pa.large_binary())), dtype=pl.Binary)


_Encoder = Callable[[pl.Series, str, NDArray[np.uint16] | None], NDArray[np.uint64]]
_ENCODERS: dict[str, _Encoder] = {
    "forename": encode_names,
    "forename_family": encode_families,
    "surname": encode_names,
    "postcode": lambda values, key, places: _encode_parts(_postcode_parts(values), key, places),
    "date_of_birth": lambda values, key, places: _encode_parts(_date_parts(values), key, places),
}
