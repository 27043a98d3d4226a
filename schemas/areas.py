"""Which small area (LSOA 2021) and ward a place lies in.

The reference table has one point for each area; a place belongs to the area whose point is
nearest. That is right for most places and wrong near borders, which is enough for counts by
area and needs no boundary files. Sources: Office for National Statistics, Open Government Licence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import polars as pl

from hub.settings import PROJECT
from schemas.gathered import gathered
from schemas.nearest import Nearest, Places, Points
from schemas.reference import reference_table

FARTHEST_M = 2500.0  # from any point; beyond it a place is outside the borough
_DEGREE_M = 111_320.0  # of latitude; of longitude at the equator
_COLUMNS = {"lsoa_code": pl.String, "ward_code": pl.String, "latitude": pl.Float64, "longitude": pl.Float64,
            "easting_m": pl.Float64, "northing_m": pl.Float64}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Areas:
    """The borough's small areas: ``lsoa_code``, ``ward_code``, a point in degrees and in grid metres."""

    table: pl.DataFrame

    @cached_property
    def by_grid(self) -> Nearest:
        """The areas' points by easting and northing, metres."""
        return Nearest(self.table.select("easting_m", "northing_m").to_numpy(), FARTHEST_M)

    @cached_property
    def degree_m(self) -> Points:
        """Metres of a degree of longitude and of one of latitude, in the borough's midst."""
        return np.array([_DEGREE_M * np.cos(np.radians(self.table["latitude"].to_numpy().mean())), _DEGREE_M])

    @cached_property
    def by_degrees(self) -> Nearest:
        """The areas' points by longitude and latitude, turned into metres."""
        return Nearest(self.table.select("longitude", "latitude").to_numpy() * self.degree_m, FARTHEST_M)

    def added_to(self, frame: pl.DataFrame, index: Places) -> pl.DataFrame:
        """The frame with the codes of the areas at these places of the table; blank at -1."""
        return frame.with_columns(gathered(codes, index + 1) for codes in self._codes)

    @cached_property
    def _codes(self) -> tuple[pl.Series, ...]:
        """A blank, and then each column of codes."""
        blank = pl.Series([None], dtype=pl.String)
        return tuple(blank.alias(name).append(self.table[name]) for name in ("lsoa_code", "ward_code"))


@dataclass(frozen=True)
class Place:
    """How a feed says where: the column that must have a value for it, and how the area is found from it.

    ``found``: the column that is blank where the place is not in or near the borough. Such a row is kept and remarked
    on, unless ``must_be_near``: then it is at fault.
    """

    given: str
    locate: Callable[[pl.DataFrame, Areas], pl.DataFrame]
    found: str = "lsoa_code"
    must_be_near: bool = False


@cache
def load_areas(config: Path = PROJECT / "config") -> Areas:
    """The reference table ``reference/areas.csv``; raises ConfigurationError."""
    return Areas(reference_table(config, "areas", _COLUMNS))


def from_grid(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Add ``lsoa_code`` and ``ward_code`` by ``easting`` and ``northing`` (metres, British National Grid)."""
    return areas.added_to(frame, areas.by_grid.of(_numbers(frame, "easting"), _numbers(frame, "northing")))


def from_degrees(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Add ``lsoa_code`` and ``ward_code`` by ``longitude`` and ``latitude`` (degrees, WGS 84)."""
    east, north = areas.degree_m
    x, y = _numbers(frame, "longitude") * east, _numbers(frame, "latitude") * north
    return areas.added_to(frame, areas.by_degrees.of(x, y))


def from_code(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Keep a given ``lsoa_code`` if it is one of the borough's, blank it if not; add ``ward_code``."""
    known = areas.table.select("lsoa_code", pl.col("ward_code").alias("_ward"), pl.lit(1).alias("_known"))
    found = frame.join(known, on="lsoa_code", how="left", maintain_order="left")
    given = pl.when(pl.col("_known").is_not_null()).then(pl.col("lsoa_code"))
    return found.with_columns(given.alias("lsoa_code"), pl.col("_ward").alias("ward_code")).drop("_ward", "_known")


def _numbers(frame: pl.DataFrame, name: str) -> Points:
    """One column of numbers; not a number where blank."""
    return frame[name].cast(pl.Float64).to_numpy()


GRID = Place("easting", from_grid)
DEGREES = Place("latitude", from_degrees)
CODE = Place("lsoa_code", from_code)
