"""Do the work once for each distinct value: names, postcodes and birthdays repeat much more than persons do."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Distinct:
    """The distinct values of a column (null too, if it occurs), and for each row the place of its value."""

    values: pl.Series
    places: pl.Series

    @classmethod
    def of(cls, column: pl.Series) -> "Distinct":
        """Take a column apart."""
        whole = column.rechunk().to_arrow()
        encoded = pc.dictionary_encode(whole, null_encoding="encode")
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        values = pl.Series(column.name, pl.from_arrow(encoded.dictionary), dtype=column.dtype)
        return cls(values, pl.Series(pl.from_arrow(encoded.indices)))

    def spread(self, made: pl.DataFrame) -> pl.DataFrame:
        """What was made of each distinct value, for every row again."""
        return made.select(pl.all().gather(pl.lit(self.places)))
