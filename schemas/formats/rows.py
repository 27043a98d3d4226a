"""From what a document holds to the frames that a contract checks."""

from collections.abc import Iterator

import polars as pl

from schemas.formats.expected import Expected

ROW_NUMBER = "row_number"


def as_agreed(found: pl.DataFrame, expected: Expected) -> Iterator[pl.DataFrame]:
    """Frames of a batch's rows: ROW_NUMBER, the declared columns in the contract's order, and what else came.

    ``found`` has ROW_NUMBER and text under the names that came. A declared column that came under no name is null.
    Rows in which every column is blank are lines without content, and are left out.
    """
    contract, came = expected.contract, [name for name in found.columns if name != ROW_NUMBER]
    former = {contract.formerly[name] for name in came if name in contract.formerly}
    declared = [name for name in contract.source_names if name in found.columns or name not in former]
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in declared if name not in found.columns]
    others = [name for name in came if name not in declared and name not in contract.ignored]
    content = [name for name in (*declared, *others) if name in found.columns and name != expected.marker]
    blank = pl.all_horizontal(pl.col(content).fill_null("") == "")
    kept = found.filter(~blank).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64), *absent)
    kept = kept.select(ROW_NUMBER, *declared, *others)
    return kept.iter_slices(expected.bounds.batch_rows) if kept.height else iter((kept,))
