"""Similarity encodings of scheme 1: one keyed Bloom filter of 512 bits a field, compared by the Dice coefficient.

Each distinct feature (a bigram, or a character at its place) sets up to 16 bits, computed once; the masks of a value's
features are OR-ed. Source: docs/token-scheme-1.md, section 6; Schnell, Bachteler and Reiher 2009; keyed as they advise.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from pseudonymise.distinct import Distinct
from pseudonymise.permutation import BITS, BYTES
from pseudonymise.tokens import digest

WORDS = BYTES // 8
HASHES = 16  # the 16 two-byte words of one HMAC-SHA256
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


def bigrams(names: pl.Series) -> tuple[pl.Series, NDArray[np.int32], NDArray[np.int64]]:
    """The bigrams of names with a space before and after: the distinct ones, which each is, and where each name starts.

    Names hold no nulls and no empty texts.
    """
    points = np.frombuffer("".join(f" {name} " for name in names).encode("utf-32-le"), dtype=np.uint32)
    ends = np.cumsum(names.str.len_chars().to_numpy().astype(np.int64) + 2)
    pairs = points[:-1].astype(np.uint64) << np.uint64(32) | points[1:]
    within = np.ones(len(pairs), dtype=bool)
    within[ends[:-1] - 1] = False  # from the last character of one name to the first of the next
    found = Distinct.of(pl.Series(pairs[within]))
    texts = [chr(pair >> 32) + chr(pair & 0xFFFFFFFF) for pair in found.values]
    starts = np.concatenate(([0], ends[:-1])) - np.arange(len(ends))
    return pl.Series(texts, dtype=pl.String), found.places.to_numpy(), starts


def encode_names(names: pl.Series, key: str, places: NDArray[np.uint16] | None = None) -> NDArray[np.uint64]:
    """The encodings of names without nulls: rows of 8 words."""
    features, which, starts = bigrams(names)
    each = masks(features, key, places)
    folded = np.empty((len(names), WORDS), dtype=np.uint64)
    stops = np.append(starts[1:], len(which))
    for first in range(0, len(names), _VALUES_AT_ONCE):
        rows = slice(first, first + _VALUES_AT_ONCE)
        begin = starts[first]
        gathered = np.take(each, which[begin : stops[rows][-1]], axis=0)
        np.bitwise_or.reduceat(gathered, starts[rows] - begin, axis=0, out=folded[rows])
    return folded


def _postcode_features(postcodes: pl.Series) -> list[pl.Series]:
    """Six bigrams with their places in the 7-character form: outward part filled to 4 with spaces, then inward part."""
    seven = postcodes.str.head(-4).str.pad_end(4) + postcodes.str.tail(3)
    return [f"{place}" + seven.str.slice(place, 2) for place in range(6)]


def _date_features(dates: pl.Series) -> list[pl.Series]:
    """Eight digits with their places in YYYYMMDD; year, month and day; and month and day as two numbers in no order.

    The last make dates with day and month swapped alike.
    """
    digits = dates.str.replace_all("-", "", literal=True)
    year, month, day = digits.str.slice(0, 4), digits.str.slice(4, 2), digits.str.slice(6, 2)
    placed = [f"{place}|" + digits.str.slice(place, 1) for place in range(8)]
    return [*placed, "y|" + year, "m|" + month, "d|" + day, "p|" + month, "p|" + day]


def _encode_placed(features: list[pl.Series], key: str, places: NDArray[np.uint16] | None) -> NDArray[np.uint64]:
    folded = np.zeros((len(features[0]), WORDS), dtype=np.uint64)
    for column in features:
        found = Distinct.of(column)
        each, which = masks(found.values, key, places), found.places.to_numpy()
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
    which = pa.array(np.cumsum(known) - 1, mask=~known)
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(BYTES), len(rows), [None, pa.py_buffer(rows.tobytes())])
    return pl.Series(name, pl.from_arrow(fixed.take(which).cast(pa.large_binary())), dtype=pl.Binary)


_Encoder = Callable[[pl.Series, str, NDArray[np.uint16] | None], NDArray[np.uint64]]
_ENCODERS: dict[str, _Encoder] = {
    "forename": encode_names,
    "surname": encode_names,
    "postcode": lambda values, key, places: _encode_placed(_postcode_features(values), key, places),
    "date_of_birth": lambda values, key, places: _encode_placed(_date_features(values), key, places),
}
