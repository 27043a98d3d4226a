"""What the hub does with rows that their authority pseudonymised: stage 2 on top of the delivered stage 1."""

import polars as pl

from pseudonymise.errors import EncodedFormRefused
from pseudonymise.fields import ENCODING_COLUMNS, LINKAGE_COLUMNS
from pseudonymise.linkage_columns import HubStep, check_tokens, hub_stage_columns
from pseudonymise.references import hub_references
from pseudonymise.scheme_keys import HubKeys
from pseudonymise.split import LAST, Split, Treatments, assemble, check_covered, last_records, record_table
from schemas.contract import Contract

SEALED = "reference_sealed"


def hub_stage(
    frame: pl.DataFrame,
    contract: Contract,
    treatments: Treatments,
    keys: HubKeys,
    step: HubStep = hub_stage_columns,
) -> Split:
    """Split valid delivered rows: tokens re-keyed, encodings permuted, references digested once more.

    ``step`` does the first two, here or elsewhere (``pseudonymise.on_spark``).

    ``event_key`` and ``record_key`` are one column each, stage-1 digests; encodings and ``reference_sealed`` are bytes
    or base64. The sealed reference goes through unopened: the hub has no key for it.
    Raises ColumnNotCovered and EncodedFormRefused.
    """
    check_covered(frame.drop(LAST, strict=False), contract, treatments, frozenset(LINKAGE_COLUMNS))
    (event_key,), (record_key,) = contract.event_key, contract.record_key
    for key in {event_key, record_key}:
        check_tokens(frame[key])
    with_ids = frame.with_columns(
        hub_references(frame[event_key], contract.feed, "event", keys).alias("event_id"),
        hub_references(frame[record_key], contract.feed, "record", keys).alias("record_id"),
    )
    latest = last_records(with_ids)
    kept = [name for name in LINKAGE_COLUMNS if name in latest.columns and treatments[name].treat == "tokenise"]
    forms = (as_bytes(latest[name]) if name in ENCODING_COLUMNS else latest[name] for name in kept)
    linkage = step(latest.select("record_id", *forms), keys)  # with ids: a row may have no form
    records = record_table(latest["record_id"], contract, linkage, as_bytes(latest[SEALED]))
    return assemble(with_ids, contract, treatments, records)


def as_bytes(column: pl.Series) -> pl.Series:
    """A column of bytes, from bytes or base64; raises EncodedFormRefused if a text is not base64."""
    if column.dtype == pl.Binary:
        return column
    decoded = column.cast(pl.String).str.decode("base64", strict=False)
    if decoded.null_count() != column.null_count():
        raise EncodedFormRefused(
            "Encoded rows are refused", where=f"column {column.name}", why="a value is not base64", fix="Encode again"
        )
    return decoded
