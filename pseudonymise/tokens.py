"""Exact tokens of scheme 1: 128 bits of a keyed digest, as 32 lower-case hex digits.

polars shows keys in a serialised or printed plan: every expression here is run at once and no plan leaves this module.
Source: docs/token-scheme-1.md, section 5.
"""

from binascii import unhexlify

import numpy as np
import polars as pl
import polars_hash  # noqa: F401  # registers the ``chash`` namespace of expressions
import pyarrow as pa

TOKEN_HEX = 32


def digest(values: pl.Series, key: str) -> pl.Series:
    """HMAC-SHA256 of texts (as UTF-8) or bytes under ``key`` (its ASCII characters), 64 hex digits; null stays null."""
    digested = values.to_frame("value").select(pl.col("value").chash.hmac_sha256(key=key))  # type: ignore[attr-defined]
    return digested.to_series().alias(values.name)


def source_tokens(values: pl.Series, key: str) -> pl.Series:
    """Stage 1: the token of each canonical value."""
    return digest(values, key).str.slice(0, TOKEN_HEX)


def hub_tokens(tokens: pl.Series, key: str) -> pl.Series:
    """Stage 2: a token of the 16 bytes of each stage-1 token."""
    return digest(_as_bytes(tokens), key).str.slice(0, TOKEN_HEX)


def _as_bytes(tokens: pl.Series) -> pl.Series:
    """The 16 bytes of each token of 32 hex digits, all read at once; null stays null."""
    digits = tokens.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    known, ends, text = digits.buffers()
    halves = np.frombuffer(ends, dtype=np.int64)[: len(digits) + 1] // 2
    buffers = [known, pa.py_buffer(halves), pa.py_buffer(unhexlify(text or b""))]
    whole = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(digits), buffers)
    return pl.Series(tokens.name, pl.from_arrow(whole), dtype=pl.Binary)
