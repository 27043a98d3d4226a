"""Exact tokens of scheme 1: 128 bits of a keyed digest, as 32 lower-case hex digits.

polars shows keys in a serialised or printed plan: every expression here is run at once and no plan leaves this module,
nor does an error of polars, whose traceback holds the key.
Source: docs/token-scheme-1.md, section 5.
"""

from binascii import unhexlify

import numpy as np
import polars as pl
import polars_hash  # noqa: F401  # registers the ``chash`` namespace of expressions
import pyarrow as pa

from pseudonymise.errors import DigestRefused

TOKEN_HEX = 32


class HmacKey(str):
    """The key of an HMAC, 64 hex digits; like the key that it is derived from, never shown and never pickled."""

    __slots__ = ()

    @classmethod
    def of(cls, derived: bytes) -> "HmacKey":
        """From the 32 bytes that were derived for one use."""
        return cls(derived.hex())

    def __repr__(self) -> str:
        return "HmacKey(hidden)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a key is never pickled: open the ring where the key is needed")


def digest(values: pl.Series, key: str) -> pl.Series:
    """HMAC-SHA256 of texts (as UTF-8) or bytes under ``key`` (its ASCII characters), 64 hex digits; null stays null.

    Raises DigestRefused for anything else than texts or bytes.
    """
    try:
        digested = values.to_frame("value").select(pl.col("value").chash.hmac_sha256(key=str(key)))  # type: ignore[attr-defined]
    except pl.exceptions.PolarsError:
        raise DigestRefused(
            "Nothing is digested",
            where=f"column {values.name}",
            why=f"it holds {values.dtype}, not text or bytes",
            fix="Read it as text",
        ) from None
    return digested.to_series().alias(values.name)


def source_tokens(values: pl.Series, key: str) -> pl.Series:
    """Stage 1: the token of each canonical value."""
    return digest(values, key).str.slice(0, TOKEN_HEX)


def hub_tokens(tokens: pl.Series, *keys: str) -> pl.Series:
    """Stage 2: a token of the 16 bytes of each stage-1 token; of several keys, each of what the one before it made."""
    for key in keys:
        tokens = digest(_as_bytes(tokens), key).str.slice(0, TOKEN_HEX)
    return tokens


def _as_bytes(tokens: pl.Series) -> pl.Series:
    """The 16 bytes of each token of 32 hex digits, all read at once; null stays null."""
    digits = tokens.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    known, ends, text = digits.buffers()
    halves = np.frombuffer(ends, dtype=np.int64)[: len(digits) + 1] // 2
    buffers = [known, pa.py_buffer(halves), pa.py_buffer(unhexlify(text or b""))]
    whole = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(digits), buffers)
    return pl.Series(tokens.name, pl.from_arrow(whole), dtype=pl.Binary)
