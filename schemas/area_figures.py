"""Population and deprivation of the borough's small areas, and the table area that is made of them.

Figures lie in ``config/reference/area_figures.csv``, one row a small area; ``schemas.official_figures`` takes them from
the official files. What is shipped is made up for the demonstration, and says so in every row. No file: no figures.
"""

from pathlib import Path

import polars as pl

from schemas.published import published_schema
from schemas.reference import reference_table

NAME = "area_figures"
DECILES = tuple(
    f"{of}_decile"
    for of in (
        "deprivation", "income", "employment", "education", "health", "crime", "housing", "environment",
        "child_poverty",
    )
)  # fmt: skip
POPULATION = {
    "population": pl.Int64(), "population_10_24": pl.Int64(), "population_year": pl.Int64(),
    "population_source": pl.String(),
}  # fmt: skip
DEPRIVATION = dict.fromkeys(DECILES, pl.Int64()) | {"deprivation_year": pl.Int64(), "deprivation_source": pl.String()}
FIGURES = {"lsoa_code": pl.String()} | POPULATION | DEPRIVATION | {"synthetic": pl.Boolean()}
_NAMES = dict.fromkeys(("lsoa_code", "lsoa_name", "ward_code", "ward_name"), pl.String)


def figures_path(config: Path) -> Path:
    """Where the figures of a configuration lie."""
    return config / "reference" / f"{NAME}.csv"


def load_figures(config: Path) -> pl.DataFrame:
    """The figures in the columns of ``FIGURES``; none where there is no file. Raises ConfigurationError."""
    if not figures_path(config).exists():
        return pl.DataFrame(schema=FIGURES)
    return reference_table(config, NAME, FIGURES).select(*FIGURES)


def load_area_table(config: Path) -> pl.DataFrame:
    """The published table area; raises ConfigurationError."""
    return area_table(reference_table(config, "areas", _NAMES), load_figures(config))


def area_table(areas: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Small areas with their figures, and wards with those that add up, in order of their codes. Pure.

    1. A ward's population is that of its small areas; blank where one of these has none.
    2. A decile of small areas is none of a ward.
    3. A row is synthetic if a figure of it, or of an area that it is the sum of, is.
    """
    small = areas.join(figures, on="lsoa_code", how="left").with_columns(pl.col("synthetic").fill_null(value=False))
    lsoas = small.select(
        pl.col("lsoa_code").alias("area_code"),
        pl.lit("lsoa").alias("kind"),
        pl.col("lsoa_name").alias("name"),
        "ward_code",
        *POPULATION,
        *DEPRIVATION,
        "synthetic",
    )
    whole = pl.col("population").is_not_null().all()
    wards = small.group_by("ward_code", "ward_name").agg(
        *(pl.when(whole).then(pl.col(name).sum()).alias(name) for name in ("population", "population_10_24")),  # (1)
        *(pl.when(whole).then(pl.col(name).first()).alias(name) for name in ("population_year", "population_source")),
        (pl.col("synthetic").any() & whole).alias("synthetic"),  # (3)
    )
    named = wards.with_columns(area_code="ward_code", name="ward_name", kind=pl.lit("ward")).drop("ward_name")  # (2)
    made = pl.concat([lsoas, named], how="diagonal_relaxed")
    return made.select(*published_schema("area").columns).sort("area_code")
