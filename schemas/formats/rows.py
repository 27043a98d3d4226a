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
    kept = _without(found, _blank_rows(found, content)).with_columns(pl.col(ROW_NUMBER).cast(pl.Int64), *absent)
    kept = kept.select(ROW_NUMBER, *declared, *others)
    return kept.iter_slices(expected.bounds.batch_rows) if kept.height else iter((kept,))


def _blank_rows(found: pl.DataFrame, names: list[str]) -> pl.Series:
    """The rows in which all these columns are blank: of the rows that are in some, the next is looked at."""
    rows = pl.int_range(found.height, eager=True)
    for number, name in enumerate(names):
        column = found[name].gather(rows) if number else found[name]
        rows = rows.filter(column.fill_null("") == "")
        if rows.is_empty():
            break
    return rows


def _without(found: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return found if rows.is_empty() else found.filter(~pl.int_range(pl.len()).is_in(rows.implode()))
