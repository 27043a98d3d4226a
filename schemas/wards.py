"""Electoral wards of both vintages that records name: those of 2002 and those of 2022.

The boundaries of 2022 follow no old ward exactly, so that an old code says a new ward only where nearly all of it lies
in one. The table and its sources: ``config/reference/README.md``.
"""

from functools import cache
from pathlib import Path

import polars as pl

from hub.settings import PROJECT
from schemas.areas import Areas, Place
from schemas.reference import reference_table

NEARLY_ALL = 0.90  # of an old ward's street crime
_COLUMNS = {"ward_code": pl.String, "vintage": pl.Int64, "ward_2022": pl.String, "share": pl.Float64}


@cache
def load_wards(config: Path = PROJECT / "config") -> pl.DataFrame:
    """The reference table ``reference/wards.csv``; raises ConfigurationError."""
    return reference_table(config, "wards", _COLUMNS)


def from_ward(frame: pl.DataFrame, _areas: Areas) -> pl.DataFrame:
    """Turn a given ``ward_code`` of either vintage into that of 2022, and add ``ward_vintage`` (the year).

    1. A ward of 2022 stays.
    2. A ward of 2002 becomes the one of 2022 that holds nearly all of it; if none does, it is blank.
    3. A code that is in neither list is blank, and has no vintage.
    """
    known = load_wards()
    given = frame["ward_code"]
    certain = known.filter(pl.col("share") >= NEARLY_ALL)
    current = given.replace_strict(certain["ward_code"], certain["ward_2022"], default=None)  # (1), (2), (3)
    vintage = given.replace_strict(known["ward_code"], known["vintage"], default=None)
    return frame.with_columns(current.alias("ward_code"), vintage.alias("ward_vintage"))


WARD = Place("ward_code", from_ward, found="ward_code")
