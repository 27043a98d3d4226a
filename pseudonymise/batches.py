"""The token step: Arrow batches of identifiers in, Arrow batches of tokens and encodings out.

The same function runs in this process and on the workers of Spark:
``frame.mapInArrow(partial(tokenise, plan=plan), schema)``. What it is told holds no key; each worker opens its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from hub.settings import Settings
from keys.home import open_ring, open_source_ring
from keys.services import Service
from pseudonymise.errors import ColumnNotCovered
from pseudonymise.fields import LINKAGE_COLUMNS, TOKEN_COLUMNS
from pseudonymise.linkage_columns import hub_stage_columns, linkage_parts
from pseudonymise.scheme_keys import HubKeys, SourceKeys, hub_keys, source_keys
from schemas.contract import Identifier

ROWS = 262_144  # taken together, so that repeated values are met
LINKAGE_FIELDS: tuple[pa.Field, ...] = tuple(
    pa.field(name, pa.string() if name in TOKEN_COLUMNS else pa.binary()) for name in LINKAGE_COLUMNS
)


@dataclass(frozen=True)
class StepKeys:
    """The keys of the token step; without the hub's, only stage 1 is done. Like keys, it is never pickled."""

    source: SourceKeys
    hub: HubKeys | None = None


@dataclass(frozen=True)
class HomeKeys:
    """Where a worker opens its keys: the key ring of a home, for both stages or for the source's alone."""

    home: Path
    both_stages: bool = True

    def __call__(self) -> StepKeys:
        """Open them; raises KeyNotHeld."""
        settings = Settings(home=self.home)
        ring = open_ring(settings, Service.INGEST) if self.both_stages else open_source_ring(settings)
        return StepKeys(source_keys(ring), hub_keys(ring) if self.both_stages else None)


@dataclass(frozen=True)
class HubHomeKeys:
    """Where a worker opens the hub's keys alone: a hub may hold no source key, if authorities keep it to themselves."""

    home: Path

    def __call__(self) -> HubKeys:
        """Open them; raises KeyNotHeld."""
        return hub_keys(open_ring(Settings(home=self.home), Service.INGEST))


@dataclass(frozen=True)
class TokenPlan:
    """What the token step does: which columns hold what, which go through as they are, how a worker opens its keys.

    All other columns end here. The plan is pickled on its way to workers, so ``open_keys`` holds no key.
    """

    identifiers: Mapping[str, Identifier]
    kept: tuple[str, ...]
    open_keys: Callable[[], StepKeys]

    def schema(self, given: pa.Schema) -> pa.Schema:
        """The columns that come out for those given: the kept ones, then all tokens and encodings.

        1. No identifier is kept.
        2. Identifiers are texts, dates of birth may be dates: a number may have lost digits.
        Raises ColumnNotCovered.
        """
        for name in self.kept:
            if name in self.identifiers:  # (1)
                raise _refused(name, "it would be kept beside its tokens", "Keep no identifier")
        for name in self.identifiers:
            if not _is_whole(given.field(name).type):  # (2)
                raise _refused(name, "it does not hold text, so digits may be lost", "Read it as text")
        return pa.schema([*(given.field(name) for name in self.kept), *LINKAGE_FIELDS])


def _is_whole(kind: pa.DataType) -> bool:
    return any(
        is_one(kind)
        for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_date32)
    ) or pa.types.is_null(kind)


def _refused(column: str, why: str, fix: str) -> ColumnNotCovered:
    return ColumnNotCovered("The rows are not tokenised", where=f"column {column}", why=why, fix=fix)


def tokenise(batches: Iterable[pa.RecordBatch], plan: TokenPlan) -> Iterator[pa.RecordBatch]:
    """Each row's kept columns, tokens and encodings, in the order of the rows.

    Rows are worked on in groups of about ROWS however they come; the results are the same in any grouping.
    Raises ColumnNotCovered and KeyNotHeld.
    """
    keys: StepKeys | None = None
    for table in _groups(batches):
        schema = plan.schema(table.schema)
        keys = keys or plan.open_keys()
        frame = pl.DataFrame(pl.from_arrow(table.select(list(plan.identifiers))))
        first = 0
        for made in linkage_parts(frame, plan.identifiers, keys.source, keys.hub):
            kept = table.select(list(plan.kept)).slice(first, made.height)
            first += made.height
            yield from pa.table([*kept.columns, *_arrow_columns(made)], schema=schema).combine_chunks().to_batches()


def rekey(batches: Iterable[pa.RecordBatch], kept: str, open_keys: Callable[[], HubKeys]) -> Iterator[pa.RecordBatch]:
    """Stage 2 of rows that were encoded at source: one column as it is, then each row's tokens and encodings, in order.

    As for ``TokenPlan``, ``open_keys`` holds no key. Raises EncodedFormRefused and KeyNotHeld.
    """
    keys: HubKeys | None = None
    for batch in batches:
        schema = pa.schema([batch.schema.field(kept), *LINKAGE_FIELDS])
        keys = keys or open_keys()
        made = hub_stage_columns(pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch]))), keys)
        yield from pa.table([batch[kept], *_arrow_columns(made)], schema=schema).combine_chunks().to_batches()


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS):
            held.append(batch.slice(start, ROWS))
            if sum(part.num_rows for part in held) >= ROWS:
                yield pa.Table.from_batches(held)
                held = []
    if held:
        yield pa.Table.from_batches(held)


def _arrow_columns(made: pl.DataFrame) -> list[pa.ChunkedArray]:
    table = made.to_arrow(compat_level=pl.CompatLevel.oldest())
    return list(table.cast(pa.schema(LINKAGE_FIELDS)).columns)
