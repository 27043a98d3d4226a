"""The source's own references: digests by which a redelivery updates, and seals by which only their source reads them.

Source: docs/token-scheme-1.md, sections 7 and 8.
"""

from collections.abc import Sequence
from typing import overload

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from pseudonymise.errors import ReferenceMissing, SealRefused
from pseudonymise.scheme_keys import HubKeys, Kind, SchemeKeys, SourceKeys
from pseudonymise.tokens import hub_tokens, source_tokens

SEPARATOR = "\x1f"  # ASCII unit separator: stands in no reference, so joined parts cannot run into each other


def references(frame: pl.DataFrame, key: Sequence[str], feed: str) -> pl.Series:
    """The source's reference of each row: the key columns as text, joined; raises ReferenceMissing.

    1. No part is null or empty.
    2. No part holds the separator.
    """
    parts = frame.select(pl.col(name).cast(pl.String) for name in key)
    for part in parts:
        if part.is_null().any() or (part == "").any():  # (1)
            raise _missing(feed, part.name, "it is blank in some row")
        if part.str.contains(SEPARATOR, literal=True).any():  # (2)
            raise _missing(feed, part.name, "it holds a control character in some row")
    return parts.select(pl.concat_str(pl.all(), separator=SEPARATOR).alias("reference")).to_series()


def _missing(feed: str, column: str, why: str) -> ReferenceMissing:
    return ReferenceMissing(
        "A row cannot be told apart",
        where=f"feed {feed}, column {column}",
        why=why,
        fix="Quarantine such rows by the contract",
    )


def source_references(found: pl.Series, feed: str, keys: SourceKeys) -> pl.Series:
    """Stage 1: the digest of each reference, 32 hex digits."""
    return source_tokens(found, keys.reference(feed))


def hub_references(digests: pl.Series, feed: str, kind: Kind, keys: HubKeys) -> pl.Series:
    """Stage 2: the ``event_id`` or ``record_id`` of each stage-1 digest, 32 hex digits."""
    return hub_tokens(digests, keys.reference(feed, kind))


def both_stages(found: pl.Series, feed: str, kind: Kind, keys: SchemeKeys) -> pl.Series:
    """The ``event_id`` or ``record_id`` of each reference."""
    return hub_references(source_references(found, feed, keys.source), feed, kind, keys.hub)


@overload
def record_id_for(feed: str, source_reference: str, keys: SchemeKeys) -> str: ...
@overload
def record_id_for(feed: str, source_reference: pl.Series, keys: SchemeKeys) -> pl.Series: ...
def record_id_for(feed: str, source_reference: str | pl.Series, keys: SchemeKeys) -> str | pl.Series:
    """The record id that a split gives to the record with this source reference.

    A reference of several parts is joined by U+001F, in the order of the contract's ``record_key``.
    """
    if isinstance(source_reference, str):
        return str(both_stages(pl.Series([source_reference]), feed, "record", keys)[0])
    return both_stages(source_reference, feed, "record", keys)


def seal(found: pl.Series, feed: str, key: bytes) -> pl.Series:
    """Each reference sealed by AES-256-SIV (RFC 5297), bound to its feed. The same reference gives the same bytes."""
    cipher, bound = AESSIV(key), [feed.encode()]
    sealed = [cipher.encrypt(reference.encode(), bound) for reference in found]
    return pl.Series("reference_sealed", sealed, dtype=pl.Binary)


def open_seal(sealed: bytes, feed: str, key: bytes) -> str:
    """The reference again, for its own source alone; raises SealRefused."""
    try:
        return AESSIV(key).decrypt(sealed, [feed.encode()]).decode()
    except InvalidTag:
        raise SealRefused(
            "A sealed reference does not open",
            where=f"feed {feed}",
            why="it was sealed under another key or for another feed, or was changed",
            fix="Use the key version that its delivery names",
        ) from None
