"""Ages where a release tells only of bands: the analysts' table person has no year of birth."""

import polars as pl

from publish.tables import AGE_BANDS

OPEN_END = 80  # the last band's end, for its middle
YOUNG = ("10-17", "18-24")
BANDS = tuple(band for _, _, band in AGE_BANDS)


def with_birth_year(person: pl.DataFrame, year: int) -> pl.DataFrame:
    """The table person with ``birth_year``: as it states it, or the middle of the band in the release's ``year``.

    Blank where the band is not known, or was widened over the bounds of the bands, so that nobody is counted as young
    who need not be.
    """
    if "birth_year" in person.columns:
        return person
    middle = {band: year - (low + min(high, OPEN_END)) // 2 for low, high, band in AGE_BANDS}
    born = pl.col("age_band").replace_strict(middle, default=None, return_dtype=pl.Int64)
    return person.with_columns(birth_year=born)
