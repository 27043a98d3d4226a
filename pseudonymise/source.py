"""What an authority that pseudonymises at source runs on its own machine: clear rows in, stage-1 rows out."""

from collections.abc import Mapping

import polars as pl

from hub.periods import Quarter
from keys.ring import KeyRing
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.normalise import date_of_birth
from pseudonymise.references import references, seal, source_references
from pseudonymise.scheme_keys import SourceKeys, own_source_keys
from pseudonymise.wire import SOURCE_KEY, travelling
from schemas.contract import Contract, Identifier
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.validation import validate

CLEAR_CONTRACTS: Mapping[str, Contract] = {HEALTH_CLEAR.feed: HEALTH_CLEAR}
DELIVERED_CONTRACTS: Mapping[str, Contract] = {EMERGENCY_CARE.feed: EMERGENCY_CARE}


def encode_at_source(clear: bytes, feed: str, ring: KeyRing, quarter: Quarter) -> bytes:
    """The delivery of an authority's clear CSV file of one quarter: NDJSON, a pseudonymised row for each valid one.

    Invalid rows stay behind. Raises EncodedFormRefused if the feed is not pseudonymised at source,
    and what schemas raises for a file of another form.
    """
    if feed not in CLEAR_CONTRACTS:
        raise EncodedFormRefused(
            "Nothing is encoded",
            where=f"feed {feed}",
            why="it is not pseudonymised at source",
            fix="Feeds that are: " + ", ".join(CLEAR_CONTRACTS),
        )
    contract = CLEAR_CONTRACTS[feed]
    valid = validate(parse("csv", clear, contract), contract, quarter).valid
    return as_ndjson(encode_rows(valid, contract, DELIVERED_CONTRACTS[feed], own_source_keys(ring)))


def encode_rows(frame: pl.DataFrame, clear: Contract, delivered: Contract, keys: SourceKeys) -> pl.DataFrame:
    """Stage 1 of valid clear rows: exactly the columns of the ``delivered`` contract, in the order of the digests.

    1. No identifier leaves: the delivered contract has none, so that tokens and encodings stand in their place.
    2. Of a date of birth, the year.
    3. All other columns are the clear ones of the same name.
    4. The order of the rows says nothing of the order of the clear ones.
    5. Each row says its versions of the source key, and travels under the newer one if there are two.
    """
    found = references(frame, clear.record_key, clear.feed)
    made = linkage_columns(frame, clear.identifiers, keys, None).with_columns(
        source_references(found, clear.feed, keys).alias("reference"),
        seal(found, clear.feed, keys.seal(clear.feed)),
        pl.lit(keys.stated).alias(SOURCE_KEY),
        *_birth_year(frame, clear),  # (2)
    )
    same = [name for name in delivered.columns if name in frame.columns and name not in made.columns]  # (3)
    readable = [name for name in same if clear.identifiers.get(name, Identifier.SEX) != Identifier.SEX]
    if readable:
        raise EncodedFormRefused(
            "Nothing is encoded",
            where=f"column {readable[0]}",
            why="it would leave readable",
            fix="Correct the contract",
        )  # (1)
    rows = frame.select(same).hstack(made).select(delivered.columns)
    rows = rows if keys.wire is None else travelling(rows, clear.feed, keys.wire)  # (5)
    return rows.sort("reference")  # (4)


def _birth_year(frame: pl.DataFrame, clear: Contract) -> list[pl.Series]:
    held = [name for name, kind in clear.identifiers.items() if kind is Identifier.DATE_OF_BIRTH]
    return [date_of_birth(frame[name]).str.slice(0, 4).cast(pl.Int64).alias("birth_year") for name in held]


def as_ndjson(rows: pl.DataFrame) -> bytes:
    """Rows as one JSON object a line: bytes in base64, instants as RFC 3339 in UTC, dates as YYYY-MM-DD."""
    texts = [_as_text(rows[name]) for name in rows.columns]
    return rows.with_columns(texts).write_ndjson().encode()


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Binary:
        return column.bin.encode("base64")
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    return column.dt.strftime("%Y-%m-%d") if column.dtype == pl.Date else column
