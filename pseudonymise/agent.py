"""The source agent: an authority's own file becomes a delivery without a name, on the authority's own machine.

1. The file is tried as the hub would check it (``schemas.trial``); one that would be refused whole goes no further.
2. Rows at fault stay behind, and are told by reason and row number.
3. Who opted out of the use of their data stays behind, if a list of them is given.
4. Each row that is left is pseudonymised by stage 1 of token scheme 1 and minimised to the delivered contract.
5. A column that still looks like an identifier refuses the whole (``pseudonymise.leaving``).

Needs no hub: no database, no network, and of keys the source key alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from hub.feeds import Feed
from hub.periods import Quarter
from hub.traces import leaving_no_values
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.leaving import LeavingColumn, leaving, refuse_identifiers, without_opted_out
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.source import CLEAR_CONTRACTS, DELIVERED_CONTRACTS, as_ndjson, encode_rows
from schemas.contract import Contract
from schemas.trial import Trial, rows_of, try_rows
from schemas.validation import validate


@dataclass(frozen=True)
class Delivery:
    """What would leave: ``content`` is NDJSON, a pseudonymised row a line; all else are counts."""

    rows: int
    opted_out: int
    columns: tuple[LeavingColumn, ...]
    stays: tuple[str, ...]
    content: bytes


def clear_contract(feed: str) -> Contract:
    """The contract of an authority's own file; raises EncodedFormRefused if the hub pseudonymises the feed."""
    if feed in CLEAR_CONTRACTS:
        return CLEAR_CONTRACTS[feed]
    raise EncodedFormRefused(
        "Nothing is encoded",
        where=f"feed {feed}",
        why="it is not pseudonymised at source",
        fix="Feeds that are: " + ", ".join(CLEAR_CONTRACTS),
    )


def try_file(clear: bytes, feed: Feed, quarter: Quarter) -> Trial:
    """What becomes of the rows of an authority's own CSV file (1); raises EncodedFormRefused."""
    contract = clear_contract(feed.name)
    return try_rows(lambda: _rows(clear, feed, contract), contract, feed, quarter)


def _rows(clear: bytes, feed: Feed, contract: Contract) -> Iterator[pl.DataFrame]:
    return rows_of(feed.model_copy(update={"format": "csv"}), contract, iter([clear]))


@leaving_no_values
def encode(
    clear: bytes, feed: Feed, quarter: Quarter, keys: SourceKeys, opted_out: pl.Series | None = None
) -> Delivery:
    """The delivery of a file that would not be refused (``try_file``); ``opted_out`` are canonical NHS numbers.

    Raises EncodedFormRefused if no row is left, StillIdentifies, and what schemas raises for a file of another form.
    """
    contract, delivered = clear_contract(feed.name), DELIVERED_CONTRACTS[feed.name]
    valid = validate(pl.concat(_rows(clear, feed, contract)), contract, quarter).valid  # (2)
    kept = valid if opted_out is None else without_opted_out(valid, contract, opted_out)  # (3)
    if kept.is_empty():
        raise EncodedFormRefused(
            "Nothing is encoded", where=f"feed {feed.name}", why="no row is left to send", fix="Look at the file"
        )
    rows = encode_rows(kept, contract, delivered, keys)  # (4)
    refuse_identifiers(rows, delivered, kept, contract)  # (5)
    return Delivery(
        rows=rows.height,
        opted_out=valid.height - kept.height,
        columns=leaving(rows),
        stays=_stays(contract, rows),
        content=as_ndjson(rows),
    )


def _stays(contract: Contract, rows: pl.DataFrame) -> tuple[str, ...]:
    """The columns of the file, by the authority's names, of which nothing leaves as it is."""
    return tuple(source for source, name in contract.source_names.items() if name not in rows.columns)
